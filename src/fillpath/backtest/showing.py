"""Showing bars and quotes to a strategy, each at the moment from which it is known."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import chain, repeat
from textwrap import shorten
from typing import Any

import numpy as np
from msgspec.structs import replace

from fillpath.backtest.happenings import happenings
from fillpath.backtest.replay import NEVER, Replay, ReplayInputs
from fillpath.core.errors import ConfigError
from fillpath.core.models import OrderSide, Signal
from fillpath.core.units import moment, money_decimal, quantity_decimal
from fillpath.data.files.bars import LoadedBars
from fillpath.data.files.checks import Integers
from fillpath.data.files.models import each_bar, each_quote
from fillpath.data.files.quotes import QuoteTape
from fillpath.data.files.split import Split
from fillpath.execution.desk.book import own_working
from fillpath.strategy.base import AnyStrategy, QuoteStrategy, SplitStrategy, Strategy

Answer = Callable[[Any, "ReplayView"], Iterable[Signal]]


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
    """Return the signals with the strategy's name where they came without one.

    Raises:
        ConfigError: the answer is something else than signals.
    """
    if not isinstance(signals, Iterable):
        raise ConfigError(_must_answer(strategy, signals))
    found = []
    for one in signals:
        if not isinstance(one, Signal):
            raise ConfigError(_must_answer(strategy, one))
        found.append(one if one.strategy_name else replace(one, strategy_name=strategy.name))
    return found


def _must_answer(strategy: AnyStrategy, got: object) -> str:
    return (
        f"strategy {strategy.name} must answer with signals, an empty list for nothing, got "
        f"{shorten(repr(got), 80, placeholder='...')}"
    )


class ComingSplits:
    """Splits that a strategy is to hear of, each before the first row in new shares.

    Args:
        strategy: wants to know.
        splits: with the moment from which prices are in new shares, oldest first.
    """

    def __init__(self, strategy: SplitStrategy, splits: Iterable[tuple[datetime, Split]]) -> None:
        self._strategy = strategy
        self._waiting: defaultdict[str, deque[tuple[datetime, Split]]] = defaultdict(deque)
        for at, split in splits:
            self._waiting[split.symbol].append((at, split))

    def told(self, answer: Answer) -> Answer:
        """Return an answer to rows before which the strategy hears of splits."""

        def first_told(row: Any, view: ReplayView) -> Iterable[Signal]:
            waiting = self._waiting.get(row.symbol)
            while waiting and waiting[0][0] <= row.ts:
                split = waiting.popleft()[1]
                self._strategy.on_split(split.symbol, split.new_shares, split.old_shares)
            return answer(row, view)

        return first_told


def splits_for(strategy: AnyStrategy, inputs: ReplayInputs) -> ComingSplits | None:
    """Return the splits of a run for a strategy that wants to know them; None without any."""
    if not isinstance(strategy, SplitStrategy):
        return None
    opens = {session.day: moment(session.open_at) for session in inputs.sessions}
    found = happenings(opens, (s for s in inputs.splits if s.symbol in inputs.tapes), ())
    splits = [
        (opens[day], one)
        for day, every in sorted(found.items())
        for one in every
        if isinstance(one, Split)
    ]
    return ComingSplits(strategy, splits) if splits else None


class _Show:
    """Rows of several tapes, each shown at the moment from which it is known.

    Args:
        known: those moments, ascending.
        which: the number of the tape of each.
        tapes: for each tape what yields its rows as models, from a row on.
        strategy: is shown one after the other; its name goes to signals that come without one.
        view: what it may know of its account.
    """

    _answer: Answer

    def __init__(
        self,
        known: Integers,
        which: Integers,
        tapes: Sequence[Callable[[int], Iterator[Any]]],
        strategy: AnyStrategy,
        view: ReplayView,
    ) -> None:
        self._known = known
        self._which = which
        self._tapes = tapes
        self._strategy = strategy
        self._view = view
        self._first = 0
        self.total = len(known)
        self.skip_to(-1)

    def skip_to(self, done_at: int) -> None:
        """Pass over what was known at or before ``done_at``."""
        first = max(self._first, int(np.searchsorted(self._known, done_at, side="right")))
        self._first = first
        done = np.bincount(self._which[:first], minlength=len(self._tapes)).tolist()
        feeds = [rows(start) for rows, start in zip(self._tapes, done, strict=True)]
        which = map(feeds.__getitem__, self._which[first:].data)
        self._rows = feeds[0] if len(feeds) == 1 else map(next, which)
        self._later = chain(self._known[first:].data, repeat(NEVER))
        self.at: int = next(self._later)

    def show_next(self) -> Sequence[Signal]:
        """Show the next one and return the signals that follow."""
        row = next(self._rows)
        self.at = next(self._later)
        said = self._answer(row, self._view)
        return () if said == () else named(said, self._strategy)


class BarShow(_Show):
    """Bars, each at its end."""

    def __init__(
        self,
        bars: LoadedBars,
        strategy: Strategy,
        view: ReplayView,
        splits: ComingSplits | None = None,
    ) -> None:
        answer = strategy.on_bar
        self._answer = answer if splits is None else splits.told(answer)
        tapes = [partial(each_bar, tape) for tape in bars.tapes.values()]
        super().__init__(*bars.in_order(), tapes, strategy, view)


class QuoteShow(_Show):
    """Quotes of all symbols in time order; quotes of one moment in the order of their symbols."""

    def __init__(
        self,
        tapes: Mapping[str, QuoteTape],
        strategy: QuoteStrategy,
        view: ReplayView,
        splits: ComingSplits | None = None,
    ) -> None:
        answer = strategy.on_quote
        self._answer = answer if splits is None else splits.told(answer)
        stamps = np.concatenate([tape.ts for tape in tapes.values()])
        order = np.argsort(stamps, kind="stable")
        which = np.repeat(np.arange(len(tapes)), [len(tape) for tape in tapes.values()])
        feeds = [partial(each_quote, tape) for tape in tapes.values()]
        super().__init__(stamps[order], which[order], feeds, strategy, view)
