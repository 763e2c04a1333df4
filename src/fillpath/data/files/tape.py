"""What recorded quotes are once they are read, apart from how they are read."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from fillpath.core.models import Quote
from fillpath.core.units import moment, price_decimal, quantity_decimal
from fillpath.data.files.checks import Integers


class Resolution(StrEnum):
    """How finely quotes were recorded; the quote age that a replay allows depends on it."""

    TICK = "tick"
    SECOND = "1s"
    MINUTE = "1m"


RESOLUTIONS: Final = tuple(Resolution)  # finest first


class ResolutionSpan(Struct, frozen=True):
    """From ``start`` nanoseconds UTC on, until the next span, quotes were recorded this finely."""

    start: int
    resolution: Resolution


class QuoteTape(Struct, frozen=True, kw_only=True):
    """The quotes of one symbol, oldest first, as columns of equal length.

    Rows with the same time are in the order of the file, which is the order of the events.

    Args:
        symbol: ticker.
        ts: nanoseconds UTC from which each quote is known.
        bid: best bid in price units, 0 when that side is missing.
        ask: best ask in price units, 0 when that side is missing.
        bid_size: quantity units shown at the bid.
        ask_size: quantity units shown at the ask.
        spans: how finely the quotes were recorded, oldest first; never empty.
    """

    symbol: str
    ts: Integers
    bid: Integers
    ask: Integers
    bid_size: Integers
    ask_size: Integers
    spans: tuple[ResolutionSpan, ...]

    def __len__(self) -> int:
        return int(self.ts.size)

    @property
    def resolution(self) -> Resolution:
        """Return the coarsest resolution on the tape."""
        return max((span.resolution for span in self.spans), key=RESOLUTIONS.index)

    def resolution_at(self, at: int) -> Resolution:
        """Return how finely quotes were recorded around ``at`` nanoseconds UTC."""
        found = self.spans[0].resolution
        for span in self.spans:
            if span.start > at:
                break
            found = span.resolution
        return found

    def quote(self, row: int) -> Quote:
        """Return one row as the public model."""
        bid, ask = int(self.bid[row]), int(self.ask[row])
        return Quote(
            symbol=self.symbol,
            bid_price=price_decimal(bid) if bid else None,
            ask_price=price_decimal(ask) if ask else None,
            bid_size=quantity_decimal(int(self.bid_size[row])),
            ask_size=quantity_decimal(int(self.ask_size[row])),
            ts=moment(int(self.ts[row])),
        )


__all__ = ["RESOLUTIONS", "QuoteTape", "Resolution", "ResolutionSpan"]
