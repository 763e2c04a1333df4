"""The composition of backtests: a request becomes a run, its files and the record to repeat it."""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from fillpath import __version__
from fillpath.app import rules_for
from fillpath.backtest.costs import costs_of
from fillpath.backtest.engine import BacktestRequest, BacktestResult, digest
from fillpath.backtest.engines import engine_of
from fillpath.backtest.request import ReplayRequest
from fillpath.backtest.sweeping import Sweep
from fillpath.backtest.walking import Chosen
from fillpath.core.errors import ConfigError
from fillpath.reports.backtest_page import Told, columns, page
from fillpath.reports.export import write
from fillpath.reports.performance import EquityPoint, Performance, Trade
from fillpath.reports.route_costs import route_costs
from fillpath.settings import Settings, policy_hash

Progress = Callable[[int, int], None]
RECORD: Final = "run.json"


class Record(Struct, frozen=True, kw_only=True):
    """Everything that it takes to repeat a backtest, and what it found.

    Args:
        fillpath: version of this program.
        python: version of the interpreter.
        engine: which engine ran it.
        request: what was asked for.
        rules: hash of the settings' rules.
        inputs: SHA-256 of every file that was read, by path.
        performance: the figures.
        fills: how many executions.
        equity: at the end, account currency.
        dividends: what they brought, less what they cost, account currency.
        sweep: what a walk-forward chose from.
        windows: what each of its windows chose, and what came of it.
        remarks: what a reader of it must know.
    """

    fillpath: str
    python: str
    engine: str
    request: BacktestRequest
    rules: str
    inputs: dict[str, str]
    performance: Performance
    fills: int
    equity: str
    dividends: str = "0"
    sweep: Sweep | None = None
    windows: tuple[Chosen, ...] = ()
    remarks: tuple[str, ...] = ()


def backtest(
    request: BacktestRequest, settings: Settings, progress: Progress | None = None
) -> BacktestResult:
    """Run a backtest on the engine that the request names."""
    return engine_of(request, rules_for(settings, request.replay.profile)).run(request, progress)


def record_of(request: BacktestRequest, result: BacktestResult, settings: Settings) -> Record:
    """Return what it takes to repeat a run."""
    return Record(
        fillpath=__version__,
        python=platform.python_version(),
        engine=request.engine,
        request=request,
        rules=policy_hash(settings),
        inputs={str(path): digest(path) for path in files_of(request.replay)},
        performance=result.performance,
        fills=len(result.run.fills),
        equity=str(result.run.equity),
        dividends=str(result.run.dividend_cash),
    )


def files_of(request: ReplayRequest) -> list[Path]:
    """Return every file that a request reads."""
    found = [*request.quotes, *request.bars, *request.daily, *request.signals]
    found += [path for path in (request.corporate_actions, request.sectors) if path is not None]
    return found


def told_of(request: BacktestRequest, result: BacktestResult) -> Told:
    """Return what people are told of a run."""
    given = ", ".join(f"{name} {value}" for name, value in sorted(result.parameters.items()))
    title = request.replay.strategy or "ready-made signals"
    return Told(
        title=f"{title} ({given})" if given else title,
        facts=result.run.facts,
        performance=result.performance,
        points=result.points,
        trades=result.trades,
        costs=route_costs(costs_of(result.run)),
        dividends=result.run.dividend_cash,
    )


def write_backtest(told: Told, result: BacktestResult, record: Record, out: Path) -> list[Path]:
    """Write the files of a run, all or none.

    Raises:
        ConfigError: the folder cannot be taken.
    """
    return write(
        result.run,
        out,
        costs_of(result.run),
        {
            "backtest.html": page(told).encode(),
            "equity.parquet": columns(EquityPoint, result.points),
            "trades.parquet": columns(Trade, result.trades),
            RECORD: written(record),
        },
    )


def written(record: Record) -> bytes:
    """Return a record as the bytes of its file."""
    return msgspec.json.format(msgspec.json.encode(record, enc_hook=str)) + b"\n"


def read_record(path: Path) -> Record:
    """Return the record of an earlier run.

    Raises:
        ConfigError: it cannot be read, or it is none.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record, dec_hook=_made)
    except OSError as error:
        raise ConfigError(f"--again {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise ConfigError(f"--again {path} is no record of a backtest: {error}") from error


def differences(earlier: Record, now: Record) -> list[str]:
    """Return what is not as it was, one sentence each; an empty list is a run that was repeated."""
    found = [
        f"the file {path} has changed since"
        for path, known in earlier.inputs.items()
        if now.inputs.get(path) != known
    ]
    for name in (
        "fillpath",
        "python",
        "rules",
        "fills",
        "equity",
        "dividends",
        "performance",
        "windows",
    ):
        was, is_now = getattr(earlier, name), getattr(now, name)
        if was != is_now:
            found.append(f"{name} was {was}, is {is_now}")
    return found


def _made(kind: Any, value: Any) -> Any:
    return kind(value)
