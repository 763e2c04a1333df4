"""A bus on a real Redis, for the tests that break it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from fillpath.core.errors import Unavailable
from fillpath.core.ports import Delivery
from fillpath.data.bus.notices import Notice
from fillpath.data.bus.redis_streams import RedisBus, RedisPolicy

BOUND = 0.5
"""Seconds that an answer may take where a test waits for one that never comes."""


def a_policy(url: str, **changes: Any) -> RedisPolicy:
    """Return a policy with short waits."""
    fields: dict[str, Any] = {"answer_seconds": 5.0, "claim_seconds": 0.2}
    return RedisPolicy(url=url, **(fields | changes))


def a_payload(number: int = 1, **changes: Any) -> bytes:
    """Return a good signal."""
    fields = {"v": 1, "symbol": "AAPL", "direction": "LONG", "strength": "0.5"}
    return json.dumps({**fields, "signal_id": f"sig-{number}", **changes}).encode()


class Told(list[Notice]):
    """Notices that were heard."""

    def __init__(self) -> None:
        super().__init__()
        self._bell = asyncio.Event()

    def hear(self, notice: Notice) -> None:
        """Take one."""
        self.append(notice)
        self._bell.set()

    @property
    def codes(self) -> list[str]:
        """Return their codes in order."""
        return [notice.code for notice in self]

    async def wait_for(self, code: str) -> Notice:
        """Return the first notice with this code, as soon as it is there."""
        async with asyncio.timeout(10):
            while True:
                for notice in self:
                    if notice.code == code:
                        return notice
                self._bell.clear()
                await self._bell.wait()


async def received(bus: RedisBus, count: int, wait_seconds: float = 1.0) -> list[Delivery]:
    """Receive so many signals, also over outages."""
    found: list[Delivery] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            with suppress(Unavailable):
                found += await bus.receive(count - len(found), wait_seconds)
    return found


async def succeeded(call: Callable[[], Awaitable[Any]]) -> Any:
    """Call until the server is back, and return the answer."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await call()
            except Unavailable:
                await asyncio.sleep(0.02)
