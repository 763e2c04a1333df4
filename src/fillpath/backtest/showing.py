"""Showing bars and quotes to a strategy, each at the moment from which it is known."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, repeat

import numpy as np
from msgspec.structs import replace

from fillpath.backtest.replay import NEVER, Replay
from fillpath.core.models import OrderSide, Signal
from fillpath.core.units import money_decimal, quantity_decimal
from fillpath.data.files.bar_models import each_bar
from fillpath.data.files.bars import LoadedBars
from fillpath.data.files.quotes import QuoteTape
from fillpath.execution.desk.book import own_working
from fillpath.strategy.base import AnyStrategy, QuoteStrategy, Strategy


class ReplayView:
    """What a strategy may know of its account during a replay.

    Args:
        replay: the run.
        name: the strategy.
    """

    def __init__(self, replay: Replay, name: str) -> None:
        self._replay = replay
        self._name = name

    @property
    def now(self) -> datetime:
        """Return the simulated moment."""
        return self._replay.clock.now()

    @property
    def cash(self) -> Decimal:
        """Return the account's cash."""
        return money_decimal(self._replay.desk.state.book.cash)

    @property
    def equity(self) -> Decimal:
        """Return cash plus positions at their marks."""
        return self._replay.account().equity

    def position(self, symbol: str) -> Decimal:
        """Return the shares that the strategy holds, negative when short."""
        held = self._replay.desk.state.book.by_strategy.get((self._name, symbol), 0)
        return quantity_decimal(held)

    def working(self, symbol: str) -> Decimal:
        """Return the shares that its orders may still buy, negative to be sold."""
        state, name = self._replay.desk.state, self._name
        buying = own_working(state, name, symbol, OrderSide.BUY)
        return quantity_decimal(buying - own_working(state, name, symbol, OrderSide.SELL))


def named(signals: Iterable[Signal], strategy: AnyStrategy) -> Sequence[Signal]:
    """Return the signals with the strategy's name where they came without one."""
    return [s if s.strategy_name else replace(s, strategy_name=strategy.name) for s in signals]


class BarShow:
    """Bars, each at its end."""

    def __init__(self, bars: LoadedBars, strategy: Strategy, view: ReplayView) -> None:
        ends, which = bars.in_order()
        self._ends = ends
        self._which = which
        self._tapes = list(bars.tapes.values())
        self._strategy = strategy
        self._on_bar = strategy.on_bar
        self._view = view
        self.total = len(ends)
        self._first = 0
        self.skip_to(-1)

    def skip_to(self, done_at: int) -> None:
        """Pass over the bars that ended at or before ``done_at``."""
        first = max(self._first, int(np.searchsorted(self._ends, done_at, side="right")))
        self._first = first
        done = np.bincount(self._which[:first], minlength=len(self._tapes)).tolist()
        feeds = [each_bar(tape, row) for tape, row in zip(self._tapes, done, strict=True)]
        which = map(feeds.__getitem__, self._which[first:].data)
        self._bars = feeds[0] if len(feeds) == 1 else map(next, which)
        self._later = chain(self._ends[first:].data, repeat(NEVER))
        self.at: int = next(self._later)

    def show_next(self) -> Sequence[Signal]:
        """Show the next bar and return the signals that follow."""
        bar = next(self._bars)
        self.at = next(self._later)
        said = self._on_bar(bar, self._view)
        return () if said == () else named(said, self._strategy)


class QuoteShow:
    """Quotes of all symbols in time order; quotes of one moment in the order of their symbols."""

    def __init__(
        self, tapes: Mapping[str, QuoteTape], strategy: QuoteStrategy, view: ReplayView
    ) -> None:
        self._tapes = list(tapes.values())
        stamps = np.concatenate([tape.ts for tape in self._tapes])
        order = np.argsort(stamps, kind="stable")
        sizes = [len(tape) for tape in self._tapes]
        self._at = memoryview(stamps[order])  # type: ignore[arg-type]
        self._which = np.repeat(np.arange(len(sizes)), sizes)[order]
        self._row = np.concatenate([np.arange(size) for size in sizes])[order]
        self._strategy = strategy
        self._view = view
        self._next = 0

    @property
    def at(self) -> int:
        """Return when the next quote is known."""
        return self._at[self._next] if self._next < len(self._at) else NEVER

    @property
    def total(self) -> int:
        """Return how many quotes there are."""
        return len(self._at)

    def skip_to(self, done_at: int) -> None:
        """Pass over the quotes known at or before ``done_at``."""
        while self.at <= done_at:
            self._next += 1

    def show_next(self) -> Sequence[Signal]:
        """Show the next quote and return the signals that follow."""
        index = self._next
        self._next += 1
        quote = self._tapes[self._which[index]].quote(int(self._row[index]))
        return named(self._strategy.on_quote(quote, self._view), self._strategy)
