"""The equity of a replay at fixed moments, from the desk's own book: splits and fees included."""

from collections.abc import Sequence

import numpy as np

from fillpath.backtest.replay import NEVER, Replay, SessionTimes
from fillpath.core.models import Signal
from fillpath.core.units import NANOSECONDS, moment, money_decimal
from fillpath.reports.performance import EquityPoint

FEW_SESSIONS = 30
_STEP = 300 * NANOSECONDS


class EquityShow:
    """Looks at the account every five minutes of a short run, and at the close of each session.

    It shows nothing to anybody and sends no signals: a run with it is the same run.

    Args:
        replay: the run.
        sessions: its days.
    """

    def __init__(self, replay: Replay, sessions: Sequence[SessionTimes]) -> None:
        self._replay = replay
        self._closes = {session.close_at for session in sessions}
        self._moments = _moments(sessions)
        self._next = 0
        self.points: list[EquityPoint] = []
        self.closes: list[EquityPoint] = []

    @property
    def at(self) -> int:
        """Return the next moment."""
        return self._moments[self._next] if self._next < len(self._moments) else NEVER

    @property
    def total(self) -> int:
        """Return how many moments there are."""
        return len(self._moments)

    def skip_to(self, done_at: int) -> None:
        """Pass over the moments at or before ``done_at``."""
        while self.at <= done_at:
            self._next += 1

    def show_next(self) -> Sequence[Signal]:
        """Write down the account."""
        at = self.at
        self._next += 1
        point = self.look(at)
        self.points.append(point)
        if at in self._closes:
            self.closes.append(point)
        return ()

    def look(self, at: int) -> EquityPoint:
        """Return the account as the desk sees it now."""
        book = self._replay.desk.state.book
        longs, shorts = self._replay.market.values(book.holdings)
        return EquityPoint(
            moment(at),
            float(money_decimal(book.cash + longs - shorts)),
            float(money_decimal(longs + shorts)),
        )


def _moments(sessions: Sequence[SessionTimes]) -> list[int]:
    found = {session.close_at for session in sessions}
    if len(sessions) <= FEW_SESSIONS:
        for session in sessions:
            found.update(np.arange(session.open_at, session.close_at, _STEP).tolist())
    return sorted(found)
