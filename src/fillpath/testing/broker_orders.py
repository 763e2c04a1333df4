"""What every broker promises about an order, whatever else it can do."""

# A suite of tests: the names are the promises, and a literal is what is expected.
# ruff: noqa: D102, PLR2004

import re
from decimal import Decimal
from typing import Final

from fillpath.core.errors import BrokerRefused
from fillpath.core.events import CommissionReported, OrderAccepted, OrderFilled, OrderRefused
from fillpath.core.models import OrderSide, OrderStatus
from fillpath.testing.broker_bench import Bench, BrokerHooks, promised
from fillpath.testing.scenarios import raised

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_ZERO: Final = Decimal(0)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


class OrderPromises(BrokerHooks):
    """From submission to the last fill, and what may be asked about it."""

    @promised()
    async def test_an_order_is_accepted_before_it_is_filled(self, bench: Bench) -> None:
        order = bench.order()

        await bench.submit(order)

        told = bench.told(order)
        assert isinstance(told[0], OrderAccepted)
        assert all(isinstance(event, OrderFilled | CommissionReported) for event in told[1:])
        assert bench.filled(order) == 10

    @promised()
    async def test_the_broker_names_an_order_once_and_for_all(self, bench: Bench) -> None:
        first, second = bench.order(), bench.order()

        returned = [await bench.submit(first), await bench.submit(second)]

        named = [event for event in bench.events if isinstance(event, OrderAccepted)]
        assert [event.broker_order_id for event in named] == [o.broker_order_id for o in returned]
        assert len({order.broker_order_id for order in returned} - {None, ""}) == 2

    @promised()
    async def test_what_is_returned_is_what_the_events_say(self, bench: Bench) -> None:
        order = bench.order()

        returned = await bench.submit(order)

        fills = bench.fills(order)
        value = sum((fill.quantity * fill.price for fill in fills), _ZERO)
        assert returned.status is bench.status(order)
        assert returned.filled_quantity == bench.filled(order)
        assert returned.average_fill_price == value / returned.filled_quantity
        assert await bench.broker.get_order_status(returned.broker_order_id or "") is (
            returned.status
        )

    @promised()
    async def test_what_was_asked_for_comes_back_unchanged(self, bench: Bench) -> None:
        order = bench.order(limit=151).changed(metadata={"signal_id": "sig-1"})

        returned = await bench.submit(order)

        for name in ("order_id", "symbol", "side", "quantity", "order_type", "limit_price"):
            assert getattr(returned, name) == getattr(order, name)
        assert returned.metadata["signal_id"] == "sig-1"
        assert order.status is OrderStatus.PENDING

    @promised()
    async def test_a_fill_names_its_order_and_its_moment(self, bench: Bench) -> None:
        order = bench.order(_SELL).changed(parent_order_id="parent-1")

        await bench.submit(order)

        for fill in bench.fills(order):
            assert (fill.symbol, fill.side, fill.order_id) == (self.symbol, _SELL, order.order_id)
            assert fill.parent_order_id == "parent-1"
            assert fill.ts.utcoffset() is not None
            assert fill.simulated or not bench.broker.capabilities.in_process

    @promised()
    async def test_events_never_go_back_in_time(self, bench: Bench) -> None:
        for side in (_BUY, _SELL, _BUY):
            await bench.submit(bench.order(side))
            await bench.move("150.99", "151.01")

        moments = [event.at for event in bench.events]
        assert moments == sorted(moments)
        assert moments[0] > 0

    @promised()
    async def test_the_same_order_again_trades_nothing(self, bench: Bench) -> None:
        order = bench.order()
        first = await bench.submit(order)

        again = await bench.submit(order)

        assert again == first
        assert bench.filled(order) == 10
        assert len(await bench.broker.get_executions()) == len(bench.fills())

    @promised()
    async def test_a_buy_is_never_filled_above_its_limit(self, bench: Bench) -> None:
        order = bench.order(_BUY, limit="150.01")

        await bench.submit(order)

        assert bench.filled(order) == 10
        assert all(fill.price <= Decimal("150.01") for fill in bench.fills(order))

    @promised()
    async def test_a_sell_is_never_filled_below_its_limit(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY))  # not every account may sell what it does not hold
        order = bench.order(_SELL, limit="149.99")

        await bench.submit(order)

        assert bench.filled(order) == 10
        assert all(fill.price >= Decimal("149.99") for fill in bench.fills(order))

    @promised()
    async def test_executions_are_the_fills_the_sink_was_told(self, bench: Bench) -> None:
        for side in (_BUY, _SELL):
            await bench.submit(bench.order(side))

        executions = await bench.broker.get_executions()

        assert executions == bench.fills()
        assert len({fill.fill_id for fill in executions}) == len(executions) >= 2

    @promised()
    async def test_the_status_of_an_unknown_order_is_refused(self, bench: Bench) -> None:
        with raised(BrokerRefused, "UNKNOWN_ORDER"):
            await bench.broker.get_order_status("no-such-order")

    @promised()
    async def test_an_unknown_order_is_not_cancelled(self, bench: Bench) -> None:
        taken = await bench.broker.cancel_order("no-such-order")

        assert taken is False
        assert bench.events == []

    @promised()
    async def test_a_filled_order_is_not_cancelled(self, bench: Bench) -> None:
        filled = await bench.submit(bench.order())

        taken = await bench.cancel(filled)

        assert taken is False
        assert bench.status(filled) is OrderStatus.FILLED

    @promised()
    async def test_an_ended_order_is_completed_and_not_open(self, bench: Bench) -> None:
        returned = await bench.submit(bench.order())

        assert await bench.broker.get_completed_orders() == [returned]
        assert await bench.broker.get_open_orders() == []

    @promised()
    async def test_a_refused_order_is_completed_with_its_reason(self, bench: Bench) -> None:
        await bench.submit(self.refused_order(bench))

        (completed,) = await bench.broker.get_completed_orders()
        assert completed.status is OrderStatus.REJECTED
        assert completed.metadata["reject_reason"]

    @promised()
    async def test_asking_changes_nothing(self, bench: Bench) -> None:
        await bench.submit(bench.order())
        told = list(bench.events)

        first = await bench.broker.get_completed_orders(), await bench.broker.get_executions()
        again = await bench.broker.get_completed_orders(), await bench.broker.get_executions()

        assert first == again
        assert bench.events == told

    @promised()
    async def test_health_is_an_answer(self, bench: Bench) -> None:
        healthy = await bench.broker.health_check()

        assert healthy is True

    @promised()
    async def test_a_refused_order_says_why_and_never_trades(self, bench: Bench) -> None:
        held = await bench.broker.get_positions()
        order = self.refused_order(bench)

        returned = await bench.submit(order)

        assert returned.status is OrderStatus.REJECTED
        assert returned.metadata["reject_reason"]
        (told,) = bench.told(order)
        assert isinstance(told, OrderRefused)
        assert told.code
        assert told.reason
        assert await bench.broker.get_positions() == held
        assert await bench.broker.get_open_orders() == []
