"""What the gateway received and sent, so that a test can count and wait for it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from fillpath.testing.gateway.requests import Request
from fillpath.testing.gateway.wire import Message

_SECOND: Final = 1.0


class Received(Struct, frozen=True):
    """One request of a client.

    Args:
        at: seconds of the event loop's clock.
        client_id: who asked; -1 before it said.
        request: what it asked.
    """

    at: float
    client_id: int
    request: Request


class Sent(Struct, frozen=True):
    """One message that was written to a socket."""

    at: float
    client_id: int
    message: Message


class Log:
    """Remember every message, and wake up who waits for one."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.sent: list[Sent] = []
        self._counts: Counter[str] = Counter()
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def count(self, kind: str) -> int:
        """Return how many requests of a kind were received."""
        return self._counts[kind]

    def requests(self, kind: str) -> list[Request]:
        """Return the requests of a kind that were received, oldest first."""
        return [each.request for each in self.received if each.request.kind == kind]

    def times(self, *kinds: str) -> list[float]:
        """Return when requests of these kinds, or all, were received."""
        return [each.at for each in self.received if not kinds or each.request.kind in kinds]

    def busiest_second(self, *kinds: str) -> int:
        """Return the most requests that came within any one second."""
        times = self.times(*kinds)
        most = first = 0
        for last, at in enumerate(times):
            while at - times[first] >= _SECOND:
                first += 1
            most = max(most, last - first + 1)
        return most

    def hear(self, at: float, client_id: int, request: Request) -> None:
        """Remember a request."""
        self.received.append(Received(at, client_id, request))
        self._counts[request.kind] += 1

    def say(self, at: float, client_id: int, message: Message) -> None:
        """Remember a message that was sent."""
        self.sent.append(Sent(at, client_id, message))

    async def until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait until a condition holds; it is asked after everything that happens here.

        Raises:
            TimeoutError: it did not hold in time.
        """
        if condition():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((condition, future))
        async with asyncio.timeout(seconds):
            await future

    def stir(self) -> None:
        """Ask every condition that is waited for."""
        if not self._waiting:
            return
        still = []
        for condition, future in self._waiting:
            if future.done():
                continue
            if condition():
                future.set_result(None)
            else:
                still.append((condition, future))
        self._waiting = still


__all__ = ["Log", "Received", "Sent"]
