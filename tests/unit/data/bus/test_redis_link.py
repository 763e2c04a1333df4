"""The way to a Redis server holds nothing that is too long, and shows no secret."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from redis._parsers.encoders import Encoder
from redis.exceptions import ConnectionError as RedisConnectionError

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.data.bus.redis_link import (
    LONGEST_VALUE,
    BoundedParser,
    Oversized,
    RedisLink,
    pause_seconds,
)

TOO_LONG = LONGEST_VALUE + 1


def reading() -> tuple[BoundedParser, asyncio.StreamReader]:
    """Return a parser and the stream that it reads."""
    stream = asyncio.StreamReader()
    parser = BoundedParser(socket_read_size=65_536)
    encoder: Any = Encoder
    encoder = encoder("utf-8", "strict", False)  # noqa: FBT003
    connection: Any = SimpleNamespace(_reader=stream, encoder=encoder)
    parser.on_connect(connection)
    return parser, stream


def bulk(value: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(value), value)


async def test_a_value_that_is_long_enough_is_kept() -> None:
    parser, stream = reading()
    value = b"x" * LONGEST_VALUE
    stream.feed_data(bulk(value))

    assert await parser.read_response() == value


async def test_a_value_that_is_too_long_is_read_past_and_its_length_is_told() -> None:
    parser, stream = reading()
    stream.feed_data(b"*3\r\n" + bulk(b"before") + bulk(b"x" * TOO_LONG) + bulk(b"after"))
    stream.feed_data(bulk(b"next"))

    before, rest, after = await parser.read_response()

    assert (before, rest, after) == (b"before", b"", b"after")
    assert isinstance(rest, Oversized)
    assert rest.length == TOO_LONG
    assert await parser.read_response() == b"next"


async def test_an_answer_that_was_given_up_half_way_is_never_misread() -> None:
    parser, stream = reading()
    stream.feed_data(bulk(b"x" * TOO_LONG)[:-10])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await parser.read_response()
    stream.feed_data(b"x" * 8 + b"\r\n" + bulk(b"next"))

    with pytest.raises(RedisConnectionError, match="given up half-way"):
        await parser.read_response()


async def test_a_short_answer_that_was_given_up_half_way_goes_on() -> None:
    parser, stream = reading()
    stream.feed_data(b"*2\r\n" + bulk(b"one") + b"$3\r\nt")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await parser.read_response()
    stream.feed_data(b"wo\r\n")

    assert await parser.read_response() == [b"one", b"two"]


async def test_a_server_that_ends_in_the_middle_of_a_long_value_is_gone() -> None:
    parser, stream = reading()
    stream.feed_data(bulk(b"x" * TOO_LONG)[:-10])
    stream.feed_eof()

    with pytest.raises(RedisConnectionError, match="closed the connection"):
        await parser.read_response()


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("redis://name:secret@10.0.0.1:6380/2", "10.0.0.1:6380"),
        ("rediss://:secret@cache.example/0", "cache.example"),
        ("unix://:secret@/run/redis.sock", "/run/redis.sock"),
    ],
)
def test_an_address_is_shown_without_its_secret(url: str, where: str) -> None:
    assert RedisLink(url).where == where


@pytest.mark.parametrize("url", ["redis://name:secret@host:port/0", "http://secret@host", "secret"])
def test_an_address_that_is_none_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(ConfigError, match=r"redis\.url must be a Redis address") as caught:
        RedisLink(url)

    assert "name:secret" not in str(caught.value)


def test_pauses_grow_to_a_bound() -> None:
    pauses = [pause_seconds(failures) for failures in range(12)]

    assert pauses[0] == 0.05
    assert pauses == sorted(pauses)
    assert pauses[-1] == 2.0


async def test_a_closed_link_is_never_asked() -> None:
    link = RedisLink("redis://127.0.0.1:1")
    await link.close()

    await link.close()

    with pytest.raises(Unavailable, match="is closed"):
        await link.ask(link.client.ping)
