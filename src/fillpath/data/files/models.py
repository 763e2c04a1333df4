"""Rows as the public models, many at a time: what a row must hold is asked of columns."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Final, TypeVar

import numpy as np
from msgspec import Struct
from msgspec.structs import force_setattr

from fillpath.core.models import Bar, Quote
from fillpath.core.units import moments, price_decimal, quantity_decimal
from fillpath.data.files.bars import BarTape
from fillpath.data.files.checks import Integers
from fillpath.data.files.tape import QuoteTape

AT_ONCE: Final = 2_048
_MICROSECOND: Final = 1_000
_PRICES: Final = ("open", "high", "low", "close")

Model = TypeVar("Model", bound=Struct)


def each_bar(tape: BarTape, first: int = 0) -> Iterator[Bar]:
    """Return the rows from ``first`` on, the same models that ``tape.bar`` returns.

    Raises:
        ModelError: a row is no bar.
    """
    return chain.from_iterable(
        _bars(tape, rows) if _sound_bars(tape, rows) else map(tape.bar, _numbers(rows))
        for rows in _parts(len(tape), first)
    )


def each_quote(tape: QuoteTape, first: int = 0) -> Iterator[Quote]:
    """Return the rows from ``first`` on, the same models that ``tape.quote`` returns.

    Raises:
        ModelError: a row is no quote.
    """
    return chain.from_iterable(
        _quotes(tape, rows) if _sound_quotes(tape, rows) else map(tape.quote, _numbers(rows))
        for rows in _parts(len(tape), first)
    )


def _parts(size: int, first: int) -> Iterator[slice]:
    return (slice(start, min(start + AT_ONCE, size)) for start in range(first, size, AT_ONCE))


def _numbers(rows: slice) -> range:
    return range(rows.start, rows.stop)


def _sound_bars(tape: BarTape, rows: slice) -> bool:
    """Return whether all rows hold what a bar must."""
    first, high, low, last = (getattr(tape, name)[rows] for name in _PRICES)
    shape = (low <= np.minimum(first, last)) & (np.maximum(first, last) <= high) & (low > 0)
    later = tape.ts_end[rows] // _MICROSECOND > tape.ts[rows] // _MICROSECOND
    return bool((shape & later & (tape.volume[rows] >= 0)).all())


def _sound_quotes(tape: QuoteTape, rows: slice) -> bool:
    """Return whether all rows hold what a quote must."""
    columns = (tape.bid, tape.ask, tape.bid_size, tape.ask_size)
    return all(int(column[rows].min()) >= 0 for column in columns)


def _bars(tape: BarTape, rows: slice) -> list[Bar]:
    """Return rows that are sound; no model looks at itself again."""
    bars = _copies(tape.bar(rows.start), rows)
    _put(bars, "ts", _times(tape.ts[rows]))
    _put(bars, "ts_end", _times(tape.ts_end[rows]))
    for name in _PRICES:
        _put(bars, name, map(price_decimal, getattr(tape, name)[rows].tolist()))
    _put(bars, "volume", map(quantity_decimal, tape.volume[rows].tolist()))
    return bars


def _quotes(tape: QuoteTape, rows: slice) -> list[Quote]:
    """Return rows that are sound; a missing side is None."""
    quotes = _copies(tape.quote(rows.start), rows)
    _put(quotes, "ts", _times(tape.ts[rows]))
    for name, prices in (("bid_price", tape.bid), ("ask_price", tape.ask)):
        _put(quotes, name, [price_decimal(u) if u else None for u in prices[rows].tolist()])
    for name, sizes in (("bid_size", tape.bid_size), ("ask_size", tape.ask_size)):
        _put(quotes, name, map(quantity_decimal, sizes[rows].tolist()))
    return quotes


def _copies(model: Model, rows: slice) -> list[Model]:
    another: Callable[[], Model] = model.__copy__  # type: ignore[attr-defined]  # structs have it
    return [another() for _ in _numbers(rows)]


def _times(ats: Integers) -> Sequence[object]:
    return moments((ats // _MICROSECOND).astype("timedelta64[us]").tolist())


def _put(models: Sequence[Struct], name: str, values: Iterable[object]) -> None:
    deque(map(force_setattr, models, repeat(name), values), maxlen=0)


__all__ = ["each_bar", "each_quote"]
