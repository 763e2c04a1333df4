"""What else may happen to an order on its way, over the real protocol: it is sent once, or not."""

from decimal import Decimal

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.events import (
    AmendFailed,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderRefused,
)
from fillpath.core.models import Certainty, OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.testing.gateway import faults
from tests.integration.ibkr.wired import Wired, wired

STOP = {
    "side": OrderSide.SELL,
    "order_type": OrderType.STOP,
    "limit_price": None,
    "stop_price": Decimal(130),
    "time_in_force": TimeInForce.GTC,
}


async def one_order(scene: Wired, order_id: str) -> bool:
    """Return whether the gateway was given exactly one order of that name, in one message."""
    orders = [order for order in scene.gateway.orders if order.ref == order_id]
    return len(orders) == 1 and orders[0].messages == 1


@pytest.mark.parametrize("number", [103, 320, 321, 512, 100, 9999])
async def test_a_word_that_may_mean_anything_is_a_doubt_and_then_a_refusal(number: int) -> None:
    async with wired() as scene:
        scene.gateway.misbehave(faults.Refuse("placeOrder", number=number, text="why not"))
        order = scene.order()

        with pytest.raises(Unavailable, match="in doubt"):
            await scene.broker.submit_order(order)
        doubted = await scene.broker.submit_order(order)
        await scene.told(OrderRefused)

    (refused,) = scene.events
    assert isinstance(refused, OrderRefused)
    assert refused.code == f"IBKR_{number}"
    assert doubted.certainty is Certainty.IN_DOUBT


@pytest.mark.parametrize("number", [103, 321, 9999])
async def test_a_doubted_order_that_the_gateway_took_is_accepted(number: int) -> None:
    async with wired() as scene:
        scene.gateway.misbehave(
            faults.Lose("openOrder"),
            faults.Lose("orderStatus"),
            faults.Refuse("placeOrder", number=number, taken=True),
        )
        order = scene.order()

        with pytest.raises(Unavailable):
            await scene.broker.submit_order(order)
        await scene.told(OrderAccepted)

        assert await one_order(scene, order.order_id)
        stands = await scene.broker.submit_order(order)
    assert stands.status is OrderStatus.SUBMITTED
    assert stands.certainty is Certainty.CONFIRMED


@pytest.mark.fault("F-45")
@pytest.mark.parametrize(
    ("fault", "kind"), [(faults.CutAfter, "OrderAccepted"), (faults.CutBefore, "OrderRefused")]
)
async def test_a_line_that_breaks_while_an_order_leaves_sends_it_once_at_most(
    fault: type[faults.Fault], kind: str
) -> None:
    async with wired() as scene:
        scene.gateway.misbehave(fault("placeOrder"))
        order = scene.order()

        with pytest.raises(Unavailable):
            await scene.broker.submit_order(order)
        await scene.until(lambda: scene.kinds == [kind])

        assert scene.gateway.log.count("placeOrder") == 1


@pytest.mark.fault("F-45")
async def test_an_order_that_nobody_answers_is_in_doubt_and_found_again() -> None:
    async with wired(answer_seconds=0.1) as scene:
        scene.gateway.misbehave(faults.Mute("placeOrder"))
        order = scene.order()

        with pytest.raises(Unavailable, match="did not answer"):
            await scene.broker.submit_order(order)
        await scene.told(OrderAccepted)

        assert await one_order(scene, order.order_id)


@pytest.mark.fault("F-47")
async def test_what_happens_while_the_line_is_down_is_told_when_it_is_back() -> None:
    async with wired() as scene:
        filled, one = await scene.rest()
        cancelled, other = await scene.rest()
        scene.gateway.refuse()
        scene.gateway.cut()
        await scene.until(lambda: not scene.connection.may_order())
        scene.gateway.fill(one, 100, 140)
        scene.gateway.cancel(other)
        unsent = await scene.broker.submit_order(scene.order())
        scene.gateway.recover()

        await scene.told(OrderFilled)
        await scene.told(OrderCancelled)
        await scene.until(scene.connection.may_order)
        stands = [await scene.broker.submit_order(order) for order in (filled, cancelled)]

    assert [order.status for order in stands] == [OrderStatus.FILLED, OrderStatus.CANCELLED]
    assert unsent.status is OrderStatus.REJECTED
    assert scene.gateway.log.count("placeOrder") == 2
    assert [holds for _, holds in scene.compared].count(True) >= 3


@pytest.mark.fault("F-59")
async def test_what_others_do_is_theirs_and_is_told_as_that() -> None:
    async with wired() as scene:
        resting = scene.gateway.external("AAPL", "BUY", 50, 140)
        scene.gateway.external("MSFT", "BUY", 5, client=3)

        orders = await scene.broker.get_open_orders()
        fills = await scene.broker.get_executions()
        with pytest.raises(BrokerRefused, match="NOT_OURS"):
            await scene.broker.cancel_order(str(resting.perm_id))

    theirs = [order for order in orders if order.symbol == "AAPL"]
    assert [order.order_id for order in theirs] == [f"external:{resting.perm_id}"]
    assert all(fill.order_id.startswith("external:") for fill in fills)
    assert ("something happened that no event tells", False) in scene.compared
    assert resting.is_open


@pytest.mark.fault("F-60")
async def test_two_incarnations_of_an_order_are_both_named() -> None:
    async with wired() as scene:
        scene.gateway.misbehave(faults.Double("placeOrder"))

        order, _ = await scene.rest()
        await scene.told(OrderAccepted, 2)

        names = [e.broker_order_id for e in scene.events if isinstance(e, OrderAccepted)]
        works = await scene.broker.get_open_orders()

    assert len(set(names)) == 2
    assert sorted(one.broker_order_id or "" for one in works) == sorted(names)
    assert {one.order_id for one in works} == {order.order_id}


async def test_a_change_that_is_refused_leaves_the_stop_as_it_was() -> None:
    async with wired() as scene:
        order, record = await scene.rest(**STOP)
        scene.gateway.misbehave(faults.Refuse("placeOrder", number=105, text="does not match"))

        taken = await scene.broker.amend_order(
            order.broker_order_id or "", Decimal(60), Decimal(131)
        )
        await scene.told(AmendFailed)

        stands = await scene.broker.submit_order(order)

    assert taken
    assert (stands.quantity, stands.stop_price) == (Decimal(100), Decimal(130))
    assert record.quantity == 100


async def test_a_change_that_a_cut_swallows_is_found_out() -> None:
    async with wired() as scene:
        order, _ = await scene.rest(**STOP)
        scene.gateway.misbehave(faults.CutBefore("placeOrder"))

        await scene.broker.amend_order(order.broker_order_id or "", Decimal(60), Decimal(131))

        await scene.told(AmendFailed)


async def test_a_restarted_adapter_finds_its_orders_and_sends_none_again() -> None:
    async with wired() as scene:
        order, record = await scene.rest(**STOP)
        scene.gateway.fill(record, 40, 130)
        await scene.told(OrderFilled)
        await scene.broker.stop()

        later = Wired(scene.gateway)
        await later.broker.start()
        again = await later.broker.submit_order(order)
        await later.broker.amend_order(again.broker_order_id or "", Decimal(80), Decimal(131))
        await later.settle()
        (works,) = await later.broker.get_open_orders()
        fresh, newer = await later.rest(order_id="alpha/later")
        taken = await later.broker.cancel_order(again.broker_order_id or "")
        await later.told(OrderCancelled)
        await later.broker.stop()

    assert again.broker_order_id == order.broker_order_id
    assert again.filled_quantity == 40
    assert (works.quantity, works.stop_price) == (Decimal(80), Decimal(131))
    assert newer.order_id > record.order_id
    assert fresh.broker_order_id != order.broker_order_id
    assert taken
    assert "OrderFilled" not in later.kinds


async def test_a_symbol_that_means_two_contracts_is_refused() -> None:
    async with wired() as scene:
        refused = await scene.broker.submit_order(scene.order(symbol="TWICE"))

    assert refused.status is OrderStatus.REJECTED
    assert scene.gateway.log.count("placeOrder") == 0


async def test_alarms_are_raised_in_words() -> None:
    async with wired() as scene:
        _, record = await scene.rest()
        scene.gateway.complain(record, 9999, "a new word")
        await scene.settle()

    (alarm,) = scene.alarms
    assert isinstance(alarm, RaiseAlarm)
    assert alarm.code == "IBKR_9999"
    assert "a new word" in alarm.text
