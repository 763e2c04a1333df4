"""When orders may leave: the exchange's own sessions, or always."""

from datetime import UTC, date, datetime

import pytest

from fillpath.core.units import nanoseconds
from fillpath.scheduling.calendar import ExchangeCalendar, Session
from fillpath.service.hours import AlwaysOpen, ExchangeHours


def at(text: str) -> int:
    """Return a moment in UTC as nanoseconds."""
    return nanoseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.fixture
def hours() -> ExchangeHours:
    """Return the hours of New York."""
    return ExchangeHours(ExchangeCalendar())


OPEN = "2026-11-24T14:30:00"
CLOSE = "2026-11-24T21:00:00"
EARLY_CLOSE = "2026-11-27T18:00:00"
CASES = [
    pytest.param("2026-11-24T14:29:59", None, OPEN, id="before the open"),
    pytest.param(OPEN, CLOSE, CLOSE, id="at the open"),
    pytest.param("2026-11-24T18:00:00", CLOSE, CLOSE, id="at noon"),
    pytest.param(CLOSE, None, "2026-11-25T14:30:00", id="a session is over at its close"),
    pytest.param("2026-11-26T18:00:00", None, "2026-11-27T14:30:00", id="Thanksgiving"),
    pytest.param("2026-11-27T15:00:00", EARLY_CLOSE, EARLY_CLOSE, id="the half day after it"),
    pytest.param("2026-11-27T18:00:00", None, "2026-11-30T14:30:00", id="over the weekend"),
]


@pytest.mark.fault("F-39")
@pytest.mark.parametrize(("now", "closes", "changes"), CASES)
def test_orders_may_leave_in_the_sessions_of_the_exchange(
    hours: ExchangeHours, now: str, closes: str | None, changes: str
) -> None:
    assert hours.closes_at(at(now)) == (None if closes is None else at(closes))
    assert hours.next_change(at(now)) == at(changes)


class Asked(ExchangeCalendar):
    """A calendar that counts how often it is asked for a session."""

    times = 0

    def session(self, day: date) -> Session | None:
        """Return the session of a day."""
        self.times += 1
        return super().session(day)


def test_a_session_is_looked_up_once_while_it_lasts() -> None:
    calendar = Asked()
    hours = ExchangeHours(calendar)

    for minute in range(30, 60):
        now = at(f"2026-11-24T14:{minute}:00")
        assert hours.closes_at(now) == hours.next_change(now) == at(CLOSE)

    assert calendar.times == 1
    assert hours.closes_at(at("2026-11-25T14:30:00")) == at("2026-11-25T21:00:00")


def test_a_simulation_never_closes() -> None:
    now = at(OPEN)
    century = 100 * 366 * 86_400 * 10**9

    assert (AlwaysOpen().closes_at(now) or 0) > now + century
    assert AlwaysOpen().next_change(now) is None


def test_sessions_that_follow_each_other_have_numbers_that_do(hours: ExchangeHours) -> None:
    thanksgiving = "2026-11-26T15:00:00"
    days = ["2026-11-25T15:00:00", thanksgiving, "2026-11-27T15:00:00", "2026-11-30T15:00:00"]

    numbers = [hours.day(at(day)) for day in days]

    assert [number - numbers[0] for number in numbers] == [0, 0, 1, 2]
    assert numbers[0] > 9_000
    assert AlwaysOpen().day(at(thanksgiving)) == 0
