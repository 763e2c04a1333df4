"""A strategy of your own: buy when the price leaves the range of the first ten minutes.

Run it: python3 dev.py run replay --quotes QUOTES --strategy examples.breakout:Breakout
"""
# ruff: noqa: INP001  # a script beside the package

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from fillpath.core.models import Bar, Quote, Signal, SignalDirection
from fillpath.strategy.base import StrategyView

RANGE = timedelta(minutes=10)


class Breakout:
    """Buy once a symbol and day above the highest mid of the first ten minutes."""

    name = "breakout"

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}
        self._highest: dict[str, Decimal] = {}
        self._done: set[str] = set()

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Say nothing: this strategy watches quotes."""
        del bar, view
        return ()

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        """Follow the range, then buy what leaves it upwards."""
        symbol, mid = quote.symbol, quote.mid_price
        if mid is None:
            return ()
        since = self._since.get(symbol)
        if since is None or view.now.date() > since.date():
            self._since[symbol], self._highest[symbol] = view.now, mid
            self._done.discard(symbol)
        elif view.now - since < RANGE:
            self._highest[symbol] = max(self._highest[symbol], mid)
        elif mid > self._highest[symbol] and symbol not in self._done:
            self._done.add(symbol)
            signal = Signal(
                symbol=symbol,
                direction=SignalDirection.LONG,
                strength=Decimal("0.6"),
                metadata={"quantity": 30, "signal_price": mid},  # a fixed size claims no edge
            )
            return (signal,)
        return ()
