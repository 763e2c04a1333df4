"""Restarts, ids, pace, logins, foreign orders and account values, over a real socket (F-54 to F-61)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.events import OrderAccepted, OrderFilled
from fillpath.core.models import Order, OrderStatus, OrderType
from fillpath.ibkr.policy import Window
from fillpath.ibkr.states import State
from fillpath.testing.gateway import Gateway, Setup, faults
from tests.integration.ibkr.outage import CLIENT, SECONDS, MovedClock, Scene, scene, trading

ACCOUNT = "DU1234567"
SUNDAY = datetime(2026, 3, 1, 3, 5, tzinfo=UTC)
NIGHT = Window(name="the restart", start=time(3), zone="UTC", minutes=10)
WEEK = Window(name="the login", start=time(1), zone="UTC", minutes=180, weekday=6)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        running.quote("AAPL", "149.99", "150.01")
        yield running


@pytest.fixture
async def engine(gateway: Gateway) -> AsyncIterator[Scene]:
    async with trading(gateway) as running:
        yield running


def told_codes(gateway: Gateway) -> set[str]:
    """Return the numbers of the errors that the gateway said."""
    return {each.message.fields[3] for each in gateway.log.sent if each.message.kind == "error"}


# F-54: daily restart and weekly token.


@pytest.mark.fault("F-54")
@pytest.mark.parametrize("window", [NIGHT, WEEK], ids=["daily", "weekly"])
async def test_an_outage_within_a_window_wakes_nobody_until_it_overruns(window: Window) -> None:
    clock = MovedClock(SUNDAY)
    async with (
        Gateway(clock=clock) as gateway,
        scene(gateway, clock, windows=(window,), page_seconds=60) as engine,
    ):
        await engine.broker.start(SECONDS)
        gateway.refuse()
        await engine.until(lambda: engine.connection.state is State.EXPECTED_DOWN)
        await engine.until(lambda: engine.states.count(State.EXPECTED_DOWN) >= 3)
        expected = list(engine.alarms)
        clock.jump(window.minutes * 60)
        alarm = await engine.alarmed("DOWN_TOO_LONG")

    assert expected == []
    assert alarm.page


@pytest.mark.fault("F-54")
async def test_a_restart_within_its_window_is_no_news() -> None:
    clock = MovedClock(SUNDAY)
    async with (
        Gateway(clock=clock) as gateway,
        scene(gateway, clock, windows=(NIGHT,), page_seconds=60) as engine,
    ):
        await engine.broker.start(SECONDS)
        order, there = await engine.rest()
        port = gateway.port
        await gateway.stop()
        await engine.until(lambda: engine.connection.state is State.EXPECTED_DOWN)
        gateway.fill(there, 100, "140")
        await gateway.start(port)
        await engine.trades_again()

    assert engine.filled(order) == 100
    assert engine.alarms == []


@pytest.mark.fault("F-54")
async def test_an_outage_outside_every_window_wakes_somebody() -> None:
    clock = MovedClock(SUNDAY)
    async with (
        Gateway(clock=clock) as gateway,
        scene(gateway, clock, windows=(WEEK,), page_seconds=600) as engine,
    ):
        clock.jump(86_400)
        await engine.broker.start(SECONDS)
        gateway.refuse()
        shown = await engine.alarmed("DISCONNECTED")
        clock.jump(600)
        woken = await engine.alarmed("DOWN_TOO_LONG")
        gateway.recover()
        await engine.trades_again()

    assert (shown.page, woken.page) == (False, True)
    assert {alarm.code for alarm in engine.alarms if alarm.over} == {
        "DISCONNECTED",
        "DOWN_TOO_LONG",
    }


# F-55: order ids that go backwards.


@pytest.mark.fault("F-55")
async def test_ids_that_begin_again_are_never_used_again(gateway: Gateway, engine: Scene) -> None:
    first, first_there = await engine.rest()
    gateway.cancel(first_there)
    gateway.book.reset_ids(CLIENT, 1)
    gateway.cut()
    await engine.trades_again()
    second, second_there = await engine.rest()

    assert second_there.order_id > first_there.order_id
    assert (first_there.ref, second_there.ref) == (first.order_id, second.order_id)
    assert "103" not in told_codes(gateway)


@pytest.mark.fault("F-55")
async def test_a_new_process_learns_the_ids_that_are_taken_from_the_orders(
    gateway: Gateway,
) -> None:
    async with trading(gateway) as before:
        orders = [(await before.rest())[1] for _ in range(3)]
    gateway.book.reset_ids(CLIENT, 1)
    async with trading(gateway) as after:
        _, there = await after.rest(order_id="beta/sig-1")

    assert there.order_id > max(order.order_id for order in orders)
    assert "103" not in told_codes(gateway)


# F-56: a kill amid the broker's pacing.


async def submit_many(engine: Scene, count: int) -> list[asyncio.Task[Order]]:
    """Begin to send so many orders at once."""
    await engine.rest()  # the contract is known from now on
    loop = asyncio.get_running_loop()
    return [loop.create_task(engine.broker.submit_order(engine.order())) for _ in range(count)]


@pytest.mark.fault("F-56")
async def test_a_kill_overtakes_the_orders_that_wait(gateway: Gateway, engine: Scene) -> None:
    sending = await submit_many(engine, 200)
    await gateway.received("placeOrder", 10)
    killed_at = asyncio.get_running_loop().time()
    dropped = engine.connection.drop_orders()
    await engine.connection.cancel_everything()
    await gateway.received("reqGlobalCancel")
    orders = await asyncio.gather(*sending)

    on_the_wire = gateway.log.count("placeOrder")
    [cancelled_at] = gateway.log.times("reqGlobalCancel")
    assert cancelled_at - killed_at < 2
    assert max(gateway.log.times("placeOrder")) < cancelled_at
    assert dropped == 201 - on_the_wire
    assert sum(order.status is OrderStatus.REJECTED for order in orders) == dropped
    assert gateway.log.busiest_second() <= 50
    assert "100" not in told_codes(gateway)


@pytest.mark.fault("F-56")
async def test_a_cancel_is_not_kept_waiting_by_orders(gateway: Gateway, engine: Scene) -> None:
    sending = await submit_many(engine, 100)
    await gateway.received("placeOrder", 10)
    asked_at = asyncio.get_running_loop().time()
    await engine.broker.cancel_order(str(gateway.orders[0].perm_id))
    await gateway.received("cancelOrder")
    waiting = 101 - gateway.log.count("placeOrder")
    engine.connection.drop_orders()
    await asyncio.gather(*sending)

    assert waiting > 0
    assert gateway.log.times("cancelOrder")[0] - asked_at < 2


# F-57: a login that never works.


@pytest.mark.fault("F-57")
async def test_without_a_login_nothing_is_invented(gateway: Gateway) -> None:
    gateway.refuse()
    async with scene(gateway) as engine:
        with pytest.raises(Unavailable):
            await engine.broker.start(0.5)
        refused = await engine.broker.submit_order(engine.order())
        with pytest.raises(Unavailable):
            await engine.broker.get_portfolio()
        healthy = await engine.broker.health_check()

    assert (refused.status, healthy) == (OrderStatus.REJECTED, False)
    assert engine.all(OrderFilled) == []
    assert gateway.orders == []


# F-58: the wrong account or a live port.

LOGINS: list[Any] = [
    pytest.param(("U7654321",), {}, "WRONG_MODE", id="a live login in paper mode"),
    pytest.param((ACCOUNT,), {"paper_trading": False}, "WRONG_MODE", id="paper in live mode"),
    pytest.param((ACCOUNT,), {"account": "DU9"}, "WRONG_ACCOUNT", id="another account"),
    pytest.param(("DU1", "DU2"), {}, "WRONG_ACCOUNT", id="several accounts and none chosen"),
]


@pytest.mark.fault("F-58")
@pytest.mark.parametrize(("accounts", "policy", "code"), LOGINS)
async def test_another_account_than_was_meant_is_never_traded(
    accounts: tuple[str, ...], policy: dict[str, Any], code: str
) -> None:
    async with Gateway(Setup(accounts=accounts)) as gateway, scene(gateway, **policy) as engine:
        with pytest.raises(Unavailable):
            await engine.broker.start(SECONDS)
        alarm = await engine.alarmed(code)
        refused = await engine.broker.submit_order(engine.order())

        assert alarm.page
        assert engine.connection.state is State.REFUSED
        assert refused.status is OrderStatus.REJECTED
        assert gateway.log.count("placeOrder") == 0
        assert gateway.log.count("startApi") == 1


# F-59: a manual or foreign order.


@pytest.mark.fault("F-59")
@pytest.mark.parametrize("client", [0, 3], ids=["a person", "another program"])
async def test_orders_of_others_are_seen_and_left_alone(
    gateway: Gateway, engine: Scene, client: int
) -> None:
    resting = gateway.external("AAPL", "BUY", 100, "140", client)
    traded = gateway.external("AAPL", "BUY", 50, "139", client)
    gateway.fill(traded, 50, "139")
    shown = await engine.broker.get_open_orders()
    positions = await engine.broker.get_positions()
    [name] = [order.broker_order_id for order in shown]
    with pytest.raises(BrokerRefused, match="NOT_OURS"):
        await engine.broker.cancel_order(str(name))

    assert [order.order_id for order in shown] == [f"external:{resting.perm_id}"]
    assert {held.symbol: held.quantity for held in positions} == {"AAPL": Decimal(50)}
    assert resting.is_open
    assert gateway.log.count("cancelOrder") == 0


@pytest.mark.fault("F-59")
async def test_fills_of_others_are_told_under_names_of_their_own(gateway: Gateway) -> None:
    gateway.manners.master = CLIENT
    async with trading(gateway) as engine:
        foreign = gateway.external("AAPL", "SELL", 50, "160", 3)
        gateway.fill(foreign, 50, "160")
        await engine.told(OrderFilled)

        [fill] = engine.all(OrderFilled)
        assert fill.order_id == f"external:{foreign.perm_id}"
        assert fill.fill.quantity == 50


@pytest.mark.fault("F-59")
async def test_a_cancel_of_the_whole_account_reaches_them_too(
    gateway: Gateway, engine: Scene
) -> None:
    foreign = gateway.external("AAPL", "BUY", 100, "140")
    await engine.connection.cancel_everything()
    await gateway.received("reqGlobalCancel")

    assert foreign.status == "Cancelled"


# F-60: a change that makes a second order.


@pytest.mark.fault("F-60")
async def test_a_change_that_makes_a_second_order_is_seen_and_both_can_be_ended(
    gateway: Gateway, engine: Scene
) -> None:
    fields = {"order_type": OrderType.STOP, "limit_price": None, "stop_price": 160}
    order, there = await engine.rest(**fields)
    gateway.misbehave(faults.Double("placeOrder"))
    await engine.broker.amend_order(str(there.perm_id), Decimal(80), Decimal(161))
    await engine.told(OrderAccepted, 2)
    second = gateway.orders[-1]
    await engine.broker.cancel_order(str(there.perm_id))
    await gateway.received("cancelOrder")

    names = {event.broker_order_id for event in engine.all(OrderAccepted)}
    assert names == {str(there.perm_id), str(second.perm_id)}
    assert {event.order_id for event in engine.all(OrderAccepted)} == {order.order_id}
    assert {each.status for each in gateway.orders} == {"Cancelled"}


@pytest.mark.fault("F-60")
async def test_without_a_link_no_change_is_sent(gateway: Gateway, engine: Scene) -> None:
    fields = {"order_type": OrderType.STOP, "limit_price": None, "stop_price": 160}
    _, there = await engine.rest(**fields)
    gateway.lose_link()
    await engine.until(lambda: engine.connection.state is State.DEGRADED)
    with pytest.raises(Unavailable):
        await engine.broker.amend_order(str(there.perm_id), Decimal(80), Decimal(161))

    assert gateway.log.count("placeOrder") == 1


# F-61: account values missing, zero or stale.

VALUES: list[Any] = [
    pytest.param({"NetLiquidation": None}, id="no net liquidation"),
    pytest.param({"NetLiquidation": "NaN"}, id="net liquidation that is no number"),
    pytest.param({"NetLiquidation": "Infinity"}, id="net liquidation without end"),
    pytest.param({"NetLiquidation": "0"}, id="net liquidation of zero"),
    pytest.param({"NetLiquidation": ""}, id="net liquidation left empty"),
    pytest.param({"TotalCashValue": None}, id="no cash"),
    pytest.param({"TotalCashValue": "1.7976931348623157E308"}, id="cash that is unset"),
    pytest.param({"TotalCashValue": "many"}, id="cash in words"),
]


@pytest.mark.fault("F-61")
@pytest.mark.parametrize("said", VALUES)
async def test_account_values_that_cannot_be_give_no_portfolio(
    gateway: Gateway, engine: Scene, said: dict[str, str | None]
) -> None:
    good = await engine.broker.get_portfolio()
    gateway.accounts[ACCOUNT].said.update(said)
    with pytest.raises(Unavailable):
        await engine.broker.get_portfolio()
    gateway.accounts[ACCOUNT].said.clear()

    assert (await engine.broker.get_portfolio()).total_equity == good.total_equity


@pytest.mark.fault("F-61")
async def test_account_values_that_do_not_come_give_no_portfolio(gateway: Gateway) -> None:
    async with trading(gateway, answer_seconds=0.5) as engine:
        gateway.misbehave(faults.Ignore("reqAccountUpdates", times=0))
        with pytest.raises(Unavailable):
            await engine.broker.get_portfolio()
