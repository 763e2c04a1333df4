"""Three textbook rules on bars: momentum, mean reversion within bands, breakout with a range stop.

They show how a rule becomes a strategy and how its size comes from what it has really earned. They
are no advice: none of them is known to earn anything after costs, and an engine that refuses them
for having no edge does what it is for.

Each rule is asked at the end of a bar whether to hold, from that bar and earlier ones alone; on paper
it trades at the open of the next bar. The first trades are made with a small fixed size, and say so.
"""

from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Context, Decimal
from typing import ClassVar, Final

from msgspec import Struct

from fillpath.core.models import ZERO, Bar, Signal, SignalDirection
from fillpath.strategy.base import StrategyView
from fillpath.strategy.declared import Needs, Parameter, Value, read_parameters
from fillpath.strategy.measured import Record
from fillpath.strategy.splits import bar_in_new_shares, in_new_shares
from fillpath.strategy.statistics import MeasuredStatistics

REMEMBERED_BARS: Final = 1_000
ASK_AGAIN: Final = 10
_STRENGTH: Final = Decimal("0.6")
_ONE: Final = Decimal(1)
_ROOT: Final = Context(prec=28)

COMMON: Final = (
    Parameter(
        name="bar_minutes",
        default=1,
        low=1,
        high=1_440,
        unit="minutes",
        meaning="length of a bar; 1440 is a bar of a whole session",
    ),
    Parameter(
        name="min_trades",
        default=30,
        low=1,
        high=10_000,
        unit="trades",
        meaning="closed trades, on paper or live its own, before its record sizes an order",
    ),
    Parameter(
        name="bootstrap_shares",
        default=1,
        low=0,
        high=100,
        unit="shares",
        meaning="size until then; 0 trades nothing",
    ),
    Parameter(
        name="cost_bps",
        default=Decimal(5),
        low=Decimal(0),
        high=Decimal(500),
        unit="bps",
        meaning="cost of a trade on paper, each side",
    ),
    Parameter(
        name="cautious",
        default=0,
        low=0,
        high=1,
        meaning="1 claims the lower end of the win rate (Wilson), 0 the measured one",
    ),
)
"""Parameters that every rule here has."""


class _Watch(Struct):
    """What a rule knows of one symbol."""

    past: deque[Bar]
    wanted: bool = False
    on_paper: Decimal = ZERO
    since: int = 0
    asked: SignalDirection | None = None
    asked_ago: int = 0


class BarRule(ABC):
    """Hold a long position while a rule on bars says so, sized by the record of the rule.

    A subclass gives ``name``, ``parameters``, ``history`` and ``holds``. Parameters are given by
    name, as numbers or as texts.

    Raises:
        ConfigError: a parameter is not declared, or its value is not allowed.
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = COMMON
    needs: Needs = Needs(bar_length=timedelta(minutes=1))

    def __init__(self, **given: object) -> None:
        self.values: dict[str, Value] = read_parameters(self.parameters, given)
        length = timedelta(minutes=int(self.values["bar_minutes"]))
        self.needs = Needs(bar_length=length, history=self.history())
        self.statistics = MeasuredStatistics(
            minimum=int(self.values["min_trades"]),
            bootstrap=int(self.values["bootstrap_shares"]),
            cost_bps=Decimal(self.values["cost_bps"]),
            cautious=bool(self.values["cautious"]),
        )
        self._watched: defaultdict[str, _Watch] = defaultdict(
            lambda: _Watch(deque(maxlen=REMEMBERED_BARS))
        )

    @abstractmethod
    def history(self) -> int:
        """Return how many bars the rule needs before it can say anything."""

    @abstractmethod
    def holds(self, past: Sequence[Bar], since: int) -> bool:
        """Return whether to hold from now on.

        Args:
            past: bars that are over, oldest first, as many as ``history`` or more.
            since: bars for which it has held already; 0 when it holds nothing.
        """

    def strength(self) -> Decimal:
        """Return the strength of an entry, from 0 to 1."""
        return _STRENGTH

    def record(self, symbol: str | None = None) -> Record:
        """Return what the rule has earned on paper."""
        return self.statistics.record(symbol)

    def on_record(self, record: Record) -> None:
        """Speak for what the account has earned with it, and no longer for its trades on paper."""
        self.statistics.speak_for(record)

    def on_split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Turn what is remembered of a symbol into new shares."""
        watch = self._watched[symbol]
        watch.on_paper = in_new_shares(watch.on_paper, new_shares, old_shares)
        self.statistics.split(symbol, new_shares, old_shares)
        past = [bar_in_new_shares(bar, new_shares, old_shares) for bar in watch.past]
        watch.past.clear()
        watch.past.extend(past)

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Learn from a bar that has ended, and act when the rule and the account differ."""
        if not self.needs.takes(bar):
            return ()
        watch = self._watched[bar.symbol]
        self._trade_on_paper(watch, bar)
        watch.past.append(bar)
        if len(watch.past) < self.needs.history:
            return ()
        watch.since = watch.since + 1 if watch.wanted else 0
        watch.wanted = self.holds(tuple(watch.past), watch.since)
        return self._answer(watch, bar, view)

    def _trade_on_paper(self, watch: _Watch, bar: Bar) -> None:
        """Do at the open of a bar what was decided before it."""
        if watch.wanted is not bool(watch.on_paper):
            shares = -watch.on_paper or _ONE
            watch.on_paper += shares
            self.statistics.trade(bar.symbol, shares, bar.open, bar.ts)

    def _answer(self, watch: _Watch, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Ask once, and for a way out again after ten bars when no order of the first is left."""
        held = view.position(bar.symbol)
        asks = _asked_for(wanted=watch.wanted, held=held)
        watch.asked_ago += 1
        again = asks is SignalDirection.FLAT and watch.asked_ago >= ASK_AGAIN
        if asks is watch.asked and not (again and not _leaves(held, view.working(bar.symbol))):
            return ()
        if asks is None and watch.wanted:  # what it asked for is there
            return ()
        watch.asked, watch.asked_ago = asks, 0
        return () if asks is None else (self._signal(bar, asks),)

    def _signal(self, bar: Bar, direction: SignalDirection) -> Signal:
        enters = direction is SignalDirection.LONG
        claims = self.statistics.claims() if enters else {}
        word = "entry" if enters else "exit"
        return Signal(
            symbol=bar.symbol,
            direction=direction,
            strength=self.strength() if enters else _STRENGTH,
            metadata={"signal_price": bar.close, **claims},
            strategy_name=self.name,
            signal_id=f"{bar.symbol}-{bar.ts_end:%Y%m%dT%H%M%S}-{word}",
            timestamp=bar.ts_end,
        )


class Momentum(BarRule):
    """Hold what has risen by more than a threshold over a number of bars, until it has fallen.

    It lives on trends and pays for every turn: in a market without direction it buys high and sells
    low, and costs decide.

    Source:
        Jegadeesh and Titman (1993), Returns to Buying Winners and Selling Losers, for months and
        portfolios; nothing there speaks for minutes.
    """

    name = "momentum"
    parameters = (
        *COMMON,
        Parameter(
            name="lookback",
            default=20,
            low=1,
            high=500,
            unit="bars",
            meaning="over how many bars the rise is measured",
        ),
        Parameter(
            name="threshold_pct",
            default=Decimal("0.5"),
            low=Decimal(0),
            high=Decimal(50),
            unit="%",
            meaning="rise above which it enters; it leaves at a fall",
        ),
    )

    def history(self) -> int:
        """Return the bars from the first close to the last."""
        return int(self.values["lookback"]) + 1

    def holds(self, past: Sequence[Bar], since: int) -> bool:
        """Return whether the rise is large enough, or still there."""
        rise_pct = (past[-1].close / past[-self.history()].close - 1) * 100
        return rise_pct >= 0 if since else rise_pct > self.values["threshold_pct"]


class MeanReversion(BarRule):
    """Buy below the lower band and leave at the average: bands of so many standard deviations.

    It wins often and little, and loses rarely and much: what falls further is held until the average
    has come down to it. It has no stop of its own; the engine's protection is its stop.

    Source:
        Bollinger (2002), Bollinger on Bollinger Bands: average and population deviation of closes.
    """

    name = "mean-reversion"
    parameters = (
        *COMMON,
        Parameter(
            name="window",
            default=20,
            low=2,
            high=500,
            unit="bars",
            meaning="closes of the average and the deviation",
        ),
        Parameter(
            name="width",
            default=Decimal(2),
            low=Decimal("0.1"),
            high=Decimal(10),
            unit="deviations",
            meaning="distance of the band from the average",
        ),
    )

    def history(self) -> int:
        """Return the bars of the average."""
        return int(self.values["window"])

    def holds(self, past: Sequence[Bar], since: int) -> bool:
        """Return whether the close is below the band, or has not come back to the average."""
        closes = [bar.close for bar in past[-self.history() :]]
        average = sum(closes, ZERO) / len(closes)
        if since:
            return closes[-1] < average
        variance = sum(((close - average) ** 2 for close in closes), ZERO) / len(closes)
        return closes[-1] < average - self.values["width"] * variance.sqrt(_ROOT)


class Breakout(BarRule):
    """Buy a close above the highest high of a number of bars; leave some true ranges below the top.

    It loses often and little, and wins rarely: most breakouts fail. The way out looks at closes, so
    a gap goes through it; the engine's protection is the stop. It looks back 1000 bars at most.

    Source:
        Wilder (1978), New Concepts in Technical Trading Systems, for the average true range; here it
        is the plain average. The exit is the one known as the chandelier.
    """

    name = "breakout"
    parameters = (
        *COMMON,
        Parameter(
            name="window",
            default=20,
            low=1,
            high=500,
            unit="bars",
            meaning="bars before, whose highest high has to be passed",
        ),
        Parameter(
            name="range_window",
            default=14,
            low=1,
            high=500,
            unit="bars",
            meaning="bars of the average true range",
        ),
        Parameter(
            name="ranges",
            default=Decimal(3),
            low=Decimal("0.1"),
            high=Decimal(20),
            unit="true ranges",
            meaning="distance below the highest close at which it leaves",
        ),
    )

    def history(self) -> int:
        """Return the bars before the last one and the last one itself."""
        return max(int(self.values["window"]), int(self.values["range_window"])) + 1

    def holds(self, past: Sequence[Bar], since: int) -> bool:
        """Return whether the last close breaks out, or stays near enough to the top."""
        last = past[-1].close
        if not since:
            window = int(self.values["window"])
            return last > max(bar.high for bar in past[-window - 1 : -1])
        top = max(bar.close for bar in past[-since - 1 :])
        away = self.values["ranges"] * average_true_range(past, int(self.values["range_window"]))
        return last > top - away


def average_true_range(past: Sequence[Bar], bars: int) -> Decimal:
    """Return the average true range of the last bars; one more is needed for the first close.

    The true range of a bar reaches from its low to its high and takes in the close before it.
    """
    ranges = [
        max(bar.high, before.close) - min(bar.low, before.close)
        for before, bar in zip(past[-bars - 1 : -1], past[-bars:], strict=True)
    ]
    return sum(ranges, ZERO) / bars


def _asked_for(*, wanted: bool, held: Decimal) -> SignalDirection | None:
    """Return what has to be asked for, so that the account has what the rule wants."""
    if wanted and held <= 0:
        return SignalDirection.LONG if not held else SignalDirection.FLAT
    return SignalDirection.FLAT if held and not wanted else None


def _leaves(held: Decimal, working: Decimal) -> bool:
    """Return whether orders that still work leave nothing of what is held."""
    return held * (held + working) <= 0


RULES: Final[tuple[type[BarRule], ...]] = (Momentum, MeanReversion, Breakout)
"""The rules that are built in."""

__all__ = [
    "COMMON",
    "RULES",
    "BarRule",
    "Breakout",
    "MeanReversion",
    "Momentum",
    "average_true_range",
]
