"""What measuring promises for every price, fill and number of orders."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.models import OrderSide
from fillpath.core.units import (
    PRICE_SCALE,
    QUANTITY_SCALE,
    RATIO_SCALE,
    price_decimal,
)
from fillpath.execution.metrics import (
    Outcome,
    cost_bps,
    exceeds_bps,
    implementation_shortfall,
    latency_ms,
    percentile,
    slippage_bps,
    summarise,
)

BUY = OrderSide.BUY
SELL = OrderSide.SELL
sides = st.sampled_from(OrderSide)
prices = st.integers(1, 10**6 * PRICE_SCALE)
shares = st.integers(1, 10**9 * QUANTITY_SCALE)
fills = st.lists(st.tuples(prices, shares), min_size=1, max_size=5)
costs = st.decimals(-1_000, 1_000, places=6)
notionals = st.decimals(0, 10**9, places=2)
money = st.decimals(Decimal("0.0001"), 10**6, places=4)
amounts = st.decimals(1, 10**7, places=2)


def exact_cost(side: OrderSide, reference: int, value: int, filled: int) -> Fraction:
    return side.sign * (Fraction(value, filled) - reference) / reference * 10_000


def rounded(number: Fraction) -> Decimal:
    return Context(prec=28).divide(Decimal(number.numerator), Decimal(number.denominator))


def total(executions: Sequence[tuple[int, int]]) -> tuple[int, int]:
    value = sum(price * quantity for price, quantity in executions)
    return value, sum(quantity for _, quantity in executions)


@given(side=sides, reference=prices, executions=fills)
def test_a_cost_is_the_exact_quotient_to_28_digits(
    side: OrderSide, reference: int, executions: list[tuple[int, int]]
) -> None:
    value, filled = total(executions)

    cost = cost_bps(side, reference, value, filled)

    assert cost == rounded(exact_cost(side, reference, value, filled))


@given(reference=prices, executions=fills)
def test_what_costs_a_buyer_saves_a_seller(
    reference: int, executions: list[tuple[int, int]]
) -> None:
    value, filled = total(executions)

    bought = cost_bps(BUY, reference, value, filled)
    sold = cost_bps(SELL, reference, value, filled)

    assert bought == -sold


@given(side=sides, reference=prices, executions=fills, limit=st.integers(0, RATIO_SCALE))
def test_the_limit_test_agrees_with_the_exact_cost(
    side: OrderSide, reference: int, executions: list[tuple[int, int]], limit: int
) -> None:
    value, filled = total(executions)
    cost = exact_cost(side, reference, value, filled)

    above = exceeds_bps(side, reference, value, filled, limit)

    assert above == (cost > Fraction(limit * 10_000, RATIO_SCALE))


@given(side=sides, reference=prices, price=prices, quantity=shares)
def test_decimals_and_integers_give_the_same_digits(
    side: OrderSide, reference: int, price: int, quantity: int
) -> None:
    by_integers = cost_bps(side, reference, price * quantity, quantity)

    by_decimals = slippage_bps(side, price_decimal(reference), price_decimal(price))

    assert by_decimals == by_integers


@given(side=sides, reference=prices, price=prices, worse=st.integers(1, 10**9))
def test_a_worse_price_always_costs_more(
    side: OrderSide, reference: int, price: int, worse: int
) -> None:
    cost = cost_bps(side, reference, price, 1)

    assert cost_bps(side, reference, price + side.sign * worse, 1) > cost


@given(microseconds=st.integers(-(10**12), 10**15))
def test_latency_loses_nothing(microseconds: int) -> None:
    start = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)

    latency = latency_ms(start, start + timedelta(microseconds=microseconds))

    assert latency * 1_000 == microseconds


@given(values=st.lists(costs, min_size=1, max_size=50), percent=st.integers(0, 100))
def test_percentiles_are_those_of_numpy(values: list[Decimal], percent: int) -> None:
    expected = np.percentile([float(value) for value in values], percent)

    assert float(percentile(sorted(values), percent)) == pytest.approx(expected, abs=1e-6)


@given(measured=st.lists(st.tuples(costs, notionals), min_size=1, max_size=30))
def test_a_summary_lies_within_what_was_measured(measured: list[tuple[Decimal, Decimal]]) -> None:
    summary = summarise(measured)

    low, high = min(cost for cost, _ in measured), max(cost for cost, _ in measured)
    weighted = summary.notional_weighted
    assert summary.count == len(measured)
    for number in (summary.mean, summary.median, summary.p95):
        assert number is not None
        assert low <= number <= high
    assert (weighted is None) == (sum(notional for _, notional in measured) == 0)
    assert weighted is None or low <= weighted <= high


@given(measured=st.lists(st.tuples(costs, notionals), max_size=20), data=st.data())
def test_a_summary_does_not_depend_on_the_order(
    measured: list[tuple[Decimal, Decimal]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(measured))

    assert summarise(shuffled) == summarise(measured)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    executions = draw(st.lists(st.tuples(money, amounts), max_size=4))
    filled = sum((quantity for _, quantity in executions), Decimal(0))
    return Outcome(
        side=draw(sides),
        quantity=filled + draw(amounts),
        fills=tuple(executions),
        decision_price=draw(money),
        arrival_price=draw(money),
        end_price=draw(money),
        fees=draw(st.decimals(0, 10**5, places=2)),
    )


@given(outcome=outcomes())
def test_the_shortfall_is_the_paper_gain_less_the_real_gain(outcome: Outcome) -> None:
    sign = outcome.side.sign
    end = Fraction(outcome.end_price)
    paper = sign * Fraction(outcome.quantity) * (end - Fraction(outcome.decision_price))
    real = sum(
        (sign * Fraction(quantity) * (end - Fraction(price)) for price, quantity in outcome.fills),
        Fraction(0),
    ) - Fraction(outcome.fees)
    stake = Fraction(outcome.quantity) * Fraction(outcome.decision_price)

    shortfall = implementation_shortfall(outcome)

    assert shortfall.total == rounded((paper - real) / stake * 10_000)


@given(outcome=outcomes())
def test_the_parts_of_a_shortfall_sum_to_its_total(outcome: Outcome) -> None:
    shortfall = implementation_shortfall(outcome)

    parts = (shortfall.delay, shortfall.execution, shortfall.opportunity, shortfall.fees)
    scale = max(abs(part) for part in parts) + 1
    assert abs(sum(parts, Decimal(0)) - shortfall.total) <= scale * Decimal("1e-25")
