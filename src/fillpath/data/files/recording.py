"""The quotes of a live engine in a file: when each came, what it said, and when it was made.

A row whose symbol is empty says that the engine began anew there, or that quotes were left out:
nothing before it is known any more. Prices and sizes are exact decimals, times ISO 8601 with
nanoseconds, so that the file is also one of quotes for a replay.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from fillpath.core.errors import DataError, ModelError
from fillpath.core.models import Quote, check_symbol
from fillpath.core.units import NANOSECONDS, nanoseconds, price_units, quantity_units
from fillpath.data.files.checks import Integers
from fillpath.data.files.sources import read_text
from fillpath.data.files.tape import QuoteTape, Resolution, ResolutionSpan

COLUMNS: Final = ("ts", "symbol", "bid_price", "ask_price", "bid_size", "ask_size", "quoted_at")
HEADER: Final = ",".join(COLUMNS) + "\n"
_FRACTION: Final = 20  # of a time: as many characters as 2026-11-23T14:30:00.


class RecordedQuotes(Struct, frozen=True):
    """What came from one start of an engine to the next.

    Args:
        began: nanoseconds UTC.
        tapes: by symbol; ``ts`` is when a quote came, and a side that is missing is 0.
        made: when each row of a tape was quoted, nanoseconds UTC, -1 where nobody said so.
    """

    began: int
    tapes: Mapping[str, QuoteTape]
    made: Mapping[str, Integers]


def line_of(at: int, quote: Quote) -> str:
    """Return the line of a quote that came at ``at`` nanoseconds UTC."""
    made = "" if quote.ts is None else stamp(nanoseconds(quote.ts))
    prices = ("" if one is None else f"{one:f}" for one in (quote.bid_price, quote.ask_price))
    sizes = (f"{one:f}" for one in (quote.bid_size, quote.ask_size))
    return ",".join((stamp(at), quote.symbol, *prices, *sizes, made)) + "\n"


def start_line(at: int) -> str:
    """Return the line that says that nothing before it is known."""
    return f"{stamp(at)}{',' * (len(COLUMNS) - 1)}\n"


def stamp(at: int) -> str:
    """Return nanoseconds UTC as text."""
    seconds, rest = divmod(at, NANOSECONDS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


class _Row(Struct, frozen=True):
    at: int
    bid: int
    ask: int
    bid_size: int
    ask_size: int
    made: int


def read_recording(paths: Iterable[Path]) -> list[RecordedQuotes]:
    """Return what the files hold, oldest first.

    A last line that a crash has cut short is left out.

    Args:
        paths: files of one engine.

    Raises:
        DataError: a file cannot be read, or a row is wrong.
    """
    found: list[tuple[int, dict[str, list[_Row]]]] = []
    last = -1
    for path in sorted(paths):
        for number, cells in _lines(path):
            at = _taken(path, number, cells, found)
            if at < last:
                raise DataError(str(path), number, f"ts goes back, to {cells[0]}")
            last = at
    return [_columns(began, rows) for began, rows in found]


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    lines = read_text(path).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
    if not lines or lines[0] != HEADER:
        raise DataError(str(path), None, "this is no recording of quotes by the engine")
    for number, cells in enumerate(csv.reader(lines[1:]), start=1):
        if len(cells) != len(COLUMNS):
            raise DataError(str(path), number, f"a row has {len(COLUMNS)} cells, got {len(cells)}")
        yield number, cells


def _taken(
    path: Path, number: int, cells: list[str], found: list[tuple[int, dict[str, list[_Row]]]]
) -> int:
    """Take a row and return its time."""
    try:
        at = _nanoseconds(cells[0])
        if not cells[1]:
            found.append((at, {}))
            return at
        symbol = check_symbol(cells[1])
        bid, ask = (price_units(Decimal(text)) if text else 0 for text in cells[2:4])
        offered, wanted = (quantity_units(Decimal(text)) for text in cells[4:6])
        made = _nanoseconds(cells[6]) if cells[6] else -1
        row = _Row(at, bid, ask, offered, wanted, made)
    except (ValueError, InvalidOperation, ModelError) as err:
        raise DataError(str(path), number, f"the row cannot be read: {err}") from err
    if not found:
        found.append((at, {}))
    found[-1][1].setdefault(symbol, []).append(row)
    return at


def _nanoseconds(text: str) -> int:
    whole, fraction = text[: _FRACTION - 1], text[_FRACTION:-1]
    seconds = nanoseconds(datetime.strptime(f"{whole}Z", "%Y-%m-%dT%H:%M:%S%z"))
    return seconds + int(fraction.ljust(9, "0")[:9] or "0")


def _columns(began: int, rows: Mapping[str, list[_Row]]) -> RecordedQuotes:
    tapes, made = {}, {}
    for symbol, every in rows.items():
        at, bid, ask, bid_size, ask_size, quoted = np.array(
            [(r.at, r.bid, r.ask, r.bid_size, r.ask_size, r.made) for r in every], dtype=np.int64
        ).T
        made[symbol] = quoted
        tapes[symbol] = QuoteTape(
            symbol=symbol,
            ts=np.ascontiguousarray(at),
            bid=np.ascontiguousarray(bid),
            ask=np.ascontiguousarray(ask),
            bid_size=np.ascontiguousarray(bid_size),
            ask_size=np.ascontiguousarray(ask_size),
            spans=(ResolutionSpan(0, Resolution.TICK),),
        )
    return RecordedQuotes(began, tapes, made)


__all__ = [
    "COLUMNS",
    "HEADER",
    "RecordedQuotes",
    "line_of",
    "read_recording",
    "stamp",
    "start_line",
]
