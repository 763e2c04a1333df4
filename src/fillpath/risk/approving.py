"""An approval: what risk has allowed, bound to the very order and good for a few seconds.

``approved_order`` writes it beside the order, into the journal. ``checked`` is the only way to an
``Approved``, and an ``Approved`` is the only thing that the door to a broker takes
(``execution/sending.py``): an order that risk has not seen cannot be handed over, and the type
checker says so. What was changed after the judgement no longer fits its approval.
"""

from hashlib import blake2b
from typing import Final

from msgspec import Struct
from msgspec.msgpack import Encoder

from fillpath.core.commands import PlaceOrder, Ticket
from fillpath.core.models import Refusal
from fillpath.core.units import NANOSECONDS
from fillpath.risk.verdicts import Verdict

APPROVAL_NS: Final = 5 * NANOSECONDS
"""How long an approval lasts (control C-50); the order was judged by the market of its moment."""
APPROVAL_EXPIRED: Final = "APPROVAL_EXPIRED"
NOT_APPROVED: Final = "NOT_APPROVED"
_DIGEST: Final = 12
_encode: Final = Encoder().encode


class Holder(Struct, frozen=True, gc=False):
    """Whose approvals count: an account, and the writer of its journal.

    Args:
        account: its name.
        epoch: number of the writer; an approval of another one is none.
    """

    account: str
    epoch: int


class Approved(Struct, frozen=True, gc=False):
    """An order whose approval was checked; made by ``checked`` alone.

    Args:
        place: the order, as it is in the journal.
    """

    place: PlaceOrder


def approved_order(holder: Holder, at: int, ticket: Ticket, verdict: Verdict) -> PlaceOrder:
    """Return the intent to send an order that was judged at ``at`` nanoseconds."""
    assert verdict.quantity >= ticket.quantity > 0, "no more is sent than was allowed"
    return PlaceOrder(at, ticket, _key(holder, at, ticket))


def approved_exit(holder: Holder, at: int, ticket: Ticket) -> PlaceOrder:
    """Return the intent to send an order that protects a position: no check but the gates stops it."""
    return PlaceOrder(at, ticket, _key(holder, at, ticket))


def approved_again(holder: Holder, place: PlaceOrder) -> PlaceOrder:
    """Return the intent under another writer's name; its time, and so its end, stays."""
    return PlaceOrder(place.at, place.ticket, _key(holder, place.at, place.ticket))


def checked(holder: Holder, place: PlaceOrder, now: int) -> Approved | Refusal:
    """Return the order as approved, or why it must not be handed over."""
    age = now - place.at
    if age > APPROVAL_NS:
        return Refusal(APPROVAL_EXPIRED, f"it was approved {age / NANOSECONDS:.3f} s ago")
    if place.approval != _key(holder, place.at, place.ticket):
        text = f"the approval of {place.ticket.order_id} is not for this order, account and writer"
        return Refusal(NOT_APPROVED, text)
    return Approved(place)


def _key(holder: Holder, at: int, ticket: Ticket) -> str:
    """Return the hash over whom it is for, when, and every word of the order."""
    said = _encode((holder.account, holder.epoch, at, ticket))
    return blake2b(said, digest_size=_DIGEST).hexdigest()


__all__ = [
    "APPROVAL_EXPIRED",
    "APPROVAL_NS",
    "NOT_APPROVED",
    "Approved",
    "Holder",
    "approved_again",
    "approved_exit",
    "approved_order",
    "checked",
]
