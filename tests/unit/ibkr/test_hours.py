"""The gateway's text of trading hours: what can be read is a session, the rest is not known."""

from datetime import UTC, datetime
from typing import Final

import pytest

from fillpath.core.auctions import Day
from fillpath.core.units import nanoseconds
from fillpath.ibkr.hours import NOBODY_KNOWS, session_of, sessions

TEXT: Final = (
    "20261123:0930-20261123:1600;20261124:0930-1600;20261126:CLOSED;20261127:0930-20261127:1300"
)


def utc(text: str) -> int:
    return nanoseconds(datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC))


MONDAY: Final = Day(utc("11-23T14:30"), utc("11-23T21:00"))
TUESDAY: Final = Day(utc("11-24T14:30"), utc("11-24T21:00"))
FRIDAY: Final = Day(utc("11-27T14:30"), utc("11-27T18:00"))


@pytest.mark.parametrize("zone", ["US/Eastern", "America/New_York"])
def test_every_way_to_write_a_day_is_read_and_a_closed_one_is_none(zone: str) -> None:
    assert sessions(TEXT, zone) == (MONDAY, TUESDAY, FRIDAY)


def test_the_days_stand_in_their_order_whatever_order_they_are_told_in() -> None:
    backwards = ";".join(reversed(TEXT.split(";")))

    assert sessions(backwards, "US/Eastern") == (MONDAY, TUESDAY, FRIDAY)


def test_summer_and_winter_are_those_of_the_zone() -> None:
    (day,) = sessions("20260701:0930-20260701:1600", "US/Eastern")

    assert day == Day(utc("07-01T13:30"), utc("07-01T20:00"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CLOSED",
        "20261123:CLOSED",
        "20261323:0930-20261323:1600",
        "20261123:2530-20261123:1600",
        "20261123:1600-20261123:0930",
        "20261123:0930",
        "20261123:0930-20261123:16:00",
        "\uff12\uff10\uff12\uff161123:0930-20261123:1600",
    ],
)
def test_a_day_that_cannot_be_read_is_left_out(text: str) -> None:
    assert sessions(text, "US/Eastern") == ()


@pytest.mark.parametrize("zone", ["", "EST (Eastern Standard Time)", "../etc/passwd", "Mars/Base"])
def test_without_a_known_zone_there_are_no_hours(zone: str) -> None:
    assert sessions(TEXT, zone) == ()


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("11-23T00:00", MONDAY),
        ("11-23T14:30", MONDAY),
        ("11-23T20:59", MONDAY),
        ("11-23T21:00", TUESDAY),
        ("11-25T12:00", FRIDAY),
        ("11-27T18:00", NOBODY_KNOWS),
    ],
)
def test_the_session_is_the_one_that_runs_or_comes_next(at: str, day: Day) -> None:
    assert session_of(sessions(TEXT, "US/Eastern"), utc(at)) == day
