"""The doctor: look at everything that an engine stands on, and name each problem's remedy."""

# ruff: noqa: PLC0415

import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Final

from fillpath.app_live import JOURNAL, account_folder, account_name
from fillpath.core.errors import (
    ConfigError,
    FillpathError,
    JournalCorrupt,
    JournalError,
    JournalMissing,
)
from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.book import FILE as ALERTS
from fillpath.runtime.steady import SteadyClock
from fillpath.service.finding import Finding
from fillpath.service.latch import KillLatch
from fillpath.settings import Settings, load_settings, without_password

NEWEST_CLOCK: Final = date(2040, 12, 31)
OLDEST_CLOCK: Final = date(2025, 1, 1)


async def examine(path: Path | None) -> list[Finding]:
    """Return what was found, in the order in which an engine needs it; changes nothing."""
    try:
        settings = load_settings(path)
    except FillpathError as error:
        return [Finding("settings", False, str(error), "correct that line, then ask again")]  # noqa: FBT003
    findings = [Finding("settings", True, f"in order, account {account_name(settings)}")]  # noqa: FBT003
    for name, look in _LOOKS.items():
        healthy, detail, remedy = await look(settings)
        findings.append(Finding(name, healthy, detail, "" if healthy else remedy))
    return findings


Found = tuple[bool, str, str]


async def _folder(settings: Settings) -> Found:
    folder = account_folder(settings)
    above = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        probe = above / ".fillpath-doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return False, f"{folder}: {error.strerror}", "choose an engine.folder that you may write to"
    return True, f"{folder} can be written", ""


async def _journal(settings: Settings) -> Found:
    from fillpath.data.journal import verify

    if settings.database.journal == "database":
        return _journal_in_database(settings)
    path = account_folder(settings) / JOURNAL
    if not path.exists():
        return True, f"{path} does not exist yet; the first start makes it", ""
    try:
        found = verify(path)
    except JournalError as error:
        remedy = "do not trade; keep the file, look at docs/how-to/journal.md, restore a backup"
        return False, str(error), remedy
    return True, f"{found.records} records, every hash holds", ""


def _journal_in_database(settings: Settings) -> Found:
    from fillpath.data.journal.postgres_reading import verify_postgres

    try:
        found = verify_postgres(settings.database.url, account_name(settings))
    except JournalCorrupt as error:
        return False, str(error), "do not trade; keep the rows, restore the database's own backup"
    except JournalMissing:
        return True, "not in the database yet; the first start makes it", ""
    except JournalError as error:
        return False, str(error), "start the database, or correct database.url"
    return True, f"{found.records} records in the database, every hash holds", ""


async def _latch(settings: Settings) -> Found:
    latch = KillLatch(account_folder(settings)).read()
    if latch is None:
        return True, "not set", ""
    remedy = "fillpath resume, once it is understood why"
    return False, f"set by {latch.by}: {latch.reason}", remedy


async def _clock(_settings: Settings) -> Found:
    clock = SteadyClock()
    today = clock.now().date()
    if not OLDEST_CLOCK <= today <= NEWEST_CLOCK:
        return False, f"the machine says {today}", "set the machine's clock; run a time service"
    resolution = time.get_clock_info("monotonic").resolution
    drift = clock.drift() / NANOSECONDS
    return True, f"{today}, steps of {resolution:.0e} s, {drift:+.3f} s since the start", ""


async def _calendar(settings: Settings) -> Found:
    from fillpath.scheduling.calendar import ExchangeCalendar, new_york_date

    calendar = ExchangeCalendar()
    day = new_york_date(SteadyClock().nanoseconds())
    if not calendar.first <= day < calendar.last:
        remedy = "take a newer fillpath: its calendar ends"
        return False, f"{day} is outside {calendar.first} to {calendar.last}", remedy
    session = calendar.next_session(day)
    return True, f"known to {calendar.last}; hours {settings.engine.hours}; next {session.date}", ""


async def _bus(settings: Settings) -> Found:
    if not settings.redis.url:
        return True, "in this process; other programs reach it through fillpath signal only", ""
    from fillpath.data.bus.redis_streams import RedisBus, RedisPolicy

    where = without_password(settings.redis.url)
    bus = RedisBus(RedisPolicy(url=settings.redis.url, consumer="doctor"))
    try:
        health = await bus.health()
    finally:
        await bus.close()
    if health.reachable:
        return True, f"{where} answers and keeps what it is given; {health.detail}".rstrip("; "), ""
    remedy = (
        "start Redis, correct redis.url, or set maxmemory-policy noeviction; until then the engine "
        "takes no signals"
    )
    return False, f"{where}: {health.detail}", remedy


async def _tables(settings: Settings) -> Found:
    from fillpath.app_live import store_url
    from fillpath.data.store.sql_store import SqlStore

    url = store_url(settings, account_folder(settings))
    where = without_password(url)
    if not settings.database.url and not account_folder(settings).is_dir():
        return True, f"{where} does not exist yet; the first start makes it", ""
    store = SqlStore(url)
    try:
        tier = await store.tier()
    except FillpathError as error:
        remedy = "start the database or correct database.url; trading goes on without tables"
        return False, f"{where}: {error}", remedy
    finally:
        await store.close()
    return True, f"{where}: {tier}", ""


async def _alerts(settings: Settings) -> Found:
    from fillpath.app_alerts import AlertDesk, routes_of

    if not settings.alerts.channels:
        return True, "to the log and the dashboard alone; alerts.channels names no file", ""
    try:
        names = [route.name for route in routes_of(settings)]
        book = Path(settings.engine.folder) / ALERTS
        states = await AlertDesk(settings).channels() if book.exists() else []
    except FillpathError as error:
        return False, str(error), "correct the file of channels; docs/how-to/alerts.md shows one"
    failing = [f"{one.name}: {one.problem}" for one in states if one.failing_since]
    if failing:
        return False, "; ".join(failing), "fillpath alerts test, once the cause is mended"
    if not names:
        return False, "the file of channels names none", "name one, or leave alerts.channels empty"
    return True, f"{', '.join(names)} can be used; fillpath alerts test sends a message", ""


async def _broker(settings: Settings) -> Found:
    provider = settings.broker.provider
    try:
        settings.check_start()
    except ConfigError as error:
        return False, str(error), "correct that setting; docs/how-to/approve.md says what it means"
    if provider == "ibkr":
        return await _gateway(settings)
    return True, f"{provider}: in this process, nothing real is traded", ""


async def _gateway(settings: Settings) -> Found:
    from fillpath.app_ibkr_doctor import socket_finding

    found = await socket_finding(settings)
    more = "; fillpath doctor --broker ibkr goes on from there"
    return found.healthy, f"ibkr: {found.detail}{more if found.healthy else ''}", found.remedy


_LOOKS: Final[dict[str, Callable[[Settings], Awaitable[Found]]]] = {
    "folder": _folder,
    "journal": _journal,
    "kill latch": _latch,
    "bus": _bus,
    "tables": _tables,
    "clock": _clock,
    "calendar": _calendar,
    "alerts": _alerts,
    "broker": _broker,
}

__all__ = ["Finding", "examine"]
