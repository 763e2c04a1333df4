"""A live engine on the feed: after a gap nothing trades before a fresh quote."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.policy import DeskPolicy
from fillpath.service.hours import AlwaysOpen
from fillpath.service.latch import KillLatch
from fillpath.service.live import Live, LiveParts
from fillpath.service.opening import open_account
from fillpath.testing.builders import a_signal
from fillpath.testing.gateway import Gateway
from tests.integration.ibkr.data_room import Room

NONE = (None, None)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        running.quote("AAPL", "149.99", "150.01", bid_size=300, ask_size=200)
        yield running


async def live_on(room: Room, folder: Path) -> Live:
    """Return an engine that trades what the feed shows with a simulated broker."""
    broker = SimulatedBroker(room.feed, room.clock, SimulationPolicy())
    parts = LiveParts(
        account="SIM",
        policy=DeskPolicy(),
        policy_hash="rules",
        version="1",
        journal=MemoryJournal(),
        broker=broker,
        matching=broker,
        market=room.feed,
        clock=room.clock,
        hours=AlwaysOpen(),
        latch=KillLatch(folder),
        page=lambda _: None,
    )
    live = Live(parts)
    room.feed.attach(live)
    await open_account(live)
    return live


@pytest.mark.fault("F-48")
@pytest.mark.parametrize("kept", [True, False])
async def test_the_first_trade_after_an_outage_is_at_a_fresh_quote(
    gateway: Gateway, tmp_path: Path, *, kept: bool
) -> None:
    room = Room(gateway, tmp_path)
    live = await live_on(room, tmp_path)
    room.feed.follow("AAPL")
    held, ask_size = live.desk.state.book.holdings, 500
    async with room.running():
        await room.until(lambda: room.sides not in (None, NONE))
        gateway.lose_link()
        await room.until(lambda: room.sides == NONE)
        gateway.quote("AAPL", "160.00", "160.02", bid_size=300, ask_size=200)
        metadata = {"quantity": Decimal(10), "signal_price": None}
        signal = a_signal(timestamp=room.clock.now(), metadata=metadata, strength=Decimal("0.95"))
        live.offer([signal])
        await live.turn()
        while_away = dict(held)
        gateway.restore_link(kept=kept)
        gateway.quote("AAPL", "161.00", "161.02", bid_size=300, ask_size=200)
        await room.until(lambda: room.sides == (Decimal("161.00"), Decimal("161.02")))
        async with asyncio.timeout(20):
            while "AAPL" not in held:  # its status is told a moment later, and quotes go on
                ask_size = 1_200 - ask_size
                gateway.quote("AAPL", "161.00", "161.02", bid_size=300, ask_size=ask_size)
                await live.turn()
                await asyncio.sleep(0.02)

    assert while_away == {}
    assert held["AAPL"].quantity == 10_000_000
    assert held["AAPL"].cost // held["AAPL"].quantity > 16_000_000_000
