"""How many orders, and how fast: of a day, of a moment, at once. Exits answer to none of it."""

from typing import Final

from fillpath.core.units import NANOSECONDS, RATIO_SCALE, money_decimal, quantity_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory, Sent
from fillpath.risk.remembering import MOST_ALIKE, day_is_over
from fillpath.risk.verdicts import Objection

DUPLICATIVE: Final = "DUPLICATIVE"
OPEN_ORDERS: Final = "OPEN_ORDERS"
ORDER_RATE: Final = "ORDER_RATE"
TURNOVER: Final = "TURNOVER"
DAILY_ORDERS: Final = "DAILY_ORDERS"


def check_daily_orders(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to a parent after as many as a day may have."""
    most = limits.max_trades_per_day
    if memory.parents_today < most:
        return None
    count = 0 if day_is_over(memory, ask.at) else memory.parents_today
    if count < most:
        return None
    text = f"{count} parents were ordered today, {most} are allowed"
    return Objection(DAILY_ORDERS, text, most, count + 1)


def check_turnover(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to a parent that takes the value of a day's orders too high."""
    value = memory.turnover_today + ask.quantity * ask.worst_price
    most = limits.max_turnover * ask.equity
    if value * RATIO_SCALE <= most:
        return None
    if day_is_over(memory, ask.at):
        value -= memory.turnover_today
        if value * RATIO_SCALE <= most:
            return None
    return Objection(
        TURNOVER,
        f"the orders of today would be worth {money_decimal(value)}, "
        f"{money_decimal(most // RATIO_SCALE)} are allowed, {limits.max_turnover_pct} % of equity",
        most // RATIO_SCALE,
        value,
    )


def check_duplicative(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to nearly the same parent as one that was ordered moments ago."""
    alike = memory.alike.get((ask.symbol, ask.side))
    if alike is None:
        return None
    rates = limits.rates
    since = ask.at - rates.duplicate_ns
    quantity = ask.quantity
    most = rates.duplicate_tolerance * quantity
    for sent in reversed(alike):
        if sent.at < since:
            return None
        if abs(quantity - sent.quantity) * RATIO_SCALE <= most:
            return _duplicative(ask, sent, limits)
    if len(alike) < MOST_ALIKE:
        return None
    text = f"{MOST_ALIKE} orders came for that side of {ask.symbol} in {rates.duplicate_seconds} s"
    return Objection(DUPLICATIVE, f"{text}, more than can be compared", 0, quantity)


def _duplicative(ask: Ask, sent: Sent, limits: RiskLimits) -> Objection:
    ago = (ask.at - sent.at) / NANOSECONDS
    return Objection(
        DUPLICATIVE,
        f"{quantity_decimal(sent.quantity)} {ask.symbol} were ordered on that side {ago:.3f} s ago, "
        f"{quantity_decimal(ask.quantity)} are within {limits.rates.duplicate_tolerance_pct} %",
        sent.quantity,
        ask.quantity,
    )


def never_duplicative(limits: RiskLimits) -> str:
    """Return why nothing is compared with what came before, or nothing."""
    return "" if limits.rates.duplicate_ns else "rates.duplicate_seconds is 0"


def check_open_orders(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to an order while as many work as may, on its side of the symbol or in all."""
    rates = limits.rates
    total = memory.open_total
    most = rates.open_orders_total
    if total >= most:
        text = f"{total} orders work, {most} may"
        return Objection(OPEN_ORDERS, text, most, total + 1)
    most = rates.open_orders_symbol
    if total < most:
        return None
    count = len(memory.open_orders.get((ask.symbol, ask.side), ()))
    if count < most:
        return None
    text = f"{count} orders work on that side of {ask.symbol}, {most} may"
    return Objection(OPEN_ORDERS, text, most, count + 1)


def check_order_rate(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to orders that come faster than strategy, symbol or account allow.

    What a bucket holds above its rim does not matter here: a full one holds at least one order.
    """
    tokens = memory.tokens
    rates = limits.rates
    at = ask.at
    bucket = tokens.get("a:")
    if bucket is None:  # nothing was sent by anybody
        return None
    if bucket.level + (at - bucket.at) * rates.account_per_second < NANOSECONDS:
        return _too_fast("account", rates.account_per_second)
    bucket = tokens.get("s:" + ask.strategy)
    rate = rates.strategy_per_second
    if bucket is not None and bucket.level + (at - bucket.at) * rate < NANOSECONDS:
        who = f"strategy {ask.strategy}" if ask.strategy else "strategy without a name"
        return _too_fast(who, rate)
    bucket = tokens.get("y:" + ask.symbol)
    rate = rates.symbol_per_second
    if bucket is not None and bucket.level + (at - bucket.at) * rate < NANOSECONDS:
        return _too_fast(f"symbol {ask.symbol}", rate)
    return None


def _too_fast(who: str, per_second: int) -> Objection:
    text = f"the {who} may send {per_second} orders a second, and has"
    return Objection(ORDER_RATE, text, per_second, per_second + 1)
