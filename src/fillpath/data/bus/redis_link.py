"""The way to a Redis server: every call bounded in time and size, every failure named.

redis-py may retry and reconnect by itself; here it must not, because a retry that nobody sees makes
a wait longer than its bound. One failure is one ``Unavailable``, and the next call comes no sooner
than the pause that grows with each failure.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from redis._parsers.resp2 import _AsyncRESP2Parser
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError, ResponseError

from fillpath.core.errors import ConfigError, Unavailable

ANSWER_SECONDS: Final = 2.0
"""How long an answer may take before the server counts as unreachable."""
LONGEST_VALUE: Final = 256 * 1_024
"""Bytes of one value that are kept; a longer one is read past and never held."""
_CHUNK: Final = 64 * 1_024
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 2.0
_DOUBLINGS: Final = 6

T = TypeVar("T")


class Oversized(bytes):
    """What is left of a value that was too long to keep: its length."""

    length: int = 0


class BoundedParser(_AsyncRESP2Parser):
    """Read answers without ever holding a value longer than ``LONGEST_VALUE``.

    redis-py's own parser keeps whatever length a server announces.
    """

    _broken = False

    def on_connect(self, connection: Connection) -> None:
        """Begin with a fresh stream of answers."""
        self._broken = False
        super().on_connect(connection)  # type: ignore[no-untyped-call]  # redis-py's own

    async def read_response(self, disable_decoding: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Return the next answer.

        Raises:
            RedisConnectionError: a value was given up half-way; only a new connection helps.
        """
        if self._broken:
            raise RedisConnectionError("an answer was given up half-way")
        answer = await super().read_response(disable_decoding=disable_decoding)
        self._broken = False
        return answer

    async def _read(self, length: int) -> bytes:
        if length <= LONGEST_VALUE:
            return await super()._read(length)
        self._broken = True  # until the whole answer is read: what is let go cannot be read again
        left = length + 2 - max(len(self._buffer) - self._pos, 0)
        self._pos += length + 2
        while left > 0:
            assert self._stream is not None, "only a connected parser reads"
            chunk = await self._stream.read(min(left, _CHUNK))
            if not chunk:
                raise RedisConnectionError("the server closed the connection")
            left -= len(chunk)
        rest = Oversized()
        rest.length = length
        return rest


class RedisLink:
    """One client of one server; ``breaks`` counts the calls that failed.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``; may carry a name and a password.
        answer_seconds: how long an answer may take.

    Raises:
        ConfigError: the address is none.
    """

    def __init__(self, url: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.where = _without_password(url)
        self.failures = 0
        self.breaks = 0
        self.answer_seconds = answer_seconds
        self._retry_at = 0.0
        self._closed = False
        self._reason = ""
        try:
            pool: ConnectionPool = ConnectionPool.from_url(
                url,
                parser_class=BoundedParser,
                protocol=2,
                retry=Retry(NoBackoff(), 0),
                socket_timeout=None,
                socket_connect_timeout=answer_seconds,
                driver_info=None,
            )
        except ValueError as err:
            raise ConfigError(
                f"redis.url must be a Redis address, got {self.where}: {err}"
            ) from err
        self.client: Any = Redis.from_pool(pool)

    async def ask(self, call: Callable[[], Awaitable[T]], extra_seconds: float = 0.0) -> T:
        """Return the answer to a call, within the time an answer may take and ``extra_seconds``.

        Raises:
            Unavailable: there is no answer, or it is too early to try again.
            ResponseError: the server answered with an error.
        """
        self._check_turn()
        try:
            async with asyncio.timeout(self.answer_seconds + extra_seconds):
                answer = await call()
        except ResponseError as err:
            self.failures = 0
            if isinstance(err, ReadOnlyError):
                await self._let_go()  # after a failover the name may lead to another server
            raise
        except (RedisError, OSError) as err:  # asyncio's TimeoutError is an OSError
            await self._let_go()
            raise self.failed(err) from err
        self.failures = 0
        return answer

    async def done(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return the answer to a call that the server has no reason to refuse.

        Raises:
            Unavailable: it failed; a server that is full or read-only is no better than none.
        """
        try:
            return await self.ask(call)
        except ResponseError as err:
            raise self.refusal(err) from err

    def refusal(self, err: ResponseError) -> Unavailable:
        """Return an answer that refuses us as the absence of a server that would not."""
        return Unavailable(f"Redis at {self.where} refuses: {err}")

    async def wait_turn(self, longest_seconds: float) -> None:
        """Wait until the server may be asked again, but no longer than so."""
        pause = self._retry_at - asyncio.get_running_loop().time()
        if self.failures and pause > 0:
            await asyncio.sleep(min(pause, max(longest_seconds, 0.0)))

    async def close(self) -> None:
        """Let go of every connection; closing twice is harmless."""
        self._closed = True
        await self.client.aclose()

    def check_open(self) -> None:
        """Refuse to go on after the close."""
        if self._closed:
            raise Unavailable(f"the connection to {self.where} is closed")

    async def _let_go(self) -> None:
        """Drop idle connections: after one failure each of them would cost another wait."""
        with suppress(RedisError, OSError):
            await self.client.connection_pool.disconnect(inuse_connections=False)

    def _check_turn(self) -> None:
        self.check_open()
        if self.failures and asyncio.get_running_loop().time() < self._retry_at:
            raise Unavailable(self._reason)

    def failed(self, err: Exception) -> Unavailable:
        """Count a failure and return what to raise; the next call must wait a little longer."""
        now = asyncio.get_running_loop().time()
        self.breaks += 1
        if now >= self._retry_at or not self.failures:
            self._retry_at = now + pause_seconds(self.failures)
            self.failures += 1
        said = str(err) or f"no answer within {self.answer_seconds:g} s"
        self._reason = f"Redis at {self.where} cannot be reached: {said}"
        return Unavailable(self._reason)


def pause_seconds(failures: int) -> float:
    """Return how long to wait before the next try after so many failures in a row."""
    return min(_FIRST_PAUSE * float(2 ** min(failures, _DOUBLINGS)), _LONGEST_PAUSE)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return "an address without a valid port"
    place = parts.hostname or parts.path
    return f"{place}:{port}" if port else place
