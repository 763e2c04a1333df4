"""A kill of the whole engine amid the broker's pacing, over a real socket (F-56)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.events import KillSwitchSet
from fillpath.core.models import Quote, SignalDirection
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.journal import MemoryJournal
from fillpath.execution.policy import DeskPolicy
from fillpath.ibkr.pacing import Lane
from fillpath.risk.kill_switch import latch_of
from fillpath.service.hours import AlwaysOpen
from fillpath.service.latch import KillLatch
from fillpath.service.live import Live, LiveParts
from fillpath.service.opening import open_account
from fillpath.testing.builders import a_signal
from fillpath.testing.gateway import Gateway, faults
from tests.integration.ibkr.outage import SECONDS, Scene, scene


@asynccontextmanager
async def living(engine: Scene, folder: Path) -> AsyncIterator[Live]:
    """Yield a whole engine that trades at the gateway."""
    feed = MemoryFeed()
    feed.set_adv("AAPL", 10_000_000)
    size = Decimal(10**6)
    bid, ask = Decimal("149.99"), Decimal("150.01")
    feed.set_quote(Quote("AAPL", bid, ask, size, size, ts=engine.clock.now()))
    live = Live(
        LiveParts(
            account="DU1234567",
            policy=DeskPolicy().for_broker(engine.broker.capabilities),
            policy_hash="rules",
            version="1",
            journal=MemoryJournal(),
            broker=engine.broker,
            matching=None,
            market=feed,
            clock=engine.clock,
            hours=AlwaysOpen(),
            latch=KillLatch(folder),
            page=engine.pages.append,
        )
    )
    await engine.broker.start(SECONDS)
    await open_account(live)
    running = asyncio.get_running_loop().create_task(run(live))
    try:
        yield live
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def run(live: Live) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(live.run())
        group.create_task(live.guard())


def offer_many(live: Live, count: int) -> None:
    """Let so many strategies want a share each, at a limit that rests."""
    for number in range(count):
        live.engine.offer(
            a_signal(
                symbol="AAPL",
                direction=SignalDirection.LONG,
                strength=Decimal("0.6"),
                strategy_name=f"strategy-{number}",
                signal_id=f"sig-{number}",
                timestamp=live.parts.clock.now(),
                metadata={"quantity": Decimal(1), "signal_price": None},
            )
        )
    live.wake()


def kill(live: Live, engine: Scene) -> int:
    """Stop the account, and return what was written before."""
    now = engine.clock.nanoseconds()
    live.stop_trading(latch_of(KillSwitchSet(now, "enough", "me", "account", "")))
    return engine.line.sent


@pytest.mark.fault("F-56")
async def test_a_kill_takes_back_the_order_that_waits_for_its_turn(tmp_path: Path) -> None:
    async with Gateway() as gateway, scene(gateway) as engine, living(engine, tmp_path) as live:
        waiting = engine.connection._writer._pacing._lanes[Lane.ORDER]  # noqa: SLF001  # only there
        offer_many(live, 200)
        await until(lambda: bool(waiting))
        written = kill(live, engine)
        killed_at = asyncio.get_running_loop().time()
        await gateway.until(lambda: not list(gateway.book.open_orders()))
        await live.turnstile.next_turn()

    cancelled = [at - killed_at for at in gateway.log.times("cancelOrder")]
    assert "placeOrder" not in after(gateway, written)
    assert len(cancelled) == gateway.log.count("placeOrder")
    assert all(seconds < 2 for seconds in cancelled[:1])
    assert gateway.log.busiest_second() <= 50


@pytest.mark.fault("F-56")
async def test_a_kill_takes_back_the_order_whose_contract_is_looked_up(tmp_path: Path) -> None:
    async with Gateway() as gateway, scene(gateway) as engine, living(engine, tmp_path) as live:
        gateway.misbehave(faults.Hold("contractDetails"))
        offer_many(live, 200)
        await gateway.received("reqContractDetails")
        written = kill(live, engine)
        gateway.release()
        await until(lambda: not live.desk.state.orders)

    assert "placeOrder" not in after(gateway, written)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what tells nobody."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110  # there is nothing to wait on
            await asyncio.sleep(0)


def after(gateway: Gateway, written: int) -> list[str]:
    """Return the kinds of what was written after the first so many messages."""
    return [each.request.kind for each in gateway.log.received[written:]]
