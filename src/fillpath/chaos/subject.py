"""The system under test: the service's own classes, put together for one simulated process."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from fillpath.chaos.crashing import Life
from fillpath.chaos.link import Link
from fillpath.chaos.tables import StoreLink
from fillpath.chaos.wire import BusLink
from fillpath.core.rows import Projected
from fillpath.data.bus.messages import outgoing, read_signal
from fillpath.data.store.feeding import BusDestination, Feeder, StoreDestination
from fillpath.execution.projecting import Projector
from fillpath.service.intake import Intake
from fillpath.service.latch import KillLatch, Latch, Scope
from fillpath.service.live import Live, LiveParts
from fillpath.service.opening import open_account
from fillpath.service.reconcile import RECONCILING, Auditor
from fillpath.service.status import State

FEED_SECONDS = 1.0


class SimLatch(KillLatch):
    """The kill latch on the simulated disk: it is written at once and outlives every process."""

    def __init__(self) -> None:
        super().__init__(Path())
        self._kept: dict[tuple[Scope, str], Latch] = {}

    def every(self) -> Iterator[Latch]:
        """Yield everything that is set."""
        yield from self._kept.values()

    def set(self, latch: Latch) -> bool:
        """Stop a scope; False when it was stopped already."""
        return self._kept.setdefault(latch.key, latch) is latch

    def clear(self, scope: Scope = Scope.ACCOUNT, target: str = "") -> None:
        """Allow its orders again."""
        self._kept.pop((scope, target), None)


class Process(Struct):
    """One running engine.

    Args:
        life: when it dies.
        live: the engine.
        link: its connection to the venue.
        bus: its end of the bus.
        store: its end of the tables.
        feeds: whether anything is told to tables and subscribers in this run.
        feeders: what carries the journal to them.
        auditor: what keeps it reconciled.
    """

    life: Life
    live: Live
    link: Link
    bus: BusLink
    store: StoreLink
    feeds: bool
    feeders: tuple[Feeder, ...] = ()
    auditor: Auditor | None = None


async def serve(process: Process) -> None:
    """Open the account, reconcile it, and trade until something ends it."""
    live = process.live
    await open_account(live)
    live.state = State.RECONCILING
    process.life.phase = "trading"
    await process.bus.start()
    ready = asyncio.Event()

    def audited() -> None:
        held = RECONCILING in live.desk.state.holds
        live.state = State.RECONCILING if held else State.TRADING
        (ready.clear if held else ready.set)()

    auditor = Auditor(live, audited)
    process.auditor = auditor
    process.link.compare = auditor.needed
    process.feeders = feeders_of(process) if process.feeds else ()
    intake = Intake(process.bus, lambda message: read_signal(message).signal, live.offer)
    async with asyncio.TaskGroup() as group:
        group.create_task(live.run())
        group.create_task(live.guard())
        group.create_task(auditor.run())
        group.create_task(intake.run(ready))
        for feeder in process.feeders:
            group.create_task(feed(feeder))


def feeders_of(process: Process) -> tuple[Feeder, ...]:
    """Return what carries the journal to the tables and to the subscribers."""
    parts = process.live.parts

    async def publish(rows: Sequence[Projected]) -> None:
        messages = [outgoing(parts.account, row) for row in rows]
        await process.bus.publish([message for message in messages if message is not None])

    destinations = (
        StoreDestination(process.store, parts.account),
        BusDestination(publish, process.store),
    )
    return tuple(
        Feeder(to, parts.journal.tail, lambda: Projector(parts.policy).take, parts.clock)
        for to in destinations
    )


async def feed(feeder: Feeder) -> None:
    """Carry records now and then: less often than the service does, for speed."""
    while True:
        while await feeder.step():
            pass
        await asyncio.sleep(FEED_SECONDS)


def live_of(parts: LiveParts) -> Live:
    """Return a live engine that was not opened yet."""
    return Live(parts)
