"""The composition of sweeps and walk-forwards: many backtests become one answer."""

import platform
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from fillpath import __version__
from fillpath.app import rules_for
from fillpath.app_backtest import RECORD, Record, backtest, files_of, told_of, written
from fillpath.backtest.costs import costs_of
from fillpath.backtest.engine import BacktestRequest, BacktestResult, digest, load
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
from fillpath.reports.backtest_page import Told, columns, page
from fillpath.reports.export import window_tables, write_files
from fillpath.reports.performance import (
    EquityPoint,
    Trade,
    deflated_sharpe,
    performance,
    returns_of,
)
from fillpath.reports.route_costs import route_costs
from fillpath.settings import Settings, load_settings, policy_hash

Progress = Callable[[int, int], None]


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
    told = replace(told_of(chosen, result), remarks=(_warning(result, variants, asked.objective),))
    return Swept(variants, chosen, result, told)


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
    return Walked(chosen, _together(request, chosen, results, len(variants)), results)


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
        inputs={str(path): digest(path) for path in files_of(request.replay)},
        performance=told.performance,
        fills=sum(len(result.run.fills) for result in walked.results),
        equity=f"{told.points[-1].equity:.2f}",
        dividends=str(told.dividends),
        sweep=asked,
        windows=tuple(walked.chosen),
        remarks=tuple(told.remarks),
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
    variants: int,
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
        f"walk-forward: {variants} variants tried in each of {len(chosen)} windows; only sessions "
        "after each choice count; every window begins without positions"
    )
    remarks = [tried]
    if guessed:
        remarks.append(
            f"in {guessed} windows no variant had enough to be judged by: the first was taken"
        )
    return Told(
        title=f"{request.replay.strategy}, walk-forward in {len(chosen)} windows",
        facts=results[-1].run.facts,
        performance=performance(closes, points, fills, trades),
        points=points,
        trades=trades,
        costs=route_costs(costs),
        remarks=tuple(remarks),
        dividends=sum((result.run.dividend_cash for result in results), ZERO),
    )


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
