"""fillpath gets the same quotes and the same orders as everybody else."""

import json
from pathlib import Path

import polars as pl
import pytest

from benchmarks import inputs, recordings
from benchmarks.inputs import InputPlan


def written(plan: InputPlan, folder: Path) -> Path:
    target = folder / "held"
    recordings.write(inputs.write(plan, target), plan, target)
    return target


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "signals.jsonl").read_text("utf-8").splitlines()]


def test_quotes_have_the_columns_of_a_recording(tmp_path: Path) -> None:
    quotes = pl.read_parquet(written(InputPlan(orders=1), tmp_path) / "quotes.parquet")

    assert quotes.schema == {
        "ts": pl.Datetime("ns", "UTC"),
        "symbol": pl.String,
        "bid_price": pl.Float64,
        "ask_price": pl.Float64,
        "bid_size": pl.Int64,
        "ask_size": pl.Int64,
    }


def test_quotes_hold_the_shared_prices(tmp_path: Path) -> None:
    plan = InputPlan(orders=5)
    columns = inputs.build(plan)

    quotes = pl.read_parquet(written(plan, tmp_path) / "quotes.parquet")

    assert quotes["bid_price"].to_list() == [cents / 100 for cents in columns.bid_cents]
    assert quotes["ask_price"].to_list() == [cents / 100 for cents in columns.ask_cents]
    assert quotes["ts"].cast(pl.Int64).to_list() == list(columns.ts)
    assert quotes["symbol"].to_list()[:11] == [*inputs.SYMBOLS, inputs.SYMBOLS[0]]


def test_a_buy_is_a_long_signal_and_a_sell_closes_it(tmp_path: Path) -> None:
    signals = lines(written(InputPlan(orders=20, sells=True), tmp_path))

    assert signals[0]["direction"] == "LONG"
    assert signals[0]["metadata"] == {"quantity": 10}
    assert signals[10]["direction"] == "FLAT"
    assert signals[10]["metadata"] == {}
    assert signals[0]["symbol"] == signals[10]["symbol"]


def test_a_signal_carries_the_moment_of_its_quote(tmp_path: Path) -> None:
    signals = lines(written(InputPlan(orders=2), tmp_path))

    assert signals[0]["ts"] == "2024-01-02T14:30:00.000000000Z"
    assert signals[1]["ts"] == "2024-01-02T14:30:00.011000000Z"


@pytest.mark.parametrize(("climbs", "strength"), [(False, 0.95), (True, 0.5)])
def test_orders_are_urgent_unless_they_shall_rest(
    tmp_path: Path, *, climbs: bool, strength: float
) -> None:
    signals = lines(written(InputPlan(orders=1, climbs=climbs), tmp_path))

    assert signals[0]["strength"] == strength


def test_daily_bars_give_the_planned_average_over_twenty_sessions(tmp_path: Path) -> None:
    daily = pl.read_parquet(written(InputPlan(orders=1, adv=2_000), tmp_path) / "daily.parquet")

    assert set(daily["volume"]) == {2_000}
    assert min(daily.group_by("symbol").len()["len"]) >= 20
    assert set(daily["date"].dt.weekday()) == {1, 2, 3, 4, 5}
    assert max(daily["ts_end"]) < min(pl.read_parquet(tmp_path / "held/quotes.parquet")["ts"])
