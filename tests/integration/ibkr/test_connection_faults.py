"""What becomes of orders when the connection to a gateway fails, over a real socket (F-45 to F-53)."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.events import (
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderRefused,
)
from fillpath.core.models import OrderStatus
from fillpath.ibkr.states import State
from fillpath.testing.gateway import Gateway, faults
from tests.integration.ibkr.outage import CLIENT, SECONDS, Scene, scene, trading


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as running:
        running.quote("AAPL", "149.99", "150.01")
        yield running


@pytest.fixture
async def engine(gateway: Gateway) -> AsyncIterator[Scene]:
    async with trading(gateway) as running:
        yield running


# F-45: the socket is cut while an order is being sent.


@pytest.mark.fault("F-45")
async def test_an_order_that_was_taken_when_the_socket_broke_is_found_again(
    gateway: Gateway, engine: Scene
) -> None:
    gateway.misbehave(faults.CutAfter("placeOrder"))
    order = engine.order()
    with pytest.raises(Unavailable, match="in doubt"):
        await engine.broker.submit_order(order)
    await engine.told(OrderAccepted)

    assert gateway.log.count("placeOrder") == 1
    assert len(gateway.orders) == 1
    name = str(gateway.order(order.order_id).perm_id)
    assert [event.broker_order_id for event in engine.all(OrderAccepted)] == [name]
    assert await engine.broker.get_order_status(name) is OrderStatus.SUBMITTED


@pytest.mark.fault("F-45")
async def test_an_order_that_traded_when_the_socket_broke_is_told_with_its_fill(
    gateway: Gateway, engine: Scene
) -> None:
    gateway.misbehave(faults.CutAfter("placeOrder"))
    order = engine.order(limit_price="150.01")
    with pytest.raises(Unavailable):
        await engine.broker.submit_order(order)
    await engine.told(OrderFilled)

    assert engine.filled(order) == 100
    assert engine.news == ["OrderAccepted", "OrderFilled"]
    assert gateway.log.count("placeOrder") == 1


@pytest.mark.fault("F-45")
async def test_an_order_that_never_arrived_is_refused_after_two_clean_look_ups(
    gateway: Gateway, engine: Scene
) -> None:
    gateway.misbehave(faults.CutBefore("placeOrder"))
    order = engine.order()
    with pytest.raises(Unavailable):
        await engine.broker.submit_order(order)
    before = gateway.log.count("reqExecutions")
    await engine.told(OrderRefused)

    [refused] = engine.all(OrderRefused)
    times = gateway.log.times("reqExecutions")[before:]
    assert refused.code == "NEVER_REACHED_BROKER"
    assert times[-1] - times[0] >= 3
    assert gateway.log.count("placeOrder") == 1
    assert gateway.orders == []


@pytest.mark.fault("F-45")
async def test_an_order_in_doubt_is_not_sent_again_when_it_is_asked_for_again(
    gateway: Gateway, engine: Scene
) -> None:
    gateway.misbehave(faults.CutBefore("placeOrder"))
    order = engine.order()
    with pytest.raises(Unavailable):
        await engine.broker.submit_order(order)
    await engine.trades_again()

    again = await engine.broker.submit_order(order)

    assert again.status is not OrderStatus.FILLED
    assert gateway.log.count("placeOrder") == 1


@pytest.mark.fault("F-45")
async def test_an_order_that_is_answered_by_silence_is_looked_for(
    gateway: Gateway, engine: Scene
) -> None:
    gateway.misbehave(faults.Mute("placeOrder"))
    order = engine.order()
    with pytest.raises(Unavailable, match="did not answer"):
        await engine.broker.submit_order(order)
    await engine.told(OrderAccepted)

    assert gateway.log.count("placeOrder") == 1
    assert engine.states == engine.states[: engine.states.index(State.TRADING) + 1]


# F-46: the link is lost during a burst of fills.


@pytest.mark.fault("F-46")
async def test_fills_around_a_lost_link_are_all_taken(gateway: Gateway, engine: Scene) -> None:
    order, at_gateway = await engine.rest()
    for _ in range(3):
        gateway.fill(at_gateway, 10, "140")
    gateway.error(1100, "lost")
    for _ in range(3):
        gateway.fill(at_gateway, 10, "140")
    await engine.told(OrderFilled, 6)
    degraded = engine.connection.state
    asked = gateway.log.count("reqExecutions")
    gateway.error(1102, "restored")
    await engine.trades_again()

    assert degraded is State.DEGRADED
    assert engine.filled(order) == 60
    assert len(engine.all(OrderFilled)) == 6
    assert gateway.log.count("reqExecutions") > asked


@pytest.mark.fault("F-46")
async def test_fills_that_nobody_told_while_the_link_was_lost_are_fetched(
    gateway: Gateway, engine: Scene
) -> None:
    order, at_gateway = await engine.rest()
    gateway.fill(at_gateway, 10, "140")
    gateway.lose_link()
    await engine.until(lambda: engine.connection.state is State.DEGRADED)
    gateway.fill(at_gateway, 30, "139.99")
    gateway.restore_link()
    await engine.trades_again()

    assert engine.filled(order) == 40
    assert gateway.log.count("placeOrder") == 1


@pytest.mark.fault("F-46")
async def test_without_a_link_no_order_is_sent(gateway: Gateway, engine: Scene) -> None:
    gateway.lose_link()
    await engine.until(lambda: engine.connection.state is State.DEGRADED)

    refused = await engine.broker.submit_order(engine.order())

    assert refused.status is OrderStatus.REJECTED
    assert gateway.log.count("placeOrder") == 0


# F-47: fills and cancels while the socket is down.


@pytest.mark.fault("F-47")
async def test_fills_and_cancels_of_a_cut_are_told_when_it_is_over(
    gateway: Gateway, engine: Scene
) -> None:
    traded, traded_there = await engine.rest()
    ended, ended_there = await engine.rest()
    part, part_there = await engine.rest()
    gateway.refuse()
    await engine.until(lambda: engine.connection.state is not State.TRADING)
    gateway.fill(traded_there, 100, "139")
    gateway.cancel(ended_there)
    gateway.fill(part_there, 40, "139")
    gateway.cancel(part_there)
    gateway.recover()
    await engine.told(OrderCancelled, 2)

    assert [engine.filled(order) for order in (traded, ended, part)] == [100, 0, 40]
    assert {event.order_id for event in engine.all(OrderCancelled)} == {
        ended.order_id,
        part.order_id,
    }
    assert gateway.log.count("placeOrder") == 3


@pytest.mark.fault("F-47")
async def test_a_fill_after_the_end_that_came_during_a_cut_is_not_lost(
    gateway: Gateway, engine: Scene
) -> None:
    order, there = await engine.rest()
    gateway.cancel(there)
    await engine.told(OrderCancelled)
    gateway.refuse()
    await engine.until(lambda: engine.connection.state is not State.TRADING)
    gateway.fill(there, 25, "140")
    gateway.recover()
    await engine.told(OrderFilled)

    assert engine.filled(order) == 25
    assert engine.news == ["OrderAccepted", "OrderCancelled", "OrderFilled"]


@pytest.mark.fault("F-47")
async def test_a_fill_before_a_cut_is_not_told_twice_after_it(
    gateway: Gateway, engine: Scene
) -> None:
    order, there = await engine.rest()
    gateway.fill(there, 25, "140")
    await engine.told(OrderFilled)
    gateway.cut()
    await engine.trades_again()
    gateway.fill(there, 25, "140")
    await engine.until(lambda: engine.filled(order) == 50)

    assert len(engine.all(OrderFilled)) == 2


# F-48: the link was lost, with or without its data.


@pytest.mark.fault("F-48")
@pytest.mark.parametrize("kept", [True, False], ids=["1102", "1101"])
async def test_after_a_lost_link_everything_is_compared_before_an_order_leaves(
    gateway: Gateway, engine: Scene, *, kept: bool
) -> None:
    asked = {kind: gateway.log.count(kind) for kind in COMPARED}
    gateway.lose_link()
    await engine.until(lambda: engine.connection.state is State.DEGRADED)
    gateway.restore_link(kept=kept)
    await engine.trades_again()

    after = engine.states[engine.states.index(State.DEGRADED) :]
    assert after == [State.DEGRADED, State.RECONCILE, State.CLEAN, State.TRADING]
    assert all(gateway.log.count(kind) > asked[kind] for kind in COMPARED)


COMPARED = ("reqExecutions", "reqAllOpenOrders", "reqCompletedOrders", "reqPositions")


# F-49: answers that never come.


@pytest.mark.fault("F-49")
@pytest.mark.parametrize("kind", [*COMPARED, "reqAccountUpdates", "reqCurrentTime"])
async def test_without_every_answer_no_order_leaves(gateway: Gateway, kind: str) -> None:
    gateway.misbehave(faults.Ignore(kind, times=0))
    async with scene(gateway, answer_seconds=0.3, silence_seconds=0.3) as engine:
        starting = asyncio.ensure_future(engine.broker.start(SECONDS))  # noqa: TID251  # both ends are here
        await gateway.received("startApi", 3)
        before = list(engine.states)
        refused = await engine.broker.submit_order(engine.order())
        gateway.behave()
        await starting

    assert State.TRADING not in before
    assert refused.status is OrderStatus.REJECTED
    assert gateway.log.count("placeOrder") == 0


# F-50: an empty answer while orders exist.


@pytest.mark.fault("F-50")
async def test_one_empty_answer_ends_no_order(gateway: Gateway, engine: Scene) -> None:
    order, there = await engine.rest()
    gateway.misbehave(faults.Empty("reqAllOpenOrders"))
    gateway.cut()
    await engine.trades_again()
    gateway.fill(there, 10, "140")
    await engine.told(OrderFilled)

    assert engine.news == ["OrderAccepted", "OrderFilled"]
    assert [open_.order_id for open_ in await engine.broker.get_open_orders()] == [order.order_id]


@pytest.mark.fault("F-50")
async def test_one_empty_answer_does_not_give_up_an_order_in_doubt(
    gateway: Gateway, engine: Scene
) -> None:
    gateway.misbehave(faults.CutAfter("placeOrder"), faults.Empty("reqAllOpenOrders", times=2))
    with pytest.raises(Unavailable):
        await engine.broker.submit_order(engine.order())
    await engine.told(OrderAccepted)

    assert engine.news == ["OrderAccepted"]
    assert gateway.log.count("placeOrder") == 1


# F-51: a half-open connection.


@pytest.mark.fault("F-51")
async def test_a_half_open_socket_is_noticed_by_the_heartbeat(
    gateway: Gateway, engine: Scene
) -> None:
    order, there = await engine.rest()
    gateway.go_deaf()
    began = asyncio.get_running_loop().time()
    await engine.until(lambda: engine.connection.state is not State.TRADING)
    seconds = asyncio.get_running_loop().time() - began
    gateway.fill(there, 100, "140")
    gateway.recover()
    await engine.trades_again()

    assert seconds < 5 + 2
    assert engine.filled(order) == 100


@pytest.mark.fault("F-51", "F-53")
async def test_the_own_id_of_a_half_open_socket_is_waited_for(gateway: Gateway) -> None:
    async with trading(gateway, heartbeat_seconds=0.5, silence_seconds=0.5) as engine:
        gateway.go_deaf(lingers=True)
        gateway.manners.deaf = False
        alarm = await engine.alarmed("CLIENT_ID_LINGERS")
        gateway.recover()
        await engine.trades_again()

    assert not alarm.page
    assert State.REFUSED not in engine.states


@pytest.mark.fault("F-51", "F-53")
async def test_an_id_that_stays_in_use_too_long_is_not_taken_over(gateway: Gateway) -> None:
    async with trading(
        gateway, heartbeat_seconds=0.5, silence_seconds=0.5, lingering_seconds=0.1
    ) as engine:
        gateway.go_deaf(lingers=True)
        gateway.manners.deaf = False
        await engine.alarmed("CLIENT_ID_IN_USE")

        assert engine.connection.state is State.REFUSED
        assert gateway.clients == [CLIENT]


# F-52: damaged or split messages.


@pytest.mark.fault("F-52")
async def test_messages_in_crumbs_or_in_one_go_are_the_same_messages(gateway: Gateway) -> None:
    gateway.misbehave(faults.Merge("*", times=0, count=3), faults.Crumbs("execDetails", times=0))
    async with trading(gateway) as engine:
        gateway.behave()
        gateway.misbehave(faults.Crumbs("*", times=0))
        order, there = await engine.rest()
        gateway.fill(there, 30, "140")
        gateway.fill(there, 70, "140")
        await engine.told(OrderFilled, 2)

    assert engine.filled(order) == 100
    assert engine.states.count(State.TRADING) == 1


DAMAGE = [
    pytest.param(faults.Garbage("orderStatus", data=b"\xff\xff\xff\xff"), id="a length of 4 GB"),
    pytest.param(faults.Garbage("orderStatus", data=b"\0\0\0\x04abc\0"), id="words for numbers"),
    pytest.param(faults.Garbage("orderStatus", data=b"\0\0\0\x0511\x00x\0"), id="too short"),
    pytest.param(faults.Garbage("orderStatus", data=b"\0\0\0\0"), id="an empty frame"),
    pytest.param(faults.Garbage("orderStatus", data=b"\0\0\0\x03\xff\xfe\0"), id="no text"),
    pytest.param(faults.CutInside("execDetails"), id="half a frame"),
    pytest.param(faults.Rewrite("execDetails", fields={19: "many"}), id="words for shares"),
    pytest.param(faults.Rewrite("orderStatus", fields={3: "nan", 4: "inf"}), id="no numbers"),
]


@pytest.mark.fault("F-52")
@pytest.mark.parametrize("damage", DAMAGE)
async def test_damaged_messages_cost_no_fill(
    gateway: Gateway, engine: Scene, damage: faults.Fault
) -> None:
    order, there = await engine.rest()
    gateway.misbehave(damage)
    gateway.fill(there, 40, "140")
    await engine.until(lambda: engine.filled(order) == 40)
    await engine.until(lambda: engine.connection.state is State.TRADING)
    gateway.fill(there, 60, "140.00")
    await engine.until(lambda: engine.filled(order) == 100)

    assert {fill.fill.price for fill in engine.all(OrderFilled)} == {Decimal(140)}
    assert gateway.log.count("placeOrder") == 1


# F-53: the client id is in use.


@pytest.mark.fault("F-53")
async def test_a_client_id_in_use_keeps_the_engine_down(gateway: Gateway, engine: Scene) -> None:
    async with scene(gateway) as second:
        with pytest.raises(Unavailable, match="in use"):
            await second.broker.start(SECONDS)
        alarm = await second.alarmed("CLIENT_ID_IN_USE")

        assert alarm.page
        assert second.connection.state is State.REFUSED
        assert gateway.log.count("startApi") == 2
        assert gateway.clients == [CLIENT]
        assert engine.connection.state is State.TRADING
