"""Housekeeping beside an account's engine: each job once for each due moment, never two at a time.

A job is a coroutine that may be done twice for the same due moment without harm: a process that
dies in the middle of one does it again after its next start. Of the due moments that passed while
nothing ran only the newest is made up for. Jobs can delay neither the engine nor each other; one
that takes too long is given up, one that fails is tried again and told of once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError, FillpathError
from fillpath.core.jobs import Every, JobRow, JobRun, Schedule
from fillpath.core.ports import EngineClock
from fillpath.core.units import moment
from fillpath.scheduling.jobs import Sessions, due_at_or_before, due_now, next_due, worded
from fillpath.service.control import Act, Request
from fillpath.service.job_book import JobBook

FAILED: Final = "JOB_FAILED"
LOOK_SECONDS: Final = 1.0
LONGEST_RESULT: Final = 500
START_SECONDS: Final = 5.0


class Job(Struct, frozen=True, kw_only=True):
    """One piece of housekeeping.

    Args:
        name: what it is asked for by.
        meaning: what it does, in one sentence.
        schedule: when it is due.
        act: does it for a due moment (nanoseconds UTC) and says what it did in one sentence; raises
            ``FillpathError`` or ``OSError`` when it cannot.
        limit_seconds: after which it is given up.
    """

    name: str
    meaning: str
    schedule: Schedule
    act: Callable[[int], Awaitable[str]]
    limit_seconds: float = 300.0


class Jobs:
    """Do the jobs of one account when they are due, or when a person asks for one.

    Args:
        jobs: all of them, each with a name of its own.
        book: what became of their runs.
        clock: says what time it is.
        sessions: of the exchange.
        page: tells a person that a job fails.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        book: JobBook,
        clock: EngineClock,
        sessions: Sessions,
        page: Callable[[RaiseAlarm], None],
    ) -> None:
        self._jobs = {job.name: job for job in jobs}
        assert len(self._jobs) == len(jobs), "each job has a name of its own"
        self._book = book
        self._clock = clock
        self._sessions = sessions
        self._page = page
        self._running: dict[str, asyncio.Task[JobRun]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._serving = asyncio.Event()

    def acts(self) -> Mapping[str, Act]:
        """Return what can be asked, by name."""
        return {"jobs": self._tell, "run_job": self._by_hand}

    def rows(self) -> list[JobRow]:
        """Return every job as a person sees it."""
        return [self._row(job) for job in self._jobs.values()]

    async def run(self) -> None:
        """Do what is due until cancelled."""
        self._book.open()
        if self._book.problem:
            self._tell_of(self._book.problem)
        await self._begin()
        async with asyncio.TaskGroup() as group:
            self._group = group
            self._serving.set()
            while True:
                self._start_due()
                await asyncio.sleep(LOOK_SECONDS)

    async def _begin(self) -> None:
        """Make up for no session or week that ended before the account was first served."""
        now = self._clock.nanoseconds()
        runs = {
            job.name: replace(
                self._book.run_of(job.name),
                due=due_at_or_before(job.schedule, now, self._sessions),
            )
            for job in self._jobs.values()
            if not isinstance(job.schedule, Every) and not self._book.run_of(job.name).due
        }
        if runs:
            await self._write(runs)

    async def settled(self) -> None:
        """Wait until no job runs."""
        while self._running:
            await asyncio.wait(self._running.values())

    def _start_due(self) -> None:
        now = self._clock.nanoseconds()
        for job in self._jobs.values():
            if job.name in self._running:
                continue
            due = due_now(job.schedule, self._book.run_of(job.name), now, self._sessions)
            if due is not None:
                self._start(job, due, by_hand=False)

    def _start(self, job: Job, due: int, *, by_hand: bool) -> "asyncio.Task[JobRun]":
        assert self._group is not None, "jobs are started while they are served"
        assert job.name not in self._running, "a job never runs twice at a time"
        task = self._group.create_task(self._done(job, due, by_hand=by_hand))
        self._running[job.name] = task
        return task

    async def _done(self, job: Job, due: int, *, by_hand: bool) -> JobRun:
        """Do a job and keep what became of it."""
        before = self._book.run_of(job.name)
        started = replace(before, started_at=self._clock.nanoseconds(), by_hand=by_hand)
        try:
            await self._write({job.name: started})
            succeeded, result = await self._tried(job, due)
            ended = replace(
                started,
                due=max(before.due, due) if succeeded else before.due,
                ended_at=self._clock.nanoseconds(),
                succeeded=succeeded,
                result=result[:LONGEST_RESULT],
                runs=before.runs + 1,
                failures=0 if succeeded else before.failures + 1,
            )
            await self._write({job.name: ended})
        finally:
            del self._running[job.name]
        if ended.failures == 1:
            self._tell_of(f"the job {job.name} failed: {ended.result}")
        return ended

    async def _tried(self, job: Job, due: int) -> tuple[bool, str]:
        try:
            async with asyncio.timeout(job.limit_seconds):
                return True, await job.act(due)
        except TimeoutError:
            return False, f"it was given up after {job.limit_seconds:g} s"
        except (FillpathError, OSError) as error:
            return False, str(error) or type(error).__name__

    async def _write(self, runs: Mapping[str, JobRun]) -> None:
        await asyncio.to_thread(self._book.write, runs)
        if self._book.problem:
            self._tell_of(self._book.problem)

    def _tell_of(self, text: str) -> None:
        self._page(RaiseAlarm(self._clock.nanoseconds(), FAILED, text))

    async def _tell(self, _request: Request) -> Mapping[str, Any]:
        return {"jobs": [msgspec.to_builtins(row) for row in self.rows()]}

    async def _by_hand(self, request: Request) -> Mapping[str, Any]:
        """Do a job now, for this very moment, and answer when it has ended."""
        job = self._jobs.get(str(request.get("name")))
        if job is None:
            known = ", ".join(self._jobs)
            raise ConfigError(f"name must be one of {known}, got {request.get('name')!r}")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._serving.wait(), START_SECONDS)
        if self._group is None:
            raise ConfigError("jobs do not run yet: the engine is starting")
        if job.name in self._running:
            raise ConfigError(f"the job {job.name} is running: ask again when it has ended")
        task = self._start(job, self._clock.nanoseconds(), by_hand=True)
        if request.get("wait", True):
            with suppress(asyncio.CancelledError):
                await asyncio.shield(task)
        return {"job": msgspec.to_builtins(self._row(job))}

    def _row(self, job: Job) -> JobRow:
        run = self._book.run_of(job.name)
        now = self._clock.nanoseconds()
        ended = run.runs > 0
        return JobRow(
            name=job.name,
            meaning=job.meaning,
            schedule=worded(job.schedule),
            running=job.name in self._running,
            last_started_at=moment(run.started_at) if run.started_at else None,
            last_ended_at=moment(run.ended_at) if run.ended_at >= run.started_at > 0 else None,
            succeeded=run.succeeded if ended else None,
            result=run.result,
            next_due=moment(next_due(job.schedule, run, now, self._sessions)),
            runs=run.runs,
            failures=run.failures,
        )


__all__ = ["FAILED", "Job", "Jobs"]
