"""An independent count at the door: what was sent of a parent never exceeds what was allowed of it.

It knows nothing of schedules, books and gates: it adds up what leaves and takes off what came back
unfilled, and compares (control A-09). A router that runs wild is stopped here, whatever it believes.
"""

from collections import OrderedDict
from typing import Final

from msgspec import Struct

from fillpath.core.commands import Ticket
from fillpath.core.events import (
    Event,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
)
from fillpath.core.models import Refusal
from fillpath.core.units import quantity_decimal
from fillpath.risk.kill_switch import ROUTER_COMPARATOR

MOST_SCHEDULES: Final = 65_536
MOST_ORDERS: Final = 16_384


class _Schedule(Struct):
    """A parent that is sent in slices: what was allowed of it, and what is out or filled."""

    allowed: int
    out: int = 0


class _Sent(Struct):
    """One order that left: its schedule, and what of it may still fill."""

    schedule: _Schedule | None
    left: int


class Comparator:
    """Counts what leaves against what was allowed.

    Orders that ended long ago are forgotten, and so are schedules, oldest first: more schedules
    than that never run at once.
    """

    def __init__(self) -> None:
        self._schedules: OrderedDict[str, _Schedule] = OrderedDict()
        self._orders: OrderedDict[str, _Sent] = OrderedDict()

    def allow(self, parent_id: str, quantity: int) -> None:
        """Note what was decided for a schedule, quantity units; the first word on it stands."""
        if parent_id in self._schedules:
            return
        self._schedules[parent_id] = _Schedule(quantity)
        if len(self._schedules) > MOST_SCHEDULES:
            self._schedules.popitem(last=False)

    def send(self, ticket: Ticket) -> Refusal | None:
        """Count an order that is about to leave, or return why it would be too much."""
        order_id = ticket.order_id
        orders = self._orders
        if order_id in orders:
            return Refusal(ROUTER_COMPARATOR, f"{order_id} would leave a second time")
        schedule = None
        if ticket.parent_id != order_id:
            schedule = self._schedules.get(ticket.parent_id)
            refusal = _too_much(ticket, schedule)
            if refusal is not None or schedule is None:
                return refusal
            schedule.out += ticket.quantity
        orders[order_id] = _Sent(schedule, ticket.quantity)
        if len(orders) > MOST_ORDERS:
            orders.popitem(last=False)
        return None

    def recall(self, order_id: str) -> None:
        """Take back an order that provably never left."""
        sent = self._orders.pop(order_id, None)
        if sent is not None and sent.schedule is not None:
            sent.schedule.out -= sent.left

    def heard(self, event: Event) -> None:
        """Count a fact of the broker: what ended unfilled may be sent again."""
        if isinstance(event, OrderFilled):
            sent = self._orders.get(event.order_id)
            if sent is not None:
                sent.left = max(sent.left - event.quantity, 0)
        elif isinstance(event, OrderCancelled | OrderExpired | OrderRefused):
            sent = self._orders.get(event.order_id)
            if sent is not None and sent.schedule is not None:
                sent.schedule.out -= sent.left
                sent.left = 0


def _too_much(ticket: Ticket, schedule: _Schedule | None) -> Refusal | None:
    if schedule is None:
        return Refusal(ROUTER_COMPARATOR, f"nothing was ever allowed of {ticket.parent_id}")
    out = schedule.out + ticket.quantity
    if out <= schedule.allowed:
        return None
    text = (
        f"{quantity_decimal(out)} of {ticket.parent_id} would have been sent, "
        f"{quantity_decimal(schedule.allowed)} were allowed"
    )
    return Refusal(ROUTER_COMPARATOR, text)


__all__ = ["ROUTER_COMPARATOR", "Comparator"]
