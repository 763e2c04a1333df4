"""How realistic orders trade: delay, limited size, queues and stops."""

from decimal import Decimal

from fillpath.core.events import (
    OrderAmended,
    OrderExpired,
    OrderFilled,
)
from fillpath.core.models import OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.core.units import nanoseconds
from fillpath.testing.builders import START_NS, a_quote, an_order
from tests.unit.execution.broker.realistic_scene import (
    FREE,
    SLOW,
    RealScene,
    a_stop,
    limit,
    realistic,
)

BUY, SELL = OrderSide.BUY, OrderSide.SELL


class TestLatency:
    def test_an_order_meets_the_market_that_it_finds_on_arrival(self) -> None:
        scene = RealScene(realistic(**SLOW))
        returned = scene.submit(an_order())
        assert returned.status is OrderStatus.SUBMITTED
        scene.wait(50)
        scene.feed.set_quote(a_quote("150.19", "150.21", ts=scene.clock.now()))

        scene.wait(60)

        assert scene.prices == [Decimal("150.21")]

    def test_a_cancel_may_come_too_late(self) -> None:
        scene = RealScene(realistic(latency_ms_min=100, latency_ms_max=100))
        order = scene.submit(limit(BUY, "149.50"))
        scene.wait(200)
        assert scene.broker.cancel(order.broker_order_id or "")
        scene.wait(50)
        scene.feed.set_quote(a_quote("149.38", "149.40", ts=scene.clock.now()))

        scene.wait(100)

        assert scene.told == ["OrderAccepted", "OrderFilled"]
        assert not scene.broker.cancel(order.broker_order_id or "")

    def test_a_cancel_never_overtakes_its_order(self) -> None:
        scene = RealScene(realistic(latency_ms_min=0, latency_ms_max=1_000))
        for number in range(20):
            order = scene.submit(an_order(order_id=f"order-{number}", quantity=1))
            scene.broker.cancel(order.broker_order_id or "")

        scene.wait(3_000)

        assert len(scene.fills) == 20

    def test_asking_twice_for_a_cancel_sends_one(self) -> None:
        scene = RealScene(realistic(**SLOW))
        order = scene.submit(limit(BUY, "149.00"))
        name = order.broker_order_id or ""
        assert [scene.broker.cancel(name), scene.broker.cancel(name)] == [True, True]

        scene.wait(500)

        assert scene.told == ["OrderAccepted", "OrderCancelled"]

    def test_an_order_on_its_way_expires_with_the_session(self) -> None:
        scene = RealScene(realistic(**SLOW))
        scene.submit(an_order())

        scene.broker.expire_day_orders()
        scene.wait(500)

        assert isinstance(scene.events[-1], OrderExpired)
        assert scene.fills == []
        assert scene.portfolio.reserved_cash == 0

    def test_the_same_seed_gives_the_same_fills_and_another_one_others(self) -> None:
        def moments(seed: int) -> list[int]:
            scene = RealScene(realistic(latency_ms_min=50, latency_ms_max=250, seed=seed))
            for number in range(5):
                scene.submit(an_order(order_id=f"order-{number}", quantity=1))
            scene.wait(1_000)
            return [event.at - START_NS for event in scene.events if isinstance(event, OrderFilled)]

        first = moments(1)

        assert first == moments(1) != moments(2)
        assert all(50_000_000 <= way <= 250_001_000 for way in first)

    def test_nothing_is_due_without_an_order_on_its_way(self) -> None:
        assert RealScene(realistic(**SLOW)).broker.next_due() is None


class TestSize:
    def test_a_market_order_takes_what_is_shown_and_waits_for_more(self) -> None:
        scene = RealScene(realistic(cash=10**6))
        scene.submit(an_order(BUY, 1_500))

        scene.show("150.00", "150.02")

        assert scene.parts == ["1000 at 150.01", "500 at 150.02"]

    def test_what_was_taken_is_not_there_again_in_the_next_quote(self) -> None:
        scene = RealScene(realistic(refill_seconds=5, cash=10**6))
        scene.submit(an_order(BUY, 1_500))

        scene.show("149.98", "150.01")
        assert len(scene.fills) == 1
        scene.wait(5_000)
        scene.show("149.99", "150.01")

        assert [fill.quantity for fill in scene.fills] == [1_000, 500]

    def test_an_interval_gives_a_tenth_of_its_volume(self) -> None:
        scene = RealScene(realistic(cash=10**6, **FREE, impact_coefficient=0))
        scene.feed.set_adv("AAPL", 390_000)  # 1,000 shares a minute
        scene.submit(an_order(BUY, 250))

        scene.wait(180_000)

        assert [fill.quantity for fill in scene.fills] == [100, 100, 50]
        minutes = [(nanoseconds(fill.ts) - START_NS) // 60_000_000_000 for fill in scene.fills]
        assert minutes == [0, 1, 2]

    def test_an_order_that_the_market_has_not_reached_wakes_nobody(self) -> None:
        scene = RealScene()
        scene.feed.set_adv("AAPL", 390_000)
        scene.submit(limit(BUY, "149.00", 250))

        scene.show("149.98", "150.00")

        assert scene.broker.next_due() is None

    def test_fill_or_kill_is_killed_where_the_size_is_too_small(self) -> None:
        scene = RealScene(realistic(cash=10**6))

        scene.submit(an_order(BUY, 1_500, time_in_force=TimeInForce.FOK))

        assert scene.told == ["OrderAccepted", "OrderCancelled"]

    def test_immediate_or_cancel_takes_what_is_there(self) -> None:
        scene = RealScene(realistic(cash=10**6))

        scene.submit(an_order(BUY, 1_500, time_in_force=TimeInForce.IOC))

        assert scene.told == ["OrderAccepted", "OrderFilled", "OrderCancelled"]

    def test_large_orders_pay_their_impact_and_limits_bound_it(self) -> None:
        scene = RealScene(realistic(participation_pct=100))
        scene.feed.set_adv("AAPL", 400_000)
        scene.submit(an_order(BUY, 100))
        scene.submit(limit(BUY, "150.01", order_id="order-2"))

        # 2/3 * 2 % * sqrt(100 / 400,000) = 0.0211 % of 150.01
        assert scene.prices == [Decimal("150.04162489"), Decimal("150.01")]

    def test_the_slices_of_an_order_share_their_impact(self) -> None:
        scene = RealScene(realistic(participation_pct=100, cash=10**6))
        scene.feed.set_adv("AAPL", 4_000_000)
        for number in (1, 2):
            scene.submit(an_order(BUY, 100, order_id=f"s{number}", parent_order_id="parent"))

        scene.submit(an_order(BUY, 200, order_id="whole"))

        first, second, whole = scene.prices
        assert abs(first + second - 2 * whole) < Decimal("1e-7")
        assert second > whole > first


class TestQueue:
    def test_a_limit_is_filled_at_its_price_when_the_market_trades_through(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.90"))
        scene.show("149.90", "149.92")
        assert scene.fills == []

        scene.show("149.85", "149.87")

        assert scene.prices == [Decimal("149.90")]

    def test_at_the_own_price_those_ahead_trade_first(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.99"))  # 1,000 shares were there before

        scene.show("149.99", "149.99", ask_size=50)
        assert scene.fills == []
        scene.show("149.97", "149.99", ask_size=50)  # the bid has left it: nobody is ahead any more

        assert scene.parts == ["50 at 149.99"]

    def test_a_market_that_locks_at_the_price_serves_the_queue_first(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.99"))

        scene.show("149.99", "149.99", ask_size=1_030)

        assert [fill.quantity for fill in scene.fills] == [30]

    def test_trades_take_the_queue_before_the_order(self) -> None:
        scene = RealScene()
        scene.show("149.99", "150.01", bid_size=100)
        scene.submit(limit(BUY, "149.99", 50))

        for quantity in (80, 30, 50):
            scene.broker.on_trade("AAPL", Decimal("149.99"), Decimal(quantity))

        assert [fill.quantity for fill in scene.fills] == [10, 40]
        assert set(scene.prices) == {Decimal("149.99")}

    def test_a_trade_through_the_price_needs_no_queue(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.99"))

        scene.broker.on_trade("AAPL", Decimal("149.98"), Decimal(60))

        assert scene.parts == ["60 at 149.99"]

    def test_a_trade_at_a_price_that_was_never_the_touch_says_nothing(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.50"))

        scene.broker.on_trade("AAPL", Decimal("149.50"), Decimal(600))

        assert scene.fills == []

    def test_a_share_of_what_a_level_loses_may_count_as_trades(self) -> None:
        scene = RealScene(realistic(traded_share_pct=50))
        scene.show("149.99", "150.01", bid_size=100)
        scene.submit(limit(BUY, "149.99", 50))

        scene.show("149.99", "150.01", bid_size=20)  # 40 traded, 40 cancelled: all ahead
        scene.show("149.99", "150.01", bid_size=0)

        assert scene.filled(an_order()) == 0
        scene.show("149.99", "150.01", bid_size=100)
        scene.show("149.99", "150.01", bid_size=0)
        assert scene.filled(an_order()) == 50

    def test_who_improves_the_market_is_first(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "150.00"))

        scene.broker.on_trade("AAPL", Decimal("150.00"), Decimal(70))

        assert [fill.quantity for fill in scene.fills] == [70]

    def test_a_resting_sell_queues_too(self) -> None:
        scene = RealScene(realistic(cash=10**6))
        scene.submit(limit(SELL, "150.01"))

        scene.broker.on_trade("AAPL", Decimal("150.01"), Decimal(1_040))
        scene.show("150.02", "150.04")

        assert scene.parts == ["40 at 150.01", "60 at 150.01"]

    def test_who_asks_for_more_goes_to_the_end_of_the_queue(self) -> None:
        scene = RealScene()
        scene.show("149.99", "150.01", bid_size=100)
        order = scene.submit(limit(BUY, "149.99", 50))
        scene.broker.on_trade("AAPL", Decimal("149.99"), Decimal(100))

        scene.broker.amend(order.broker_order_id or "", Decimal(60), None)
        scene.broker.on_trade("AAPL", Decimal("149.99"), Decimal(80))

        assert scene.fills == []

    def test_who_asks_for_less_keeps_the_place(self) -> None:
        scene = RealScene()
        scene.show("149.99", "150.01", bid_size=100)
        order = scene.submit(limit(BUY, "149.99", 50))
        scene.broker.on_trade("AAPL", Decimal("149.99"), Decimal(100))

        scene.broker.amend(order.broker_order_id or "", Decimal(40), None)
        scene.broker.on_trade("AAPL", Decimal("149.99"), Decimal(80))

        assert [fill.quantity for fill in scene.fills] == [40]


class TestStops:
    def test_a_gap_through_a_stop_fills_at_the_market(self) -> None:
        scene = RealScene()
        scene.submit(an_order())
        scene.submit(a_stop(SELL, "147"))

        scene.show("120.00", "120.02")

        assert scene.prices[-1] == 120

    def test_a_stop_limit_that_was_set_off_rests_at_its_limit(self) -> None:
        scene = RealScene()
        scene.submit(an_order())
        scene.submit(a_stop(SELL, "147", limit_price="146", order_type=OrderType.STOP_LIMIT))
        scene.show("145.00", "145.02")
        assert len(scene.fills) == 1

        scene.show("146.50", "146.52")

        assert scene.prices[-1] == 146

    def test_a_trailing_stop_follows_and_is_set_off(self) -> None:
        scene = RealScene()
        scene.submit(an_order())
        scene.submit(a_stop(SELL, "148", metadata={"trailing_amount": "2"}))
        assert scene.broker.queue_band("AAPL")[1] == 150 * 10**8 + 1

        scene.show("152.00", "152.02")
        scene.show("151.00", "151.02")
        scene.show("150.00", "150.02")

        amended = [event.stop for event in scene.events if isinstance(event, OrderAmended)]
        assert amended == [150 * 10**8]
        assert scene.prices[-1] == 150

    def test_a_trailing_buy_stop_follows_down(self) -> None:
        scene = RealScene()
        scene.submit(an_order(SELL))
        scene.submit(a_stop(BUY, "152", metadata={"trailing_amount": "1"}))
        assert scene.broker.queue_band("AAPL")[2] == 151 * 10**8 - 1

        scene.show("147.98", "148.00")
        scene.show("148.98", "149.00")

        assert scene.prices[-1] == 149

    def test_a_trail_that_is_no_distance_is_refused(self) -> None:
        scene = RealScene()

        returned = scene.submit(a_stop(SELL, "148", metadata={"trailing_amount": "0"}))

        assert returned.status is OrderStatus.REJECTED
        assert "trailing_amount must be above 0" in returned.metadata["reject_reason"]
