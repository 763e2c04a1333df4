"""Scales put values where they belong, with round ticks, and leave the nights out."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.units import NANOSECONDS, nanoseconds
from fillpath.reports.scales import Scale, Tick, joined, round_step, timeline

HOUR = 3_600 * NANOSECONDS
MORNING = nanoseconds(datetime(2013, 3, 1, 14, 30, tzinfo=UTC))


def test_a_value_lies_between_its_ends() -> None:
    scale = Scale(0, 10, 100, 200)

    assert [scale.place(value) for value in (0, 5, 10)] == [100, 150, 200]


def test_values_beyond_the_ends_are_put_at_the_nearer_one() -> None:
    upwards = Scale(0, 10, 200, 100)

    assert [upwards.place(value) for value in (-1, 11)] == [200, 100]


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.0, 10.0, ["0", "2", "4", "6", "8", "10"]),
        (198.1, 199.3, ["198.25", "198.50", "198.75", "199.00", "199.25"]),
        (0.0, 1_000_000.0, ["0", "200,000", "400,000", "600,000", "800,000", "1,000,000"]),
    ],
)
def test_ticks_are_round_and_fully_written(low: float, high: float, labels: list[str]) -> None:
    assert [tick.label for tick in Scale(low, high, 0, 100).ticks(5)] == labels


def test_signed_ticks_show_their_sign_but_for_zero() -> None:
    labels = [tick.label for tick in Scale(-5, 5, 0, 100).ticks(2, signed=True)]

    assert labels == ["-5", "0", "+5"]


@given(st.floats(1e-6, 1e9))
def test_a_round_step_is_near_and_never_below(rough: float) -> None:
    assert rough * (1 - 1e-6) <= round_step(rough) <= rough * 2.5 * (1 + 1e-6)


def _days(count: int) -> list[int]:
    day = 24 * HOUR
    return [MORNING + number * day + hour * HOUR for number in range(count) for hour in range(7)]


def test_nights_take_no_room() -> None:
    time = timeline(np.array(_days(2)), 0, 1_010)

    assert [(s.left, s.right) for s in time.stretches] == [(0, 500), (510, 1_010)]
    assert time.pauses() == [505]
    assert [tick.label for tick in time.ticks()] == ["2013-03-01", "2013-03-02"]


def test_moments_keep_their_order_and_those_at_night_go_to_the_nearer_day() -> None:
    time = timeline(np.array(_days(2)), 0, 1_010)

    assert time.place(MORNING - HOUR) == 0
    assert time.place(MORNING + 3 * HOUR) == 250
    assert time.place(MORNING + 12 * HOUR) == 500
    assert time.place(MORNING + 24 * HOUR) == 510
    assert time.place(MORNING + 90 * HOUR) == 1_010


def test_a_single_day_shows_times_of_day() -> None:
    time = timeline(np.array(_days(1)), 0, 600)

    assert time.ticks()[0] == Tick(50, "15:00")
    assert len(time.ticks()) <= 10


def test_a_single_quote_still_has_a_place() -> None:
    time = timeline(np.array([MORNING]), 10, 600)

    assert 10 <= time.place(MORNING) <= 600


def test_a_very_long_time_shows_only_some_dates() -> None:
    time = timeline(np.array(_days(250)), 0, 1_000)

    assert len(time.ticks()) <= 10
    assert all(
        before.right <= after.left
        for before, after in zip(time.stretches, time.stretches[1:], strict=False)
    )


def test_weeks_of_quotes_without_a_pause_are_one_stretch() -> None:
    hours = np.array([MORNING + number * HOUR for number in range(24 * 30)])

    assert len(timeline(hours, 0, 1_000).ticks()) > 1


def test_points_are_joined_as_svg_wants_them() -> None:
    assert joined([(1.0, 2.5), (3.25, 4)]) == "1,2.5 3.25,4"
