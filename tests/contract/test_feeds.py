"""Every quote feed keeps the promises of ``FeedContract``."""

import asyncio
from decimal import Decimal

from fillpath.core.models import Quote
from fillpath.core.ports import QuoteFeed
from fillpath.data.bus.channels import quote_channel, volume_channel
from fillpath.data.bus.messages import write_quote, write_volume
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.feeds.redis_feed import RedisFeed
from fillpath.data.ibkr_feed import FeedPolicy, IBKRMarketFeed
from fillpath.ibkr.heard import Ticked
from fillpath.ibkr.states import State
from fillpath.ibkr.ticking import ASK, BID, HALTED, VOLUME
from fillpath.runtime.clock import ManualClock
from fillpath.testing import FeedContract
from fillpath.testing.builders import START
from tests.unit.data.ibkr.quiet_connection import QuietConnection


class TestMemoryFeed(FeedContract):
    def make_feed(self) -> QuoteFeed:
        return MemoryFeed()

    async def publish(self, feed: QuoteFeed, quote: Quote) -> None:
        assert isinstance(feed, MemoryFeed)
        feed.set_quote(quote)

    async def publish_adv(self, feed: QuoteFeed, symbol: str, shares: Decimal) -> None:
        assert isinstance(feed, MemoryFeed)
        feed.set_adv(symbol, shares)


class TestRedisFeed(FeedContract):
    """What it keeps; that it hears it from a server is shown in the integration tests."""

    def make_feed(self) -> QuoteFeed:
        feed = RedisFeed("redis://127.0.0.1:1", ManualClock(START))
        feed.connected = True
        return feed

    async def publish(self, feed: QuoteFeed, quote: Quote) -> None:
        assert isinstance(feed, RedisFeed)
        feed.take(quote_channel(quote.symbol), write_quote(quote))

    async def publish_adv(self, feed: QuoteFeed, symbol: str, shares: Decimal) -> None:
        assert isinstance(feed, RedisFeed)
        feed.take(volume_channel(symbol), write_volume(symbol, shares, sessions=20))


class TestIBKRMarketFeed(FeedContract):
    """What it keeps of the single values that come; over a socket in the integration tests."""

    def make_feed(self) -> QuoteFeed:
        self.connection = QuietConnection(ManualClock(START))
        self.connection.now = State.TRADING
        policy = FeedPolicy(volatility=False)
        return IBKRMarketFeed(self.connection, self.connection.clock, policy)

    async def publish(self, feed: QuoteFeed, quote: Quote) -> None:
        assert isinstance(feed, IBKRMarketFeed)
        feed.follow(quote.symbol)
        await feed.serve()
        request = self.connection.streams[quote.symbol]
        self.connection.hear(
            Ticked(request, BID, quote.bid_price, quote.bid_size),
            Ticked(request, ASK, quote.ask_price, quote.ask_size),
            Ticked(request, HALTED, size=Decimal(0)),
            Ticked(request, VOLUME, size=quote.volume and quote.volume / 100),
        )
        await asyncio.sleep(0)

    async def publish_adv(self, feed: QuoteFeed, symbol: str, shares: Decimal) -> None:
        assert isinstance(feed, IBKRMarketFeed)
        feed.set_adv(symbol, shares)
