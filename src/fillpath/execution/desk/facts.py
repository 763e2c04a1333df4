"""What the broker says: every fact moves the order along its table, or raises an alarm."""

from typing import Final

from fillpath.core.commands import (
    CancelOrder,
    Command,
    FillBooked,
    OrderClosed,
    QualityMeasured,
    RaiseAlarm,
)
from fillpath.core.events import (
    CancelFailed,
    MarketView,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderInDoubt,
    OrderRefused,
)
from fillpath.core.models import Certainty, OrderSide, OrderStatus
from fillpath.execution.desk.book import book_fill, move_position, remove_order
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.desk.working import child_ended, shrink_working
from fillpath.execution.lifecycle import Fact, advance, fill_path
from fillpath.execution.metrics import exceeds_bps
from fillpath.execution.policy import DeskPolicy

CONFIRMED: Final = Certainty.CONFIRMED
FILLED: Final = OrderStatus.FILLED
PENDING: Final = OrderStatus.PENDING
SUBMITTED: Final = OrderStatus.SUBMITTED
FOREIGN_FILLS: Final = 4_096
KILL_SWITCH: Final = "KILL_SWITCH"
BUY: Final = OrderSide.BUY


def _alarm(at: int, code: str, text: str, order_id: str) -> list[Command]:
    return [RaiseAlarm(at, code, text, order_id)]


def _unfit(order: OrderState | None, at: int, order_id: str, what: str) -> list[Command]:
    status = "unknown" if order is None else str(order.status)
    return _alarm(at, "UNEXPECTED_FACT", f"{what} for an order that is {status}", order_id)


def on_accepted(state: DeskState, event: OrderAccepted) -> list[Command]:
    """The broker has the order; a cancel that waited for that goes out now."""
    order = state.orders.get(event.order_id)
    if order is None:
        known = event.order_id in state.recent
        return [] if known else _unfit(None, event.at, event.order_id, "an acceptance")
    order.certainty = CONFIRMED
    if order.broker_order_id and order.broker_order_id != event.broker_order_id:
        text = f"the broker knows it as {order.broker_order_id} and as {event.broker_order_id}"
        return _alarm(event.at, "SECOND_BROKER_ORDER", text, event.order_id)
    order.broker_order_id = event.broker_order_id
    if order.status is PENDING:
        order.status = SUBMITTED  # the commonest row of the table, taken without looking it up
    else:
        order.status = advance(order.status, Fact.ACCEPTED) or order.status
    if order.cancel_requested:
        return [CancelOrder(event.at, event.order_id, event.broker_order_id, "asked before")]
    return []


def on_filled(state: DeskState, policy: DeskPolicy, event: OrderFilled) -> list[Command]:
    """An execution: it is real, so it is booked whatever we believed."""
    order = state.orders.get(event.order_id)
    if order is None:
        return _late_or_foreign_fill(state, policy, event)
    if event.fill_id in order.fill_ids:
        return []
    overfilled = _apply(state, policy, order, event)
    commands: list[Command] = [FillBooked(event.at, event)]
    if overfilled:
        commands.extend(_overfill(order, event))
    _walk(order)
    if order.status is FILLED:
        commands.extend(_end(state, policy, order, event.at, "", None))
    return commands


def _apply(state: DeskState, policy: DeskPolicy, order: OrderState, event: OrderFilled) -> bool:
    """Book one execution; return whether more was filled than ordered."""
    at = event.at
    quantity = event.quantity
    commission = event.commission
    order.fill_ids.append(event.fill_id)
    book_fill(state, order, quantity, event.price, policy.sizing.stop_distance)
    state.book.cash -= commission
    state.book.commission += commission
    order.commission += commission
    order.certainty = CONFIRMED
    order.first_fill_at = order.first_fill_at or at
    order.last_fill_at = at
    parent = state.parents.get(order.ticket.parent_id)
    if parent is not None:
        parent.filled += quantity
    return order.filled > order.ticket.quantity


def _walk(order: OrderState) -> None:
    """Move the status along what the latest fill implies; an overfill leaves it as it is."""
    if order.status is SUBMITTED and order.filled == order.ticket.quantity:
        order.status = FILLED  # the commonest row of the table, taken without looking it up
        return
    for fact in fill_path(order.status, order.ticket.quantity, order.filled):
        order.status = advance(order.status, fact) or order.status


def _overfill(order: OrderState, event: OrderFilled) -> list[Command]:
    text = f"filled {order.filled} of {order.ticket.quantity} quantity units"
    return _alarm(event.at, "OVERFILL", text, event.order_id)


def _late_or_foreign_fill(
    state: DeskState, policy: DeskPolicy, event: OrderFilled
) -> list[Command]:
    order = state.recent.get(event.order_id)
    if order is not None:
        return [] if event.fill_id in order.fill_ids else _late_fill(state, policy, order, event)
    if event.fill_id in state.foreign:
        return []
    state.foreign[event.fill_id] = event.at
    if len(state.foreign) > FOREIGN_FILLS:
        del state.foreign[next(iter(state.foreign))]
    signed = event.quantity if event.side is BUY else -event.quantity
    move_position(state.book, event.symbol, "", signed, event.price)
    state.book.cash -= event.commission
    state.book.commission += event.commission
    text = "a fill of an order that is not ours"
    return [
        FillBooked(event.at, event),
        RaiseAlarm(event.at, "EXTERNAL_FILL", text, event.order_id),
    ]


def _late_fill(
    state: DeskState, policy: DeskPolicy, order: OrderState, event: OrderFilled
) -> list[Command]:
    """Book a fill of an order that had ended; what now works too much of its parent is cancelled."""
    overfilled = _apply(state, policy, order, event)
    _walk(order)
    text = "a fill came after the end of the order"
    commands: list[Command] = [
        FillBooked(event.at, event),
        RaiseAlarm(event.at, "LATE_FILL", text, event.order_id),
        _closed(order, event.at, "late fill"),
        _measured(order),
    ]
    if overfilled:
        commands.extend(_overfill(order, event))
    commands.extend(shrink_working(state, order.ticket.parent_id, event.at))
    return commands


def on_cancelled(state: DeskState, policy: DeskPolicy, event: OrderCancelled) -> list[Command]:
    """The rest of the order is gone."""
    return _ended(state, policy, event, Fact.CANCELLED, event.reason, event.market)


def on_expired(state: DeskState, policy: DeskPolicy, event: OrderExpired) -> list[Command]:
    """The order's time is over."""
    return _ended(state, policy, event, Fact.EXPIRED, event.reason or "time in force ended", None)


def on_refused(state: DeskState, policy: DeskPolicy, event: OrderRefused) -> list[Command]:
    """The broker refused the order."""
    reason = f"{event.code}: {event.reason}"
    commands = _ended(state, policy, event, Fact.REJECTED, reason, None)
    if event.code == KILL_SWITCH:
        return commands  # our own last gate; the kill switch has raised its alarm
    return [*commands, *_alarm(event.at, "BROKER_REFUSED", reason, event.order_id)]


def _ended(
    state: DeskState,
    policy: DeskPolicy,
    event: OrderCancelled | OrderExpired | OrderRefused,
    fact: Fact,
    reason: str,
    market: MarketView | None,
) -> list[Command]:
    order = state.orders.get(event.order_id)
    if order is None:
        known = event.order_id in state.recent
        return [] if known else _unfit(None, event.at, event.order_id, fact.lower())
    status = advance(order.status, fact)
    assert status is not None, "an order that works may end in every way"
    order.status = status
    order.certainty = CONFIRMED
    return _end(state, policy, order, event.at, reason, market)


def on_in_doubt(state: DeskState, event: OrderInDoubt) -> list[Command]:
    """Nobody knows whether the broker has the order: keep its exposure, tell a person."""
    order = state.orders.get(event.order_id)
    if order is None:
        known = event.order_id in state.recent
        return [] if known else _unfit(None, event.at, event.order_id, "doubt")
    order.certainty = Certainty.IN_DOUBT
    return _alarm(event.at, "IN_DOUBT", event.reason, event.order_id)


def on_cancel_failed(state: DeskState, event: CancelFailed) -> list[Command]:
    """The order still works; it may be cancelled again later."""
    order = state.orders.get(event.order_id)
    if order is None:
        return []
    order.cancel_requested = False
    return _alarm(event.at, "CANCEL_FAILED", event.reason or "not cancelled", event.order_id)


def _end(
    state: DeskState,
    policy: DeskPolicy,
    order: OrderState,
    at: int,
    reason: str,
    market: MarketView | None,
) -> list[Command]:
    remove_order(state, order)
    commands: list[Command] = [_closed(order, at, reason)]
    if order.filled:
        commands.append(_measured(order))
        _add_quality_alarms(commands, policy, order)
    ticket = order.ticket
    if ticket.parent_id != ticket.order_id:
        commands.extend(child_ended(state, policy, order, at, market))
    return commands


def _closed(order: OrderState, at: int, reason: str) -> OrderClosed:
    return OrderClosed(
        at,
        order.ticket,
        order.status,
        order.broker_order_id,
        order.filled,
        order.value,
        order.commission,
        order.decided_at,
        reason,
    )


def _measured(order: OrderState) -> QualityMeasured:
    ticket = order.ticket
    return QualityMeasured(
        order.last_fill_at,
        ticket.order_id,
        ticket.parent_id,
        ticket.symbol,
        ticket.side,
        ticket.route,
        ticket.strategy_name,
        order.filled,
        order.value,
        order.expected,
        ticket.signal_price,
        order.arrival_mid,
        ticket.signal_at,
        order.decided_at,
        order.first_fill_at,
    )


def _add_quality_alarms(commands: list[Command], policy: DeskPolicy, order: OrderState) -> None:
    """Alert strictly above the thresholds; a slice's clock starts at its release."""
    ticket = order.ticket
    quality = policy.quality
    if exceeds_bps(ticket.side, order.expected, order.value, order.filled, quality.slippage):
        text = f"cost is above {quality.max_slippage_bps} bps"
        commands.append(RaiseAlarm(order.last_fill_at, "SLIPPAGE", text, ticket.order_id))
    started = order.decided_at if ticket.slice_number else ticket.signal_at
    if order.last_fill_at - started > quality.latency_ns:
        text = f"signal to fill took more than {quality.max_latency_ms} ms"
        commands.append(RaiseAlarm(order.last_fill_at, "LATENCY", text, ticket.order_id))
