"""When the engine may trade: the exchange's sessions, or always where nothing real is traded."""

from typing import Protocol

from fillpath.scheduling.calendar import ExchangeCalendar, Session, new_york_date, session_number


class Hours(Protocol):
    """Says whether the market is open."""

    def closes_at(self, at: int) -> int | None:
        """Return when the session that holds ``at`` ends, nanoseconds; None while it is closed."""
        ...

    def next_change(self, at: int) -> int | None:
        """Return when that answer next changes, nanoseconds; None when it never does."""
        ...

    def day(self, at: int) -> int:
        """Return the number of the session that holds ``at``; 0 where sessions have no number."""
        ...


def exchange_is_open(at: int) -> bool:
    """Return whether the New York Stock Exchange is in its regular session at this moment."""
    return ExchangeHours(ExchangeCalendar()).closes_at(at) is not None


class AlwaysOpen:
    """The market of a simulation, which has no night."""

    def closes_at(self, at: int) -> int | None:
        """Return a moment that never comes."""
        return at + (1 << 62)

    def next_change(self, at: int) -> int | None:
        """Return None: it stays open."""
        del at
        return None  # said aloud, because the type has another answer

    def day(self, at: int) -> int:
        """Return 0."""
        del at
        return 0


class ExchangeHours:
    """The regular hours of the New York Stock Exchange, half days and holidays included.

    Args:
        calendar: its sessions.
    """

    def __init__(self, calendar: ExchangeCalendar) -> None:
        self._calendar = calendar
        self._last: Session | None = None
        self._numbered: Session | None = None
        self._number = 0

    def closes_at(self, at: int) -> int | None:
        """Return the close of the session that holds ``at``; a session is over at its close."""
        session = self._today(at)
        if session is None or not session.open_ns <= at < session.close_ns:
            return None
        return session.close_ns

    def next_change(self, at: int) -> int | None:
        """Return the next open or close after ``at``."""
        session = self._today(at)
        if session is not None and at < session.open_ns:
            return session.open_ns
        if session is not None and at < session.close_ns:
            return session.close_ns
        return self._calendar.next_session(new_york_date(at)).open_ns

    def day(self, at: int) -> int:
        """Return the number of the session in the exchange's calendar."""
        session = self._today(at)
        if session is None:
            return session_number(new_york_date(at))
        if session is not self._numbered:
            self._numbered, self._number = session, session_number(session.date)
        return self._number

    def _today(self, at: int) -> Session | None:
        last = self._last  # asked twice a turn, and the same for hours
        if last is None or not last.open_ns <= at < last.close_ns:
            last = self._last = self._calendar.session(new_york_date(at))
        return last
