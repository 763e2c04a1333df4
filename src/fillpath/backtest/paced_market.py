"""A recording handed out while a clock passes it: quotes to a feed, signals to whoever asks.

Nothing is handed out before its time. Between two looks only the last quote of each symbol is
shown, as a screen would; a signal, a timer and the bounds of a session are never passed over.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np

from fillpath.backtest.happenings import Timed, happenings, timed
from fillpath.backtest.replay import ReplayInputs, SessionTimes, time_of
from fillpath.core.events import Event, ReferenceSeen
from fillpath.core.models import Signal
from fillpath.core.units import NANOSECONDS, quantity_decimal
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.runtime.paced import PacedClock
from fillpath.scheduling.calendar import session_number

NEVER: Final = 1 << 62
CLOSED_SECONDS: Final = 3
"""Real seconds for which the market stays closed before the next recorded session begins."""


class RecordedHours:
    """The sessions of a recording are when its market is open.

    Args:
        sessions: oldest first.
    """

    def __init__(self, sessions: tuple[SessionTimes, ...]) -> None:
        self._sessions = sessions

    def closes_at(self, at: int) -> int | None:
        """Return the close of the session that holds ``at``; a session is over at its close."""
        session = self._holding(at)
        return None if session is None else session.close_at

    def next_change(self, at: int) -> int | None:
        """Return the next open or close after ``at``; None after the last one."""
        edges = (edge for one in self._sessions for edge in (one.open_at, one.close_at))
        return next((edge for edge in edges if edge > at), None)

    def day(self, at: int) -> int:
        """Return the number of the session that holds ``at``; 0 between sessions."""
        session = self._holding(at)
        return 0 if session is None else session_number(session.day)

    def _holding(self, at: int) -> SessionTimes | None:
        return next((one for one in self._sessions if one.open_at <= at < one.close_at), None)


class PacedMarket:
    """Hand out a recording as its clock passes it.

    Args:
        inputs: quotes, sessions, signals and splits; there is at least one session.
        clock: is moved, and stands at the first open or later.
        feed: takes quotes and average volumes.
    """

    def __init__(self, inputs: ReplayInputs, clock: PacedClock, feed: MemoryFeed) -> None:
        self.hours = RecordedHours(inputs.sessions)
        self.ended = False
        self._inputs = inputs
        self._clock = clock
        self._feed = feed
        days = (session.day for session in inputs.sessions)
        self._happenings = happenings(days, inputs.splits, inputs.dividends)
        self._rows = dict.fromkeys(inputs.tapes, -1)
        self._signals = [(time_of(signal), signal) for signal in inputs.signals]
        self._taken = 0
        self._today: date | None = None
        self._last = inputs.sessions[-1].close_at

    def step(self, due: int | None = None) -> Iterator[Event | Signal | Timed]:
        """Move on to the next thing that happens, or as far as time has come, and yield it.

        Args:
            due: when the next timer of the engine is due, nanoseconds; None without one.
        """
        now = self._clock.keep_pace(self._next_moment(due))
        self._follow_night(now)
        now = self._clock.nanoseconds()
        yield from self._begin_day(now)
        self._show(now)
        while self._taken < len(self._signals) and self._signals[self._taken][0] <= now:
            self._taken += 1
            yield self._signals[self._taken - 1][1]

    def hurries(self, due: int | None = None) -> bool:
        """Return whether there is more to hand out at once."""
        return self._clock.has_passed(self._next_moment(due))

    def _next_moment(self, due: int | None) -> int:
        """Return the next moment that must not be passed over."""
        now = self._clock.nanoseconds()
        signal = self._signals[self._taken][0] if self._taken < len(self._signals) else NEVER
        change = self.hours.next_change(now)
        moments = (signal, NEVER if change is None else change, NEVER if due is None else due)
        return min((at for at in moments if at > now), default=NEVER)

    def _follow_night(self, now: int) -> None:
        """Leave out what was not recorded; after the end time passes as it really does."""
        if self.hours.closes_at(now) is not None or self.ended:
            return
        if now >= self._last:
            self.ended = True
            self._clock.settle()
            return
        opens_at = self.hours.next_change(now)
        assert opens_at is not None, "a session is still to come"
        closed_at = max((s.close_at for s in self._inputs.sessions if s.close_at <= now), default=0)
        rest = CLOSED_SECONDS * self._clock.speed * NANOSECONDS
        if now >= closed_at + rest and now < opens_at:
            self._clock.jump(opens_at)

    def _begin_day(self, now: int) -> Iterator[Event | Timed]:
        day = next((s.day for s in self._inputs.sessions if s.open_at <= now < s.close_at), None)
        if day is None or day == self._today:
            return
        self._today = day
        yield from timed(self._happenings.get(day, ()), now)
        for symbol in self._inputs.tapes:
            close = self._inputs.prior_close(symbol, day)
            if close is not None:
                yield ReferenceSeen(now, symbol, prior_close=close)
            volume = self._inputs.adv(symbol, day)
            if volume:
                self._feed.set_adv(symbol, quantity_decimal(volume))

    def _show(self, now: int) -> None:
        """Show the last quote of each symbol that is known by now, where it is a new one."""
        for symbol, tape in self._inputs.tapes.items():
            row = int(np.searchsorted(tape.ts, now, side="right")) - 1
            if row > self._rows[symbol]:
                self._rows[symbol] = row
                self._feed.set_quote(tape.quote(row))


__all__ = ["NEVER", "PacedMarket", "RecordedHours"]
