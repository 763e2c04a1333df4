"""What Interactive Brokers and the regulators take, by the printed examples and the dated tables."""

from datetime import date
from decimal import Decimal

import pytest

from fillpath.core.models import OrderSide
from fillpath.core.units import (
    RATIO_SCALE,
    money_decimal,
    money_units,
    price_units,
    quantity_units,
)
from fillpath.execution.simulating.charging import (
    commission_of,
    most_for_buy,
    regulatory_fees,
    rounded,
    with_fill,
)
from fillpath.execution.simulating.dated_fees import (
    activity_fee,
    audit_trail_fee,
    transaction_fee,
)
from fillpath.execution.simulating.ibkr_fees import (
    Extras,
    Filled,
    fixed_commission,
    most,
    passed_on,
    tier_cost,
    tiered_commission,
)
from fillpath.execution.simulating.policy import CommissionPlan, FeeRounding, RealisticPolicy

DAY = date(2026, 5, 4)


def shares(number: str) -> int:
    return quantity_units(Decimal(number))


def money(amount: str) -> int:
    return money_units(Decimal(amount))


def traded(number: str, price: str, month: str = "0") -> Filled:
    return with_fill(
        Filled(), shares(number), price_units(Decimal(price)), shares(month), removes=True
    )


@pytest.mark.parametrize(
    ("number", "price", "cost"),
    [
        ("100", "25", "1.00"),
        ("1000", "25", "5.00"),
        ("1000", "0.25", "2.50"),  # one percent wins over 5.00
        ("1", "5", "0.05"),  # and over the minimum of 1.00
        ("0.5", "1", "0.01"),
        ("0.5", "100", "0.50"),
    ],
)
def test_the_fixed_commission_is_that_of_the_examples(number: str, price: str, cost: str) -> None:
    value = shares(number) * price_units(Decimal(price))

    assert money_decimal(fixed_commission(shares(number), value)) == Decimal(cost)


@pytest.mark.parametrize(
    ("month", "number", "cost"),
    [
        ("0", "1000", "3.5"),
        ("299000", "2000", "5.5"),  # 1,000 at 0.0035 and 1,000 at 0.0020
        ("300000", "1000", "2"),
        ("2999000", "2000", "3.5"),
        ("19999000", "2000", "2.5"),
        ("99999000", "2000", "1.5"),
        ("100000000", "1000", "0.5"),
        ("0", "3000000", "6450"),
    ],
)
def test_the_tiers_are_marginal(month: str, number: str, cost: str) -> None:
    assert money_decimal(tier_cost(shares(month), shares(number))) == Decimal(cost)


@pytest.mark.parametrize(
    ("number", "price", "cost"),
    [("10", "100", "0.35"), ("10", "1", "0.1"), ("1000", "100", "3.5")],
)
def test_the_tiered_commission_has_a_minimum_that_one_percent_wins_over(
    number: str, price: str, cost: str
) -> None:
    assert money_decimal(tiered_commission(traded(number, price))) == Decimal(cost)


def test_what_is_passed_on_is_clearing_and_shares_of_the_commission_and_the_exchange() -> None:
    filled = traded("1000", "100")

    plain = passed_on(filled, Extras())
    exchange = passed_on(filled, Extras(remove=300_000, add=-200_000))

    assert money_decimal(plain) == Decimal("0.2") + Decimal("3.5") * Decimal("0.00074")
    assert money_decimal(exchange - plain) == 3
    added = Filled(filled.quantity, filled.value, filled.tiered, 0)
    assert money_decimal(passed_on(added, Extras(add=-200_000)) - plain) == -2


def test_clearing_is_half_a_percent_of_the_value_at_most() -> None:
    filled = traded("10000", "0.01")

    assert money_decimal(passed_on(filled, Extras())) == Decimal("0.5") + Decimal("0.00074")


@pytest.mark.parametrize(
    ("day", "per_million"),
    [
        (date(2025, 5, 13), "27.80"),
        (date(2025, 5, 14), "0"),
        (date(2026, 4, 3), "0"),
        (date(2026, 4, 4), "20.60"),
        (date(2030, 1, 1), "20.60"),
        (date(2020, 1, 1), "27.80"),
    ],
)
def test_the_fee_of_section_31_is_that_of_the_day(day: date, per_million: str) -> None:
    assert money_decimal(transaction_fee(money("1000000"), day)) == Decimal(per_million)


@pytest.mark.parametrize(
    ("day", "number", "fee"),
    [
        (date(2025, 12, 31), "1000", "0.166"),
        (date(2025, 12, 31), "1000000", "8.30"),
        (date(2026, 1, 1), "1000", "0.195"),
        (date(2026, 9, 30), "1000000", "9.79"),
        (date(2026, 10, 1), "1000", "0"),
        (date(2026, 12, 31), "1000", "0"),
        (date(2027, 1, 1), "1000", "0.195"),
        (date(2028, 12, 31), "1000", "0.195"),
    ],
)
def test_the_trading_activity_fee_is_that_of_the_day(day: date, number: str, fee: str) -> None:
    assert money_decimal(activity_fee(shares(number), day)) == Decimal(fee)


def test_the_audit_trail_costs_since_may_2026() -> None:
    assert audit_trail_fee(shares("1000"), date(2026, 4, 30)) == 0
    assert money_decimal(audit_trail_fee(shares("1000"), date(2026, 5, 1))) == Decimal("0.003")


def test_regulators_take_all_their_fees_of_sales_and_one_of_buys() -> None:
    amount = (shares("1000"), price_units(Decimal(100)), DAY, RealisticPolicy())

    sold = regulatory_fees(OrderSide.SELL, *amount)
    bought = regulatory_fees(OrderSide.BUY, *amount)

    assert money_decimal(sold) == Decimal("2.06") + Decimal("0.195") + Decimal("0.003")
    assert money_decimal(bought) == Decimal("0.003")


def test_regulatory_fees_can_be_told_or_left_out() -> None:
    amount = (shares("1000"), price_units(Decimal(100)), DAY)

    told = RealisticPolicy(audit_trail_fee="0.000035")
    none = RealisticPolicy(regulatory_fees=False)

    assert money_decimal(regulatory_fees(OrderSide.BUY, *amount, told)) == Decimal("0.035")
    assert regulatory_fees(OrderSide.SELL, *amount, none) == 0


@pytest.mark.parametrize(
    ("rounding", "fee", "charged"),
    [
        (FeeRounding.EXACT, "0.0049", "0.0049"),
        (FeeRounding.CENT, "0.0049", "0"),
        (FeeRounding.CENT, "0.005", "0.01"),
        (FeeRounding.CENT_UP, "0.0001", "0.01"),
        (FeeRounding.CENT_UP, "0.01", "0.01"),
    ],
)
def test_a_fee_is_rounded_as_asked(rounding: FeeRounding, fee: str, charged: str) -> None:
    assert money_decimal(rounded(money(fee), rounding)) == Decimal(charged)


@pytest.mark.parametrize(
    ("plan", "cost"),
    [
        (CommissionPlan.FIXED, "5"),
        (CommissionPlan.TIERED, "6.70259"),
        (CommissionPlan.PERCENT, "5"),
    ],
)
def test_the_commission_is_that_of_the_plan(plan: CommissionPlan, cost: str) -> None:
    policy = RealisticPolicy(commission=plan)
    rate = RATIO_SCALE * 5 // 100_000

    assert money_decimal(commission_of(traded("1000", "100"), policy, rate, RATIO_SCALE)) == (
        Decimal(cost)
    )
    assert commission_of(Filled(), policy, rate, RATIO_SCALE) == 0


@pytest.mark.parametrize("plan", CommissionPlan)
@pytest.mark.parametrize(("number", "price"), [("1", "5"), ("100", "25"), ("7", "0.3")])
@pytest.mark.parametrize("regulated", [True, False])
def test_no_buy_costs_more_than_what_is_kept_for_it(
    plan: CommissionPlan, number: str, price: str, *, regulated: bool
) -> None:
    policy = RealisticPolicy(
        commission=plan, regulatory_fees=regulated, fee_rounding=FeeRounding.CENT_UP
    )
    filled = traded(number, price)
    amount = (filled.quantity, price_units(Decimal(price)))

    cost = commission_of(filled, policy, 5_000, RATIO_SCALE)
    cost += regulatory_fees(OrderSide.BUY, *amount, DAY, policy)

    assert cost <= most_for_buy(filled.quantity, filled.value, policy, 5_000, RATIO_SCALE)


def test_a_fee_of_the_audit_trail_that_is_told_is_kept_too() -> None:
    policy = RealisticPolicy(audit_trail_fee="0.5")

    assert most_for_buy(shares("10"), money("1000"), policy, 0, RATIO_SCALE) >= money("5")


def test_the_most_covers_rebates_that_do_not_come() -> None:
    assert most(shares("10"), money("1000"), Extras(add=-5)) == most(
        shares("10"), money("1000"), Extras()
    )
