"""What the Redis feed keeps, and what it refuses; no server is needed for that."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError, Unavailable
from fillpath.core.models import Quote
from fillpath.data.bus.messages import write_quote, write_volume
from fillpath.data.feeds import redis_feed
from fillpath.data.feeds.redis_feed import RedisFeed
from fillpath.runtime.clock import ManualClock
from fillpath.testing.builders import START, a_quote

CHANNEL = "market:quotes:AAPL"
SECOND = timedelta(seconds=1)


@pytest.fixture
def feed() -> RedisFeed:
    """Return a feed that is connected to nothing."""
    return RedisFeed("redis://127.0.0.1:1", ManualClock(START))


def message(**changes: Any) -> bytes:
    fields = {"v": 1, "symbol": "AAPL", "bid_price": "149.99", "ask_price": "150.01"}
    return json.dumps({**fields, "timestamp": "2026-03-02T14:30:00Z", **changes}).encode()


def is_usable(feed: RedisFeed) -> bool:
    quote = feed.last_quote("AAPL")
    if quote is None or quote.bid_price is None or quote.ask_price is None:
        return False
    return quote.bid_price <= quote.ask_price


def test_a_quote_is_kept_as_it_came(feed: RedisFeed) -> None:
    quote = a_quote(volume=Decimal(9))

    feed.take(CHANNEL, write_quote(quote))

    assert feed.last_quote("AAPL") == quote
    assert feed.counts.quotes == 1


@pytest.mark.parametrize(
    "payload",
    [
        message(bid_price=float("nan")),
        message(ask_price=float("inf")),
        message(bid_price=0),
        message(ask_price=-1),
        message(bid_price="1e-9"),
        message(symbol="MSFT"),
        message(timestamp="yesterday"),
        message(timestamp="2026-03-02T14:30:03Z"),
        message(last_price=1),
        b"",
        b"\xff",
    ],
)
def test_a_message_that_cannot_be_trusted_leaves_no_usable_quote(
    feed: RedisFeed, payload: bytes
) -> None:
    feed.take(CHANNEL, message())
    assert is_usable(feed)

    feed.take(CHANNEL, payload)

    assert not is_usable(feed)
    assert feed.mark("AAPL") is not None
    assert feed.counts.refused == 1
    assert feed.counts.last_refusal
    feed.take(CHANNEL, message())
    assert is_usable(feed)


def test_a_crossed_quote_is_counted_and_never_usable(feed: RedisFeed) -> None:
    feed.take(CHANNEL, message())

    feed.take(CHANNEL, message(bid_price="150.02"))

    assert not is_usable(feed)
    assert feed.counts.crossed == 1
    assert feed.view("AAPL").bid == 15_002_000_000


def test_a_quote_older_than_the_last_is_dropped(feed: RedisFeed) -> None:
    feed.take(CHANNEL, message())

    feed.take(CHANNEL, message(bid_price="1", timestamp="2026-03-02T14:29:59Z"))

    assert feed.last_quote("AAPL") == a_quote(bid_size=0, ask_size=0)
    assert feed.counts.late == 1


def test_a_frozen_quote_that_is_repeated_keeps_its_age() -> None:
    clock = ManualClock(START)
    feed = RedisFeed("redis://127.0.0.1:1", clock)
    feed.take(CHANNEL, message())
    clock.advance(30)

    feed.take(CHANNEL, message())

    quote = feed.last_quote("AAPL")
    assert quote is not None
    assert quote.ts == START


def test_a_quote_without_a_time_has_that_of_its_arrival(feed: RedisFeed) -> None:
    feed.take(CHANNEL, message(timestamp=None))

    quote = feed.last_quote("AAPL")
    assert quote is not None
    assert quote.ts == START


def test_a_producer_whose_clock_is_a_little_ahead_cannot_make_quotes_younger(
    feed: RedisFeed,
) -> None:
    feed.take(CHANNEL, message(timestamp="2026-03-02T14:30:01.9Z"))

    quote = feed.last_quote("AAPL")
    assert quote is not None
    assert quote.ts == START


def test_an_average_volume_is_kept(feed: RedisFeed) -> None:
    feed.take("market:adv:AAPL", write_volume("AAPL", Decimal("1234567.5"), 20))

    assert feed.view("AAPL").adv == 1_234_567_500_000
    assert feed.counts.volumes == 1


@pytest.mark.parametrize(
    "payload",
    [
        write_volume("AAPL", Decimal(1), 19),
        write_volume("AAPL", Decimal(0), 20),
        write_volume("AAPL", Decimal(-5), 20),
        write_volume("MSFT", Decimal(5), 20),
        b'{"v":1,"symbol":"AAPL","shares":NaN,"sessions":20}',
    ],
)
def test_a_volume_that_is_none_is_not_kept(feed: RedisFeed, payload: bytes) -> None:
    feed.take("market:adv:AAPL", payload)

    assert feed.view("AAPL").adv is None
    assert feed.counts.refused == 1


def test_a_channel_that_is_no_symbols_is_refused(feed: RedisFeed) -> None:
    feed.take("market:quotes:aapl", message())

    assert feed.last_quote("aapl") is None
    assert feed.counts.refused == 1


def test_only_so_many_symbols_are_kept(feed: RedisFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_feed, "SYMBOLS", 1)
    feed.take(CHANNEL, message())

    feed.take("market:quotes:MSFT", message(symbol="MSFT"))
    feed.take(CHANNEL, message())

    assert feed.last_quote("MSFT") is None
    assert (feed.counts.quotes, feed.counts.refused) == (2, 1)


async def test_an_unknown_quote_of_a_server_that_is_not_reached_is_unavailable(
    feed: RedisFeed,
) -> None:
    with pytest.raises(Unavailable, match=r"quotes cannot be had: 127\.0\.0\.1:1 is not reached"):
        await feed.get_quote("AAPL")

    feed.take(CHANNEL, message())

    assert isinstance(await feed.get_quote("AAPL"), Quote)


def test_only_symbols_can_be_followed() -> None:
    with pytest.raises(ModelError, match="symbol must be"):
        RedisFeed("redis://127.0.0.1:1", ManualClock(START), ["*"])


def test_what_cannot_be_read_is_told_until_something_can(feed: RedisFeed) -> None:
    feed.take("market:quotes:AAPL", b"{")
    refused = feed.refusal

    feed.take("market:quotes:AAPL", message())

    assert refused.startswith("1 not read, such as market:quotes:AAPL: ")
    assert feed.refusal == ""
