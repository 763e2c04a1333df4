"""The bus inside one process: the default, with the promises of the others and nothing to install."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct, field

from fillpath.core.errors import Unavailable
from fillpath.core.ports import BusHealth, Delivery, EngineClock, Outgoing
from fillpath.data.bus.channels import ATTEMPTS, signal_stream

CAPACITY: Final = 10_000
"""Signals of one account that may wait, and published messages that are kept for readers."""
_MS: Final = 1_000_000


class DeadLetter(Struct, frozen=True):
    """A message that was set aside, and why."""

    message_id: str
    payload: bytes
    reason: str


class _Lane(Struct):
    """The signals of one account: those that wait, and those handed over and not acknowledged."""

    waiting: deque[tuple[str, bytes]] = field(default_factory=deque)
    pending: dict[str, Delivery] = field(default_factory=dict)
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def backlog(self) -> int:
        return len(self.waiting) + len(self.pending)


class MemoryHub:
    """What all buses of a process stand on: it keeps what was sent until it is acknowledged.

    Args:
        clock: dates the messages.
        capacity: signals of one account that may wait, and published messages that are kept.
    """

    def __init__(self, clock: EngineClock, capacity: int = CAPACITY) -> None:
        self.published: deque[Outgoing] = deque(maxlen=capacity)
        self.dead_letters: deque[DeadLetter] = deque(maxlen=capacity)
        self._clock = clock
        self._capacity = capacity
        self._last_id = (0, 0)
        self._lanes: dict[str, _Lane] = {}
        self._sinks: list[Callable[[Outgoing], None]] = []

    def send(self, payload: bytes, account: str = "") -> str:
        """Let a signal wait for the engine of ``account`` and return the message's id.

        Raises:
            Unavailable: too many wait already; nothing was taken.
        """
        stream = signal_stream(account)
        lane = self.lane(stream)
        if lane.backlog >= self._capacity:
            raise Unavailable(f"{self._capacity:,} signals wait on {stream} already")
        now = self._clock.nanoseconds() // _MS
        last, count = self._last_id
        self._last_id = (last, count + 1) if now <= last else (now, 0)
        message_id = "{}-{}".format(*self._last_id)
        lane.waiting.append((message_id, payload))
        lane.bell.set()
        return message_id

    def subscribe(self, sink: Callable[[Outgoing], None]) -> None:
        """Call ``sink`` with every later published message, in order; it must not raise."""
        self._sinks.append(sink)

    def publish(self, message: Outgoing) -> None:
        """Keep a message for readers and tell every subscriber."""
        self.published.append(message)
        for sink in self._sinks:
            sink(message)

    def lane(self, stream: str) -> _Lane:
        """Return the signals of a stream."""
        return self._lanes.setdefault(stream, _Lane())


class MemoryBus:
    """One account's end of a hub.

    Args:
        hub: what is shared; a new bus on the same hub goes on where the one before stopped.
        account: empty for the only account there is.
    """

    def __init__(self, hub: MemoryHub, account: str = "") -> None:
        self._hub = hub
        self._stream = signal_stream(account)
        self._again: deque[Delivery] = deque()
        self._open = False

    async def start(self) -> None:
        """Get ready; whatever was handed over and never acknowledged comes again."""
        self._again = deque(self._lane().pending.values())
        self._open = True

    async def receive(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """Return up to ``limit`` signals, oldest first, waiting at most so long for the first."""
        taken = await self._taken(limit)
        if taken or wait_seconds <= 0:
            return taken
        bell = self._lane().bell
        bell.clear()
        try:
            async with asyncio.timeout(wait_seconds):
                await bell.wait()
        except TimeoutError:
            return []
        return await self._taken(limit)

    async def _taken(self, limit: int) -> list[Delivery]:
        lane = self._lane()
        self._check_open()
        taken: list[Delivery] = []
        while self._again and len(taken) < limit:
            before = self._again.popleft()
            if before.message_id not in lane.pending:
                continue
            if before.deliveries >= ATTEMPTS:
                await self.reject(before, poison(before.deliveries))
                continue
            taken.append(
                Delivery(before.message_id, before.payload, before.deliveries + 1, before.origin)
            )
        while lane.waiting and len(taken) < limit:
            taken.append(Delivery(*lane.waiting.popleft()))
        lane.pending.update((delivery.message_id, delivery) for delivery in taken)
        return taken

    async def acknowledge(self, message_ids: Sequence[str]) -> None:
        """Forget these; they never come again."""
        self._check_open()
        for message_id in message_ids:
            self._lane().pending.pop(message_id, None)

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Set a message aside with the reason, and acknowledge it."""
        self._check_open()
        letter = DeadLetter(delivery.message_id, delivery.payload, reason)
        self._hub.dead_letters.append(letter)
        await self.acknowledge([delivery.message_id])

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish in this order."""
        self._check_open()
        for message in messages:
            self._hub.publish(message)

    async def health(self) -> BusHealth:
        """Return how it is; never raises."""
        if not self._open:
            return BusHealth(reachable=False, kind="memory", detail="the bus is closed")
        backlog = self._lane().backlog
        return BusHealth(reachable=True, kind="memory", detail="in this process", backlog=backlog)

    async def close(self) -> None:
        """Let go of it; closing twice is harmless."""
        self._open = False

    def _lane(self) -> _Lane:
        return self._hub.lane(self._stream)

    def _check_open(self) -> None:
        if not self._open:
            raise Unavailable("the bus is closed")


def poison(deliveries: int) -> str:
    """Return why a message that nobody acknowledges is set aside."""
    return f"it was handed over {deliveries} times and never acknowledged"


__all__ = ["CAPACITY", "DeadLetter", "MemoryBus", "MemoryHub"]
