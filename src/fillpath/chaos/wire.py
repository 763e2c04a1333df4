"""The bus between strategies and the engine: it loses, repeats, reorders, stalls and forgets.

It fulfils ``core.ports.Bus`` for one process, over a stream that outlives the processes.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from msgspec import Struct

from fillpath.chaos.chance import Chance
from fillpath.chaos.crashing import Life
from fillpath.chaos.faults import Swarm
from fillpath.core.errors import Unavailable
from fillpath.core.ports import BusHealth, Delivery, Outgoing

AGAIN_SECONDS: Final = 5.0
"""Seconds after which a message that nobody acknowledged is handed out again."""


class Entry(Struct):
    """One message of the stream.

    Args:
        message_id: the bus's name for it.
        payload: its bytes.
        due: when it may be handed out, virtual seconds.
        holder: the process that was handed it last, 0 for none.
        handed_at: when that was.
        deliveries: how often it was handed out.
    """

    message_id: str
    payload: bytes
    due: float
    holder: int = 0
    handed_at: float = 0.0
    deliveries: int = 0


class Stream:
    """What the bus keeps: signals that wait, and everything that was ever published."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.acknowledged: list[Entry] = []
        self.rejected: list[tuple[bytes, str]] = []
        self.published: list[Outgoing] = []
        self.down = False
        self.wipes = 0
        self._count = 0
        self._waiting: list[asyncio.Future[None]] = []

    def add(self, payload: bytes, due: float) -> None:
        """Take a message that may be handed out from ``due`` on."""
        self._count += 1
        name = f"{self._count}-0"
        self.entries[name] = Entry(name, payload, due)
        self.wake()

    def wipe(self) -> None:
        """Restart empty."""
        self.entries.clear()
        self.wipes += 1

    def wake(self) -> None:
        """Let whoever waits for messages look again."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def news(self) -> "asyncio.Future[None]":
        """Return a future that is done when something was added."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future


class BusLink:
    """One process's connection to the bus.

    Args:
        stream: what the bus keeps.
        life: the process.
        chance: of the run.
        swarm: which faults strike.
        ended: called with the payload of each message that never comes again, and whether it is
            ``acknowledged`` or ``put aside``.
    """

    def __init__(
        self,
        stream: Stream,
        life: Life,
        chance: Chance,
        swarm: Swarm,
        ended: Callable[[bytes, str], None],
    ) -> None:
        self._stream = stream
        self._ended = ended
        self.handing: Callable[[], None] = lambda: None
        self._life = life
        self._chance = chance
        self._swarm = swarm
        self._loop = asyncio.get_running_loop()

    async def start(self) -> None:
        """Connect."""
        self._enter("start")
        self._life.point("bus.start.after")

    async def receive(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """Return up to ``limit`` messages, waiting at most so long for the first."""
        self._enter("receive")
        until = self._loop.time() + wait_seconds
        while not (ready := self._ready(limit)):
            left = until - self._loop.time()
            if left <= 0:
                return []
            await self._wait(min(left, 0.5))
            self._enter("receive")
        deliveries = [self._hand(entry) for entry in ready]
        self.handing()
        self._life.point("bus.receive.after")
        return deliveries

    async def _wait(self, seconds: float) -> None:
        news = self._stream.news()
        try:
            await asyncio.wait_for(news, seconds)
        except TimeoutError:
            return

    def _ready(self, limit: int) -> list[Entry]:
        now = self._loop.time()
        ready = [entry for entry in self._stream.entries.values() if self._is_due(entry, now)]
        if len(ready) > 1 and self._swarm.strikes("bus_reorder", self._chance.of("bus.reorder")):
            self._chance.of("bus.reorder").shuffle(ready)
        return ready[:limit]

    def _is_due(self, entry: Entry, now: float) -> bool:
        if entry.due > now:
            return False
        free = entry.holder != self._life.number
        return free or now - entry.handed_at >= AGAIN_SECONDS

    def _hand(self, entry: Entry) -> Delivery:
        entry.holder = self._life.number
        entry.handed_at = self._loop.time()
        entry.deliveries += 1
        return Delivery(entry.message_id, entry.payload, entry.deliveries)

    async def acknowledge(self, message_ids: Sequence[str]) -> None:
        """Forget messages that the journal has."""
        self._enter("acknowledge")
        rng = self._chance.of("bus.acknowledge")
        for name in message_ids:
            entry = self._stream.entries.get(name)
            if entry is not None:
                self._ended(entry.payload, "acknowledged")
            if not self._swarm.strikes("bus_ack_lost", rng):
                self._forget(name)
        self._life.point("bus.acknowledge.after")

    def _forget(self, name: str) -> None:
        entry = self._stream.entries.pop(name, None)
        if entry is None:
            return
        self._stream.acknowledged.append(entry)
        if self._swarm.strikes("bus_repeat", self._chance.of("bus.repeat")):
            self._stream.add(entry.payload, self._loop.time() + 1.0)

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Put a message aside."""
        self._enter("reject")
        self._ended(delivery.payload, "put aside")
        if self._stream.entries.pop(delivery.message_id, None) is not None:
            self._stream.rejected.append((delivery.payload, reason))
        self._life.point("bus.reject.after")

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish in this order; an error may come after a part."""
        self._enter("publish")
        for message in messages:
            self._life.point(f"bus.publish[{message.channel}].before")
            if self._stream.down:
                self._fail()
            self._stream.published.append(message)
        self._life.point("bus.publish.after")

    async def health(self) -> BusHealth:
        """Return how it is."""
        return BusHealth(reachable=not self._stream.down, kind="memory")

    async def close(self) -> None:
        """Let go of it."""

    def _enter(self, act: str) -> None:
        self._life.point(f"bus.{act}.before")
        if self._stream.down:
            self._fail()

    def _fail(self) -> NoReturn:
        raise Unavailable("the simulated bus is down")
