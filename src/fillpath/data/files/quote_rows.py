"""The quotes of one file: every row judged, every good row as exact integers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
_THREADS: Final = 4


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
    resolution: Resolutions | None
    crossed: Flags


class _Kept(Struct, frozen=True):
    """The rows of one symbol that may be used, their times and resolutions."""

    rows: Integers
    ts: Integers
    resolution: Resolutions

    def only(self, held: Flags) -> "_Kept":
        """Return those that are held."""
        return _Kept(self.rows[held], self.ts[held], self.resolution[held])


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
        kept = {name: one.only(picked(within, one.rows)) for name, one in kept.items()}
    some = {name: one for name, one in kept.items() if one.rows.size}
    with ThreadPoolExecutor(_THREADS) as threads:  # rows are picked without Python's lock
        pieces = threads.map(partial(_piece, table.source, columns), some.values())
        return QuoteFile(table.rows, left_out, dict(zip(some, pieces, strict=True)))


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


def _declared(table: Table) -> Resolutions | None:
    """Return the resolution that each row declares; None where the file has no word for it."""
    if set(_VENUES) <= set(table.names):
        return np.full(table.rows, _TICK, dtype=np.int8)
    if "res" not in table.names:
        return None
    words = table.take("res").cast(pl.String)
    known = {word.value: index for index, word in enumerate(RESOLUTIONS)}
    declared: Resolutions = words.replace_strict(
        known, default=_UNKNOWN, return_dtype=pl.Int8
    ).to_numpy(writable=True)
    return declared


def _in_order(table: Table, columns: _Columns, rows: Integers) -> _Kept:
    """Return the rows of one symbol that may be used."""
    times = picked(columns.ts, rows)
    resolution = _resolved(columns, rows, times)
    if columns.crossed.any():
        crossed = picked(columns.crossed, rows) & (resolution(rows) != _TICK)
        table.checks.fail_rows(rows[crossed], "crossed", partial(_crossed_reason, table))
        rows, times = rows[~crossed], times[~crossed]
    converted = (columns.ts, columns.bid, columns.ask, columns.bid_size, columns.ask_size)
    rows, times = in_time_order(
        table, rows, times, converted, lambda some: resolution(some) == _TICK
    )
    return _Kept(rows, times, resolution(rows))


def _crossed_reason(table: Table, row: int) -> str:
    bid, ask = table.text("bid_price", row), table.text("ask_price", row)
    return f"bid_price {bid} is above ask_price {ask}; only tick files may hold crossed quotes"


def _resolved(
    columns: _Columns, rows: Integers, times: Integers
) -> Callable[[Integers], Resolutions]:
    """Return what gives the resolution of rows of one symbol, told by spacing where none is declared."""
    declared = columns.resolution
    if declared is None:
        same = np.full(rows.size, _told_by_spacing(times), dtype=np.int8)
        return lambda some: same[: some.size]
    unknown = picked(declared, rows) == _UNKNOWN
    if unknown.any():
        declared[rows[unknown]] = _told_by_spacing(times[unknown])
    return partial(picked, declared)


def _told_by_spacing(times: Integers) -> int:
    spaces = np.diff(times)
    enough = times.size >= _ENOUGH_ROWS
    fine = _TICK if enough and _usually_below(_SECOND_NS, spaces) else _SECOND
    return fine if _usually_below(_MINUTE_NS, spaces) else _MINUTE


def _usually_below(bound: int, spaces: Integers) -> bool:
    """Return whether the median of the spaces is below a bound; that of none is 0."""
    below = int(np.count_nonzero(spaces < bound))
    if 2 * below == spaces.size:  # the median lies between one below and one not below
        return spaces.size == 0 or float(np.median(spaces)) < bound
    return 2 * below > spaces.size


def _piece(source: str, columns: _Columns, kept: _Kept) -> QuotePiece:
    return QuotePiece(
        source=source,
        ts=kept.ts,
        bid=picked(columns.bid, kept.rows),
        ask=picked(columns.ask, kept.rows),
        bid_size=picked(columns.bid_size, kept.rows),
        ask_size=picked(columns.ask_size, kept.rows),
        resolution=kept.resolution,
    )


__all__ = ["NEEDED", "RESOLUTIONS", "QuoteFile", "QuotePiece", "Resolution", "quote_rows"]
