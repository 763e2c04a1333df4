"""Every quote feed keeps the promises of ``FeedContract``."""

from decimal import Decimal

from fillpath.core.models import Quote
from fillpath.core.ports import QuoteFeed
from fillpath.data.bus.channels import quote_channel, volume_channel
from fillpath.data.bus.messages import write_quote, write_volume
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.feeds.redis_feed import RedisFeed
from fillpath.runtime.clock import ManualClock
from fillpath.testing import FeedContract
from fillpath.testing.builders import START


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
