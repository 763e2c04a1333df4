"""When recorded prices next reach a level, found without looking at every quote.

Each tape is cut into blocks, and of each block its highest and lowest bid and ask are known. Only
the blocks in which the level lies are looked at row by row.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fillpath.data.files.tape import QuoteTape

BLOCK: Final = 256
_NOTHING: Final = (1 << 62) + 1

Column = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Bands(NamedTuple):
    """Prices that are waited for; None where none is.

    Args:
        bid_low: reached by a bid at or below it.
        bid_high: reached by a bid at or above it.
        ask_low: reached by an ask at or below it.
        ask_high: reached by an ask at or above it.
    """

    bid_low: int | None = None
    bid_high: int | None = None
    ask_low: int | None = None
    ask_high: int | None = None


def nearest(one: Bands, other: Bands) -> Bands:
    """Return of each pair of prices the one that is reached first."""
    return Bands(
        _first(max, one.bid_low, other.bid_low),
        _first(min, one.bid_high, other.bid_high),
        _first(max, one.ask_low, other.ask_low),
        _first(min, one.ask_high, other.ask_high),
    )


def _first(pick: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return pick(one, other)


class Reaching:
    """The prices of one tape, ready to be searched.

    Args:
        tape: the quotes.
    """

    def __init__(self, tape: QuoteTape) -> None:
        self._bid = tape.bid
        self._ask = tape.ask
        self._size = len(tape)
        if not self._size:
            return
        starts = np.arange(0, self._size, BLOCK)
        # A missing side reaches nothing: it is too high for what falls, and 0 for what rises.
        self._bids = _extremes(tape.bid, starts)
        self._asks = _extremes(tape.ask, starts)

    def first(self, start: int, bands: Bands) -> int | None:
        """Return the first row from ``start`` on that reaches a band, or None."""
        if start >= self._size:
            return None
        block = start // BLOCK
        blocks = _hit(self._bids, self._asks, slice(block, None), bands)
        for found in np.flatnonzero(blocks):
            low = max((block + int(found)) * BLOCK, start)
            rows = slice(low, (block + int(found) + 1) * BLOCK)
            bid, ask = self._bid[rows], self._ask[rows]
            mask = _hit((_priced(bid), bid), (_priced(ask), ask), slice(None), bands)
            if mask.any():
                return low + int(mask.argmax())
        return None


def _priced(column: Column) -> Column:
    return np.where(column > 0, column, _NOTHING)


def _extremes(column: Column, starts: Column) -> tuple[Column, Column]:
    return (
        np.minimum.reduceat(_priced(column), starts),
        np.maximum.reduceat(column, starts),
    )


def _hit(
    bids: tuple[Column, Column], asks: tuple[Column, Column], rows: slice, bands: Bands
) -> Mask:
    """Return which rows (or blocks, by their lowest and highest prices) reach a band."""
    hit = np.zeros(len(bids[0][rows]), dtype=np.bool_)
    for (lowest, highest), low, high in (
        (bids, bands.bid_low, bands.bid_high),
        (asks, bands.ask_low, bands.ask_high),
    ):
        if low is not None:
            hit |= lowest[rows] <= low
        if high is not None:
            hit |= highest[rows] >= high
    return hit
