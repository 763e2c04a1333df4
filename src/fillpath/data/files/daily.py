"""Daily bars, for what a day must know of the days before: average volume and last close."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from msgspec import Struct

from fillpath.core.errors import DataError
from fillpath.data.files.checks import Integers
from fillpath.data.files.conversions import instants, prices, quantities, symbols
from fillpath.data.files.corporate_actions import Split
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.order import (
    in_time_order,
    merge_order,
    merged,
    rows_by_symbol,
)
from fillpath.data.files.table import Table, each_file

ADV_SESSIONS: Final = 20
ADV_AGE_DAYS: Final = 31
CLOSE_AGE_DAYS: Final = 7
NEEDED: Final = ("symbol", "close", "volume")

_EXCHANGE_ZONE: Final = "America/New_York"
_DAY_NS: Final = 86_400 * 10**9
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST_DAY: Final = date(1900, 1, 1).toordinal() - _EPOCH
_LAST_DAY: Final = date(2199, 12, 31).toordinal() - _EPOCH


class _Days(Struct, frozen=True):
    """The daily rows of one symbol; days count from 1970-01-01, a close of 0 is missing."""

    days: list[int]
    volumes: list[int]
    closes: list[int]


class AdvTable:
    """What is known before the open of a day about the days before, in shares of that day.

    Splits between a past day and the asked day multiply its volume and divide its close, so that
    both compare with the shares that trade on the asked day.
    """

    def __init__(self, days: Mapping[str, _Days], splits: Iterable[Split] = ()) -> None:
        self._days = days
        self._splits: dict[str, list[Split]] = {}
        for split in splits:
            self._splits.setdefault(split.symbol, []).append(split)
        self._known: dict[tuple[str, date], int | None] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the symbols that have daily rows, in alphabetical order."""
        return tuple(self._days)

    def adv(self, symbol: str, day: date) -> int | None:
        """Return the average daily volume before ``day`` in quantity units, rounded down.

        It is the mean over the last 20 rows strictly before ``day``; None when there are fewer,
        or when the last of them is more than 31 calendar days old.
        """
        key = (symbol, day)
        if key not in self._known:
            self._known[key] = self._average(symbol, day)
        return self._known[key]

    def prior_close(self, symbol: str, day: date) -> int | None:
        """Return the last close strictly before ``day`` in price units, rounded down.

        None when there is none, or when it is more than 7 calendar days old.
        """
        rows = self._days.get(symbol)
        ordinal = day.toordinal() - _EPOCH
        end = bisect_left(rows.days, ordinal) if rows else 0
        if rows is None or end == 0 or ordinal - rows.days[end - 1] > CLOSE_AGE_DAYS:
            return None
        close = rows.closes[end - 1]
        return int(close / self._factor(symbol, rows.days[end - 1], ordinal)) or None

    def _average(self, symbol: str, day: date) -> int | None:
        rows = self._days.get(symbol)
        ordinal = day.toordinal() - _EPOCH
        end = bisect_left(rows.days, ordinal) if rows else 0
        if rows is None or end < ADV_SESSIONS or ordinal - rows.days[end - 1] > ADV_AGE_DAYS:
            return None
        window = range(end - ADV_SESSIONS, end)
        total = sum(
            (rows.volumes[row] * self._factor(symbol, rows.days[row], ordinal) for row in window),
            Fraction(0),
        )
        return int(total / ADV_SESSIONS)

    def _factor(self, symbol: str, past: int, now: int) -> Fraction:
        """Return how many of today's shares one share of a past day has become."""
        factor = Fraction(1)
        for split in self._splits.get(symbol, ()):
            if past < split.ex_date.toordinal() - _EPOCH <= now:
                factor *= Fraction(split.new_shares, split.old_shares)
        return factor


class _Piece(Struct, frozen=True):
    """What one file has for one symbol, in time order."""

    source: str
    stamps: Integers
    volumes: Integers
    closes: Integers


def load_daily(
    paths: Iterable[Path], *, report: BadRowReport, splits: Iterable[Split] = ()
) -> AdvTable:
    """Read daily files (Parquet or CSV) with ``symbol, close, volume`` and ``date`` or ``ts``.

    Open, high and low are not read: a day with nothing but its volume counts for the average.

    Args:
        paths: files, in any order.
        report: takes every bad row; decides whether to stop.
        splits: splits that the volumes and closes are not adjusted for yet.

    Raises:
        DataError: a bad row that the report does not skip, or one day of one symbol in two files.
    """
    pieces: dict[str, list[_Piece]] = {}
    for found in each_file(paths, NEEDED, partial(_pieces, report=report)):
        for symbol, piece in found.items():
            pieces.setdefault(symbol, []).append(piece)
    return AdvTable({name: _merged_days(name, pieces[name]) for name in sorted(pieces)}, splits)


def _pieces(table: Table, *, report: BadRowReport) -> dict[str, _Piece]:
    stamps = days_of(table) * _DAY_NS
    volumes = quantities(table, "volume")
    closes = prices(table, "close", may_be_missing=True)
    names, codes = symbols(table)
    kept = {
        name: in_time_order(table, rows, stamps[rows], [stamps])[0]
        for name, rows in rows_by_symbol(table, names, codes)
    }
    table.settle(report)
    return {
        name: _Piece(table.source, stamps[rows], volumes[rows], closes[rows])
        for name, rows in kept.items()
        if rows.size
    }


def days_of(table: Table) -> Integers:
    """Return the day of each row, counted from 1970-01-01."""
    if "date" not in table.names:
        return _days_of_moments(table)
    column = table.take("date")
    if column.dtype == pl.String:
        column = column.str.to_date("%Y-%m-%d", strict=False)
    elif column.dtype != pl.Date:
        raise DataError(table.source, None, f"date must be a day, the column is {column.dtype}")
    table.checks.fail(
        column.is_null().to_numpy(),
        "wrong_type",
        lambda row: f"date must be a day such as 2013-10-04, got {table.text('date', row)}",
    )
    days: Integers = column.to_physical().cast(pl.Int64).fill_null(0).to_numpy()
    table.checks.fail(
        (days < _FIRST_DAY) | (days > _LAST_DAY),
        "out_of_range",
        lambda row: f"date must lie from 1900 to 2199, got {table.text('date', row)}",
    )
    return days


def _days_of_moments(table: Table) -> Integers:
    if "ts" not in table.names:
        raise DataError(table.source, None, "the column date is missing, and so is ts")
    moments = pl.Series(instants(table, "ts")).cast(pl.Datetime("ns", "UTC"))
    days = moments.dt.convert_time_zone(_EXCHANGE_ZONE).dt.date()
    return days.to_physical().cast(pl.Int64).to_numpy()


def _merged_days(symbol: str, pieces: list[_Piece]) -> _Days:
    pieces.sort(key=lambda piece: int(piece.stamps[0]))
    order = merge_order(symbol, [(piece.source, piece.stamps) for piece in pieces])
    stamps = merged([piece.stamps for piece in pieces], order)
    return _Days(
        days=np.floor_divide(stamps, _DAY_NS).tolist(),
        volumes=merged([piece.volumes for piece in pieces], order).tolist(),
        closes=merged([piece.closes for piece in pieces], order).tolist(),
    )


__all__ = [
    "ADV_AGE_DAYS",
    "ADV_SESSIONS",
    "CLOSE_AGE_DAYS",
    "NEEDED",
    "AdvTable",
    "days_of",
    "load_daily",
]
