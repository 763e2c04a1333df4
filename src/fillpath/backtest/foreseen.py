"""Which rows are known at moments that are sure to come, worked out in columns.

A replay knows ahead when it will ask for the market: its signals and timers say so. One search per
symbol then answers for many moments at once. An answer for a moment holds only rows that are known
at that moment, and it is used at that moment alone.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter, itemgetter, mul
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fillpath.core.holdings import Holding

Column = NDArray[np.int64]
Selection = Callable[[tuple[int, ...]], tuple[int, ...]]

NOTHING: Final[Mapping[str, tuple[Column, Column]]] = MappingProxyType({})
_quantity: Final = attrgetter("quantity")
_END: Final = 1
"""Closes every answer, so that a selection of marks is a tuple even when one symbol is held."""


class Foreseen:
    """The known rows and marks of some symbols at some moments.

    Args:
        moments: nanoseconds UTC, ascending.
        columns: times and marks of each symbol's tape; the marks have one more row, which stands
            for none.
    """

    __slots__ = ("_marks", "_selections", "answers", "places")

    def __init__(
        self, moments: Sequence[int] = (), columns: Mapping[str, tuple[Column, Column]] = NOTHING
    ) -> None:
        self.places = {symbol: place for place, symbol in enumerate(columns)}
        self._marks = len(self.places)
        self._selections: dict[tuple[str, ...], Selection] = {}
        rows: list[list[int]] = []
        marks: list[list[int]] = []
        wanted = np.asarray(moments, dtype=np.int64)
        for times, marked in columns.values():
            known = last_rows(times, wanted)
            rows.append(known.tolist())
            marks.append(marked[known].tolist())
        answers = zip(*rows, *marks, repeat(_END), strict=False)
        self.answers: dict[int, tuple[int, ...]] = dict(zip(moments, answers, strict=False))

    def worth(self, answer: tuple[int, ...], holdings: Mapping[str, Holding]) -> int | None:
        """Return what longs are worth at an answer's marks, money units.

        None where the answer does not say it: a symbol is missing or was never quoted, or one is
        short.
        """
        held = tuple(holdings)
        select = self._selections.get(held) or self._selection(held)
        if select is None:
            return None
        values: list[int] = list(map(mul, map(_quantity, holdings.values()), select(answer)))
        # A short is below zero, and what was never quoted has a mark of zero.
        return sum(values) if min(values) > 0 else None

    def _selection(self, held: tuple[str, ...]) -> Selection | None:
        """Return what reads the marks of these symbols, or None where one is not here."""
        places = self.places
        if not places.keys() >= set(held):
            return None
        first = self._marks
        rest = [first + places[symbol] for symbol in held[1:]]
        rest.append(-1)
        # What is read behind the marks is never used: values end with the quantities.
        self._selections[held] = selection = itemgetter(first + places[held[0]], *rest)
        return selection


def last_rows(times: Column, moments: Column) -> Column:
    """Return the last row with a time at or before each of the ascending moments, -1 for none."""
    if not moments.size:
        return np.zeros(0, dtype=np.int64)
    low, high = np.searchsorted(times, moments[[0, -1]], side="right")
    rows: Column = np.searchsorted(times[low:high], moments, side="right") + (low - 1)
    return rows
