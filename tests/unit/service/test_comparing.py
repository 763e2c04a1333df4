"""A broker behind a connection says when its events may not be all, and is asked for everything."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from fillpath.core.capabilities import RemoteBroker
from fillpath.core.models import Fill
from fillpath.risk.kill_switch import Latch
from fillpath.service.reconcile import RECONCILING
from fillpath.testing.builders import START_NS
from tests.unit.service.account_room import OutsideBroker, Room
from tests.unit.service.test_account import serving
from tests.unit.service.test_reconcile import opened


class Lined(OutsideBroker):
    """A broker whose connection may be lost."""

    def __init__(self) -> None:
        super().__init__()
        self.compare: Callable[[str, bool], None] = lambda _why, _holds: None
        self.rounds = 0
        self.drops = 0
        self.asked = asyncio.Event()
        self.meanwhile: Callable[[], None] = lambda: None
        self.takes_orders = True

    def compare_with(self, compare: Callable[[str, bool], None]) -> None:
        self.compare = compare

    async def health_check(self) -> bool:
        return self.takes_orders

    def drop_orders(self) -> int:
        self.drops += 1
        return 0

    async def get_executions(self) -> list[Fill]:
        self.rounds += 1
        self.asked.set()
        self.meanwhile()
        return []


async def test_an_alarm_of_the_broker_holds_trading_until_it_was_asked_again(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, Lined()) as (room, auditor):
        await auditor.round()
        auditor.needed("the line was lost", holds=True)
        await room.live.turnstile.next_turn()
        held = dict(room.live.desk.state.holds)

        await auditor.round()

    assert held == {RECONCILING: "the line was lost"}
    assert room.live.desk.state.holds == {}


@pytest.mark.fault("F-48")
async def test_a_broker_that_answers_and_takes_no_orders_yet_releases_nothing(
    tmp_path: Path,
) -> None:
    broker = Lined()
    async with opened(tmp_path, broker) as (room, auditor):
        await auditor.round()
        broker.takes_orders = False

        outcome = await auditor.round()
        held = dict(room.live.desk.state.holds)
        broker.takes_orders = True
        await auditor.round()

    assert outcome.clean
    assert held == {RECONCILING: "the broker takes no orders now"}
    assert room.live.desk.state.holds == {}


@pytest.mark.fault("F-56")
async def test_a_kill_takes_back_at_once_what_waits_for_the_line(tmp_path: Path) -> None:
    broker = Lined()
    async with opened(tmp_path, broker) as (room, _):
        room.live.stop_trading(Latch("losing", "ann", START_NS))

        assert broker.drops == 1


async def test_a_question_alone_holds_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, Lined()) as (room, auditor):
        await auditor.round()

        auditor.needed("something was seen", holds=False)

    assert room.live.desk.state.holds == {}


@pytest.mark.fault("F-50")
async def test_answers_that_are_older_than_the_alarm_prove_and_release_nothing(
    tmp_path: Path,
) -> None:
    broker = Lined()
    async with opened(tmp_path, broker) as (room, auditor):
        broker.meanwhile = lambda: auditor.needed("the line was lost", holds=True)

        outcome = await auditor.round()

    assert not outcome.clean
    assert outcome.ask_again_after_ns == 10**9
    assert RECONCILING in room.live.desk.state.holds


@pytest.mark.fault("F-48")
async def test_the_account_asks_its_broker_as_soon_as_that_is_unsure(tmp_path: Path) -> None:
    broker = Lined()
    room = Room(tmp_path, broker=broker)
    assert isinstance(broker, RemoteBroker)
    async with serving(room.service()):
        broker.asked.clear()

        broker.compare("the gateway is connected", True)  # noqa: FBT003
        async with asyncio.timeout(10):
            await broker.asked.wait()

    assert broker.rounds >= 2
