"""The housekeeping of an engine that the settings ask for, done on real tables."""

import asyncio
from pathlib import Path

import pytest

from fillpath import app_jobs
from fillpath.app_jobs import report_job, upkeep_job
from fillpath.core.errors import Unavailable
from fillpath.runtime.clock import ManualClock
from fillpath.settings import load_settings
from fillpath.testing.builders import START
from tests.unit.test_app_report import file as file  # noqa: PLC0414  # a fixture

CLOSE = 1_795_555_800 * 10**9  # 2026-11-24T21:30:00Z


class LateTables:
    """Tables that are opened after some questions."""

    def __init__(self, asked: int) -> None:
        self.left = asked
        self.kept = 0

    async def tier(self) -> str:
        self.left -= 1
        if self.left >= 0:
            raise Unavailable("the tables are not open yet")
        return "sqlite"

    async def upkeep(self, _now: object) -> None:
        self.kept += 1


def test_a_page_of_the_period_is_written_by_a_process_of_its_own(file: Path) -> None:
    folder = file.parent / "data" / "SIM"
    job = report_job(load_settings(file), "SIM", folder, "daily")

    async def done() -> str:
        return await job.act(CLOSE)

    said = asyncio.run(done())

    assert said == "reports/costs-daily-2026-11-24.html written"
    assert "What trading cost" in (folder / said.split()[0]).read_text(encoding="utf-8")


def test_upkeep_waits_for_tables_that_are_opened_behind_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app_jobs, "OPENING_SECONDS", 1)
    tables = LateTables(1)
    monkeypatch.setattr(app_jobs, "WAIT_SECONDS", 0)

    async def done() -> str:
        return await upkeep_job(tables, ManualClock(START)).act(0)

    assert asyncio.run(done()) == "the tables are in order"
    assert tables.kept == 1


def test_tables_that_stay_away_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_jobs, "OPENING_SECONDS", 2)
    monkeypatch.setattr(app_jobs, "WAIT_SECONDS", 0)

    async def done() -> str:
        return await upkeep_job(LateTables(9), ManualClock(START)).act(0)

    with pytest.raises(Unavailable, match="not open yet"):
        asyncio.run(done())
