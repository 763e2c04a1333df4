"""Every clock keeps the promises of ``ClockContract``."""

from fillpath.core.ports import Clock
from fillpath.runtime.clock import ManualClock, SystemClock
from fillpath.testing import ClockContract
from fillpath.testing.builders import START


class TestSystemClock(ClockContract):
    def make_clock(self) -> Clock:
        return SystemClock()

    def let_time_pass(self, clock: Clock) -> None:
        before = clock.now()
        while clock.now() == before:
            pass


class TestManualClock(ClockContract):
    def make_clock(self) -> Clock:
        return ManualClock(START)

    def let_time_pass(self, clock: Clock) -> None:
        assert isinstance(clock, ManualClock)
        clock.advance(0.000001)
