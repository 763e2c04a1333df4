"""The commands about strategies: which there are, what they earned, and running one."""

# ruff: noqa: PLC0415

import sys
from pathlib import Path
from typing import Any, Final

from fillpath.cli_table import (
    FAILED,
    FILES,
    OK,
    PARAMETER,
    SETTINGS,
    Chosen,
    Command,
    Option,
    seconds,
)

REFERENCE: Final = Option(
    "strategy",
    "module:Class, the folder at hand is searched first; or the short name of a built-in one",
    {"metavar": "STRATEGY"},
)
JSON: Final = Option("--json", "print one JSON object and no tables", {"action": "store_true"})


def _list(chosen: Chosen) -> int:
    from fillpath.backtest.loading import load_strategy
    from fillpath.strategy.catalogue import BUILT_IN, data_in_words, described

    found = [described(where, load_strategy(where)) for where in BUILT_IN.values()]
    rows = list(zip(BUILT_IN, found, strict=True))
    if chosen.json:
        _as_json([_told(one) | {"short": short} for short, one in rows])
        return OK
    _table(
        ("strategy", "reads", "what it does"),
        [(short, data_in_words(one.needs), one.summary) for short, one in rows],
    )
    return OK


def _show(chosen: Chosen) -> int:
    from fillpath.strategy.catalogue import data_in_words, described, reference_of

    where = reference_of(chosen.strategy)
    one = described(where, _made(chosen))
    if chosen.json:
        _as_json(_told(one))
        return OK
    sys.stdout.write(f"{one.name}  ({one.reference})\n{one.summary}\n")
    sys.stdout.write(f"\n{one.text}\n\n" if one.text else "\n")
    sys.stdout.write(f"reads: {data_in_words(one.needs)}\n")
    if not one.parameters:
        sys.stdout.write("it declares no parameters\n")
        return OK
    _table(
        ("parameter", "default", "from", "to", "unit", "meaning"),
        [
            (p.name, str(p.default), str(p.low), str(p.high), p.unit, p.meaning)
            for p in one.parameters
        ],
    )
    return OK


def _run(chosen: Chosen) -> int:
    import asyncio

    from fillpath.app_strategy import Asked, run_strategy
    from fillpath.runner.process import StrategyStopped
    from fillpath.settings import load_settings

    asked = Asked(
        reference=chosen.strategy,
        symbols=tuple(chosen.symbols),
        parameters=dict(chosen.parameters),
        history=tuple(chosen.history),
        session=chosen.session,
        account=chosen.account or "",
        answer_seconds=float(chosen.longest_answer),
        folder=Path.cwd(),
        dry_run=_print if chosen.dry_run else None,
    )
    try:
        runner = asyncio.run(run_strategy(asked, load_settings(chosen.settings), _say))
    except StrategyStopped as stopped:
        _say(f"{chosen.strategy} was stopped: {stopped}; nothing of its last answer was sent")
        return FAILED
    counts = runner.counts
    _say(f"stopped; {counts.bars} bars shown, {counts.signals} signals sent")
    return OK


def _print(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


def _say(sentence: str) -> None:
    sys.stderr.write(f"fillpath: {sentence}\n")
    sys.stderr.flush()


def _running(chosen: Chosen) -> int:
    import asyncio

    from fillpath.app_strategy import running
    from fillpath.settings import load_settings

    found = asyncio.run(running(load_settings(chosen.settings)))
    if chosen.json:
        import msgspec

        _as_json(msgspec.to_builtins(found))
        return OK
    _table(
        ("strategy", "where", "since", "last heard", "bars", "signals", "symbols"),
        [
            (
                one.strategy_name,
                f"{one.host}:{one.pid}",
                f"{one.started_at:%Y-%m-%d %H:%M:%S}Z",
                f"{one.heard_at:%H:%M:%S}Z{' SILENT' if one.silent else ''}",
                str(one.bars),
                str(one.signals),
                " ".join(one.symbols),
            )
            for one in found
        ],
    )
    return OK


def _statistics(chosen: Chosen) -> int:
    import asyncio

    from fillpath.app_own_trades import earned_by
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    earned = asyncio.run(earned_by(chosen.name, settings, chosen.account or ""))
    if chosen.json:
        import msgspec

        _as_json(msgspec.to_builtins(earned))
    else:
        _show_earned(earned)
    if earned.why_not:
        sys.stderr.write(f"fillpath: {earned.why_not}\n")
    return FAILED if earned.why_not else OK


def _show_earned(earned: Any) -> None:
    record = earned.record
    held = ", ".join(f"{shares:f} {symbol}" for symbol, shares in earned.held.items())
    rows = (
        ("strategy", earned.strategy_name),
        ("account", earned.account),
        ("closed trades", f"{earned.closed}, of which {record.trades} won or lost"),
        ("win_rate", _number(record.win_rate)),
        ("win_rate, lower end (95 %, Wilson)", _number(earned.win_rate_low)),
        ("avg_win_pct", _number(record.avg_win_pct)),
        ("avg_loss_pct", _number(record.avg_loss_pct)),
        ("n_trades", f"{record.trades} of {earned.needed} needed"),
        ("Kelly fraction", _number(earned.kelly)),
        ("half of it", _number(earned.half_kelly)),
        ("shrunk (Baker and McHale)", _number(earned.shrunk_kelly)),
        ("holds now", held or "nothing"),
    )
    for name, value in rows:
        sys.stdout.write(f"{name:<36}{value}\n")


def _number(value: Any) -> str:
    return "not known" if value is None else f"{value:f}"


def _made(chosen: Chosen) -> Any:
    from fillpath.backtest.loading import load_strategy

    sys.path.insert(0, str(Path.cwd()))  # a strategy is usually a file in the folder at hand
    return load_strategy(chosen.strategy, parameters=dict(chosen.parameters))


def _told(one: Any) -> dict[str, Any]:
    import msgspec

    told: dict[str, Any] = msgspec.to_builtins(one)
    return told


def _as_json(told: Any) -> None:
    import json

    sys.stdout.write(json.dumps(told, indent=1) + "\n")


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    Console(width=None if sys.stdout.isatty() else 120, highlight=False).print(table)


COMMANDS: Final = (
    Command(
        ("strategy", "list"),
        "show the strategies that are built in",
        (JSON,),
        _list,
    ),
    Command(
        ("strategy", "show"),
        "say what a strategy does, reads and can be given",
        (REFERENCE, PARAMETER, JSON),
        _show,
    ),
    Command(
        ("strategy", "run"),
        "run a strategy in a process of its own that sends its signals over Redis; exit code 1 when "
        "it raises, hangs or dies",
        (
            REFERENCE,
            Option(
                "--symbols",
                "tickers that it is shown and may speak of",
                {"metavar": "SYMBOL", "nargs": "+", "required": True},
            ),
            PARAMETER,
            Option("--history", "bar files from before the start, to learn from", FILES),
            Option(
                "--session",
                "bars of regular hours only, or of all hours (default rth)",
                {"choices": ("rth", "all"), "default": "rth"},
            ),
            Option(
                "--longest-answer",
                "seconds that an answer may take before it counts as hanging (default 10)",
                {"type": seconds, "metavar": "SECONDS", "default": "10"},
            ),
            Option("--dry-run", "print signals instead of sending them", {"action": "store_true"}),
            Option("--account", "whose fills count (default: the only account that tells)"),
            SETTINGS,
        ),
        _run,
    ),
    Command(
        ("strategy", "running"),
        "show the strategies that run, by their signs of life",
        (SETTINGS, JSON),
        _running,
    ),
    Command(
        ("strategy", "statistics"),
        "say what a strategy has earned with its own closed trades; exit code 1 while nothing can "
        "be sized by them",
        (
            Option("name", "what its orders carry, such as momentum", {"metavar": "NAME"}),
            Option("--account", "where it traded (default: the account of the settings)"),
            SETTINGS,
            JSON,
        ),
        _statistics,
    ),
)
