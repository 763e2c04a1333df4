"""Housekeeping: once for each due moment, never two at a time, kept across restarts, told when it fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError, Unavailable
from fillpath.core.jobs import AfterSession, Every, JobRun
from fillpath.runtime.clock import ManualClock
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.service.job_book import FILE, JobBook
from fillpath.service.jobs import Job, Jobs
from fillpath.testing.builders import START
from tests.unit.service.account_room import in_virtual_time

FIVE_MINUTES = 300
SESSIONS = ExchangeCalendar()


class Scene:
    """Jobs of an account, on a clock that is moved by hand."""

    def __init__(self, folder: Path, *acts: Callable[[int], Awaitable[str]]) -> None:
        self.clock = ManualClock(START)
        self.paged: list[RaiseAlarm] = []
        self.dues: list[int] = []
        self.book = JobBook(folder)
        jobs = [
            Job(name=f"job-{n}", meaning="a test", schedule=Every(FIVE_MINUTES), act=act)
            for n, act in enumerate(acts or (self.noted,))
        ]
        self.jobs = Jobs(jobs, self.book, self.clock, SESSIONS, self.paged.append)

    async def noted(self, due: int) -> str:
        self.dues.append(due)
        return f"run {len(self.dues)}"

    async def lives(self, *minutes: int) -> None:
        """Serve, and after each of these times look for long enough."""
        task = asyncio.create_task(self.jobs.run())  # noqa: TID251  # ends with the test
        for span in (0, *minutes):
            self.clock.set(self.clock.now() + timedelta(minutes=span))
            await asyncio.sleep(1.5)
            await self.settled()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until nothing runs; what runs writes its book in a thread."""
        await self.jobs.settled()

    async def asked(self, **request: Any) -> Any:
        answer = await self.jobs.acts()["run_job"](request)
        return answer["job"]


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def play() -> None:
        await scenario()

    in_virtual_time(play)


def test_each_due_moment_is_done_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path)

    run(lambda: scene.lives(1, 1, 4, 1))

    assert len(scene.dues) == 2
    assert scene.dues[1] - scene.dues[0] == FIVE_MINUTES * 10**9


def test_a_restart_does_not_repeat_what_was_done(tmp_path: Path) -> None:
    run(Scene(tmp_path).lives)
    again = Scene(tmp_path)

    run(lambda: again.lives(1))

    assert again.dues == []
    assert again.jobs.rows()[0].result == "run 1"


def test_after_a_long_stop_only_the_newest_due_moment_is_made_up_for(tmp_path: Path) -> None:
    run(Scene(tmp_path).lives)
    again = Scene(tmp_path)
    again.clock.set(START + timedelta(days=3))

    run(again.lives)

    assert len(again.dues) == 1


def test_a_job_never_runs_twice_at_a_time(tmp_path: Path) -> None:
    begun = asyncio.Event()
    going: list[int] = []
    most: list[int] = []

    async def slow(due: int) -> str:
        going.append(due)
        begun.set()
        most.append(len(going))
        await asyncio.sleep(100)
        going.remove(due)
        return "slow"

    scene = Scene(tmp_path, slow)

    async def scenario() -> None:
        task = asyncio.create_task(scene.jobs.run())  # noqa: TID251  # ends with the test
        await begun.wait()
        scene.clock.set(START + timedelta(minutes=10))
        with pytest.raises(ConfigError, match="job-0 is running"):
            await scene.asked(name="job-0")
        await scene.settled()
        await asyncio.sleep(1.5)
        await scene.settled()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(scenario)

    assert most == [1, 1]


def test_one_that_takes_too_long_is_given_up_and_delays_no_other(tmp_path: Path) -> None:
    async def hangs(_due: int) -> str:
        await asyncio.sleep(10_000)
        return "never"

    scene = Scene(tmp_path, hangs)
    quick = Scene(tmp_path)
    scene.jobs = Jobs(
        [
            Job(name="hangs", meaning="", schedule=Every(300), act=hangs, limit_seconds=60),
            Job(name="quick", meaning="", schedule=Every(300), act=quick.noted),
        ],
        scene.book,
        scene.clock,
        SESSIONS,
        scene.paged.append,
    )

    run(scene.lives)

    rows = {row.name: row for row in scene.jobs.rows()}
    assert rows["quick"].succeeded
    assert not rows["hangs"].succeeded
    assert rows["hangs"].result == "it was given up after 60 s"
    assert [alarm.code for alarm in scene.paged] == ["JOB_FAILED"]


@pytest.mark.parametrize("error", [Unavailable("the database is away"), OSError("no room")])
def test_a_failure_is_told_once_tried_again_and_ends_with_the_next_success(
    tmp_path: Path, error: Exception
) -> None:
    answers: list[Exception | str] = [error, error, "well"]

    async def act(_due: int) -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    scene = Scene(tmp_path, act)
    failures: list[int] = []

    async def scenario() -> None:
        await scene.lives(2)
        failures.append(scene.jobs.rows()[0].failures)
        await scene.lives(5)

    run(scenario)

    row = scene.jobs.rows()[0]
    assert failures == [2]
    assert (row.succeeded, row.failures, row.runs, row.result) == (True, 0, 3, "well")
    assert [alarm.code for alarm in scene.paged] == ["JOB_FAILED"]
    assert str(error) in scene.paged[0].text


def test_a_person_can_have_a_job_done_now_and_gets_its_result(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    told: list[Any] = []

    async def scenario() -> None:
        task = asyncio.create_task(scene.jobs.run())  # noqa: TID251  # ends with the test
        await asyncio.sleep(1.5)
        await scene.settled()
        scene.clock.set(START + timedelta(minutes=1))
        told.append(await scene.asked(name="job-0"))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(scenario)

    assert told[0]["result"] == "run 2"
    assert scene.book.run_of("job-0").by_hand


def test_a_name_that_no_job_has_is_refused_with_those_there_are(tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(ConfigError, match="name must be one of job-0, got 'other'"):
            await Scene(tmp_path).asked(name="other")

    run(scenario)


def test_before_the_engine_serves_no_job_is_done(tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(ConfigError, match="jobs do not run yet"):
            await Scene(tmp_path).asked(name="job-0")

    run(scenario)


def test_what_is_told_has_times_and_words(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    before = scene.jobs.rows()[0]

    run(scene.lives)
    after = scene.jobs.rows()[0]

    assert (before.last_started_at, before.succeeded, before.runs) == (None, None, 0)
    assert (after.last_started_at, after.last_ended_at) == (START, START)
    assert (after.schedule, after.running) == ("every 5 min", False)
    assert after.next_due > START


def test_a_new_account_makes_up_for_no_session_before_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    job = Job(name="daily", meaning="", schedule=AfterSession(30), act=scene.noted)
    scene.jobs = Jobs([job], scene.book, scene.clock, SESSIONS, scene.paged.append)

    run(lambda: scene.lives(1))
    before = list(scene.dues)
    scene.clock.set(START + timedelta(days=4))
    run(scene.lives)

    assert before == []
    assert len(scene.dues) == 1


def test_the_first_start_writes_its_book_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    jobs = [
        Job(name=name, meaning="a test", schedule=AfterSession(0), act=scene.noted)
        for name in ("daily", "weekly", "purge")
    ]
    written: list[set[str]] = []

    class Counted(JobBook):
        def write(self, runs: Mapping[str, JobRun]) -> None:
            written.append(set(runs))
            super().write(runs)

    scene.jobs = Jobs(jobs, Counted(tmp_path), scene.clock, SESSIONS, scene.paged.append)

    run(scene.lives)

    assert written == [{"daily", "weekly", "purge"}]


def test_a_damaged_book_is_put_aside_and_told_of(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"{")
    scene = Scene(tmp_path)

    run(scene.lives)

    assert len(scene.dues) == 1
    assert "begun anew" in scene.paged[0].text
    assert (tmp_path / FILE).with_suffix(".damaged").read_bytes() == b"{"


def test_a_disk_that_keeps_nothing_is_told_of_and_stops_no_job(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "gone")

    run(scene.lives)

    assert len(scene.dues) == 1
    assert "cannot be written" in scene.paged[0].text


def test_a_book_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    book = JobBook(tmp_path)

    book.open()

    assert "cannot be read" in book.problem
    assert book.run_of("any") == JobRun()
