"""What a broker promises about orders that wait for the market."""

# A suite of tests: the names are the promises, and a literal is what is expected.
# ruff: noqa: D102, PLR2004

import re
from decimal import Decimal
from typing import Final

from fillpath.core.events import OrderAccepted, OrderCancelled
from fillpath.core.models import OrderSide, OrderStatus
from fillpath.testing.broker_bench import Bench, BrokerHooks, promised

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_ZERO: Final = Decimal(0)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


class RestingPromises(BrokerHooks):
    """Resting, filling in parts and being cancelled."""

    @promised("checks_cash", "resting_orders")
    async def test_a_resting_buy_keeps_its_cash_to_itself(self, bench: Bench) -> None:
        cash = await bench.cash()
        shares = int(cash / 140 / 2) + 10
        first = await bench.submit(bench.order(_BUY, shares, limit=140))

        second = await bench.submit(bench.order(_BUY, shares, limit=140))

        assert first.status is OrderStatus.SUBMITTED
        assert second.status is OrderStatus.REJECTED
        assert (await bench.broker.get_portfolio()).reserved_cash >= shares * 140

    @promised("resting_orders")
    async def test_a_limit_that_is_not_marketable_rests(self, bench: Bench) -> None:
        order = bench.order(_BUY, limit=140)

        returned = await bench.submit(order)

        assert returned.status is OrderStatus.SUBMITTED
        assert [type(event) for event in bench.told(order)] == [OrderAccepted]
        assert await bench.broker.get_open_orders() == [returned]
        assert await bench.held() == 0

    @promised("resting_orders")
    async def test_a_resting_buy_fills_when_the_market_reaches_it(self, bench: Bench) -> None:
        order = bench.order(_BUY, limit=140)
        returned = await bench.submit(order)
        await bench.move("140.01", "140.03")
        assert bench.fills(order) == []

        await bench.move("139.90", "139.95")

        assert bench.filled(order) == 10
        assert all(fill.price <= 140 for fill in bench.fills(order))
        assert await bench.broker.get_order_status(returned.broker_order_id or "") is (
            OrderStatus.FILLED
        )
        assert await bench.broker.get_open_orders() == []

    @promised("resting_orders", "shorts")
    async def test_a_resting_sell_fills_when_the_market_reaches_it(self, bench: Bench) -> None:
        order = bench.order(_SELL, limit=160)
        await bench.submit(order)
        await bench.move("159.97", "159.99")
        assert bench.fills(order) == []

        await bench.move("160.05", "160.10")

        assert bench.filled(order) == 10
        assert all(fill.price >= 160 for fill in bench.fills(order))

    @promised("resting_orders")
    async def test_the_same_resting_order_again_rests_once(self, bench: Bench) -> None:
        order = bench.order(_BUY, limit=140)
        first = await bench.submit(order)

        again = await bench.submit(order)
        await bench.move("138.99", "139.01")

        assert again == first
        assert bench.filled(order) == 10

    @promised("resting_orders")
    async def test_open_orders_come_in_the_order_of_submission(self, bench: Bench) -> None:
        limits = (141, 139, 140)

        sent = [await bench.submit(bench.order(_BUY, limit=limit)) for limit in limits]

        assert await bench.broker.get_open_orders() == sent

    @promised("resting_orders", "cancel")
    async def test_a_cancelled_order_never_trades_again(self, bench: Bench) -> None:
        order = bench.order(_BUY, limit=140)
        returned = await bench.submit(order)

        taken = await bench.cancel(returned)
        await bench.move("138.99", "139.01")

        assert taken is True
        assert [type(event) for event in bench.told(order)] == [OrderAccepted, OrderCancelled]
        assert await bench.broker.get_order_status(returned.broker_order_id or "") is (
            OrderStatus.CANCELLED
        )
        assert await bench.broker.get_open_orders() == []

    @promised("resting_orders", "cancel")
    async def test_a_cancelled_order_is_not_cancelled_again(self, bench: Bench) -> None:
        returned = await bench.submit(bench.order(_BUY, limit=140))
        await bench.cancel(returned)

        taken = await bench.cancel(returned)

        assert taken is False
        assert len(bench.told(returned)) == 2

    @promised("resting_orders", "cancel")
    async def test_a_cancelled_order_is_completed_once(self, bench: Bench) -> None:
        returned = await bench.submit(bench.order(_BUY, limit=140))
        await bench.cancel(returned)
        await bench.cancel(returned)

        (completed,) = await bench.broker.get_completed_orders()

        assert completed == returned.changed(status=OrderStatus.CANCELLED)
        assert await bench.broker.get_open_orders() == []

    @promised("resting_orders", "cancel", "checks_cash")
    async def test_a_cancelled_buy_gives_its_cash_back(self, bench: Bench) -> None:
        before = (await bench.broker.get_portfolio()).reserved_cash
        returned = await bench.submit(bench.order(_BUY, limit=140))

        await bench.cancel(returned)

        assert (await bench.broker.get_portfolio()).reserved_cash == before

    @promised("partial_fills", "resting_orders")
    async def test_a_large_order_fills_in_parts_as_size_is_shown(self, bench: Bench) -> None:
        order = bench.order(_BUY, 250, limit="150.01")
        await bench.move("149.98", "150.01", 100)

        first = await bench.submit(order)
        await bench.move("149.99", "150.00", 100)
        (half,) = await bench.broker.get_open_orders()
        await bench.move("149.98", "150.01", 100)

        assert first.status is half.status is OrderStatus.PARTIALLY_FILLED
        assert [first.filled_quantity, half.filled_quantity] == [100, 200]
        assert [fill.quantity for fill in bench.fills(order)] == [100, 100, 50]
        assert await bench.broker.get_open_orders() == []

    @promised("partial_fills", "resting_orders", "cancel")
    async def test_a_cancel_keeps_what_was_filled(self, bench: Bench) -> None:
        order = bench.order(_BUY, 250, limit="150.01")
        await bench.move("149.98", "150.01", 100)
        returned = await bench.submit(order)

        await bench.cancel(returned)

        (completed,) = await bench.broker.get_completed_orders()
        assert bench.status(order) is completed.status is OrderStatus.CANCELLED
        assert await bench.held() == bench.filled(order) == completed.filled_quantity == 100

    @promised("not partial_fills")
    async def test_an_order_fills_whole(self, bench: Bench) -> None:
        order = bench.order(_BUY, 250)
        await bench.move("149.98", "150.01", 100)

        await bench.submit(order)

        assert [fill.quantity for fill in bench.fills(order)] == [250]
