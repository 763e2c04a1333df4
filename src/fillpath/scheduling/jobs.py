"""When a job is due: each due moment is done once, and of those that were missed only the newest."""

from datetime import date, timedelta
from typing import Final, Protocol, assert_never

from fillpath.core.jobs import AfterSession, AfterWeek, Every, JobRun, Schedule
from fillpath.core.units import NANOSECONDS
from fillpath.scheduling.calendar import Session, new_york_date

_MINUTE: Final = 60 * NANOSECONDS
_DAY: Final = timedelta(days=1)
RETRY_SECONDS: Final = (60, 300, 900)
"""How long after its end a failed run is tried again; every later one waits as long as the last."""


class Sessions(Protocol):
    """The part of a calendar that schedules ask for."""

    def next_session(self, day: date) -> Session:
        """Return the first session after ``day``."""
        ...

    def previous_session(self, day: date) -> Session:
        """Return the last session before ``day``."""
        ...


def due_at_or_before(schedule: Schedule, at: int, sessions: Sessions) -> int:
    """Return the newest due moment that has come, nanoseconds UTC.

    Args:
        schedule: when the job is due.
        at: nanoseconds UTC.
        sessions: of the exchange.
    """
    if isinstance(schedule, Every):
        span = schedule.seconds * NANOSECONDS
        return at // span * span
    session = sessions.previous_session(new_york_date(at) + _DAY)
    while not _ends(schedule, session, sessions) or _moment(schedule, session) > at:
        session = sessions.previous_session(session.date)
    return _moment(schedule, session)


def due_after(schedule: Schedule, at: int, sessions: Sessions) -> int:
    """Return the first due moment after ``at``, nanoseconds UTC.

    Args:
        schedule: when the job is due.
        at: nanoseconds UTC.
        sessions: of the exchange.
    """
    if isinstance(schedule, Every):
        span = schedule.seconds * NANOSECONDS
        return (at // span + 1) * span
    day = new_york_date(at - schedule.minutes * _MINUTE) - _DAY
    session = sessions.next_session(day)
    while not _ends(schedule, session, sessions) or _moment(schedule, session) <= at:
        session = sessions.next_session(session.date)
    return _moment(schedule, session)


def due_now(schedule: Schedule, run: JobRun, now: int, sessions: Sessions) -> int | None:
    """Return the due moment that has to be done now, None when there is none.

    Args:
        schedule: when the job is due.
        run: its last run.
        now: nanoseconds UTC.
        sessions: of the exchange.
    """
    newest = due_at_or_before(schedule, now, sessions)
    if newest <= run.due:
        return None
    return newest if now >= _next_try(run, newest) else None


def next_due(schedule: Schedule, run: JobRun, now: int, sessions: Sessions) -> int:
    """Return when the job has to run next, nanoseconds UTC; ``now`` or before when it is due.

    Args:
        schedule: when the job is due.
        run: its last run.
        now: nanoseconds UTC.
        sessions: of the exchange.
    """
    newest = due_at_or_before(schedule, now, sessions)
    following = due_after(schedule, now, sessions)
    return following if newest <= run.due else min(max(newest, _next_try(run, newest)), following)


def worded(schedule: Schedule) -> str:
    """Return when a job is due, in words."""
    match schedule:
        case Every(seconds):
            whole, rest = divmod(seconds, 60)
            return f"every {seconds} s" if rest else f"every {whole} min"
        case AfterSession(minutes):
            return f"each session, {minutes} min after its close"
        case AfterWeek(minutes):
            return f"each week, {minutes} min after the close of its last session"
        case _:
            assert_never(schedule)


def _next_try(run: JobRun, due: int) -> int:
    """Return from when a due moment that failed may be tried again; a fresh one may at once."""
    if not run.failures or run.ended_at < due:
        return due
    tries = min(run.failures, len(RETRY_SECONDS)) - 1
    return run.ended_at + RETRY_SECONDS[tries] * NANOSECONDS


def _moment(schedule: AfterSession | AfterWeek, session: Session) -> int:
    return session.close_ns + schedule.minutes * _MINUTE


def _ends(schedule: AfterSession | AfterWeek, session: Session, sessions: Sessions) -> bool:
    """Return whether a session is one that the schedule goes by."""
    if isinstance(schedule, AfterSession):
        return True
    following = sessions.next_session(session.date).date
    return following.isocalendar()[:2] != session.date.isocalendar()[:2]


__all__ = [
    "RETRY_SECONDS",
    "Sessions",
    "due_after",
    "due_at_or_before",
    "due_now",
    "next_due",
    "worded",
]
