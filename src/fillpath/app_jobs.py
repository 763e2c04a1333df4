"""The housekeeping of an account's engine, as the settings want it."""

# ruff: noqa: PLC0415  # what a set-up does not use is never imported

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from msgspec.structs import replace

from fillpath.app_parts import JOURNAL
from fillpath.core.errors import Unavailable
from fillpath.core.jobs import AfterSession, AfterWeek
from fillpath.core.ports import Clock
from fillpath.core.units import moment
from fillpath.runtime.apart import apart
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.service.account import AccountService
from fillpath.service.backups import backup_job
from fillpath.service.housekeeping import reconcile_job, snapshot_job
from fillpath.service.job_book import JobBook
from fillpath.service.jobs import Job, Jobs
from fillpath.settings import Settings

UPKEEP: Final = "upkeep"
UPKEEP_MINUTES: Final = 60
REPORTS: Final = "reports"
REPORT_MINUTES: Final = MappingProxyType({"daily": 45, "weekly": 50})
OPENING_SECONDS: Final = 30
WAIT_SECONDS: Final = 1


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
        jobs.extend(
            report_job(settings, live.parts.account, folder, period) for period in REPORT_MINUTES
        )
        if engine.keep_backups and settings.database.journal == "file":
            jobs.append(backup_job(folder / JOURNAL, engine.keep_backups))
        return Jobs(jobs, JobBook(folder), live.parts.clock, ExchangeCalendar(), live.parts.page)

    return make


def report_job(settings: Settings, account: str, folder: Path, period: str) -> Job:
    """Return the job that writes the page on what trading cost, in a process of its own.

    Args:
        settings: of the engine.
        account: whose.
        folder: of the account; the pages go into a folder below it.
        period: ``daily`` or ``weekly``.
    """
    minutes = REPORT_MINUTES[period]

    async def act(due: int) -> str:
        pages = folder / REPORTS
        pages.mkdir(mode=0o700, exist_ok=True)
        # A report takes a core for a while, and the engine needs its own.
        work = (settings.model_dump(mode="python"), account, pages, period, moment(due))
        return await apart(write_report, *work)

    return Job(
        name=f"report-{period}",
        meaning=f"write the {period} page on what trading cost",
        schedule=AfterWeek(minutes) if period == "weekly" else AfterSession(minutes),
        act=act,
    )


def write_report(
    settings: dict[str, Any], account: str, folder: Path, period: str, until: datetime
) -> str:
    """Write the page of the period that ends with a moment, and return what was done.

    Args:
        settings: as a document; that is what can travel to another process.
        account: whose.
        folder: where the page goes.
        period: ``daily`` or ``weekly``.
        until: its end.

    Raises:
        FillpathError: it cannot be made; says why.
    """
    from fillpath.app_report import make_report, period_plan

    plan = replace(period_plan(period, until, folder), account=account)
    asyncio.run(make_report(plan, Settings(**settings)))
    assert plan.html is not None, "a report of a period is a page"
    return f"{REPORTS}/{plan.html.name} written"


def upkeep_job(store: Any, clock: Clock) -> Job:
    """Return the job that keeps the sums of old rows and lets the rows go."""

    async def act(_due: int) -> str:
        await _opened(store)
        await store.upkeep(clock.now())
        return "the tables are in order"

    return Job(
        name=UPKEEP,
        meaning="keep the sums of measurements that are old enough, and let old rows go",
        schedule=AfterSession(UPKEEP_MINUTES),
        act=act,
    )


async def _opened(store: Any) -> None:
    """Wait a while for tables that are still being opened behind the engine.

    Raises:
        Unavailable: they cannot be reached.
    """
    for _ in range(OPENING_SECONDS):
        with suppress(Unavailable):
            await store.tier()
            return
        await asyncio.sleep(WAIT_SECONDS)
    await store.tier()


__all__ = ["jobs_of", "report_job", "upkeep_job", "write_report"]
