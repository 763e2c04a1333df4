"""Small strategies that show how to write one; they are examples, not advice.

All four trade for a day: a rule looks at the days that are over, and at today's open, and says
whether to hold until shortly before the close. Each keeps the record of its own rule on every real
day it was shown, from open to close, and claims no other edge than that record. A record without
an edge makes the engine refuse the signal, which is the point of showing it.

Feed a strategy with bars in the order in which they end: daily bars teach it, minute bars are its
clock. Nothing here knows what comes after the bar at hand.
"""

from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Final

from msgspec import Struct

from fillpath.core.models import ZERO, Bar, Quote, Signal, SignalDirection
from fillpath.strategy.base import StrategyView
from fillpath.strategy.measured import Record, record_of
from fillpath.strategy.splits import bar_in_new_shares

REMEMBERED_DAYS: Final = 60
SHORTEST_DAY: Final = timedelta(hours=3)
EXIT_AFTER: Final = timedelta(minutes=375)
_STEP: Final = Decimal("0.0001")
_ONE: Final = Decimal(1)
_CALM: Final = Decimal("0.5")

RHYTHM: Final = timedelta(minutes=20)
_EQUITY_PARTS: Final = (Decimal("0.001"), Decimal("0.02"), Decimal("0.045"))
_URGENT: Final = Decimal("0.95")
_URGENT_EVERY: Final = 4


class _Day(Struct):
    """What a strategy knows of the day at hand in one symbol."""

    began: datetime
    opened: Decimal
    asked: bool = False
    left: bool = False


class DayStrategy(ABC):
    """Hold from a set time after the open until shortly before the close, when a rule says so.

    A subclass gives ``name``, ``direction``, ``enter_after`` and ``conviction``.
    """

    name: ClassVar[str]
    direction: ClassVar[SignalDirection]
    enter_after: ClassVar[timedelta]

    def __init__(self) -> None:
        self._past: defaultdict[str, deque[Bar]] = defaultdict(
            lambda: deque(maxlen=REMEMBERED_DAYS)
        )
        self._returns: defaultdict[str, list[Decimal]] = defaultdict(list)
        self._today: dict[str, _Day] = {}

    @abstractmethod
    def conviction(self, past: Sequence[Bar], opened: Decimal) -> Decimal | None:
        """Return the strength from 0 to 1 of today's signal, or None to stay out.

        Args:
            past: days that are over, oldest first; at most the last 60.
            opened: today's first price.
        """

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Learn from a day that is over, or act on a minute that is over."""
        if bar.ts_end - bar.ts >= SHORTEST_DAY:
            self._learn(bar)
            return ()
        signal = self._act(bar, view)
        return () if signal is None else (signal,)

    def on_split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Turn the days that are remembered into new shares."""
        days = self._past[symbol]
        past = [bar_in_new_shares(day, new_shares, old_shares) for day in days]
        days.clear()
        days.extend(past)

    def record(self, symbol: str) -> Record:
        """Return what the rule has earned in a symbol on the days shown so far."""
        return record_of(self._returns[symbol])

    def _learn(self, day: Bar) -> None:
        past = self._past[day.symbol]
        if self.conviction(past, day.open) is not None:
            sign = -1 if self.direction is SignalDirection.SHORT else 1
            self._returns[day.symbol].append((day.close / day.open - 1) * 100 * sign)
        past.append(day)

    def _act(self, minute: Bar, view: StrategyView) -> Signal | None:
        today = self._today.get(minute.symbol)
        if today is None or minute.ts.date() > today.began.date():
            today = self._today[minute.symbol] = _Day(minute.ts, minute.open)
        passed = minute.ts_end - today.began
        if passed >= self.enter_after and not today.asked:
            today.asked = True
            strength = self.conviction(self._past[minute.symbol], today.opened)
            return None if strength is None else self._enter(minute, strength)
        if passed >= EXIT_AFTER and not today.left:
            today.left = True
            if view.position(minute.symbol):
                return self._signal(minute, SignalDirection.FLAT, _CALM, {})
        return None

    def _enter(self, minute: Bar, strength: Decimal) -> Signal:
        known = self.record(minute.symbol).claims()
        return self._signal(minute, self.direction, min(strength, _ONE), known)

    def _signal(
        self,
        minute: Bar,
        direction: SignalDirection,
        strength: Decimal,
        claims: Mapping[str, object],
    ) -> Signal:
        word = "exit" if direction is SignalDirection.FLAT else "entry"
        return Signal(
            symbol=minute.symbol,
            direction=direction,
            strength=strength,
            metadata={"signal_price": minute.close, **claims},
            strategy_name=self.name,
            signal_id=f"{minute.symbol}-{minute.ts_end:%Y%m%d}-{word}",
            timestamp=minute.ts_end,
        )


def average_close(past: Sequence[Bar], days: int) -> Decimal | None:
    """Return the average close of the last ``days`` days, or None with fewer."""
    if len(past) < days:
        return None
    return sum((past[-back].close for back in range(1, days + 1)), ZERO) / days


class Trend(DayStrategy):
    """Buy while the last close is above the average of 20 days."""

    name = "trend"
    direction = SignalDirection.LONG
    enter_after = timedelta(minutes=30)

    def conviction(self, past: Sequence[Bar], opened: Decimal) -> Decimal | None:
        """Return a steady strength above the average, else None."""
        del opened
        average = average_close(past, 20)
        return Decimal("0.6") if average is not None and past[-1].close > average else None


class Weakness(DayStrategy):
    """Sell short while the last close is below the average of 20 days."""

    name = "weakness"
    direction = SignalDirection.SHORT
    enter_after = timedelta(minutes=60)

    def conviction(self, past: Sequence[Bar], opened: Decimal) -> Decimal | None:
        """Return a steady strength below the average, else None."""
        del opened
        average = average_close(past, 20)
        return Decimal("0.6") if average is not None and past[-1].close < average else None


class Gap(DayStrategy):
    """Buy what opens at least half a percent above the last close, in the first minute."""

    name = "gap"
    direction = SignalDirection.LONG
    enter_after = timedelta(minutes=1)

    def conviction(self, past: Sequence[Bar], opened: Decimal) -> Decimal | None:
        """Return a strength that grows with the gap: 1 % gives 0.7, 3 % and more give 1."""
        if not past:
            return None
        gap_pct = (opened / past[-1].close - 1) * 100
        if gap_pct < Decimal("0.5"):
            return None
        return min(Decimal("0.55") + gap_pct * Decimal("0.15"), _ONE).quantize(_STEP)


class Reversal(DayStrategy):
    """Buy the day after a fall of more than one percent."""

    name = "reversal"
    direction = SignalDirection.LONG
    enter_after = timedelta(minutes=90)

    def conviction(self, past: Sequence[Bar], opened: Decimal) -> Decimal | None:
        """Return a steady strength after a fall, else None."""
        del opened
        if len(past) < 2:  # noqa: PLR2004  # a fall needs two closes
            return None
        fell_pct = (1 - past[-1].close / past[-2].close) * 100
        return Decimal("0.5") if fell_pct > 1 else None


class Recorded:
    """Trade any recorded quotes by the clock, so that every route may be seen on them.

    It claims no edge: a third of an hour after the first quote of a symbol it buys for a small, a
    middle or a large part of the equity in turn, and a third of an hour later it leaves again.
    Every fourth entry is urgent. Nothing is opened or left outside of this rhythm.
    """

    name = "recorded"

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._entries: defaultdict[str, int] = defaultdict(int)
        self._left: dict[str, tuple[date, int]] = {}

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Say nothing: quotes are what it watches."""
        del bar, view
        return ()

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        """Enter or leave when it is time and the quote has two sides."""
        due = self._due.setdefault(quote.symbol, view.now + RHYTHM)
        mid = quote.mid_price
        if view.now < due or mid is None:
            return ()
        self._due[quote.symbol] = view.now + RHYTHM
        if view.position(quote.symbol):
            return self._leave(quote.symbol, view.now.date())
        number = self._entries[quote.symbol]
        self._entries[quote.symbol] += 1
        quantity = int(view.equity * _EQUITY_PARTS[number % len(_EQUITY_PARTS)] / mid)
        if quantity < 1:
            return ()
        strength = _URGENT if number % _URGENT_EVERY == _URGENT_EVERY - 1 else _CALM
        size = {"quantity": quantity, "signal_price": mid}
        return (self._signal(quote.symbol, SignalDirection.LONG, strength, size),)

    def _leave(self, symbol: str, day: date) -> Iterable[Signal]:
        """Ask once a day: an order that still works needs no second one."""
        if self._left.get(symbol) == (day, self._entries[symbol]):
            return ()
        self._left[symbol] = (day, self._entries[symbol])
        return (self._signal(symbol, SignalDirection.FLAT, _CALM, {}),)

    def _signal(
        self,
        symbol: str,
        direction: SignalDirection,
        strength: Decimal,
        metadata: Mapping[str, object],
    ) -> Signal:
        return Signal(
            symbol=symbol,
            direction=direction,
            strength=strength,
            metadata=dict(metadata),
            strategy_name=self.name,
        )


EXAMPLES: Final[tuple[type[DayStrategy], ...]] = (Trend, Weakness, Gap, Reversal)

__all__ = [
    "EXAMPLES",
    "DayStrategy",
    "Gap",
    "Record",
    "Recorded",
    "Reversal",
    "Trend",
    "Weakness",
    "average_close",
    "record_of",
]
