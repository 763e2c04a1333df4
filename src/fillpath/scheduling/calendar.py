"""When the exchange trades: sessions, holidays and half days of the New York Stock Exchange.

Sessions are the weekdays from 1990 to 2040 less the packaged closures, from 09:30 to 16:00 New
York time or to the packaged early close. Everything that leaves this module is UTC.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from fillpath.core.units import moment, nanoseconds
from fillpath.scheduling.xnys_exceptions import CLOSED, EARLY_CLOSES, FIRST, LAST

_NEW_YORK: Final = ZoneInfo("America/New_York")
_OPEN: Final = time(9, 30)
_CLOSE: Final = time(16, 0)
_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)


class Session(Struct, frozen=True, gc=False):
    """The regular hours of one trading day.

    Args:
        date: the day in New York.
        open_ns: nanoseconds UTC of the open.
        close_ns: nanoseconds UTC of the close.
        half_day: True when the exchange closes early.
    """

    date: date
    open_ns: int
    close_ns: int
    half_day: bool = False


def new_york_date(at: int) -> date:
    """Return the day in New York at ``at`` nanoseconds UTC."""
    return moment(at).astimezone(_NEW_YORK).date()


class ExchangeCalendar:
    """The sessions of the New York Stock Exchange from 1990 to 2040.

    Every method raises ValueError for a day outside that range.
    """

    def __init__(self) -> None:
        self._days = _days()
        self._known = _known()
        self._early = _early_closes()

    @property
    def first(self) -> date:
        """Return the first day that the calendar knows."""
        return FIRST

    @property
    def last(self) -> date:
        """Return the last day that the calendar knows."""
        return LAST

    def is_session(self, day: date) -> bool:
        """Return whether the exchange trades on ``day``."""
        return _inside(day) in self._known

    def session(self, day: date) -> Session | None:
        """Return the session of ``day``, or None when the exchange is closed."""
        return self._session(day) if self.is_session(day) else None

    def session_at(self, at: int) -> Session | None:
        """Return the session whose regular hours hold ``at`` nanoseconds UTC, ends included."""
        session = self.session(new_york_date(at))
        if session is None or not session.open_ns <= at <= session.close_ns:
            return None
        return session

    def number(self, day: date) -> int:
        """Return how many sessions there were until ``day``, itself included."""
        return bisect_right(self._days, _inside(day))

    def next_session(self, day: date) -> Session:
        """Return the first session after ``day``."""
        index = bisect_right(self._days, _inside(day))
        if index == len(self._days):
            raise ValueError(f"the calendar knows no session after {day}; it ends on {LAST}")
        return self._session(self._days[index])

    def previous_session(self, day: date) -> Session:
        """Return the last session before ``day``."""
        index = bisect_left(self._days, _inside(day))
        if index == 0:
            raise ValueError(f"the calendar knows no session before {day}; it begins on {FIRST}")
        return self._session(self._days[index - 1])

    def sessions_between(self, first: date, last: date) -> list[Session]:
        """Return the sessions from ``first`` to ``last``, both included, oldest first."""
        start = bisect_left(self._days, _inside(first))
        end = bisect_right(self._days, _inside(last))
        return [self._session(day) for day in self._days[start:end]]

    def _session(self, day: date) -> Session:
        close = self._early.get(day)
        return Session(day, _utc(day, _OPEN), _utc(day, close or _CLOSE), close is not None)


@cache
def _days() -> tuple[date, ...]:
    """Return every session; worked out once for all calendars of a process."""
    closed = {
        date.fromisoformat(f"{year}-{word}")
        for year, words in CLOSED.items()
        for word in words.split()
    }
    every = (FIRST + _DAY * n for n in range((LAST - FIRST).days + 1))
    return tuple(day for day in every if day.weekday() < _SATURDAY and day not in closed)


@cache
def _known() -> frozenset[date]:
    return frozenset(_days())


@cache
def _early_closes() -> Mapping[date, time]:
    return {
        date.fromisoformat(f"{year}-{word[:5]}"): time.fromisoformat(word[6:])
        for year, words in EARLY_CLOSES.items()
        for word in words.split()
    }


@cache
def _new_york() -> ExchangeCalendar:
    return ExchangeCalendar()


def session_number(day: date) -> int:
    """Return the number of a New York session, or 0 for a day that the calendar does not know."""
    return _new_york().number(day) if FIRST <= day <= LAST else 0


def _inside(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise ValueError(f"the calendar covers {FIRST} to {LAST}, got {day}")
    return day


def _utc(day: date, clock_time: time) -> int:
    return nanoseconds(datetime.combine(day, clock_time, _NEW_YORK).astimezone(UTC))


__all__ = ["ExchangeCalendar", "Session", "new_york_date", "session_number"]
