"""The quotes of one file: every row judged, every good row as exact integers."""

from functools import partial
from typing import Final

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from fillpath.data.files.checks import Flags, Integers
from fillpath.data.files.conversions import instants, prices, quantities, symbols
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.hours import Hours, TradingCalendar, check_range
from fillpath.data.files.order import in_time_order, picked, rows_by_symbol
from fillpath.data.files.table import Table
from fillpath.data.files.tape import RESOLUTIONS, Resolution

NEEDED: Final = ("ts", "symbol", "bid_price", "ask_price", "bid_size", "ask_size")


_TICK: Final = RESOLUTIONS.index(Resolution.TICK)
_SECOND: Final = RESOLUTIONS.index(Resolution.SECOND)
_MINUTE: Final = RESOLUTIONS.index(Resolution.MINUTE)
_UNKNOWN: Final = -1
_VENUES: Final = ("bid_exch", "ask_exch")  # only a recording of every change knows them
_ENOUGH_ROWS: Final = 100  # fewer rows do not show by their spacing that they are ticks
_SECOND_NS: Final = 10**9
_MINUTE_NS: Final = 60 * _SECOND_NS


Resolutions = NDArray[np.int8]


class QuotePiece(Struct, frozen=True):
    """What one file has for one symbol, in time order; ``resolution`` indexes ``RESOLUTIONS``."""

    source: str
    ts: Integers
    bid: Integers
    ask: Integers
    bid_size: Integers
    ask_size: Integers
    resolution: Resolutions


class QuoteFile(Struct, frozen=True):
    """What one file has: its rows, how many of the good ones lie outside hours, and the rest."""

    rows: int
    outside_hours: int
    pieces: dict[str, QuotePiece]


class _Columns(Struct, frozen=True):
    ts: Integers
    bid: Integers
    ask: Integers
    bid_size: Integers
    ask_size: Integers
    resolution: Resolutions
    crossed: Flags


def quote_rows(
    table: Table, *, report: BadRowReport, calendar: TradingCalendar, regular_hours: bool
) -> QuoteFile:
    """Return what a file has for each symbol.

    Raises:
        DataError: a bad row that the report does not skip, or a column of the wrong type.
    """
    columns = _converted(table, calendar)
    names, codes = symbols(table)
    kept = {
        name: _in_order(table, columns, rows) for name, rows in rows_by_symbol(table, names, codes)
    }
    good = table.settle(report)
    report.remark("crossed", int(np.count_nonzero(columns.crossed & good)))
    left_out = 0
    if regular_hours:
        stamps = columns.ts if good.all() else columns.ts[good]
        within = good & Hours(calendar, stamps).hold(columns.ts)
        left_out = int(np.count_nonzero(good) - np.count_nonzero(within))
    if left_out:
        cut = {name: picked(within, rows) for name, (rows, _) in kept.items()}
        kept = {name: (rows[cut[name]], ts[cut[name]]) for name, (rows, ts) in kept.items()}
    pieces = {
        name: _piece(table, columns, rows, ts) for name, (rows, ts) in kept.items() if rows.size
    }
    return QuoteFile(table.rows, left_out, pieces)


def _converted(table: Table, calendar: TradingCalendar) -> _Columns:
    ts = instants(table, "ts")
    bid = prices(table, "bid_price", may_be_missing=True)
    ask = prices(table, "ask_price", may_be_missing=True)
    bid_size, ask_size = quantities(table, "bid_size"), quantities(table, "ask_size")
    check_range(table, "ts", ts, calendar)
    _check_missing_side(table, "bid", bid, bid_size)
    _check_missing_side(table, "ask", ask, ask_size)
    return _Columns(
        ts=ts,
        bid=bid,
        ask=ask,
        bid_size=bid_size,
        ask_size=ask_size,
        resolution=_declared(table),
        crossed=_crossed(bid, ask),
    )


def _crossed(bid: Integers, ask: Integers) -> Flags:
    crossed: Flags = bid > ask
    return crossed & (ask > 0) if crossed.any() else crossed


def _check_missing_side(table: Table, side: str, price: Integers, size: Integers) -> None:
    if price.all():
        return
    table.checks.fail(
        (price == 0) & (size > 0),
        "missing",
        lambda _: f"{side}_price is missing although {side}_size is above 0",
    )


def _declared(table: Table) -> Resolutions:
    if set(_VENUES) <= set(table.names):
        return np.full(table.rows, _TICK, dtype=np.int8)
    if "res" not in table.names:
        return np.full(table.rows, _UNKNOWN, dtype=np.int8)
    words = table.take("res").cast(pl.String)
    known = {word.value: index for index, word in enumerate(RESOLUTIONS)}
    declared: Resolutions = words.replace_strict(
        known, default=_UNKNOWN, return_dtype=pl.Int8
    ).to_numpy(writable=True)
    return declared


def _in_order(table: Table, columns: _Columns, rows: Integers) -> tuple[Integers, Integers]:
    """Return the rows of one symbol that may be used, and their times."""
    _resolve(columns, rows)
    if columns.crossed.any():
        crossed = picked(columns.crossed, rows) & ~_ticks(columns, rows)
        table.checks.fail_rows(rows[crossed], "crossed", partial(_crossed_reason, table))
        rows = rows[~crossed]
    converted = (columns.ts, columns.bid, columns.ask, columns.bid_size, columns.ask_size)
    return in_time_order(table, rows, converted, partial(_ticks, columns))


def _crossed_reason(table: Table, row: int) -> str:
    bid, ask = table.text("bid_price", row), table.text("ask_price", row)
    return f"bid_price {bid} is above ask_price {ask}; only tick files may hold crossed quotes"


def _ticks(columns: _Columns, rows: Integers) -> Flags:
    ticks: Flags = picked(columns.resolution, rows) == _TICK
    return ticks


def _resolve(columns: _Columns, rows: Integers) -> None:
    """Fill in the resolution of rows that declare none."""
    unknown = rows[picked(columns.resolution, rows) == _UNKNOWN]
    if unknown.size:
        spaces = np.diff(picked(columns.ts, unknown))
        enough = unknown.size >= _ENOUGH_ROWS
        fine = _TICK if enough and _usually_below(_SECOND_NS, spaces) else _SECOND
        columns.resolution[unknown] = fine if _usually_below(_MINUTE_NS, spaces) else _MINUTE


def _usually_below(bound: int, spaces: Integers) -> bool:
    """Return whether the median of the spaces is below a bound; that of none is 0."""
    below = int(np.count_nonzero(spaces < bound))
    if 2 * below == spaces.size:  # the median lies between one below and one not below
        return spaces.size == 0 or float(np.median(spaces)) < bound
    return 2 * below > spaces.size


def _piece(table: Table, columns: _Columns, rows: Integers, ts: Integers) -> QuotePiece:
    return QuotePiece(
        source=table.source,
        ts=ts,
        bid=picked(columns.bid, rows),
        ask=picked(columns.ask, rows),
        bid_size=picked(columns.bid_size, rows),
        ask_size=picked(columns.ask_size, rows),
        resolution=picked(columns.resolution, rows),
    )


__all__ = ["NEEDED", "RESOLUTIONS", "QuoteFile", "QuotePiece", "Resolution", "quote_rows"]
