"""What every quote feed promises; subclass ``FeedContract`` and fill in the hooks."""

# A suite of tests: the names are the promises.
# ruff: noqa: D102

from decimal import Decimal

from fillpath.core.models import Quote
from fillpath.core.ports import QuoteFeed
from fillpath.testing.builders import a_quote
from fillpath.testing.scenarios import played


class FeedContract:
    """The suite; each test runs on a fresh instance of the subclass."""

    def make_feed(self) -> QuoteFeed:
        """Return a fresh feed that has seen nothing."""
        raise NotImplementedError

    async def publish(self, feed: QuoteFeed, quote: Quote) -> None:
        """Let the feed see a quote, and wait until it has."""
        raise NotImplementedError

    async def publish_adv(self, feed: QuoteFeed, symbol: str, shares: Decimal) -> None:
        """Let the feed know an average daily volume, and wait until it does."""
        raise NotImplementedError

    @played
    async def test_a_symbol_never_seen_has_no_quote(self) -> None:
        feed = self.make_feed()

        assert await feed.get_quote("AAPL") is None
        assert feed.last_quote("AAPL") is None

    @played
    async def test_a_quote_comes_back_as_it_came(self) -> None:
        feed, quote = self.make_feed(), a_quote(volume=Decimal(12_345))

        await self.publish(feed, quote)

        assert await feed.get_quote("AAPL") == quote
        assert feed.last_quote("AAPL") == quote

    @played
    async def test_the_newest_quote_wins(self) -> None:
        feed, newest = self.make_feed(), a_quote("150.49", "150.51")
        await self.publish(feed, a_quote())

        await self.publish(feed, newest)

        assert await feed.get_quote("AAPL") == newest
        assert feed.last_quote("AAPL") == newest

    @played
    async def test_a_side_that_is_missing_stays_missing(self) -> None:
        feed, one_sided = self.make_feed(), a_quote(ask=None)
        await self.publish(feed, a_quote())

        await self.publish(feed, one_sided)

        assert await feed.get_quote("AAPL") == one_sided

    @played
    async def test_symbols_are_kept_apart(self) -> None:
        feed = self.make_feed()
        ours, theirs = a_quote(), a_quote("419.98", "420.02", symbol="MSFT")

        await self.publish(feed, ours)
        await self.publish(feed, theirs)

        assert await feed.get_quote("AAPL") == ours
        assert await feed.get_quote("MSFT") == theirs

    @played
    async def test_an_unknown_volume_is_none(self) -> None:
        feed = self.make_feed()

        await self.publish(feed, a_quote(volume=Decimal(12_345)))

        assert await feed.get_adv("AAPL") is None

    @played
    async def test_an_average_volume_is_an_exact_number_of_shares(self) -> None:
        feed = self.make_feed()

        await self.publish_adv(feed, "AAPL", Decimal("1234567.5"))

        assert await feed.get_adv("AAPL") == Decimal("1234567.5")
        assert await feed.get_adv("MSFT") is None
