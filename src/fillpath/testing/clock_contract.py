"""What every clock promises; subclass ``ClockContract`` and fill in the hooks."""

# A suite of tests: the names are the promises.
# ruff: noqa: D102

from datetime import UTC

from fillpath.core.ports import Clock, EngineClock
from fillpath.core.units import nanoseconds


class ClockContract:
    """The suite; each test runs on a fresh instance of the subclass."""

    def make_clock(self) -> Clock:
        """Return a clock."""
        raise NotImplementedError

    def let_time_pass(self, clock: Clock) -> None:
        """Make at least a microsecond pass."""
        raise NotImplementedError

    def test_the_moment_is_aware_and_in_utc(self) -> None:
        moment = self.make_clock().now()

        assert moment.tzinfo is UTC

    def test_time_goes_on(self) -> None:
        clock = self.make_clock()
        before = clock.now()

        self.let_time_pass(clock)

        assert clock.now() > before

    def test_time_never_goes_back(self) -> None:
        clock = self.make_clock()

        moments = [clock.now() for _ in range(1_000)]

        assert moments == sorted(moments)


class EngineClockContract(ClockContract):
    """The suite of a clock that also counts."""

    def make_clock(self) -> EngineClock:
        """Return a clock that counts."""
        raise NotImplementedError

    def test_the_count_is_of_the_same_moment(self) -> None:
        clock = self.make_clock()

        before, count, after = clock.now(), clock.nanoseconds(), clock.now()

        assert nanoseconds(before) <= count <= nanoseconds(after)
