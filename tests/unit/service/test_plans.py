"""Whoever looks at a sliced order is told what is still to come of it, and how the outside is."""

import asyncio
from decimal import Decimal
from pathlib import Path

from fillpath.core.events import TradingHeld
from fillpath.core.models import Position
from fillpath.execution.slicing import Schedule
from fillpath.risk.circuit_breaker import STALE_DATA
from fillpath.service.control import ask
from fillpath.service.opening import open_account
from fillpath.service.outside import compared, feed_part
from fillpath.service.plans import planned
from fillpath.service.reconcile import Auditor
from fillpath.testing.builders import START_NS
from tests.unit.service.account_room import OutsideBroker, Room
from tests.unit.service.test_account import by_hand, serving


def test_slices_that_were_sent_or_missed_are_not_to_come() -> None:
    schedule = Schedule(
        START_NS, 60_000_000_000, (10, 10, 10, 10), (10, 0, 0, 20_000_000), 10, 0, 1
    )

    (only,) = planned(schedule)

    assert (only["number"], only["quantity"]) == (4, "20")
    assert only["due_at"] > "2026"


async def test_an_order_without_a_schedule_has_nothing_to_come(tmp_path: Path) -> None:
    room = Room(tmp_path)
    async with serving(room.service()):
        await ask(tmp_path, by_hand())

        answer = await ask(tmp_path, {"do": "plan", "order_id": "manual/one"})

    assert answer == {"slices": []}


async def test_the_slices_to_come_of_a_sliced_order_are_told(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.feed.set_adv("AAPL", 1_000)
    async with serving(room.service()):
        await ask(tmp_path, by_hand(strength="0.5", metadata={"quantity": "15"}))
        parents = list(room.live.desk.state.parents)

        told = [await ask(tmp_path, {"do": "plan", "order_id": name}) for name in parents]

    assert [len(answer["slices"]) for answer in told] == [4 for _ in parents]


async def test_the_feed_is_as_old_as_its_newest_quote(tmp_path: Path) -> None:
    room = Room(tmp_path)
    await open_account(room.live)
    before = feed_part(room.live, "modelled")
    room.tick()
    room.clock.set(room.clock.now())
    (fresh,) = feed_part(room.live, "modelled")
    room.live.engine.offer(TradingHeld(room.clock.nanoseconds(), STALE_DATA, "silent"))
    await room.live.turn()
    (silent,) = feed_part(room.live, "modelled")

    assert feed_part(room.live, "") == ()
    assert (before[0].healthy, before[0].age_ms) == (True, None)
    assert (fresh.healthy, fresh.age_ms) == (True, 0)
    assert (silent.healthy, silent.detail) == (False, "silent")


async def test_what_the_broker_holds_is_kept_for_who_asks(tmp_path: Path) -> None:
    broker = OutsideBroker()
    broker.held = [Position(symbol="AAPL", quantity=Decimal(10), average_price=Decimal(100))]
    room = Room(tmp_path, broker=broker)
    await open_account(room.live)
    auditor = Auditor(room.live, lambda: None)

    assert compared(None) == compared(auditor) == {}
    await _round(room, auditor)

    found = compared(auditor)
    assert found["broker_positions"] == {"AAPL": "10"}
    assert found["reconciled_at"] is not None


async def _round(room: Room, auditor: Auditor) -> None:

    async with asyncio.TaskGroup() as group:
        round_ = group.create_task(auditor.round())
        while not round_.done():
            await room.live.turn()
            await asyncio.sleep(0)
