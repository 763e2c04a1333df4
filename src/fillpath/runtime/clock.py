"""The only place that knows what time it is: the machine's clock, and one that tests move by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from fillpath.core.errors import ModelError
from fillpath.core.units import Number, aware, exact, nanoseconds

_MICROSECONDS: Final = Decimal(1_000_000)


class SystemClock:
    """Tell the machine's time in UTC; a machine that steps back makes it stand still."""

    def __init__(self) -> None:
        self._last = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC; never earlier than the answer before."""
        self._last = max(self._last, datetime.now(UTC))
        return self._last

    def nanoseconds(self) -> int:
        """Return the present moment in nanoseconds UTC."""
        return nanoseconds(self.now())


class ManualClock:
    """Stand still until told to move; the answer is the same object until then.

    Args:
        at: the first moment, aware.

    Raises:
        ModelError: ``at`` is not an aware datetime.
    """

    def __init__(self, at: datetime) -> None:
        self._now = aware(at, "at")

    def now(self) -> datetime:
        """Return the moment that was set last, aware, in UTC."""
        return self._now

    def nanoseconds(self) -> int:
        """Return the moment that was set last in nanoseconds UTC."""
        return nanoseconds(self._now)

    def advance(self, seconds: Number) -> None:
        """Move forward by ``seconds``, 0 or more, cut to microseconds.

        Raises:
            ModelError: not a finite number of 0 or more.
        """
        number = exact(seconds, "seconds")
        if number < 0:
            raise ModelError(f"seconds must be 0 or more, got {seconds!r}")
        self._now += timedelta(microseconds=int(number * _MICROSECONDS))

    def set(self, at: datetime) -> None:
        """Move to ``at``, which must not be earlier than now.

        Raises:
            ModelError: not an aware datetime, or earlier than now.
        """
        moment = aware(at, "at")
        if moment < self._now:
            raise ModelError(f"at must not be earlier than {self._now}, got {moment}")
        self._now = moment
