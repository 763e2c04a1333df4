"""Every bus keeps the promises of ``BusContract``."""

from fillpath.core.ports import Bus
from fillpath.data.bus.memory import MemoryBus, MemoryHub
from fillpath.runtime.clock import ManualClock
from fillpath.testing import BusContract
from fillpath.testing.builders import START


class TestMemoryBus(BusContract):
    async def make_bus(self) -> Bus:
        self.hub = MemoryHub(ManualClock(START))
        return MemoryBus(self.hub, "paper")

    async def successor(self, bus: Bus) -> Bus:
        assert isinstance(bus, MemoryBus)
        return MemoryBus(self.hub, "paper")

    async def send(self, bus: Bus, payload: bytes) -> str:
        assert isinstance(bus, MemoryBus)
        return self.hub.send(payload, "paper")

    async def published(self, bus: Bus, channel: str) -> list[tuple[str, bytes]]:
        assert isinstance(bus, MemoryBus)
        return [(m.event_id, m.payload) for m in self.hub.published if m.channel == channel]

    async def dead_letters(self, bus: Bus) -> list[tuple[str, bytes, str]]:
        assert isinstance(bus, MemoryBus)
        return [(m.message_id, m.payload, m.reason) for m in self.hub.dead_letters]
