"""The last gate by itself: an order never stands in its own way, and what has ended never leaves."""

import pytest

from fillpath.core.commands import PlaceOrder
from fillpath.core.models import Refusal
from fillpath.execution.desk.last_gate import last_objection
from fillpath.execution.policy import DeskPolicy, SizingPolicy
from fillpath.risk.limits import RiskLimits
from fillpath.risk.pacing import MessageBudget
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, shares
from tests.unit.risk.builders import NO_SIZE

ALL_IN = DeskPolicy(
    sizing=SizingPolicy(max_position_pct=100, cash_reserve_pct=0),
    risk=RiskLimits(max_position_pct=100, cash_reserve_pct=0, size=NO_SIZE),
)
"""All that there is may go into one position."""


def asked(scene: Scene, answer: Answer) -> Refusal | None:
    """Return what the last gate says of the only order of an answer."""
    (place,) = answer.of(PlaceOrder)
    now = (scene.at, scene.view())
    return last_objection(scene.desk.state, scene.desk.policy, place, now, MessageBudget())


@pytest.mark.control("C-17", "C-19", "C-18", "passes")
@pytest.mark.parametrize("direction", ["LONG", "SHORT"])
@pytest.mark.parametrize("sliced", [False, True], ids=["whole", "in slices"])
def test_an_order_for_all_that_there_is_does_not_stand_in_its_own_way(
    direction: str, *, sliced: bool
) -> None:
    scene = Scene(ALL_IN, cash=150_100)
    if sliced:
        scene.show(adv=shares(50_000))

    answer = scene.signal(direction, quantity=1_000)

    assert answer.outcomes[-1] in {"ORDERED", "SENT"}
    assert asked(scene, answer) is None


@pytest.mark.control("C-19", "refuses")
@pytest.mark.parametrize("direction", ["LONG", "SHORT"])
def test_what_another_order_takes_meanwhile_is_in_its_way(direction: str) -> None:
    scene = Scene(ALL_IN, cash=150_100)
    answer = scene.signal(direction, quantity=1_000)
    book = scene.desk.state.book
    book.reserved *= 2
    book.shorting *= 2

    assert asked(scene, answer) is not None


@pytest.mark.control("C-28", "passes")
def test_an_exit_of_all_that_is_held_does_not_stand_in_its_own_way() -> None:
    scene = Scene(ALL_IN, positions=(a_holding(100),))

    assert asked(scene, scene.signal("FLAT")) is None


def test_what_was_cancelled_before_it_left_does_not_leave() -> None:
    scene = Scene()
    answer = scene.signal(quantity=100)
    scene.kill()

    refusal = asked(scene, answer)

    assert refusal is not None
    assert refusal.code == "CANCELLED_UNSENT"


def test_what_has_ended_before_it_left_does_not_leave() -> None:
    scene = Scene()
    answer = scene.signal(quantity=100)
    scene.refuse("trend/sig-1")

    refusal = asked(scene, answer)

    assert refusal is not None
    assert refusal.code == "NOT_APPROVED"


@pytest.mark.control("C-23", "refuses")
def test_what_leaves_is_counted_among_the_messages_and_kept_back_where_they_are_too_many() -> None:
    scene = Scene()
    (place,) = scene.signal(quantity=100).of(PlaceOrder)
    rates = scene.desk.policy.risk.rates
    room = rates.messages_per_second - rates.cancel_reserve_per_second
    pace, now = MessageBudget(), (scene.at, scene.view())

    said = [
        last_objection(scene.desk.state, scene.desk.policy, place, now, pace)
        for _ in range(room + 1)
    ]

    assert said[:-1] == [None] * room
    assert said[-1] is not None
    assert said[-1].code == "MESSAGE_RATE"
