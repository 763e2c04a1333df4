"""Rows of bars as the public model, many at a time: what a row must hold is asked of columns."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Final

import numpy as np
from msgspec.structs import force_setattr

from fillpath.core.models import Bar
from fillpath.core.units import moments, price_decimal, quantity_decimal
from fillpath.data.files.bars import BarTape

AT_ONCE: Final = 2_048
_MICROSECOND: Final = 1_000
_PRICES: Final = ("open", "high", "low", "close")


def each_bar(tape: BarTape, first: int = 0) -> Iterator[Bar]:
    """Return the rows from ``first`` on, the same models that ``tape.bar`` returns.

    Raises:
        ModelError: a row is no bar.
    """
    return chain.from_iterable(_in_parts(tape, first))


def _in_parts(tape: BarTape, first: int) -> Iterator[Iterable[Bar]]:
    for start in range(first, len(tape), AT_ONCE):
        rows = range(start, min(start + AT_ONCE, len(tape)))
        yield _made(tape, rows) if _sound(tape, rows) else map(tape.bar, rows)


def _sound(tape: BarTape, rows: range) -> bool:
    """Return whether all rows hold what a bar must."""
    part = slice(rows.start, rows.stop)
    first, high, low, last = (getattr(tape, name)[part] for name in _PRICES)
    shape = (low <= np.minimum(first, last)) & (np.maximum(first, last) <= high) & (low > 0)
    later = tape.ts_end[part] // _MICROSECOND > tape.ts[part] // _MICROSECOND
    return bool((shape & later & (tape.volume[part] >= 0)).all())


def _made(tape: BarTape, rows: range) -> list[Bar]:
    """Return rows that are sound; no model looks at itself again."""
    part = slice(rows.start, rows.stop)
    another = tape.bar(rows.start).__copy__  # type: ignore[attr-defined]  # every struct has it
    bars: list[Bar] = [another() for _ in rows]
    for name in ("ts", "ts_end"):
        since = (getattr(tape, name)[part] // _MICROSECOND).astype("timedelta64[us]")
        _put(bars, name, moments(since.tolist()))
    for name in _PRICES:
        _put(bars, name, list(map(price_decimal, getattr(tape, name)[part].tolist())))
    _put(bars, "volume", list(map(quantity_decimal, tape.volume[part].tolist())))
    return bars


def _put(bars: list[Bar], name: str, values: Sequence[object]) -> None:
    deque(map(force_setattr, bars, repeat(name), values), maxlen=0)


__all__ = ["each_bar"]
