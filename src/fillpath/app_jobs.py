"""The housekeeping of an account's engine, as the settings want it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fillpath.app_parts import JOURNAL
from fillpath.core.jobs import AfterSession
from fillpath.core.ports import Clock
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.service.account import AccountService
from fillpath.service.backups import backup_job
from fillpath.service.housekeeping import reconcile_job, snapshot_job
from fillpath.service.job_book import JobBook
from fillpath.service.jobs import Job, Jobs
from fillpath.settings import Settings

UPKEEP: Final = "upkeep"
UPKEEP_MINUTES: Final = 60


def jobs_of(
    settings: Settings, folder: Path, store: Any, clock: Clock
) -> Callable[[AccountService], Jobs]:
    """Return what makes the jobs of an account's service.

    Args:
        settings: what to do, and how often.
        folder: of the account.
        store: its tables.
        clock: of its engine.
    """

    def make(service: AccountService) -> Jobs:
        live, engine = service.live, settings.engine
        jobs = [snapshot_job(live, engine.snapshot_seconds), upkeep_job(store, clock)]
        if not live.parts.broker.capabilities.in_process:
            jobs.append(reconcile_job(service.reconcile, engine.reconcile_seconds))
        if engine.keep_backups and settings.database.journal == "file":
            jobs.append(backup_job(folder / JOURNAL, engine.keep_backups))
        return Jobs(jobs, JobBook(folder), live.parts.clock, ExchangeCalendar(), live.parts.page)

    return make


def upkeep_job(store: Any, clock: Clock) -> Job:
    """Return the job that keeps the sums of old rows and lets the rows go."""

    async def act(_due: int) -> str:
        await store.upkeep(clock.now())
        return "the tables are in order"

    return Job(
        name=UPKEEP,
        meaning="keep the sums of measurements that are old enough, and let old rows go",
        schedule=AfterSession(UPKEEP_MINUTES),
        act=act,
    )


__all__ = ["jobs_of", "upkeep_job"]
