"""Signals and requests for replays of the recorded market days."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from fillpath import app
from fillpath.backtest.request import ReplayRequest
from fillpath.reports.result import RunResult
from fillpath.settings import load_settings
from tests.recorded import RECORDINGS

EDGE = {"win_rate": 0.55, "avg_win_pct": 2.0, "avg_loss_pct": 1.0}


def line(number: int, at: datetime, symbol: str, **fields: Any) -> dict[str, Any]:
    """Return one signal line."""
    return {
        "signal_id": f"s{number:04d}",
        "ts": at.isoformat().replace("+00:00", "Z"),
        "symbol": symbol,
        "direction": "LONG",
        "strength": 0.5,
        "strategy_name": "test",
        "metadata": dict(EDGE),
        **fields,
    }


def a_day_of_signals(day: datetime, symbols: list[str], count: int) -> list[dict[str, Any]]:
    """Return signals spread over a session: entries, exits, shorts and refusals in turn."""
    directions = ["LONG", "LONG", "FLAT", "SHORT", "FLAT"]
    lines = []
    for number in range(count):
        at = day + timedelta(seconds=10 + number * (23_000 // count))
        symbol = symbols[number % len(symbols)]
        metadata: dict[str, Any] = dict(EDGE)
        if number % 20 == 7:
            metadata["win_rate"] = 0.2
        lines.append(
            line(
                number,
                at,
                symbol,
                direction=directions[(number // len(symbols)) % len(directions)],
                strength=0.95 if number % 6 == 0 else 0.5,
                metadata=metadata,
            )
        )
    return lines


def write_lines(path: Path, lines: list[dict[str, Any]]) -> Path:
    """Write signal lines to a file and return it."""
    path.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    return path


def quotes(*symbols: str) -> tuple[Path, ...]:
    """Return the recorded quote files of the symbols."""
    return tuple(RECORDINGS / f"quotes_{symbol}.parquet" for symbol in symbols)


LARGE_ORDERS = {"SA_RISK__SIZE__MAX_QUANTITY_OTHER": "50000"}
"""A variable under which a symbol that nobody has reviewed may have as large orders as a liquid one."""


def replayed(folder: Path, lines: list[dict[str, Any]], **request: Any) -> RunResult:
    """Replay signal lines on recorded data under the default settings."""
    return replayed_under({}, folder, lines, **request)


def replayed_under(
    environment: dict[str, str], folder: Path, lines: list[dict[str, Any]], **request: Any
) -> RunResult:
    """Replay signal lines on recorded data under settings that an environment changes."""
    signals = write_lines(folder / "signals.jsonl", lines)
    daily = (RECORDINGS / "bars_1d.parquet",)
    wanted = {"daily": daily, "signals": (signals,), **request}
    return app.replay(ReplayRequest(**wanted), load_settings(None, environment))


def utc(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> datetime:
    """Return a moment in UTC."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


LARGE_CASH = Decimal(300_000_000)
