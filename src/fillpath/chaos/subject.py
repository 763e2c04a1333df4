"""The system under test: the service's own classes, put together for one simulated process."""

import asyncio
from pathlib import Path

from msgspec import Struct

from fillpath.chaos.crashing import Life
from fillpath.core.ports import Bus
from fillpath.data.bus.messages import read_signal
from fillpath.service.intake import Intake
from fillpath.service.latch import KillLatch, Latch
from fillpath.service.live import Live, LiveParts
from fillpath.service.opening import open_account
from fillpath.service.status import State


class SimLatch(KillLatch):
    """The kill latch on the simulated disk: it is written at once and outlives every process."""

    def __init__(self) -> None:
        super().__init__(Path())
        self._latch: Latch | None = None

    def read(self) -> Latch | None:
        """Return what it says."""
        return self._latch

    def set(self, latch: Latch) -> bool:
        """Stop trading; False when it was stopped already."""
        if self._latch is not None:
            return False
        self._latch = latch
        return True

    def clear(self) -> None:
        """Allow trading again."""
        self._latch = None


class Process(Struct):
    """One running engine.

    Args:
        life: when it dies.
        live: the engine.
        bus: its end of the bus.
    """

    life: Life
    live: Live
    bus: Bus


async def serve(process: Process) -> None:
    """Open the account, reconcile it, and trade until something ends it."""
    live = process.live
    await open_account(live)
    process.life.phase = "trading"
    await process.bus.start()
    live.state = State.TRADING
    ready = asyncio.Event()
    ready.set()
    intake = Intake(process.bus, lambda message: read_signal(message).signal, live.offer)
    async with asyncio.TaskGroup() as group:
        group.create_task(live.run())
        group.create_task(intake.run(ready))


def live_of(parts: LiveParts) -> Live:
    """Return a live engine that was not opened yet."""
    return Live(parts)
