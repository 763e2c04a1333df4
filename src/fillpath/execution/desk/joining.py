"""Exits that reach their group after a part of it was filled: made smaller as soon as they are there.

The broker reduces what is linked, but not what is still on its way: an exit that was sent for the
whole position and arrives when its stop has sold a part would sell that part once more. So what is
filled meanwhile is noted, and the exit is changed, or cancelled, in the step that takes its
acceptance. One that trades the moment it arrives is beyond anybody's reach; its fill is booked.
"""

from collections.abc import Iterator

from fillpath.core.commands import AmendOrder, Command
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.guard import Guard
from fillpath.execution.desk.modifying import modify_refusal
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.policy import DeskPolicy

WHY = "its group was filled before it came"


def note_missed(state: DeskState, guard: Guard, order: OrderState, quantity: int) -> None:
    """Note of every exit on its way that an order of its group was filled without it."""
    for other in _exits(state, guard):
        missing = other is not order and not other.broker_order_id
        if missing and other.ticket.group == order.ticket.group:
            other.missed += quantity


def reduced(order: OrderState, quantity: int) -> None:
    """Take note that the broker has made an exit smaller by itself, quantity units."""
    order.missed = max(order.missed - quantity, 0)


def shrunk(state: DeskState, policy: DeskPolicy, guard: Guard, at: int) -> Iterator[Command]:
    """Yield what keeps exits from selling what was filled before they came."""
    for order in _exits(state, guard):
        if not order.missed or order.cancel_requested:
            continue
        ticket = order.ticket
        wanted = ticket.quantity - order.missed
        if wanted <= order.filled:
            yield from cancel_order(order, at, WHY)
        elif order.broker_order_id:
            order.missed = 0
            if not policy.amends_stops or modify_refusal(state, order, at) is not None:
                yield from cancel_order(order, at, WHY)
            else:
                order.asked = (wanted, ticket.stop)
                name = order.broker_order_id
                yield AmendOrder(at, ticket.order_id, name, wanted, ticket.stop, WHY)


def _exits(state: DeskState, guard: Guard) -> Iterator[OrderState]:
    for name in guard.exits:
        order = state.orders.get(name)
        if order is not None:
            yield order


__all__ = ["note_missed", "reduced", "shrunk"]
