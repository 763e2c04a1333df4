"""When the gateway is known to be away, in every season."""

from datetime import UTC, datetime, time

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.units import nanoseconds
from fillpath.ibkr.policy import NIGHTLY_RESET, WEEKLY_TOKEN, ConnectionPolicy, Window
from fillpath.ibkr.windows import expected_until, window_at

LATE = Window(name="late", start=time(23, 30), zone="Europe/Berlin", minutes=60)


def at(text: str) -> int:
    return nanoseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-06-07T04:59:59", False),
        ("2026-06-07T05:00:00", True),
        ("2026-06-07T16:59:59", True),
        ("2026-06-07T17:00:00", False),
        ("2026-06-08T05:00:00", False),
        ("2026-12-06T05:59:59", False),
        ("2026-12-06T06:00:00", True),
    ],
)
def test_the_weekly_login_begins_on_sunday_at_one_in_new_york(moment: str, inside: bool) -> None:  # noqa: FBT001  # a column of the table
    found = window_at((WEEKLY_TOKEN,), at(moment))

    assert (found is not None) == inside


def test_a_window_over_midnight_is_one_window() -> None:
    found = window_at((LATE,), at("2026-06-02T22:15:00"))

    assert found == (LATE, at("2026-06-02T22:30:00"))


def test_of_windows_that_overlap_the_one_that_ends_last_counts() -> None:
    longer = Window(name="longer", start=time(23), zone="Europe/Berlin", minutes=120)

    found = window_at((LATE, longer, LATE), at("2026-06-02T21:45:00"))

    assert found == (longer, at("2026-06-02T23:00:00"))


def test_what_is_outside_every_window_is_expected_for_no_time() -> None:
    assert expected_until((NIGHTLY_RESET, WEEKLY_TOKEN), at("2026-06-02T15:00:00")) == at(
        "2026-06-02T15:00:00"
    )


def test_windows_that_follow_each_other_are_one_expected_time() -> None:
    next_one = Window(name="next", start=time(0, 30), zone="Europe/Berlin", minutes=15)

    assert expected_until((LATE, next_one), at("2026-06-02T22:00:00")) == at("2026-06-02T22:45:00")


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1440}, "minutes"),
        ({"weekday": 7}, "weekday"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../etc"}, "zone"),
    ],
)
def test_a_window_that_cannot_be_is_refused(wrong: dict[str, object], name: str) -> None:
    terms: dict[str, object] = {"name": "x", "start": time(1), "zone": "UTC", "minutes": 5}

    with pytest.raises(ModelError, match=name):
        Window(**(terms | wrong))  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "wrong",
    [
        {"answer_seconds": 0},
        {"silence_seconds": float("nan")},
        {"longest_wait_seconds": 86_400},
        {"messages": 50},
        {"others": 40},
        {"others": 0},
        {"others": 24},
        {"messages": 41},
        {"client_id": -1},
    ],
)
def test_a_policy_that_cannot_work_is_refused(wrong: dict[str, float]) -> None:
    terms: dict[str, float] = {"client_id": 10}

    with pytest.raises(ModelError, match=next(iter(wrong))):
        ConnectionPolicy(**(terms | wrong))  # type: ignore[arg-type]  # wrong on purpose
