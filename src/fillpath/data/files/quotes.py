"""Recorded quotes as columns: one tape of exact integers for each symbol, in time order."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
from msgspec import Struct, field

from fillpath.core.errors import DataError
from fillpath.data.files.checks import Integers
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.hours import TradingCalendar
from fillpath.data.files.order import merge_order, merged
from fillpath.data.files.quote_rows import (
    NEEDED,
    QuotePiece,
    Resolutions,
    quote_rows,
)
from fillpath.data.files.table import each_file
from fillpath.data.files.tape import RESOLUTIONS, QuoteTape, Resolution, ResolutionSpan


class LoadedQuotes(Struct, frozen=True, kw_only=True):
    """All quotes of a replay.

    Args:
        tapes: one tape for each symbol, by symbol in alphabetical order.
        rows: rows in the files.
        used: rows on the tapes.
        outside_hours: good rows that the regular hours filter left out.
    """

    tapes: dict[str, QuoteTape] = field(default_factory=dict)
    rows: int = 0
    used: int = 0
    outside_hours: int = 0

    @property
    def resolution(self) -> dict[str, Resolution]:
        """Return the coarsest resolution of each symbol."""
        return {symbol: tape.resolution for symbol, tape in self.tapes.items()}

    @property
    def first_quote_at(self) -> dict[str, int]:
        """Return the time of each symbol's first quote, nanoseconds UTC."""
        return {symbol: int(tape.ts[0]) for symbol, tape in self.tapes.items()}


def load_quotes(
    paths: Iterable[Path], *, report: BadRowReport, regular_hours: bool, calendar: TradingCalendar
) -> LoadedQuotes:
    """Read quote files into one tape for each symbol.

    Files are Parquet or CSV with the columns of ``NEEDED``; others are ignored, but ``res``,
    ``bid_exch`` and ``ask_exch`` tell how finely a file was recorded. ``ts`` is the moment from
    which a quote is known. Tick files may hold equal times (file order is event order) and crossed
    quotes (a state of the real market, counted as the remark ``crossed``); in files of bars and of
    unknown resolution both are bad rows.

    Args:
        paths: files, in any order.
        report: takes every bad row; decides whether to stop.
        regular_hours: keep only rows from the open to the close of their session.
        calendar: the exchange's sessions.

    Raises:
        DataError: a bad row that the report does not skip, two files with overlapping times of one
            symbol, or no usable row at all.
    """
    pieces: dict[str, list[QuotePiece]] = {}
    rows = outside = 0
    paths = list(paths)
    read = partial(quote_rows, report=report, calendar=calendar, regular_hours=regular_hours)
    for found in each_file(paths, NEEDED, read):
        rows += found.rows
        outside += found.outside_hours
        for symbol, piece in found.pieces.items():
            pieces.setdefault(symbol, []).append(piece)
    tapes = {symbol: _tape(symbol, pieces[symbol]) for symbol in sorted(pieces)}
    if not tapes:
        raise DataError(", ".join(map(str, paths)) or "quotes", None, _nothing_left(outside))
    used = sum(len(tape) for tape in tapes.values())
    return LoadedQuotes(tapes=tapes, rows=rows, used=used, outside_hours=outside)


def _nothing_left(outside: int) -> str:
    if outside:
        return f"none of the {outside} good rows lies in regular hours; --session all takes all"
    return "there is no usable quote"


def _tape(symbol: str, pieces: list[QuotePiece]) -> QuoteTape:
    pieces.sort(key=lambda piece: int(piece.ts[0]))
    order = merge_order(symbol, [(piece.source, piece.ts) for piece in pieces])
    ts = merged([piece.ts for piece in pieces], order)
    return QuoteTape(
        symbol=symbol,
        ts=ts,
        bid=merged([piece.bid for piece in pieces], order),
        ask=merged([piece.ask for piece in pieces], order),
        bid_size=merged([piece.bid_size for piece in pieces], order),
        ask_size=merged([piece.ask_size for piece in pieces], order),
        spans=_spans(ts, merged([piece.resolution for piece in pieces], order)),
    )


def _spans(ts: Integers, resolution: Resolutions) -> tuple[ResolutionSpan, ...]:
    starts = np.flatnonzero(resolution[1:] != resolution[:-1]) + 1
    return tuple(
        ResolutionSpan(int(ts[row]), RESOLUTIONS[resolution[row]]) for row in (0, *starts.tolist())
    )


__all__ = ["LoadedQuotes", "QuoteTape", "Resolution", "ResolutionSpan", "load_quotes"]
