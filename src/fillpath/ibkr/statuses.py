"""What every status that a gateway tells means for the order, as data, beside what is known of it.

A status is a claim: executions alone say what was filled, and an end counts only when every
execution was asked for after it was heard. A status without a row changes nothing and is a doubt.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from fillpath.core.models import ZERO, OrderStatus


class Claim(StrEnum):
    """What a status claims."""

    LOCAL = "LOCAL"
    """An invention of a client library: nothing was said."""
    SENT = "SENT"
    """The order is on its way; nobody has acknowledged it by this word alone."""
    HELD = "HELD"
    """The broker has it and waits: for its trigger, the open, shares to borrow."""
    WORKING = "WORKING"
    """It works at its destination."""
    CANCELLING = "CANCELLING"
    """A cancel was asked for and is not confirmed: it may still fill."""
    ENDED = "ENDED"
    """The rest of it is cancelled, or it was refused."""
    FILLED = "FILLED"
    """All of it was executed."""
    INACTIVE = "INACTIVE"
    """Refused, or held back where nobody sees it; it may come back."""
    UNKNOWN = "UNKNOWN"
    """No word that we know."""


class Row(Struct, frozen=True):
    """One row of the table.

    Args:
        word: the status as the gateway writes it.
        claim: what it claims.
        text: the same for a person.
    """

    word: str
    claim: Claim
    text: str


ROWS: Final = (
    Row("ApiPending", Claim.SENT, "made by the client, not sent by the workstation yet"),
    Row("PendingSubmit", Claim.SENT, "sent, and the destination has not acknowledged it"),
    Row("PreSubmitted", Claim.HELD, "held by the broker until its trigger, the open or a locate"),
    Row("Submitted", Claim.WORKING, "works at its destination"),
    Row("PendingCancel", Claim.CANCELLING, "a cancel is under way; an execution may still come"),
    Row("Cancelled", Claim.ENDED, "the rest is cancelled, or the destination refused it"),
    Row("ApiCancelled", Claim.ENDED, "cancelled before it was acknowledged"),
    Row("Filled", Claim.FILLED, "executed in full, where the executions agree"),
    Row("Inactive", Claim.INACTIVE, "refused, or held at the gateway; not an end by itself"),
    Row("ValidationError", Claim.LOCAL, "said by a client library, not by the gateway"),
    Row("ApiUpdate", Claim.LOCAL, "said by a client library, not by the gateway"),
)
_HOLDING: Final = frozenset({Claim.HELD, Claim.INACTIVE})
_OPEN: Final = frozenset({Claim.SENT, Claim.HELD, Claim.WORKING, Claim.FILLED, Claim.INACTIVE})

STATUSES: Final[Mapping[str, Row]] = MappingProxyType({row.word: row for row in ROWS})


class Known(Struct, frozen=True, kw_only=True):
    """What is known of an order beside the status.

    Args:
        quantity: its whole size in shares.
        executed: the sum of its executions, corrections applied, in shares.
        accepted: whether the gateway ever showed it with an id of the account, or executed it.
        cancel_asked: whether we asked to cancel it.
        refused: whether a code was heard that refuses it.
        looked_up: whether open orders, completed orders and executions were all asked for and
            answered since this status was heard.
    """

    quantity: Decimal
    executed: Decimal = ZERO
    accepted: bool = False
    cancel_asked: bool = False
    refused: bool = False
    looked_up: bool = False


class Standing(Struct, frozen=True, kw_only=True):
    """Where an order stands by a status and what is known of it.

    Args:
        claim: what the status claims.
        status: where it stands; None leaves it where it was.
        in_doubt: whether that is not certain yet.
        cancel_requested: whether a cancel of it is under way by this status.
        held: why the broker holds it back; empty when it does not.
        look_up: whether orders and executions have to be asked for.
        page: whether a person has to be called.
    """

    claim: Claim
    status: OrderStatus | None = None
    in_doubt: bool = False
    cancel_requested: bool = False
    held: str = ""
    look_up: bool = False
    page: bool = False


def standing(
    word: str, known: Known, reported: Decimal | None = None, why_held: str = ""
) -> Standing:
    """Return where an order stands.

    Args:
        word: the status as the gateway wrote it.
        known: what is known beside it.
        reported: the filled size that came with it, in shares; None without one. It is compared
            with the executions and never believed.
        why_held: the gateway's word for what it waits for; empty without one.
    """
    row = STATUSES.get(word)
    claim = Claim.UNKNOWN if row is None else row.claim
    behind = reported is not None and reported > known.executed
    if claim is Claim.ENDED:
        return _ended(known)
    held = why_held or (word if claim in _HOLDING else "")
    if claim is Claim.INACTIVE and known.refused:
        return _refused(known)
    unknown = claim is Claim.UNKNOWN
    status = _by_executions(known) if claim in _OPEN else None
    missing = claim is Claim.FILLED and status is not OrderStatus.FILLED
    return Standing(
        claim=claim,
        status=status,
        in_doubt=unknown or (claim is Claim.SENT and not known.accepted),
        cancel_requested=claim is Claim.CANCELLING,
        held=held if status is not OrderStatus.FILLED and claim in _OPEN else "",
        look_up=unknown or behind or missing,
        page=unknown,
    )


def nothing_sent() -> Standing:
    """Return where an order stands that was written down and not sent."""
    return Standing(claim=Claim.LOCAL, status=OrderStatus.PENDING)


def _by_executions(known: Known) -> OrderStatus:
    """Return what the executions make of an order that nobody has ended."""
    if known.executed >= known.quantity:
        return OrderStatus.FILLED
    return OrderStatus.PARTIALLY_FILLED if known.executed else OrderStatus.SUBMITTED


def _ended(known: Known) -> Standing:
    if known.executed >= known.quantity:
        return Standing(claim=Claim.ENDED, status=OrderStatus.FILLED)
    if not known.looked_up:
        return Standing(claim=Claim.ENDED, in_doubt=True, look_up=True)
    ours = known.cancel_asked and not known.refused
    never = not known.executed and not known.accepted and not ours
    status = OrderStatus.REJECTED if never else OrderStatus.CANCELLED
    return Standing(claim=Claim.ENDED, status=status)


def _refused(known: Known) -> Standing:
    """Return where an inactive order stands for which a refusal was heard."""
    if known.executed >= known.quantity:
        return Standing(claim=Claim.INACTIVE, status=OrderStatus.FILLED)
    if not known.looked_up:
        return Standing(claim=Claim.INACTIVE, in_doubt=True, look_up=True)
    status = OrderStatus.CANCELLED if known.executed else OrderStatus.REJECTED
    return Standing(claim=Claim.INACTIVE, status=status)


__all__ = [
    "ROWS",
    "STATUSES",
    "Claim",
    "Known",
    "Row",
    "Standing",
    "nothing_sent",
    "standing",
]
