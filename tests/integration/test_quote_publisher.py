"""Quotes that one engine sees reach others over a real Redis, and never hold it up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from fillpath.data.bus.messages import write_quote, write_volume
from fillpath.data.feeds.quote_publisher import QuotePublisher
from fillpath.testing.builders import a_quote
from tests.integration.redis_scene import Told
from tests.integration.test_redis_quotes import following, until
from tests.proxy import Proxy
from tests.servers import RedisServer


@asynccontextmanager
async def publishing(url: str, told: Told | None = None) -> AsyncIterator[QuotePublisher]:
    """Run a publisher while the body runs."""
    heard = Told() if told is None else told
    publisher = QuotePublisher(url, tell=heard.hear, answer_seconds=0.3)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(publisher.run())
        yield publisher
        running.cancel()


async def test_a_redis_feed_reads_what_is_published(redis_server: RedisServer) -> None:
    quote = a_quote(volume=Decimal(12_345))
    async with following(redis_server.url) as feed, publishing(redis_server.url) as publisher:
        publisher.offer_volume("AAPL", Decimal(1_000_000))
        publisher.offer(quote)

        await until(feed, lambda: feed.last_quote("AAPL") == quote)
        assert await feed.get_adv("AAPL") == Decimal(1_000_000)

    assert redis_server.do("GET", "market:quotes:AAPL") == write_quote(quote)
    assert redis_server.do("GET", "market:adv:AAPL") == write_volume("AAPL", Decimal(1_000_000), 20)


async def test_a_side_that_is_gone_is_published_too(redis_server: RedisServer) -> None:
    nothing = a_quote(None, None)
    async with following(redis_server.url) as feed, publishing(redis_server.url) as publisher:
        publisher.offer(a_quote())
        await until(feed, lambda: feed.last_quote("AAPL") == a_quote())
        publisher.offer(nothing)

        await until(feed, lambda: feed.last_quote("AAPL") == nothing)


async def test_after_an_outage_only_the_newest_quote_is_told(redis_server: RedisServer) -> None:
    told = Told()
    async with (
        Proxy(redis_server.port) as proxy,
        following(redis_server.url) as feed,
        publishing(proxy.url, told) as publisher,
    ):
        proxy.refuse()
        publisher.offer(a_quote("149.00", "149.02"))
        await told.wait_for("FEED_LOST")
        publisher.offer(a_quote())
        publisher.offer(a_quote("99.99", "100.01", symbol="MSFT"))
        proxy.accept()
        await told.wait_for("FEED_BACK")
        await until(feed, lambda: feed.last_quote("MSFT") is not None)

        assert feed.last_quote("AAPL") == a_quote()
        assert feed.counts.quotes == 2
