"""The market behind a Backtrader run: our simulated broker, moved along by Backtrader's bars.

At the end of a bar the strategy decides. What it sends leaves at the release that follows: the next
open where bars are the market, at once where there are quotes. Until the next bar ends every quote
on the way is shown to what works.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import Final

import numpy as np

from fillpath.backtest.bar_market import A_DAY
from fillpath.backtest.replay import ReplayInputs, SessionTimes
from fillpath.backtest.sim_clock import SimClock, whole
from fillpath.backtest.tape_market import NEVER, TapeMarket
from fillpath.core.events import BrokerEvent, MarketView
from fillpath.core.models import Order, PortfolioSnapshot
from fillpath.data.files.bars import BarTape
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker

_EPOCH_DAY: Final = 719_163
_MILLISECONDS_A_DAY: Final = 86_400_000
_MILLISECOND: Final = 1_000_000


class Happening(IntEnum):
    """What happens first where moments are equal."""

    CLOSE = 0
    OPEN = 1
    ARRIVAL = 2
    QUOTE = 3
    REMINDER = 4


class Releases:
    """When what was decided at the end of a bar leaves.

    Args:
        inputs: what the run is made of.
        of_bars: whether the market is made of bars: then it is their next open.
    """

    def __init__(self, inputs: ReplayInputs, bars: Iterable[BarTape], *, of_bars: bool) -> None:
        starts = [tape.ts for tape in bars] if of_bars else []
        self._opens: list[int] = np.unique(np.concatenate(starts)).tolist() if starts else []
        self._bids = {name: (tape.ts, tape.bid, tape.ask) for name, tape in inputs.tapes.items()}

    def after(self, ended_at: int) -> int:
        """Return the release that follows a bar which ended then, nanoseconds UTC."""
        place = bisect_left(self._opens, ended_at)
        return self._opens[place] if place < len(self._opens) else ended_at

    def market(self, symbol: str, at: int) -> MarketView:
        """Return the quote that stands at a release."""
        ts, bid, ask = self._bids[symbol]
        row = int(np.searchsorted(ts, at, side="right")) - 1
        if row < 0:
            return MarketView()
        return MarketView(int(bid[row]) or None, int(ask[row]) or None, quote_at=int(ts[row]))


class Stage:
    """Clock, market and broker of a run on our simulated broker.

    Args:
        inputs: tapes, sessions and volumes.
        simulation: what the account starts with, and how it fills.
        releases: when what is decided leaves.
        of_bars: whether the market is made of bars: a bar is over before the next one opens.
    """

    def __init__(
        self,
        inputs: ReplayInputs,
        simulation: SimulationPolicy,
        releases: Releases,
        *,
        of_bars: bool,
    ) -> None:
        self.clock = SimClock(min(session.open_at for session in inputs.sessions))
        self.market = TapeMarket(inputs.tapes.values())
        self.broker = SimulatedBroker(self.market, self.clock, simulation)
        self.releases = releases
        self.waiting: dict[str, str] = {}
        self.remind: Callable[[str], None] = _nobody
        self.settle: Callable[[], None] = _nothing
        self._inputs = inputs
        self._last = Happening.OPEN - 1 if of_bars else Happening.QUOTE
        self._closes = {session.close_at for session in inputs.sessions}
        self._agenda: list[tuple[int, int, str]] = []
        for number, session in enumerate(inputs.sessions):
            self._agenda.append((session.open_at, Happening.OPEN, str(number)))
            self._agenda.append((session.close_at, Happening.CLOSE, ""))
        heapify(self._agenda)

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        """Send what the broker says to ``sink``."""
        self.broker.subscribe(sink)

    def submit(self, order: Order) -> None:
        """Send an order; it is shown the market until ``ended`` is told of it."""
        self.waiting[order.order_id] = order.symbol
        self.broker.submit(order)

    def ended(self, order_id: str) -> None:
        """Take down that an order works no more."""
        self.waiting.pop(order_id, None)

    def call_at(self, at: int, name: str) -> None:
        """Call ``remind`` with a name right after a moment, unless the run is over by then."""
        heappush(self._agenda, (at, Happening.REMINDER, name))

    def ends_session(self, at: int) -> bool:
        """Return whether a session closes at a moment."""
        return at in self._closes

    def release(self, decided_at: int, next_end: int) -> None:
        """Go to the release of what was decided, before the next bar ends."""
        at = min(self.releases.after(decided_at), next_end - 1)
        self._play(at, Happening.QUOTE)

    def before(self, ended_at: int) -> None:
        """Go through a bar to the last quote before its end."""
        self._play(ended_at - 1, Happening.REMINDER)

    def until(self, ended_at: int) -> None:
        """Go to the end of a bar: its session closes, and the next bar has not opened yet."""
        self._play(ended_at, self._last)

    def portfolio(self) -> PortfolioSnapshot:
        """Return the account."""
        return self.broker.portfolio()

    def _play(self, until: int, last: int) -> None:
        while True:
            at, kind = self._next()
            if (at, kind) > (until, last):
                break
            self._see(at)
            self._happen(at, kind)
            self.settle()
        self._see(until if last >= Happening.QUOTE else until - 1, until)

    def _see(self, at: int, clock_at: int = 0) -> None:
        """Let quotes be known up to a moment; the clock never runs backwards."""
        self.market.now = max(at, self.market.now)
        if whole(max(at, clock_at)) > self.clock.nanoseconds():
            self.clock.move(max(at, clock_at))

    def _next(self) -> tuple[int, int]:
        at, kind = self._agenda[0][:2] if self._agenda else (NEVER, Happening.REMINDER)
        due = self.broker.next_due()
        if due is not None:
            at, kind = min((at, kind), (due, Happening.ARRIVAL))
        if self.waiting:
            quoted = min(self._quoted(symbol) for symbol in self.waiting.values())
            at, kind = min((at, kind), (quoted, Happening.QUOTE))
        return at, kind

    def _quoted(self, symbol: str) -> int:
        """Return when the next quote of a symbol comes."""
        cursor = self.market.cursors[symbol]
        cursor.advance(self.market.now)
        return cursor.next_at

    def _happen(self, at: int, kind: int) -> None:
        if kind == Happening.QUOTE:
            for symbol in dict.fromkeys(self.waiting.values()):
                self.broker.on_market(symbol)
        elif kind == Happening.ARRIVAL:
            self.broker.on_time()
        else:
            _, _, name = heappop(self._agenda)
            if kind == Happening.OPEN:
                self._open(self._inputs.sessions[int(name)], at)
            elif kind == Happening.CLOSE:
                self.broker.expire_day_orders()
            else:
                self.remind(name)

    def _open(self, session: SessionTimes, at: int) -> None:
        for symbol, cursor in self.market.cursors.items():
            cursor.set_adv(self._inputs.adv(symbol, session.day))
        self.broker.open_session(at, session.close_at)


def true_ends(tape: BarTape, sessions: Iterable[SessionTimes]) -> list[int]:
    """Return when each bar ended; a day is known later, but ended with its session."""
    ends = tape.ts_end.copy()
    ordered = sorted(sessions, key=lambda session: session.open_at)
    opens = np.array([session.open_at for session in ordered], dtype=np.int64)
    closes = np.array([session.close_at for session in ordered], dtype=np.int64)
    days = np.flatnonzero(ends - tape.ts >= A_DAY)
    places = np.searchsorted(opens, tape.ts[days], side="right") - 1
    inside = (places >= 0) & (tape.ts[days] < closes[places])
    ends[days[inside]] = closes[places[inside]]
    return [int(end) for end in ends.tolist()]


def moment_of(number: float) -> int:
    """Return the moment of one of Backtrader's numbers of days, nanoseconds UTC.

    They are floats, so that nothing below a millisecond means anything.
    """
    return round((number - _EPOCH_DAY) * _MILLISECONDS_A_DAY) * _MILLISECOND


def number_of(at: int) -> float:
    """Return Backtrader's number of days of a moment."""
    days, rest = divmod(at, _MILLISECONDS_A_DAY * _MILLISECOND)
    return _EPOCH_DAY + days + rest / (_MILLISECONDS_A_DAY * _MILLISECOND)


def _nobody(_name: str) -> None:
    """Be told nothing."""


def _nothing() -> None:
    """Have nothing to settle."""


def ends_of(tapes: Mapping[str, BarTape], sessions: Iterable[SessionTimes]) -> dict[str, list[int]]:
    """Return when the bars of each symbol ended."""
    known = list(sessions)
    return {name: true_ends(tape, known) for name, tape in tapes.items()}


__all__ = ["Releases", "Stage", "ends_of", "moment_of", "number_of", "true_ends"]
