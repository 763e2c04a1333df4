"""What the checks are told of an account is what it is; and a desk begins with nothing in mind."""

from typing import Any, get_type_hints

import pytest
from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from fillpath.core.commands import CancelOrder, Decision, RaiseAlarm
from fillpath.core.events import AccountOpened, MarketView
from fillpath.core.models import OrderSide, RiskAction
from fillpath.execution.desk.book import own_working
from fillpath.execution.desk.draft import Draft
from fillpath.execution.desk.placing import (
    MOMENTARY,
    Question,
    ask_now,
    first_reason,
    momentary,
)
from fillpath.execution.desk.state import Book, DeskState, OrderState, ParentState
from fillpath.risk.asking import Ask
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection, Verdict
from tests.unit.execution.desk.scene import CASH, Scene, a_holding, money, price, shares

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def asked(scene: Scene, market: MarketView | None = None, **changes: Any) -> Ask:
    given: dict[str, Any] = {
        "symbol": "AAPL",
        "side": BUY,
        "quantity": shares(10),
        "worst": price(151),
        "limit": price(151),
        "strategy": "trend",
        "order_id": "trend/sig-9",
        "parent_id": "trend/sig-9",
    } | changes
    now = (scene.at, scene.view() if market is None else market)
    return ask_now(scene.desk.state, scene.desk.policy, now, Question(**given))


class TestAsking:
    def test_shorts_take_from_what_the_account_is_worth(self) -> None:
        scene = Scene(positions=(a_holding(-10, 150, "other"), a_holding(5, 20, "", "MSFT")))

        ask = asked(scene)

        assert ask.equity == money(CASH) + money(5 * 20) - money(10 * 150)
        assert (ask.long_value, ask.short_value) == (money(100), money(1_500))

    def test_a_decision_says_the_same(self) -> None:
        scene = Scene(positions=(a_holding(-10, 150, "other"), a_holding(5, 20, "", "MSFT")))

        decided = scene.signal(quantity=1).decision

        assert decided.equity == money(CASH) + money(100) - money(1_500)
        assert scene.desk.state.equity == decided.equity

    def test_a_signal_that_is_turned_away_says_the_same(self) -> None:
        scene = Scene(positions=(a_holding(-10, 150, "other"),))
        scene.signal(quantity=1)

        again = scene.signal(quantity=1, signal_id="sig-1")

        assert again.decision.equity == money(CASH) - money(1_500)

    def test_a_quote_that_is_not_there_has_no_price_and_no_time(self) -> None:
        ask = asked(Scene(), MarketView())

        assert (ask.bid, ask.ask, ask.price, ask.quote_at, ask.adv) == (0, 0, 0, 0, 0)

    def test_a_quote_that_is_there_has_its_own(self) -> None:
        view = MarketView(bid=price(149), ask=price(151), quote_at=7, adv=shares(9))

        ask = asked(Scene(), view)

        assert (ask.bid, ask.ask, ask.price) == (price(149), price(151), price(150))
        assert (ask.quote_at, ask.adv) == (7, shares(9))

    @pytest.mark.parametrize(("parent", "child"), [("trend/sig-9", False), ("trend/sig-8", True)])
    def test_a_slice_is_known_as_one(self, parent: str, *, child: bool) -> None:
        ask = asked(Scene(), parent_id=parent)

        assert ask.child is child

    def test_a_symbol_that_is_open_takes_no_further_place(self) -> None:
        scene = Scene(positions=(a_holding(1), a_holding(1, 10, "", "MSFT")))

        assert (asked(scene).symbol_is_open, asked(scene).open_symbols) == (True, 0)
        other = asked(scene, symbol="IBM")
        assert (other.symbol_is_open, other.open_symbols) == (False, 2)

    @pytest.mark.parametrize("side", ["buying", "selling"])
    def test_one_unit_that_works_makes_a_symbol_open(self, side: str) -> None:
        scene = Scene()
        getattr(scene.desk.state.book, side)["AAPL"] = 1

        ask = asked(scene)

        assert ask.symbol_is_open
        assert (ask.working_buy, ask.working_sell) == ((1, 0) if side == "buying" else (0, 1))

    def test_what_works_elsewhere_is_not_counted_here(self) -> None:
        scene = Scene()
        scene.desk.state.book.buying["MSFT"] = scene.desk.state.book.selling["MSFT"] = shares(3)

        ask = asked(scene)

        assert (ask.working_buy, ask.working_sell, ask.symbol_is_open) == (0, 0, False)

    def test_the_rest_of_a_schedule_works_for_its_own_strategy_symbol_and_side(self) -> None:
        scene = Scene()
        scene.show(adv=shares(50_000))
        scene.signal(quantity=1_000)
        state = scene.desk.state

        assert own_working(state, "trend", "AAPL", BUY) == shares(1_000)
        assert own_working(state, "other", "AAPL", BUY) == 0
        assert own_working(state, "trend", "MSFT", BUY) == 0
        assert own_working(state, "trend", "AAPL", SELL) == 0


def verdict(*objections: Objection) -> Verdict:
    return Verdict(RiskAction.REJECT, 0, objections)


class TestReasons:
    cuts = Objection("CASH", "less", allowed=1)
    whole = Objection("LIMIT", "none", allowed=0)
    person = Objection("HUMAN_APPROVAL", "a person", allowed=0, asks=True)

    def test_what_cuts_an_order_whole_says_best_why(self) -> None:
        assert first_reason(verdict(self.cuts, self.person, self.whole)).code == "LIMIT"

    def test_where_nothing_does_the_first_is_said(self) -> None:
        assert first_reason(verdict(self.cuts, self.person)).code == "CASH"

    @pytest.mark.parametrize("code", sorted(MOMENTARY))
    def test_what_passes_by_itself_is_momentary(self, code: str) -> None:
        assert momentary(verdict(Objection(code, "now")), shares(1))

    def test_orders_that_work_pass_by_themselves(self) -> None:
        assert {"OPEN_ORDERS", "ORDER_RATE", "SELF_CROSS"} <= MOMENTARY

    @pytest.mark.parametrize(("allowed", "passing"), [(shares(1), True), (shares(1) - 1, False)])
    def test_a_lot_that_would_pass_is_no_end(self, allowed: int, *, passing: bool) -> None:
        assert momentary(verdict(Objection("CASH", "less", allowed=allowed)), shares(1)) is passing


@pytest.mark.parametrize("kind", [Book, DeskState, Draft, OrderState, ParentState, RiskMemory])
def test_nothing_is_remembered_before_anything_happened(kind: type[Struct]) -> None:
    hints = get_type_hints(kind)
    begun = [
        field.name
        for field in fields(kind)
        if field.default is not NODEFAULT and hints[field.name] in {int, bool} and field.default
    ]

    assert begun == []


class TestGates:
    def test_a_gate_that_is_open_again_is_not_asked(self) -> None:
        scene = Scene()
        scene.hold()
        scene.quarantine()
        scene.kill()
        assert scene.desk.state.gated

        scene.release()
        scene.let_go()
        scene.clear()

        assert not scene.desk.state.gated

    def test_a_doubt_that_ended_is_not_asked_about(self) -> None:
        scene = Scene()
        scene.signal(quantity=10)
        scene.doubt("trend/sig-1")
        assert scene.desk.state.gated

        scene.accept("trend/sig-1")

        assert not scene.desk.state.gated


def test_an_account_opens_with_its_writer_and_with_what_others_traded_before() -> None:
    scene = Scene()
    scene.desk.state.account = ""

    scene.tell(AccountOpened(scene.at, "SIM", money(5), epoch=3, executions=("x1",)))
    scene.fill("external:1", 10, "150")

    assert scene.desk.state.epoch == 3
    assert scene.desk.state.book.holdings == {}


def test_an_order_with_two_names_is_cancelled_for_that_reason() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.accept("trend/sig-1", "one")

    answer = scene.accept("trend/sig-1", "two")

    assert {cancel.reason for cancel in answer.of(CancelOrder)} == {"MULTI_INCARNATION"}
    assert answer.of(RaiseAlarm)[0].code == "MULTI_INCARNATION"
    assert answer.of(Decision) == []


def test_an_order_that_was_filled_before_it_was_given_up_is_left_alone() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.accept("trend/sig-1")
    scene.fill("trend/sig-1", 10)
    scene.desk.state.recent["trend/sig-1"].reason = "NEVER_REACHED_BROKER: two answers"

    answer = scene.accept("trend/sig-1", "late")

    assert answer == []
