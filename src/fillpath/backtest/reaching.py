"""When recorded prices next reach a level, found without looking at every quote.

Each tape is cut into blocks, and of each block, and of all that follow it, the highest and lowest
bid and ask are known. Only the blocks in which the level lies are looked at row by row, and a level
that is never reached is known at once: what a quote costs does not grow with the open orders.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fillpath.data.files.tape import QuoteTape

BLOCK: Final = 256
FEW: Final = 8
"""Blocks that are looked at together first; then four times as many."""
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
        self._bids_ahead = _ahead(*self._bids)
        self._asks_ahead = _ahead(*self._asks)

    def first(self, start: int, bands: Bands) -> int | None:
        """Return the first row from ``start`` on that reaches a band, or None."""
        block, width = start // BLOCK, FEW
        low = start
        while low < self._size and self._may_come(block, bands):
            blocks = _hit(self._bids, self._asks, slice(block, block + width), bands)
            for found in np.flatnonzero(blocks).tolist():
                row = self._row(max((block + found) * BLOCK, start), bands)
                if row is not None:
                    return row
            block, width = block + width, 4 * width
            low = block * BLOCK
        return None

    def _may_come(self, block: int, bands: Bands) -> bool:
        """Return whether a block from this one on reaches a band."""
        return bool(_hit(self._bids_ahead, self._asks_ahead, slice(block, block + 1), bands)[0])

    def _row(self, low: int, bands: Bands) -> int | None:
        """Return the first row of the block of ``low`` from there on that reaches a band."""
        rows = slice(low, (low // BLOCK + 1) * BLOCK)
        bid, ask = self._bid[rows], self._ask[rows]
        mask = _hit((_priced(bid), bid), (_priced(ask), ask), slice(None), bands)
        return low + int(mask.argmax()) if mask.any() else None


def _priced(column: Column) -> Column:
    return np.where(column > 0, column, _NOTHING)


def _extremes(column: Column, starts: Column) -> tuple[Column, Column]:
    return (
        np.minimum.reduceat(_priced(column), starts),
        np.maximum.reduceat(column, starts),
    )


def _ahead(lowest: Column, highest: Column) -> tuple[Column, Column]:
    """Return the extremes of each block and all after it."""
    return (
        np.minimum.accumulate(lowest[::-1])[::-1],
        np.maximum.accumulate(highest[::-1])[::-1],
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
