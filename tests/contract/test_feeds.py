"""Every quote feed keeps the promises of ``FeedContract``."""

from decimal import Decimal

from fillpath.core.models import Quote
from fillpath.core.ports import QuoteFeed
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.testing import FeedContract


class TestMemoryFeed(FeedContract):
    def make_feed(self) -> QuoteFeed:
        return MemoryFeed()

    async def publish(self, feed: QuoteFeed, quote: Quote) -> None:
        assert isinstance(feed, MemoryFeed)
        feed.set_quote(quote)

    async def publish_adv(self, feed: QuoteFeed, symbol: str, shares: Decimal) -> None:
        assert isinstance(feed, MemoryFeed)
        feed.set_adv(symbol, shares)
