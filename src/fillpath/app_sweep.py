"""The composition of sweeps and walk-forwards: many backtests become one answer."""

import platform
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath import __version__
from fillpath.app import rules_for
from fillpath.app_backtest import (
    RECORD,
    Record,
    backtest,
    digests_of,
    libraries,
    remarks_of,
    told_of,
    write_backtest,
    written,
)
from fillpath.backtest.costs import costs_of
from fillpath.backtest.engine import BacktestRequest, BacktestResult, load
from fillpath.backtest.request import FillProfile
from fillpath.backtest.run import Rules
from fillpath.backtest.sweeping import (
    Executor,
    Objective,
    Sweep,
    Task,
    Variant,
    best,
    run_tasks,
    variant_of,
)
from fillpath.backtest.walking import Chosen, Window, chained, windows
from fillpath.core.costs import OrderCostRow
from fillpath.core.errors import ConfigError
from fillpath.core.models import ZERO
from fillpath.reports.backtest_page import Told, columns, page, percent, performance_cells, table
from fillpath.reports.export import window_tables, write_files
from fillpath.reports.fates import fates_of
from fillpath.reports.performance import (
    EquityPoint,
    Performance,
    Trade,
    deflated_sharpe,
    performance,
    returns_of,
)
from fillpath.reports.result import RunFacts
from fillpath.reports.route_costs import route_costs
from fillpath.settings import Settings, load_settings, policy_hash

Progress = Callable[[int, int], None]


HEADS: Final = {
    Objective.SHARPE: "Sharpe ratio",
    Objective.SORTINO: "Sortino ratio",
    Objective.TOTAL_RETURN: "total return",
    Objective.PROFIT_FACTOR: "profit factor",
}
SHOWN: Final = ("total return", "deepest drawdown", "Sharpe ratio", "trades closed")
"""Figures of each variant that people are shown; variants.parquet has all of them."""


class Means(Struct, frozen=True):
    """Where variants run.

    Args:
        executor: what runs them.
        workers: on how many processes.
        settings: the settings file, which every process reads for itself.
    """

    executor: Executor = Executor.PROCESS
    workers: int = 1
    settings: Path | None = None


class Swept(Struct, frozen=True):
    """What a sweep found.

    Args:
        variants: in the order of the grid.
        request: of the best one, to run it again alone.
        result: of the best one.
        told: the same for people.
    """

    variants: list[Variant]
    request: BacktestRequest
    result: BacktestResult
    told: Told


class Walked(Struct, frozen=True):
    """What a walk-forward found: out of sample, all windows together, and the run of each."""

    chosen: list[Chosen]
    told: Told
    results: list[BacktestResult]


def rules_from(path: Path | None, wanted: str, profile: FillProfile) -> Rules:
    """Return the rules of a settings file, in whichever process it is read.

    Raises:
        ConfigError: they are not the rules that the sweep began under.
    """
    settings = load_settings(path)
    if policy_hash(settings) != wanted:
        raise ConfigError("the settings changed while the sweep ran: start it again")
    return rules_for(settings, profile)


def sweep(
    request: BacktestRequest,
    asked: Sweep,
    settings: Settings,
    means: Means,
    progress: Progress | None = None,
) -> Swept:
    """Run every variant, then the best one again in full.

    Raises:
        ConfigError: no variant has enough to be judged by.
    """
    requests = [variant_of(request, one) for one in asked.variants()]
    rules = partial(rules_from, means.settings, policy_hash(settings), request.replay.profile)
    variants = run_tasks(_tasks(requests, rules), means.executor, means.workers, progress)
    winner = best(variants, asked.objective)
    if winner is None:
        raise ConfigError(
            f"no variant has enough to be judged by {asked.objective}: give more data or another "
            "objective"
        )
    chosen = requests[variants.index(winner)]
    result = backtest(chosen, settings)
    told = told_of(chosen, result, _warning(result, variants, asked.objective))
    told = replace(told, variants=variant_cells(variants, asked.objective))
    return Swept(variants, chosen, result, told)


def variant_cells(variants: Sequence[Variant], objective: Objective) -> list[list[str]]:
    """Return the variants as they are shown, the best by the objective first."""
    names = sorted({name for one in variants for name in one.parameters})
    shown = list(dict.fromkeys((HEADS[objective], *SHOWN)))

    def rank(one: Variant) -> float:
        value = getattr(one.performance, objective)
        return float("-inf") if value is None else float(value)

    rows = [[*names, *shown]]
    for one in sorted(variants, key=rank, reverse=True):
        figures = dict(performance_cells(one.performance))
        given = [str(one.parameters.get(name, "")) for name in names]
        rows.append(given + [figures[name] for name in shown])
    return rows


def window_cells(
    chosen: Sequence[Chosen], results: Sequence[BacktestResult], objective: Objective
) -> list[list[str]]:
    """Return what each window chose, as it is shown."""
    names = sorted({name for one in chosen for name in one.parameters})
    rows = [["judged from", "until", *names, f"{HEADS[objective]} before", "return after"]]
    for one, result in zip(chosen, results, strict=True):
        days = [f"{point.ts:%Y-%m-%d}" for point in (result.closes[0], result.closes[-1])]
        given = [str(one.parameters.get(name, "")) for name in names]
        promised = "not enough" if one.trained is None else f"{one.trained:,.2f}"
        if objective is Objective.TOTAL_RETURN:
            promised = percent(one.trained)
        rows.append([*days, *given, promised, percent(one.tested)])
    return rows


def write_swept(swept: Swept, record: Record, out: Path) -> list[Path]:
    """Write the files of the best variant, and a table of all of them.

    Raises:
        ConfigError: the folder cannot be taken.
    """
    return write_backtest(
        swept.told, swept.result, record, out, {"variants.parquet": variant_table(swept.variants)}
    )


def variant_table(variants: Sequence[Variant]) -> bytes:
    """Return every variant with its seed, its parameters as texts and its figures, as Parquet."""
    names = sorted({name for one in variants for name in one.parameters})
    columns_of: dict[str, list[object]] = {
        f"parameter_{name}": [str(one.parameters.get(name, "")) for one in variants]
        for name in names
    }
    columns_of["seed"] = [one.seed for one in variants]
    for name in Performance.__struct_fields__:
        columns_of[name] = [getattr(one.performance, name) for one in variants]
    return table(columns_of)


def walk(
    request: BacktestRequest,
    asked: Sweep,
    count: int,
    settings: Settings,
    means: Means,
    progress: Progress | None = None,
) -> Walked:
    """Choose parameters on each window's past, and count only what came after.

    Raises:
        ConfigError: there are too few sessions.
    """
    cut = windows(len(load(request.replay).inputs.sessions), count)
    variants = [variant_of(request, one) for one in asked.variants()]
    rules = partial(rules_from, means.settings, policy_hash(settings), request.replay.profile)
    trained = [
        replace(one, teach=window.train, first=window.train, last=window.test - 1)
        for window in cut
        for one in variants
    ]
    found = run_tasks(_tasks(trained, rules), means.executor, means.workers, progress)
    chosen, results = [], []
    for number, window in enumerate(cut):
        mine = found[number * len(variants) : (number + 1) * len(variants)]
        one, result = _judged(variants, mine, window, asked.objective, settings)
        chosen.append(one)
        results.append(result)
    return Walked(chosen, _together(request, chosen, results, asked), results)


def walked_record(
    request: BacktestRequest, asked: Sweep, walked: Walked, settings: Settings
) -> Record:
    """Return what it takes to repeat a walk-forward."""
    told = walked.told
    return Record(
        fillpath=__version__,
        python=platform.python_version(),
        engine="replay",
        request=request,
        rules=policy_hash(settings),
        inputs=digests_of(request.replay),
        performance=told.performance,
        fills=sum(len(result.run.fills) for result in walked.results),
        equity=f"{told.points[-1].equity:.2f}",
        dividends=str(told.dividends),
        sweep=asked,
        windows=tuple(walked.chosen),
        remarks=tuple(told.remarks),
        libraries=libraries(),
    )


def write_walked(walked: Walked, record: Record, out: Path) -> list[Path]:
    """Write the files of a walk-forward, all or none.

    Raises:
        ConfigError: the folder cannot be taken.
    """
    told = walked.told
    runs = [(result.run, costs_of(result.run)) for result in walked.results]
    files = {
        **window_tables(runs),
        "backtest.html": page(told).encode(),
        "equity.parquet": columns(EquityPoint, told.points),
        "trades.parquet": columns(Trade, told.trades),
        RECORD: written(record),
    }
    return write_files(files, out)


def _judged(
    variants: Sequence[BacktestRequest],
    found: Sequence[Variant],
    window: Window,
    objective: Objective,
    settings: Settings,
) -> tuple[Chosen, BacktestResult]:
    winner = best(found, objective)
    request = variants[0 if winner is None else found.index(winner)]
    result = backtest(
        replace(request, teach=window.train, first=window.test, last=window.last), settings
    )
    trained = None if winner is None else getattr(winner.performance, objective)
    return Chosen(window, result.parameters, trained, result.performance.total_return), result


def _together(
    request: BacktestRequest,
    chosen: Sequence[Chosen],
    results: Sequence[BacktestResult],
    asked: Sweep,
) -> Told:
    fills = [fill for result in results for fill in result.run.fills]
    trades = [trade for result in results for trade in result.trades]
    costs: list[OrderCostRow] = []
    for result in results:
        costs += costs_of(result.run)
    points = chained([result.points for result in results])
    closes = chained([result.closes for result in results])
    guessed = sum(one.trained is None for one in chosen)
    tried = (
        f"walk-forward: {len(asked.variants())} variants tried in each of {len(chosen)} windows; only sessions "
        "after each choice count; every window begins without positions"
    )
    remarks = [tried]
    if guessed:
        remarks.append(
            f"in {guessed} windows no variant had enough to be judged by: the first was taken"
        )
    runs = [result.run for result in results]
    return Told(
        title=f"{request.replay.strategy}, walk-forward in {len(chosen)} windows",
        facts=_facts(request, results),
        performance=performance(closes, points, fills, trades),
        points=points,
        trades=trades,
        costs=route_costs(costs),
        remarks=(*remarks, *remarks_of(runs)),
        fates=fates_of(runs),
        variants=window_cells(chosen, results, asked.objective),
        variants_title="What each window chose, and what came of it",
        dividends=sum((result.run.dividend_cash for result in results), ZERO),
    )


def _facts(request: BacktestRequest, results: Sequence[BacktestResult]) -> RunFacts:
    """Return what is said of all windows together: the days that count, and the seed that was given."""
    last = results[-1].run.facts
    symbols = last.title.rpartition(", ")[0]
    days = [f"{point.ts:%Y-%m-%d}" for point in (results[0].closes[0], results[-1].closes[-1])]
    title = f"{symbols}, {days[0]} to {days[1]}"
    return replace(last, title=title, seed=request.replay.seed)


def _warning(result: BacktestResult, variants: Sequence[Variant], objective: Objective) -> str:
    """Return how much of the best of many may be luck."""
    tried = [one.daily_sharpe for one in variants if one.daily_sharpe is not None]
    returns = returns_of([point.equity for point in result.closes])
    share = deflated_sharpe(returns, tried)
    told = (
        f"the best of {len(variants)} variants by {objective}, on the very data it was chosen on: "
        "expect less of it"
    )
    if share is None:
        return f"{told}; too little to say how much of it is luck"
    return f"{told}; probability that its Sharpe ratio is above 0 after so many tries: {share:.0%}"


def _tasks(requests: Sequence[BacktestRequest], rules: Callable[[], Rules]) -> list[Task]:
    folder = str(Path.cwd())
    return [Task(request, rules, folder) for request in requests]
