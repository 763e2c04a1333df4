"""Days of trading in whole shares, for the day-trade guard."""

from decimal import Decimal

from fillpath.core.units import money_units, quantity_units
from fillpath.risk.limits import DayTradeCounting, DayTradeLimits, DayTradeRegime
from fillpath.risk.pdt_guard import (
    DayTrades,
    Entry,
    Execution,
    book,
    day_trades,
)

DAY = 9_000
POOR = 24_999
RICH = 25_000
LEGACY = DayTradeLimits(regime=DayTradeRegime.LEGACY)
BY_ORDERS = DayTradeLimits(regime=DayTradeRegime.LEGACY, counting=DayTradeCounting.OPENING_ORDERS)


class Account:
    """Trades, and tells the guard of it."""

    def __init__(self, **held: int) -> None:
        self.state = DayTrades()
        self.held = dict(held)
        self.day = DAY
        self._orders = 0

    def trade(self, *shares: int, symbol: str = "ABC", order_id: str | None = None) -> None:
        """Buy (above 0) and sell (below 0), one order each unless they name one."""
        for quantity in shares:
            self._orders += 1
            name = f"o{self._orders}" if order_id is None else order_id
            book(self.state, self.execution(quantity, symbol, name))
            self.held[symbol] = self.held.get(symbol, 0) + quantity

    def execution(self, quantity: int, symbol: str = "ABC", order_id: str = "") -> Execution:
        held = quantity_units(Decimal(self.held.get(symbol, 0)))
        return Execution(symbol, quantity_units(Decimal(quantity)), self.day, held, order_id)

    def count(self, rules: DayTradeLimits = LEGACY) -> int:
        return day_trades(self.state, self.day, rules)

    def round_trips(self, number: int, symbol: str = "ABC") -> None:
        """Buy and sell so many times."""
        self.trade(*([100, -100] * number), symbol=symbol)


def an_entry(
    equity: int | str | None = POOR,
    *,
    symbol: str = "NEW",
    day: int = DAY,
    at: int = 0,
    working: tuple[str, ...] = (),
) -> Entry:
    """Return an opening leg that asks to be let through."""
    money = None if equity is None else money_units(Decimal(equity))
    return Entry(symbol, at, day, money, working)
