"""Replay the journal: rebuild the desk, check that it decides as it did, name what is outstanding."""

from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    Intent,
    PlaceOrder,
)
from fillpath.core.errors import JournalDiverged
from fillpath.core.events import Event
from fillpath.core.models import Certainty, Order, OrderStatus, Position
from fillpath.core.translation import optional_price, order_from
from fillpath.core.units import money_decimal, price_decimal, quantity_decimal
from fillpath.execution.desk import Desk
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.risk.approving import approved_again


class Recovery(Struct, frozen=True):
    """What a journal replay found.

    Args:
        records: records replayed.
        last_at: nanoseconds of the last fact, 0 for an empty journal.
        outstanding: intents whose answer the journal does not hold, oldest first.
        placed: orders that the broker was given, the outstanding ones left out.
    """

    records: int
    last_at: int
    outstanding: list[Intent]
    placed: int = 0


def recover(
    records: Iterable[Event | Intent],
    desk: Desk,
    follow: Callable[[Command], None],
    seen: Callable[[Event | PlaceOrder], None] = lambda _record: None,
) -> Recovery:
    """Step the desk through every fact and compare the intents with those in the journal.

    Args:
        records: the journal, oldest first.
        desk: a fresh desk with the policy in force.
        follow: takes the commands that stay inside (timers, watches, projections).
        seen: takes every fact and every order that was sent, as they stand in the journal.

    Raises:
        JournalDiverged: the desk now decides otherwise than the journal says it did.
    """
    expected: deque[Intent] = deque()
    count = placed = 0
    for record in records:
        count += 1
        if isinstance(record, Intent) and not isinstance(record, PlaceOrder):
            _compare(expected, record, count)
            continue
        seen(record)
        if isinstance(record, PlaceOrder):
            placed += 1
            _compare(expected, record, count)
            continue
        if expected:
            raise JournalDiverged(f"record {count}: the journal lacks {expected[0]!r}")
        for command in desk.step(record):
            if isinstance(command, Intent):
                expected.append(command)
            else:
                follow(command)
    if expected:
        raise JournalDiverged(f"the end of the journal lacks {expected[0]!r}")
    outstanding = _outstanding(desk.state)
    placed -= sum(isinstance(intent, PlaceOrder) for intent in outstanding)
    return Recovery(count, desk.state.last_at, outstanding, placed)


def _compare(expected: deque[Intent], record: Intent, count: int) -> None:
    decided = expected.popleft() if expected else None
    if isinstance(record, PlaceOrder) and not record.approval and isinstance(decided, PlaceOrder):
        decided = replace(decided, approval="")  # it was written before approvals were
    if decided != record:
        raise JournalDiverged(
            f"record {count}: the journal holds {record!r}, the desk now decides {decided!r}"
        )


def _outstanding(state: DeskState) -> list[Intent]:
    intents: list[Intent] = []
    for order in state.orders.values():
        if order.certainty is Certainty.IN_DOUBT:
            continue
        if order.status is OrderStatus.PENDING:
            place = PlaceOrder(order.decided_at, order.ticket)
            intents.append(approved_again(state.holder, place))
        elif order.cancel_requested and order.broker_order_id:
            order_id = order.ticket.order_id
            intents.append(
                CancelOrder(state.last_at, order_id, order.broker_order_id, "asked before")
            )
        elif order.asked is not None:
            name, (quantity, stop) = order.broker_order_id, order.asked
            order_id = order.ticket.order_id
            intents.append(
                AmendOrder(state.last_at, order_id, name, quantity, stop, "asked before")
            )
    return intents


def working_order(order: OrderState) -> Order:
    """Return the public picture of an order that the broker had accepted."""
    filled = order.filled
    return order_from(order.ticket, order.decided_at).changed(
        status=order.status,
        broker_order_id=order.broker_order_id,
        filled_quantity=quantity_decimal(filled),
        average_fill_price=price_decimal(order.value // filled) if filled else None,
        cancel_requested=order.cancel_requested,
    )


def working_orders(state: DeskState) -> list[Order]:
    """Return every accepted order that still works, in the order of sending."""
    return [working_order(o) for o in state.orders.values() if o.broker_order_id]


def account_positions(state: DeskState) -> list[Position]:
    """Return the account's positions, one for each symbol."""
    return [
        Position(
            symbol=symbol,
            quantity=quantity_decimal(holding.quantity),
            average_price=price_decimal(holding.cost // holding.quantity) if holding.cost else None,
            realized_pnl=money_decimal(holding.realized),
            stop_price=optional_price(holding.stop),
        )
        for symbol, holding in sorted(state.book.holdings.items())
    ]


def account_cash(state: DeskState) -> Decimal:
    """Return the account's cash."""
    return money_decimal(state.book.cash)
