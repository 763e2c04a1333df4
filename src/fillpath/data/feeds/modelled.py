"""A market that is made up: for trying the engine where no real quotes come in.

Each symbol's mid is a seeded random walk in whole cents around its starting price. Nothing of it is
real, and whoever shows it says so.
"""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, Protocol

from fillpath.core.models import Quote
from fillpath.core.ports import Clock
from fillpath.data.feeds.memory import MemoryFeed

START_CENTS: Final = 15_000
STEP_CENTS: Final = 4
SPREAD_CENTS: Final = 2
SIZE: Final = Decimal(500)
ADV: Final = Decimal(5_000_000)
_LOWEST: Final = 1_000


class Chance(Protocol):
    """A seeded source of whole numbers."""

    def randint(self, a: int, b: int) -> int:
        """Return a number from ``a`` to ``b``, both included."""
        ...


class ModelledMarket:
    """Feed made-up quotes of some symbols.

    Args:
        feed: where the quotes go.
        symbols: tickers.
        clock: stamps the quotes.
        chance: seeded; the same seed gives the same prices.
    """

    def __init__(
        self, feed: MemoryFeed, symbols: Iterable[str], clock: Clock, chance: Chance
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._chance = chance
        self._mids = dict.fromkeys(symbols, START_CENTS)
        for symbol in self._mids:
            feed.set_adv(symbol, ADV)

    def step(self) -> None:
        """Move every symbol once and publish its quote."""
        now = self._clock.now()
        for symbol, mid in self._mids.items():
            moved = max(mid + self._chance.randint(-STEP_CENTS, STEP_CENTS), _LOWEST)
            self._mids[symbol] = moved
            bid = Decimal(moved - SPREAD_CENTS // 2).scaleb(-2)
            ask = Decimal(moved + SPREAD_CENTS // 2).scaleb(-2)
            self._feed.set_quote(Quote(symbol, bid, ask, SIZE, SIZE, ts=now))

    async def run(self, pause_seconds: float = 1.0) -> None:
        """Step until cancelled."""
        while True:
            self.step()
            await asyncio.sleep(pause_seconds)
