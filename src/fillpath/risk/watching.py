"""From facts to what the rules and breakers remember, and to what has tripped."""

from typing import Final

from msgspec import Struct

from fillpath.core.models import OrderSide
from fillpath.core.reports import AccountReported
from fillpath.core.units import DAY_NS, NANOSECONDS, RATIO_SCALE
from fillpath.risk.circuit_breaker import (
    Count,
    Repeats,
    Shock,
    Slippages,
    Traffic,
    Trip,
    mark_equity,
    rebase,
    repeated,
    sent,
    shock,
    signed_slippage,
    slipped,
)
from fillpath.risk.intraday_margin import MarginRules, day_ended, reduced
from fillpath.risk.kill_switch import (
    DAILY_LOSS,
    DRAWDOWN,
    EQUITY_UNKNOWN,
    ORDER_TO_TRADE,
    PNL_SHOCK,
    REPEATED_EXECUTION,
    SLIPPAGE_BREAKER,
    Latch,
)
from fillpath.risk.limits import RiskLimits
from fillpath.risk.pdt_guard import BrokerWord, Execution, book, report
from fillpath.risk.watched import Watched

MARGIN: Final = MarginRules()
MARKS_NS: Final = 60 * NANOSECONDS
"""After a split or dividend the marks are of the old price until the symbol is quoted again."""
_THURSDAY: Final = 3
_WEEK: Final = 7
_FRIDAY: Final = 4
_WORKING_DAYS: Final = 5
_ENDED: Final = 4

NO_TRIPS: Final[tuple[Trip, ...]] = ()
_EXECUTION: Final = Count(executions=1)
_BUY: Final = OrderSide.BUY


def weekday_number(at: int) -> int:
    """Return a number of the day in UTC that counts Mondays to Fridays; a weekend is its Friday."""
    weeks, rest = divmod(at // DAY_NS + _THURSDAY, _WEEK)
    return weeks * _WORKING_DAYS + min(rest, _FRIDAY)


def day_now(watched: Watched, at: int) -> int:
    """Return the number of the session at ``at``; of the weekday where nobody tells sessions."""
    return watched.day or weekday_number(at)


def day_of(watched: Watched, traded_at: int) -> int:
    """Return the number of the session in which something was traded, told now or late."""
    if not watched.day:
        return weekday_number(traded_at)
    for number, closed_at in watched.ended:
        if traded_at <= closed_at:
            return number
    return watched.day


def session_opened(watched: Watched, day: int, closes_at: int) -> None:
    """Begin a session; one that is told again changes nothing.

    Numbers that go back are those of another calendar: what was counted by the old ones is gone.
    """
    if day and day != watched.day:
        if day < max(watched.trades.sessions, default=0) or not watched.day:
            watched.trades.sessions.clear()
            watched.ended.clear()
        elif watched.closes_at:
            watched.ended.append((watched.day, watched.closes_at))
            if len(watched.ended) > _ENDED:
                watched.ended.popleft()
        watched.day = day
    watched.closes_at = closes_at


def session_closed(watched: Watched, at: int, level: int | None) -> None:
    """End a session: margin deficits are met, missed or lapse by the level at its end."""
    if watched.deficits.outstanding or watched.deficits.frozen_until:
        day_ended(watched.deficits, day_now(watched, at), at, level, MARGIN)


class Filled(Struct, frozen=True, gc=False):
    """What a booked execution brings.

    Args:
        at: nanoseconds UTC when it was learned.
        traded_at: nanoseconds UTC when it was made.
        order_id: its order.
        symbol: ticker.
        side: BUY or SELL.
        quantity: quantity units.
        price: price units.
        held_before: what the account held before it, signed quantity units.
        strategy: the strategy behind it; empty when nobody knows.
        reference: price that was meant to be paid, price units; 0 when nobody knows.
    """

    at: int
    traded_at: int
    order_id: str
    symbol: str
    side: OrderSide
    quantity: int
    price: int
    held_before: int
    strategy: str = ""
    reference: int = 0


def executed(watched: Watched, filled: Filled, limits: RiskLimits) -> tuple[Trip, ...]:
    """Take an execution: count day trades, slippage and trades for messages."""
    signed = filled.quantity if filled.side is _BUY else -filled.quantity
    held = filled.held_before
    day = day_of(watched, filled.traded_at)
    book(watched.trades, Execution(filled.symbol, signed, day, held, filled.order_id))
    if held * signed >= 0 or abs(signed) > abs(held):
        watched.added = True
    traffic = _traffic(watched, filled.strategy)
    sent(traffic, filled.strategy, filled.at, _EXECUTION, limits.rates)
    if not filled.reference:
        return NO_TRIPS  # nobody knows what it should have cost
    state = watched.slippages.get(filled.strategy)
    if state is None:
        state = watched.slippages[filled.strategy] = Slippages()
    cost = signed_slippage(filled.side, filled.reference, filled.price)
    trip = slipped(state, filled.strategy, cost, limits.breakers)
    return NO_TRIPS if trip is None else (trip,)


def messaged(
    watched: Watched, strategy: str, told: tuple[int, int], limits: RiskLimits
) -> tuple[Trip, ...]:
    """Take so many messages of a strategy: ``told`` is when, nanoseconds UTC, and how many."""
    at, messages = told
    trip = sent(_traffic(watched, strategy), strategy, at, Count(messages), limits.rates)
    return NO_TRIPS if trip is None else (trip,)


def _traffic(watched: Watched, strategy: str) -> Traffic:
    state = watched.traffic.get(strategy)
    if state is None:
        state = watched.traffic[strategy] = Traffic()
    return state


def decided(
    watched: Watched, strategy: str, symbol: str, at: int, limits: RiskLimits
) -> tuple[Trip, ...]:
    """Take a parent order that risk has approved; a trip stops the ones after it."""
    key = (strategy, symbol)
    state = watched.repeats.get(key)
    if state is None:
        state = watched.repeats[key] = Repeats()
    trip = repeated(state, key, at, limits.rates)
    return NO_TRIPS if trip is None else (trip,)


def works(watched: Watched, symbol: str, change: int) -> None:
    """Count an opening order in (1) or out (-1)."""
    count = watched.opening.get(symbol, 0) + change
    if count > 0:
        watched.opening[symbol] = count
    else:
        watched.opening.pop(symbol, None)


def valued(watched: Watched, at: int, equity: int | None, limits: RiskLimits) -> tuple[Trip, ...]:
    """Take the newest equity and return what it trips."""
    if at < watched.settled_at:
        return NO_TRIPS
    marks = watched.marks
    if marks.moved:
        watched.shock = Shock()
    trips = mark_equity(marks, equity, watched.day or weekday_number(at), limits)
    if equity is None or marks.start is None:
        return trips
    breakers = limits.breakers
    most = marks.start * breakers.pnl_shock // RATIO_SCALE
    sudden = shock(watched.shock, at, equity, most, breakers.pnl_shock_ns)
    return trips if sudden is None else (*trips, sudden)


def await_marks(watched: Watched, at: int) -> None:
    """Wait until the marks know of a split or a dividend."""
    watched.settled_at = at + MARKS_NS


def reported(watched: Watched, event: AccountReported, limits: RiskLimits) -> tuple[Trip, ...]:
    """Take the broker's report on the account."""
    day = day_now(watched, event.at)
    word = BrokerWord(event.at, day, event.day_trades_left, event.margin_excess)
    report(watched.trades, word, limits.pdt_guard)
    if watched.added and event.margin_excess is not None:
        reduced(watched.deficits, day, event.margin_excess, event.equity, MARGIN)
        watched.added = False
    return valued(watched, event.at, event.equity, limits)


def forgive(watched: Watched, latch: Latch) -> None:
    """A latch is gone: what had set it begins anew, so that it does not come back at once."""
    code, strategy = latch.code, latch.target
    if code in {DAILY_LOSS, DRAWDOWN, EQUITY_UNKNOWN}:
        rebase(watched.marks)
    elif code == PNL_SHOCK:
        watched.shock = Shock()
    elif code == SLIPPAGE_BREAKER:
        watched.slippages.pop(strategy, None)
    elif code == ORDER_TO_TRADE:
        watched.traffic.pop(strategy, None)
    elif code == REPEATED_EXECUTION:
        for key in [known for known in watched.repeats if known[0] == strategy]:
            del watched.repeats[key]


__all__ = [
    "NO_TRIPS",
    "Filled",
    "await_marks",
    "day_now",
    "day_of",
    "decided",
    "executed",
    "forgive",
    "messaged",
    "reported",
    "session_closed",
    "session_opened",
    "valued",
    "weekday_number",
    "works",
]
