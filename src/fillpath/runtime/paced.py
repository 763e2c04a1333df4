"""A clock for showing a recording: it keeps pace with a line that rises faster than real time.

The line is where the recording would be at its speed. The clock is moved along it, from one thing
that happens to the next and never past one; between two moves time passes as it really does. So
whatever works meanwhile is measured in its own, real time, at any speed.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from fillpath.core.errors import ConfigError
from fillpath.core.units import moment

_MICROSECOND: Final = 1_000
FASTEST: Final = 3_600


class PacedClock:
    """Tell the time of a recording that is played at a visible speed.

    Args:
        start: first moment, nanoseconds UTC.
        speed: recorded seconds that pass in a real one, from 1 to ``FASTEST``.
        steady: nanoseconds that only ever count up.

    Raises:
        ConfigError: the speed is out of its range.
    """

    def __init__(
        self, start: int, speed: int, steady: Callable[[], int] = time.monotonic_ns
    ) -> None:
        if not 1 <= speed <= FASTEST:
            raise ConfigError(f"speed must be a whole number from 1 to {FASTEST}, got {speed}")
        self.speed = speed
        self._steady = steady
        self._set(start)

    def nanoseconds(self) -> int:
        """Return the present moment in nanoseconds UTC, cut to microseconds."""
        at = self._at + self._steady() - self._since
        return at - at % _MICROSECOND

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC; never earlier than the answer before."""
        return moment(self.nanoseconds())

    def drift(self) -> int:
        """Return 0: the machine's clock has nothing to do with this one."""
        return 0

    def line(self) -> int:
        """Return where the recording would be by now, nanoseconds UTC."""
        return self._line_at + self.speed * (self._steady() - self._line_since)

    def has_passed(self, at: int) -> bool:
        """Return whether the line is at ``at`` already, wherever the clock itself is."""
        return at <= self.line()

    def keep_pace(self, up_to: int) -> int:
        """Move to the line, but not past ``up_to``, and return the moment; never backwards."""
        now = self.nanoseconds()
        goal = min(self.line(), up_to)
        if goal > now:
            # Rounded up to what a datetime can hold: what is known at the goal is never newer.
            self._at = -(-goal // _MICROSECOND) * _MICROSECOND
            self._since = self._steady()
        return self.nanoseconds()

    def jump(self, at: int) -> None:
        """Go on from ``at``, which is not in the past, and let the line begin there."""
        assert at >= self.nanoseconds(), "a recording never runs backwards"
        self._set(at)

    def settle(self) -> None:
        """From now on time passes as it really does: the recording has ended."""
        self.speed = 1
        self._set(self.nanoseconds())

    def _set(self, at: int) -> None:
        self._at = self._line_at = -(-at // _MICROSECOND) * _MICROSECOND
        self._since = self._line_since = self._steady()


__all__ = ["FASTEST", "PacedClock"]
