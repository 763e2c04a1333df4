"""Housekeeping that comes again: what a job is, what became of its last run, when the next is due."""

from datetime import datetime

from msgspec import Struct


class Every(Struct, frozen=True, tag="every"):
    """A job for every so many seconds of the clock, counted from midnight UTC of 1 January 1970.

    Args:
        seconds: 1 or more.
    """

    seconds: int


class AfterSession(Struct, frozen=True, tag="after_session"):
    """A job for every session of the exchange, half days too, so many minutes after its close.

    Args:
        minutes: from the close of the session, 0 or more.
    """

    minutes: int


class AfterWeek(Struct, frozen=True, tag="after_week"):
    """A job for every week, so many minutes after the close of its last session.

    Args:
        minutes: from the close of the last session of the week, 0 or more.
    """

    minutes: int


Schedule = Every | AfterSession | AfterWeek


class JobRun(Struct, frozen=True, kw_only=True):
    """What is kept of a job's runs, across restarts.

    Args:
        due: nanoseconds UTC of the newest due moment that was done; 0 before the first.
        started_at: nanoseconds UTC of the last start; 0 before the first.
        ended_at: nanoseconds UTC of the last end; before ``started_at`` while one runs, or when the
            process died in the middle of it.
        succeeded: whether the last one that ended did what it should.
        result: one sentence for a person: what it did, or why it failed.
        runs: runs that ended.
        failures: failed runs since the last one that succeeded.
        by_hand: whether a person asked for the last one.
    """

    due: int = 0
    started_at: int = 0
    ended_at: int = 0
    succeeded: bool = True
    result: str = ""
    runs: int = 0
    failures: int = 0
    by_hand: bool = False


class JobRow(Struct, frozen=True, kw_only=True):
    """A job as a person sees it.

    Args:
        name: what it is asked for by.
        meaning: what it does.
        schedule: when, in words.
        running: whether it runs now.
        last_started_at: start of the last run; None before the first.
        last_ended_at: its end; None before the first, or while it runs.
        succeeded: whether the last run that ended did what it should; None before the first.
        result: one sentence: what it did, or why it failed.
        next_due: when it comes again.
        runs: runs that ended.
        failures: failed runs since the last one that succeeded.
    """

    name: str
    meaning: str
    schedule: str
    running: bool
    last_started_at: datetime | None
    last_ended_at: datetime | None
    succeeded: bool | None
    result: str
    next_due: datetime
    runs: int
    failures: int


__all__ = ["AfterSession", "AfterWeek", "Every", "JobRow", "JobRun", "Schedule"]
