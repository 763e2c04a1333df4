"""Orders that ask where to be worked: by an algorithm of the broker, in an auction, or by ourselves.

An order that the broker works goes out whole, as a limit at the collar like every order that may
trade now. An algorithm that the broker does not take is replaced by the schedule of our own, told
before it leaves or when the broker refuses it; an auction cannot be replaced.
"""

from typing import Final

from msgspec.structs import replace

from fillpath.core.auctions import Day, auction_problem
from fillpath.core.commands import Command, RaiseAlarm
from fillpath.core.destinations import (
    AUCTIONS,
    KEY,
    AtClose,
    AtOpen,
    Destination,
    destination_of,
    destination_text,
    name_of,
    text_destination,
)
from fillpath.core.errors import ModelError
from fillpath.core.events import OrderRefused
from fillpath.core.models import OrderType, Refusal, Signal
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.draft import Draft
from fillpath.execution.desk.state import DeskState, OrderState, ParentState
from fillpath.execution.desk.working import begin_schedule
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.routing import Routed, Style
from fillpath.execution.slicing import new_schedule, twap_slices

BROKER: Final = "broker"
"""The route of an order that the broker works."""
INVALID: Final = "INVALID_DESTINATION"
NOT_TAKEN: Final = "DESTINATION_NOT_TAKEN"
LOCAL_TWAP: Final = "DESTINATION_LOCAL_TWAP"
_TWAP: Final = "twap"


def asked_for(signal: Signal) -> Destination | Refusal | None:
    """Return the destination that a signal asks for, or why it cannot be."""
    try:
        return destination_of(signal.metadata.get(KEY))
    except ModelError as error:
        return Refusal(INVALID, str(error))


def unreachable(draft: Draft, state: DeskState, policy: DeskPolicy) -> Refusal | None:
    """Return why an order cannot go where it asks to be, or None."""
    destination = draft.destination
    if not isinstance(destination, AtClose | AtOpen):
        return None
    name = name_of(destination)
    if name not in policy.destinations:
        return Refusal(NOT_TAKEN, f"the broker must take {name}, it does not")
    return auction_problem(destination, Day(0, state.closes_at), draft.at)


def directed(routed: Routed, draft: Draft, policy: DeskPolicy) -> Routed:
    """Return the way of an order that asks for a destination it can reach."""
    destination = draft.destination
    assert destination is not None, "it asks for one"
    name = name_of(destination)
    if name in policy.destinations:
        return Routed(BROKER, Style.MARKET, False, f"destination {name}", routed.flags)  # noqa: FBT003  # a positional struct
    text = f"destination {name}: the broker does not take it, our own slices instead"
    return Routed(_TWAP, routed.style, True, text, (*routed.flags, LOCAL_TWAP))  # noqa: FBT003


def directions(draft: Draft) -> str:
    """Return what the ticket of an order says of its destination, empty without one."""
    routed, destination = draft.routed, draft.destination
    if destination is None or routed is None or routed.route != BROKER:
        return ""
    return destination_text(destination)


def fall_back(
    state: DeskState, policy: DeskPolicy, order: OrderState, event: OrderRefused
) -> list[Command]:
    """Begin our own schedule for an order whose algorithm the broker has refused.

    Nothing of it may have traded. It waits for the next quote like every slice that has none; what
    has been counted for its parent stands.
    """
    ticket = order.ticket
    destination = text_destination(ticket.destination)
    wanted = destination is not None and name_of(destination) not in AUCTIONS
    if event.code != NOT_TAKEN or not wanted or order.fills or state.closed:
        return []
    router = policy.router
    sizes = twap_slices(ticket.quantity, router.lot, router.twap_num_slices)
    text = f"the broker refused its algorithm ({event.reason}): our own slices instead"
    parent = ParentState(
        ticket=replace(
            ticket,
            order_type=OrderType.LIMIT,
            limit=None,
            protected=False,
            route=_TWAP,
            route_reason=text,
            slice_count=len(sizes),
            interval_seconds=router.twap_interval_seconds,
            destination="",
        ),
        schedule=new_schedule(event.at, router.twap_interval_seconds * NANOSECONDS, sizes),
        style=None,
        reduces=order.reduces,
        worst=order.worst_price,
    )
    told = RaiseAlarm(event.at, LOCAL_TWAP, text, ticket.order_id)
    return [told, *begin_schedule(state, parent, Refusal(LOCAL_TWAP, text), event.at)]


__all__ = [
    "BROKER",
    "INVALID",
    "LOCAL_TWAP",
    "NOT_TAKEN",
    "asked_for",
    "directed",
    "directions",
    "fall_back",
    "unreachable",
]
