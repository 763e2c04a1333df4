"""Small input files and their rows, for the tests of the loaders."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fillpath.core.units import nanoseconds
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.quotes import LoadedQuotes, load_quotes
from fillpath.scheduling.calendar import ExchangeCalendar

CALENDAR = ExchangeCalendar()
OPEN = datetime(2013, 10, 7, 13, 30, tzinfo=UTC)
QUOTE_COLUMNS = ("ts", "symbol", "bid_price", "ask_price", "bid_size", "ask_size")


def at(seconds: float = 0) -> datetime:
    """Return a moment, in seconds after the open of 2013-10-07."""
    return OPEN + timedelta(seconds=seconds)


def ns(seconds: float = 0) -> int:
    """Return the same in nanoseconds UTC."""
    return nanoseconds(at(seconds))


def a_quote(seconds: float = 0, **changed: Any) -> dict[str, Any]:
    """Return a quote row of IBM."""
    row = {
        "ts": at(seconds),
        "symbol": "IBM",
        "bid_price": 181.69,
        "ask_price": 181.9,
        "bid_size": 200,
        "ask_size": 100,
    }
    return row | changed


def a_tick(seconds: float = 0, **changed: Any) -> dict[str, Any]:
    """Return a tick row of IBM: a quote with its venues."""
    return a_quote(seconds, **({"bid_exch": "P", "ask_exch": "T"} | changed))


def a_bar(seconds: float = 0, **changed: Any) -> dict[str, Any]:
    """Return a one minute bar of IBM."""
    row = {
        "ts": at(seconds),
        "ts_end": at(seconds + 60),
        "symbol": "IBM",
        "open": 182.0,
        "high": 182.5,
        "low": 181.9,
        "close": 182.25,
        "volume": 1_000,
    }
    return row | changed


def parquet(folder: Path, rows: list[dict[str, Any]], name: str = "file.parquet") -> Path:
    """Write rows to a Parquet file."""
    path = folder / name
    frame = pl.DataFrame(rows, infer_schema_length=None)
    stamps = [column for column in ("ts", "ts_end") if column in frame.columns]
    frame = frame.with_columns(
        pl.col(column).dt.cast_time_unit("ns")
        for column in stamps
        if frame[column].dtype.is_temporal()
    )
    frame.write_parquet(path)
    return path


def csv(folder: Path, text: str, name: str = "file.csv") -> Path:
    """Write text to a CSV file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def quote_csv(folder: Path, *rows: str, name: str = "file.csv") -> Path:
    """Write quote rows to a CSV file with the usual header."""
    return csv(folder, "\n".join([",".join(QUOTE_COLUMNS), *rows]) + "\n", name)


def jsonl(folder: Path, *lines: dict[str, Any] | str, name: str = "signals.jsonl") -> Path:
    """Write signals, or lines as they are, to a file of JSON lines."""
    path = folder / name
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def quotes_of(
    *paths: Path, report: BadRowReport | None = None, regular_hours: bool = True
) -> LoadedQuotes:
    """Load quote files; without a report the first bad row stops."""
    return load_quotes(
        paths,
        report=BadRowReport() if report is None else report,
        regular_hours=regular_hours,
        calendar=CALENDAR,
    )


def skipping() -> BadRowReport:
    """Return a report that counts bad rows and goes on."""
    return BadRowReport(skip=True)
