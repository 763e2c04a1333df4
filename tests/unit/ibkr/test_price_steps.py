"""Prices always stand on a step, a buy rounded down and a sell up, never beyond what was meant."""

from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused, ModelError
from fillpath.core.models import OrderSide
from fillpath.ibkr.heard import RuleShown
from fillpath.ibkr.price_steps import PriceSteps, on_step, rule_number, steps_of
from tests.unit.ibkr.contracts import FOUND, RULE, STEPS

BUY: Final = OrderSide.BUY
SELL: Final = OrderSide.SELL


def steps(*pairs: tuple[str, str]) -> PriceSteps:
    return PriceSteps(tuple((Decimal(edge), Decimal(step)) for edge, step in pairs))


CASES: Final = [
    ("150.254", BUY, "150.25"),
    ("150.254", SELL, "150.26"),
    ("150.25", BUY, "150.25"),
    ("150.25", SELL, "150.25"),
    ("0.99996", BUY, "0.9999"),
    ("0.99996", SELL, "1.00"),
    ("1.0001", BUY, "1.00"),
    ("1.0001", SELL, "1.01"),
    ("0.1", BUY, "0.1"),
    ("0.30000000000000004", BUY, "0.3"),
    ("0.30000000000000004", SELL, "0.3001"),
]


@pytest.mark.fault("F-76")
@pytest.mark.parametrize(("price", "side", "expected"), CASES)
def test_a_price_stands_on_the_step_of_its_range(
    price: str, side: OrderSide, expected: str
) -> None:
    assert on_step(price, side, STEPS, "limit_price") == Decimal(expected)


def test_an_edge_that_is_no_multiple_of_its_step_is_passed_the_right_way() -> None:
    odd = steps(("0", "0.03"), ("1", "0.3"))

    assert odd.rounded(Decimal("1.1"), BUY) == Decimal("0.99")
    assert odd.rounded(Decimal("0.995"), SELL) == Decimal("1.2")
    assert odd.rounded(Decimal("1.25"), SELL) == Decimal("1.5")


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ("NaN", "limit_price must be finite, got 'NaN'"),
        (float("nan"), "limit_price must be finite, got nan"),
        (float("inf"), "limit_price must be finite, got inf"),
        ("-Infinity", "limit_price must be finite, got '-Infinity'"),
        (0, "limit_price must be above 0, got 0"),
        ("-0.01", "limit_price must be above 0, got -0.01"),
        ("0.00009", "limit_price must be at least one step of 0.0001 dollars, got 0.00009"),
        (None, "limit_price must be a number, got None"),
        ("abc", "limit_price must be a number, got 'abc'"),
        (True, "limit_price must be a number, got True"),
    ],
)
def test_a_price_that_cannot_be_is_refused_by_name(price: Any, words: str) -> None:
    with pytest.raises(BrokerRefused) as refused:
        on_step(price, BUY, STEPS, "limit_price")

    assert (refused.value.code, refused.value.text) == ("INVALID_PRICE", words)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([], "steps must hold at least one edge with its step, got none"),
        ([("0", "0")], "edge must be 0 or more and step above 0, got 0 and 0"),
        ([("-1", "0.01")], "edge must be 0 or more and step above 0, got -1 and 0.01"),
        ([("1", "0.01"), ("1", "0.1")], "edges must go up, got 1 and 1"),
        ([("0", "NaN")], "step must be finite, got Decimal('NaN')"),
        ([("Infinity", "1")], "edge must be finite, got Decimal('Infinity')"),
    ],
)
def test_steps_that_cannot_be_are_refused_by_name(pairs: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(ModelError) as refused:
        steps(*pairs)

    assert str(refused.value) == words


def test_below_the_lowest_edge_a_buy_has_no_price_and_a_sale_the_lowest() -> None:
    from_one = steps(("1", "0.01"))

    assert from_one.rounded(Decimal("0.5"), BUY) is None
    assert from_one.rounded(Decimal("0.5"), SELL) == 1


def test_a_price_on_a_step_is_known_as_one() -> None:
    assert STEPS.holds(Decimal("150.25"))
    assert not STEPS.holds(Decimal("150.255"))
    assert not STEPS.holds(Decimal(0))


TABLES: Final = st.lists(
    st.tuples(st.integers(1, 400), st.sampled_from(["0.0001", "0.005", "0.01", "0.03", "0.25"])),
    max_size=4,
).map(
    lambda rows: PriceSteps(
        (
            (Decimal(0), Decimal("0.0001")),
            *sorted({edge: (Decimal(edge), Decimal(step)) for edge, step in rows}.values()),
        )
    )
)
PRICES: Final = st.integers(1, 50_000_000).map(lambda units: Decimal(units).scaleb(-5))


@given(table=TABLES, price=PRICES)
def test_a_buy_is_never_above_and_a_sale_never_below_and_both_stand_on_a_step(
    table: PriceSteps, price: Decimal
) -> None:
    down, up = table.rounded(price, BUY), table.rounded(price, SELL)

    assert up is not None
    assert up >= price
    assert table.holds(up)
    if down is not None:
        assert down <= price
        assert table.holds(down)
        assert table.rounded(down, SELL) == down
    if table.holds(price):
        assert down == up == price


@given(table=TABLES, price=PRICES)
def test_no_price_on_a_step_lies_between_a_price_and_its_rounding(
    table: PriceSteps, price: Decimal
) -> None:
    up = table.rounded(price, SELL)

    assert up is not None
    back = table.rounded(up - Decimal("0.00001"), BUY)
    assert up == price or back is None or back <= price


class TestRules:
    def test_every_exchange_has_its_own_rule(self) -> None:
        assert rule_number(FOUND, "SMART") == 26
        assert rule_number(FOUND, "NYSE") == 557
        assert rule_number(FOUND, "LSE") is None

    def test_a_contract_without_a_rule_has_its_smallest_step(self) -> None:
        assert steps_of(FOUND, None) == steps(("0", "0.01"))
        assert steps_of(FOUND, RULE) == STEPS

    def test_a_contract_with_neither_is_refused(self) -> None:
        with pytest.raises(BrokerRefused, match="AAPL must have a market rule or a smallest step"):
            steps_of(replace(FOUND, min_tick=None), None)

    def test_a_rule_without_steps_is_refused(self) -> None:
        with pytest.raises(BrokerRefused, match="NO_PRICE_STEPS: AAPL: steps must hold"):
            steps_of(FOUND, RuleShown(26, ()))
