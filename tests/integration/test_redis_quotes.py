"""Quotes over a real Redis: channel, last value, and the way back after a cut."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.data.bus.messages import write_quote, write_volume
from fillpath.data.feeds.redis_feed import RedisFeed
from fillpath.runtime.clock import ManualClock
from fillpath.testing.builders import START, a_quote
from tests.integration.redis_scene import Told
from tests.proxy import Proxy
from tests.servers import RedisServer
from tests.stalls import LongestStall

LATER = timedelta(seconds=1)


@asynccontextmanager
async def following(
    url: str, *symbols: str, told: Told | None = None, answer_seconds: float = 5.0
) -> AsyncIterator[RedisFeed]:
    """Run a feed while the body runs; it is connected when the body begins."""
    heard = Told() if told is None else told
    clock = ManualClock(START + 60 * LATER)
    feed = RedisFeed(url, clock, symbols, tell=heard.hear, answer_seconds=answer_seconds)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(feed.run())
        await heard.wait_for("FEED_BACK")
        yield feed
        running.cancel()


async def until(feed: RedisFeed, holds: Callable[[], bool]) -> None:
    """Wait until something about the feed holds, looking after every message."""
    bell = asyncio.Event()
    feed.subscribe(lambda _: bell.set())
    async with asyncio.timeout(10):
        while not holds():
            bell.clear()
            await bell.wait()


def put(server: RedisServer, quote: Any) -> None:
    """Say a quote as any producer can: as last value and on the channel."""
    name = f"market:quotes:{quote.symbol}"
    server.do("SET", name, write_quote(quote))
    server.do("PUBLISH", name, write_quote(quote))


def command(*words: bytes) -> bytes:
    """Return a command as the server reads it."""
    parts = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
    return b"*%d\r\n" % len(words) + parts


@pytest.mark.parametrize("symbols", [(), ("AAPL",)])
async def test_a_quote_on_the_channel_is_there_at_once(
    redis_server: RedisServer, symbols: tuple[str, ...]
) -> None:
    quote = a_quote()
    async with following(redis_server.url, *symbols) as feed:
        put(redis_server, quote)

        await until(feed, lambda: feed.last_quote("AAPL") == quote)


@pytest.mark.parametrize("symbols", [(), ("AAPL", "MSFT")])
async def test_who_comes_late_reads_the_last_value(
    redis_server: RedisServer, symbols: tuple[str, ...]
) -> None:
    quote = a_quote()
    put(redis_server, quote)
    redis_server.do("SET", "market:adv:AAPL", write_volume("AAPL", Decimal(5), 20))

    async with following(redis_server.url, *symbols) as feed:
        await until(feed, lambda: feed.last_quote("AAPL") == quote)
        async with asyncio.timeout(10):
            while await feed.get_adv("AAPL") != 5:  # noqa: ASYNC110  # a volume rings no bell
                await asyncio.sleep(0.01)


async def test_what_changed_while_the_line_was_cut_is_read_afterwards(
    redis_server: RedisServer,
) -> None:
    told, newer = Told(), a_quote("151", "152", ts=START + LATER)
    async with (
        Proxy(redis_server.port) as proxy,
        following(proxy.url, "AAPL", told=told) as feed,
    ):
        put(redis_server, a_quote())
        await until(feed, lambda: feed.last_quote("AAPL") == a_quote())
        proxy.refuse()
        await told.wait_for("FEED_LOST")
        assert not feed.connected
        put(redis_server, newer)

        proxy.accept()

        await until(feed, lambda: feed.last_quote("AAPL") == newer)
        assert told.codes == ["FEED_BACK", "FEED_LOST", "FEED_BACK"]


async def test_a_line_without_an_end_is_noticed(redis_server: RedisServer) -> None:
    told = Told()
    async with (
        Proxy(redis_server.port) as proxy,
        following(proxy.url, "AAPL", told=told, answer_seconds=0.2),
    ):
        async with asyncio.timeout(10):
            while len(redis_server.do("PUBSUB", "CHANNELS", "market:*")) < 2:  # noqa: ASYNC110  # it rings no bell
                await asyncio.sleep(0.01)
        proxy.turn_deaf()

        lost = await told.wait_for("FEED_LOST")

        assert "cannot be reached" in lost.text


async def test_a_quiet_line_is_not_taken_for_a_dead_one(redis_server: RedisServer) -> None:
    told = Told()
    async with following(redis_server.url, "AAPL", told=told, answer_seconds=0.5) as feed:
        await asyncio.sleep(3.0)

        assert feed.connected
        assert told.codes == ["FEED_BACK"]


async def test_a_symbol_that_someone_waits_for_is_followed_from_then_on(
    redis_server: RedisServer,
) -> None:
    put(redis_server, a_quote(symbol="MSFT"))
    async with following(redis_server.url, "AAPL") as feed:
        assert feed.last_quote("MSFT") is None

        feed.watch("MSFT")

        await until(feed, lambda: feed.last_quote("MSFT") is not None)
        assert feed.take_watch("MSFT")


async def test_a_feed_publishes_for_itself_and_for_others(redis_server: RedisServer) -> None:
    async with following(redis_server.url) as feed:
        await feed.publish_quote(a_quote())
        await feed.publish_volume("AAPL", Decimal(1_000_000), 20)

        await until(feed, lambda: feed.last_quote("AAPL") == a_quote())

    assert redis_server.do("GET", "market:quotes:AAPL") == write_quote(a_quote())
    assert redis_server.do("GET", "market:adv:AAPL") == write_volume("AAPL", Decimal(1_000_000), 20)


async def test_a_flood_of_quotes_leaves_time_for_everything_else(redis_server: RedisServer) -> None:
    last = a_quote("149", "150", ts=START + 5 * LATER)
    quotes = [a_quote(ts=START + LATER / 1_000 * number) for number in range(5_000)]
    said = [command(b"PUBLISH", b"market:quotes:AAPL", write_quote(q)) for q in [*quotes, last]]
    async with following(redis_server.url) as feed:
        reader, writer = await asyncio.open_connection("127.0.0.1", redis_server.port)

        async with LongestStall() as stall:
            writer.write(b"".join(said))
            await until(feed, lambda: feed.last_quote("AAPL") == last)

        writer.close()
        await writer.wait_closed()
        assert feed.counts.quotes == 5_001
        assert stall.seconds < 0.4
        del reader
