"""What risk counts while the desk works: nothing is missed, nothing counts twice, all is bounded."""

from typing import Any

import pytest

from fillpath.core.events import SessionOpened
from fillpath.core.units import NANOSECONDS
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.risk.limits import RiskLimits, SizeLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.remembering import MOST_SENT, parent_ordered
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

        assert risk(scene) == RiskMemory()


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
