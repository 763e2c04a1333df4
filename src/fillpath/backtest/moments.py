"""What a replay shows to somebody, moment by moment."""

from collections.abc import Sequence
from typing import Protocol

from fillpath.core.models import Signal


class Moments(Protocol):
    """What a strategy is shown, in time order: bars that end, quotes that come."""

    @property
    def at(self) -> int:
        """Return the next moment in nanoseconds UTC, ``NEVER`` when there is none."""
        ...

    @property
    def total(self) -> int:
        """Return how many moments there are in all."""
        ...

    def skip_to(self, done_at: int) -> None:
        """Pass over what was shown at or before ``done_at`` by the run that is continued."""
        ...

    def show_next(self) -> Sequence[Signal]:
        """Show the next one to the strategy and return what it answers."""
        ...
