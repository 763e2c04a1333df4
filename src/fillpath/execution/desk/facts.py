"""What the broker says: every fact moves the order along its table, or raises an alarm."""

from typing import Final

from msgspec.structs import replace

from fillpath.core.commands import CancelOrder, Command, FillBooked, RaiseAlarm
from fillpath.core.events import (
    MarketView,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderInDoubt,
    OrderRefused,
)
from fillpath.core.models import Certainty, OrderSide, OrderStatus
from fillpath.execution.desk.amending import complete, overfill, take_early
from fillpath.execution.desk.book import FORGOTTEN_FILLS, book_fill, exchange_shares
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.directing import fall_back
from fillpath.execution.desk.ending import closed, end, measured
from fillpath.execution.desk.gating import NEVER_REACHED, UNSEEN, VANISHED, is_own
from fillpath.execution.desk.latching import doubt, quarantine, settle_doubt
from fillpath.execution.desk.splitting import shares_now
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.desk.watching import stop_tripped, watch_ended, watch_fill
from fillpath.execution.desk.working import shrink_working
from fillpath.execution.lifecycle import Fact, advance, fill_path
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.circuit_breaker import Trip
from fillpath.risk.remembering import fill_booked

CONFIRMED: Final = Certainty.CONFIRMED
CANCELLED: Final = OrderStatus.CANCELLED
FILLED: Final = OrderStatus.FILLED
PENDING: Final = OrderStatus.PENDING
SUBMITTED: Final = OrderStatus.SUBMITTED
FOREIGN_FILLS: Final = 4_096
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
        return _accepted_late(state, event)
    if order.broker_order_id and order.broker_order_id != event.broker_order_id:
        return _incarnated_twice(state, order, event)
    settled: list[Command] = []
    if order.certainty is not CONFIRMED:
        settled = settle_doubt(state, order)
    order.broker_order_id = event.broker_order_id
    order.accepted_at = event.at
    if order.status is PENDING:
        order.status = SUBMITTED  # the commonest row of the table, taken without looking it up
    else:
        order.status = advance(order.status, Fact.ACCEPTED) or order.status
    if order.cancel_requested:
        cancel = CancelOrder(event.at, event.order_id, event.broker_order_id, "asked before")
        return [cancel, *settled]
    return settled


def _accepted_late(state: DeskState, event: OrderAccepted) -> list[Command]:
    """An ended order is known at the broker: cancelled at once, if only silence had ended it."""
    order = state.recent.get(event.order_id)
    if order is None:
        return _unfit(None, event.at, event.order_id, "an acceptance")
    order.broker_order_id = order.broker_order_id or event.broker_order_id
    if not order.reason.startswith(UNSEEN) or not order.remaining:
        return []
    text = "the broker has an order that it had shown no more"
    if order.reason.startswith(NEVER_REACHED):
        text = "the broker has an order that had never reached it"
    return [
        CancelOrder(event.at, event.order_id, event.broker_order_id, text),
        RaiseAlarm(event.at, "RESURFACED", text, event.order_id),
        *quarantine(state, order.ticket.symbol, f"RESURFACED: {event.order_id}", event.at),
    ]


def _incarnated_twice(state: DeskState, order: OrderState, event: OrderAccepted) -> list[Command]:
    """One order of ours is two at the broker: both are cancelled, and a person has to look."""
    text = f"the broker knows it as {order.broker_order_id} and as {event.broker_order_id}"
    return [
        *cancel_order(order, event.at, "MULTI_INCARNATION"),
        CancelOrder(event.at, event.order_id, event.broker_order_id, "MULTI_INCARNATION"),
        RaiseAlarm(event.at, "MULTI_INCARNATION", text, event.order_id),
        *quarantine(state, order.ticket.symbol, f"MULTI_INCARNATION: {event.order_id}", event.at),
    ]


def on_filled(state: DeskState, policy: DeskPolicy, event: OrderFilled) -> list[Command]:
    """An execution: it is real, so it is booked whatever we believed."""
    order = state.orders.get(event.order_id)
    if order is None:
        return _late_or_foreign_fill(state, policy, event)
    if event.fill_id in order.fills:
        return []
    commands: list[Command] = [FillBooked(event.at, event)]
    if order.certainty is not CONFIRMED:
        commands.extend(settle_doubt(state, order))
    trips = _apply(state, policy, order, event)
    walk(order)
    if order.status is FILLED or order.status is CANCELLED:
        reason = "" if order.status is FILLED else "corrected"
        commands.extend(end(state, policy, order, event.at, reason, None))
        commands.extend(watch_ended(state, policy, order, event.at))
    if order.filled > order.ticket.quantity:
        commands.extend(overfill(state, order, event.at))
    if state.early:
        commands.extend(take_early(state, policy, event.fill_id, event.at))
    if trips:
        commands.extend(stop_tripped(state, policy, trips, event.at))
    return commands


def _take_as_amended(order: OrderState, quantity: int) -> None:
    """Take a fill that only a change explains for the broker's word that the order was changed."""
    assert order.asked is not None, "a change was asked for"
    asked, level = order.asked
    if order.ticket.quantity < order.filled + quantity <= asked:
        order.ticket = replace(order.ticket, quantity=asked, stop=level)
        order.asked = None


def _apply(
    state: DeskState, policy: DeskPolicy, order: OrderState, event: OrderFilled
) -> tuple[Trip, ...]:
    """Book one execution and return what it trips."""
    at = event.at
    quantity = event.quantity
    commission = event.commission
    if order.asked is not None:
        _take_as_amended(order, quantity)
    order.fills[event.fill_id] = event
    book_fill(state, order, event, policy.sizing.stop_distance)
    if commission:
        state.book.cash -= commission
        state.book.commission += commission
        order.commission += commission
    fill_booked(state.risk, event)
    order.first_fill_at = order.first_fill_at or at
    order.last_fill_at = at
    parent = state.parents.get(order.ticket.parent_id)
    if parent is not None:
        parent.filled += quantity
    return watch_fill(state, policy, order, event)


def walk(order: OrderState) -> None:
    """Move the status along what the latest fill implies; an overfill leaves it as it is."""
    if order.status is SUBMITTED and order.filled == order.ticket.quantity:
        order.status = FILLED  # the commonest row of the table, taken without looking it up
        return
    for fact in fill_path(order.status, order.ticket.quantity, order.filled):
        order.status = advance(order.status, fact) or order.status
    complete(order)


def _late_or_foreign_fill(
    state: DeskState, policy: DeskPolicy, event: OrderFilled
) -> list[Command]:
    order = state.recent.get(event.order_id)
    if order is not None:
        return [] if event.fill_id in order.fills else _late_fill(state, policy, order, event)
    if event.fill_id in state.foreign or event.fill_id in state.forgotten:
        return []
    _keep_foreign(state, event)
    value = event.quantity * event.price * event.side.sign
    exchange_shares(state.book, event.symbol, "", shares_now(state, event), value)
    state.book.cash -= event.commission
    state.book.commission += event.commission
    fill_booked(state.risk, event)
    watch_fill(state, policy, None, event)
    text = "a fill of an order that is not ours"
    return [
        FillBooked(event.at, event),
        RaiseAlarm(event.at, "EXTERNAL_FILL", text, event.order_id),
        *quarantine(state, event.symbol, f"EXTERNAL_FILL: {event.order_id}", event.at),
        *take_early(state, policy, event.fill_id, event.at),
    ]


def _keep_foreign(state: DeskState, event: OrderFilled) -> None:
    """Remember a foreign execution; of the oldest only the name is kept."""
    state.foreign[event.fill_id] = event
    if len(state.foreign) > FOREIGN_FILLS:
        oldest = next(iter(state.foreign))
        del state.foreign[oldest]
        state.forgotten[oldest] = None
        if len(state.forgotten) > FORGOTTEN_FILLS:
            state.forgotten.popitem(last=False)


def _late_fill(
    state: DeskState, policy: DeskPolicy, order: OrderState, event: OrderFilled
) -> list[Command]:
    """Book a fill of an order that had ended; what now works too much of its parent is cancelled."""
    trips = _apply(state, policy, order, event)
    walk(order)
    text = "a fill came after the end of the order"
    commands: list[Command] = [
        FillBooked(event.at, event),
        RaiseAlarm(event.at, "LATE_FILL", text, event.order_id),
        closed(order, event.at, "late fill"),
        measured(order),
    ]
    commands.extend(shrink_working(state, order.ticket.parent_id, event.at))
    if order.filled > order.ticket.quantity:
        commands.extend(overfill(state, order, event.at))
    if state.early:
        commands.extend(take_early(state, policy, event.fill_id, event.at))
    if trips:
        commands.extend(stop_tripped(state, policy, trips, event.at))
    return commands


def on_cancelled(state: DeskState, policy: DeskPolicy, event: OrderCancelled) -> list[Command]:
    """The rest of the order is gone; where only silence says so, its cancel is asked for as well.

    Should the broker have left it out by mistake, it may not go on working while nobody counts it.
    """
    order = state.orders.get(event.order_id)
    ended = _ended(state, policy, event, Fact.CANCELLED, event.reason, event.market)
    if order is None or not event.reason.startswith(VANISHED) or not order.broker_order_id:
        return ended
    return [CancelOrder(event.at, event.order_id, order.broker_order_id, VANISHED), *ended]


def on_expired(state: DeskState, policy: DeskPolicy, event: OrderExpired) -> list[Command]:
    """The order's time is over."""
    return _ended(state, policy, event, Fact.EXPIRED, event.reason or "time in force ended", None)


def on_refused(state: DeskState, policy: DeskPolicy, event: OrderRefused) -> list[Command]:
    """The order does not work: the broker refused it, our last gate did, or it got lost."""
    reason = f"{event.code}: {event.reason}"
    if is_own(event.code):
        if event.order_id in state.doubts:  # only the broker ends a doubt
            return _alarm(event.at, "UNEXPECTED_FACT", reason, event.order_id)
        return _ended(state, policy, event, Fact.REJECTED, reason, None)
    order = state.orders.get(event.order_id)
    # What has traded once was no rejection, even if the exchange took all of it back.
    fact = Fact.CANCELLED if order is not None and order.fills else Fact.REJECTED
    commands = _ended(state, policy, event, fact, reason, None)
    code = NEVER_REACHED if event.code == NEVER_REACHED else "BROKER_REFUSED"
    commands.extend(_alarm(event.at, code, reason, event.order_id))
    if order is not None and order.ticket.destination:
        commands.extend(fall_back(state, policy, order, event))
    return commands


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
    settled: list[Command] = []
    if order.certainty is not CONFIRMED:
        settled = settle_doubt(state, order)
    ended = end(state, policy, order, event.at, reason, market)
    return [*ended, *settled, *watch_ended(state, policy, order, event.at)]


def on_in_doubt(state: DeskState, event: OrderInDoubt) -> list[Command]:
    """Nobody knows whether the broker has the order: keep its exposure, tell a person."""
    order = state.orders.get(event.order_id)
    if order is None:
        known = event.order_id in state.recent
        return [] if known else _unfit(None, event.at, event.order_id, "doubt")
    if order.status is not PENDING:
        return []  # the broker has spoken of it before
    doubt(state, order)
    return _alarm(event.at, "IN_DOUBT", event.reason, event.order_id)
