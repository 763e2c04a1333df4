"""Rows say in plain numbers what the desk said in exact integers."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, Position
from fillpath.core.reading import (
    alert_row,
    decision_row,
    fill_row,
    order_row,
    position_row,
    quality_row,
)
from tests.unit.reports.builders import (
    MARKET,
    OPEN,
    a_closed_order,
    a_decision,
    a_fill,
    a_measurement,
    a_ticket,
    an_alarm,
)


def test_an_order_row_says_what_was_sent_and_how_it_ended() -> None:
    row = order_row(a_closed_order())

    assert row.quantity == 100
    assert row.limit_price == Decimal("150.01")
    assert row.stop_price == Decimal(147)
    assert row.average_fill_price == Decimal("150.01")
    assert row.commission == Decimal("0.75005")
    assert row.submitted_at == datetime(2013, 3, 1, 14, 30, tzinfo=UTC)
    assert row.parent_order_id is None


def test_an_order_without_a_fill_has_no_average_price() -> None:
    row = order_row(a_closed_order(filled=0, value=0, status="CANCELLED", reason="session ended"))

    assert row.average_fill_price is None
    assert row.reason == "session ended"


def test_a_slice_names_its_parent_and_its_place() -> None:
    ticket = a_ticket(order_id="trend/s1#2", slice_number=2, slice_count=5, limit=None, stop=None)

    row = order_row(a_closed_order(ticket))

    assert (row.parent_order_id, row.slice, row.slices) == ("trend/s1", 2, 5)
    assert row.limit_price is None


def test_the_average_price_is_the_vwap_of_the_fills() -> None:
    row = order_row(a_closed_order(filled=3_000_000, value=10_000_000 * 10**8))

    assert str(row.average_fill_price) == "3.333333333333333333333333333"


def test_a_fill_row_keeps_what_the_broker_reported() -> None:
    row = fill_row(a_fill(parent_order_id="trend/s1"))

    assert (row.quantity, row.price, row.commission) == (
        Decimal(100),
        Decimal("150.01"),
        Decimal("0.75005"),
    )
    assert row.parent_order_id is None
    assert row.simulated


@pytest.mark.parametrize(
    ("side", "filled_at", "cost"),
    [
        pytest.param(OrderSide.BUY, 15_005_000_000, "3.333333333333", id="bought above: costs"),
        pytest.param(OrderSide.SELL, 15_005_000_000, "-3.333333333333", id="sold above: saves"),
        pytest.param(OrderSide.SELL, 14_995_000_000, "3.333333333333", id="sold below: costs"),
        pytest.param(OrderSide.BUY, 15_000_000_000, "0", id="at the reference: free"),
    ],
)
def test_costs_are_positive_for_both_sides(side: OrderSide, filled_at: int, cost: str) -> None:
    row = quality_row(a_measurement(side=side, value=100_000_000 * filled_at))

    assert str(row.slippage_bps)[: len(cost)] == cost
    assert row.arrival_slippage_bps == row.slippage_bps
    assert row.mid_slippage_bps == row.slippage_bps


def test_latency_runs_from_the_signal_to_the_first_and_to_the_last_fill() -> None:
    row = quality_row(a_measurement())

    assert row.fill_latency_ms == 1250
    assert row.first_fill_latency_ms == 1000
    assert row.order_latency_ms == 1000


def test_what_was_not_known_is_not_measured() -> None:
    row = quality_row(a_measurement(signal_price=None, arrival_mid=None))

    assert row.arrival_slippage_bps is None
    assert row.mid_slippage_bps is None
    assert row.decision_mid is None


def test_the_measured_notional_is_what_was_paid() -> None:
    row = quality_row(a_measurement())

    assert row.notional == Decimal(15_005)
    assert row.filled_price == Decimal("150.05")
    assert row.decision_mid == 150


def test_a_decision_row_shows_the_market_it_was_made_on() -> None:
    market = decision_row(a_decision()).market

    assert market is not None
    assert (market.bid, market.ask, market.mid) == (
        Decimal("149.99"),
        Decimal("150.01"),
        Decimal(150),
    )
    assert str(market.spread_bps)[:8] == "1.333333"
    assert market.quote_age_ms == 500
    assert market.adv == 1_000_000


@pytest.mark.parametrize(
    "market",
    [
        pytest.param(MarketView(), id="nothing known"),
        pytest.param(MarketView(bid=15_000_000_000), id="no ask"),
        pytest.param(MarketView(ask=15_000_000_000), id="no bid"),
        pytest.param(MarketView(bid=0, ask=0), id="zero prices"),
    ],
)
def test_a_one_sided_market_has_no_mid_and_no_spread(market: MarketView) -> None:
    row = decision_row(a_decision(market=market)).market

    assert row is not None
    assert row.mid is None
    assert row.spread_bps is None
    assert row.quote_at is None


def test_a_decision_row_says_why_in_readable_numbers() -> None:
    row = decision_row(
        a_decision(market=None, risk_reasons=("POSITION_CAP: too large",), participation=1_000_000)
    )

    assert row.market is None
    assert row.sizing == {"KELLY": 108, "POSITION_CAP": 100}
    assert row.kelly_fraction == Decimal("0.325")
    assert row.participation == Decimal("0.01")
    assert row.risk_reasons == ("POSITION_CAP: too large",)


def test_a_refusal_writes_no_empty_fields_to_json() -> None:
    row = decision_row(
        a_decision(outcome="REFUSED", reason="NO_EDGE", market=MARKET, kelly=None, stop=None)
    )

    written = msgspec.json.encode(row)

    assert b'"reason":"NO_EDGE"' in written
    assert b"stop_price" not in written


def test_times_are_iso_with_z_and_numbers_are_strings_in_json() -> None:
    written = msgspec.json.encode(fill_row(a_fill()))

    assert b'"ts":"2013-03-01T14:30:01Z"' in written
    assert b'"price":"150.01"' in written


def test_an_alert_row_names_its_order() -> None:
    row = alert_row(an_alarm(at=OPEN))

    assert (row.code, row.order_id) == ("SLIPPAGE", "trend/s1")


def test_a_position_row_values_the_position_at_its_mark() -> None:
    held = Position(symbol="IBM", quantity=Decimal(-10), average_price=2, market_price=3)  # type: ignore[arg-type]  # plain numbers are converted

    row = position_row(held)

    assert (row.market_value, row.unrealized_pnl) == (Decimal(-30), Decimal(-10))
