"""A clock that no one can turn: it counts on from its start, whatever the machine's clock does."""

import time
from collections.abc import Callable
from datetime import datetime

from fillpath.core.units import moment

_MICROSECOND = 1_000


class SteadyClock:
    """Tell the time as the machine's clock said it at the start, plus what has passed since.

    A machine whose clock is set forward or back moves no timer and ages no signal here; how far the
    two have come apart is ``drift``.

    Args:
        wall: nanoseconds UTC by the machine's clock.
        monotonic: nanoseconds that only ever count up.
    """

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset = wall() - monotonic()

    def nanoseconds(self) -> int:
        """Return the present moment in nanoseconds UTC, cut to microseconds."""
        at = self._monotonic() + self._offset
        return at - at % _MICROSECOND

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC; never earlier than the answer before."""
        return moment(self.nanoseconds())

    def drift(self) -> int:
        """Return how far the machine's clock has run ahead of this one, nanoseconds."""
        return self._wall() - self._monotonic() - self._offset
