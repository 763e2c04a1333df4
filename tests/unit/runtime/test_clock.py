"""Clocks beyond their contract: what a hand-moved clock refuses, and what keeps it cheap."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.units import Number
from fillpath.runtime import clock as clock_module
from fillpath.runtime.clock import ManualClock, SystemClock
from fillpath.testing.builders import START


@pytest.mark.parametrize(
    ("seconds", "moved"),
    [
        (0, timedelta(0)),
        (60, timedelta(minutes=1)),
        (0.1, timedelta(milliseconds=100)),
        ("1.5", timedelta(milliseconds=1500)),
        (Decimal("0.0000019"), timedelta(microseconds=1)),
        (86_400 * 365, timedelta(days=365)),
    ],
)
def test_advancing_moves_by_exactly_that_many_seconds(seconds: Number, moved: timedelta) -> None:
    clock = ManualClock(START)

    clock.advance(seconds)

    assert clock.now() == START + moved


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan"), float("inf"), "soon", None, True])
def test_a_clock_is_never_advanced_by_nonsense(seconds: Number) -> None:
    clock = ManualClock(START)

    with pytest.raises(ModelError, match="seconds must be"):
        clock.advance(seconds)

    assert clock.now() == START


def test_setting_moves_to_that_moment() -> None:
    clock = ManualClock(START)

    clock.set(datetime(2026, 3, 3, 9, 30, tzinfo=timezone(timedelta(hours=-5))))

    assert clock.now() == datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_a_clock_is_never_set_back() -> None:
    clock = ManualClock(START)

    with pytest.raises(ModelError, match="at must not be earlier than"):
        clock.set(START - timedelta(microseconds=1))


def test_a_clock_needs_a_time_zone() -> None:
    with pytest.raises(ModelError, match="at must carry a time zone"):
        ManualClock(datetime(2026, 3, 2, 14, 30))  # noqa: DTZ001  # that is the point


def test_a_clock_that_stands_still_answers_with_the_same_object() -> None:
    clock = ManualClock(START)

    assert clock.now() is clock.now()


def test_the_system_clock_stands_still_when_the_machine_steps_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = iter((START, START - timedelta(hours=1), START + timedelta(seconds=1)))

    class Machine:
        @staticmethod
        def now(_zone: object) -> datetime:
            return next(moments)

    monkeypatch.setattr(clock_module, "datetime", Machine)
    clock = SystemClock()

    answers = [clock.now(), clock.now()]

    assert answers == [START, START + timedelta(seconds=1)]
