"""Sessions follow one another without gaps or overlaps, whatever day is asked."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from fillpath.scheduling.calendar import ExchangeCalendar, new_york_date

CALENDAR = ExchangeCalendar()
SESSIONS = CALENDAR.sessions_between(CALENDAR.first, CALENDAR.last)
INNER_DAYS = st.dates(date(1990, 1, 3), date(2040, 12, 30))


@given(INNER_DAYS)
def test_a_day_lies_strictly_between_its_neighbours(day: date) -> None:
    before, after = CALENDAR.previous_session(day), CALENDAR.next_session(day)

    assert before.date < day < after.date
    between = CALENDAR.sessions_between(before.date, after.date)
    assert len(between) == 2 + CALENDAR.is_session(day)


@given(st.sampled_from(SESSIONS), st.data())
def test_every_moment_of_a_session_leads_back_to_it(session: object, data: st.DataObject) -> None:
    known = next(entry for entry in SESSIONS if entry is session)
    at = data.draw(st.integers(known.open_ns, known.close_ns))

    assert CALENDAR.session_at(at) == known
    assert new_york_date(at) == known.date


@given(INNER_DAYS)
def test_a_session_is_open_three_and_a_half_to_six_and_a_half_hours(day: date) -> None:
    session = CALENDAR.session(day)

    if session is not None:
        hours = (session.close_ns - session.open_ns) / 3.6e12
        assert hours in {3.5, 4.5} if session.half_day else hours == 6.5


@given(INNER_DAYS, INNER_DAYS)
def test_a_range_holds_exactly_the_sessions_within_it(one: date, two: date) -> None:
    first, last = min(one, two), max(one, two)

    found = CALENDAR.sessions_between(first, last)

    assert found == [session for session in SESSIONS if first <= session.date <= last]
