"""What the desk tells the rules and the breakers, and what follows when one of them trips."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from fillpath.core.commands import Command, RaiseAlarm
from fillpath.core.events import (
    AccountReported,
    AccountValued,
    MarketView,
    OperatorSeen,
    OrderFilled,
    SessionClosed,
    SessionOpened,
    VolatilitySeen,
)
from fillpath.core.models import OrderSide
from fillpath.core.units import DAY_NS
from fillpath.execution.desk.draft import Draft
from fillpath.execution.desk.placing import total_equity
from fillpath.execution.desk.splitting import shares_now
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.desk.stopping import stop_scope
from fillpath.execution.policy import DeskPolicy
from fillpath.risk import watching
from fillpath.risk.circuit_breaker import Trip, check_volatility, see_volatility
from fillpath.risk.kill_switch import ORDER_TO_TRADE, PNL_SHOCK, REPEATED_EXECUTION, Latch
from fillpath.risk.limits import RateLimits
from fillpath.risk.memory import AccountFacts
from fillpath.risk.walking import Traded, walk_filled
from fillpath.risk.watching import Filled

BY: Final = "breaker"
_BUY: Final = OrderSide.BUY


def stop_tripped(
    state: DeskState, policy: DeskPolicy, trips: tuple[Trip, ...], at: int
) -> list[Command]:
    """Latch what tripped; what is latched already is not told again."""
    commands: list[Command] = []
    for trip in trips:
        latch = _latch(state, policy.risk.rates, trip, at)
        if trip.code not in state.latches.kept.get(latch.key, ()):
            commands.extend(stop_scope(state, latch, at))
    return commands


def _latch(state: DeskState, rates: RateLimits, trip: Trip, at: int) -> Latch:
    until = 0
    if trip.code == ORDER_TO_TRADE:
        until = at + rates.order_to_trade_ns  # by then none of the messages counts any more
    elif trip.code == REPEATED_EXECUTION and rates.repeated_ends_with_day:
        midnight = (at // DAY_NS + 1) * DAY_NS
        until = min(state.closes_at or midnight, midnight)
    # A shock kills the account; whatever else trips lets exits leave.
    exits = trip.code != PNL_SHOCK
    return Latch(trip.text, BY, at, trip.scope, trip.name, trip.code, until, exits)


def watch_signal(
    state: DeskState, policy: DeskPolicy, at: int, market: MarketView
) -> list[Command]:
    """Value the account at the marks of this moment, unless the broker's reports do that."""
    memory = state.risk
    if memory.account.at:
        return []
    equity = total_equity(state, market)
    trips = watching.valued(memory.watched, at, equity, policy.risk)
    return stop_tripped(state, policy, trips, at) if trips else []


def watch_parent(state: DeskState, policy: DeskPolicy, draft: Draft) -> list[Command]:
    """Count an order that a strategy decided in a symbol; a trip stops this very one."""
    at, signal = draft.at, draft.signal
    strategy, symbol = signal.strategy_name, signal.symbol
    trips = watching.decided(state.risk.watched, strategy, symbol, at, policy.risk)
    return stop_tripped(state, policy, trips, at) if trips else []


def watch_ended(state: DeskState, policy: DeskPolicy, order: OrderState, at: int) -> list[Command]:
    """Count the messages that an order cost the broker, now that it has ended."""
    strategy = order.ticket.strategy_name
    messages = 1 + order.cancel_requested
    trips = watching.messaged(state.risk.watched, strategy, (at, messages), policy.risk)
    return stop_tripped(state, policy, trips, at) if trips else []


def watch_fill(
    state: DeskState, policy: DeskPolicy, order: OrderState | None, event: OrderFilled
) -> tuple[Trip, ...]:
    """Take an execution that has just been booked, whoever ordered it; return what it trips."""
    at, symbol, order_id = event.at, event.symbol, event.order_id
    quantity, price = event.quantity, event.price
    if order is not None and order.arrival_mid:  # a stop answers to no market
        window, mid = policy.risk.price.period_ns, order.arrival_mid >> 1
        traded = Traded(at, window, symbol, order_id, quantity, price, mid)
        walk_filled(state.risk.walks, traded)
    holding = state.book.holdings.get(symbol)
    held = 0 if holding is None else holding.quantity
    signed = quantity if event.side is _BUY else -quantity
    if state.splits:
        signed = shares_now(state, event)
    filled = Filled(
        at,
        event.traded_at,
        order_id,
        symbol,
        event.side,
        abs(signed),
        price,
        held - signed,
        "" if order is None else order.ticket.strategy_name,
        0 if order is None else order.expected,
    )
    return watching.executed(state.risk.watched, filled, policy.risk)


def watch_opened(state: DeskState, event: SessionOpened) -> None:
    """A session begins."""
    watching.session_opened(state.risk.watched, event.day, event.closes_at)


def watch_closed(state: DeskState, event: SessionClosed) -> None:
    """A session ends; the margin is that of the broker's last report."""
    level = state.risk.account.margin_excess
    watching.session_closed(state.risk.watched, event.at, level)


def report_handlers(
    state: DeskState, policy: DeskPolicy
) -> Mapping[type, Callable[[Any], list[Command]]]:
    """Return who takes what others report of the account and of the world around it."""
    return {
        AccountReported: partial(on_account, state, policy),
        AccountValued: partial(on_valued, state, policy),
        VolatilitySeen: partial(on_volatility, state, policy),
        OperatorSeen: partial(on_operator, state),
    }


def on_account(state: DeskState, policy: DeskPolicy, event: AccountReported) -> list[Command]:
    """The broker told how the account stands."""
    state.risk.account = AccountFacts(
        event.at,
        event.equity,
        event.settled_cash,
        event.day_trades_left,
        event.margin_excess,
        event.kind,
    )
    trips = watching.reported(state.risk.watched, event, policy.risk)
    return stop_tripped(state, policy, trips, event.at)


def on_valued(state: DeskState, policy: DeskPolicy, event: AccountValued) -> list[Command]:
    """What is held was valued: breakers look at it as they do at a signal."""
    state.equity = state.book.cash + event.long_value - event.short_value
    if state.risk.account.at:  # the broker's own reports are what they go by
        return []
    trips = watching.valued(state.risk.watched, event.at, state.equity, policy.risk)
    return stop_tripped(state, policy, trips, event.at)


def on_volatility(state: DeskState, policy: DeskPolicy, event: VolatilitySeen) -> list[Command]:
    """The volatility index became known or was lost; a change of what follows is told."""
    index, limits = state.risk.watched.volatility, policy.risk.breakers
    if not see_volatility(index, event.at, event.value, limits):
        return []
    trip = check_volatility(index, event.at, limits)
    text = "entries go on: the volatility index came down" if trip is None else trip.text
    return [RaiseAlarm(event.at, "VOLATILITY_INDEX", text)]


def on_operator(state: DeskState, event: OperatorSeen) -> list[Command]:
    """A person showed that somebody is there."""
    state.risk.watched.operator_at = event.at
    return []


__all__ = [
    "on_account",
    "on_operator",
    "on_valued",
    "on_volatility",
    "report_handlers",
    "stop_tripped",
    "watch_closed",
    "watch_ended",
    "watch_fill",
    "watch_opened",
    "watch_parent",
    "watch_signal",
]
