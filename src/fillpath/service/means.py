"""The mean of each symbol's mids over the last minutes, which prices are judged by (control C-12).

An exchange's band hangs on the mean trade of five minutes. Where nobody tells the band, the mean mid
of five minutes stands in for it. Every mid counts for as long as it stood, a part of the window at a
time.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from fillpath.core.events import MarketView
from fillpath.core.holdings import Holding
from fillpath.core.ports import MarketData
from fillpath.core.units import NANOSECONDS

WINDOW_NS: Final = 300 * NANOSECONDS
PARTS: Final = 60
_PART_NS: Final = WINDOW_NS // PARTS


class Track(Struct):
    """The mids of one symbol.

    Args:
        parts: (number of the part, its last mid), oldest first.
    """

    parts: deque[tuple[int, int]] = field(default_factory=deque)


class MeanMarket:
    """A market whose views also tell the mean mid of the last five minutes.

    Args:
        market: the market itself.
    """

    def __init__(self, market: MarketData) -> None:
        self._market = market
        self._tracks: dict[str, Track] = {}
        self.mark = market.mark
        self.watch = market.watch

    def moved(self, symbol: str, at: int) -> None:
        """Take the present quote of a symbol down, at ``at`` nanoseconds UTC."""
        view = self._market.view(symbol)
        bid, ask = view.bid, view.ask
        if bid is None or ask is None or not 0 < bid <= ask:
            return
        track = self._tracks.get(symbol)
        if track is None:
            track = self._tracks[symbol] = Track()
        parts, number = track.parts, at // _PART_NS
        if parts and parts[-1][0] >= number:
            number = parts.pop()[0]
        parts.append((number, (bid + ask) >> 1))
        while len(parts) > 1 and parts[1][0] <= number - PARTS + 1:
            parts.popleft()

    def view(self, symbol: str) -> MarketView:
        """Return the market of a symbol, with its mean mid up to the newest quote."""
        seen = self._market.view(symbol)
        track = self._tracks.get(symbol)
        if track is None:
            return seen
        return replace(seen, mean=mean_of(track))

    def values(self, holdings: Mapping[str, Holding]) -> tuple[int, int]:
        """Return the value of all longs and of all shorts at their marks, both 0 or more."""
        return self._market.values(holdings)


def mean_of(track: Track) -> int:
    """Return the mean mid, price units; each counts until the next one came."""
    newest = track.parts[-1][0]
    first = newest - PARTS + 1
    total = weight = 0
    after = newest + 1
    for number, mid in reversed(track.parts):
        stood = after - max(number, first)
        total += mid * stood
        weight += stood
        after = number
    return total // weight


__all__ = ["MeanMarket", "Track", "mean_of"]
