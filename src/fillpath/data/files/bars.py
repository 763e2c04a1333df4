"""Recorded bars as columns: one tape of exact integers for each symbol, in time order."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct, field

from fillpath.core.models import Bar
from fillpath.core.units import moment, price_decimal, quantity_decimal
from fillpath.data.files.checks import Flags, Integers
from fillpath.data.files.conversions import instants, prices, quantities, symbols
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.hours import Hours, TradingCalendar, check_range
from fillpath.data.files.order import (
    in_time_order,
    merge_order,
    merged,
    picked,
    rows_by_symbol,
)
from fillpath.data.files.table import Table, each_file

NEEDED: Final = ("ts", "ts_end", "symbol", "open", "high", "low", "close", "volume")


class BarTape(Struct, frozen=True, kw_only=True):
    """The bars of one symbol, oldest first, as columns of equal length.

    Args:
        symbol: ticker.
        ts: nanoseconds UTC at which each bar starts.
        ts_end: nanoseconds UTC from which each bar is known.
        open: first price, price units.
        high: highest price.
        low: lowest price.
        close: last price.
        volume: quantity units traded.
    """

    symbol: str
    ts: Integers
    ts_end: Integers
    open: Integers
    high: Integers
    low: Integers
    close: Integers
    volume: Integers

    def __len__(self) -> int:
        return int(self.ts.size)

    def bar(self, row: int) -> Bar:
        """Return one row as the public model."""
        return Bar(
            symbol=self.symbol,
            ts=moment(int(self.ts[row])),
            ts_end=moment(int(self.ts_end[row])),
            open=price_decimal(int(self.open[row])),
            high=price_decimal(int(self.high[row])),
            low=price_decimal(int(self.low[row])),
            close=price_decimal(int(self.close[row])),
            volume=quantity_decimal(int(self.volume[row])),
        )


class LoadedBars(Struct, frozen=True, kw_only=True):
    """All bars of a replay.

    Args:
        tapes: one tape for each symbol, by symbol in alphabetical order.
        rows: rows in the files.
        used: rows on the tapes.
        outside_hours: good rows that the regular hours filter left out.
    """

    tapes: dict[str, BarTape] = field(default_factory=dict)
    rows: int = 0
    used: int = 0
    outside_hours: int = 0

    def in_order(self) -> tuple[Integers, Integers]:
        """Return of every bar when it is known, earliest first, and the number of its tape.

        Bars that end together come in alphabetical order of their symbols.
        """
        tapes = list(self.tapes.values())
        if not tapes:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        ends = np.concatenate([tape.ts_end for tape in tapes])
        which = np.repeat(np.arange(len(tapes)), [len(tape) for tape in tapes])
        order = np.argsort(ends, kind="stable")
        return ends[order], which[order]


class _Piece(Struct, frozen=True):
    """What one file has for one symbol, in time order."""

    source: str
    columns: dict[str, Integers]


class _File(Struct, frozen=True):
    """What one file has."""

    rows: int
    outside_hours: int
    pieces: dict[str, _Piece]


def load_bars(
    paths: Iterable[Path], *, report: BadRowReport, regular_hours: bool, calendar: TradingCalendar
) -> LoadedBars:
    """Read bar files (Parquet or CSV with the columns of ``NEEDED``) into one tape per symbol.

    Args:
        paths: files, in any order.
        report: takes every bad row; decides whether to stop.
        regular_hours: keep only bars that share time with a session.
        calendar: the exchange's sessions.

    Raises:
        DataError: a bad row that the report does not skip, or two files with overlapping times of
            one symbol.
    """
    pieces: dict[str, list[_Piece]] = {}
    rows = outside = 0
    read = partial(_read, report=report, calendar=calendar, regular_hours=regular_hours)
    for found in each_file(paths, NEEDED, read):
        rows += found.rows
        outside += found.outside_hours
        for symbol, piece in found.pieces.items():
            pieces.setdefault(symbol, []).append(piece)
    tapes = {symbol: _tape(symbol, pieces[symbol]) for symbol in sorted(pieces)}
    used = sum(len(tape) for tape in tapes.values())
    return LoadedBars(tapes=tapes, rows=rows, used=used, outside_hours=outside)


def _read(
    table: Table, *, report: BadRowReport, calendar: TradingCalendar, regular_hours: bool
) -> _File:
    columns = {name: instants(table, name) for name in ("ts", "ts_end")}
    for name in ("open", "high", "low", "close"):
        columns[name] = prices(table, name, may_be_missing=False)
    columns["volume"] = quantities(table, "volume")
    starts, ends = columns["ts"], columns["ts_end"]
    check_range(table, "ts", starts, calendar)
    check_range(table, "ts_end", ends, calendar)
    _check_shape(table, columns)
    names, codes = symbols(table)
    kept = {
        name: in_time_order(table, rows, picked(starts, rows), [starts])[0]
        for name, rows in rows_by_symbol(table, names, codes)
    }
    good = table.settle(report)
    within = good & _within(columns, calendar, good) if regular_hours else good
    cut = {name: rows[picked(within, rows)] for name, rows in kept.items()}
    pieces = {
        name: _Piece(table.source, {key: picked(column, rows) for key, column in columns.items()})
        for name, rows in cut.items()
        if rows.size
    }
    return _File(table.rows, int(good.sum()) - int(within.sum()), pieces)


def _within(columns: dict[str, Integers], calendar: TradingCalendar, good: Flags) -> Flags:
    starts, ends = columns["ts"], columns["ts_end"]
    return Hours(calendar, starts[good]).meet(starts, ends)


def _check_shape(table: Table, columns: dict[str, Integers]) -> None:
    first, high, low, last = (columns[name] for name in ("open", "high", "low", "close"))
    table.checks.fail(
        columns["ts_end"] <= columns["ts"],
        "wrong_order",
        lambda row: (
            f"ts_end must be after ts, got {table.text('ts_end', row)} and {table.text('ts', row)}"
        ),
    )
    table.checks.fail(
        (high < np.maximum(first, last)) | (low > np.minimum(first, last)),
        "wrong_order",
        lambda row: (
            "low <= open, close <= high must hold, got "
            + ", ".join(f"{name} {table.text(name, row)}" for name in ("open", "high", "low"))
            + f", close {table.text('close', row)}"
        ),
    )


def _tape(symbol: str, pieces: list[_Piece]) -> BarTape:
    pieces.sort(key=lambda piece: int(piece.columns["ts"][0]))
    order = merge_order(symbol, [(piece.source, piece.columns["ts"]) for piece in pieces])
    columns = {
        name: merged([piece.columns[name] for piece in pieces], order) for name in pieces[0].columns
    }
    return BarTape(symbol=symbol, **columns)


__all__ = ["NEEDED", "BarTape", "LoadedBars", "load_bars"]
