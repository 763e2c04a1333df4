"""Schedules and the state of the market: a halt, an old quote, a price that cannot be meant."""

from typing import Final

import pytest

from fillpath.core.events import MarketHalted, OrderRefused, ReferenceSeen, TradingStatusSeen
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.risk.limits import PriceLimits, RiskLimits
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, price, shares

PARENT: Final = "trend/sig-1"
LIVE_AGES: Final = DeskPolicy(
    risk=RiskLimits(
        price=PriceLimits(
            market_quote_age_seconds=3, limit_quote_age_seconds=10, pause_quote_age_seconds=4
        )
    )
)


def started(policy: DeskPolicy | None = None) -> Scene:
    """Return a desk of which the first of five slices, 200 shares each, has filled."""
    scene = Scene(policy)
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.trade(f"{PARENT}#1")
    return scene


def exiting() -> Scene:
    """Return a desk of which the first of five slices of an exit has filled."""
    scene = Scene(positions=(a_holding(1_000),))
    scene.show(adv=shares(50_000))
    scene.signal("FLAT")
    scene.trade(f"{PARENT}#1", paid="149.99")
    return scene


def status(scene: Scene, word: str) -> Answer:
    return scene.tell(TradingStatusSeen(scene.at, SYMBOL, word))


def sizes(answer: Answer) -> list[int]:
    return [ticket.quantity // shares(1) for ticket in answer.placed]


@pytest.mark.fault("F-85")
@pytest.mark.control("C-34", "refuses")
@pytest.mark.control("A-05", "refuses")
@pytest.mark.parametrize("build", [started, exiting])
def test_slices_wait_through_a_halt_and_are_not_bunched_after_it(build: "type[Scene]") -> None:
    scene = build()
    status(scene, "HALTED")

    halted = scene.wait(120)
    resumed = status(scene, "TRADING")
    after = scene.quote()

    assert halted.outcomes == ["HELD HALTED", "HELD HALTED"]
    assert halted.placed == []
    assert halted.cancels == []
    assert resumed.watched == [SYMBOL]
    # Of 1,000 in five slices one is filled and one was missed, which the three left share.
    assert sizes(after) == [267]


@pytest.mark.fault("F-87")
@pytest.mark.control("C-34", "refuses")
def test_a_halt_of_the_whole_market_pauses_them_too() -> None:
    scene = started()
    scene.tell(MarketHalted(scene.at, "down 7 %", 1))

    halted = scene.wait(60)
    resumed = scene.tell(MarketHalted(scene.at))

    assert halted.outcomes == ["HELD HALTED"]
    assert resumed.watched == [SYMBOL]
    assert sizes(scene.quote()) == [200]


@pytest.mark.fault("F-87")
def test_at_its_third_level_the_day_is_over() -> None:
    scene = started()

    answer = scene.tell(MarketHalted(scene.at, "down 20 %", 3))

    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.text == "HALTED: the whole market, level 3: down 20 %"


@pytest.mark.fault("F-81")
@pytest.mark.control("A-03", "refuses")
@pytest.mark.control("A-03", "passes")
@pytest.mark.parametrize(("age", "sent"), [(4, [200]), (4.1, [])])
def test_slices_pause_on_an_old_quote_and_go_on_with_the_next(age: float, sent: list[int]) -> None:
    scene = started(LIVE_AGES)
    scene.ticking = False
    scene.sleep(60 - age)
    scene.show(adv=shares(50_000))

    answer = scene.wait(age)

    assert sizes(answer) == sent
    if not sent:
        assert answer.outcomes == ["HELD STALE_QUOTE"]
        assert answer.watched == [SYMBOL]
        assert sizes(scene.quote()) == [200]


@pytest.mark.control("A-03", "refuses")
@pytest.mark.parametrize(("age", "sent"), [(3, 1), (3.1, 0)])
def test_the_last_slice_crosses_and_needs_the_quote_of_a_market_order(
    age: float, sent: int
) -> None:
    scene = started(LIVE_AGES)
    for number in (2, 3, 4):
        scene.wait(60)
        scene.trade(f"{PARENT}#{number}")
    scene.ticking = False
    scene.sleep(60 - age)
    scene.show(adv=shares(50_000))

    assert len(scene.wait(age).placed) == sent


@pytest.mark.control("C-08", "refuses")
@pytest.mark.control("C-08", "passes")
@pytest.mark.parametrize(("age", "outcome"), [(3, "ORDERED"), (3.1, "HELD PRICE_UNAVAILABLE")])
def test_an_urgent_signal_waits_for_a_younger_quote(age: float, outcome: str) -> None:
    scene = Scene(LIVE_AGES)
    scene.ticking = False
    scene.show()
    scene.sleep(age)

    assert scene.signal(quantity=100, strength="0.95").outcomes == [outcome]


@pytest.mark.control("C-08", "refuses")
@pytest.mark.parametrize(("age", "outcome"), [(5, "ORDERED"), (5.1, "HELD PRICE_UNAVAILABLE")])
def test_the_strictest_age_counts(age: float, outcome: str) -> None:
    for policy in (
        LIVE_AGES,
        DeskPolicy(router=RouterPolicy(max_quote_age_seconds=60)),
    ):
        scene = Scene(policy)
        scene.ticking = False
        scene.show()
        scene.sleep(age)

        assert scene.signal(quantity=100, strength="0.5").outcomes == [outcome]


@pytest.mark.fault("F-82")
@pytest.mark.control("C-08", "refuses")
def test_a_glitch_makes_a_slice_wait_and_ends_nothing() -> None:
    scene = started(DeskPolicy(router=RouterPolicy(pause_move_pct=100)))
    scene.tell(ReferenceSeen(scene.at, SYMBOL, prior_close=price(150)))
    scene.quote()
    scene.show("199.99", "200.01")

    glitch = scene.wait(60)
    scene.show()
    after = scene.wait(60)

    assert glitch.outcomes == ["HELD NO_REFERENCE"]
    assert sizes(after) == [267]


@pytest.mark.control("C-34", "refuses")
def test_a_slice_that_the_last_gate_held_back_is_carried() -> None:
    scene = started()
    scene.wait(60)

    scene.tell(OrderRefused(scene.at, f"{PARENT}#2", "HALTED", "AAPL is HALTED"))

    assert sizes(scene.wait(60)) == [400]
