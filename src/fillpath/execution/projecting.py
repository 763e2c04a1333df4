"""Fold the journal into rows: every table, message and page is made of these, and of nothing else.

A projector holds a desk of its own and steps it through the very records that the engine wrote, so
what it shows needs nothing from the engine but its journal: it may run behind, in another process,
or once more from the start, and gives the same rows under the same names each time.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from fillpath.core.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    Decision,
    FillBooked,
    FillRevised,
    Intent,
    OrderClosed,
    PlaceOrder,
    QualityMeasured,
    RaiseAlarm,
)
from fillpath.core.events import (
    AccountOpened,
    AccountValued,
    CancelFailed,
    CommissionReported,
    DividendPaid,
    Event,
    FillCorrected,
    OrderAccepted,
    OrderAmended,
    OrderFilled,
    OrderInDoubt,
    PositionAdjusted,
    SessionClosed,
    SessionOpened,
    SignalReceived,
    SplitApplied,
)
from fillpath.core.models import ZERO, Position
from fillpath.core.reading import (
    alert_row,
    decision_row,
    order_row,
    position_row,
    quality_row,
)
from fillpath.core.rows import (
    FillRow,
    HoldingChangeRow,
    OrderRow,
    PositionRow,
    Projected,
    Row,
    SignalRow,
    SnapshotRow,
)
from fillpath.core.translation import optional_price
from fillpath.core.units import moment, money_decimal, price_decimal, quantity_decimal
from fillpath.execution.desk import Desk
from fillpath.execution.desk.ending import closed
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.policy import DeskPolicy

_SPARE: Final = 1_000
_REPORTED = (
    OrderAccepted,
    OrderFilled,
    OrderInDoubt,
    CancelFailed,
    CommissionReported,
    FillCorrected,
    OrderAmended,
)
_REVALUED = (
    AccountOpened,
    AccountValued,
    OrderFilled,
    CommissionReported,
    FillCorrected,
    PositionAdjusted,
    SessionOpened,
    SessionClosed,
    SplitApplied,
    DividendPaid,
)


class Projector:
    """Turn journal records into rows, one record at a time, from the first record on.

    Args:
        policy: the rules that the journal was written under.
    """

    def __init__(self, policy: DeskPolicy) -> None:
        self.desk = Desk(policy)
        self.next_sequence = 0
        self._acknowledged: dict[str, datetime] = {}

    def take(self, sequence: int, record: Event | Intent) -> list[Projected]:
        """Step through record number ``sequence`` and return the rows that it makes or changes.

        Records must come without a gap; the number is part of the name of each row.
        """
        assert sequence == self.next_sequence, "records come one after the other"
        self.next_sequence += 1
        if isinstance(record, Intent):
            return []  # the desk has said so already, when it was stepped through the cause
        commands = self.desk.step(record)
        if isinstance(record, OrderAccepted):
            self._acknowledge(record)
        rows = self._rows(record, commands)
        return [Projected(sequence, index, row) for index, row in enumerate(rows)]

    def _acknowledge(self, event: OrderAccepted) -> None:
        """Remember when the broker first had an order, for as long as the desk knows the order."""
        known = self._acknowledged
        known.setdefault(event.order_id, moment(event.at))
        state = self.desk.state
        if len(known) > 2 * (len(state.orders) + len(state.recent)) + _SPARE:
            kept = state.orders.keys() | state.recent.keys()
            self._acknowledged = {name: at for name, at in known.items() if name in kept}

    def _dated(self, row: Row) -> Row:
        if not isinstance(row, OrderRow) or row.order_id not in self._acknowledged:
            return row
        return replace(row, acknowledged_at=self._acknowledged[row.order_id])

    def _rows(self, event: Event, commands: list[Command]) -> Iterator[Row]:
        state = self.desk.state
        if isinstance(event, SignalReceived):
            yield _signal_row(event, commands)
        changed = dict.fromkeys(_named(event, commands))
        for command in commands:
            yield from map(self._dated, _row_of(state, command))
        for order_id in changed:
            order = state.orders.get(order_id)
            if order is not None:  # an order that ended has its row from its end
                yield self._dated(standing_row(order, event.at))
        yield from self._account_rows(event, commands)
        yield from holding_changes(event)

    def _account_rows(self, event: Event, commands: list[Command]) -> Iterator[Row]:
        state = self.desk.state
        moved = (c for c in commands if isinstance(c, FillBooked | FillRevised))
        symbols = dict.fromkeys(command.filled.symbol for command in moved)
        if isinstance(event, PositionAdjusted):
            symbols[event.symbol] = None
        if isinstance(event, AccountOpened | SplitApplied):
            symbols = dict.fromkeys(sorted(state.book.holdings))
        for symbol in symbols:
            yield _position_row(state, symbol)
        if isinstance(event, _REVALUED):
            yield _snapshot_row(state, event.at)


def holding_changes(event: Event) -> Iterator[HoldingChangeRow]:
    """Yield what changes positions without an execution."""
    match event:
        case AccountOpened():
            for held in (one for one in event.positions if one.quantity):
                yield HoldingChangeRow(
                    ts=moment(event.at),
                    symbol=held.symbol,
                    kind="OPENED",
                    quantity=quantity_decimal(held.quantity),
                    price=price_decimal(held.cost // held.quantity),
                    strategy_name=held.strategy_name,
                )
        case PositionAdjusted() if event.quantity:
            yield HoldingChangeRow(
                ts=moment(event.at),
                symbol=event.symbol,
                kind="ADJUSTED",
                quantity=quantity_decimal(event.quantity),
                price=price_decimal(event.price),
            )
        case SplitApplied():
            yield HoldingChangeRow(
                ts=moment(event.at),
                symbol=event.symbol,
                kind="SPLIT",
                new_shares=event.new_shares,
                old_shares=event.old_shares,
            )
        case _:
            return


def _row_of(state: DeskState, command: Command) -> Iterator[Row]:
    match command:
        case Decision():
            yield decision_row(command)
        case FillBooked():
            yield _filled_row(state, command.filled, 0)
        case FillRevised():
            yield _filled_row(state, command.filled, command.revision)
        case OrderClosed():
            yield order_row(command)
        case QualityMeasured():
            yield quality_row(command)
        case RaiseAlarm():
            yield alert_row(command)
        case _:
            return


def _filled_row(state: DeskState, filled: OrderFilled, revision: int) -> FillRow:
    """Return the row of an execution as it is now, with the strategy behind it where it is ours."""
    order = state.orders.get(filled.order_id) or state.recent.get(filled.order_id)
    ticket = None if order is None else order.ticket
    return FillRow(
        order_id=filled.order_id,
        parent_order_id=filled.parent_id or None,
        symbol=filled.symbol,
        side=filled.side,
        quantity=quantity_decimal(filled.quantity),
        price=price_decimal(filled.price),
        ts=moment(filled.traded_at),
        commission=money_decimal(filled.commission),
        fill_id=filled.fill_id,
        simulated=filled.simulated,
        strategy_name="" if ticket is None else ticket.strategy_name,
        signal_id="" if ticket is None else ticket.signal_id,
        revision=revision,
    )


def _named(event: Event, commands: list[Command]) -> Iterator[str]:
    """Yield the orders whose row may have changed."""
    if isinstance(event, _REPORTED):
        yield event.order_id
    for command in commands:
        match command:
            case PlaceOrder():
                yield command.ticket.order_id
            case CancelOrder() | AmendOrder():
                yield command.order_id
            case _:
                continue


def _signal_row(event: SignalReceived, commands: list[Command]) -> SignalRow:
    signal = event.signal
    assert signal.timestamp is not None, "the engine stamps every signal at ingest"
    row = SignalRow(
        signal_id=signal.signal_id or "",
        strategy_name=signal.strategy_name,
        symbol=signal.symbol,
        direction=signal.direction,
        strength=signal.strength,
        metadata=signal.metadata,
        signal_at=signal.timestamp,
        received_at=moment(event.at),
    )
    # Every signal is decided on when it comes, if only to hold it.
    decided = next(c for c in commands if isinstance(c, Decision) and c.stage == "SIGNAL")
    return replace(
        row,
        outcome=decided.outcome,
        reason=decided.reason,
        text=decided.text,
        order_id=decided.order_id,
    )


def standing_row(order: OrderState, at: int) -> OrderRow:
    """Return the row of an order that works; ``at`` is the time of the fact that changed it."""
    return replace(
        order_row(closed(order, at, "")),
        closed_at=None,
        certainty=order.certainty,
        cancel_requested=order.cancel_requested,
    )


def _position_row(state: DeskState, symbol: str) -> PositionRow:
    holding = state.book.holdings.get(symbol)
    if holding is None:
        return position_row(Position(symbol=symbol, quantity=ZERO))
    average = price_decimal(holding.cost // holding.quantity) if holding.cost else None
    return position_row(
        Position(
            symbol=symbol,
            quantity=quantity_decimal(holding.quantity),
            average_price=average,
            realized_pnl=money_decimal(holding.realized),
            stop_price=optional_price(holding.stop),
        )
    )


def _snapshot_row(state: DeskState, at: int) -> SnapshotRow:
    book = state.book
    return SnapshotRow(
        ts=moment(at),
        cash=money_decimal(book.cash),
        equity=money_decimal(state.equity or book.cash),
        reserved=money_decimal(book.reserved),
        realized_pnl=money_decimal(book.realized),
        commission=money_decimal(book.commission),
        positions=len(book.holdings),
        working_orders=len(state.orders),
    )
