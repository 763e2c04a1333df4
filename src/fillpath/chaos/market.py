"""The true market: random walks that the venue trades on, and that the engine hears of."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Final

from fillpath.core.models import Quote
from fillpath.core.units import moment
from fillpath.data.feeds.memory import MemoryFeed

SYMBOLS: Final = ("AAA", "BBB", "CCC")
VOLUMES: Final = (None, 15_000, 60_000, 60_000, 5_000_000)
_CENT: Final = Decimal("0.01")


class Market:
    """Quotes of a few symbols that move in cents.

    Args:
        rng: chance.
        now: returns true nanoseconds UTC.
    """

    def __init__(self, rng: Random, now: Callable[[], int]) -> None:
        self._rng = rng
        self._now = now
        self.feed = MemoryFeed()
        self.volumes: dict[str, int | None] = {}
        self._mids: dict[str, int] = {}
        for symbol in SYMBOLS:
            self._mids[symbol] = rng.randrange(2_000, 20_000)
            self.volumes[symbol] = rng.choice(VOLUMES)
            self.feed.set_quote(self.move(symbol))

    def move(self, symbol: str) -> Quote:
        """Return the next quote of a symbol: now and then a jump, mostly a cent or two."""
        rng = self._rng
        step = rng.randrange(-60, 61) if rng.random() < 0.02 else rng.randrange(-3, 4)
        mid = self._mids[symbol] = max(self._mids[symbol] + step, 600)
        half = 12 if rng.random() < 0.05 else rng.choice((1, 1, 1, 2))
        return Quote(
            symbol=symbol,
            bid_price=(mid - half) * _CENT,
            ask_price=(mid + half) * _CENT,
            bid_size=Decimal(rng.choice((20, 100, 400, 3_000))),
            ask_size=Decimal(rng.choice((20, 100, 400, 3_000))),
            volume=None,
            ts=moment(self._now()),
        )

    def damaged(self, quote: Quote) -> Quote:
        """Return a quote as a broken feed would show it: one-sided, empty or crossed."""
        bid, ask = quote.bid_price, quote.ask_price
        kind = self._rng.randrange(3)
        if kind == 0:
            bid = None
        elif kind == 1:
            bid = ask = None
        else:
            bid, ask = ask, bid
        return Quote(
            symbol=quote.symbol,
            bid_price=bid,
            ask_price=ask,
            bid_size=quote.bid_size,
            ask_size=quote.ask_size,
            volume=None,
            ts=quote.ts,
        )

    def split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Divide the price of a symbol as a split does."""
        self._mids[symbol] = max(self._mids[symbol] * old_shares // new_shares, 600)
