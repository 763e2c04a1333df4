"""How much of each limit an account uses, from the desk's state and the prices of now; pure.

It decides nothing: the checks judge each order by themselves. It says how near an account is to
what it may, for the person who looks.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from fillpath.core.listings import LimitUse
from fillpath.core.units import BPS, NANOSECONDS, RATIO_SCALE, money_decimal
from fillpath.execution.desk.book import open_symbols
from fillpath.execution.desk.state import DeskState
from fillpath.risk.limits import DayTradeRegime, RiskLimits
from fillpath.risk.limits.tightening import LIMITS, PREFIX, told
from fillpath.risk.pdt_guard import UNLIMITED, broker_word, day_trades
from fillpath.risk.remembering import day_is_over
from fillpath.risk.watched import Watched
from fillpath.risk.watching import day_now

_PERCENT: Final = 100
_EXACT: Final = 10_000_000
"""From here on the digits behind the point say nothing."""
_HOUR_NS: Final = 3_600 * NANOSECONDS


class Used(Struct, frozen=True, gc=False):
    """How much of one limit is used.

    Args:
        value: in the unit of the limit.
        most: the limit, in the same unit; 0 or less where it allows nothing, or is off.
        scope: whom it is counted for.
        target: the strategy, symbol or sector that uses most of it; empty for none.
        falls: whether the limit is a floor, which is reached from above.
        rests: why it does not bind now; empty while it does.
    """

    value: float
    most: float
    scope: str = "account"
    target: str = ""
    falls: bool = False
    rests: str = ""

    @property
    def share(self) -> float | None:
        """Return the used part of the limit, 1 = 100 %; None where nothing can be said."""
        if self.rests:
            return None
        value, most = (self.most, self.value) if self.falls else (self.value, self.most)
        return max(value, 0.0) / most if most > 0 else None


def uses(state: DeskState, limits: RiskLimits, at: int, marks: Mapping[str, int]) -> list[LimitUse]:
    """Return every limit in force, those that are used most in front.

    Args:
        state: of the desk.
        limits: in force.
        at: nanoseconds UTC.
        marks: mid of each symbol that is held or worked on, price units; without one it counts as
            it was paid.
    """
    found = dict(_counted(state, limits, at)) | dict(_valued(state, limits, marks))
    found["risk.pdt_guard.max_day_trades"] = _day_trades(state, limits, at, marks)
    shown = told(limits)
    rows = [_row(name, value, found.get(name)) for name, value in shown.items()]
    return sorted(rows, key=lambda row: -1.0 if row.share is None else row.share, reverse=True)


def _row(name: str, value: str, used: Used | None) -> LimitUse:
    limit = LIMITS.get(name.removeprefix(f"{PREFIX}."))
    unit, meaning = ("", "") if limit is None else (limit.unit, limit.meaning)
    if used is None:
        return LimitUse(name=name, limit=value, unit=unit, meaning=meaning)
    return LimitUse(
        name=name,
        limit=value,
        used=f"{used.value:.8g}" if abs(used.value) < _EXACT else f"{used.value:.0f}",
        share=used.share,
        unit=unit,
        scope=used.scope,
        target=used.target,
        meaning=meaning,
        rests=used.rests,
        floor=used.falls,
    )


def _counted(state: DeskState, limits: RiskLimits, at: int) -> Iterator[tuple[str, Used]]:
    """Yield what is counted: symbols, orders, day trades, hours."""
    memory, rates = state.risk, limits.rates
    today = 0 if day_is_over(memory, at) else memory.parents_today
    yield "risk.max_positions", Used(open_symbols(state.book), limits.max_positions)
    yield "risk.max_trades_per_day", Used(today, limits.max_trades_per_day)
    yield "risk.rates.open_orders_total", Used(memory.open_total, rates.open_orders_total)
    sides = {" ".join(key): len(orders) for key, orders in memory.open_orders.items()}
    yield "risk.rates.open_orders_symbol", _largest(sides, rates.open_orders_symbol, "symbol")
    yield from _watched(memory.watched, limits, at)


def _watched(watched: Watched, limits: RiskLimits, at: int) -> Iterator[tuple[str, Used]]:
    rates, breakers = limits.rates, limits.breakers
    lately = {
        " ".join(key): sum(moment > at - rates.repeated_ns for moment in repeats.times)
        for key, repeats in watched.repeats.items()
    }
    yield "risk.rates.repeated_count", _largest(lately, rates.repeated_count, "strategy")
    traffic = {name: one.messages / max(one.executions, 1) for name, one in watched.traffic.items()}
    yield "risk.rates.order_to_trade", _largest(traffic, rates.order_to_trade, "strategy")
    costs = {
        name: one.total * BPS / (RATIO_SCALE * len(one.newest))
        for name, one in watched.slippages.items()
        if len(one.newest) >= max(breakers.slippage_fills, 1)
    }
    yield "risk.breakers.slippage_bps", _largest(costs, float(breakers.slippage_bps), "strategy")
    index = watched.volatility.value
    if index is not None:
        most = breakers.volatility_index_units / RATIO_SCALE
        yield "risk.breakers.volatility_index", Used(index / RATIO_SCALE, most)
    if watched.operator_at:
        hours = (at - watched.operator_at) / _HOUR_NS
        most = breakers.operator_heartbeat_ns / _HOUR_NS
        rests = "" if most else "switched off: 0 hours"
        yield "risk.breakers.operator_heartbeat_hours", Used(round(hours, 2), most, rests=rests)


def _day_trades(state: DeskState, limits: RiskLimits, at: int, marks: Mapping[str, int]) -> Used:
    """Return the use of the day trades as the rule in force counts them, or why it counts none."""
    equity = state.book.cash + sum(_values(state, marks).values())
    left = day_trades_left(state, limits, at, equity)
    if left.most is None:
        return Used(left.used, limits.pdt_guard.max_day_trades, rests=left.text)
    return Used(left.used, left.most)


def _values(state: DeskState, marks: Mapping[str, int]) -> dict[str, int]:
    """Return what each position is worth, money units; without a mark what was paid."""
    return {
        symbol: holding.quantity * marks[symbol] if symbol in marks else holding.cost
        for symbol, holding in state.book.holdings.items()
    }


def _valued(
    state: DeskState, limits: RiskLimits, marks: Mapping[str, int]
) -> Iterator[tuple[str, Used]]:
    """Yield what is compared with equity, in percent of it."""
    values = _values(state, marks)
    equity = state.book.cash + sum(values.values())
    if equity <= 0:
        return
    book, memory = state.book, state.risk
    longs = sum(value for value in values.values() if value > 0)
    shorts = longs - sum(values.values())

    def percent(value: float) -> float:
        return _PERCENT * value / equity

    gross = (longs + shorts + book.reserved + book.shorting) / equity
    yield "risk.max_leverage", Used(gross, float(limits.max_leverage))
    yield "risk.max_net_pct", Used(percent(abs(longs - shorts)), float(limits.max_net_pct))
    yield (
        "risk.max_turnover_pct",
        Used(percent(memory.turnover_today), float(limits.max_turnover_pct)),
    )
    occupied = {symbol: percent(_occupied(state, marks, symbol)) for symbol in _touched(state)}
    yield "risk.max_position_pct", _largest(occupied, float(limits.max_position_pct), "symbol")
    free = percent(book.cash - book.proceeds - book.reserved)
    yield "risk.cash_reserve_pct", Used(free, float(limits.cash_reserve_pct), falls=True)
    baskets = {name: percent(value) for name, value in memory.basket_value.items()}
    yield "risk.size.basket_pct", _largest(baskets, float(limits.size.basket_pct), "strategy")
    yield from _sectors(limits, values, equity)
    yield from _lost(state, limits)


def _touched(state: DeskState) -> list[str]:
    book = state.book
    return [*dict.fromkeys((*book.holdings, *book.buying, *book.selling))]


def _occupied(state: DeskState, marks: Mapping[str, int], symbol: str) -> int:
    """Return what a symbol is worth with what works to add to it, money units."""
    book = state.book
    holding = book.holdings.get(symbol)
    held = 0 if holding is None else holding.quantity
    most = max(held + book.buying.get(symbol, 0), book.selling.get(symbol, 0) - held)
    if symbol in marks:
        return most * marks[symbol]
    return 0 if holding is None else abs(holding.cost)


def _sectors(
    limits: RiskLimits, values: Mapping[str, int], equity: int
) -> Iterator[tuple[str, Used]]:
    known = limits.sectors.by_symbol
    if not known:
        return
    sums: dict[str, float] = {}
    for symbol, value in values.items():
        sector = known.get(symbol, "no known sector")
        sums[sector] = sums.get(sector, 0.0) + _PERCENT * abs(value) / equity
    yield "risk.max_sector_pct", _largest(sums, float(limits.max_sector_pct), "sector")


def _lost(state: DeskState, limits: RiskLimits) -> Iterator[tuple[str, Used]]:
    marks = state.risk.watched.marks
    if marks.last is None:
        return
    for name, base, most in (
        ("risk.max_daily_loss_pct", marks.start, limits.max_daily_loss_pct),
        ("risk.max_drawdown_pct", marks.peak, limits.max_drawdown_pct),
    ):
        if base:
            lost = max(_PERCENT * (base - marks.last) / base, 0.0)
            yield name, Used(lost, float(most))


def _largest(values: Mapping[str, float], most: float, scope: str) -> Used:
    """Return the use of whoever uses most."""
    if not values:
        return Used(0, most, scope)
    target = max(values, key=lambda name: values[name])
    return Used(values[target], most, scope, target.strip())


class DayTradesLeft(Struct, frozen=True, kw_only=True):
    """How many day trades are left.

    Args:
        regime: the rule in force.
        used: day trades in the window.
        most: how many it allows; None when it does not limit them.
        left: how many are left; None likewise.
        window_sessions: sessions that the window spans.
        text: one sentence for a person.
    """

    regime: str
    used: int
    most: int | None
    left: int | None
    window_sessions: int
    text: str


def day_trades_left(state: DeskState, limits: RiskLimits, at: int, equity: int) -> DayTradesLeft:
    """Return how many day trades are left, and why.

    Args:
        state: of the desk.
        limits: in force.
        at: nanoseconds UTC.
        equity: of the account, money units.
    """
    watched, rules = state.risk.watched, limits.pdt_guard
    day = day_now(watched, at)
    made = day_trades(watched.trades, day, rules)
    word = broker_word(watched.trades, at, day, rules)
    told_left = None if word is None else word.remaining
    most: int | None = None
    if rules.regime in {DayTradeRegime.OFF, DayTradeRegime.INTRADAY_MARGIN}:
        text = "this rule counts no day trades"
    elif rules.regime is DayTradeRegime.BROKER and word is not None and told_left is not None:
        most = None if told_left == UNLIMITED else told_left + word.counted
        text = "as the broker reports it"
    elif equity >= rules.min_equity_units:
        text = f"free from {money_decimal(rules.min_equity_units)} of equity on"
    else:
        most = rules.max_day_trades
        text = f"counted here: equity is below {money_decimal(rules.min_equity_units)}"
    return DayTradesLeft(
        regime=rules.regime,
        used=made,
        most=most,
        left=None if most is None else max(most - made, 0),
        window_sessions=rules.window_sessions,
        text=text,
    )


__all__ = ["DayTradesLeft", "Used", "day_trades_left", "uses"]
