"""The broker is asked before the engine trades and while it does; silence lets nothing leave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.events import (
    OrderAmended,
    OrderInDoubt,
    OrderRefused,
    TradingHeld,
    TradingReleased,
)
from fillpath.core.models import Order, OrderSide, OrderStatus, Position
from fillpath.service.opening import open_account
from fillpath.service.reconcile import RECONCILING, Auditor
from fillpath.service.status import State
from fillpath.testing.builders import SYMBOL, a_signal
from tests.unit.service.account_room import OutsideBroker, Room
from tests.unit.service.test_account import serving, status_of

BUY = a_signal(signal_id="one", strength="0.95", metadata={"quantity": 10})


@asynccontextmanager
async def opened(folder: Path, broker: OutsideBroker) -> AsyncIterator[tuple[Room, Auditor]]:
    """Return an open account whose engine turns by itself."""
    room = Room(folder, broker=broker)
    await open_account(room.live)
    turning = asyncio.ensure_future(room.live.run())  # noqa: TID251
    try:
        yield room, Auditor(room.live, lambda: None)
    finally:
        room.live.finish()
        await turning


async def test_an_account_that_agrees_is_clean_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, OutsideBroker()) as (_, auditor):
        outcome = await auditor.round()

    assert outcome.clean
    assert auditor.differences == ()


@pytest.mark.fault("F-49")
async def test_a_broker_that_does_not_answer_holds_trading_until_it_does(tmp_path: Path) -> None:
    broker = OutsideBroker()
    async with opened(tmp_path, broker) as (room, auditor):
        broker.trouble = Unavailable("the line is dead")
        silent = await auditor.round()
        held = dict(room.live.desk.state.holds)
        broker.trouble = None
        clean = await auditor.round()

    assert not silent.clean
    assert list(held) == [RECONCILING]
    assert clean.clean
    assert room.live.desk.state.holds == {}


@pytest.mark.fault("F-05")
async def test_an_order_that_never_arrived_ends_after_two_answers_and_is_not_sent_again(
    tmp_path: Path,
) -> None:
    broker = OutsideBroker()
    async with opened(tmp_path, broker) as (room, auditor):
        broker.trouble = Unavailable("sent, and no answer")
        await room.live.offer([BUY])
        broker.trouble = None
        room.clock.advance(1)
        first = await auditor.round()
        room.clock.advance(4)
        second = await auditor.round()

    ends = [r for r in room.records if isinstance(r, OrderInDoubt | OrderRefused)]
    assert [type(r) for r in ends] == [OrderInDoubt, OrderRefused]
    assert not first.clean
    assert second.clean
    assert len(broker.orders) == 1
    assert room.live.desk.state.orders == {}


@pytest.mark.fault("F-50")
async def test_an_answer_of_the_connection_before_is_not_the_first_of_two(tmp_path: Path) -> None:
    broker = OutsideBroker()
    async with opened(tmp_path, broker) as (room, auditor):
        broker.trouble = Unavailable("sent, and no answer")
        await room.live.offer([BUY])
        broker.trouble = None
        for _ in range(2):
            room.clock.advance(4)
            auditor.needed("the connection is back", True)  # noqa: FBT003  # as the broker says it
            outcome = await auditor.round()

    assert not outcome.clean
    assert list(room.live.desk.state.doubts) == ["trend/one"]


@pytest.mark.fault("F-48")
async def test_a_hold_that_the_engine_has_yet_to_take_is_released_all_the_same(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, OutsideBroker()) as (room, auditor):
        auditor.needed("the connection is back", True)  # noqa: FBT003  # as the broker says it
        outcome = await auditor.round()
        holds = dict(room.live.desk.state.holds)

    assert outcome.clean
    assert holds == {}
    assert [type(r) for r in room.records[-2:]] == [TradingHeld, TradingReleased]


@pytest.mark.fault("F-77")
async def test_a_position_that_no_fill_explains_is_quarantined_and_booked_by_a_person(
    tmp_path: Path,
) -> None:
    broker = OutsideBroker()
    async with opened(tmp_path, broker) as (room, auditor):
        broker.held = [Position(symbol=SYMBOL, quantity=Decimal(7), average_price=Decimal(100))]
        await auditor.round()
        room.clock.advance(4)
        await auditor.round()

    assert SYMBOL in room.live.desk.state.quarantined
    assert SYMBOL not in room.live.desk.state.book.holdings
    assert any("POSITION_DIFFERENCE" in text for text in auditor.differences)


@pytest.mark.fault("F-06")
async def test_an_order_that_the_broker_has_is_adopted_after_a_restart(tmp_path: Path) -> None:
    before = OutsideBroker()
    async with opened(tmp_path, before) as (room, _):
        before.trouble = Unavailable("killed here")
        await room.live.offer([BUY])
    (sent,) = before.orders
    works = sent.changed(broker_order_id="B7", status=OrderStatus.SUBMITTED)

    class Remembers(OutsideBroker):
        async def get_open_orders(self) -> list[Order]:
            return [works]

    again = Room(tmp_path, journal=room.journal, broker=Remembers())
    async with serving(again.service()):
        order = again.live.desk.state.orders[sent.order_id]
        status = await status_of(tmp_path)

    assert (order.broker_order_id, order.status) == ("B7", OrderStatus.SUBMITTED)
    assert status.state is State.TRADING
    assert order.ticket.side is OrderSide.BUY


@pytest.mark.control("A-18", "passes")
async def test_after_a_change_the_broker_is_asked_at_once_what_it_works(tmp_path: Path) -> None:
    broker = OutsideBroker()
    asked = asyncio.Event()
    async with opened(tmp_path, broker) as (room, _):
        auditor = Auditor(room.live, asked.set)
        running = asyncio.ensure_future(auditor.run())  # noqa: TID251
        await asked.wait()
        asked.clear()
        broker.says(OrderAmended(room.clock.nanoseconds(), "trend/one#p1", 10, 0, "asked"))
        async with asyncio.timeout(10):
            await asked.wait()
        running.cancel()

    assert auditor.rounds == 2
