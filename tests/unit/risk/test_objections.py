"""What an objection says, to the unit: the limit, the value and what would pass."""

from typing import Final

import pytest
from msgspec.structs import replace

from fillpath.core.models import OrderSide, RiskAction
from fillpath.core.units import money_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade, Walk
from fillpath.risk.cascade import judge as judged_by
from fillpath.risk.checks.autonomy import HUMAN_APPROVAL, check_human_approval, check_paper_only
from fillpath.risk.checks.exposure import (
    ACCIDENTAL_LONG,
    ACCIDENTAL_SHORT,
    SECTOR_CAP,
    check_accidental_long,
    check_accidental_short,
    check_sector,
    check_self_cross,
)
from fillpath.risk.checks.inputs import INPUT, check_input
from fillpath.risk.checks.prices import NO_REFERENCE
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits, Sectors
from fillpath.risk.memory import MOST_PRICE, RiskMemory
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import an_exit, an_order

LIMITS: Final = RiskLimits()
MEMORY: Final = RiskMemory()
BOUNDED: Final = AutonomyLimits(mode=Autonomy.BOUNDED_AUTONOMOUS)


class TestInputs:
    @pytest.mark.parametrize("name", ["price", "worst_price", "quantity", "lot", "equity"])
    def test_the_smallest_unit_is_a_number_and_nothing_is_none(self, name: str) -> None:
        least = check_input(replace(an_order(), **{name: 1}), MEMORY, LIMITS)
        nothing = check_input(replace(an_order(), **{name: 0}), MEMORY, LIMITS)

        assert least is None
        assert nothing is not None
        assert nothing.text.startswith(f"{name} must be above 0")

    @pytest.mark.parametrize("name", ["working_buy", "working_sell", "reserved"])
    def test_nothing_works_is_a_number_and_less_than_nothing_is_none(self, name: str) -> None:
        nothing = check_input(replace(an_order(), **{name: 0}), MEMORY, LIMITS)
        broken = check_input(replace(an_order(), **{name: -1}), MEMORY, LIMITS)

        assert nothing is None
        assert broken is not None
        assert broken.text.startswith(f"{name} must be 0 or more")

    def test_it_allows_nothing(self) -> None:
        objection = check_input(replace(an_order(), price=0), MEMORY, LIMITS)

        text = "price must be above 0, got 0"
        assert objection == Objection(INPUT, text, 0, an_order().quantity, 0)

    def test_an_exit_does_not_ask_for_equity_or_reserves(self) -> None:
        broken = replace(an_exit(), equity=0, reserved=-1, price=0)
        objection = check_input(broken, MEMORY, LIMITS)

        assert objection is not None
        assert objection.text == "price must be above 0, got 0"


class TestPeople:
    def test_paper_allows_nothing_on_a_live_account(self) -> None:
        objection = check_paper_only(an_order(), MEMORY, LIMITS)

        assert objection is not None
        assert (objection.limit, objection.value, objection.allowed) == (0, an_order().quantity, 0)

    def test_every_entry_is_a_question_about_its_value(self) -> None:
        limits = RiskLimits(autonomy=AutonomyLimits(mode=Autonomy.MANUAL_APPROVAL))
        order = an_order()

        objection = check_human_approval(order, MEMORY, limits)

        assert objection is not None
        assert (objection.limit, objection.value) == (0, order.quantity * order.worst_price)
        assert (objection.check, objection.allowed, objection.asks) == (
            HUMAN_APPROVAL,
            order.quantity,
            True,
        )

    def test_above_the_bound_the_question_names_it(self) -> None:
        order = an_order(quantity="100")
        most = BOUNDED.bounded_notional * order.equity // 10**8

        objection = check_human_approval(order, MEMORY, RiskLimits(autonomy=BOUNDED))

        assert objection is not None
        assert (objection.limit, objection.value) == (most, order.quantity * order.worst_price)
        assert f"above {money_decimal(most)}" in objection.text

    def test_the_bound_is_shown_in_whole_cents(self) -> None:
        autonomy = AutonomyLimits(mode=Autonomy.BOUNDED_AUTONOMOUS, bounded_notional_pct=3)
        order = an_order(equity="33333.3333", quantity="7")

        objection = check_human_approval(order, MEMORY, RiskLimits(autonomy=autonomy))

        assert objection is not None
        assert objection.text == (
            "BUY 7 AAPL for at most 1050: above 999.99, 3 % of equity, a person is asked"
        )

    def test_after_so_many_the_question_counts_this_one(self) -> None:
        count = BOUNDED.bounded_orders_per_day
        memory = RiskMemory(parents_today=count)
        small = an_order(quantity="1")

        objection = check_human_approval(small, memory, RiskLimits(autonomy=BOUNDED))

        assert objection is not None
        assert (objection.limit, objection.value) == (count, count + 1)


class TestExposure:
    @pytest.mark.parametrize("working", ["30", "31"])
    def test_an_exit_of_what_is_sold_already_is_left_with_nothing(self, working: str) -> None:
        objection = check_accidental_short(an_exit(working_sell=working), MEMORY, LIMITS)

        assert objection is not None
        assert (objection.check, objection.limit, objection.allowed) == (ACCIDENTAL_SHORT, 0, 0)

    def test_a_short_sale_that_is_not_allowed_is_refused_whole(self) -> None:
        limits = RiskLimits(allow_short=False)
        objection = check_accidental_short(an_order("SELL", account_held="10"), MEMORY, limits)

        assert objection is not None
        assert objection.allowed == 0

    @pytest.mark.parametrize("working", ["30", "31"])
    def test_a_purchase_of_what_is_bought_back_already_is_left_with_nothing(
        self, working: str
    ) -> None:
        objection = check_accidental_long(an_exit("BUY", working_buy=working), MEMORY, LIMITS)

        assert objection is not None
        assert (objection.check, objection.limit, objection.allowed) == (ACCIDENTAL_LONG, 0, 0)

    def test_an_empty_sector_has_a_value(self) -> None:
        sectors = Sectors(rows=(("AAPL", "Technology"),))
        limits = RiskLimits(sectors=sectors)
        large = replace(an_order(quantity="1000"), sector_value=0)

        objection = check_sector(large, MEMORY, limits)

        assert objection is not None
        assert objection.check == SECTOR_CAP

    @pytest.mark.parametrize(
        ("side", "resting", "crosses"),
        [
            ("SELL", 1, True),
            ("SELL", 0, False),
            ("BUY", MOST_PRICE - 1, True),
            ("BUY", MOST_PRICE, False),
        ],
    )
    def test_a_market_order_meets_every_price_that_rests(
        self, side: str, resting: int, *, crosses: bool
    ) -> None:
        other = OrderSide.BUY if side == "SELL" else OrderSide.SELL
        memory = RiskMemory(open_orders={("AAPL", other): {"own": resting}})

        objection = check_self_cross(replace(an_order(side), limit=None), memory, LIMITS)

        assert (objection is not None) is crosses


def _says(code: str, allowed: int) -> Walk:
    def check(ask: Ask, _memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
        return Objection(code, "because", 0, ask.quantity, allowed)

    return Walk((check, check), ("C-99",))


class TestAnswers:
    @pytest.mark.parametrize(
        ("code", "told"), [(INPUT, 1), (NO_REFERENCE, 1), ("CTRL_08_INPUT", 1), ("CASH", 2)]
    )
    def test_nothing_is_asked_after_what_has_no_numbers_or_no_price(
        self, code: str, told: int
    ) -> None:
        verdict = judged_by(an_order(), MEMORY, LIMITS, _says(code, 0))

        assert (verdict.action, len(verdict.objections)) == (RiskAction.REJECT, told)

    @pytest.mark.parametrize(
        ("allowed", "lot", "action", "left"),
        [
            (1, 1, RiskAction.REDUCE_SIZE, 1),
            (0, 1, RiskAction.REJECT, 0),
            (-1, 1, RiskAction.REJECT, 0),
            (1, 10, RiskAction.REJECT, 0),
            (9, 10, RiskAction.REJECT, 0),
            (10, 10, RiskAction.REDUCE_SIZE, 10),
            (19, 10, RiskAction.REDUCE_SIZE, 10),
        ],
    )
    def test_what_is_left_is_cut_to_whole_lots(
        self, allowed: int, lot: int, action: RiskAction, left: int
    ) -> None:
        verdict = judged_by(replace(an_order(), lot=lot), MEMORY, LIMITS, _says("CASH", allowed))

        assert (verdict.action, verdict.quantity) == (action, left)

    def test_what_is_asked_of_a_whole_order_is_what_its_parts_are_asked(self) -> None:
        cascade = Cascade(LIMITS)
        parts = {*cascade.parent.checks, *cascade.child.checks}

        assert set(cascade.whole.checks) == parts
        assert set(cascade.told.checks) < parts
        assert cascade.limits is LIMITS
