"""The composition root: settings and files become a run, and a folder becomes a page."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath import app
from fillpath.backtest.request import FillProfile, ReplayRequest
from fillpath.core.errors import ConfigError
from fillpath.reports.result import RunResult
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.settings import load_settings
from tests.unit.data.files.builders import a_quote, at, csv, jsonl, parquet

SETTINGS = load_settings(None, {})


def a_line(**changes: Any) -> dict[str, Any]:
    """Return a line of a signal file: an urgent purchase of 10 IBM."""
    line = {
        "signal_id": "s1",
        "ts": at(5).isoformat(),
        "symbol": "IBM",
        "direction": "LONG",
        "strength": 1,
        "strategy_name": "trend",
        "metadata": {"quantity": 10},
    }
    return line | changes


def quotes(folder: Path, name: str = "quotes.parquet") -> Path:
    """Write a minute of quotes."""
    return parquet(folder, [a_quote(n, ask_size=500_000) for n in range(60)], name)


def volumes(folder: Path, name: str = "daily.csv") -> Path:
    """Write 25 days of 1,000,000 shares."""
    days = ExchangeCalendar().sessions_between(date(2013, 8, 1), date(2013, 10, 4))[-25:]
    lines = [f"{day.date},IBM,180,1000000" for day in days]
    return csv(folder, "\n".join(["date,symbol,close,volume", *lines]) + "\n", name)


def a_request(folder: Path, **changes: Any) -> ReplayRequest:
    fields: dict[str, Any] = {"quotes": (quotes(folder),), "signals": (jsonl(folder, a_line()),)}
    return ReplayRequest(**(fields | changes))


# Replay.


def test_a_replay_is_run_under_the_settings(tmp_path: Path) -> None:
    result = app.replay(a_request(tmp_path), SETTINGS)

    assert [(fill.quantity, fill.price) for fill in result.fills] == [
        (Decimal(10), Decimal("181.9"))
    ]
    assert result.signals.ordered == 1


def test_other_settings_give_another_run(tmp_path: Path) -> None:
    strict = load_settings(None, {"SA_RISK__PRICE_FLOOR": "1000"})

    result = app.replay(a_request(tmp_path), strict)

    assert result.signals.refused == {"PRICE_FLOOR": 1}


@pytest.mark.parametrize("profile", FillProfile)
def test_every_profile_can_be_replayed(tmp_path: Path, profile: FillProfile) -> None:
    result = app.replay(a_request(tmp_path, profile=profile), SETTINGS)

    assert result.facts.profile == profile
    assert len(result.fills) == 1


def test_the_same_replay_is_the_same_result(tmp_path: Path) -> None:
    first, second = (app.replay(a_request(tmp_path), SETTINGS) for _ in range(2))

    assert first.fills == second.fills
    assert first.decisions == second.decisions


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    app.replay(a_request(tmp_path), SETTINGS, lambda done, total: told.append((done, total)))

    assert told[-1] == (1, 1)


# The demo on a folder.


def test_a_folder_with_signals_is_replayed(tmp_path: Path) -> None:
    quotes(tmp_path)
    volumes(tmp_path)
    jsonl(tmp_path, a_line(), name="signals.jsonl")

    result = app.demo(tmp_path, 7, SETTINGS)

    assert [fill.quantity for fill in result.fills] == [10]
    assert result.facts.seed == 7


def test_a_folder_without_signals_is_traded_by_a_plain_plan(tmp_path: Path) -> None:
    rows = [a_quote(60 * n, ask_size=500_000, bid_size=500_000) for n in range(390)]
    parquet(tmp_path, rows, "quotes.parquet")
    volumes(tmp_path)

    result = app.demo(tmp_path, 0, SETTINGS)

    assert result.fills
    assert any("a plain day plan trades every symbol" in note for note in result.facts.notes)


def test_a_folder_may_hold_more_than_quotes(tmp_path: Path) -> None:
    first, second = quotes(tmp_path, "quotes_a.parquet"), csv(tmp_path, "", "quotes_b.csv")
    daily = volumes(tmp_path, "bars_1d.csv")
    signals = jsonl(tmp_path, a_line(), name="signals_a.jsonl")
    actions = csv(tmp_path, "", "corporate_actions.csv")
    csv(tmp_path, "", "notes.csv")

    request = app.recorded_request(tmp_path, 3)

    assert request.quotes == (first, second)
    assert (request.daily, request.signals) == ((daily,), (signals,))
    assert (request.corporate_actions, request.seed) == (actions, 3)


def test_daily_files_come_before_daily_bars(tmp_path: Path) -> None:
    quotes(tmp_path)
    volumes(tmp_path, "bars_1d.csv")
    daily = volumes(tmp_path, "daily.csv")

    request = app.recorded_request(tmp_path, 0)

    assert request.daily == (daily,)
    assert request.corporate_actions is None


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing", "--data must be a folder, got"), ("", "holds no quotes")],
)
def test_a_folder_that_cannot_be_replayed_is_explained(
    tmp_path: Path, name: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        app.recorded_request(tmp_path / name, 0)


# The demo on its own.


@pytest.fixture(scope="module")
def demo() -> RunResult:
    pytest.importorskip("bokeh_sampledata", reason="the demo's daily prices are not installed")
    return app.demo(None, 1, SETTINGS)


def test_the_demo_takes_every_route(demo: RunResult) -> None:
    routes = {order.route for order in demo.orders}

    assert routes == {"urgent", "wide", "twap", "passive", "default", "protect"}


def test_the_demo_shows_refusals_alerts_and_a_stop(demo: RunResult) -> None:
    assert demo.signals.refused
    assert demo.alerts
    assert any(order.stop_price for order in demo.orders)


def test_the_demo_says_that_its_path_is_modelled(demo: RunResult) -> None:
    assert "modelled" in " ".join(demo.facts.notes)


def test_the_demo_obeys_the_settings() -> None:
    pytest.importorskip("bokeh_sampledata", reason="the demo's daily prices are not installed")
    strict = load_settings(None, {"SA_RISK__PRICE_FLOOR": "100000"})

    result = app.demo(None, 1, strict)

    assert result.orders == ()
    assert "PRICE_FLOOR" in result.signals.refused
