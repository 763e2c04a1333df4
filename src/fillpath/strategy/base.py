"""What a strategy is to the engine: it sees bars and quotes, and answers with signals.

A strategy has a ``name`` and at least one of ``on_bar(self, bar, view)`` and
``on_quote(self, quote, view)``; ``view`` is what it may know of its account. The same class runs in a
replay and live. It only ever sees what was known at that moment: a bar arrives at its end, a quote
when it was quoted.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from fillpath.core.models import Bar, Quote, Signal
from fillpath.strategy.measured import Record

Sessions = Callable[[date, date], int]
"""Returns how many sessions there are after the first day, until the second, itself included."""


class StrategyView(Protocol):
    """What a strategy may know of its account; it can read, never act."""

    @property
    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    @property
    def cash(self) -> Decimal:
        """Return the cash of the account in account currency."""
        ...

    @property
    def equity(self) -> Decimal:
        """Return cash plus the value of all positions at their marks, in account currency."""
        ...

    def position(self, symbol: str) -> Decimal:
        """Return the shares that this strategy holds in ``symbol``, negative when short."""
        ...

    def working(self, symbol: str) -> Decimal:
        """Return the shares of ``symbol`` that its orders may still buy, negative to be sold.

        Protective stops do not count.
        """
        ...


@runtime_checkable
class Strategy(Protocol):
    """A strategy that answers bars: ``on_bar(self, bar, view)``.

    It may answer quotes too, with the ``on_quote(self, quote, view)`` of ``QuoteStrategy``. Signals
    may leave ``signal_id``, ``timestamp`` and ``strategy_name`` out: the engine stamps the first two,
    and fills in ``name``. The engine calls one method at a time and expects an answer without
    waiting: no network, no sleep. An exception ends a replay.
    """

    @property
    def name(self) -> str:
        """Return the name that its signals, orders and positions carry; the same in every run."""
        ...

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Return what to do about a bar that has just ended; nothing is an empty answer."""
        ...


@runtime_checkable
class QuoteStrategy(Protocol):
    """A strategy that answers quotes: ``on_quote(self, quote, view)``.

    It needs no ``on_bar``; the rest is as for ``Strategy``. Every quote costs a call, so replays run
    slower.
    """

    @property
    def name(self) -> str:
        """Return the name that its signals, orders and positions carry; the same in every run."""
        ...

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        """Return what to do about a quote; nothing is an empty answer."""
        ...


@runtime_checkable
class RecordStrategy(Protocol):
    """A strategy that also wants to know what its own trades earned: ``on_record(self, record)``.

    Live it is called before the first bar or quote, and each time that one of its trades is closed. A
    replay does not call it.
    """

    def on_record(self, record: Record) -> None:
        """Take the statistics of all its closed trades in the account."""
        ...


@runtime_checkable
class SplitStrategy(Protocol):
    """A strategy that remembers prices or shares: ``on_split(self, symbol, new_shares, old_shares)``.

    In a replay or a backtest with corporate actions it is called before the first bar or quote in new
    shares. Bars and quotes are as they were quoted, so that what it remembers from before has to be
    divided. Live it is not called: the strategy is started anew on a history in new shares.
    """

    def on_split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Take that so many new shares have become of so many old ones (7 for 1)."""
        ...


@runtime_checkable
class SessionStrategy(Protocol):
    """A strategy that counts sessions of the exchange: ``count_sessions(self, sessions)``.

    It is called once, when the strategy is made.
    """

    def count_sessions(self, sessions: Sessions) -> None:
        """Take what returns how many sessions there are after one day until another."""
        ...


AnyStrategy = Strategy | QuoteStrategy
"""What can be run: it answers bars, quotes or both."""

__all__ = [
    "AnyStrategy",
    "QuoteStrategy",
    "RecordStrategy",
    "SessionStrategy",
    "Sessions",
    "SplitStrategy",
    "Strategy",
    "StrategyView",
]
