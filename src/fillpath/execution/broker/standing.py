"""How an order stands: from the broker's exact integers back to the public model."""

from decimal import Decimal

from msgspec import Struct

from fillpath.core.models import Order, OrderStatus
from fillpath.core.units import price_decimal, quantity_decimal
from fillpath.execution.broker.book import Working


class Ended(Struct, frozen=True, gc=False):
    """What is remembered of an order that reached its end.

    Args:
        status: how it ended.
        broker_order_id: the broker's name for it; None when it is not known any more.
        filled: quantity units.
        value: sum of price times quantity, money units.
        reason: why it was refused.
    """

    status: OrderStatus
    broker_order_id: str | None
    filled: int = 0
    value: int = 0
    reason: str = ""


Record = Working | Ended


def status_of(record: Record) -> OrderStatus:
    """Return where an order stands."""
    if isinstance(record, Ended):
        return record.status
    return OrderStatus.PARTIALLY_FILLED if record.filled else OrderStatus.SUBMITTED


def as_it_stands(order: Order, record: Record) -> Order:
    """Return ``order`` with the status, the broker's name and the fills on record."""
    status = status_of(record)
    broker_order_id = record.broker_order_id
    if record.filled:
        return order.changed(
            status=status,
            broker_order_id=broker_order_id,
            filled_quantity=quantity_decimal(record.filled),
            average_fill_price=average_price(record.value, record.filled),
        )
    if isinstance(record, Ended) and record.reason:
        metadata = {**order.metadata, "reject_reason": record.reason}
        return order.changed(status=status, broker_order_id=broker_order_id, metadata=metadata)
    return order.changed(status=status, broker_order_id=broker_order_id)


def average_price(value: int, quantity: int) -> Decimal:
    """Return the average price of ``quantity`` that cost ``value``; exact, or of 28 digits."""
    price, rest = divmod(value, quantity)
    if not rest:
        return price_decimal(price)
    return (Decimal(value) / Decimal(quantity)).scaleb(-8)
