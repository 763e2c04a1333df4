"""The report on what trading cost, from an account's tables, brought up to date first."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from fillpath.app_measuring import keeper_of
from fillpath.app_parts import STORE, account_folder, account_name, store_url
from fillpath.core.errors import ConfigError, Unavailable
from fillpath.core.listings import Wanted
from fillpath.data.store.sql_store import SqlStore
from fillpath.reports.aggregates import KEYS
from fillpath.reports.cost_files import as_csv, as_json, as_parquet, write_file
from fillpath.reports.cost_report import CostReport, ReportInputs, report_of
from fillpath.reports.tearsheet import tearsheet
from fillpath.runtime.steady import SteadyClock
from fillpath.service.control import ask
from fillpath.service.measures import Measures
from fillpath.settings import Settings

EXCHANGE: Final = ZoneInfo("America/New_York")
_DAYS: Final = {"daily": 1, "weekly": 7}


class ReportPlan(Struct, frozen=True, kw_only=True):
    """Which report, and where to.

    Args:
        account: whose; empty for that of the settings.
        since: no order that was released before this moment.
        until: only orders that were released before this moment.
        by: how the main table is divided.
        html: file of the page; None for none, and so on.
    """

    account: str = ""
    since: datetime | None = None
    until: datetime | None = None
    by: str = "day"
    html: Path | None = None
    parquet: Path | None = None
    csv: Path | None = None
    json: Path | None = None


class _Open(Struct, frozen=True):
    reader: SqlStore


async def make_report(plan: ReportPlan, settings: Settings) -> CostReport:
    """Bring the costs up to date, write the files that were asked for, and return the report.

    Raises:
        ConfigError: there is no such account or summary, or a file cannot be written.
        Unavailable: the tables cannot be reached.
    """
    if plan.by not in KEYS:
        raise ConfigError(f"--by must be one of {', '.join(KEYS)}, got {plan.by!r}")
    if plan.since is not None and plan.until is not None and plan.since >= plan.until:
        raise ConfigError(f"--since must be before --until, got {plan.since} and {plan.until}")
    inputs = await gathered(plan, settings)
    report = report_of(inputs)
    contents: tuple[tuple[Path | None, Callable[[], str | bytes]], ...] = (
        (plan.html, lambda: tearsheet(report)),
        (plan.parquet, lambda: as_parquet(inputs)),
        (plan.csv, lambda: as_csv(inputs)),
        (plan.json, lambda: f"{as_json(report)}\n"),
    )
    for path, made in contents:
        if path is not None:
            write_file(path, made())
    return report


async def gathered(plan: ReportPlan, settings: Settings) -> ReportInputs:
    """Return what the report is made of.

    Raises:
        ConfigError: no engine has run for the account here.
        Unavailable: the tables cannot be reached.
    """
    account = plan.account or account_name(settings)
    folder = account_folder(settings, account)
    if not settings.database.url and not (folder / STORE).is_file():
        raise ConfigError(f"{folder} must hold the tables of an account, and has none yet")
    clock = SteadyClock()
    store = SqlStore(store_url(settings, folder))
    try:
        await store.start()
        if not await _is_running(folder):
            await keeper_of(account, store, clock).catch_up()
        wanted = Wanted(since=plan.since, until=plan.until)
        return ReportInputs(
            account=account,
            since=plan.since,
            until=plan.until,
            by=plan.by,
            made_at=clock.now(),
            rows=await store.parent_costs(account, wanted),
            times=await store.order_times(account, wanted),
            profits=await Measures(_Open(store)).profit(account, "strategy"),
        )
    finally:
        await store.close()


async def _is_running(folder: Path) -> bool:
    """Return whether an engine runs here: it keeps its costs itself, by its own clock."""
    try:
        await ask(folder, {"do": "status"})
    except (ConfigError, Unavailable):
        return False
    return True


def period_plan(period: str, now: datetime, folder: Path) -> ReportPlan:
    """Return the plan of a report that is made again and again, into a file named for its period.

    Args:
        period: ``daily`` (the day that ends with ``now``, where the exchange is) or ``weekly``.
        now: aware.
        folder: where the page goes; it exists.
    """
    last = now.astimezone(EXCHANGE).date()
    first = last - timedelta(days=_DAYS[period] - 1)
    return ReportPlan(
        since=_midnight(first),
        until=_midnight(last + timedelta(days=1)),
        by="symbol" if period == "daily" else "day",
        html=folder / f"costs-{period}-{last.isoformat()}.html",
    )


def moment_of(text: str) -> datetime:
    """Return a moment from a day, which begins where the exchange is, or from ISO 8601 with a zone.

    Raises:
        ConfigError: it is neither.
    """
    try:
        if len(text) == len("2026-11-23"):
            return _midnight(date.fromisoformat(text))
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min  # noqa: DTZ901  # without a zone, which is refused below
    if at.tzinfo is None:
        raise ConfigError(
            f"a moment must be a day like 2026-11-23 or 2026-11-23T14:30:00Z, got {text!r}"
        )
    return at.astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=EXCHANGE).astimezone(UTC)


__all__ = ["ReportPlan", "gathered", "make_report", "moment_of", "period_plan"]
