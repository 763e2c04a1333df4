"""The clock of a played recording: it keeps to its line and passes nothing over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ConfigError
from fillpath.core.units import NANOSECONDS
from fillpath.runtime.paced import FASTEST, PacedClock
from fillpath.testing.builders import START_NS

NEVER = 1 << 62
ROUNDING = 1_000
PAUSES = st.lists(st.integers(0, 10 * NANOSECONDS), max_size=30)
SPEEDS = st.integers(1, FASTEST)


class Steady:
    """Real time, which passes when it is told to."""

    def __init__(self) -> None:
        self.at = 7

    def __call__(self) -> int:
        return self.at


@given(SPEEDS, PAUSES)
def test_at_its_pace_it_shows_start_and_speed_times_what_has_passed(
    speed: int, pauses: list[int]
) -> None:
    steady = Steady()
    clock = PacedClock(START_NS, speed, steady)

    for pause in pauses:
        steady.at += pause
        shown = clock.keep_pace(NEVER)

        line = START_NS + speed * (steady.at - 7)
        assert line - ROUNDING <= shown <= line + ROUNDING


@given(SPEEDS, PAUSES)
def test_between_two_moves_time_passes_as_it_really_does(speed: int, pauses: list[int]) -> None:
    steady = Steady()
    clock = PacedClock(START_NS, speed, steady)

    for pause in pauses:
        before = clock.keep_pace(NEVER)
        steady.at += pause

        assert abs(clock.nanoseconds() - before - pause) <= ROUNDING


@given(SPEEDS, st.lists(st.tuples(st.integers(0, NANOSECONDS), st.integers(0, 10**12))))
def test_it_never_runs_backwards_nor_past_what_must_not_be_passed(
    speed: int, moves: list[tuple[int, int]]
) -> None:
    steady = Steady()
    clock = PacedClock(START_NS, speed, steady)

    for pause, ahead in moves:
        before = clock.nanoseconds()
        steady.at += pause
        real = clock.nanoseconds()
        bound = START_NS + ahead
        shown = clock.keep_pace(bound)

        assert shown >= before
        assert shown <= max(real, bound + ROUNDING)
        assert clock.now().timestamp() > 0


@given(SPEEDS, PAUSES, st.integers(0, 10**15))
def test_after_a_jump_the_line_begins_where_it_landed(
    speed: int, pauses: list[int], far: int
) -> None:
    steady = Steady()
    clock = PacedClock(START_NS, speed, steady)
    for pause in pauses:
        steady.at += pause
        clock.keep_pace(NEVER)

    landed = clock.nanoseconds() + far
    clock.jump(landed)

    assert landed <= clock.nanoseconds() <= landed + ROUNDING
    assert clock.line() - clock.nanoseconds() <= ROUNDING


def test_a_line_that_is_far_ahead_is_caught_up_step_by_step() -> None:
    steady = Steady()
    clock = PacedClock(START_NS, 60, steady)
    steady.at += NANOSECONDS

    clock.keep_pace(START_NS + NANOSECONDS)

    assert clock.has_passed(START_NS + 60 * NANOSECONDS)
    assert not clock.has_passed(START_NS + 61 * NANOSECONDS)
    assert clock.keep_pace(NEVER) == START_NS + 60 * NANOSECONDS


def test_after_the_end_a_second_takes_a_second() -> None:
    steady = Steady()
    clock = PacedClock(START_NS, 60, steady)
    clock.settle()
    steady.at += NANOSECONDS

    assert clock.keep_pace(NEVER) == START_NS + NANOSECONDS
    assert clock.drift() == 0


@pytest.mark.parametrize("speed", [0, -1, FASTEST + 1])
def test_a_speed_that_cannot_be_is_refused(speed: int) -> None:
    with pytest.raises(
        ConfigError, match=f"speed must be a whole number from 1 to 3600, got {speed}"
    ):
        PacedClock(START_NS, speed)
