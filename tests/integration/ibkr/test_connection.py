"""Outages over a real socket: what a connection notices, what it asks again, and what it never does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.units import nanoseconds
from fillpath.ibkr.heard import Dropped, Greeted, OrderShown, Said, StatusShown
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.policy import WEEKLY_TOKEN, ConnectionPolicy
from fillpath.ibkr.states import Because, State
from fillpath.testing.gateway import Gateway, Setup, faults
from tests.integration.ibkr.connected import (
    AAPL,
    CLIENT,
    PATIENCE,
    QUICK,
    SkippingClock,
    Wired,
    form,
    wired,
)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        running.quote("AAPL", "150.00", "150.02")
        yield running


def placed(gateway: Gateway) -> int:
    return gateway.log.count("placeOrder")


async def test_a_connection_asks_everything_before_it_trades(gateway: Gateway) -> None:
    async with wired(gateway) as scene:
        await scene.connection.place(form(scene.connection.next_order_id()))
        await gateway.received("placeOrder")

    asked = [each.request.kind for each in gateway.log.received]
    assert asked.index("reqExecutions") < asked.index("reqAllOpenOrders")
    assert asked.index("reqAllOpenOrders") < asked.index("reqCompletedOrders")
    assert asked.index("reqCompletedOrders") < asked.index("reqPositions")
    assert asked.index("reqPositions") < asked.index("placeOrder")


@pytest.mark.fault("F-48")
@pytest.mark.parametrize(("kept", "because"), [(False, "data_lost"), (True, "data_kept")])
async def test_a_link_that_is_back_is_compared_again_before_anything_else_leaves(
    gateway: Gateway,
    kept: bool,  # noqa: FBT001  # a parameter of the table
    because: str,
) -> None:
    async with wired(gateway) as scene:
        subscriptions: list[Because] = []

        async def compare(why: Because) -> None:
            await scene.compare(why)
            with pytest.raises(NotSent):
                await scene.connection.place(form(77))
            if why is not Because.DATA_KEPT:
                await scene.connection.stream(AAPL)
                subscriptions.append(why)

        scene.connection.reconcile_with(compare)
        gateway.lose_link()
        await scene.reached(State.DEGRADED)
        executions = gateway.log.count("reqExecutions")

        gateway.restore_link(kept=kept)
        await scene.reached(State.TRADING)

        assert gateway.log.count("reqExecutions") == executions + 1
        assert scene.compared == [Because.CONNECTED, Because(because)]
        assert subscriptions == ([] if kept else [Because.DATA_LOST])
        assert placed(gateway) == 0


@pytest.mark.fault("F-46")
async def test_while_the_link_is_lost_everything_is_heard_and_only_cancels_leave(
    gateway: Gateway,
) -> None:
    async with wired(gateway) as scene:
        await scene.connection.place(form(1))
        await gateway.received("placeOrder")
        gateway.lose_link()
        await scene.reached(State.DEGRADED)
        gateway.manners.link = True

        with pytest.raises(NotSent):
            await scene.connection.place(form(2))
        with pytest.raises(Unavailable):
            await scene.connection.open_orders()
        await scene.connection.cancel(1)
        await gateway.received("cancelOrder")
        await scene.heard(lambda one: isinstance(one, StatusShown) and one.status == "Cancelled")

        assert placed(gateway) == 1


SILENT = ["reqExecutions", "reqAllOpenOrders", "reqCompletedOrders", "reqPositions"]


@pytest.mark.fault("F-49")
@pytest.mark.parametrize("kind", SILENT)
async def test_a_question_that_is_never_answered_ends_in_a_new_connection_and_no_order(
    gateway: Gateway, kind: str
) -> None:
    gateway.misbehave(faults.Ignore(kind, times=2))
    scene = Wired(gateway, replace(QUICK, answer_seconds=0.3))

    await scene.connection.start(PATIENCE)

    # A slow machine may miss an answer more; never one less.
    assert len([one for one in scene.news if isinstance(one, Greeted)]) >= 3
    assert scene.states.count(State.TRADING) == 1
    assert scene.compared == [Because.CONNECTED]
    assert placed(gateway) == 0
    await scene.connection.stop()


@pytest.mark.fault("F-51")
async def test_a_dead_socket_is_found_within_five_seconds_at_the_waits_of_a_real_one(
    gateway: Gateway,
) -> None:
    policy = ConnectionPolicy(windows=(), client_id=CLIENT)
    async with wired(gateway, policy) as scene:
        loop = asyncio.get_running_loop()

        gateway.go_deaf()
        began = loop.time()
        await scene.reached(State.DISCONNECTED)

        assert loop.time() - began <= 5
        with pytest.raises(NotSent):
            await scene.connection.place(form(1))


@pytest.mark.fault("F-51")
async def test_after_a_dead_socket_the_own_client_id_may_linger_and_is_waited_for(
    gateway: Gateway,
) -> None:
    async with wired(gateway) as scene:
        gateway.go_deaf(lingers=True)
        await scene.reached(State.DISCONNECTED)
        gateway.manners.deaf = False
        await scene.alarmed("CLIENT_ID_LINGERS")

        gateway.recover()
        await scene.reached(State.TRADING)

        assert State.REFUSED not in scene.states
        assert gateway.clients == [CLIENT]


@pytest.mark.fault("F-53")
async def test_a_client_id_in_use_keeps_the_second_engine_down_and_wakes_a_person(
    gateway: Gateway,
) -> None:
    async with wired(gateway):
        second = Wired(gateway)
        started = gateway.log.count("startApi")

        with pytest.raises(Unavailable, match="client id 10 is in use"):
            await second.connection.start(PATIENCE)
        await asyncio.sleep(QUICK.longest_wait_seconds * 3)

        assert second.connection.state is State.REFUSED
        assert second.paged() == ["CLIENT_ID_IN_USE"]
        assert gateway.log.count("startApi") == started + 1
        assert gateway.clients == [CLIENT]
        await second.connection.stop()


@pytest.mark.fault("F-54")
async def test_the_weekly_login_is_expected_and_wakes_a_person_when_it_lasts_too_long() -> None:
    # Sunday, 01:05 in New York.
    clock = SkippingClock(nanoseconds(datetime(2026, 6, 7, 5, 5, tzinfo=UTC)))
    async with Gateway(clock=clock) as gateway:
        scene = Wired(gateway, replace(QUICK, windows=(WEEKLY_TOKEN,)), clock)
        await scene.connection.start(PATIENCE)

        gateway.refuse()
        await scene.reached(State.EXPECTED_DOWN)
        quiet = list(scene.alarms)
        clock.skip(12 * 3600)
        alarm = await scene.alarmed("DOWN_TOO_LONG")
        gateway.recover()
        await scene.reached(State.TRADING)

        assert quiet == []
        assert alarm.page
        assert "2026-06-07 05:05" in alarm.text
        assert scene.alarms[-1].over
        await scene.connection.stop()


@pytest.mark.fault("F-54")
async def test_a_daily_restart_comes_back_by_itself(gateway: Gateway) -> None:
    async with wired(gateway) as scene:
        gateway.refuse()
        await scene.reached(State.DISCONNECTED)

        gateway.recover()
        await scene.reached(State.TRADING)

        assert scene.compared == [Because.CONNECTED, Because.CONNECTED]


@pytest.mark.fault("F-55")
async def test_order_ids_go_on_when_the_gateway_has_forgotten_them(gateway: Gateway) -> None:
    async with wired(gateway) as scene:
        scene.connection.saw_order_id(41)
        await scene.connection.place(form(scene.connection.next_order_id()))
        await gateway.received("placeOrder")
        gateway.misbehave(faults.Rewrite("nextValidId", fields={2: "1"}))
        gateway.cut()
        await scene.reached(State.DISCONNECTED)
        await scene.reached(State.TRADING)

        number = scene.connection.next_order_id()
        await scene.connection.place(form(number))
        await gateway.received("placeOrder", 2)

        assert [one.next_order_id for one in scene.news if isinstance(one, Greeted)] == [1, 1]
        assert number == 43
        assert [order.order_id for order in gateway.orders] == [42, 43]
        assert 103 not in [one.code for one in scene.news if isinstance(one, Said)]


@pytest.mark.fault("F-58")
async def test_a_live_account_in_paper_mode_is_refused_before_anything_is_asked() -> None:
    async with Gateway(Setup(accounts=("U7654321",))) as gateway:
        scene = Wired(gateway)

        with pytest.raises(Unavailable, match="live accounts: U7654321"):
            await scene.connection.start(PATIENCE)

        assert scene.paged() == ["WRONG_MODE"]
        assert [each.request.kind for each in gateway.log.received] == ["startApi"]
        await scene.connection.stop()


async def test_a_gateway_whose_clock_is_off_is_refused() -> None:
    clock = SkippingClock(nanoseconds(datetime(2026, 6, 2, 19, tzinfo=UTC)))
    async with Gateway(clock=clock) as gateway:
        scene = Wired(gateway)

        with pytest.raises(Unavailable, match="our clock is at least"):
            await scene.connection.start(PATIENCE)

        assert scene.paged() == ["CLOCK_OFF"]
        await scene.connection.stop()


async def test_orders_of_other_programs_are_heard_and_their_numbers_do_not_matter(
    gateway: Gateway,
) -> None:
    gateway.external("AAPL", "BUY", 5, "100")
    async with wired(gateway) as scene:
        shown = await scene.connection.open_orders()

        assert [one.client_id for one in shown] == [0]
        assert scene.connection.next_order_id() == 1
        assert any(isinstance(one, OrderShown) for one in scene.news)


async def test_a_cut_ends_every_look_up_at_once(gateway: Gateway) -> None:
    async with wired(gateway) as scene:
        gateway.misbehave(faults.Ignore("reqPositions"))

        async with asyncio.TaskGroup() as group:
            asking = group.create_task(outcome(scene))
            await gateway.received("reqPositions", 2)
            gateway.cut()

        assert asking.result() == "unavailable"
        assert any(isinstance(one, Dropped) for one in scene.news)


async def outcome(scene: Wired) -> str:
    try:
        await scene.connection.positions()
    except Unavailable:
        return "unavailable"
    return "answered"
