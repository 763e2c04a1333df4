"""Circuit breakers: numbers that run away stop the account, one strategy or one symbol.

Each is a small state and a pure step, which takes what became known and returns what has tripped. A
number that is missing trips whatever lives from it. Nothing here sets a latch, and nothing here
clears one: who clears a breaker is a person, unless its trip says that it ends with its day.
"""

from collections import deque
from typing import Final

from msgspec import Struct, field

from fillpath.core.models import OrderSide
from fillpath.core.units import BPS, NANOSECONDS, RATIO_SCALE, money_decimal
from fillpath.risk.kill_switch import (
    DAILY_LOSS,
    DRAWDOWN,
    EQUITY_UNKNOWN,
    ORDER_TO_TRADE,
    PNL_SHOCK,
    REPEATED_EXECUTION,
    SLIPPAGE_BREAKER,
    Scope,
)
from fillpath.risk.limits import BreakerLimits, RateLimits, RiskLimits

VOLATILITY: Final = "VOLATILITY_INDEX"
VOLATILITY_UNKNOWN: Final = "VOLATILITY_INPUT"
STALE_DATA: Final = "STALE_DATA"
OPERATOR_SILENT: Final = "OPERATOR_SILENT"

_BUY: Final = OrderSide.BUY
_STEPS: Final = 60
"""Into how many parts a window is cut where it would be too long to remember everything in it."""


class Trip(Struct, frozen=True, gc=False):
    """A breaker has gone off.

    Args:
        code: which one.
        scope: what has to stop.
        name: the strategy or symbol; empty for the account.
        text: one sentence with the numbers.
        limit: what was allowed, in the breaker's own unit.
        value: what was seen, in the same unit.
    """

    code: str
    scope: Scope
    name: str
    text: str
    limit: int = 0
    value: int = 0


class EquityMarks(Struct):
    """What equity is compared with (control C-25).

    Args:
        day: number of the session that ``start`` belongs to.
        start: equity at the start of that session, money units; None before any was known.
        peak: the highest equity that was seen, money units; None before any was known.
        last: the newest equity, money units; None while it is not known.
        moved: a person has booked something since, which is neither a profit nor a loss.
    """

    day: int = -1
    start: int | None = None
    peak: int | None = None
    last: int | None = None
    moved: bool = False


def mark_equity(
    marks: EquityMarks, equity: int | None, day: int, limits: RiskLimits
) -> tuple[Trip, ...]:
    """Take the newest equity and return what it trips; unknown equity trips too.

    A session starts with the last equity of the one before, so that a gap over night is a loss of
    the day that wakes up to it.
    """
    if day != marks.day:
        marks.day = day
        marks.start = marks.last
    if equity is None or equity <= 0:
        said = "unknown" if equity is None else f"{money_decimal(equity)}"
        marks.last = None
        return (Trip(EQUITY_UNKNOWN, Scope.ACCOUNT, "", f"equity must be above 0, it is {said}"),)
    if marks.moved:
        _shift(marks, equity)
    marks.last = equity
    start, peak = marks.start, marks.peak
    if start is None:
        start = marks.start = equity
    if peak is None or peak < equity:
        peak = marks.peak = equity
    daily, drawdown = limits.max_daily_loss, limits.max_drawdown
    scaled = equity * RATIO_SCALE
    if scaled > start * (RATIO_SCALE - daily) and scaled > peak * (RATIO_SCALE - drawdown):
        return ()
    losses = (
        (DAILY_LOSS, "the start of the session", start, daily),
        (DRAWDOWN, "the peak", peak, drawdown),
    )
    return tuple(
        trip
        for code, since, base, share in losses
        if (trip := _lost(code, since, (base, equity), share)) is not None
    )


def _lost(code: str, since: str, values: tuple[int, int], share: int) -> Trip | None:
    base, equity = values
    if equity * RATIO_SCALE > base * (RATIO_SCALE - share):
        return None
    least = base * (RATIO_SCALE - share) // RATIO_SCALE
    text = (
        f"equity {money_decimal(equity)} has reached {money_decimal(least)}, which is "
        f"{_percent(share)} % below {since}"
    )
    return Trip(code, Scope.ACCOUNT, "", text, least, equity)


def _shift(marks: EquityMarks, equity: int) -> None:
    """Take the difference to the equity before as what a person has booked meanwhile."""
    marks.moved = False
    if marks.last is None:
        return
    change = equity - marks.last
    marks.start = None if marks.start is None else marks.start + change
    marks.peak = None if marks.peak is None else marks.peak + change


def rebase(marks: EquityMarks) -> None:
    """Measure from the present equity on: a person has looked at the loss and goes on."""
    marks.start = marks.peak = marks.last


def _percent(share: int) -> str:
    return f"{share * 100 / RATIO_SCALE:g}"


class Shock(Struct):
    """The highest profits of the last minute, falling (control A-17).

    Args:
        highs: (first moment, last moment, profit in money units), each lower than the one before.
    """

    highs: deque[tuple[int, int, int]] = field(default_factory=deque)


def shock(
    state: Shock, at: int, profit: int, most: int, window_ns: int = 60 * NANOSECONDS
) -> Trip | None:
    """Take realised plus unrealised profit and return a trip when it has dropped by too much.

    Profits that come within a sixtieth of the window are remembered as the highest of them, which
    may hold a high for that much longer and never for less.

    Args:
        state: what was seen before.
        at: nanoseconds UTC.
        profit: of everything so far, money units.
        most: the largest drop within the window that is allowed, money units.
        window_ns: the window, nanoseconds.
    """
    highs = state.highs
    while highs and highs[0][1] < at - window_ns:
        highs.popleft()
    while highs and highs[-1][2] <= profit:
        highs.pop()
    if highs and at - highs[-1][0] < window_ns // _STEPS:
        first, _, high = highs[-1]
        highs[-1] = (first, at, high)
    else:
        highs.append((at, at, profit))
    dropped = highs[0][2] - profit
    if dropped <= most:
        return None
    text = (
        f"profit dropped by {money_decimal(dropped)} within {window_ns // NANOSECONDS} s, "
        f"{money_decimal(most)} is allowed"
    )
    return Trip(PNL_SHOCK, Scope.ACCOUNT, "", text, most, dropped)


def signed_slippage(side: OrderSide, reference: int, price: int) -> int:
    """Return the cost of a fill against its reference as a ratio of 1e-8, rounded up.

    Args:
        side: BUY or SELL.
        reference: price meant to be paid, price units, above 0.
        price: price paid, price units.
    """
    better = reference - price if side is _BUY else price - reference
    return -(better * RATIO_SCALE // reference)


class Slippages(Struct):
    """The newest signed slippages of one strategy (control A-07).

    Args:
        newest: ratios of 1e-8, oldest first.
        total: their sum.
    """

    newest: deque[int] = field(default_factory=deque)
    total: int = 0


def slipped(state: Slippages, strategy: str, slippage: int, limits: BreakerLimits) -> Trip | None:
    """Take the slippage of one fill and return a trip when the mean of the last ones is too high.

    Fewer fills than are looked at trip nothing, and an improvement counts as much as a cost.
    """
    fills = limits.slippage_fills
    state.newest.append(slippage)
    state.total += slippage
    while len(state.newest) > fills:
        state.total -= state.newest.popleft()
    most = limits.slippage * fills
    if not fills or len(state.newest) < fills or state.total <= most:
        return None
    mean = state.total * BPS / (RATIO_SCALE * fills)
    text = (
        f"the last {fills} fills cost {mean:.2f} bps in the mean, {limits.slippage_bps} are allowed"
    )
    return Trip(SLIPPAGE_BREAKER, Scope.STRATEGY, strategy, text, most, state.total)


class Repeats(Struct):
    """When one strategy last decided orders in one symbol (control C-24).

    Args:
        times: nanoseconds UTC, oldest first.
    """

    times: deque[int] = field(default_factory=deque)


def repeated(state: Repeats, name: tuple[str, str], at: int, limits: RateLimits) -> Trip | None:
    """Take one parent order and return a trip when there were too many within the window.

    Args:
        state: what was seen before.
        name: strategy and symbol.
        at: nanoseconds UTC.
        limits: how many are allowed in which time; one that is exactly so old is outside.
    """
    most = limits.repeated_count
    if not most:
        return None
    times = state.times
    times.append(at)
    while times[0] <= at - limits.repeated_ns or len(times) > most + 1:
        times.popleft()
    if len(times) <= most:
        return None
    strategy, symbol = name
    text = (
        f"more than {most} orders of {strategy or 'no strategy'} in {symbol} within "
        f"{limits.repeated_ns // NANOSECONDS} s"
    )
    return Trip(REPEATED_EXECUTION, Scope.STRATEGY, strategy, text, most, len(times))


class Traffic(Struct):
    """Messages sent and executions made, in parts of the window (control A-15).

    Args:
        parts: (number of the part, messages, executions), oldest first.
        messages: of all parts.
        executions: of all parts.
    """

    parts: deque[tuple[int, int, int]] = field(default_factory=deque)
    messages: int = 0
    executions: int = 0


class Count(Struct, frozen=True, gc=False):
    """What went out or came in at once.

    Args:
        messages: new orders, changes and cancels.
        executions: fills.
    """

    messages: int = 0
    executions: int = 0


def sent(state: Traffic, strategy: str, at: int, count: Count, limits: RateLimits) -> Trip | None:
    """Take what went out or came in; return a trip when it is too many messages for its fills.

    A window without any execution is judged as if it had one.
    """
    _count(state, at // (limits.order_to_trade_ns // _STEPS or 1), count)
    most = limits.order_to_trade
    if not most or not count.messages:
        return None
    allowed = most * (state.executions or 1)
    if state.messages <= allowed:
        return None
    text = (
        f"{state.messages} orders and cancels for {state.executions} executions within "
        f"{limits.order_to_trade_ns // NANOSECONDS} s, {allowed} are allowed"
    )
    return Trip(ORDER_TO_TRADE, Scope.STRATEGY, strategy, text, allowed, state.messages)


def _count(state: Traffic, part: int, count: Count) -> None:
    parts = state.parts
    while parts and parts[0][0] <= part - _STEPS:
        _, messages, executions = parts.popleft()
        state.messages -= messages
        state.executions -= executions
    more, done = count.messages, count.executions
    if parts and parts[-1][0] >= part:
        number, messages, executions = parts[-1]
        parts[-1] = (number, messages + more, executions + done)
    else:
        parts.append((part, more, done))
    if more:
        state.messages += more
    if done:
        state.executions += done


class VolatilityIndex(Struct):
    """The last known volatility index, and whether entries are stopped because of it.

    Args:
        value: index points of 1e-8; None while it is not known.
        at: nanoseconds UTC.
        stopped: whether it has gone above its limit and not come down far enough since.
    """

    value: int | None = None
    at: int = 0
    stopped: bool = False


def see_volatility(
    state: VolatilityIndex, at: int, value: int | None, limits: BreakerLimits
) -> bool:
    """Take a new index and return whether that starts or ends a stop; None makes it unknown."""
    state.value = value if value is not None and value > 0 else None
    state.at = at
    before = state.stopped
    if state.value is not None:
        state.stopped = state.value > (
            limits.volatility_clear_units if before else limits.volatility_index_units
        )
    return state.stopped is not before


def check_volatility(state: VolatilityIndex, at: int, limits: BreakerLimits) -> Trip | None:
    """Return why no entry may leave, or None; a stop outlasts an index that is lost."""
    value = state.value
    if state.stopped:
        said = "unknown" if value is None else _points(value)
        text = (
            f"the volatility index went above {_points(limits.volatility_index_units)}; it is {said}, and entries "
            f"go on at {_points(limits.volatility_clear_units)}"
        )
        return Trip(VOLATILITY, Scope.ACCOUNT, "", text, limits.volatility_index_units, value or 0)
    known = value is not None and 0 <= at - state.at <= limits.volatility_ns
    if limits.volatility_required and not known:
        text = (
            f"the volatility index must be known and {limits.volatility_ns // NANOSECONDS} s old "
            "at most"
        )
        return Trip(VOLATILITY_UNKNOWN, Scope.ACCOUNT, "", text)
    return None


def _points(value: int) -> str:
    return f"{value / RATIO_SCALE:g}"


def silence(at: int, last_at: int, opened_at: int, most_ns: int) -> Trip | None:
    """Return a trip when the feed has said nothing for too long while the session was open.

    Args:
        at: nanoseconds UTC.
        last_at: when it last said anything, 0 for never.
        opened_at: when the session opened; 0 while it is closed, when nobody has to speak.
        most_ns: how long it may be silent.
    """
    since = max(last_at, opened_at)
    if not opened_at or at - since <= most_ns:
        return None
    text = f"no market data for {(at - since) // NANOSECONDS} s, {most_ns // NANOSECONDS} s are allowed"
    return Trip(STALE_DATA, Scope.ACCOUNT, "", text, most_ns, at - since)


def check_operator(at: int, seen_at: int, most_ns: int) -> Trip | None:
    """Return why no entry may leave while no person has acted for too long, or None.

    Args:
        at: nanoseconds UTC.
        seen_at: when a person last did anything, 0 for never.
        most_ns: how long that may be ago; 0 when nobody has to be there.
    """
    if not most_ns or at - seen_at <= most_ns:
        return None
    hours = most_ns / (3_600 * NANOSECONDS)
    text = f"no person has acted for more than {hours:g} hours; any act lets entries go on"
    return Trip(OPERATOR_SILENT, Scope.ACCOUNT, "", text, most_ns, at - seen_at)
