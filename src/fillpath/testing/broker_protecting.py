"""What a broker promises about stops, linked orders and changing an order that works."""

# A suite of tests: the names are the promises, and a literal is what is expected.
# ruff: noqa: D102, PLR2004

from typing import Final

from fillpath.core.capabilities import AmendingBroker
from fillpath.core.events import OrderAmended, OrderCancelled
from fillpath.core.models import Order, OrderSide, OrderStatus
from fillpath.core.units import Number, exact
from fillpath.testing.broker_bench import Bench, BrokerHooks, promised

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL


class ProtectingPromises(BrokerHooks):
    """Stops, groups (OCA) and amendments."""

    @promised("stops", "live_portfolio")
    async def test_a_sell_stop_waits_until_the_bid_is_at_its_level(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        stop = bench.stop(_SELL, 10, "147")
        await bench.submit(stop)
        await bench.move("147.01", "147.03")
        assert bench.fills(stop) == []

        await bench.move("147.00", "147.02")

        assert bench.filled(stop) == 10
        assert await bench.held() == 0

    @promised("stops", "shorts")
    async def test_a_buy_stop_waits_until_the_ask_is_at_its_level(self, bench: Bench) -> None:
        await bench.submit(bench.order(_SELL, 10))
        stop = bench.stop(_BUY, 10, "153")
        await bench.submit(stop)
        await bench.move("152.97", "152.99")
        assert bench.fills(stop) == []

        await bench.move("152.98", "153.00")

        assert bench.filled(stop) == 10

    @promised("stops", "live_portfolio")
    async def test_a_gap_through_a_stop_fills_at_the_market(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        stop = bench.stop(_SELL, 10, "147")
        await bench.submit(stop)

        await bench.move("120.00", "120.02")

        (fill,) = bench.fills(stop)
        assert fill.price <= 120

    @promised("stops", "oca", "resting_orders")
    async def test_a_filled_order_cancels_what_it_is_linked_with(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        stop = bench.stop(_SELL, 10, "147", group="g")
        target = bench.order(_SELL, 10, limit=160, group="g")
        await bench.submit(stop)
        await bench.submit(target)

        await bench.move("160.01", "160.03")

        assert bench.filled(target) == 10
        assert isinstance(bench.told(stop)[-1], OrderCancelled)
        assert await bench.broker.get_open_orders() == []

    @promised("stops", "oca")
    async def test_a_smaller_fill_reduces_what_it_is_linked_with(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        stop = bench.stop(_SELL, 10, "147", group="g")
        await bench.submit(stop)

        await bench.submit(bench.order(_SELL, 4, group="g"))

        (working,) = await bench.broker.get_open_orders()
        assert working.remaining_quantity == 6
        assert _sizes(bench, stop) == [6]

    @promised("stops", "oca", "live_portfolio")
    async def test_what_is_linked_never_sells_more_than_one_of_them(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        stop = bench.stop(_SELL, 10, "147", group="g")
        await bench.submit(stop)
        await bench.move("146.00", "146.02")

        late = bench.order(_SELL, 10, group="g")
        await bench.submit(late)

        assert bench.status(late) in {OrderStatus.CANCELLED, OrderStatus.REJECTED}
        assert await bench.held() == 0

    @promised("oca", "resting_orders")
    async def test_orders_of_other_groups_are_left_alone(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 20))
        other = bench.order(_SELL, 10, limit=170, group="h")
        await bench.submit(other)

        await bench.submit(bench.order(_SELL, 10, group="g"))

        assert bench.status(other) is OrderStatus.SUBMITTED

    @promised("amend", "resting_orders")
    async def test_an_order_that_works_takes_another_size(self, bench: Bench) -> None:
        order = bench.order(_BUY, 10, limit=140)
        returned = await bench.submit(order)

        taken = await _amend(bench, returned, 25)

        (working,) = await bench.broker.get_open_orders()
        assert taken is True
        assert working.quantity == 25
        assert _sizes(bench, order) == [25]
        await bench.move("138.99", "139.01")
        assert bench.filled(order) == 25

    @promised("amend", "stops", "live_portfolio")
    async def test_a_stop_takes_another_level(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        stop = bench.stop(_SELL, 10, "147")
        returned = await bench.submit(stop)

        await _amend(bench, returned, 10, "148")
        await bench.move("147.99", "148.01")

        assert bench.filled(stop) == 10

    @promised("amend", "stops", "live_portfolio")
    async def test_a_stop_goes_back_to_its_former_level(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        stop = bench.stop(_SELL, 10, "147")
        returned = await bench.submit(stop)

        await _amend(bench, returned, 10, "146")
        await _amend(bench, returned, 10, "147")
        await bench.move("146.99", "147.01")

        assert bench.filled(stop) == 10

    @promised("amend", "resting_orders")
    async def test_amending_twice_changes_nothing_more(self, bench: Bench) -> None:
        order = bench.order(_BUY, 10, limit=140)
        returned = await bench.submit(order)
        await _amend(bench, returned, 15)

        taken = await _amend(bench, returned, 15)

        (working,) = await bench.broker.get_open_orders()
        assert taken is True
        assert working.quantity == 15

    @promised("amend", "resting_orders", "cancel")
    async def test_an_order_that_has_ended_is_not_amended(self, bench: Bench) -> None:
        returned = await bench.submit(bench.order(_BUY, 10, limit=140))
        await bench.cancel(returned)
        before = len(bench.events)

        taken = await _amend(bench, returned, 15)

        assert taken is False
        assert len(bench.events) == before

    @promised("amend", "partial_fills", "resting_orders")
    async def test_amending_to_what_is_filled_cancels_the_rest(self, bench: Bench) -> None:
        order = bench.order(_BUY, 250, limit="150.01")
        await bench.move("149.98", "150.01", 100)
        returned = await bench.submit(order)

        await _amend(bench, returned, 100)

        assert isinstance(bench.told(order)[-1], OrderCancelled)
        assert bench.filled(order) == 100


async def _amend(bench: Bench, order: Order, shares: int, level: Number | None = None) -> bool:
    assert isinstance(bench.broker, AmendingBroker), "what is declared must be there"
    name = order.broker_order_id or ""
    stop = None if level is None else exact(level, "level")
    taken = await bench.broker.amend_order(name, exact(shares, "shares"), stop)
    await bench.settle()
    return taken


def _sizes(bench: Bench, order: Order) -> list[int]:
    changes = [event for event in bench.told(order) if isinstance(event, OrderAmended)]
    return [change.quantity // 1_000_000 for change in changes]
