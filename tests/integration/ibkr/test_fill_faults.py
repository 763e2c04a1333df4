"""Rows F-62 to F-78: what brokers say about orders and fills, over the real protocol."""

from decimal import Decimal
from itertools import permutations

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.events import (
    CancelFailed,
    CommissionReported,
    FillCorrected,
    OrderCancelled,
    OrderFilled,
    OrderRefused,
)
from fillpath.core.models import OrderSide, OrderStatus, OrderType, TimeInForce
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


@pytest.mark.fault("F-62")
async def test_an_execution_that_is_told_three_times_counts_once() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        done = scene.gateway.fill(record, 40, 140)
        for _ in range(2):
            scene.gateway.fills.tell(done, ("execDetails", "commissionReport"))
        scene.gateway.cut()
        await scene.until(lambda: not scene.connection.may_order())
        await scene.until(scene.connection.may_order)
        await scene.settle()

        stands = await scene.broker.submit_order(order)

    assert scene.kinds == ["OrderAccepted", "OrderFilled"]
    assert stands.filled_quantity == 40


@pytest.mark.fault("F-63")
async def test_a_correction_replaces_what_was_told() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        done = scene.gateway.fill(record, 100, 140)
        scene.gateway.correct(done, shares=60, price="139.5")
        await scene.told(FillCorrected)

        stands = await scene.broker.submit_order(order)
        (fill,) = await scene.broker.get_executions()
        (position,) = await scene.broker.get_positions()

    assert stands.filled_quantity == fill.quantity == position.quantity == 60
    assert (fill.price, fill.revision) == (Decimal("139.5"), 1)


@pytest.mark.fault("F-64")
async def test_a_bust_takes_the_fill_back() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        done = scene.gateway.fill(record, 100, 140)
        await scene.told(OrderFilled)
        scene.gateway.bust(done)
        await scene.told(FillCorrected)
        await scene.told(OrderCancelled)

        fills = await scene.broker.get_executions()
        held = await scene.broker.get_positions()
        (ended,) = await scene.broker.get_completed_orders()

    bust = next(event for event in scene.events if isinstance(event, FillCorrected))
    assert bust.quantity == 0
    assert fills == []
    assert held == []
    assert (ended.order_id, ended.status) == (order.order_id, OrderStatus.CANCELLED)
    assert ended.filled_quantity == 0


@pytest.mark.fault("F-65")
@pytest.mark.parametrize("shuffled", list(permutations(range(4))))
async def test_fills_in_any_order_end_alike(shuffled: tuple[int, ...]) -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        executions = [
            scene.gateway.fill(record, shares, price, news=())
            for shares, price in ((10, 140), (20, "139.5"), (30, 139))
        ]
        executions.append(scene.gateway.fills.correct(executions[1], Decimal(15), Decimal("139.4")))
        for number in shuffled:
            scene.gateway.fills.tell(executions[number], ("execDetails", "commissionReport"))
        await scene.settle()

        stands = await scene.broker.submit_order(order)

    assert stands.filled_quantity == 55
    assert stands.average_fill_price == Decimal("139.29090909")
    assert stands.status is OrderStatus.PARTIALLY_FILLED


@pytest.mark.fault("F-66")
async def test_a_fill_that_is_told_first_implies_the_acceptance() -> None:
    async with wired() as scene:
        scene.gateway.misbehave(
            faults.Hold("openOrder", times=0), faults.Hold("orderStatus", times=0)
        )

        filled = await scene.broker.submit_order(scene.order(limit_price=Decimal(151)))

        scene.gateway.behave()
        scene.gateway.release()
        await scene.settle()

    assert scene.kinds == ["OrderAccepted", "OrderFilled"]
    assert filled.status is OrderStatus.FILLED


@pytest.mark.fault("F-67")
async def test_a_fill_after_the_cancel_is_told_all_the_same() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        await scene.broker.cancel_order(order.broker_order_id or "")
        await scene.told(OrderCancelled)

        scene.gateway.fill(record, 100, 140)
        await scene.told(OrderFilled)

        stands = await scene.broker.submit_order(order)

    assert scene.kinds == ["OrderAccepted", "OrderCancelled", "OrderFilled"]
    assert stands.status is OrderStatus.FILLED


@pytest.mark.fault("F-68")
@pytest.mark.parametrize(
    ("code", "text"),
    [
        (161, "Cancel attempted when order is not in a cancellable state."),
        (10148, "OrderId 1 that needs to be cancelled cannot be cancelled, state: Filled."),
    ],
)
async def test_a_cancel_that_the_fill_has_overtaken_ends_filled(code: int, text: str) -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        scene.gateway.misbehave(faults.Refuse("cancelOrder", number=code, text=text))
        scene.gateway.fill(record, 100, 140, news=())

        taken = await scene.broker.cancel_order(order.broker_order_id or "")
        await scene.told(OrderFilled)

        stands = await scene.broker.submit_order(order)

    assert taken
    assert CancelFailed in [type(event) for event in scene.events]
    assert "OrderCancelled" not in scene.kinds
    assert stands.status is OrderStatus.FILLED


@pytest.mark.fault("F-68")
async def test_a_fill_while_the_cancel_is_under_way_is_a_fill() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        scene.gateway.misbehave(faults.Ignore("cancelOrder"))
        await scene.broker.cancel_order(order.broker_order_id or "")
        scene.gateway.show(record, "PendingCancel")

        scene.gateway.fill(record, 100, 140)
        await scene.told(OrderFilled)

        stands = await scene.broker.submit_order(order)
        again = await scene.broker.cancel_order(order.broker_order_id or "")

    assert stands.status is OrderStatus.FILLED
    assert not stands.cancel_requested
    assert again is False


@pytest.mark.fault("F-69")
async def test_more_than_was_ordered_is_told_to_the_last_share() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        scene.gateway.fill(record, 100, 140)
        scene.gateway.fill(record, 10, 140)
        await scene.told(OrderFilled, 2)

        stands = await scene.broker.submit_order(order)

    assert scene.filled == stands.filled_quantity == 110


@pytest.mark.fault("F-69")
async def test_two_orders_of_a_group_that_both_fill_are_both_told() -> None:
    async with wired() as scene:
        first, one = await scene.rest(oca_group="g", side=OrderSide.SELL, limit_price=Decimal(160))
        second, other = await scene.rest(oca_group="g", **STOP)
        scene.gateway.fill(one, 100, 160)
        scene.gateway.fill(other, 100, 130)
        await scene.told(OrderFilled, 2)

        stands = [await scene.broker.submit_order(order) for order in (first, second)]

    assert [order.filled_quantity for order in stands] == [100, 100]


@pytest.mark.fault("F-70")
@pytest.mark.parametrize(("code", "status"), [(202, "Cancelled"), (201, "Inactive")])
async def test_a_rest_that_the_broker_ends_keeps_what_was_filled(code: int, status: str) -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        scene.gateway.fill(record, 40, 140)
        await scene.told(OrderFilled)

        scene.gateway.cancel(record, status, code, "insufficient margin")
        await scene.told(OrderCancelled)

        stands = await scene.broker.submit_order(order)

    end = scene.events[-1]
    assert isinstance(end, OrderCancelled)
    assert "insufficient margin" in end.reason
    assert (stands.status, stands.filled_quantity) == (OrderStatus.CANCELLED, Decimal(40))


@pytest.mark.fault("F-71")
async def test_an_inactive_order_is_held_comes_back_and_fills() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        scene.gateway.show(record, "Inactive", "locate")
        await scene.settle()
        held = await scene.broker.submit_order(order)
        works = await scene.broker.get_open_orders()

        scene.gateway.show(record, "Submitted")
        scene.gateway.fill(record, 100, 140)
        await scene.told(OrderFilled)

        stands = await scene.broker.submit_order(order)

    assert held.status is OrderStatus.SUBMITTED
    assert held.metadata["held"] == "locate"
    assert [one.order_id for one in works] == []
    assert scene.kinds == ["OrderAccepted", "OrderFilled"]
    assert stands.status is OrderStatus.FILLED


@pytest.mark.fault("F-72")
async def test_a_preset_that_changes_the_order_sends_no_second_one() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        for _ in range(15):
            scene.gateway.complain(record, 10349, "Order TIF was set to DAY based on order preset.")
            await scene.settle()
            stands = await scene.broker.submit_order(order)
            assert stands.status is OrderStatus.SUBMITTED

        assert await one_order(scene, order.order_id)
        assert scene.gateway.log.count("placeOrder") == 1
    assert scene.kinds == ["OrderAccepted"]


@pytest.mark.fault("F-73")
async def test_an_order_that_waits_for_the_open_works_and_says_so() -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        text = "Your order will not be placed at the exchange until 2026-11-23 09:30:00 US/Eastern"
        scene.gateway.show(record, "PreSubmitted")
        scene.gateway.complain(record, 399, f"Order Message: {text}")
        await scene.settle()

        stands = await scene.broker.submit_order(order)

    assert stands.status is OrderStatus.SUBMITTED
    assert stands.metadata["held"] == f"399 Order Message: {text}"
    assert scene.kinds == ["OrderAccepted", "OrderHeld"]


@pytest.mark.fault("F-74")
async def test_an_order_that_waits_for_shares_to_borrow_is_held() -> None:
    async with wired() as scene:
        order, record = await scene.rest(side=OrderSide.SELL, limit_price=Decimal(160))
        scene.gateway.complain(record, 404, "Order held while securities are located.")
        scene.gateway.show(record, "PreSubmitted", "locate")
        await scene.settle()

        stands = await scene.broker.submit_order(order)

    assert stands.status is OrderStatus.SUBMITTED
    assert stands.metadata["held"].startswith("404 ")
    assert scene.kinds == ["OrderAccepted"]


@pytest.mark.fault("F-75")
@pytest.mark.parametrize(
    ("amount", "currency"),
    [("-1", "USD"), ("NaN", "USD"), ("1.7976931348623157E308", "USD"), ("", "USD"), ("1", "EUR")],
)
async def test_a_commission_that_says_nothing_leaves_the_fill_as_it_is(
    amount: str, currency: str
) -> None:
    async with wired() as scene:
        order, record = await scene.rest()
        done = scene.gateway.fill(record, 100, 140, news=("execDetails", "orderStatus"))
        scene.gateway.charge(done, amount, currency)
        await scene.settle()

        (fill,) = await scene.broker.get_executions()
        stands = await scene.broker.submit_order(order)

    assert (fill.quantity, fill.price) == (Decimal(100), Decimal(140))
    assert fill.commission == 0
    assert stands.status is OrderStatus.FILLED
    assert not [event for event in scene.events if isinstance(event, CommissionReported)]


@pytest.mark.fault("F-75")
async def test_a_commission_that_comes_late_and_twice_is_told_once() -> None:
    async with wired() as scene:
        _, record = await scene.rest()
        done = scene.gateway.fill(record, 100, 140, news=("execDetails", "orderStatus"))
        await scene.told(OrderFilled)
        for amount in ("-1", "1.25", "1.25"):
            scene.gateway.charge(done, amount)
        await scene.settle()

        (fill,) = await scene.broker.get_executions()

    told = [event for event in scene.events if isinstance(event, CommissionReported)]
    assert len(told) == 1
    assert fill.commission == Decimal("1.25")


@pytest.mark.fault("F-76")
async def test_a_price_that_our_checks_let_through_is_refused_and_paged() -> None:
    async with wired() as scene:
        text = "The price does not conform to the minimum price variation for this contract."
        scene.gateway.misbehave(faults.Refuse("placeOrder", number=110, text=text))
        order = scene.order()

        with pytest.raises(Unavailable, match="minimum price variation"):
            await scene.broker.submit_order(order)
        await scene.told(OrderRefused)

        stands = await scene.broker.submit_order(order)

    assert scene.codes == ["CONTROL_GAP"]
    assert stands.status is OrderStatus.REJECTED
    assert stands.metadata["reject_reason"].startswith("110 The price does not conform")
    assert scene.kinds == ["OrderRefused"]


@pytest.mark.fault("F-77")
async def test_a_position_that_no_execution_explains_is_shown_as_it_is() -> None:
    async with wired() as scene:
        account = scene.gateway.accounts["DU1234567"]
        contract = scene.gateway.contracts.named("AAPL")
        account.trade(contract, Decimal(7), Decimal(100))

        (position,) = await scene.broker.get_positions()
        fills = await scene.broker.get_executions()

    assert (position.symbol, position.quantity) == ("AAPL", Decimal(7))
    assert fills == []
    assert scene.events == []


@pytest.mark.fault("F-78")
async def test_a_part_of_a_share_is_kept_and_never_ordered() -> None:
    async with wired() as scene:
        account = scene.gateway.accounts["DU1234567"]
        account.trade(scene.gateway.contracts.named("AAPL"), Decimal("10.3725"), Decimal(100))

        (position,) = await scene.broker.get_positions()
        refused = await scene.broker.submit_order(
            scene.order(side=OrderSide.SELL, quantity=position.quantity)
        )

    assert position.quantity == Decimal("10.3725")
    assert refused.status is OrderStatus.REJECTED
    assert "whole shares" in refused.metadata["reject_reason"]
    assert scene.gateway.log.count("placeOrder") == 0
