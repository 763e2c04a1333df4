"""How an order stands: from the broker's exact integers back to the public model."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr

from fillpath.core.commands import Ticket
from fillpath.core.models import Order, OrderStatus
from fillpath.core.translation import order_from
from fillpath.core.units import price_decimal, quantity_decimal
from fillpath.execution.broker.book import Working

_PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED
_SUBMITTED: Final = OrderStatus.SUBMITTED


class Ended(Struct, frozen=True, gc=False):
    """What is remembered of an order that reached its end.

    Args:
        status: how it ended.
        broker_order_id: the broker's name for it; None when it is not known any more.
        filled: quantity units.
        value: sum of price times quantity, money units.
        reason: why it was refused.
        order: as it was submitted; None where only its fills are known.
    """

    status: OrderStatus
    broker_order_id: str | None
    filled: int = 0
    value: int = 0
    reason: str = ""
    order: Order | Ticket | None = None


Record = Working | Ended


def status_of(record: Record) -> OrderStatus:
    """Return where an order stands."""
    if type(record) is Ended:
        return record.status
    return _PARTIALLY_FILLED if record.filled else _SUBMITTED


def as_it_stands(order: Order | Ticket, record: Record) -> Order:
    """Return ``order`` with the status, the broker's name and the fills on record."""
    if isinstance(order, Ticket):
        order = order_from(order, order.signal_at)
    # A copy is not checked again: the order was, and what changes comes out of exact integers.
    standing: Order = order.__copy__()  # type: ignore[attr-defined]  # missing in msgspec's stub
    force_setattr(standing, "status", record.status if type(record) is Ended else status_of(record))
    force_setattr(standing, "broker_order_id", record.broker_order_id)
    filled = record.filled
    if filled:
        force_setattr(standing, "filled_quantity", quantity_decimal(filled))
        force_setattr(standing, "average_fill_price", average_price(record.value, filled))
    elif type(record) is Ended and record.reason:
        metadata = {**order.metadata, "reject_reason": record.reason}
        force_setattr(standing, "metadata", metadata)
    return standing


def completed(records: Iterable[Record]) -> list[Order]:
    """Return the orders among these that have ended and are known in full."""
    return [
        as_it_stands(record.order, record)
        for record in records
        if type(record) is Ended and record.order is not None
    ]


def average_price(value: int, quantity: int) -> Decimal:
    """Return the average price of ``quantity`` that cost ``value``; exact, or of 28 digits."""
    price, rest = divmod(value, quantity)
    if not rest:
        return price_decimal(price)
    return (Decimal(value) / Decimal(quantity)).scaleb(-8)
