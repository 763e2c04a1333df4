"""A strategy's end of a Redis server: it adds signals and signs of life, and reads what became of them."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from fillpath.data.bus.channels import FILLS, ORDERS, STRATEGIES
from fillpath.data.bus.redis_group import PAYLOAD, SIGNATURE, as_text
from fillpath.data.bus.redis_link import ANSWER_SECONDS, Oversized, RedisLink

_PAGE: Final = 500
_MS: Final = 1_000
_KEPT_BEATS: Final = 1_000


class StrategyLine:
    """Send the signals of one strategy, and follow what the engine tells.

    Args:
        url: the server.
        stream: where signals wait.
        answer_seconds: how long an answer may take.

    Raises:
        ConfigError: the address cannot be used.
    """

    def __init__(self, url: str, stream: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.stream = stream
        self._writing = RedisLink(url, answer_seconds)
        self._reading = RedisLink(url, answer_seconds)
        self._after = {FILLS: "0", ORDERS: "0"}

    @property
    def where(self) -> str:
        """Return the address without its password."""
        return self._writing.where

    async def send(self, payload: bytes, signature: str = "") -> str:
        """Let a signal wait for the engine, and return the message's id.

        Raises:
            Unavailable: it is unknown whether the server took it.
        """
        fields: dict[bytes, bytes | str] = {PAYLOAD: payload}
        if signature:
            fields[SIGNATURE] = signature
        await self._writing.wait_turn(self._writing.answer_seconds)
        return await self._added(self.stream, fields)

    async def beat(self, payload: bytes) -> None:
        """Leave a sign of life.

        Raises:
            Unavailable: the server did not take it.
        """
        await self._added(STRATEGIES, {PAYLOAD: payload}, maxlen=_KEPT_BEATS, approximate=True)

    async def told(self, wait_seconds: float = 0.0) -> list[tuple[str, bytes]]:
        """Return (stream, message) of what was told since the last call, oldest first.

        Args:
            wait_seconds: how long to wait for the first one.

        Raises:
            Unavailable: it cannot be reached.
        """
        block = max(int(wait_seconds * _MS), 1) if wait_seconds else None
        read = partial(self._reading.client.xread, dict(self._after), count=_PAGE, block=block)
        answer = await self._reading.ask(read, wait_seconds)
        found: list[tuple[str, bytes]] = []
        for name, entries in answer:
            stream = as_text(name)
            for entry, fields in entries:
                self._after[stream] = as_text(entry)
                payload = fields.get(PAYLOAD, b"")
                if payload and not isinstance(payload, Oversized):
                    found.append((stream, payload))
        return found

    async def beats(self) -> list[bytes]:
        """Return the signs of life that are kept, oldest first.

        Raises:
            Unavailable: it cannot be reached.
        """
        read = partial(self._reading.client.xrange, STRATEGIES, "-", "+")
        entries = await self._reading.done(read)
        return [fields[PAYLOAD] for _, fields in entries if PAYLOAD in fields]

    async def wait(self, seconds: float) -> None:
        """Wait until reading may be tried again, but no longer than so."""
        await self._reading.wait_turn(seconds)

    async def close(self) -> None:
        """Let go of it; closing twice is harmless."""
        await self._writing.close()
        await self._reading.close()

    async def _added(self, stream: str, fields: Mapping[bytes, bytes | str], **how: Any) -> str:
        add = partial(self._writing.client.xadd, stream, dict(fields), **how)
        return as_text(await self._writing.done(add))


__all__ = ["StrategyLine"]
