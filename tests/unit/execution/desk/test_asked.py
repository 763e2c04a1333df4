"""The record of a decision names every control that was asked about it."""

from typing import Any

import pytest

from fillpath.core.commands import Decision
from fillpath.core.models import OrderType
from fillpath.execution.desk.asked import ADMITTED, RELEASED
from tests.unit.execution.desk.scene import Scene, shares

CHECKS = Scene().desk.policy.cascade
STATISTICS = {"win_rate": 0.55, "avg_win_pct": 2.0, "avg_loss_pct": 1.0, "quantity": None}


def controls(scene: Scene, **said: Any) -> tuple[str, ...]:
    return scene.signal(**said).decision.controls


def test_an_order_was_put_before_everything_that_applies_to_it() -> None:
    found = controls(Scene(), quantity=10)

    assert found == ("C-03", "C-04", "C-40", "C-45", "C-46", *CHECKS.whole.controls)


def test_the_price_and_the_statistics_of_a_signal_are_asked_about_where_it_tells_them() -> None:
    found = controls(Scene(), metadata={**STATISTICS, "signal_price": "150"})

    before = ("C-03", "C-04", "C-09", "C-39", "C-40", "C-45", "C-46")
    assert found == (*before, *CHECKS.whole.controls)


def test_statistics_are_asked_about_without_a_price_too() -> None:
    found = controls(Scene(), metadata=STATISTICS)

    assert found[:4] == ("C-03", "C-04", "C-39", "C-40")
    assert "C-09" not in found


def test_a_price_is_asked_about_without_statistics_too() -> None:
    found = controls(Scene(), quantity=10, metadata={"signal_price": "150"})

    assert found[:4] == ("C-03", "C-04", "C-09", "C-40")
    assert "C-39" not in found


def test_a_signal_that_sizing_refused_was_admitted() -> None:
    scene = Scene()

    assert scene.signal("FLAT").decision.reason == "NOTHING_TO_CLOSE"
    assert scene.all.of(Decision)[-1].controls == ADMITTED


def test_a_signal_that_waits_for_a_quote_was_sized() -> None:
    scene = Scene()
    scene.show(None, None)

    found = controls(scene, quantity=10, metadata={"signal_price": "150"})

    assert found == (*ADMITTED, "C-40")


def test_a_signal_that_was_turned_away_was_put_before_nothing_else() -> None:
    scene = Scene()
    first = scene.signal(quantity=10)
    assert first.outcomes == ["ORDERED"]

    again = scene.signal(quantity=10, signal_id="sig-1")

    assert again.decision.reason == "DUPLICATE"
    assert again.decision.controls == ()


def test_a_slice_is_put_before_the_checks_of_what_is_sent() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))

    answer = scene.signal(quantity=1_000)

    parent, child = sorted(answer.decisions, key=lambda one: one.stage)
    assert parent.controls[-len(CHECKS.parent.controls) :] == CHECKS.parent.controls
    assert child.order_type is OrderType.LIMIT
    assert child.controls == (*RELEASED, *CHECKS.child.controls)


@pytest.mark.parametrize(
    "said",
    [
        {"quantity": 10},
        {"metadata": {**STATISTICS, "signal_price": "150"}},
        {"quantity": 10, "metadata": {"signal_price": "150"}},
    ],
)
def test_no_control_stands_twice_in_a_record(said: dict[str, Any]) -> None:
    found = controls(Scene(), **said)

    assert len(set(found)) == len(found)
    assert "C-08" in found
