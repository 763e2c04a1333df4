"""Simulated time moves when told, in whole microseconds, and never back."""

from datetime import UTC, datetime

import pytest

from fillpath.backtest.sim_clock import SimClock


def test_it_stands_where_it_was_put() -> None:
    clock = SimClock(1_000_000_000)

    assert clock.now() == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert clock.nanoseconds() == 1_000_000_000


@pytest.mark.parametrize(("at", "stands"), [(2_000, 2_000), (2_001, 3_000), (2_999, 3_000)])
def test_it_moves_up_to_the_next_whole_microsecond(at: int, stands: int) -> None:
    """A quote that is known at a nanosecond is never newer than the clock."""
    clock = SimClock()

    clock.move(at)

    assert clock.nanoseconds() == stands


def test_it_may_be_told_the_same_moment_twice() -> None:
    clock = SimClock()
    clock.move(2_500)
    before = clock.now()

    clock.move(2_900)

    assert clock.now() is before


def test_a_move_gives_another_moment() -> None:
    clock = SimClock()
    before = clock.now()

    clock.move(1_000)

    assert clock.now() > before


def test_it_never_runs_backwards() -> None:
    clock = SimClock(5_000)

    with pytest.raises(AssertionError, match="never runs backwards"):
        clock.move(4_000)
