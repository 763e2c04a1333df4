"""What the rules and the breakers remember of an account; a part of ``RiskMemory``.

``risk/watching.py`` changes it, with facts alone; the checks only read it.
"""

from collections import deque

from msgspec import Struct, field

from fillpath.risk.circuit_breaker import (
    EquityMarks,
    Repeats,
    Shock,
    Slippages,
    Traffic,
    VolatilityIndex,
)
from fillpath.risk.intraday_margin import Deficits
from fillpath.risk.pdt_guard import DayTrades


class Watched(Struct):
    """What is watched beside single orders.

    Args:
        day: number of the present session in the exchange's calendar; 0 when nobody told it.
        ended: number and close, nanoseconds, of the sessions before, oldest first, bounded.
        closes_at: close of the present session, nanoseconds; 0 when it is not known.
        trades: day trades.
        opening: orders that work to open or add, by symbol, never zero.
        deficits: margin deficits.
        added: whether anything was opened since the broker's last report.
        marks: what equity is compared with.
        shock: profits of the last minute.
        settled_at: nanoseconds from which on a split is in the marks.
        slippages: by strategy.
        repeats: by strategy and symbol.
        traffic: by strategy.
        volatility: the volatility index.
        operator_at: nanoseconds when a person last did anything.
    """

    day: int = 0
    ended: deque[tuple[int, int]] = field(default_factory=deque)
    closes_at: int = 0
    trades: DayTrades = field(default_factory=DayTrades)
    opening: dict[str, int] = field(default_factory=dict)
    deficits: Deficits = field(default_factory=Deficits)
    added: bool = False
    marks: EquityMarks = field(default_factory=EquityMarks)
    shock: Shock = field(default_factory=Shock)
    settled_at: int = 0
    slippages: dict[str, Slippages] = field(default_factory=dict)
    repeats: dict[tuple[str, str], Repeats] = field(default_factory=dict)
    traffic: dict[str, Traffic] = field(default_factory=dict)
    volatility: VolatilityIndex = field(default_factory=VolatilityIndex)
    operator_at: int = 0


__all__ = ["Watched"]
