"""Costs, latency, alerts, summaries and implementation shortfall."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from fillpath.core.models import OrderSide
from fillpath.core.units import PRICE_SCALE, QUANTITY_SCALE
from fillpath.execution.metrics import (
    CostSummary,
    Outcome,
    Shortfall,
    alerts,
    cost_bps,
    exceeds_bps,
    implementation_shortfall,
    latency_ms,
    percentile,
    slippage_bps,
    summarise,
)
from fillpath.execution.policy import QualityPolicy

BUY = OrderSide.BUY
SELL = OrderSide.SELL
POLICY = QualityPolicy()
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
D = Decimal

COSTS = [
    pytest.param(BUY, "150", "150.05", "3.333333333333333333333333333", id="bought above: costs"),
    pytest.param(SELL, "150", "150.05", "-3.333333333333333333333333333", id="sold above: saves"),
    pytest.param(BUY, "150", "149.95", "-3.333333333333333333333333333", id="bought below: saves"),
    pytest.param(SELL, "150", "149.95", "3.333333333333333333333333333", id="sold below: costs"),
    pytest.param(BUY, "100", "100.10", "10", id="exactly ten"),
    pytest.param(BUY, "100", "100", "0", id="as meant"),
    pytest.param(SELL, "0.0001", "0.0002", "-10000", id="twice the price"),
]


@pytest.mark.parametrize(("side", "reference", "filled", "bps"), COSTS)
@pytest.mark.control("P-07", "passes")
def test_a_cost_is_positive_whichever_the_side(
    side: OrderSide, reference: str, filled: str, bps: str
) -> None:
    assert slippage_bps(side, D(reference), D(filled)) == D(bps)


@pytest.mark.parametrize(("side", "reference", "filled", "bps"), COSTS)
def test_the_integer_form_gives_the_same_digits(
    side: OrderSide, reference: str, filled: str, bps: str
) -> None:
    quantity = 7 * QUANTITY_SCALE
    price = int(D(filled) * PRICE_SCALE)

    cost = cost_bps(side, int(D(reference) * PRICE_SCALE), price * quantity, quantity)

    assert cost == D(bps)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_no_cost_has_no_sign(side: OrderSide) -> None:
    assert not slippage_bps(side, D(150), D("150.00")).is_signed()
    assert not cost_bps(side, 150, 300, 2).is_signed()


def test_the_price_of_several_fills_is_their_vwap() -> None:
    value = 100 * 10 + 300 * 11

    assert cost_bps(BUY, 10, value, 400) == slippage_bps(BUY, D(10), D("10.75")) == 750


TEN_BPS = 100_000


@pytest.mark.parametrize(
    ("price", "limit", "above"),
    [
        pytest.param("100.10", TEN_BPS, False, id="exactly the limit"),
        pytest.param("100.10000001", TEN_BPS, True, id="just above"),
        pytest.param("100.10", TEN_BPS - 1, True, id="a limit just below"),
        pytest.param("100.00", 0, False, id="no cost against no limit"),
        pytest.param("99.00", 0, False, id="an improvement"),
    ],
)
def test_a_limit_is_exceeded_strictly(*, price: str, limit: int, above: bool) -> None:
    value = int(D(price) * PRICE_SCALE) * 3

    assert exceeds_bps(BUY, 100 * PRICE_SCALE, value, 3, limit) is above


def test_a_limit_is_exceeded_downwards_by_a_sell() -> None:
    assert exceeds_bps(SELL, 10_000, 9_989, 1, TEN_BPS)
    assert not exceeds_bps(SELL, 10_000, 10_011, 1, TEN_BPS)


@pytest.mark.parametrize(
    ("microseconds", "ms"),
    [(1_250_000, "1250"), (1_250_500, "1250.5"), (1, "0.001"), (0, "0"), (-1_500, "-1.5")],
)
def test_latency_is_exact_to_the_microsecond(microseconds: int, ms: str) -> None:
    assert str(latency_ms(NOON, NOON + timedelta(microseconds=microseconds))) == ms


def test_latency_does_not_depend_on_the_zone() -> None:
    elsewhere = (NOON + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-5)))

    assert latency_ms(NOON, elsewhere) == 1_000


@pytest.mark.parametrize(
    ("slippage", "latency", "codes"),
    [
        pytest.param("10", "5000", (), id="both exactly at their threshold"),
        pytest.param("10.0000000001", "5000", ("SLIPPAGE",), id="slippage above"),
        pytest.param("10", "5000.001", ("LATENCY",), id="latency above"),
        pytest.param("11", "5001", ("SLIPPAGE", "LATENCY"), id="both above"),
        pytest.param("-500", "0", (), id="an improvement never alerts"),
        pytest.param(None, "6000", ("LATENCY",), id="unknown slippage"),
        pytest.param(None, "-1", (), id="clocks that disagree"),
    ],
)
@pytest.mark.control("P-07", "refuses")
@pytest.mark.control("P-07", "passes")
def test_alerts_are_strictly_above_their_threshold(
    slippage: str | None, latency: str, codes: tuple[str, ...]
) -> None:
    cost = None if slippage is None else D(slippage)

    assert alerts(cost, D(latency), POLICY) == codes


def test_the_thresholds_are_settings() -> None:
    strict = QualityPolicy(max_slippage_bps=0, max_latency_ms="0.5")

    assert alerts(D("0.01"), D("0.6"), strict) == ("SLIPPAGE", "LATENCY")


def test_the_typical_order_and_the_typical_dollar_differ() -> None:
    summary = summarise([(D(2), D(1_000)), (D(4), D(1_000)), (D(6), D(4_000)), (D(-1), D(0))])

    assert summary == CostSummary(
        count=4,
        mean=D("2.75"),
        median=D(3),
        p95=D("5.70"),
        notional_weighted=D(5),
    )


def test_nothing_measured_has_no_average() -> None:
    assert summarise([]) == CostSummary(count=0)


def test_without_notional_there_is_no_weighted_cost() -> None:
    assert summarise([(D(3), D(0))]).notional_weighted is None


@pytest.mark.parametrize(
    ("percent", "value"), [(0, "1"), (25, "1.75"), (50, "2.5"), (95, "3.85"), (100, "4")]
)
def test_percentiles_are_interpolated(percent: int, value: str) -> None:
    assert percentile([D(1), D(2), D(3), D(4)], percent) == D(value)


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert percentile([D(7)], 95) == 7


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([D(1)], 101), ([D(1)], -1)])
def test_an_impossible_percentile_is_a_programming_error(
    values: list[Decimal], percent: int
) -> None:
    with pytest.raises(AssertionError):
        percentile(values, percent)


def an_outcome(  # noqa: PLR0913, PLR0917  # one published example in one line
    side: OrderSide,
    quantity: str,
    fills: tuple[tuple[str, str], ...],
    decision: str,
    arrival: str,
    end: str,
    fees: str,
) -> Outcome:
    return Outcome(
        side=side,
        quantity=D(quantity),
        fills=tuple((D(price), D(shares)) for price, shares in fills),
        decision_price=D(decision),
        arrival_price=D(arrival),
        end_price=D(end),
        fees=D(fees),
    )


def test_published_example_of_a_delayed_and_partly_missed_buy() -> None:
    """0.07 % delay, 0.02 % execution, 0.06 % missed, 0.04 % fees: 0.19 % (gaodun.com/q/b03v1i)."""
    outcome = an_outcome(BUY, "1000", (("40.05", "700"),), "40", "40.04", "40.08", "17")

    assert implementation_shortfall(outcome) == Shortfall(
        delay=D(7), execution=D("1.75"), opportunity=D(6), fees=D("4.25"), total=D(19)
    )


def test_published_example_of_a_buy_that_saved() -> None:
    """-0.25 % execution, 0.06 % fees: -0.19 % (bloombergprep.com, question a84284)."""
    outcome = an_outcome(BUY, "4000", (("16.20", "4000"),), "16.24", "16.24", "16.28", "38.50")

    shortfall = implementation_shortfall(outcome)

    assert [round(part, 0) for part in (shortfall.execution, shortfall.fees)] == [-25, 6]
    assert round(shortfall.total, 0) == -19
    assert (str(shortfall.delay), str(shortfall.opportunity)) == ("0", "0")


def test_published_example_of_a_sell() -> None:
    """43.00 at the decision, 41.00 at arrival, 40.25 sold, 0.05 fees: 2.80 a share.

    CFA Institute, 2000 Level III examination, question 28 (analystforum.com/t/52371).
    """
    outcome = an_outcome(SELL, "50000", (("40.25", "50000"),), "43", "41", "38", "2500")

    shortfall = implementation_shortfall(outcome)

    dollars_per_share = shortfall.total * 43 / 10_000
    assert round(dollars_per_share, 20) == D("2.80")
    assert str(shortfall.opportunity) == "0"


def test_nothing_filled_is_all_opportunity() -> None:
    shortfall = implementation_shortfall(an_outcome(SELL, "100", (), "10", "9.9", "9", "0"))

    assert shortfall.opportunity == shortfall.total == 1_000
    assert shortfall.delay == shortfall.execution == 0
    assert not shortfall.delay.is_signed()
    assert not shortfall.execution.is_signed()
