"""The calendar agrees with the exchange, on every day that it knows."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
from exchange_calendars import get_calendar

from fillpath.core.units import nanoseconds
from fillpath.scheduling.calendar import ExchangeCalendar, Session, new_york_date, session_number
from tests.recorded import RECORDINGS, needs_recordings

CALENDAR = ExchangeCalendar()


def ns(text: str) -> int:
    return nanoseconds(datetime.fromisoformat(text).astimezone(UTC))


# Building its calendar makes the oracle warn about itself.
@pytest.mark.filterwarnings("ignore:Series.values returning")
def test_every_session_of_the_whole_range_is_the_exchanges() -> None:
    schedule = get_calendar("XNYS", start=CALENDAR.first, end=CALENDAR.last).schedule
    opens = schedule["open"].astype("int64")
    closes = schedule["close"].astype("int64")
    assert str(schedule["open"].dtype) == "datetime64[ns, UTC]"

    ours = CALENDAR.sessions_between(CALENDAR.first, CALENDAR.last)

    assert [session.date for session in ours] == [stamp.date() for stamp in schedule.index]
    assert [session.open_ns for session in ours] == opens.tolist()
    assert [session.close_ns for session in ours] == closes.tolist()


@needs_recordings
def test_the_sessions_of_the_recorded_days_are_known() -> None:
    with (RECORDINGS / "sessions.csv").open(encoding="utf-8", newline="") as lines:
        recorded = list(csv.DictReader(lines))

    ours = [CALENDAR.session(date.fromisoformat(row["date"])) for row in recorded]

    assert ours == [
        Session(
            date.fromisoformat(row["date"]),
            ns(row["open_utc"]),
            ns(row["close_utc"]),
            row["half_day"] == "1",
        )
        for row in recorded
    ]


CLOSED = [
    pytest.param(date(2014, 6, 7), id="a Saturday"),
    pytest.param(date(2014, 6, 8), id="a Sunday"),
    pytest.param(date(2013, 12, 25), id="Christmas"),
    pytest.param(date(2001, 9, 11), id="no planned holiday"),
    pytest.param(date(2012, 10, 29), id="a hurricane"),
]


@pytest.mark.parametrize("day", CLOSED)
def test_on_some_days_the_exchange_is_closed(day: date) -> None:
    assert not CALENDAR.is_session(day)
    assert CALENDAR.session(day) is None
    assert (
        CALENDAR.session_at(nanoseconds(datetime(day.year, day.month, day.day, 18, tzinfo=UTC)))
        is None
    )


def test_a_half_day_closes_at_one() -> None:
    session = CALENDAR.session(date(2015, 12, 24))

    assert session == Session(
        date(2015, 12, 24), ns("2015-12-24T14:30Z"), ns("2015-12-24T18:00Z"), half_day=True
    )


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2013-10-07T13:29:59.999999Z", False),
        ("2013-10-07T13:30:00Z", True),
        ("2013-10-07T20:00:00Z", True),
        ("2013-10-07T20:00:00.000001Z", False),
        ("2015-12-24T18:00:01Z", False),
    ],
)
def test_a_moment_is_inside_from_the_open_to_the_close(moment: str, *, inside: bool) -> None:
    session = CALENDAR.session_at(ns(moment))

    assert (session is not None) is inside


def test_the_day_in_new_york_is_not_the_day_in_utc() -> None:
    assert new_york_date(ns("2013-10-11T03:59:59Z")) == date(2013, 10, 10)
    assert new_york_date(ns("2013-10-11T04:00:00Z")) == date(2013, 10, 11)


def test_neighbours_step_over_weekends_and_holidays() -> None:
    assert CALENDAR.next_session(date(2013, 12, 24)).date == date(2013, 12, 26)
    assert CALENDAR.previous_session(date(2013, 12, 26)).date == date(2013, 12, 24)
    assert CALENDAR.next_session(date(2014, 6, 7)).date == date(2014, 6, 9)
    assert CALENDAR.previous_session(date(2014, 6, 8)).date == date(2014, 6, 6)


def test_both_ends_of_a_range_are_included() -> None:
    days = CALENDAR.sessions_between(date(2013, 10, 4), date(2013, 10, 7))

    assert [session.date for session in days] == [date(2013, 10, 4), date(2013, 10, 7)]


@pytest.mark.parametrize(
    "day", [CALENDAR.first - timedelta(days=1), CALENDAR.last + timedelta(days=1)]
)
def test_a_day_outside_the_range_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match=f"covers 1990-01-01 to 2040-12-31, got {day}"):
        CALENDAR.is_session(day)


def test_the_ends_of_the_range_have_no_neighbours() -> None:
    with pytest.raises(ValueError, match="no session after 2040-12-31"):
        CALENDAR.next_session(CALENDAR.last)
    with pytest.raises(ValueError, match="no session before 1990-01-02"):
        CALENDAR.previous_session(date(1990, 1, 2))


def test_sessions_are_numbered_without_a_gap() -> None:
    calendar = ExchangeCalendar()
    days = [
        session.date for session in calendar.sessions_between(date(2026, 1, 1), date(2026, 12, 31))
    ]

    numbers = [session_number(day) for day in days]

    assert numbers == list(range(numbers[0], numbers[0] + len(days)))


def test_a_day_that_the_calendar_does_not_know_has_no_number() -> None:
    assert (session_number(date(1901, 1, 1)), session_number(date(2090, 1, 1))) == (0, 0)
