"""Every bus keeps the promises of ``BusContract``."""

import pytest

from fillpath.core.ports import Bus
from fillpath.data.bus.memory import MemoryBus, MemoryHub
from fillpath.data.bus.redis_streams import RedisBus, RedisPolicy
from fillpath.runtime.clock import ManualClock
from fillpath.testing import BusContract
from fillpath.testing.builders import START
from tests.servers import RedisServer


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


class TestRedisBus(BusContract):
    @pytest.fixture(autouse=True)
    def server(self, redis_server: RedisServer) -> None:
        self.redis = redis_server

    async def make_bus(self) -> Bus:
        return RedisBus(RedisPolicy(url=self.redis.url, account="paper"))

    async def successor(self, bus: Bus) -> Bus:
        assert isinstance(bus, RedisBus)
        await bus.close()  # a dead process lets go of its connections too
        return await self.make_bus()

    async def send(self, bus: Bus, payload: bytes) -> str:
        assert isinstance(bus, RedisBus)
        return await bus.send(payload)

    async def published(self, bus: Bus, channel: str) -> list[tuple[str, bytes]]:
        assert isinstance(bus, RedisBus)
        entries = self.redis.entries(channel)
        return [(fields[b"event_id"].decode(), fields[b"data"]) for _, fields in entries]

    async def dead_letters(self, bus: Bus) -> list[tuple[str, bytes, str]]:
        assert isinstance(bus, RedisBus)
        return [
            (fields[b"message_id"].decode(), fields[b"data"], fields[b"reason"].decode())
            for _, fields in self.redis.entries("execution:signals:dead")
        ]
