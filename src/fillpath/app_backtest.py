"""The composition of backtests: a request becomes a run, its files and the record to repeat it."""

import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import Struct

from fillpath import __version__
from fillpath.app import rules_for
from fillpath.backtest.costs import costs_of
from fillpath.backtest.engine import BacktestRequest, BacktestResult, digest
from fillpath.backtest.engines import engine_of
from fillpath.backtest.loading import source_of
from fillpath.backtest.request import ReplayRequest
from fillpath.backtest.sweeping import Sweep
from fillpath.backtest.walking import Chosen
from fillpath.core.errors import ConfigError
from fillpath.reports import wording
from fillpath.reports.backtest_page import Told, columns, page
from fillpath.reports.export import write
from fillpath.reports.fates import fates_of, stops_of
from fillpath.reports.performance import EquityPoint, Performance, Trade
from fillpath.reports.result import RunResult
from fillpath.reports.route_costs import route_costs
from fillpath.risk.kill_switch import is_latch_code
from fillpath.settings import Settings, policy_hash

Progress = Callable[[int, int], None]
RECORD: Final = "run.json"
LIBRARIES: Final = {"numpy": "numpy", "backtrader": "backtrader", "sklearn": "scikit-learn"}
"""Modules whose versions are written down, with the names that they are installed by."""


class Record(Struct, frozen=True, kw_only=True):
    """Everything that it takes to repeat a backtest, and what it found.

    Args:
        fillpath: version of this program.
        python: version of the interpreter.
        engine: which engine ran it.
        request: what was asked for.
        rules: hash of the settings' rules.
        inputs: SHA-256 of every file that was read, by path, the strategy's own module among them.
        performance: the figures.
        fills: how many executions.
        equity: at the end, account currency.
        dividends: what they brought, less what they cost, account currency.
        sweep: what a walk-forward chose from.
        windows: what each of its windows chose, and what came of it.
        remarks: what a reader of it must know.
        warning: how it was chosen among others, which makes its figures too good.
        libraries: versions of those that the figures depend on, as far as the run used them.
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
    warning: str = ""
    libraries: dict[str, str] = {}


def backtest(
    request: BacktestRequest, settings: Settings, progress: Progress | None = None
) -> BacktestResult:
    """Run a backtest on the engine that the request names."""
    return engine_of(request, rules_for(settings, request.replay.profile)).run(request, progress)


def record_of(
    request: BacktestRequest,
    result: BacktestResult,
    settings: Settings,
    told: Told | None = None,
) -> Record:
    """Return what it takes to repeat a run, with what people were told of it."""
    return Record(
        fillpath=__version__,
        python=platform.python_version(),
        engine=request.engine,
        request=request,
        rules=policy_hash(settings),
        inputs=digests_of(request.replay),
        performance=result.performance,
        fills=len(result.run.fills),
        equity=str(result.run.equity),
        dividends=str(result.run.dividend_cash),
        remarks=() if told is None else tuple(told.remarks),
        warning="" if told is None else told.warning,
        libraries=libraries(),
    )


def digests_of(request: ReplayRequest) -> dict[str, str]:
    """Return the SHA-256 of every file that a request reads, and of its strategy's module."""
    source = None if request.strategy is None else source_of(request.strategy)
    files = [*files_of(request), *([] if source is None else [source])]
    return {str(path): digest(path) for path in files}


def libraries() -> dict[str, str]:
    """Return the versions of the libraries that figures depend on, as far as they were used."""
    return {name: version(name) for module, name in LIBRARIES.items() if module in sys.modules}


def files_of(request: ReplayRequest) -> list[Path]:
    """Return every file that a request reads."""
    found = [*request.quotes, *request.bars, *request.daily, *request.signals]
    found += [path for path in (request.corporate_actions, request.sectors) if path is not None]
    return found


def told_of(request: BacktestRequest, result: BacktestResult, warning: str = "") -> Told:
    """Return what people are told of a run, after a warning about how it was chosen."""
    given = ", ".join(f"{name} {value}" for name, value in sorted(result.parameters.items()))
    title = request.replay.strategy or "ready-made signals"
    return Told(
        title=f"{title} ({given})" if given else title,
        facts=result.run.facts,
        performance=result.performance,
        points=result.points,
        trades=result.trades,
        costs=route_costs(costs_of(result.run)),
        warning=warning,
        remarks=remarks_of([result.run]),
        dividends=result.run.dividend_cash,
        fates=fates_of([result.run]),
    )


def remarks_of(runs: Sequence[RunResult]) -> tuple[str, ...]:
    """Return what a reader must know beside the figures: what stopped trading, and what is open."""
    remarks = stops_of(fates_of(runs), is_latch_code)
    held = [f"{row.symbol} {wording.shares(row.quantity)}" for row in runs[-1].positions]
    if held:
        remarks.append(
            f"open at the end: {', '.join(held)}; in the equity at its last price, and in no trade"
        )
    return tuple(remarks)


def write_backtest(
    told: Told,
    result: BacktestResult,
    record: Record,
    out: Path,
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> list[Path]:
    """Write the files of a run and more, all or none.

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
            **more,
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
        "libraries",
    ):
        was, is_now = getattr(earlier, name), getattr(now, name)
        if was != is_now and (was or name != "libraries"):  # records before them have none
            found.append(f"{name} was {was}, is {is_now}")
    return found


def _made(kind: Any, value: Any) -> Any:
    return kind(value)
