"""What realistic orders cost and may do: fees, margin, borrowing, halts, sessions, steps."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import BrokerRefused
from fillpath.core.events import (
    CommissionReported,
    OrderAmended,
    OrderCancelled,
)
from fillpath.core.models import OrderSide, OrderStatus
from fillpath.execution.broker.book import ANY_ASK
from fillpath.execution.simulating.policy import AccountKind, CommissionPlan
from fillpath.testing.builders import START_NS, a_position, a_quote, a_ticket, an_order
from tests.unit.execution.broker.realistic_scene import (
    FREE,
    SLOW,
    RealScene,
    a_stop,
    limit,
    realistic,
)
from tests.unit.execution.broker.scene import QUOTES, Scene, at_once

BUY, SELL = OrderSide.BUY, OrderSide.SELL


class TestFees:
    def test_the_minimum_of_an_order_in_parts_is_taken_once(self) -> None:
        scene = RealScene(realistic(cash=10**6))
        scene.submit(limit(BUY, "150.01", 150, order_id="order-1"))
        scene.show("149.99", "150.01", ask_size=10)
        scene.submit(limit(BUY, "150.02", 1_040, order_id="order-2"))
        scene.show("149.99", "150.02")

        paid = [f.commission for f in scene.fills if f.order_id == "order-2"]
        assert scene.fills[0].commission == 1
        assert paid == [1, Decimal("4.05")]

    def test_a_sale_pays_the_regulators(self) -> None:
        scene = RealScene()
        scene.submit(an_order(BUY, 100))
        scene.submit(an_order(SELL, 100, order_id="order-2"))

        # 2 March 2026: no fee of Section 31, 0.000195 a share to FINRA, no fee of the audit trail
        assert scene.fills[1].commission == Decimal("1.0195")

    def test_the_month_moves_the_tiers(self) -> None:
        plan: dict[str, Any] = {"commission": CommissionPlan.TIERED, "exchange_remove_fee": 0}
        few = RealScene(realistic(**plan, regulatory_fees=False))
        many = RealScene(realistic(**plan, regulatory_fees=False, month_shares=400_000))
        for scene in (few, many):
            scene.submit(an_order(BUY, 500))

        cheap, dear = many.fills[0].commission, few.fills[0].commission
        assert dear == Decimal("1.75") * Decimal("1.00074") + Decimal("0.1")
        assert cheap == Decimal(1) * Decimal("1.00074") + Decimal("0.1")

    def test_a_new_month_begins_with_the_first_tier(self) -> None:
        plan: dict[str, Any] = {
            "commission": CommissionPlan.TIERED,
            "month_shares": 400_000,
            "cash": 10**6,
        }
        scene = RealScene(realistic(**plan, exchange_remove_fee=0, regulatory_fees=False))
        scene.submit(an_order(BUY, 500))
        scene.wait(31 * 86_400_000)

        scene.submit(an_order(BUY, 500, order_id="order-2"))

        assert scene.fills[1].commission > scene.fills[0].commission

    def test_a_new_process_goes_on_with_the_fees_of_the_one_before(self) -> None:
        before = RealScene(realistic(cash=10**6))
        order = before.submit(limit(BUY, "150.01", 1_400))
        after = RealScene(realistic(cash=10**6))
        after.clock.set(before.clock.now())
        portfolio = before.portfolio

        after.broker.restore(
            portfolio.cash, portfolio.positions, before.open_orders, before.fills, count=1
        )
        after.show("149.90", "149.92")

        assert [fill.commission for fill in after.fills] == [2]  # 7.00 in all
        assert after.filled(order) == 400


class TestMoney:
    def test_a_margin_account_opens_twice_its_equity_and_not_more(self) -> None:
        scene = RealScene(realistic(cash=10_000, **FREE))

        refused = scene.submit(an_order(BUY, 134))
        taken = scene.submit(an_order(BUY, 133, order_id="order-2"))

        assert "INSUFFICIENT_MARGIN" in refused.metadata["reject_reason"]
        assert taken.status is OrderStatus.FILLED
        assert scene.portfolio.cash < 0

    def test_an_account_below_its_maintenance_opens_nothing_and_may_close(self) -> None:
        scene = RealScene(realistic(cash=10_000, **FREE))
        scene.submit(an_order(BUY, 130))
        scene.show("90.00", "90.02")

        refused = scene.submit(an_order(BUY, 1, order_id="order-2"))
        closing = scene.submit(an_order(SELL, 130, order_id="order-3"))

        assert "MARGIN_CALL" in refused.metadata["reject_reason"]
        assert closing.status is OrderStatus.FILLED

    def test_a_cash_account_waits_for_its_sales_to_settle(self) -> None:
        scene = RealScene(realistic(cash=15_100, account=AccountKind.CASH))
        scene.submit(an_order(BUY, 100))
        scene.submit(an_order(SELL, 100, order_id="order-2"))

        early = scene.submit(an_order(BUY, 100, order_id="order-3"))
        scene.open_session()
        scene.show("149.99", "150.01")
        later = scene.submit(an_order(BUY, 100, order_id="order-4"))

        assert "UNSETTLED_CASH" in early.metadata["reject_reason"]
        assert later.status is OrderStatus.FILLED

    def test_a_cash_account_sells_what_it_holds(self) -> None:
        scene = RealScene(realistic(cash=20_000, account=AccountKind.CASH))
        scene.submit(an_order(BUY, 100))

        refused = scene.submit(an_order(SELL, 101, order_id="order-2"))

        assert "NOT_SHORTABLE" in refused.metadata["reject_reason"]

    def test_a_plain_account_spends_its_cash_and_no_more(self) -> None:
        scene = RealScene(realistic(cash=10_000, account=AccountKind.PLAIN))

        refused = scene.submit(an_order(BUY, 67))
        short = scene.submit(an_order(SELL, 67, order_id="order-2"))

        assert "INSUFFICIENT_CASH" in refused.metadata["reject_reason"]
        assert short.status is OrderStatus.FILLED

    def test_what_cannot_be_paid_on_arrival_is_cancelled(self) -> None:
        scene = RealScene(realistic(cash=15_100, account=AccountKind.PLAIN, **SLOW))
        scene.submit(an_order(BUY, 100))
        scene.feed.set_quote(a_quote("159.99", "160.01", ts=scene.clock.now()))

        scene.wait(200)

        assert scene.told == ["OrderAccepted", "OrderCancelled"]
        assert "INSUFFICIENT_CASH" in scene.why()

    def test_an_amendment_that_cannot_be_paid_is_refused(self) -> None:
        scene = RealScene(realistic(cash=15_000, account=AccountKind.PLAIN))
        order = scene.submit(limit(BUY, "140"))

        with pytest.raises(BrokerRefused, match="INSUFFICIENT_CASH"):
            scene.broker.amend(order.broker_order_id or "", Decimal(200), None)

    def test_an_amendment_that_cannot_be_paid_any_more_changes_nothing(self) -> None:
        scene = RealScene(realistic(cash=30_000, account=AccountKind.PLAIN, **SLOW))
        order = scene.submit(limit(BUY, "140"))
        scene.wait(200)
        assert scene.broker.amend(order.broker_order_id or "", Decimal(200), None)
        scene.submit(limit(BUY, "140", order_id="order-2"))

        scene.wait(300)

        (amended,) = [event for event in scene.events if isinstance(event, OrderAmended)]
        assert amended.quantity == 100 * 10**6
        assert "unchanged" in amended.reason

    def test_an_order_without_a_market_is_refused(self) -> None:
        scene = RealScene(quoted=False)

        refused = [scene.submit(an_order(side, order_id=side)) for side in OrderSide]

        assert all("NO_MARKET" in order.metadata["reject_reason"] for order in refused)


class TestShorts:
    def test_what_is_hard_to_borrow_is_not_sold_short(self) -> None:
        scene = RealScene(realistic(hard_to_borrow=frozenset({"AAPL"})))

        refused = scene.submit(an_order(SELL))
        scene.submit(an_order(BUY, 100, order_id="order-2"))
        closing = scene.submit(an_order(SELL, 100, order_id="order-3"))

        assert "NOT_SHORTABLE" in refused.metadata["reject_reason"]
        assert closing.status is OrderStatus.FILLED

    def test_only_so_many_shares_can_be_borrowed(self) -> None:
        scene = RealScene(realistic(shortable_shares=150))
        scene.submit(an_order(SELL, 100))

        refused = scene.submit(an_order(SELL, 51, order_id="order-2"))

        assert "50 are available" in refused.metadata["reject_reason"]

    def test_every_night_costs_the_rate_on_what_was_borrowed(self) -> None:
        scene = RealScene(realistic(borrow_rate_pct="3.6", **FREE))
        scene.open_session()
        scene.submit(an_order(SELL, 100))
        before = scene.portfolio.cash
        scene.wait(3 * 86_400_000)

        scene.open_session()

        # 1.02 * 150 = 153 a share; 100 * 153 * 3.6 % * 3 / 360
        fee = Decimal("4.59")
        assert before - scene.portfolio.cash == fee
        (told,) = [event for event in scene.events if isinstance(event, CommissionReported)]
        (sold,) = at_once(scene.broker.get_executions())
        assert told.commission == sold.commission * 10**14
        assert sold.commission == fee + scene.fills[0].commission

    def test_a_short_of_unknown_origin_is_not_charged(self) -> None:
        scene = RealScene()
        scene.broker.restore(Decimal(10_000), [a_position(-100)], [], [])
        scene.open_session()
        scene.wait(86_400_000)

        scene.open_session()

        assert scene.portfolio.cash == 10_000

    def test_margin_bounds_a_short(self) -> None:
        scene = RealScene(realistic(cash=10_000))

        refused = scene.submit(an_order(SELL, 134))

        assert "INSUFFICIENT_MARGIN" in refused.metadata["reject_reason"]


class TestHalts:
    def test_nothing_trades_in_a_halt_and_orders_rest(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.00"))
        scene.broker.halt("AAPL")

        scene.submit(an_order(BUY, 10, order_id="order-2"))
        scene.show("148.00", "148.02")
        scene.broker.on_trade("AAPL", Decimal("148.00"), Decimal(10_000))

        assert scene.fills == []
        assert len(scene.open_orders) == 2

    def test_an_order_is_cancelled_in_a_halt(self) -> None:
        scene = RealScene()
        order = scene.submit(limit(BUY, "149.00"))
        scene.broker.halt("AAPL")

        scene.broker.cancel(order.broker_order_id or "")

        assert isinstance(scene.events[-1], OrderCancelled)

    def test_the_first_quote_after_a_halt_is_its_auction(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.00"))
        scene.broker.halt("AAPL")
        scene.show("148.00", "148.02")

        scene.broker.end_halt("AAPL")
        assert scene.broker.queue_band("AAPL") == (None, None, ANY_ASK, None)
        assert scene.fills == []
        scene.show("148.10", "148.12")

        assert scene.prices == [Decimal("148.12")]

    def test_a_symbol_that_was_not_halted_has_no_auction(self) -> None:
        scene = RealScene()

        scene.broker.end_halt("AAPL")
        scene.submit(an_order())

        assert len(scene.fills) == 1


class TestSessions:
    def test_a_limit_that_rested_over_night_gets_the_opening_price(self) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.00"))
        scene.wait(86_400_000)
        scene.open_session()

        scene.show("140.00", "140.02")

        assert scene.prices == [Decimal("140.02")]

    def test_an_order_before_the_first_quote_of_the_day_does_not_trade_on_the_last_one(
        self,
    ) -> None:
        scene = RealScene()
        scene.submit(limit(BUY, "149.00"))
        scene.wait(86_400_000)
        scene.open_session()

        scene.submit(an_order(BUY, 10, order_id="order-2"))
        assert scene.fills == []
        scene.show("151.00", "151.02")

        assert scene.prices == [Decimal("151.02")]

    def test_an_order_at_the_close_trades_in_the_closing_auction(self) -> None:
        scene = RealScene()
        scene.open_session()
        at_close = {"destination": "at_close"}
        scene.submit(an_order(BUY, 100, metadata=at_close))
        scene.submit(limit(BUY, "149.00", order_id="order-2", metadata=at_close))
        scene.show("150.49", "150.53")
        assert scene.fills == []

        scene.broker.expire_day_orders()

        assert [(fill.order_id, fill.price) for fill in scene.fills] == [
            ("order-1", Decimal("150.51"))
        ]
        assert "closing auction" in scene.why()

    def test_an_order_at_the_close_that_comes_too_late_is_refused(self) -> None:
        scene = RealScene()
        scene.open_session(hours=6)
        scene.wait((6 * 3_600 - 600) * 1_000)

        refused = scene.submit(an_order(metadata={"destination": "at_close"}))
        unknown = RealScene().submit(an_order(metadata={"destination": "at_close"}))

        assert "AUCTION_TOO_LATE" in refused.metadata["reject_reason"]
        assert "AUCTION_UNKNOWN" in unknown.metadata["reject_reason"]

    def test_an_order_at_the_open_trades_in_the_opening_auction(self) -> None:
        scene = RealScene()
        scene.broker.place_ticket(a_ticket(10, destination='{"name":"at_open"}'), START_NS)
        scene.show("151.00", "151.02")
        assert scene.fills == []
        scene.open_session()

        scene.show("152.00", "152.02")

        assert scene.prices == [Decimal("152.01")]

    def test_an_order_at_the_open_during_the_session_is_refused(self) -> None:
        scene = RealScene()
        scene.open_session()

        refused = scene.submit(an_order(metadata={"destination": "at_open"}))

        assert "AUCTION_TOO_LATE" in refused.metadata["reject_reason"]

    def test_an_order_at_the_open_that_arrives_after_it_is_cancelled(self) -> None:
        scene = RealScene(realistic(**SLOW))
        scene.submit(an_order(metadata={"destination": "at_open"}))
        scene.open_session()

        scene.wait(200)

        assert "after the opening auction" in scene.why()

    def test_an_order_for_an_auction_waits_on_in_a_new_process(self) -> None:
        before = RealScene()
        before.submit(an_order(metadata={"destination": "at_open"}))
        after = RealScene()

        after.broker.restore(Decimal(100_000), [], before.open_orders, [])
        after.show("150.99", "151.01")
        assert after.fills == []
        after.open_session()
        after.show("151.99", "152.01")

        assert after.prices == [Decimal("152.00")]

    def test_a_destination_that_cannot_be_is_refused(self) -> None:
        returned = RealScene().submit(an_order(metadata={"destination": "nowhere"}))

        assert "INVALID_ORDER" in returned.metadata["reject_reason"]


class TestTicks:
    @pytest.mark.parametrize(("price", "taken"), [("149.005", False), ("149.01", True)])
    def test_a_price_between_two_steps_is_refused(self, price: str, *, taken: bool) -> None:
        returned = RealScene().submit(limit(BUY, price))

        assert (returned.status is not OrderStatus.REJECTED) is taken

    def test_the_check_can_be_left_out(self) -> None:
        returned = RealScene(realistic(check_ticks=False)).submit(limit(BUY, "149.005"))

        assert returned.status is OrderStatus.SUBMITTED

    def test_half_a_penny_is_a_step_once_the_rule_is_in_force(self) -> None:
        scene = RealScene(realistic(half_penny=frozenset({"AAPL"})))
        early = scene.submit(limit(BUY, "149.005"))
        scene.wait(610 * 86_400_000)  # November 2027

        late = scene.submit(limit(BUY, "149.005", order_id="order-2"))

        assert early.status is OrderStatus.REJECTED
        assert late.status is OrderStatus.SUBMITTED


class TestGroups:
    def test_what_one_order_fills_the_other_loses_at_once(self) -> None:
        scene = RealScene()
        scene.submit(an_order())
        scene.submit(a_stop(SELL, "147", oca_group="exit"))
        scene.submit(limit(SELL, "152", order_id="target", oca_group="exit"))

        scene.show("152.01", "152.03", bid_size=40)
        scene.show("140.00", "140.02")

        assert [fill.order_id for fill in scene.fills] == ["order-1", "target", "stop"]
        assert scene.parts[1:] == ["40 at 152", "60 at 140"]

    def test_who_comes_after_the_group_has_ended_is_cancelled(self) -> None:
        scene = RealScene()
        scene.submit(an_order())
        scene.submit(an_order(SELL, 100, order_id="first", oca_group="exit"))

        late = scene.submit(an_order(SELL, 100, order_id="late", oca_group="exit"))

        assert late.status is OrderStatus.CANCELLED


def test_other_profiles_know_neither_time_nor_sessions() -> None:
    broker = Scene(QUOTES).broker

    broker.halt("AAPL")
    broker.end_halt("AAPL")
    broker.on_trade("AAPL", Decimal(150), Decimal(1))
    assert broker.next_due() is None
    assert broker.on_time() == broker.open_session(0, 0) == set()
    assert broker.queue_band("AAPL") == (None, None, None, None)
