"""What may happen next to an order: the transition table, and nothing else.

Theory. An order is in one of seven statuses. The broker's reports are facts; this file turns each
into a move. A fact is never refused: where the table has no row, ``advance`` answers None and the
caller raises an alarm, books what is real (a fill has moved cash and shares) and keeps the status.

    PENDING -> SUBMITTED -> PARTIALLY_FILLED -> FILLED
    and from the first three to CANCELLED, REJECTED or EXPIRED

Four rules hold in every row:

* FILLED is reached only from SUBMITTED or PARTIALLY_FILLED. A broker that fills before it
  acknowledges has acknowledged by doing so: ``fill_path`` puts ACCEPTED first.
* An ended order moves again only by LATE_FILL, CORRECTED_DOWN or BUSTED. LATE_FILL is the proof
  that the broker had the order after all; the fill itself follows by the ordinary rows, and the
  former end is reached again when a rest stays unfilled.
* Delivery is at least once, so a repeat of the last news changes nothing.
* How sure we are and whether a cancel was asked for are other fields of the order; no row here
  depends on them.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from fillpath.core.models import OrderStatus


class Fact(StrEnum):
    """What a broker may report about an order."""

    ACCEPTED = "ACCEPTED"
    FILLED_PART = "FILLED_PART"
    FILLED_ALL = "FILLED_ALL"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    LATE_FILL = "LATE_FILL"
    CORRECTED_DOWN = "CORRECTED_DOWN"
    BUSTED = "BUSTED"


_S: Final = OrderStatus
_F: Final = Fact

_TABLE: Final[dict[tuple[OrderStatus, Fact], OrderStatus]] = {
    (_S.PENDING, _F.ACCEPTED): _S.SUBMITTED,
    (_S.PENDING, _F.CANCELLED): _S.CANCELLED,
    (_S.PENDING, _F.REJECTED): _S.REJECTED,
    (_S.PENDING, _F.EXPIRED): _S.EXPIRED,
    # Acknowledged twice: delivery is at least once.
    (_S.SUBMITTED, _F.ACCEPTED): _S.SUBMITTED,
    (_S.SUBMITTED, _F.FILLED_PART): _S.PARTIALLY_FILLED,
    (_S.SUBMITTED, _F.FILLED_ALL): _S.FILLED,
    (_S.SUBMITTED, _F.CANCELLED): _S.CANCELLED,
    (_S.SUBMITTED, _F.REJECTED): _S.REJECTED,
    (_S.SUBMITTED, _F.EXPIRED): _S.EXPIRED,
    (_S.PARTIALLY_FILLED, _F.ACCEPTED): _S.PARTIALLY_FILLED,
    (_S.PARTIALLY_FILLED, _F.FILLED_PART): _S.PARTIALLY_FILLED,
    (_S.PARTIALLY_FILLED, _F.FILLED_ALL): _S.FILLED,
    (_S.PARTIALLY_FILLED, _F.CANCELLED): _S.CANCELLED,
    # Seen in the wild: a margin check refuses the rest after a part has traded.
    (_S.PARTIALLY_FILLED, _F.REJECTED): _S.CANCELLED,
    (_S.PARTIALLY_FILLED, _F.EXPIRED): _S.EXPIRED,
    (_S.PARTIALLY_FILLED, _F.CORRECTED_DOWN): _S.PARTIALLY_FILLED,
    # The only execution was undone and the rest still works.
    (_S.PARTIALLY_FILLED, _F.BUSTED): _S.SUBMITTED,
    # The fill overtook the acknowledgement.
    (_S.FILLED, _F.ACCEPTED): _S.FILLED,
    (_S.FILLED, _F.CORRECTED_DOWN): _S.PARTIALLY_FILLED,
    # Nothing is filled any more and nothing works: the exchange does not reopen the order.
    (_S.FILLED, _F.BUSTED): _S.CANCELLED,
    (_S.CANCELLED, _F.CANCELLED): _S.CANCELLED,
    # One end is often told in two words: error code and status, cancel and end of day.
    (_S.CANCELLED, _F.REJECTED): _S.CANCELLED,
    (_S.CANCELLED, _F.EXPIRED): _S.CANCELLED,
    # Seen in the wild: the exchange filled before the cancel reached it.
    (_S.CANCELLED, _F.LATE_FILL): _S.SUBMITTED,
    (_S.CANCELLED, _F.CORRECTED_DOWN): _S.CANCELLED,
    (_S.CANCELLED, _F.BUSTED): _S.CANCELLED,
    (_S.EXPIRED, _F.EXPIRED): _S.EXPIRED,
    (_S.EXPIRED, _F.CANCELLED): _S.EXPIRED,
    (_S.EXPIRED, _F.LATE_FILL): _S.SUBMITTED,
    (_S.EXPIRED, _F.CORRECTED_DOWN): _S.EXPIRED,
    (_S.EXPIRED, _F.BUSTED): _S.EXPIRED,
    (_S.REJECTED, _F.REJECTED): _S.REJECTED,
    (_S.REJECTED, _F.CANCELLED): _S.REJECTED,
    # A rejection that was none: the execution is the stronger evidence.
    (_S.REJECTED, _F.LATE_FILL): _S.SUBMITTED,
}

NEXT: Final[Mapping[tuple[OrderStatus, Fact], OrderStatus]] = MappingProxyType(_TABLE)
"""The table: (status, fact) to the next status; a missing row is an alarm."""

_WHOLE: Final[dict[OrderStatus, tuple[Fact, ...]]] = {
    _S.PENDING: (_F.ACCEPTED, _F.FILLED_ALL),
    _S.SUBMITTED: (_F.FILLED_ALL,),
    _S.PARTIALLY_FILLED: (_F.FILLED_ALL,),
    _S.FILLED: (_F.FILLED_ALL,),
    _S.CANCELLED: (_F.LATE_FILL, _F.FILLED_ALL),
    _S.EXPIRED: (_F.LATE_FILL, _F.FILLED_ALL),
    _S.REJECTED: (_F.LATE_FILL, _F.FILLED_ALL),
}
_PART: Final[dict[OrderStatus, tuple[Fact, ...]]] = {
    _S.PENDING: (_F.ACCEPTED, _F.FILLED_PART),
    _S.SUBMITTED: (_F.FILLED_PART,),
    _S.PARTIALLY_FILLED: (_F.FILLED_PART,),
    _S.FILLED: (_F.FILLED_PART,),
    _S.CANCELLED: (_F.LATE_FILL, _F.FILLED_PART, _F.CANCELLED),
    _S.EXPIRED: (_F.LATE_FILL, _F.FILLED_PART, _F.EXPIRED),
    _S.REJECTED: (_F.LATE_FILL, _F.FILLED_PART, _F.REJECTED),
}


def advance(status: OrderStatus, fact: Fact) -> OrderStatus | None:
    """Return the next status, or None when the fact does not fit and deserves an alarm."""
    return _TABLE.get((status, fact))


def fill_path(status: OrderStatus, quantity: int, filled_after: int) -> tuple[Fact, ...]:
    """Return the facts that one execution implies, in the order in which to apply them.

    Args:
        status: where the order stands.
        quantity: ordered, quantity units.
        filled_after: filled in all with this execution, quantity units. Beyond ``quantity`` is
            filled too; a further fill of a FILLED order gives a fact that does not fit.
    """
    return _WHOLE[status] if filled_after >= quantity else _PART[status]


__all__ = ["NEXT", "Fact", "advance", "fill_path"]
