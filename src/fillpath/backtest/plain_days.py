"""Plain days: a file of ``date, symbol, open, high, low, close, volume`` as bars of sessions."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from fillpath.data.files.bars import BarTape, LoadedBars
from fillpath.data.files.checks import Integers
from fillpath.data.files.conversions import prices, quantities, symbols
from fillpath.data.files.daily import days_of
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.order import (
    in_time_order,
    merge_order,
    merged,
    rows_by_symbol,
)
from fillpath.data.files.table import Table, each_file
from fillpath.scheduling.calendar import ExchangeCalendar

NEEDED: Final = ("date", "symbol", "open", "high", "low", "close", "volume")
_EPOCH: Final = date(1970, 1, 1).toordinal()
_PRICES: Final = ("open", "high", "low", "close")


class _File(Struct, frozen=True):
    """What one file has: columns by symbol."""

    rows: int
    source: str
    pieces: dict[str, dict[str, Integers]]


def load_days(
    paths: Iterable[Path], *, report: BadRowReport, calendar: ExchangeCalendar
) -> LoadedBars:
    """Read days into bars from the open to the close of their session.

    Raises:
        DataError: a bad row that the report does not skip; a day without a session is one.
    """
    pieces: dict[str, list[tuple[str, dict[str, Integers]]]] = {}
    rows = 0
    for found in each_file(paths, NEEDED, partial(_read, report=report, calendar=calendar)):
        rows += found.rows
        for symbol, columns in found.pieces.items():
            pieces.setdefault(symbol, []).append((found.source, columns))
    tapes = {symbol: _tape(symbol, pieces[symbol]) for symbol in sorted(pieces)}
    return LoadedBars(tapes=tapes, rows=rows, used=sum(len(tape) for tape in tapes.values()))


def _read(table: Table, *, report: BadRowReport, calendar: ExchangeCalendar) -> _File:
    columns = dict(zip(("ts", "ts_end"), _hours(table, days_of(table), calendar), strict=True))
    for name in _PRICES:
        columns[name] = prices(table, name, may_be_missing=False)
    columns["volume"] = quantities(table, "volume")
    first, high, low, last = (columns[name] for name in _PRICES)
    table.checks.fail(
        (high < np.maximum(first, last)) | (low > np.minimum(first, last)),
        "wrong_order",
        lambda row: (
            "low <= open, close <= high must hold, got "
            + ", ".join(f"{name} {table.text(name, row)}" for name in _PRICES)
        ),
    )
    names, codes = symbols(table)
    starts = columns["ts"]
    kept = {
        name: in_time_order(table, rows, starts[rows], [starts])[0]
        for name, rows in rows_by_symbol(table, names, codes)
    }
    table.settle(report)
    pieces = {
        name: {key: column[rows] for key, column in columns.items()}
        for name, rows in kept.items()
        if rows.size
    }
    return _File(table.rows, table.source, pieces)


def _hours(table: Table, days: Integers, calendar: ExchangeCalendar) -> tuple[Integers, Integers]:
    """Return when the session of each day opens and closes; a day without one is a bad row."""
    sessions = {day: calendar.session(date.fromordinal(_EPOCH + day)) for day in set(days.tolist())}
    closed = np.array([sessions[day] is None for day in days.tolist()], dtype=np.bool_)
    table.checks.fail(
        closed,
        "no_session",
        lambda row: f"the exchange has no session on date {table.text('date', row)}",
    )
    found = [sessions[day] for day in days.tolist()]
    opens = np.array([0 if one is None else one.open_ns for one in found], dtype=np.int64)
    ends = np.array([0 if one is None else one.close_ns for one in found], dtype=np.int64)
    return opens, ends


def _tape(symbol: str, pieces: list[tuple[str, dict[str, Integers]]]) -> BarTape:
    pieces.sort(key=lambda piece: int(piece[1]["ts"][0]))
    order = merge_order(symbol, [(source, columns["ts"]) for source, columns in pieces])
    names = ("ts", "ts_end", *_PRICES, "volume")
    columns = {name: merged([piece[name] for _, piece in pieces], order) for name in names}
    return BarTape(symbol=symbol, **columns)


__all__ = ["NEEDED", "load_days"]
