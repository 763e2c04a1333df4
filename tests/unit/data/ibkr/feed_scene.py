"""A feed on a quiet connection, an engine it serves and a person it tells."""

import asyncio
from decimal import Decimal
from typing import Any

from fillpath.core.markets import TradingStatusSeen
from fillpath.core.models import Quote
from fillpath.data.feeds.ibkr_feed import FeedPolicy, IBKRMarketFeed
from tests.unit.data.ibkr.quiet_connection import Listener, QuietConnection, Told


class Scene:
    """A feed on a connection, an engine it serves and a person it tells."""

    def __init__(self, **policy: Any) -> None:
        self.connection = QuietConnection()
        self.clock = self.connection.clock
        self.told = Told()
        self.published: list[Quote] = []
        self.volumes: dict[str, Decimal] = {}
        self.engine = Listener([], set())
        self.feed = IBKRMarketFeed(
            self.connection,
            self.clock,
            FeedPolicy(**({"volatility": False} | policy)),
            publisher=self,
            tell=self.told.hear,
        )
        self.feed.attach(self.engine)

    def offer(self, quote: Quote) -> None:
        """Be the publisher: take a quote."""
        self.published.append(quote)

    def offer_volume(self, symbol: str, shares: Decimal) -> None:
        """Be the publisher: take a volume."""
        self.volumes[symbol] = shares

    async def up(self, *symbols: str) -> "Scene":
        """Follow symbols and be connected."""
        for symbol in symbols:
            self.feed.follow(symbol)
        await self.connection.come_up()
        await self.serve()
        return self

    async def serve(self) -> None:
        """Do what a round of ``run`` does."""
        await self.feed.serve()
        await self.settle()

    async def settle(self) -> None:
        """Let everything that was heard be seen."""
        await asyncio.sleep(0)

    def sides(self, symbol: str = "AAPL") -> tuple[Decimal | None, Decimal | None] | None:
        """Return bid and ask as the engine has them."""
        quote = self.feed.last_quote(symbol)
        return None if quote is None else (quote.bid_price, quote.ask_price)

    def status(self, symbol: str = "AAPL") -> str:
        """Return what the engine was last told of a symbol."""
        told = [
            fact.status
            for fact in self.engine.facts
            if isinstance(fact, TradingStatusSeen) and fact.symbol == symbol
        ]
        return told[-1] if told else ""


NONE = (None, None)
FIRST = (Decimal("149.99"), Decimal("150.01"))


async def quoted(**policy: Any) -> Scene:
    """Return a scene in which AAPL has a quote and trades."""
    scene = await Scene(**policy).up("AAPL")
    scene.connection.quote("AAPL")
    await scene.settle()
    scene.clock.advance(1)
    scene.feed.look()
    return scene
