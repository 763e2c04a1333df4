"""How an order stands: from the broker's exact integers back to the public model."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from fillpath.core.commands import Ticket
from fillpath.core.models import Order, OrderStatus, OrderType
from fillpath.core.ports import Clock
from fillpath.core.translation import order_from
from fillpath.core.units import (
    nanoseconds,
    price_decimal,
    price_units,
    quantity_decimal,
    quantity_units,
)
from fillpath.execution.broker.account import nearest_money
from fillpath.execution.broker.book import Working

_PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED
_SUBMITTED: Final = OrderStatus.SUBMITTED
_STOPPED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})


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


def as_filled(order: Order) -> tuple[int, int, int]:
    """Return what an order says was filled, with a count that no name of a fill has reached."""
    shares = quantity_units(order.filled_quantity)
    price = order.average_fill_price
    value = 0 if price is None else nearest_money(order.filled_quantity * price)
    # Every fill was one unit at least, so there were never more fills than units.
    return shares, value, shares


def resized(order: Order | Ticket, quantity: int, stop: int | None) -> Order | Ticket:
    """Return an order with another size and trigger, in exact integers."""
    if isinstance(order, Ticket):
        return replace(order, quantity=quantity, stop=order.stop if stop is None else stop)
    level = order.stop_price if stop is None else price_decimal(stop)
    return order.changed(quantity=quantity_decimal(quantity), stop_price=level)


def waiting_stop(order: Order | Ticket) -> int | None:
    """Return the trigger that an order waits for, price units; None for one that waits for none."""
    if order.order_type not in _STOPPED:
        return None
    if isinstance(order, Ticket):
        return order.stop
    return None if order.stop_price is None else price_units(order.stop_price)


def counter(clock: Clock) -> Callable[[], int]:
    """Return what tells the nanoseconds of ``clock``, also where it only knows datetimes."""
    counted: Callable[[], int] | None = getattr(clock, "nanoseconds", None)
    return counted or (lambda: nanoseconds(clock.now()))
