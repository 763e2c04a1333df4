"""The same work in fillpath's own file formats: recorded quotes, signals and daily bars."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from benchmarks.bars import MINUTE_NS, SYMBOL, VOLUME, BarColumns
from benchmarks.inputs import DISPLAYED_SIZE, START_NS, SYMBOLS, Columns, InputPlan

PAST_SESSIONS = 40  # calendar days back; the average volume needs 20 sessions
STRATEGY = "bench"
URGENT = 0.95  # above 0.9 every order is a market order
CALM = 0.5  # a small order is then a passive limit order at its own touch


def write(columns: Columns, plan: InputPlan, target: Path) -> None:
    """Write ``quotes.parquet``, ``signals.jsonl`` and ``daily.parquet`` into ``target``."""
    quotes(columns).write_parquet(target / "quotes.parquet")
    daily(plan.adv).write_parquet(target / "daily.parquet")
    with (target / "signals.jsonl").open("w", encoding="utf-8") as file:
        strength = CALM if plan.climbs else URGENT
        file.writelines(f"{line}\n" for line in signals(columns, strength))


def write_bars(columns: BarColumns, target: Path) -> None:
    """Write ``bars.parquet`` into ``target``."""
    bars(columns).write_parquet(target / "bars.parquet")


def bars(columns: BarColumns) -> pl.DataFrame:
    """Return the bars with the columns and types of a recording."""
    rows = len(columns.ts)
    start = pl.Series(columns.ts, dtype=pl.Int64)
    moment = pl.Datetime("ns", "UTC")
    return pl.DataFrame(
        {
            "ts": start.cast(moment),
            "ts_end": (start + MINUTE_NS).cast(moment),
            "symbol": pl.repeat(SYMBOL, rows, eager=True),
            "open": dollars(columns.open),
            "high": dollars(columns.high),
            "low": dollars(columns.low),
            "close": dollars(columns.close),
            "volume": pl.repeat(VOLUME, rows, dtype=pl.Int64, eager=True),
        }
    )


def quotes(columns: Columns) -> pl.DataFrame:
    """Return the quotes with the columns and types of a recording."""
    names = pl.Series(SYMBOLS)
    rows = len(columns.ts)
    return pl.DataFrame(
        {
            "ts": pl.Series(columns.ts, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC")),
            "symbol": names.gather(pl.Series(columns.symbol, dtype=pl.Int64)),
            "bid_price": dollars(columns.bid_cents),
            "ask_price": dollars(columns.ask_cents),
            "bid_size": pl.repeat(DISPLAYED_SIZE, rows, dtype=pl.Int64, eager=True),
            "ask_size": pl.repeat(DISPLAYED_SIZE, rows, dtype=pl.Int64, eager=True),
        }
    )


def dollars(cents: array[int]) -> pl.Series:
    """Return prices as the floats nearest to the cent; polars' own division is off by a bit."""
    return pl.Series([level / 100 for level in cents], dtype=pl.Float64)


def daily(adv: int) -> pl.DataFrame:
    """Return daily bars whose every volume is ``adv``, for the weekdays before the day."""
    first = datetime.fromtimestamp(START_NS / 1e9, UTC)
    days = (first - timedelta(days=back) for back in range(PAST_SESSIONS, 0, -1))
    weekdays = [day for day in days if day.weekday() < 5]  # noqa: PLR2004  # Monday is 0, Saturday 5
    rows = [(day, symbol) for symbol in SYMBOLS for day in weekdays]
    count = len(rows)
    moment = pl.Datetime("ns", "UTC")
    return pl.DataFrame(
        {
            "ts": pl.Series([day for day, _ in rows], dtype=moment),
            "ts_end": pl.Series([day + timedelta(hours=6.5) for day, _ in rows], dtype=moment),
            "date": [day.date() for day, _ in rows],
            "symbol": [symbol for _, symbol in rows],
            "open": [100.0] * count,
            "high": [100.0] * count,
            "low": [100.0] * count,
            "close": [100.0] * count,
            "volume": [adv] * count,
        }
    )


def signals(columns: Columns, strength: float) -> Iterator[str]:
    """Yield one JSON line per order: a buy is LONG, a sell closes what the strategy holds."""
    orders = zip(columns.order_row, columns.order_side, columns.order_quantity, strict=True)
    for number, (row, side, quantity) in enumerate(orders):
        yield json.dumps(
            {
                "signal_id": f"{STRATEGY}-{number}",
                "ts": iso(columns.ts[row]),
                "symbol": SYMBOLS[columns.symbol[row]],
                "direction": "LONG" if side > 0 else "FLAT",
                "strength": strength,
                "strategy_name": STRATEGY,
                "metadata": {"quantity": quantity} if side > 0 else {},
            }
        )


def iso(nanoseconds: int) -> str:
    """Return a moment as ISO 8601 with ``Z``, exact to the nanosecond."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
