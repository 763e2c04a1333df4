"""A strategy on bars that keeps its own record: buy after three falls, leave ten minutes later.

Run it: python3 dev.py run replay --quotes QUOTES --bars BARS --strategy examples.dips:Dips
"""
# ruff: noqa: INP001  # a script beside the package

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from fillpath.core.models import Bar, Signal, SignalDirection
from fillpath.strategy.base import StrategyView
from fillpath.strategy.examples import record_of

FALLS, ENOUGH = 3, 30
HOLD = timedelta(minutes=10)


class Dips:
    """Ask for ten shares until the rule has a record of its own, then let the record size."""

    name = "dips"

    def __init__(self) -> None:
        self._closes: defaultdict[str, deque[Decimal]] = defaultdict(
            lambda: deque(maxlen=FALLS + 1)
        )
        self._entries: dict[str, Bar] = {}
        self._returns_pct: list[Decimal] = []

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Leave what was entered ten minutes ago, or enter after three falls."""
        closes = self._closes[bar.symbol]
        closes.append(bar.close)
        entry = self._entries.get(bar.symbol)
        if entry is not None:
            if bar.ts_end - entry.ts_end < HOLD:
                return ()
            del self._entries[bar.symbol]
            self._returns_pct.append((bar.close / entry.close - 1) * 100)
            return (self._signal(bar, SignalDirection.FLAT, {}),)
        falls = len(closes) > FALLS and all(after < before for before, after in pairwise(closes))
        if not falls or view.position(bar.symbol):
            return ()
        self._entries[bar.symbol] = bar
        return (self._signal(bar, SignalDirection.LONG, self._size()),)

    def _size(self) -> dict[str, object]:
        record = record_of(self._returns_pct)
        if record.trades < ENOUGH:
            return {"quantity": 10}
        stats = ("win_rate", "avg_win_pct", "avg_loss_pct")
        return {"n_trades": record.trades} | {name: getattr(record, name) for name in stats}

    def _signal(self, bar: Bar, direction: SignalDirection, size: dict[str, object]) -> Signal:
        metadata = {"signal_price": bar.close, **size}
        strength = Decimal("0.6")
        return Signal(symbol=bar.symbol, direction=direction, strength=strength, metadata=metadata)
