"""Sweeps and walk-forwards: the same figures on every executor, and only the future judged."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from fillpath import app_backtest, app_sweep
from fillpath.app_sweep import rules_from
from fillpath.backtest.engine import BacktestRequest
from fillpath.backtest.request import FillProfile, ReplayRequest
from fillpath.backtest.sweeping import (
    Executor,
    Objective,
    Sweep,
    Task,
    Variant,
    best,
    read_sweep,
    run_tasks,
    seed_of,
    variant_of,
)
from fillpath.backtest.walking import Window, chained, windows
from fillpath.core.errors import ConfigError
from fillpath.reports.performance import EquityPoint, performance
from fillpath.settings import load_settings, policy_hash
from tests.house.project import ROOT
from tests.unit.backtest.test_backtest_engine import days

START = datetime(2026, 3, 2, tzinfo=UTC)


def tasks(path: Path) -> list[Task]:
    replay = ReplayRequest(bars=(path,), strategy="tests.unit.backtest.test_backtest_engine:Eager")
    request = BacktestRequest(replay=replay)
    rules = partial(rules_from, None, policy_hash(load_settings(None)), FillProfile.QUOTES)
    grid = Sweep({"quantity": [5, 9]}).variants()
    return [Task(variant_of(request, one), rules, str(ROOT)) for one in grid]


def test_every_executor_gives_the_same_variants(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    wanted = tasks(days(tmp_path / "days.csv"))

    by_process = run_tasks(wanted, Executor.PROCESS, 1)

    assert [one.parameters for one in by_process] == [{"quantity": 5}, {"quantity": 9}]
    assert run_tasks(wanted, Executor.DASK, 1) == by_process


def test_ray_is_asked_for_in_one_sentence_where_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs the package ray"):
        run_tasks(tasks(days(tmp_path / "days.csv")), Executor.RAY, 1)


def test_rules_that_changed_meanwhile_are_refused() -> None:
    with pytest.raises(ConfigError, match="settings changed"):
        rules_from(None, "another", FillProfile.QUOTES)


def test_a_grid_makes_every_combination() -> None:
    variants = Sweep({"fast": [1, 2], "slow": [3, 4]}).variants()

    assert variants[1] == {"fast": 1, "slow": 4}
    assert len(variants) == 4


def test_a_seed_belongs_to_the_parameters_whatever_their_order() -> None:
    assert seed_of(1, {"a": 1, "b": 2}) == seed_of(1, {"b": 2, "a": 1})
    assert seed_of(1, {"a": 1}) != seed_of(2, {"a": 1})


@pytest.mark.parametrize(
    "text", ["grid: {}", "grid: {fast: []}", "grid: 5", "{", "grid: {a: [1]}\nmore: 1"]
)
def test_a_grid_of_nothing_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError, match="--sweep"):
        read_sweep(path)


def test_nothing_is_best_where_nothing_can_be_judged(tmp_path: Path) -> None:
    variants: list[Variant] = run_tasks(tasks(days(tmp_path / "days.csv"))[:1], Executor.PROCESS, 1)

    assert best(variants, Objective.SHARPE) is None
    assert best(variants, Objective.TOTAL_RETURN) == variants[0]


def test_windows_judge_what_comes_after_what_they_learn_from() -> None:
    assert windows(11, 2) == [Window(0, 3, 5), Window(3, 6, 10)]


def test_too_few_sessions_make_no_windows() -> None:
    with pytest.raises(ConfigError, match="at least 6 sessions"):
        windows(5, 2)


def test_curves_are_chained_by_growth() -> None:
    def at(number: int, equity: float) -> EquityPoint:
        return EquityPoint(START + timedelta(days=number), equity)

    curve = chained([[at(0, 100), at(1, 110)], [at(1, 100), at(2, 90)]])

    assert [point.equity for point in curve] == [100, 110, pytest.approx(99)]


def swept(path: Path, objective: Objective = Objective.TOTAL_RETURN) -> app_sweep.Swept:
    replay = ReplayRequest(bars=(path,), strategy="tests.unit.backtest.test_backtest_engine:Eager")
    asked = Sweep({"quantity": [5, 9, 7]}, objective)
    settings = load_settings(None)
    return app_sweep.sweep(BacktestRequest(replay=replay), asked, settings, app_sweep.Means())


def test_a_sweep_keeps_every_variant_and_its_warning(tmp_path: Path) -> None:
    found = swept(days(tmp_path / "days.csv"))
    settings, out = load_settings(None), tmp_path / "out"
    record = app_backtest.record_of(found.request, found.result, settings, found.told)

    app_sweep.write_swept(found, record, out)

    assert [row[0] for row in found.told.variants] == ["quantity", "9", "7", "5"]
    table = pl.read_parquet(out / "variants.parquet")
    assert table["parameter_quantity"].to_list() == ["5", "9", "7"]
    kept = app_backtest.read_record(out / "run.json")
    assert kept.warning.startswith("the best of 3 variants by total_return")
    again = app_backtest.told_of(found.request, found.result, kept.warning)
    assert again.warning == found.told.warning


def test_a_walk_forward_tells_its_own_days_and_what_each_window_chose(tmp_path: Path) -> None:
    path = days(tmp_path / "days.csv", 12)
    replay = ReplayRequest(
        bars=(path,), strategy="tests.unit.backtest.test_backtest_engine:Eager", seed=5
    )
    asked = Sweep({"quantity": [5, 9]}, Objective.TOTAL_RETURN)
    settings = load_settings(None)

    walked = app_sweep.walk(BacktestRequest(replay=replay), asked, 2, settings, app_sweep.Means())

    assert walked.told.facts.title == "IBM, 2026-03-06 to 2026-03-17"
    assert walked.told.facts.seed == 5
    head, *rows = walked.told.variants
    assert head == ["judged from", "until", "quantity", "total return before", "return after"]
    assert [row[:2] for row in rows] == [["2026-03-06", "2026-03-11"], ["2026-03-12", "2026-03-17"]]


def test_a_variant_without_enough_to_judge_it_comes_last() -> None:
    nothing = performance([], [], [], [])
    something = replace(nothing, sharpe=-1.0)
    found = [Variant({"fast": n}, n, one, None) for n, one in enumerate((nothing, something))]

    head, *rows = app_sweep.variant_cells(found, Objective.SHARPE)

    assert [row[0] for row in rows] == ["1", "0"]
    assert head[1] == "Sharpe ratio"
