"""What risk counts while the desk works: nothing is missed, nothing counts twice, all is bounded."""

from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.events import SessionOpened
from fillpath.core.models import OrderSide, OrderType
from fillpath.core.units import NANOSECONDS
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.risk.limits import RateLimits, RiskLimits, SizeLimits
from fillpath.risk.memory import MOST_PRICE, RiskMemory, Tokens
from fillpath.risk.remembering import (
    MOST_ALIKE,
    MOST_SENT,
    order_opened,
    order_sent,
    parent_ordered,
)
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.scene import Scene, a_holding, money, price, shares

DAY = 86_400
ORDER = "trend/sig-1"


def risk(scene: Scene) -> RiskMemory:
    return scene.desk.state.risk


def limited(**limits: Any) -> Scene:
    """Return a desk with limits of its own."""
    return Scene(DeskPolicy(risk=RiskLimits(**limits)))


class TestTheDay:
    @pytest.mark.control("C-26", "refuses")
    def test_orders_of_a_day_are_counted_until_there_are_enough(self) -> None:
        scene = limited(max_trades_per_day=2)

        answers = [scene.signal(quantity=10, strategy_name=f"s{n}") for n in range(3)]

        assert [answer.outcomes for answer in answers] == [
            ["ORDERED"],
            ["ORDERED"],
            ["REFUSED DAILY_ORDERS"],
        ]

    @pytest.mark.control("C-26", "refuses")
    def test_the_value_of_a_day_is_counted_at_the_worst_price(self) -> None:
        scene = limited(max_turnover_pct=1)  # 100,000
        scene.signal(quantity=600, strength="0.95")

        answer = scene.signal(quantity=100, strategy_name="other")

        assert risk(scene).turnover_today == 600 * money("150.16")
        assert answer.outcomes == ["REFUSED TURNOVER"]

    @pytest.mark.control("C-26", "passes")
    def test_an_exit_counts_and_is_never_refused(self) -> None:
        policy = DeskPolicy(risk=RiskLimits(max_trades_per_day=1, max_turnover_pct=1))
        scene = Scene(policy, positions=(a_holding(100),))
        scene.signal(quantity=600, strategy_name="other")

        answer = scene.signal("FLAT")

        assert answer.outcomes == ["ORDERED"]
        assert risk(scene).parents_today == 2
        assert risk(scene).turnover_today > money(100_000)

    def test_a_sliced_parent_counts_once(self) -> None:
        scene = Scene()
        scene.show(adv=shares(50_000))
        scene.signal(quantity=1_000)
        scene.trade(f"{ORDER}#1")
        scene.wait(60)

        assert risk(scene).parents_today == 1
        assert risk(scene).turnover_today == shares(1_000) * price("150.01")

    @pytest.mark.control("C-26", "passes")
    def test_a_session_that_opens_begins_a_new_day(self) -> None:
        scene = limited(max_trades_per_day=1)
        scene.signal(quantity=10)
        scene.close()

        scene.tell(SessionOpened(scene.at))

        assert (risk(scene).parents_today, risk(scene).turnover_today) == (0, 0)
        assert scene.signal(quantity=10, strategy_name="other").outcomes == ["ORDERED"]

    def test_where_no_session_ends_a_day_ends_after_24_hours(self) -> None:
        scene = limited(max_trades_per_day=1)
        scene.signal(quantity=10)
        scene.cancelled(ORDER)
        scene.wait(DAY)

        answer = scene.signal(quantity=10)

        assert answer.outcomes == ["ORDERED"]
        assert (risk(scene).day_at, risk(scene).parents_today) == (scene.at, 1)

    def test_what_is_refused_is_not_counted(self) -> None:
        scene = limited(max_trades_per_day=1, price_floor=200)

        scene.signal(quantity=10)

        memory = risk(scene)
        assert (memory.parents_today, memory.turnover_today, memory.baskets) == (0, 0, {})


class TestBaskets:
    @pytest.mark.control("C-16", "refuses")
    def test_a_strategy_begins_only_so_much_within_a_minute(self) -> None:
        scene = limited(size=SizeLimits(basket_pct=1))  # 100,000
        scene.signal(quantity=600)

        answer = scene.signal(quantity=100)

        assert answer.outcomes == ["REFUSED BASKET"]

    @pytest.mark.control("C-16", "passes")
    def test_a_minute_later_it_may_begin_again(self) -> None:
        scene = limited(size=SizeLimits(basket_pct=1))
        scene.signal(quantity=600)
        scene.wait(60.001)

        answer = scene.signal(quantity=100)

        assert answer.outcomes == ["ORDERED"]
        (basket,) = risk(scene).baskets.values()
        assert [sent.quantity for sent in basket] == [shares(100)]
        assert risk(scene).basket_value == {"trend": basket[0].value}

    def test_an_exit_belongs_to_no_basket(self) -> None:
        scene = Scene(positions=(a_holding(100),))

        scene.signal("FLAT")

        assert risk(scene).baskets == {}

    def test_a_basket_is_bounded_and_never_counts_too_little(self) -> None:
        scene = Scene()
        scene.signal(quantity=1)
        (ticket,) = scene.tickets.values()
        memory, limits = RiskMemory(), RiskLimits()

        for number in range(MOST_SENT + 5):
            parent_ordered(memory, limits, ticket, number, price(150), exits=False)

        basket = memory.baskets["trend"]
        assert len(basket) == MOST_SENT
        assert basket[-1].at == MOST_SENT + 4
        assert sum(sent.value for sent in basket) == memory.basket_value["trend"]
        assert memory.basket_value["trend"] == (MOST_SENT + 5) * money(150)


class TestVolume:
    @pytest.mark.control("C-15", "refuses")
    def test_a_parent_is_cut_to_its_part_of_the_volume(self) -> None:
        scene = Scene()
        scene.show(adv=shares(10_000))

        answer = scene.signal(quantity=1_000)

        assert answer.decisions[0].quantity == shares(500)
        assert answer.decisions[0].risk_reasons[0].startswith("ADV_SHARE: 1000 AAPL are more")

    @pytest.mark.control("C-15", "refuses")
    def test_a_slice_is_not_sent_when_the_volume_is_not_known_any_more(self) -> None:
        policy = DeskPolicy(adv_required=True, router=RouterPolicy(max_quote_age_seconds=180))
        scene = Scene(policy)
        scene.show(adv=shares(50_000))
        scene.signal(quantity=1_000)
        scene.trade(f"{ORDER}#1")
        scene.show(adv=None)

        answer = scene.wait(60)

        assert answer.placed == []
        assert answer.decision.text.startswith("CTRL_15_INPUT: the average daily volume")

    @pytest.mark.control("C-13", "refuses")
    def test_a_large_parent_goes_in_slices_that_are_small_enough(self) -> None:
        """The quantity of one order is asked of what is sent, not of the parent."""
        scene = limited(size=SizeLimits(max_quantity_other=150))
        scene.show(adv=shares(50_000))

        (ticket,) = scene.signal(quantity=1_000).placed

        assert ticket.quantity == shares(150)


def rated(**rates: Any) -> Scene:
    """Return a desk with rates of its own."""
    return limited(rates=RateLimits(**rates))


class TestRates:
    @pytest.mark.control("C-22", "refuses")
    def test_a_strategy_sends_as_many_orders_as_fit_into_a_second(self) -> None:
        scene = rated(strategy_per_second=2)

        answers = [scene.signal(quantity=number) for number in (10, 20, 30)]
        scene.wait(0.5)
        later = [scene.signal(quantity=number) for number in (40, 50)]

        assert [answer.outcomes for answer in (*answers, *later)] == [
            ["ORDERED"],
            ["ORDERED"],
            ["REFUSED ORDER_RATE"],
            ["ORDERED"],
            ["REFUSED ORDER_RATE"],
        ]

    @pytest.mark.control("C-22", "passes")
    def test_a_bucket_that_is_full_takes_no_more(self) -> None:
        scene = rated(strategy_per_second=2)
        scene.signal(quantity=10)
        scene.wait(3_600)

        answers = [scene.signal(quantity=number) for number in (20, 30, 40)]

        assert [answer.outcomes for answer in answers] == [
            ["ORDERED"],
            ["ORDERED"],
            ["REFUSED ORDER_RATE"],
        ]

    @pytest.mark.control("C-22", "passes")
    def test_exits_take_nothing_and_are_never_refused(self) -> None:
        held = tuple(a_holding(100, strategy=name) for name in ("a", "b", "c"))
        policy = DeskPolicy(
            risk=RiskLimits(rates=RateLimits(symbol_per_second=1, account_per_second=1))
        )
        scene = Scene(policy, positions=held)

        exits = [scene.signal("FLAT", strategy_name=name) for name in ("a", "b", "c")]

        assert [answer.outcomes for answer in exits] == [["ORDERED"]] * 3
        assert risk(scene).tokens == {}

    def test_time_that_steps_back_neither_gives_nor_takes(self) -> None:
        scene = Scene()
        scene.signal(quantity=1)
        (ticket,) = scene.tickets.values()
        memory, limits = RiskMemory(), RiskLimits(rates=RateLimits(account_per_second=2))

        for at in (9, 5, 7, 8):
            order_sent(memory, limits, ticket, at, exits=False)

        assert memory.tokens["a:"] == Tokens(9, 0)

    @pytest.mark.control("C-21", "refuses")
    def test_orders_that_work_are_counted_until_they_end(self) -> None:
        scene = rated(open_orders_symbol=2)
        scene.signal(quantity=10)
        scene.signal(quantity=20)

        refused = scene.signal(quantity=30)
        scene.doubt(ORDER)
        doubted = risk(scene).open_total
        scene.cancelled(ORDER)
        after = scene.signal(quantity=50)

        assert refused.outcomes == ["REFUSED OPEN_ORDERS"]
        assert doubted == 2
        assert after.outcomes == ["ORDERED"]
        assert risk(scene).open_total == 2

    @pytest.mark.parametrize("end", ["trade", "refuse", "expire", "cancelled"])
    def test_however_an_order_ends_it_is_counted_no_more(self, end: str) -> None:
        scene = Scene()
        scene.signal(quantity=10)

        getattr(scene, end)(ORDER)

        assert (risk(scene).open_orders, risk(scene).open_total) == ({}, 0)

    @pytest.mark.control("C-05", "refuses")
    def test_the_same_again_under_another_name_is_refused(self) -> None:
        scene = rated(duplicate_seconds=10)
        scene.signal(quantity=100)

        again = scene.signal(quantity=100)
        other_way = scene.signal("SHORT", quantity=100, strategy_name="bear")
        scene.wait(10.001)
        later = scene.signal(quantity=100)

        assert again.outcomes == ["REFUSED DUPLICATIVE"]
        assert other_way.outcomes != ["REFUSED DUPLICATIVE"]
        assert later.outcomes == ["ORDERED"]
        assert len(risk(scene).alike[SYMBOL, OrderSide.BUY]) == 1

    def test_what_is_compared_is_bounded(self) -> None:
        scene = Scene()
        scene.signal(quantity=1)
        (ticket,) = scene.tickets.values()
        memory = RiskMemory()
        limits = RiskLimits(rates=RateLimits(duplicate_seconds=10))

        for at in range(MOST_ALIKE + 5):
            parent_ordered(memory, limits, ticket, at, price(150), exits=False)

        assert len(memory.alike[SYMBOL, OrderSide.BUY]) == MOST_ALIKE


class TestSelfCross:
    @pytest.mark.control("C-27", "refuses")
    def test_strategies_do_not_trade_with_each_other(self) -> None:
        scene = Scene()
        scene.signal(quantity=100, strength="0.5")  # rests at 150.01 or below
        scene.accept(ORDER)

        answer = scene.signal("SHORT", quantity=50, strategy_name="bear", strength="0.95")

        assert answer.outcomes == ["REFUSED SELF_CROSS"]
        assert f"our own {ORDER}," in answer.decision.text

    @pytest.mark.control("C-27", "passes")
    def test_an_exit_goes_out_all_the_same(self) -> None:
        scene = Scene(positions=(a_holding(100, strategy="other"),))
        scene.signal(quantity=100, strength="0.5")

        assert scene.signal("FLAT", strategy_name="other").outcomes == ["ORDERED"]

    @pytest.mark.control("C-27", "passes")
    def test_when_the_other_order_is_gone_it_may_go(self) -> None:
        scene = Scene()
        scene.signal(quantity=100, strength="0.5")
        scene.cancelled(ORDER)

        answer = scene.signal("SHORT", quantity=50, strategy_name="bear", strength="0.95")

        assert answer.outcomes == ["ORDERED"]

    @pytest.mark.control("C-27", "passes")
    @pytest.mark.parametrize(
        ("side", "kind", "limit", "met"),
        [
            pytest.param("BUY", "LIMIT", 5, 5, id="a limit"),
            pytest.param("BUY", "MARKET", None, MOST_PRICE, id="a market buy"),
            pytest.param("SELL", "MARKET", None, 0, id="a market sale"),
            pytest.param("BUY", "STOP", None, 0, id="a buy stop"),
            pytest.param("SELL", "STOP", None, MOST_PRICE, id="a sell stop"),
            pytest.param("SELL", "STOP_LIMIT", 5, MOST_PRICE, id="a stop limit"),
        ],
    )
    def test_each_kind_of_order_is_met_at_its_own_price(
        self, side: str, kind: str, limit: int | None, met: int
    ) -> None:
        scene = Scene()
        scene.signal(quantity=1)
        (ticket,) = scene.tickets.values()
        changes = {"side": OrderSide(side), "order_type": OrderType(kind), "limit": limit}
        memory = RiskMemory()

        order_opened(memory, replace(ticket, **changes))

        assert memory.open_orders == {(SYMBOL, side): {ORDER: met}}


class TestMissedSlices:
    """A slice that may not go at its moment is missed; what comes after takes its shares."""

    @pytest.mark.control("C-22", "refuses")
    def test_a_slice_that_is_too_fast_waits_for_the_next_one(self) -> None:
        scene = rated(symbol_per_second=1)
        scene.show(adv=shares(50_000))
        scene.signal(quantity=10, strategy_name="other")

        missed = scene.signal(quantity=1_000)
        (ticket,) = scene.wait(60).placed

        assert missed.outcomes == ["ORDERED", "HELD ORDER_RATE"]
        assert missed.placed == []
        assert ticket.quantity == shares(250)  # a fifth, and a quarter of the one that was missed

    def test_what_waits_keeps_its_room_and_its_cash(self) -> None:
        scene = rated(symbol_per_second=1)
        scene.show(adv=shares(50_000))
        scene.signal(quantity=10, strategy_name="other")
        before = scene.desk.state.book.buying[SYMBOL]

        scene.signal(quantity=1_000)

        assert scene.desk.state.book.buying[SYMBOL] - before == shares(1_000)

    @pytest.mark.control("C-27", "refuses")
    def test_what_was_never_sent_says_why(self) -> None:
        scene = Scene()
        scene.show(adv=shares(50_000))
        scene.signal(quantity=100, strength="0.5")
        scene.accept(ORDER)
        scene.signal("SHORT", quantity=1_000, strategy_name="bear")

        (last,) = scene.wait(300).decisions[-1:]

        assert (last.outcome, last.quantity) == ("UNFILLED", shares(1_000))
        assert last.text.startswith(f"SELF_CROSS: it could trade with our own {ORDER},")


def test_two_replays_count_the_same() -> None:
    scene = Scene(positions=(a_holding(100, strategy="other"),))
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.trade(f"{ORDER}#1")
    scene.wait(60)
    scene.signal("FLAT", strategy_name="other")
    scene.tell(SessionOpened(scene.at + NANOSECONDS))

    fingerprints = {scene.fingerprint_of_replay() for _ in range(2)}

    assert fingerprints == {scene.desk.fingerprint()}
