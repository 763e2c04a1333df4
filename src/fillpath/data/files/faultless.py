"""Columns in which nothing is wrong, which is nearly every column: judged and converted in blocks.

A block is small enough for the processor's own cache, so that a long column goes through memory
once. A column in which anything needs a second look is left to ``conversions.py``, which says what.
"""

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fillpath.data.files.checks import Integers

_BLOCK: Final = 1 << 15


def faultless(column: pl.Series, scale: int, limit: int, *, zero: bool) -> Integers | None:
    """Return a column of numbers times ``scale``, with 0 where it is missing.

    Args:
        column: as the file has it.
        scale: units in one.
        limit: the largest number allowed.
        zero: whether 0 is allowed where the column is not missing.

    Returns:
        None when a number may be wrong, has finer digits than a unit, or is no number of Python's.
    """
    if not (column.dtype.is_integer() or column.dtype == pl.Float64):
        return None
    missing = column.null_count()
    values = (column.fill_null(0) if missing else column).to_numpy()
    units = np.empty(values.size, dtype=np.int64)
    room = np.empty(min(_BLOCK, values.size))
    for start in range(0, values.size, _BLOCK):
        part = values[start : start + _BLOCK]
        if not _convert(part, scale, limit, room[: part.size], units[start : start + _BLOCK]):
            return None
    wrong_zeros = not zero and values.size - np.count_nonzero(units) != missing
    return None if wrong_zeros else units


def _convert(
    part: NDArray[Any], scale: int, limit: int, room: NDArray[np.float64], units: Integers
) -> bool:
    """Convert one block; return whether every number is within bounds and comes back exactly."""
    if not (part.min() >= 0 and part.max() <= limit):  # never true of NaN
        return False
    np.multiply(part, float(scale), out=room)
    np.rint(room, out=room)
    units[:] = room
    np.divide(room, float(scale), out=room)
    return np.array_equal(room, part)


__all__ = ["faultless"]
