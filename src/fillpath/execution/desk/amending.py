"""What comes after an execution: commission, corrections, busts, dividends, what a person books.

The highest revision of an execution is true, whatever the order of arrival; news of an execution
that has not come yet waits for it. An order stays correctable while it is remembered: the working
ones and the last ``RECENT_ORDERS`` that ended. News of an older one raises ``CORRECTION_TOO_LATE``.

An order that the exchange has executed once in full never works again, however much of it is taken
back: its end is FILLED while all of it stands, else CANCELLED with what does.
"""

from typing import Final

from msgspec.structs import replace

from fillpath.core.commands import Command, FillRevised, RaiseAlarm
from fillpath.core.events import (
    CommissionReported,
    DividendPaid,
    FillCorrected,
    OrderFilled,
    PositionAdjusted,
)
from fillpath.core.models import OrderStatus
from fillpath.core.units import money_decimal, price_decimal, quantity_decimal
from fillpath.execution.desk.book import anchor_stop, change_working, move_position
from fillpath.execution.desk.correcting import correct
from fillpath.execution.desk.ending import closed, end, measured
from fillpath.execution.desk.latching import quarantine
from fillpath.execution.desk.state import DeskState, OrderState, Revision
from fillpath.execution.desk.working import shrink_working
from fillpath.execution.lifecycle import Fact, advance, fill_path
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.watching import await_marks

EARLY_NEWS: Final = 4_096
REVISIONS: Final = 65_536
COMMISSION: Final = "commission"
"""Reason of a revision that changed nothing but what an execution cost."""
WORKING: Final = frozenset({OrderStatus.SUBMITTED, OrderStatus.PARTIALLY_FILLED})
News = CommissionReported | FillCorrected


def on_commission(state: DeskState, policy: DeskPolicy, event: CommissionReported) -> list[Command]:
    """What an execution cost; the execution itself was booked without waiting for that."""
    del policy
    order, was = _find(state, event)
    number = _known(state, was).number
    if was is None or event.revision > number:
        return _wait(state, event)
    if event.revision < number or event.commission == was.commission:
        return []
    now = replace(was, commission=event.commission)
    _replace(state, order, was, now)
    commands: list[Command] = [FillRevised(event.at, now, number, COMMISSION)]
    if order is not None and now.order_id in state.recent:
        commands.append(closed(order, event.at, order.reason))
    return commands


def on_corrected(state: DeskState, policy: DeskPolicy, event: FillCorrected) -> list[Command]:
    """An execution is another one now, or none."""
    order, was = _find(state, event)
    if was is None:
        return _wait(state, event)
    known = _known(state, was)
    now = was
    if event.revision > known.number:
        price = event.price if event.quantity else was.price
        now = replace(was, quantity=event.quantity, price=price, commission=event.commission)
    peak = max(known.peak, event.quantity)
    _remember(state, event.fill_id, Revision(max(known.number, event.revision), peak))
    shortfall = (peak - now.quantity) - (known.peak - was.quantity)
    commands: list[Command] = []
    if now is not was:
        commands = _said(event, now)
    if order is None:
        correct(state, "", was, now)
        _replace(state, None, was, now)
    elif shortfall or now is not was:
        commands.extend(_restated(state, policy, order, (was, now, shortfall), event))
    commands.extend(take_early(state, policy, event.fill_id, event.at))
    return commands


def take_early(state: DeskState, policy: DeskPolicy, fill_id: str, at: int) -> list[Command]:
    """Apply the news that came before the execution (or the revision) it is about."""
    commands: list[Command] = []
    for news in state.early.pop(fill_id, ()):
        if isinstance(news, FillCorrected):
            commands.extend(on_corrected(state, policy, replace(news, at=at)))
        else:
            commands.extend(on_commission(state, policy, replace(news, at=at)))
    return commands


def on_adjusted(state: DeskState, event: PositionAdjusted) -> list[Command]:
    """A person books what no execution explains."""
    book = state.book
    if event.quantity:
        move_position(book, event.symbol, "", event.quantity, event.price)
    book.cash += event.cash
    watched = state.risk.watched
    watched.marks.moved = True
    watched.operator_at = event.at
    shares, paid = quantity_decimal(event.quantity), price_decimal(event.price)
    cash = f" and {money_decimal(event.cash):f} in cash" if event.cash else ""
    text = f"{shares:f} {event.symbol} at {paid:f}{cash} booked by {event.by}: {event.reason}"
    return [RaiseAlarm(event.at, "POSITION_ADJUSTED", text)]


def on_dividend(state: DeskState, event: DividendPaid) -> list[Command]:
    """Cash for what was held; the price falls by as much, so that it is neither gain nor booking."""
    if event.ex_date <= state.dividends.get(event.symbol, ""):
        return []
    state.dividends[event.symbol] = event.ex_date
    if event.quantity:
        state.book.cash += event.quantity * event.per_share
        await_marks(state.risk.watched, event.at)
    return []


def _find(state: DeskState, event: News) -> tuple[OrderState | None, OrderFilled | None]:
    order = state.orders.get(event.order_id) or state.recent.get(event.order_id)
    fills = state.foreign if order is None else order.fills
    return order, fills.get(event.fill_id)


def _known(state: DeskState, was: OrderFilled | None) -> Revision:
    if was is None:
        return Revision(0, 0)
    return state.revisions.get(was.fill_id) or Revision(0, was.quantity)


def _remember(state: DeskState, fill_id: str, revision: Revision) -> None:
    state.revisions[fill_id] = revision
    if len(state.revisions) > REVISIONS:
        del state.revisions[next(iter(state.revisions))]


def _wait(state: DeskState, event: News) -> list[Command]:
    """Keep news for the execution that it is about; say so, unless only its price is missing."""
    fill_id = event.fill_id
    if fill_id in state.forgotten:
        text = f"{fill_id} is too old to be corrected here; book an adjustment"
        return [RaiseAlarm(event.at, "CORRECTION_TOO_LATE", text, event.order_id)]
    waiting = state.early.setdefault(fill_id, [])
    if event not in waiting:
        waiting.append(event)
    if len(state.early) > EARLY_NEWS:
        del state.early[next(iter(state.early))]
    if isinstance(event, CommissionReported):
        return []
    text = f"a correction of {fill_id}, which has not come"
    return [RaiseAlarm(event.at, "EARLY_CORRECTION", text, event.order_id)]


def _said(event: FillCorrected, now: OrderFilled) -> list[Command]:
    code = "FILL_CORRECTED" if now.quantity else "FILL_BUSTED"
    shares = quantity_decimal(now.quantity)
    text = f"{event.fill_id} is {shares:f} shares now: {event.reason or 'no reason given'}"
    return [
        FillRevised(event.at, now, event.revision, event.reason),
        RaiseAlarm(event.at, code, text, event.order_id),
    ]


def _replace(
    state: DeskState, order: OrderState | None, was: OrderFilled, now: OrderFilled
) -> None:
    """Keep the execution as it is now, and pay the difference in commission."""
    change = now.commission - was.commission
    state.book.cash -= change
    state.book.commission += change
    if order is None:
        state.foreign[now.fill_id] = now
    else:
        order.fills[now.fill_id] = now
        order.commission += change


def _restated(
    state: DeskState,
    policy: DeskPolicy,
    order: OrderState,
    change: tuple[OrderFilled, OrderFilled, int],
    event: FillCorrected,
) -> list[Command]:
    """Move an order of ours from what it was to what it is."""
    was, now, shortfall = change
    ticket = order.ticket
    works = ticket.order_id in state.orders
    before = order.remaining
    more = now.quantity - was.quantity
    correct(state, ticket.strategy_name, was, now)
    _replace(state, order, was, now)
    order.filled += more
    order.value += now.quantity * now.price - was.quantity * was.price
    order.shortfall += shortfall
    if works:
        change_working(state.book, order, order.remaining - before)
    if not order.reduces:
        anchor_stop(state.book, ticket.symbol, ticket.side, policy.sizing.stop_distance)
    parent = state.parents.get(ticket.parent_id)
    if parent is not None:
        parent.filled += more
    _step(order, more)
    return _consequences(state, policy, order, event, works=works)


def _step(order: OrderState, more: int) -> None:
    """Move the status along what the correction implies."""
    ordered = order.ticket.quantity
    facts: tuple[Fact, ...] = ()
    if more > 0:
        facts = fill_path(order.status, ordered, order.filled)
    elif more < 0 and order.filled < ordered:
        facts = (Fact.CORRECTED_DOWN if order.filled else Fact.BUSTED,)
    for fact in facts:
        order.status = advance(order.status, fact) or order.status
    complete(order)


def complete(order: OrderState) -> None:
    """End an order that was executed in full once, and of which a part was taken back."""
    executed = order.filled + order.shortfall
    if order.status in WORKING and executed >= order.ticket.quantity:
        order.status = advance(order.status, Fact.CANCELLED) or order.status


def _consequences(
    state: DeskState,
    policy: DeskPolicy,
    order: OrderState,
    event: FillCorrected,
    *,
    works: bool,
) -> list[Command]:
    commands: list[Command] = []
    ticket = order.ticket
    reason = f"corrected: {event.reason}" if event.reason else "corrected"
    if works and order.status.is_terminal:
        commands.extend(end(state, policy, order, event.at, reason, None))
    elif not works:
        commands.extend((closed(order, event.at, reason), measured(order)))
    commands.extend(shrink_working(state, ticket.parent_id, event.at))
    if order.filled > ticket.quantity:
        commands.extend(overfill(state, order, event.at))
    return commands


def overfill(state: DeskState, order: OrderState, at: int) -> list[Command]:
    """Tell of an order that was filled beyond its size, and latch its symbol."""
    ticket = order.ticket
    filled, asked = quantity_decimal(order.filled), quantity_decimal(ticket.quantity)
    text = f"filled {filled:f} of {asked:f} shares"
    alarm = RaiseAlarm(at, "OVERFILL", text, ticket.order_id)
    return [alarm, *quarantine(state, ticket.symbol, f"OVERFILL: {ticket.order_id}", at)]
