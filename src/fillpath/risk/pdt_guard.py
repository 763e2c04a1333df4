"""The day-trade guard: how many round trips of one day an account makes, and how many it may.

FINRA's rule of 2001 (4210(f)(8)(B), gone since 2026-06-04 and still applied by brokers until
2027-10-20) allows an account below 25,000 three day trades within five business days. Exits are
always allowed, so only an opening leg can be refused, and it is refused while the exits that it and
the other openings of the day may need could make one day trade too many.
"""

from collections import deque
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from fillpath.core.units import money_decimal
from fillpath.risk.limits import DayTradeCounting, DayTradeLimits, DayTradeRegime

DAY_TRADES: Final = "DAY_TRADES"
INPUT: Final = "CTRL_30_INPUT"
UNLIMITED: Final = -1
"""What a broker says of an account that it does not limit."""
KEPT_SESSIONS: Final = 25
"""How many sessions are remembered: the longest window, and some for executions told late."""


class Execution(Struct, frozen=True, gc=False):
    """What the count needs of one booked execution.

    Args:
        symbol: ticker.
        quantity: quantity units, negative for a sale.
        day: number of its exchange session; sessions that follow each other differ by one.
        held_before: what the account held before it, signed quantity units.
        order_id: its order; executions of one order open once.
    """

    symbol: str
    quantity: int
    day: int
    held_before: int
    order_id: str = ""


class Opening(Struct):
    """What one order opened today.

    Args:
        order_id: the order, empty when that is not known.
        left: what is not closed yet, quantity units.
        counted: whether a part of it was closed today.
    """

    order_id: str
    left: int
    counted: bool = False


class Trades(Struct):
    """What happened in one symbol on one day.

    Args:
        overnight: what is left of the position of yesterday, as long as nothing was added to it;
            closing that is no day trade. Signed quantity units.
        held: what the account holds, signed quantity units.
        run: 1 while purchases follow each other, -1 while sales do, 0 before the first.
        counted: whether this run has made a day trade already.
        changes: day trades by changes of direction.
        orders: day trades by opening orders.
        openings: what was opened today and is still held, oldest first.
    """

    overnight: int = 0
    held: int = 0
    run: int = 0
    counted: bool = False
    changes: int = 0
    orders: int = 0
    openings: deque[Opening] = field(default_factory=deque)


class BrokerWord(Struct, frozen=True, gc=False):
    """What the broker itself said about day trades.

    Args:
        at: nanoseconds UTC.
        day: number of the session in which it was said.
        remaining: day trades left, -1 for no limit; None when it does not say.
        excess: its intraday margin excess, money units; None when it does not say.
        counted: day trades of the window that were known here at that moment.
    """

    at: int
    day: int
    remaining: int | None = None
    excess: int | None = None
    counted: int = 0


class DayTrades(Struct):
    """All that the guard remembers.

    Args:
        sessions: what happened by session and symbol, oldest first, bounded.
        word: what the broker said last; None before it said anything.
    """

    sessions: dict[int, dict[str, Trades]] = field(default_factory=dict)
    word: BrokerWord | None = None


class Entry(Struct, frozen=True, gc=False):
    """An opening leg that asks to be let through.

    Args:
        symbol: ticker.
        at: nanoseconds UTC.
        day: number of the present session.
        equity: of the account, money units; None when it is not known.
        working: symbols of the other opening orders that may still fill, one for each order.
    """

    symbol: str
    at: int
    day: int
    equity: int | None
    working: tuple[str, ...] = ()


class Blocked(Struct, frozen=True, gc=False):
    """Why an opening leg may not leave.

    Args:
        code: ``DAY_TRADES`` or ``CTRL_30_INPUT``.
        text: one sentence with the numbers.
        limit: day trades allowed.
        value: day trades that it could come to.
    """

    code: str
    text: str
    limit: int = 0
    value: int = 0


def book(state: DayTrades, execution: Execution) -> None:
    """Count one execution; one of a session that is no longer remembered changes nothing."""
    today = state.sessions.get(execution.day)
    if today is None:
        today = _session(state.sessions, execution.day)
        if today is None:
            return
    trades = today.get(execution.symbol)
    if trades is None:
        trades = today[execution.symbol] = Trades(overnight=execution.held_before)
    _trade(trades, execution)


def _session(sessions: dict[int, dict[str, Trades]], day: int) -> dict[str, Trades] | None:
    """Return a session that nothing was counted of yet; None where it is no longer remembered."""
    if day <= max(sessions, default=day) - KEPT_SESSIONS:
        return None
    begun: dict[str, Trades] = {}
    sessions[day] = begun
    for old in [known for known in sessions if known <= day - KEPT_SESSIONS]:
        del sessions[old]
    return begun


def _trade(trades: Trades, execution: Execution) -> None:
    quantity, held = execution.quantity, execution.held_before
    direction = 1 if quantity > 0 else -1
    if direction != trades.run:
        trades.run = direction
        trades.counted = False
    if quantity and held * quantity >= 0:  # it only opens or adds
        trades.overnight = 0  # the position of yesterday is no longer sold before any new purchase
        trades.held = held + quantity
        _open(trades, execution.order_id, abs(quantity))
        return
    # A split or a person may have moved the position meanwhile.
    kept = min(abs(trades.overnight), abs(held)) if trades.overnight * held > 0 else 0
    closing = min(abs(quantity), abs(held)) if held * quantity < 0 else 0
    opening = abs(quantity) - closing
    of_today = max(closing - kept, 0)
    kept -= closing - of_today
    trades.overnight = kept if held > 0 else -kept
    trades.held = held + quantity
    if of_today and not trades.counted:
        trades.changes += 1
        trades.counted = True
    _close(trades, of_today)
    if opening:
        _open(trades, execution.order_id, opening)


def _close(trades: Trades, quantity: int) -> None:
    """Take what was closed from the openings of today, the oldest one first."""
    openings = trades.openings
    while quantity and openings:
        opening = openings[0]
        if not opening.counted:
            opening.counted = True
            trades.orders += 1
        taken = min(quantity, opening.left)
        quantity -= taken
        opening.left -= taken
        if not opening.left:
            openings.popleft()


def _open(trades: Trades, order_id: str, quantity: int) -> None:
    last = trades.openings[-1] if trades.openings else None
    if last is not None and order_id and last.order_id == order_id:
        last.left += quantity
    else:
        trades.openings.append(Opening(order_id, quantity))


def day_trades(state: DayTrades, day: int, rules: DayTradeLimits) -> int:
    """Return the day trades of the window that ends with session ``day``."""
    return sum(
        _made(trades, rules.counting)
        for session, symbols in state.sessions.items()
        if day - rules.window_sessions < session <= day
        for trades in symbols.values()
    )


def _made(trades: Trades, counting: DayTradeCounting) -> int:
    return trades.changes if counting is DayTradeCounting.DIRECTION_CHANGES else trades.orders


def would_be_day_trade(state: DayTrades, execution: Execution, rules: DayTradeLimits) -> bool:
    """Return whether an execution would make a day trade; it is not booked."""
    known = state.sessions.get(execution.day, {}).get(execution.symbol)
    before = Trades(overnight=execution.held_before) if known is None else known
    openings = deque(replace(opening) for opening in before.openings)
    after = replace(before, openings=openings)
    made = _made(before, rules.counting)
    _trade(after, execution)
    return _made(after, rules.counting) > made


def _outstanding(trades: Trades, counting: DayTradeCounting) -> int:
    """Return the day trades that closing the position now would make."""
    if counting is DayTradeCounting.OPENING_ORDERS:
        return sum(not opening.counted for opening in trades.openings)
    if not trades.held or trades.overnight:
        return 0
    closes = trades.run * trades.held < 0
    return 0 if closes and trades.counted else 1


def possible_day_trades(state: DayTrades, entry: Entry, rules: DayTradeLimits) -> int:
    """Return the day trades that may still come of today's openings, this entry included.

    Exits are always allowed and a protective stop may fire at any moment, so whatever was opened
    today, or still works to open, may be closed today.
    """
    counting = rules.counting
    today = state.sessions.get(entry.day, {})
    if counting is DayTradeCounting.OPENING_ORDERS:
        left = sum(_outstanding(trades, counting) for trades in today.values())
        return left + len(entry.working) + 1
    symbols = {symbol for symbol, trades in today.items() if _outstanding(trades, counting)}
    return len(symbols.union(entry.working, (entry.symbol,)))


def report(state: DayTrades, word: BrokerWord, rules: DayTradeLimits) -> None:
    """Remember what the broker said, and what was counted here at that moment."""
    counted = day_trades(state, word.day, rules)
    state.word = BrokerWord(word.at, word.day, word.remaining, word.excess, counted)


def broker_word(state: DayTrades, at: int, day: int, rules: DayTradeLimits) -> BrokerWord | None:
    """Return what the broker said when it is of this session and young enough, else None."""
    word = state.word
    if word is None or word.day != day or not 0 <= at - word.at <= rules.report_ns:
        return None
    return word


def check_entry(state: DayTrades, entry: Entry, rules: DayTradeLimits) -> Blocked | None:
    """Return why an opening leg may not leave, or None; never ask it about an exit.

    The broker's own number comes first where the regime says so and it is fresh. A broker that
    speaks of intraday margin only has left the counting behind. One that says nothing at all is
    taken to apply the old rule.
    """
    if rules.regime is DayTradeRegime.OFF or rules.regime is DayTradeRegime.INTRADAY_MARGIN:
        return None
    if rules.regime is DayTradeRegime.BROKER:
        word = broker_word(state, entry.at, entry.day, rules)
        if word is not None and word.remaining is not None:
            return _obey(state, entry, rules, word)
        if word is not None and word.excess is not None:
            return None
    return _legacy(state, entry, rules)


def _obey(
    state: DayTrades, entry: Entry, rules: DayTradeLimits, word: BrokerWord
) -> Blocked | None:
    remaining = word.remaining
    assert remaining is not None, "the caller has looked"
    if remaining == UNLIMITED:
        return None
    if remaining < 0:
        text = f"the broker's day trades left must be -1 or more, got {remaining}"
        return Blocked(INPUT, text)
    since = max(day_trades(state, entry.day, rules) - word.counted, 0)
    value = since + possible_day_trades(state, entry, rules)
    if value <= remaining:
        return None
    text = (
        f"the broker leaves {remaining} day trades; with this entry "
        f"{value} could come of what is open today"
    )
    return Blocked(DAY_TRADES, text, remaining, value)


def _legacy(state: DayTrades, entry: Entry, rules: DayTradeLimits) -> Blocked | None:
    equity = entry.equity
    if equity is None or equity <= 0:
        said = "unknown" if equity is None else f"{money_decimal(equity)}"
        return Blocked(INPUT, f"equity must be known and above 0, it is {said}")
    if equity >= rules.min_equity_units:
        return None
    made = day_trades(state, entry.day, rules)
    value = made + possible_day_trades(state, entry, rules)
    if value <= rules.max_day_trades:
        return None
    text = (
        f"{made} day trades in {rules.window_sessions} sessions, with this entry up to {value}; below "
        f"{money_decimal(rules.min_equity_units)} of equity {rules.max_day_trades} are allowed, it is "
        f"{money_decimal(equity)}"
    )
    return Blocked(DAY_TRADES, text, rules.max_day_trades, value)


__all__ = [
    "DAY_TRADES",
    "INPUT",
    "UNLIMITED",
    "Blocked",
    "BrokerWord",
    "DayTrades",
    "Entry",
    "Execution",
    "Opening",
    "Trades",
    "book",
    "broker_word",
    "check_entry",
    "day_trades",
    "possible_day_trades",
    "report",
    "would_be_day_trade",
]
