"""When jobs are due: each due moment once, the newest of those that were missed, retries that wait."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.jobs import AfterSession, AfterWeek, Every, JobRun, Schedule
from fillpath.core.units import NANOSECONDS, nanoseconds
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.scheduling.jobs import (
    RETRY_SECONDS,
    due_after,
    due_at_or_before,
    due_now,
    next_due,
    worded,
)

SESSIONS = ExchangeCalendar()
SCHEDULES = (Every(300), AfterSession(30), AfterWeek(60))


def at(text: str) -> int:
    return nanoseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("schedule", "now", "before", "after"),
    [
        (Every(300), "2026-11-23T15:02:00", "2026-11-23T15:00:00", "2026-11-23T15:05:00"),
        (Every(300), "2026-11-23T15:05:00", "2026-11-23T15:05:00", "2026-11-23T15:10:00"),
        # Monday before, at and after half an hour past the close.
        (AfterSession(30), "2026-11-23T15:00:00", "2026-11-20T21:30:00", "2026-11-23T21:30:00"),
        (AfterSession(30), "2026-11-23T21:30:00", "2026-11-23T21:30:00", "2026-11-24T21:30:00"),
        # Thanksgiving is no session, and the day after it ends early.
        (AfterSession(30), "2026-11-26T22:00:00", "2026-11-25T21:30:00", "2026-11-27T18:30:00"),
        (AfterWeek(60), "2026-11-27T18:59:00", "2026-11-20T22:00:00", "2026-11-27T19:00:00"),
        (AfterWeek(60), "2026-11-28T12:00:00", "2026-11-27T19:00:00", "2026-12-04T22:00:00"),
        # Good Friday 2026 is 3 April: the week ends on Thursday.
        (AfterWeek(0), "2026-04-03T12:00:00", "2026-04-02T20:00:00", "2026-04-10T20:00:00"),
        # The last session of 2026 is Thursday, 31 December; 1 January 2027 is a holiday.
        (AfterWeek(0), "2027-01-02T12:00:00", "2026-12-31T21:00:00", "2027-01-08T21:00:00"),
        # So late after the close that it is the next day already.
        (AfterSession(600), "2026-11-24T06:59:00", "2026-11-21T07:00:00", "2026-11-24T07:00:00"),
    ],
)
def test_due_moments_go_by_the_sessions_of_the_exchange(
    schedule: Schedule, now: str, before: str, after: str
) -> None:
    assert due_at_or_before(schedule, at(now), SESSIONS) == at(before)
    assert due_after(schedule, at(now), SESSIONS) == at(after)


@given(
    st.sampled_from(SCHEDULES),
    st.datetimes(datetime(2024, 1, 10), datetime(2026, 12, 1)),  # noqa: DTZ001  # made aware below
)
def test_nothing_is_due_between_two_due_moments(schedule: Schedule, moment: datetime) -> None:
    now = nanoseconds(moment.replace(tzinfo=UTC))
    before, after = (
        due_at_or_before(schedule, now, SESSIONS),
        due_after(schedule, now, SESSIONS),
    )

    assert before <= now < after
    assert due_after(schedule, before, SESSIONS) == after
    assert due_at_or_before(schedule, after - 1, SESSIONS) == before


def test_of_many_missed_due_moments_only_the_newest_is_made_up_for() -> None:
    now = at("2026-11-23T15:02:00")
    run = JobRun(due=at("2026-11-20T10:00:00"), started_at=1, ended_at=2, runs=7)

    assert due_now(Every(300), run, now, SESSIONS) == at("2026-11-23T15:00:00")


def test_what_was_done_is_not_due_again() -> None:
    now = at("2026-11-23T15:02:00")
    run = JobRun(due=at("2026-11-23T15:00:00"), started_at=now, ended_at=now, runs=1)

    assert due_now(Every(300), run, now, SESSIONS) is None
    assert next_due(Every(300), run, now, SESSIONS) == at("2026-11-23T15:05:00")


def test_a_run_that_died_in_the_middle_is_done_again_at_once() -> None:
    now = at("2026-11-23T21:31:00")
    run = JobRun(due=at("2026-11-20T21:30:00"), started_at=at("2026-11-23T21:30:00"), runs=3)

    assert due_now(AfterSession(30), run, now, SESSIONS) == at("2026-11-23T21:30:00")
    assert next_due(AfterSession(30), run, now, SESSIONS) == at("2026-11-23T21:30:00")


@pytest.mark.parametrize(
    ("failures", "wait"), [(1, 60), (2, 300), (3, 900), (4, 900)], ids=lambda n: f"{n}"
)
def test_a_failed_run_is_tried_again_after_a_growing_wait(failures: int, wait: int) -> None:
    due = at("2026-11-23T21:30:00")
    ended = due + 10 * NANOSECONDS
    run = JobRun(started_at=due, ended_at=ended, succeeded=False, runs=failures, failures=failures)

    again = ended + wait * NANOSECONDS
    assert due_now(AfterSession(30), run, again - 1, SESSIONS) is None
    assert due_now(AfterSession(30), run, again, SESSIONS) == due
    assert next_due(AfterSession(30), run, ended, SESSIONS) == again
    assert RETRY_SECONDS[min(failures, 3) - 1] == wait


def test_a_new_due_moment_does_not_wait_for_the_failure_before_it() -> None:
    ended = at("2026-11-23T15:04:59")
    run = JobRun(started_at=ended, ended_at=ended, succeeded=False, runs=1, failures=1)

    assert due_now(Every(300), run, at("2026-11-23T15:05:00"), SESSIONS) is not None
    assert next_due(Every(300), run, ended, SESSIONS) == at("2026-11-23T15:05:00")


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Every(300), "every 5 min"),
        (Every(90), "every 90 s"),
        (AfterSession(30), "each session, 30 min after its close"),
        (AfterWeek(60), "each week, 60 min after the close of its last session"),
    ],
)
def test_a_schedule_is_said_in_words(schedule: Schedule, words: str) -> None:
    assert worded(schedule) == words
