"""Day trades and intraday margin: what an entry may do to an account under those rules."""

from typing import Final

from fillpath.core.models import OrderSide
from fillpath.risk.asking import Ask
from fillpath.risk.intraday_margin import (
    INTRADAY_MARGIN,
    PRICED_SHORT,
    Leg,
    MarginRules,
    Standing,
    check_freeze,
    check_margin,
    maintenance,
)
from fillpath.risk.limits import DayTradeRegime, RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.pdt_guard import DAY_TRADES, Entry, broker_word, check_entry
from fillpath.risk.verdicts import Objection
from fillpath.risk.watching import MARGIN, day_now

_SELL: Final = OrderSide.SELL
_UNCOUNTED: Final = frozenset({DayTradeRegime.OFF, DayTradeRegime.INTRADAY_MARGIN})


def day_trades_free(limits: RiskLimits) -> str:
    """Return why day trades are not counted, empty when they are."""
    regime = limits.pdt_guard.regime
    return f"pdt_guard.regime is {regime}" if regime in _UNCOUNTED else ""


def margin_free(limits: RiskLimits) -> str:
    """Return why the margin is not watched, empty when it is."""
    off = limits.pdt_guard.regime is DayTradeRegime.OFF
    return "pdt_guard.regime is off" if off else ""


def _equity(ask: Ask, memory: RiskMemory) -> int | None:
    """Return the lowest equity of now and of the start of the day; None when it is not known."""
    account = memory.account
    now = account.equity if account.at else ask.equity
    start = memory.watched.marks.start
    return now if now is None or start is None or now < start else start


def check_day_trades(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to an entry whose exit could make one day trade too many."""
    watched = memory.watched
    trades = watched.trades
    equity = _equity(ask, memory)
    rules = limits.pdt_guard
    if trades.word is None and equity is not None and equity >= rules.min_equity_units:
        return None
    day = day_now(watched, ask.at)
    entry = Entry(ask.symbol, ask.at, day, equity, tuple(watched.opening))
    blocked = check_entry(trades, entry, rules)
    if blocked is None:
        return None
    return Objection(blocked.code, blocked.text, blocked.limit, blocked.value)


def check_intraday_margin(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to an entry that could leave a deficit, and to debts of an account that is frozen."""
    watched = memory.watched
    trades, deficits = watched.trades, watched.deficits
    if trades.word is None and not deficits.frozen_until and _is_paid(ask, MARGIN):
        return None
    word = broker_word(trades, ask.at, day_now(watched, ask.at), limits.pdt_guard)
    standing = Standing(
        ask.equity,
        maintenance(ask.long_value, ask.short_value, MARGIN),
        ask.reserved,
        ask.working_sell * ask.price,
        None if word is None else word.excess,
    )
    leg = Leg(ask.side, ask.quantity, ask.price, ask.worst_price)
    cash_after = ask.cash - ask.reserved - ask.quantity * ask.worst_price
    blocked = check_margin(standing, leg, MARGIN)
    blocked = blocked or check_freeze(deficits, ask.at, leg, cash_after)
    if blocked is None:
        return None
    return Objection(blocked.code, blocked.text, blocked.limit, blocked.value)


def _is_paid(ask: Ask, rules: MarginRules) -> bool:
    """Return whether equity pays for all of it, so that no margin can be missing."""
    if ask.side is _SELL and (ask.worst_price < PRICED_SHORT or ask.equity < rules.least):
        return False
    price, worst, quantity = ask.price, ask.worst_price, ask.quantity
    apart = worst - price
    if apart > 0:
        price = worst
    else:
        apart = -apart
    value = ask.long_value + ask.short_value + ask.reserved
    return value + ask.working_sell * price + quantity * (price + apart) <= ask.equity


__all__ = [
    "DAY_TRADES",
    "INTRADAY_MARGIN",
    "check_day_trades",
    "check_intraday_margin",
    "day_trades_free",
    "margin_free",
]
