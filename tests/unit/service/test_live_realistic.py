"""The profile realistic in a live engine: orders travel, and the engine wakes when they arrive."""

import asyncio
from datetime import timedelta
from pathlib import Path

from fillpath.core.events import OrderAccepted, OrderFilled
from fillpath.core.markets import TradingStatusSeen
from fillpath.core.units import nanoseconds
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.simulating.policy import RealisticPolicy
from fillpath.service.opening import open_account
from fillpath.testing.builders import SYMBOL
from tests.unit.service.account_room import Room, in_virtual_time


class RealisticRoom(Room):
    """A room in which every message takes a tenth of a second."""

    simulation = SimulationPolicy(
        profile=FillProfile.REALISTIC,
        realistic=RealisticPolicy(latency_ms_min=100, latency_ms_max=100),
    )

    def told(self) -> list[str]:
        """The broker's events in the journal, by their kind."""
        kinds = (OrderAccepted, OrderFilled)
        return [type(r).__name__ for r in self.journal.records() if isinstance(r, kinds)]


async def opened(folder: Path) -> RealisticRoom:
    room = RealisticRoom(folder)
    await open_account(room.live)
    return room


async def test_an_order_is_filled_when_it_has_arrived_and_not_before(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.live.offer([room.signal()])
    await room.live.turn()
    assert room.told() == ["OrderAccepted"]
    due = room.simulated.next_due()

    room.tick(0.1)
    await room.live.turn()

    assert due == nanoseconds(room.clock.now())
    assert room.told() == ["OrderAccepted", "OrderFilled"]


def test_the_engine_wakes_by_itself_when_an_order_arrives(tmp_path: Path) -> None:
    found: list[list[str]] = []

    async def scenario() -> None:
        room = await opened(tmp_path)
        room.live.offer([room.signal()])
        async with asyncio.TaskGroup() as group:
            group.create_task(room.live.run())
            await asyncio.sleep(0.05)
            room.clock.set(room.clock.now() + timedelta(seconds=0.1))  # nobody tells the engine
            await asyncio.sleep(0.1)
            found.append(room.told())
            room.live.finish()

    in_virtual_time(scenario)

    assert found == [["OrderAccepted", "OrderFilled"]]


async def test_a_symbol_that_is_halted_does_not_trade(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    room.live.offer([room.signal()])
    await room.live.turn()
    now = nanoseconds(room.clock.now())
    room.live.learn(TradingStatusSeen(now, SYMBOL, "HALTED"))

    room.tick(0.2)
    await room.live.turn()
    assert room.told() == ["OrderAccepted"]
    room.live.learn(TradingStatusSeen(now, SYMBOL, "TRADING"))
    room.tick(0.2)
    await room.live.turn()

    assert room.told() == ["OrderAccepted", "OrderFilled"]
