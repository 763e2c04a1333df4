"""Simulated time: it stands still until the replay moves it, in whole microseconds."""

from datetime import datetime
from typing import Final

from fillpath.core.units import moment

MICROSECOND: Final = 1_000


def whole(at: int) -> int:
    """Return the first whole microsecond at or after ``at`` nanoseconds, in nanoseconds."""
    return -(-at // MICROSECOND) * MICROSECOND


class SimClock:
    """The clock of a replay.

    Args:
        at: first moment, nanoseconds UTC.
    """

    def __init__(self, at: int = 0) -> None:
        self._at = at
        self._moment: datetime | None = None

    def move(self, at: int) -> int:
        """Go to ``at`` nanoseconds UTC, never backwards, and return the moment in nanoseconds.

        Rounded up to a whole microsecond, which is what a datetime can hold: a quote that is known
        at ``at`` is never newer than the clock.
        """
        rounded = -(-at // MICROSECOND) * MICROSECOND
        assert rounded >= self._at, "simulated time never runs backwards"
        if rounded != self._at:
            self._at = rounded
            self._moment = None
        return rounded

    def now(self) -> datetime:
        """Return the simulated moment; the same object until the clock moves."""
        if self._moment is None:
            self._moment = moment(self._at)
        return self._moment

    def nanoseconds(self) -> int:
        """Return the simulated moment in nanoseconds UTC."""
        return self._at
