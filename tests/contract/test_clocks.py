"""Every clock keeps the promises of ``ClockContract``."""

from fillpath.backtest.sim_clock import SimClock
from fillpath.core.ports import Clock, EngineClock
from fillpath.runtime.clock import ManualClock, SystemClock
from fillpath.runtime.paced import PacedClock
from fillpath.testing import EngineClockContract
from fillpath.testing.builders import START, START_NS


class TestSystemClock(EngineClockContract):
    def make_clock(self) -> EngineClock:
        return SystemClock()

    def let_time_pass(self, clock: Clock) -> None:
        before = clock.now()
        while clock.now() == before:
            pass


class TestManualClock(EngineClockContract):
    def make_clock(self) -> EngineClock:
        return ManualClock(START)

    def let_time_pass(self, clock: Clock) -> None:
        assert isinstance(clock, ManualClock)
        clock.advance(0.000001)


class TestPacedClock(EngineClockContract):
    def make_clock(self) -> EngineClock:
        return PacedClock(START_NS, 60)

    def let_time_pass(self, clock: Clock) -> None:
        before = clock.now()
        while clock.now() == before:
            pass


class TestSimClock(EngineClockContract):
    def make_clock(self) -> EngineClock:
        return SimClock(START_NS)

    def let_time_pass(self, clock: Clock) -> None:
        assert isinstance(clock, SimClock)
        clock.move(clock.nanoseconds() + 1)
