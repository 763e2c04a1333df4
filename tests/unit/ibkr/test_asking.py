"""Look-ups: one of a kind at a time, each with a limit, and no answer taken for another one's."""

import asyncio
from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.ibkr.forms import ContractForm
from fillpath.ibkr.heard import (
    AccountValue,
    BarShown,
    ContractFound,
    Ended,
    Held,
    RuleShown,
    Said,
    Valued,
)
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.states import State
from fillpath.testing.ibkr_line import PAPER_ACCOUNT
from tests.unit.ibkr.scene import AAPL, START, Scene, in_virtual_time, shown
from tests.unit.ibkr.test_numbering import EXECUTED

FOUND = ContractFound(
    request=-1,
    con_id=265598,
    symbol="AAPL",
    sec_type="STK",
    exchange="SMART",
    primary_exchange="NASDAQ",
    currency="USD",
    min_tick=Decimal("0.01"),
)
BAR = BarShown(
    request=-1,
    stamp="20260601",
    open=Decimal(1),
    high=Decimal(2),
    low=Decimal(1),
    close=Decimal(2),
    volume=Decimal(100),
)
RULE = RuleShown(26, ((Decimal(0), Decimal("0.01")),))
HELD = Held(PAPER_ACCOUNT, 265598, "AAPL", "STK", Decimal(5), Decimal(150))
EQUITY = AccountValue(PAPER_ACCOUNT, "NetLiquidation", "1000.00", "USD")
WORTH = Valued(
    account=PAPER_ACCOUNT, con_id=265598, symbol="AAPL", sec_type="STK", quantity=Decimal(5)
)


def test_every_look_up_returns_what_was_heard_and_the_listeners_hear_it_too() -> None:
    async def scenario() -> None:
        scene = Scene()
        line, connection = scene.line, scene.connection
        line.orders = [shown(1)]
        line.completed = [replace(shown(2), completed=True)]
        line.executed = [EXECUTED]
        line.held = [HELD]
        line.values = [EQUITY, WORTH]
        line.contracts = [FOUND]
        line.rules = {26: RULE}
        line.bars = [BAR]
        await connection.start()

        assert await connection.open_orders() == (shown(1),)
        assert await connection.completed_orders() == (replace(shown(2), completed=True),)
        [executed] = await connection.executions()
        assert executed == replace(EXECUTED, request=executed.request)
        assert await connection.positions() == (HELD,)
        assert await connection.account_values() == (EQUITY, WORTH)
        [found] = await connection.contract(AAPL)
        assert found == replace(FOUND, request=found.request)
        assert await connection.rule(26) == RULE
        [bar] = await connection.bars(AAPL, end="", duration="1 D", size="1 day")
        assert bar == replace(BAR, request=bar.request)
        assert (await connection.time()).at == START

        assert line.written("ask_account") == [PAPER_ACCOUNT]
        for one in (shown(1), HELD, EQUITY, WORTH, found, RULE, bar, executed):
            assert one in scene.heard
        await connection.stop()

    in_virtual_time(scenario)


def test_streams_are_numbered_and_end_by_their_number() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()

        await scene.connection.data_kind(1)
        number = await scene.connection.stream(AAPL, "233")
        await scene.connection.stop_stream(number)

        assert scene.line.written("data_kind") == [1]
        assert scene.line.written("stream") == [(number, AAPL, "233")]
        assert scene.line.written("stop_stream") == [number]
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_two_look_ups_of_a_kind_never_overlap() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.silent = {"open_orders"}

        async with asyncio.TaskGroup() as group:
            first = group.create_task(scene.connection.open_orders())
            second = group.create_task(scene.connection.open_orders())
            await asyncio.sleep(0.1)
            asked = len(scene.line.written("ask_open_orders"))
            scene.line.hear(shown(1), Ended("open_orders"))
            await asyncio.sleep(0.1)
            scene.line.hear(shown(2), Ended("open_orders"))

        assert asked == 1
        assert first.result() == (shown(1),)
        assert second.result() == (shown(2),)
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_an_empty_answer_that_must_be_sure_is_asked_for_twice() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        loop = asyncio.get_running_loop()
        began = loop.time()

        async with asyncio.TaskGroup() as group:
            asking = group.create_task(scene.connection.open_orders(sure=True))
            await asyncio.sleep(1)
            scene.line.orders = [shown(1)]

        assert asking.result() == (shown(1),)
        assert loop.time() - began >= 3
        assert await scene.connection.open_orders(sure=True) == (shown(1),)
        assert len(scene.line.written("ask_open_orders")) == 3
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_a_vital_question_without_an_answer_ends_the_connection() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.silent = {"positions"}

        with pytest.raises(Unavailable, match="positions: the gateway did not answer in time"):
            await scene.connection.positions()

        assert scene.connection.state is State.DISCONNECTED
        assert "did not answer positions" in scene.connection.reason
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_a_contract_without_an_answer_is_unknown_and_nothing_more() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.silent = {"contract", "rule"}

        with pytest.raises(Unavailable):
            await scene.connection.contract(AAPL)
        with pytest.raises(Unavailable):
            await scene.connection.rule(26)
        scene.line.silent = set()
        scene.line.contracts, scene.line.rules = [FOUND], {26: RULE}

        assert len(await scene.connection.contract(AAPL)) == 1
        assert await scene.connection.rule(26) == RULE
        assert scene.connection.state is State.TRADING
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_a_late_answer_is_not_taken_for_that_of_the_next_question() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.silent = {"open_orders"}
        late = asyncio.get_running_loop().create_task(scene.connection.open_orders())
        await asyncio.sleep(0.1)
        late.cancel()
        scene.line.silent = set()
        scene.line.orders = [shown(2)]

        async with asyncio.TaskGroup() as group:
            asking = group.create_task(scene.connection.open_orders())
            await asyncio.sleep(1)
            asked = len(scene.line.written("ask_open_orders"))
            scene.line.hear(shown(1), Ended("open_orders"))

        assert asked == 1
        assert asking.result() == (shown(2),)
        await scene.connection.stop()

    in_virtual_time(scenario)


@pytest.mark.parametrize("code", [200, 162, 321])
def test_a_refused_look_up_is_a_refusal_with_the_vendors_code(code: int) -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.silent = {"bars"}

        async with asyncio.TaskGroup() as group:
            asking = group.create_task(refused(scene))
            await asyncio.sleep(0.1)
            for said in (Said(1, code, "x"), Said(scene.number("bars"), 2176, "warning")):
                scene.line.hear(said)
            assert not asking.done()
            scene.line.hear(Said(scene.number("bars"), code, "no data"))

        assert asking.result() == str(code)
        await scene.connection.stop()

    in_virtual_time(scenario)


async def refused(scene: Scene) -> str:
    """Return the code of the refusal of a look-up of bars."""
    with pytest.raises(BrokerRefused) as refusal:
        await scene.connection.bars(AAPL, end="", duration="1 D", size="1 day")
    return refusal.value.code


def test_a_contract_that_does_not_exist_is_refused() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()

        with pytest.raises(BrokerRefused, match="200"):
            await scene.connection.contract(ContractForm("NOSUCH"))

        await scene.connection.stop()

    in_virtual_time(scenario)


def test_refused_executions_are_unknown_and_never_none() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.silent = {"executions"}

        async with asyncio.TaskGroup() as group:
            asking = group.create_task(unavailable(scene))
            await asyncio.sleep(0.1)
            [number] = scene.line.written("ask_executions")
            assert isinstance(number, int)
            scene.line.hear(Said(number, 321, "invalid"))

        assert "321" in asking.result()
        await scene.connection.stop()

    in_virtual_time(scenario)


async def unavailable(scene: Scene) -> str:
    """Return why executions cannot be told."""
    with pytest.raises(Unavailable) as failure:
        await scene.connection.executions()
    return str(failure.value)


def test_a_drop_ends_every_look_up_at_once() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.silent = {"executions", "contract"}

        async with asyncio.TaskGroup() as group:
            asking = group.create_task(unavailable(scene))
            await asyncio.sleep(0.1)
            scene.line.drop("cable")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert asking.done()

        assert "cable" in asking.result()
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_what_waits_when_the_link_is_lost_is_not_asked_later() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()

        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(ended(scene, number))
            await asyncio.sleep(0.01)
            scene.line.hear(Said(-1, 1100, "lost"))

        assert len(scene.line.written("stream")) == 5
        await scene.connection.stop()

    in_virtual_time(scenario)


async def ended(scene: Scene, number: int) -> None:
    """Subscribe, or be told that it was not written."""
    try:
        await scene.connection.stream(AAPL, str(number))
    except NotSent as refusal:
        assert "1100" in str(refusal)  # noqa: PT017  # only some are refused
