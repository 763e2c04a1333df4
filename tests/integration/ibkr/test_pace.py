"""The pace on the wire, as the gateway counts it: never too fast, and cancels first."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from fillpath.ibkr.heard import Said
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.testing.gateway import Gateway
from tests.integration.ibkr.connected import CLIENT, Wired, form, wired


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        running.quote("AAPL", "150.00", "150.02")
        yield running


async def placed(scene: Wired, number: int) -> int:
    """Place an order, and return its number when it was written, 0 when it was not."""
    try:
        await scene.connection.place(form(number))
    except NotSent:
        return 0
    return number


@pytest.mark.fault("F-56")
async def test_a_kill_amid_two_hundred_orders_has_every_cancel_out_within_a_second(
    gateway: Gateway,
) -> None:
    policy = ConnectionPolicy(windows=(), client_id=CLIENT)
    async with wired(gateway, policy) as scene, asyncio.TaskGroup() as group:
        placing = [group.create_task(placed(scene, number)) for number in range(1, 201)]
        await gateway.received("placeOrder", 38)
        dropped = scene.connection.drop_orders()
        killed = asyncio.get_running_loop().time()
        await asyncio.wait(placing)
        sent = [number for number in (task.result() for task in placing) if number]

        cancelling = [group.create_task(scene.connection.cancel(number)) for number in sent]
        await asyncio.wait(cancelling)
        await gateway.received("cancelOrder", len(sent))

    assert dropped == 200 - len(sent)
    assert 38 <= len(sent) <= 40
    assert max(gateway.log.times("cancelOrder")) - killed <= 1.05
    assert max(gateway.log.times("placeOrder")) <= killed + 0.05
    assert gateway.log.count("placeOrder") == len(sent)
    assert gateway.log.busiest_second() < 50
    assert [one for one in scene.news if isinstance(one, Said) and one.code == 100] == []


@pytest.mark.fault("F-56")
async def test_what_waits_for_its_turn_when_the_socket_breaks_is_told_and_never_sent(
    gateway: Gateway,
) -> None:
    async with wired(gateway) as scene:
        async with asyncio.TaskGroup() as group:
            placing = [group.create_task(placed(scene, number)) for number in range(1, 101)]
            await gateway.received("placeOrder", 20)
            gateway.cut()

        sent = sum(1 for task in placing if task.result())
        await scene.heard(lambda one: one == scene.news[-1])
        assert 20 <= sent <= 30
        assert gateway.log.count("placeOrder") <= sent


async def test_the_vendors_word_that_it_was_too_much_stops_everything_for_a_second(
    gateway: Gateway,
) -> None:
    async with wired(gateway) as scene:
        gateway.error(100, "Max rate of messages per second has been exceeded")
        await scene.alarmed("MESSAGE_RATE")
        began = asyncio.get_running_loop().time()

        await scene.connection.place(form(1))

        assert asyncio.get_running_loop().time() - began >= 0.9
        assert scene.paged() == ["MESSAGE_RATE"]


async def test_a_bracket_is_written_in_one_go(gateway: Gateway) -> None:
    async with wired(gateway) as scene:
        async with asyncio.TaskGroup() as group:
            for number in range(0, 60, 3):
                legs = [form(number + leg, transmit=leg == 3) for leg in (1, 2, 3)]
                group.create_task(scene.connection.place(*legs))
        await gateway.received("placeOrder", 60)

    numbers = [request.about for request in gateway.log.requests("placeOrder")]
    assert numbers == list(range(1, 61))
    times = gateway.log.times("placeOrder")
    assert all(times[at + 2] - times[at] < 0.1 for at in range(0, 60, 3))
    assert gateway.log.busiest_second() < 50
