"""How many orders and how fast, at the limit and one unit beside it."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.units import money_units
from fillpath.risk.cascade import Cascade
from fillpath.risk.checks.rates import check_daily_orders, check_turnover
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.remembering import DAY_NS
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import an_order

LIMITS = RiskLimits(max_trades_per_day=3, max_turnover_pct=100)


def money(number: str | int) -> int:
    return money_units(Decimal(number))


class TestDailyOrders:
    @pytest.mark.control("C-26", "passes")
    @pytest.mark.parametrize("before", [0, 2])
    def test_as_many_as_the_day_may_have_pass(self, before: int) -> None:
        memory = RiskMemory(parents_today=before)

        assert check_daily_orders(an_order(), memory, LIMITS) is None

    @pytest.mark.control("C-26", "refuses")
    @pytest.mark.parametrize("before", [3, 4])
    def test_one_more_is_refused(self, before: int) -> None:
        objection = check_daily_orders(an_order(), RiskMemory(parents_today=before), LIMITS)

        assert objection == Objection(
            "DAILY_ORDERS", f"{before} parents were ordered today, 3 are allowed", 3, before + 1
        )

    @pytest.mark.control("C-26", "refuses")
    def test_none_at_all_may_be_allowed(self) -> None:
        limits = RiskLimits(max_trades_per_day=0)

        assert check_daily_orders(an_order(), RiskMemory(), limits) is not None
        assert check_daily_orders(replace(an_order(), at=DAY_NS), RiskMemory(), limits) is not None

    @pytest.mark.parametrize(("at", "passes"), [(DAY_NS - 1, False), (DAY_NS, True)])
    def test_a_day_that_no_session_ends_ends_after_24_hours(self, at: int, passes: bool) -> None:  # noqa: FBT001  # a parameter of the test
        memory = RiskMemory(parents_today=3)

        objection = check_daily_orders(replace(an_order(), at=at), memory, LIMITS)

        assert (objection is None) is passes


class TestTurnover:
    """100 % of 100,000 a day; the next order is worth 4,500."""

    @pytest.mark.control("C-26", "passes")
    @pytest.mark.parametrize("before", ["0", "95499.99", "95500"])
    def test_up_to_the_limit_of_the_day_orders_pass(self, before: str) -> None:
        assert check_turnover(an_order(), RiskMemory(turnover_today=money(before)), LIMITS) is None

    @pytest.mark.control("C-26", "refuses")
    def test_one_more_is_refused_whole(self) -> None:
        memory = RiskMemory(turnover_today=money("95500.01"))

        objection = check_turnover(an_order(), memory, LIMITS)

        assert objection == Objection(
            "TURNOVER",
            "the orders of today would be worth 100000.01, 100000 are allowed, 100 % of equity",
            money(100_000),
            money("100000.01"),
            0,
        )

    @pytest.mark.control("C-26", "refuses")
    def test_the_first_order_may_be_too_much_alone(self) -> None:
        limits = RiskLimits(max_turnover_pct=4)

        assert check_turnover(replace(an_order(), at=DAY_NS), RiskMemory(), limits) is not None

    @pytest.mark.parametrize(("at", "passes"), [(DAY_NS - 1, False), (DAY_NS, True)])
    def test_a_day_that_no_session_ends_ends_after_24_hours(self, at: int, passes: bool) -> None:  # noqa: FBT001  # a parameter of the test
        memory = RiskMemory(turnover_today=money(99_000))

        objection = check_turnover(replace(an_order(), at=at), memory, LIMITS)

        assert (objection is None) is passes


@pytest.mark.control("C-26", "passes")
def test_no_exit_is_held_by_a_count() -> None:
    cascade = Cascade(RiskLimits())

    for walk in (cascade.exit, cascade.sending_exit, cascade.sending):
        assert "C-26" not in walk.controls
