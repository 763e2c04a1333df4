"""What a person gives up leaves for a broker outside, through every gate that a kill shuts."""

from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.events import FlattenAsked, OrderAccepted
from fillpath.core.models import OrderSide, Position
from fillpath.service.latch import Latch
from fillpath.service.opening import open_account
from fillpath.testing.builders import START_NS, SYMBOL
from tests.unit.service.account_room import OutsideBroker, Room

KILL = Latch("storm", "ann", START_NS)


async def holding(folder: Path) -> tuple[Room, OutsideBroker]:
    """Return an account that holds ten shares and is killed."""
    broker = OutsideBroker()
    broker.held = [Position(symbol=SYMBOL, quantity=Decimal(10), average_price=Decimal(100))]
    room = Room(folder, broker=broker)
    await open_account(room.live)
    room.live.stop_trading(KILL)
    await room.live.turn()
    return room, broker


async def flattened(room: Room) -> None:
    """Give up what is held, on a fresh quote."""
    room.live.engine.offer(FlattenAsked(room.clock.nanoseconds(), "ann"))
    await room.live.turn()
    room.tick()
    await room.live.turn()


@pytest.mark.fault("F-112")
async def test_the_exit_leaves_and_nothing_else_does(tmp_path: Path) -> None:
    room, broker = await holding(tmp_path)
    await flattened(room)
    room.live.offer([room.signal()])
    await room.live.turn()

    (order,) = broker.orders
    assert (order.side, order.quantity) == (OrderSide.SELL, Decimal(10))


@pytest.mark.fault("F-112", "F-109")
async def test_a_kill_in_front_of_its_first_byte_keeps_it_in(tmp_path: Path) -> None:
    room, broker = await holding(tmp_path)
    room.live.engine.offer(FlattenAsked(room.clock.nanoseconds(), "ann"))
    await room.live.turn()
    room.live.parts.latch.clear()
    room.live.resume_trading("bob")
    room.tick()
    await room.live.turn()

    assert broker.orders == []


@pytest.mark.fault("F-112")
async def test_a_crash_sells_nothing_twice(tmp_path: Path) -> None:
    room, broker = await holding(tmp_path)
    await flattened(room)
    (order,) = broker.orders
    room.live.engine.offer(OrderAccepted(room.clock.nanoseconds(), order.order_id, "B1"))
    await room.live.turn()
    again = Room(tmp_path, broker=broker, journal=room.journal)
    again.clock.set(room.clock.now())
    await open_account(again.live)
    again.tick(1)
    await again.live.turn()

    assert len(broker.orders) == 1
    assert again.live.desk.state.flattening
