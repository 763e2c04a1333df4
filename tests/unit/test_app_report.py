"""The report on costs, from the tables of an account to the files that were asked for."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath.app_report import ReportPlan, make_report, moment_of, period_plan
from fillpath.cli import main
from fillpath.core.errors import ConfigError
from fillpath.core.rows import MarketRow
from fillpath.data.store.sql_store import SqlStore
from fillpath.service.control import ControlServer
from fillpath.settings import Settings, load_settings
from fillpath.testing.builders import START
from fillpath.testing.rows import a_decision_row, a_fill_row, an_order_row, made_by


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return settings of an account whose tables hold one order, and nothing of its cost yet."""
    path = tmp_path / "settings.yaml"
    path.write_text(
        f"engine:\n  folder: {tmp_path}/data\nbroker:\n  provider: simulated\n", encoding="utf-8"
    )
    (tmp_path / "data" / "SIM").mkdir(parents=True)
    asyncio.run(traded(tmp_path / "data" / "SIM"))
    return path


async def traded(folder: Path) -> None:
    store = SqlStore(f"sqlite:///{folder}/store.sqlite")
    await store.start()
    order = an_order_row(
        status="FILLED", filled_quantity=Decimal(100), closed_at=START + timedelta(seconds=1)
    )
    market = MarketRow(bid=Decimal("149.99"), ask=Decimal("150.01"), mid=Decimal(150))
    decision = a_decision_row(market=market, quantity=Decimal(100))
    await store.apply("SIM", made_by(0, decision, order, a_fill_row()), 0)
    await store.close()


def settings_of(path: Path) -> Settings:
    return load_settings(path)


async def test_costs_are_brought_up_to_date_and_every_file_is_written(
    file: Path, tmp_path: Path
) -> None:
    plan = ReportPlan(
        html=tmp_path / "a.html",
        parquet=tmp_path / "a.parquet",
        csv=tmp_path / "a.csv",
        json=tmp_path / "a.json",
    )

    report = await make_report(plan, settings_of(file))

    assert (report.orders, report.shortfall) == (1, Decimal("0.75"))
    assert "What trading cost" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").count("\n") == 2
    assert '"shortfall":"0.75"' in (tmp_path / "a.json").read_text(encoding="utf-8")
    assert (tmp_path / "a.parquet").stat().st_size > 0


async def test_a_time_without_orders_has_an_empty_report(file: Path) -> None:
    plan = ReportPlan(since=START + timedelta(days=1), until=START + timedelta(days=2))

    report = await make_report(plan, settings_of(file))

    assert (report.orders, report.main) == (0, [])


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (ReportPlan(by="mood"), "--by must be one of day, week"),
        (ReportPlan(since=START, until=START), "--since must be before --until"),
        (ReportPlan(account="NOBODY"), "must hold the tables of an account"),
    ],
)
async def test_what_cannot_be_reported_is_said(file: Path, plan: ReportPlan, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        await make_report(plan, settings_of(file))


def test_the_command_shows_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["report", "--settings", str(file), "--since", "2026-03-02"])

    assert code == 0
    assert "Trading cost 0.75 on 1 orders" in capsys.readouterr().out


def test_a_wrong_day_is_one_sentence(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["report", "--settings", str(file), "--since", "yesterday"])

    assert code == 2
    assert "must be a day like 2026-11-23" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", datetime(2026, 11, 23, 5, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 7, 1, 4, tzinfo=UTC)),
        ("2026-11-23T14:30:00Z", datetime(2026, 11, 23, 14, 30, tzinfo=UTC)),
        ("2026-11-23T09:30:00-05:00", datetime(2026, 11, 23, 14, 30, tzinfo=UTC)),
    ],
)
def test_a_day_begins_in_new_york_and_a_moment_names_its_zone(text: str, moment: datetime) -> None:
    assert moment_of(text) == moment


@pytest.mark.parametrize("text", ["2026-11-23T14:30:00", "2026-13-01", "", "now"])
def test_a_moment_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="a moment must be"):
        moment_of(text)


def test_a_daily_report_is_of_the_day_that_ends_and_a_weekly_one_of_seven(tmp_path: Path) -> None:
    evening = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # the 23rd in New York

    daily, weekly = (period_plan(one, evening, tmp_path) for one in ("daily", "weekly"))

    assert (daily.since, daily.until) == (moment_of("2026-11-23"), moment_of("2026-11-24"))
    assert (daily.by, daily.html) == ("symbol", tmp_path / "costs-daily-2026-11-23.html")
    assert (weekly.since, weekly.until) == (moment_of("2026-11-17"), moment_of("2026-11-24"))
    assert (weekly.by, weekly.html) == ("day", tmp_path / "costs-weekly-2026-11-23.html")


async def test_an_engine_that_runs_keeps_its_costs_itself(file: Path, tmp_path: Path) -> None:
    async def status(_request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"status": "{}"}

    server = ControlServer(tmp_path / "data" / "SIM", {"status": status})
    await server.start()

    report = await make_report(ReportPlan(), settings_of(file))

    await server.close()
    assert report.orders == 0
