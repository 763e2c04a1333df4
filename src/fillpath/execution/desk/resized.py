"""Linked orders that stand otherwise at the broker than we know: nobody heard what their group filled."""

from typing import Final

from fillpath.core.events import OrderAmended
from fillpath.core.models import Certainty, Order, OrderType
from fillpath.core.units import price_units, quantity_decimal, quantity_units
from fillpath.execution.desk.state import OrderState

RESIZED: Final = "RESIZED_UNSEEN"


def is_resized(order: OrderState, shown: Order) -> bool:
    """Return whether a linked order that nothing is asked of stands otherwise than we know it."""
    ticket = order.ticket
    settled = order.asked is None and not order.owed and order.certainty is Certainty.CONFIRMED
    if not ticket.group or not order.broker_order_id or not settled:
        return False
    if quantity_units(shown.quantity) != ticket.quantity:
        return True
    return ticket.order_type is OrderType.STOP and _level(shown) != ticket.stop


def resized(at: int, order: OrderState, shown: Order) -> OrderAmended:
    """Return the fact that the broker works an order as it shows it."""
    ticket = order.ticket
    quantity, stop = quantity_units(shown.quantity), _level(shown)
    text = (
        f"the broker has {shown.quantity} of it, the journal {quantity_decimal(ticket.quantity):f}"
    )
    return OrderAmended(at, ticket.order_id, quantity, stop, f"{RESIZED}: {text}")


def _level(shown: Order) -> int | None:
    return None if shown.stop_price is None else price_units(shown.stop_price)


__all__ = ["RESIZED", "is_resized", "resized"]
