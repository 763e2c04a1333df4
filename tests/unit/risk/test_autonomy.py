"""The autonomy gate: who is asked, and where a mode for paper ends."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.models import RiskAction
from fillpath.core.units import money_units
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from fillpath.risk.manager import RiskManager
from fillpath.risk.memory import RiskMemory
from tests.unit.risk.builders import an_exit, an_order, judge, judged
from tests.unit.risk.test_manager import a_portfolio
from tests.unit.risk.test_manager import an_order as a_public_order

ASKED = ("REQUIRE_HUMAN_APPROVAL", 30, ["HUMAN_APPROVAL"])
PASSED: tuple[str, int, list[str]] = ("APPROVE", 30, [])


def limits(mode: Autonomy, *, real_money: bool = False, **knobs: Any) -> RiskLimits:
    return RiskLimits(autonomy=AutonomyLimits(mode=mode, **knobs), real_money=real_money)


def bounded(**knobs: Any) -> RiskLimits:
    return limits(Autonomy.BOUNDED_AUTONOMOUS, **knobs)


class TestPaperOnly:
    @pytest.mark.control("C-41", "refuses")
    @pytest.mark.parametrize("order", [an_order(), an_exit(), an_order("SELL"), an_exit("BUY")])
    def test_it_never_reaches_a_live_account_not_even_with_an_exit(self, order: Ask) -> None:
        live = limits(Autonomy.PAPER_ONLY, real_money=True)

        action, quantity, codes = judged(order, live)

        assert (action, quantity, codes[-1]) == ("REJECT", 0, "PAPER_ONLY")

    @pytest.mark.control("C-41", "passes")
    @pytest.mark.parametrize("order", [an_order(), an_exit()])
    def test_it_trades_where_nothing_real_is_at_risk(self, order: Ask) -> None:
        assert judged(order, limits(Autonomy.PAPER_ONLY)) == PASSED

    def test_it_is_asked_before_every_order_and_at_the_last_moment(self) -> None:
        cascade = Cascade(limits(Autonomy.PAPER_ONLY, real_money=True))

        walks = (cascade.parent, cascade.child, cascade.whole, cascade.exit, cascade.told)
        late = (cascade.sending, cascade.sending_exit)
        assert all("C-41" in walk.controls for walk in (*walks, *late))


class TestManualApproval:
    @pytest.mark.control("C-51", "refuses")
    @pytest.mark.parametrize("side", ["BUY", "SELL"])
    def test_every_entry_is_asked_for(self, side: str) -> None:
        order = an_order(side)

        assert judged(order, limits(Autonomy.MANUAL_APPROVAL)) == ASKED

    @pytest.mark.control("C-51", "passes")
    def test_an_exit_is_not(self) -> None:
        assert judged(an_exit(), limits(Autonomy.MANUAL_APPROVAL)) == PASSED

    def test_what_a_person_allowed_passes_with_the_question_on_record(self) -> None:
        order = an_order(allowed_by="ann")

        assert judged(order, limits(Autonomy.MANUAL_APPROVAL)) == (
            "APPROVE",
            30,
            ["HUMAN_APPROVAL"],
        )

    @pytest.mark.control("C-51", "refuses")
    def test_a_person_cannot_wave_a_hard_refusal_through(self) -> None:
        order = an_order(price="4", allowed_by="ann")

        assert judged(order, limits(Autonomy.MANUAL_APPROVAL))[0] == "REJECT"

    def test_the_question_says_what_would_be_bought_and_for_how_much(self) -> None:
        (objection,) = judge(an_order(), limits(Autonomy.MANUAL_APPROVAL)).objections

        assert objection.text == "BUY 30 AAPL for at most 4500: every entry needs a person"
        assert objection.asks


class TestBounds:
    @pytest.mark.control("C-51", "passes")
    @pytest.mark.parametrize("pct", ["4.5", "5"])
    def test_an_order_within_the_share_of_equity_is_sent(self, pct: str) -> None:
        """30 at 150 are 4,500, which is 4.5 % of 100,000."""
        assert judged(an_order(), bounded(bounded_notional_pct=pct)) == PASSED

    @pytest.mark.control("C-51", "refuses")
    @pytest.mark.parametrize("pct", ["4.4999", "0"])
    def test_an_order_beyond_it_is_asked_for(self, pct: str) -> None:
        (objection,) = judge(an_order(), bounded(bounded_notional_pct=pct)).objections

        assert judged(an_order(), bounded(bounded_notional_pct=pct)) == ASKED
        assert objection.value == money_units(Decimal(4500))

    @pytest.mark.control("C-51", "passes")
    def test_the_worst_price_counts(self) -> None:
        dear = an_order(worst_price="151")

        assert judged(dear, bounded(bounded_notional_pct="4.5")) == ASKED

    @pytest.mark.parametrize(("count", "passes"), [(0, True), (1, True), (2, False), (3, False)])
    @pytest.mark.control("C-51", "refuses")
    def test_after_the_orders_of_a_day_a_person_is_asked(self, count: int, *, passes: bool) -> None:
        rules = bounded(bounded_notional_pct="100", bounded_orders_per_day=2)

        verdict = judge(an_order(), rules, RiskMemory(parents_today=count))

        assert (verdict.action == "APPROVE") is passes

    def test_without_equity_there_is_no_share_of_it_and_no_order(self) -> None:
        assert judged(an_order(equity="0"), bounded())[0] == "REJECT"


@pytest.mark.parametrize("mode", [Autonomy.PAPER_ONLY, Autonomy.FULL_AUTONOMOUS])
def test_a_mode_that_asks_nobody_says_so_and_costs_nothing(mode: Autonomy) -> None:
    cascade = Cascade(limits(mode))

    assert cascade.skipped["C-51"] == f"{mode} asks nobody"
    assert "C-51" not in cascade.whole.controls


def test_real_money_is_part_of_the_limits_and_off_by_default() -> None:
    assert not RiskLimits().real_money
    assert RiskLimits() != replace(RiskLimits(), real_money=True)


@pytest.mark.control("C-51", "refuses")
def test_the_specified_face_asks_for_a_person_too() -> None:
    manager = RiskManager(limits(Autonomy.MANUAL_APPROVAL))

    result = manager.check_pre_trade(a_public_order(), a_portfolio())

    assert result.action is RiskAction.REQUIRE_HUMAN_APPROVAL
    assert not result.approved
    assert result.approved_quantity == 30
    assert [reason.check for reason in result.reasons] == ["HUMAN_APPROVAL"]
