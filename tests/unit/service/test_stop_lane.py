"""A kill does not wait for a broker that answers somebody else: it has a lane of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fillpath.core.errors import JournalError
from fillpath.core.events import OrderAccepted, OrderRefused
from fillpath.core.models import Order
from fillpath.execution.engine import CANCELS_AT_ONCE
from fillpath.service.latch import Latch, Scope
from fillpath.service.opening import open_account
from fillpath.testing.builders import START_NS
from tests.unit.service.account_room import OutsideBroker, Room

KILL = Latch("losing", "ann", START_NS)


class SlowBroker(OutsideBroker):
    """A broker that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked = asyncio.Event()
        self.at_once = self.most_at_once = 0

    async def submit_order(self, order: Order) -> Order:
        self.asked.set()
        await self.answers.wait()
        return await super().submit_order(order)

    async def cancel_order(self, broker_order_id: str) -> bool:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return await super().cancel_order(broker_order_id)


@asynccontextmanager
async def running(folder: Path, broker: SlowBroker) -> AsyncIterator[Room]:
    """Run an account until the block ends."""
    room = Room(folder, broker=broker)
    await open_account(room.live)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        turns = group.create_task(room.live.run())
        guard = group.create_task(room.live.guard())
        try:
            yield room
        finally:
            broker.answers.set()
            room.live.finish()
            await turns
            guard.cancel()


async def working(room: Room, count: int) -> None:
    """Let so many orders work at the broker."""
    for number in range(count):
        await room.live.offer([room.signal(f"s{number}", shares=1)])
        accepted = OrderAccepted(START_NS, f"trend/s{number}", f"B{number}")
        room.live.engine.offer(accepted)
    turn = room.live.turnstile.next_turn()
    room.live.wake()
    await turn


async def held_up(room: Room, broker: SlowBroker) -> None:
    """Let a turn wait for the answer to an order."""
    broker.asked.clear()
    broker.answers.clear()
    room.live.offer([room.signal("slow", shares=1), room.signal("next", shares=1)])
    await broker.asked.wait()


async def cancelled(broker: SlowBroker, count: int) -> None:
    """Wait until so many cancels were sent."""
    await until(lambda: len(broker.cancels) >= count)


async def until(happened: Callable[[], object]) -> None:
    """Let the others go on until it has happened."""
    for _ in range(10_000):
        if happened():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


@pytest.mark.control("A-16", "refuses")
@pytest.mark.fault("F-109")
async def test_the_cancels_of_a_kill_leave_while_an_order_waits_for_its_answer(
    tmp_path: Path,
) -> None:
    broker = SlowBroker()
    async with running(tmp_path, broker) as room:
        await working(room, 3)
        await held_up(room, broker)

        room.live.stop_trading(KILL)
        await cancelled(broker, 3)

        assert not broker.answers.is_set()
        assert room.live.desk.state.killed == "losing"
        assert room.words[-4:] == ["KillSwitchSet", "CancelOrder", "CancelOrder", "CancelOrder"]


@pytest.mark.control("C-44", "refuses")
async def test_what_waited_behind_that_order_does_not_leave(tmp_path: Path) -> None:
    broker = SlowBroker()
    async with running(tmp_path, broker) as room:
        await held_up(room, broker)
        room.live.stop_trading(KILL)
        await until(lambda: room.live.desk.state.killed)
        broker.answers.set()
        turn = room.live.turnstile.next_turn()
        await turn

    assert [order.order_id for order in broker.orders] == ["trend/slow"]
    refused = [r.code for r in room.records if isinstance(r, OrderRefused)]
    assert refused == ["KILL_SWITCH"]


async def test_a_part_is_stopped_meanwhile_and_the_rest_leaves(tmp_path: Path) -> None:
    broker = SlowBroker()
    async with running(tmp_path, broker) as room:
        await held_up(room, broker)
        room.live.stop_trading(Latch("news", "ann", START_NS, Scope.SYMBOL, "MSFT"))
        await until(lambda: room.live.desk.state.latches)
        broker.answers.set()
        await room.live.turnstile.next_turn()

    assert [order.order_id for order in broker.orders] == ["trend/slow", "trend/next"]


@pytest.mark.control("A-16", "refuses")
async def test_many_cancels_leave_side_by_side_and_not_all_at_once(tmp_path: Path) -> None:
    broker = SlowBroker()
    async with running(tmp_path, broker) as room:
        await working(room, 16)
        room.live.stop_trading(KILL)
        await cancelled(broker, 16)

    assert sorted(broker.cancels) == sorted(f"B{number}" for number in range(16))
    assert broker.most_at_once == CANCELS_AT_ONCE


async def test_a_journal_that_fails_under_a_kill_ends_the_engine(tmp_path: Path) -> None:
    broker = SlowBroker()
    caught: list[Exception] = []
    try:
        async with running(tmp_path, broker) as room:
            await held_up(room, broker)
            room.journal.close()
            room.live.stop_trading(KILL)
            await asyncio.Event().wait()
    except* JournalError as errors:
        caught.extend(errors.exceptions)

    assert caught
