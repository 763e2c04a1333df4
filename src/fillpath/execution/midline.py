"""What was known of one symbol's bid and ask at any moment: a step function with holes.

A quote stands until the next one comes, but not for ever: where nothing was written for longer than
``longest_gap`` the market is not known, and neither is it after ``until``. One-sided, crossed and
empty quotes have no middle.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.units import NANOSECONDS, PRICE_SCALE

DOUBLED: Final = 2 * PRICE_SCALE
"""Mids are counted in halves of a price unit, bid + ask, so that they are whole."""
LONGEST_GAP: Final = 30 * NANOSECONDS
"""The tape says again every ten seconds what still holds."""
MOST_UNKNOWN: Final = 10
"""An average over time leaves out at most one part in so many."""

_PRECISE: Final = Context(prec=28)

Point = tuple[int, int, int]
"""Nanoseconds UTC, bid and ask in price units, 0 where a side is missing."""


class Midline(Struct, frozen=True, kw_only=True):
    """The quotes of one symbol, oldest first, in columns of equal length.

    Args:
        ats: nanoseconds UTC from which each quote is known, ascending.
        bids: price units, 0 or less when missing.
        asks: price units, 0 or less when missing.
        volumes: quantity units traded since the open, 0 where not told; empty where never told.
        until: nanoseconds UTC; nothing is known after it.
        longest_gap: nanoseconds that a quote may stand alone.
    """

    ats: Sequence[int]
    bids: Sequence[int]
    asks: Sequence[int]
    volumes: Sequence[int] = ()
    until: int
    longest_gap: int = LONGEST_GAP

    def quote_at(self, at: int) -> tuple[int, int] | None:
        """Return bid and ask as known at a moment, price units; None when that is not known."""
        row = self._row(at)
        return None if row is None else (int(self.bids[row]), int(self.asks[row]))

    def doubled_at(self, at: int) -> int | None:
        """Return bid + ask as known at a moment."""
        quote = self.quote_at(at)
        return None if quote is None else quote[0] + quote[1]

    def mid_at(self, at: int) -> Decimal | None:
        """Return the mid as known at a moment, exactly; None when that is not known."""
        doubled = self.doubled_at(at)
        return None if doubled is None else halved(doubled)

    def twap(self, start: int, end: int) -> Decimal | None:
        """Return the mean of the mid over time, None when too much of the time is not known.

        Args:
            start: nanoseconds UTC.
            end: nanoseconds UTC; at ``start`` the mean is the mid of that moment.
        """
        if end <= start:
            return self.mid_at(start) if end == start else None
        if end > self.until:
            return None
        total = known = 0
        for since, till, row in self._steps(start, end):
            if self._usable(row):
                total += (int(self.bids[row]) + int(self.asks[row])) * (till - since)
                known += till - since
        if not known or (end - start - known) * MOST_UNKNOWN > end - start:
            return None
        return _PRECISE.divide(Decimal(total), Decimal(known * DOUBLED))

    def vwap(self, start: int, end: int) -> Decimal | None:
        """Return the mid weighted by the volume that was told after ``start``, up to ``end``.

        Quotes are no trades: each part of the volume counts at the mid that stood when it was told.
        """
        if not self.volumes or not start <= end <= self.until:
            return None
        value = shares = told = 0
        for row in range(bisect_right(self.ats, end)):
            volume = int(self.volumes[row])
            if int(self.ats[row]) > start and 0 < told < volume and self._usable(row):
                value += (int(self.bids[row]) + int(self.asks[row])) * (volume - told)
                shares += volume - told
            told = volume or told
        return _PRECISE.divide(Decimal(value), Decimal(shares * DOUBLED)) if shares else None

    def _row(self, at: int) -> int | None:
        if at > self.until:
            return None
        row = bisect_right(self.ats, at) - 1
        if row < 0 or at - int(self.ats[row]) > self.longest_gap or not self._usable(row):
            return None
        return row

    def _usable(self, row: int) -> bool:
        return 0 < int(self.bids[row]) <= int(self.asks[row])

    def _steps(self, start: int, end: int) -> Iterable[tuple[int, int, int]]:
        """Yield from when until when each quote stood between two moments."""
        row = max(bisect_right(self.ats, start) - 1, 0)
        count = len(self.ats)
        while row < count:
            at = int(self.ats[row])
            if at >= end:
                return
            later = int(self.ats[row + 1]) if row + 1 < count else end
            till = min(later, end, at + self.longest_gap)
            if till > max(at, start):
                yield max(at, start), till, row
            row += 1


def midline(
    points: Iterable[Point],
    until: int,
    longest_gap: int = LONGEST_GAP,
    volumes: Mapping[int, int] | None = None,
) -> Midline:
    """Return the line through points in any order; of one moment the last one given counts.

    Args:
        points: what was known.
        until: nanoseconds UTC; nothing is known after it.
        longest_gap: nanoseconds that a quote may stand alone.
        volumes: quantity units traded since the open, by moment, where told.
    """
    kept = sorted({at: (bid, ask) for at, bid, ask in points}.items())
    told = volumes or {}
    return Midline(
        ats=[at for at, _ in kept],
        bids=[bid for _, (bid, _) in kept],
        asks=[ask for _, (_, ask) in kept],
        volumes=[told.get(at, 0) for at, _ in kept] if told else (),
        until=until,
        longest_gap=longest_gap,
    )


def halved(doubled: int) -> Decimal:
    """Return the price behind bid + ask, exactly."""
    return _PRECISE.divide(Decimal(doubled), Decimal(DOUBLED))


UNKNOWN: Final = Midline(ats=(), bids=(), asks=(), until=0)
"""Where nothing was written down."""
