"""Where a value lies on a drawing: scales with round ticks, and time without the nights."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from fillpath.core.units import NANOSECONDS, moment

Integers = NDArray[np.int64]

NIGHT_NS: Final = 3 * 3_600 * NANOSECONDS
"""A pause without quotes of this length is left out of the drawing."""

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOCK_STEPS: Final = (60, 300, 900, 1_800, 3_600, 7_200)  # seconds
_PAUSE_PIXELS: Final = 10.0
_MOST_PAUSES: Final = 0.2  # share of the width
_MOST_DATES: Final = 10


class Tick(Struct, frozen=True):
    """A place on an axis and what is written there."""

    at: float
    label: str


class Scale(Struct, frozen=True):
    """A straight line from values to pixels.

    Args:
        low: value at ``start``.
        high: value at ``end``, above ``low``.
        start: pixel of ``low``.
        end: pixel of ``high``; below ``start`` where the axis points up.
    """

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return the pixel of a value; values outside are put at the nearer end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self, wanted: int, *, signed: bool = False) -> list[Tick]:
        """Return about ``wanted`` ticks at round values."""
        step = round_step((self.high - self.low) / wanted)
        decimals = next((n for n in range(9) if is_whole(step * 10**n)), 9)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        sign = "+" if signed else ""
        values = [number * step for number in range(first, last + 1)]
        return [
            Tick(self.place(value), f"{value:{sign if value else ''},.{decimals}f}")
            for value in values
        ]


def is_whole(value: float) -> bool:
    """Return whether a value is a whole number, but for the rounding of floats."""
    return abs(value - round(value)) < 1e-6 * max(abs(value), 1)


def round_step(rough: float) -> float:
    """Return the next of 1, 2, 2.5, 5 times a power of ten that is not below ``rough``."""
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


class Stretch(Struct, frozen=True):
    """A time without a pause, drawn from ``left`` to ``right`` pixels.

    Args:
        first: row of its first quote.
        last: one past the row of its last quote.
        start: nanoseconds of the first quote.
        end: nanoseconds of the last quote.
        left: pixel of ``start``.
        right: pixel of ``end``.
    """

    first: int
    last: int
    start: int
    end: int
    left: float
    right: float

    def place(self, at: int) -> float:
        """Return the pixel of a moment; moments outside are put at the nearer end."""
        share = (min(max(at, self.start), self.end) - self.start) / max(self.end - self.start, 1)
        return round(self.left + share * (self.right - self.left), 1)


class Timeline(Struct, frozen=True):
    """Trading time from left to right; nights and other long pauses take no room."""

    stretches: tuple[Stretch, ...]

    def place(self, at: int) -> float:
        """Return the pixel of a moment in nanoseconds."""
        starts = [stretch.start for stretch in self.stretches]
        return self.stretches[max(bisect_right(starts, at) - 1, 0)].place(at)

    def ticks(self) -> list[Tick]:
        """Return a date for each stretch, or times of day where there is only one."""
        if len(self.stretches) == 1:
            return _clock_ticks(self.stretches[0])
        step = -(-len(self.stretches) // _MOST_DATES)
        return [
            Tick(round((stretch.left + stretch.right) / 2, 1), f"{moment(stretch.start):%Y-%m-%d}")
            for stretch in self.stretches[::step]
        ]

    def pauses(self) -> list[float]:
        """Return the pixels in the middle of each pause."""
        return [
            round((before.right + after.left) / 2, 1) for before, after in pairwise(self.stretches)
        ]


def timeline(ts: Integers, left: float, right: float) -> Timeline:
    """Lay the times of a tape out between two pixels.

    Args:
        ts: nanoseconds UTC, ascending, at least one.
        left: pixel of the first.
        right: pixel of the last.
    """
    cuts = np.flatnonzero(np.diff(ts) > NIGHT_NS) + 1
    bounds = [0, *cuts.tolist(), len(ts)]
    spans = list(pairwise(bounds))
    lengths = [max(int(ts[last - 1] - ts[first]), 1) for first, last in spans]
    pause = min(_PAUSE_PIXELS, (right - left) * _MOST_PAUSES / len(spans))
    pixels = (right - left - pause * (len(spans) - 1)) / sum(lengths)
    stretches = []
    for (first, last), length in zip(spans, lengths, strict=True):
        end = left + length * pixels
        stretches.append(Stretch(first, last, int(ts[first]), int(ts[last - 1]), left, end))
        left = end + pause
    return Timeline(tuple(stretches))


def _clock_ticks(stretch: Stretch) -> list[Tick]:
    seconds = max((stretch.end - stretch.start) // NANOSECONDS, 1)
    step = next((s for s in _CLOCK_STEPS if seconds <= 10 * s), _CLOCK_STEPS[-1]) * NANOSECONDS
    first = -(-stretch.start // step) * step
    return [
        Tick(stretch.place(at), f"{moment(at):%H:%M}") for at in range(first, stretch.end + 1, step)
    ]


def joined(points: Sequence[tuple[float, float]]) -> str:
    """Return points as the text of an SVG ``points`` attribute."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)
