"""The command that tests a strategy on recorded data, by the very engine that trades live.

Strategies written for Backtrader run on Backtrader.
"""

# ruff: noqa: PLC0415

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fillpath.cli_results import check_out, progress_bar
from fillpath.cli_table import (
    BAD_ROWS,
    FAILED,
    FILE,
    FILES,
    OK,
    PARAMETER,
    SEED,
    SETTINGS,
    SIGNALS,
    Chosen,
    Command,
    Option,
    UsageError,
    amount,
    whole,
)

MOST_SHOWN: Final = 20
"""Variants of a sweep on the terminal; the files have all of them."""


def _backtest(chosen: Chosen) -> int:
    from fillpath import app_backtest
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    if chosen.walk_forward and chosen.sweep is None:
        raise UsageError("--walk-forward chooses parameters: give --sweep FILE with what to try")
    sys.path.insert(0, str(Path.cwd()))  # a strategy is usually a file in the folder at hand
    check_out(chosen.out)
    if chosen.sweep is not None:
        return _many(chosen, settings)
    earlier = None if chosen.again is None else app_backtest.read_record(chosen.again)
    if earlier is not None and earlier.sweep is not None:
        return _walked_again(chosen, settings, earlier)
    request = _asked(chosen, settings) if earlier is None else earlier.request
    with progress_bar("backtesting") as progress:
        result = app_backtest.backtest(request, settings, progress)
    told = app_backtest.told_of(request, result, "" if earlier is None else earlier.warning)
    record = app_backtest.record_of(request, result, settings, told)
    written = []
    if chosen.out is not None:
        written = app_backtest.write_backtest(told, result, record, chosen.out)
    _show(told, record, as_json=chosen.json)
    _say_written(written, chosen)
    return OK if earlier is None else _compared(app_backtest.differences(earlier, record))


def _many(chosen: Chosen, settings: Any) -> int:
    """Run a sweep, or a walk-forward."""
    from fillpath import app_backtest, app_sweep
    from fillpath.backtest.sweeping import Executor, read_sweep

    if chosen.again is not None:
        raise UsageError("--again repeats one run: give it without --sweep")
    if chosen.strategy is None:
        raise UsageError("--sweep tries parameters of a strategy: give --strategy")
    asked = read_sweep(chosen.sweep)
    request = _asked(chosen, settings)
    means = app_sweep.Means(Executor(chosen.executor), chosen.workers, chosen.settings)
    with progress_bar("trying variants") as progress:
        if chosen.walk_forward:
            walked = app_sweep.walk(request, asked, chosen.walk_forward, settings, means, progress)
            _walked(walked, app_sweep.walked_record(request, asked, walked, settings), chosen)
            return OK
        swept = app_sweep.sweep(request, asked, settings, means, progress)
    record = app_backtest.record_of(swept.request, swept.result, settings, swept.told)
    written = []
    if chosen.out is not None:
        written = app_sweep.write_swept(swept, record, chosen.out)
    _show(swept.told, {"best": record, "variants": swept.variants}, as_json=chosen.json)
    _say_written(written, chosen)
    return OK


def _say_written(written: list[Path], chosen: Chosen) -> None:
    if written and not chosen.json:
        sys.stdout.write(f"wrote {', '.join(path.name for path in written)} to {chosen.out}\n")


def _walked(walked: Any, record: Any, chosen: Chosen) -> None:
    """Write what a walk-forward found, and show it."""
    from fillpath.app_sweep import write_walked

    written = []
    if chosen.out is not None:
        written = write_walked(walked, record, chosen.out)
    _show(walked.told, record, as_json=chosen.json)
    _say_written(written, chosen)


def _walked_again(chosen: Chosen, settings: Any, earlier: Any) -> int:
    """Repeat a walk-forward and compare."""
    from fillpath import app_backtest, app_sweep
    from fillpath.backtest.sweeping import Executor

    means = app_sweep.Means(Executor(chosen.executor), chosen.workers, chosen.settings)
    what = (earlier.request, earlier.sweep, len(earlier.windows))
    with progress_bar("trying variants") as progress:
        walked = app_sweep.walk(*what, settings, means, progress)
    record = app_sweep.walked_record(earlier.request, earlier.sweep, walked, settings)
    _walked(walked, record, chosen)
    return _compared(app_backtest.differences(earlier, record))


def _compared(differences: list[str]) -> int:
    for sentence in differences:
        sys.stderr.write(f"fillpath: {sentence}\n")
    if not differences:
        sys.stderr.write("the run was repeated: every figure is the same\n")
    return FAILED if differences else OK


def _asked(chosen: Chosen, settings: Any) -> Any:
    from fillpath.backtest.engine import BacktestRequest, sorted_out
    from fillpath.backtest.request import (
        BacktraderBroker,
        BadRows,
        EngineName,
        FillProfile,
        ReplayRequest,
        SessionFilter,
    )

    if not chosen.data or (chosen.strategy is None and not chosen.signals):
        raise UsageError(
            "give --data, and --strategy, --signals or both (see fillpath backtest --help)"
        )
    quotes, bars = sorted_out(chosen.data)
    engine = EngineName(chosen.engine)
    broker = BacktraderBroker(settings.backtest.broker)
    replay = ReplayRequest(
        quotes=quotes,
        bars=bars,
        daily=tuple(chosen.daily),
        signals=tuple(chosen.signals),
        strategy=chosen.strategy,
        corporate_actions=chosen.corporate_actions,
        session=SessionFilter(chosen.session),
        profile=FillProfile(chosen.profile or settings.simulation.profile or FillProfile.QUOTES),
        cash=settings.simulation.cash if chosen.cash is None else chosen.cash,
        bad_rows=BadRows(chosen.bad_rows),
        seed=chosen.seed,
    )
    return BacktestRequest(
        replay=replay,
        parameters=dict(chosen.parameters),
        engine=engine,
        broker=broker if engine is EngineName.BACKTRADER else None,
    )


def _show(told: Any, record: Any, *, as_json: bool) -> None:
    if as_json:
        import msgspec

        sys.stdout.write(msgspec.json.encode(record, enc_hook=str).decode() + "\n")
        return
    from rich.console import Console
    from rich.text import Text

    from fillpath.reports.backtest_page import fate_line, notes, unknown_of

    console = Console()
    console.print(Text(told.title, style="bold"))
    for note in notes(told):
        console.print(Text(note, style="yellow"))
    for table in _tables(told):
        console.print(table)
    for line in (unknown_of(told.costs), fate_line(told.fates)):
        if line:
            console.print(Text(line))


def _tables(told: Any) -> Iterator[Any]:
    """Yield the figures, the costs and what a sweep tried."""
    from rich.table import Table
    from rich.text import Text

    from fillpath.reports.backtest_page import COST_COLUMNS, cost_cells, figures

    earned = Table(show_header=False, box=None)
    for name, value in figures(told):
        earned.add_row(Text(name), Text(value))
    yield earned
    costs = Table(*COST_COLUMNS, title="Execution cost by route", title_justify="left")
    for row in told.costs:
        costs.add_row(*map(Text, cost_cells(row)))
    yield costs
    if told.variants:
        tried = Table(*told.variants[0], title=told.variants_title, title_justify="left")
        for cells in told.variants[1 : MOST_SHOWN + 1]:
            tried.add_row(*map(Text, cells))
        yield tried


COMMANDS: Final = (
    Command(
        ("backtest",),
        "test a strategy on recorded quotes or bars, on the engine that trades live",
        (
            Option(
                "--strategy",
                "strategy to test, as module:Class; the folder at hand is searched first",
                {"metavar": "MODULE:CLASS"},
            ),
            PARAMETER,
            Option(
                "--parameter",
                "the same as --param",
                PARAMETER.how,
            ),
            Option(
                "--data",
                "quotes, bars with ts and ts_end, or plain days with date; Parquet or CSV",
                FILES,
            ),
            Option("--daily", "daily bar files, for the average daily volume", FILES),
            SIGNALS,
            Option(
                "--engine",
                "what runs the strategy (default replay); backtrader: one that was written for it",
                {"choices": ("replay", "backtrader"), "default": "replay"},
            ),
            Option("--corporate-actions", "CSV file of splits and dividends", FILE),
            Option(
                "--session",
                "regular hours only, or all rows (default rth)",
                {"choices": ("rth", "all"), "default": "rth"},
            ),
            Option(
                "--profile",
                "how the simulated broker fills (default: simulation.profile, or else quotes)",
                {"choices": ("spec", "quotes", "realistic")},
            ),
            BAD_ROWS,
            Option(
                "--cash",
                "opening cash in account currency (default: simulation.cash)",
                {"type": amount, "metavar": "AMOUNT"},
            ),
            Option(
                "--sweep",
                "YAML or JSON file with a grid of parameters to try, and an objective",
                FILE,
            ),
            Option(
                "--walk-forward",
                "choose from the sweep on past sessions, judge on the next, in this many windows",
                {"type": whole(1, 1_000), "metavar": "N", "default": 0},
            ),
            Option(
                "--workers",
                "processes that share a sweep (default 1)",
                {"type": whole(1, 256), "metavar": "N", "default": 1},
            ),
            Option(
                "--executor",
                "what runs a sweep (default process); the results are the same",
                {"choices": ("process", "dask", "ray"), "default": "process"},
            ),
            SEED,
            SETTINGS,
            Option(
                "--again",
                "repeat the run of this run.json and compare; exit code 1 when it differs",
                FILE,
            ),
            Option(
                "--out",
                "folder for the report, equity, trades, orders, fills and run.json",
                {"type": Path, "metavar": "DIR"},
            ),
            Option("--json", "print one JSON object and no tables", {"action": "store_true"}),
        ),
        _backtest,
    ),
)
