"""How many orders, and how fast: of a day, of a moment, at once. Exits answer to none of it."""

from typing import Final

from fillpath.core.units import RATIO_SCALE, money_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.remembering import day_is_over
from fillpath.risk.verdicts import Objection

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
