"""A cancel that nobody confirms: asked again, told to a person, and never assumed (A-02)."""

from typing import Final

import pytest

from fillpath.core.commands import ClearTimer, RaiseAlarm
from fillpath.core.events import TimerFired
from tests.unit.execution.desk.scene import Answer, Scene, shares

ORDER: Final = "trend/sig-1"
TIMER: Final = f"unconfirmed:{ORDER}"


def cancelling(*, accepted: bool = True) -> Scene:
    """Return a desk that has just asked for the cancel of an order."""
    scene = Scene()
    scene.signal(quantity=10)
    if accepted:
        scene.accept(ORDER)
    scene.kill()
    return scene


def fired(scene: Scene) -> Answer:
    """Let the timer fire, though nothing waits for it any more."""
    return scene.tell(TimerFired(scene.at, TIMER, scene.at, "AAPL", scene.view()))


@pytest.mark.control("A-02", "passes")
def test_a_cancel_that_is_confirmed_in_time_is_asked_once() -> None:
    scene = cancelling()
    early = scene.wait(9)

    answer = scene.cancelled(ORDER)

    assert early.alarms == []
    assert answer.of(ClearTimer) == [ClearTimer(TIMER)]
    assert scene.wait(60).cancels == []


@pytest.mark.control("A-02", "refuses")
def test_after_ten_seconds_it_is_asked_again_and_a_person_is_told() -> None:
    scene = cancelling()

    answer = scene.wait(10)

    assert answer.cancels == [ORDER]
    (alarm,) = answer.of(RaiseAlarm)
    assert (alarm.code, alarm.order_id) == ("CANCEL_TIMEOUT", ORDER)
    assert alarm.text == "its cancel is not confirmed after 10 s; it counts as working"


@pytest.mark.control("A-02", "refuses")
def test_it_counts_as_working_for_as_long_as_nobody_confirms() -> None:
    scene = cancelling()

    scene.wait(600)

    assert scene.desk.state.book.buying == {"AAPL": shares(10)}
    assert scene.desk.state.book.reserved > 0


def test_it_is_asked_every_ten_seconds_and_told_every_minute() -> None:
    scene = cancelling()

    answer = scene.wait(130)

    assert answer.cancels == [ORDER] * 13
    assert answer.alarms == ["CANCEL_TIMEOUT"] * 3
    assert scene.desk.state.orders[ORDER].cancel_reminders == 13


def test_an_order_that_was_never_acknowledged_is_told_of_too() -> None:
    scene = cancelling(accepted=False)

    answer = scene.wait(10)

    assert answer.cancels == []
    assert answer.alarms == ["CANCEL_TIMEOUT"]


def test_one_that_failed_waits_its_turn() -> None:
    scene = cancelling()
    for _ in range(3):
        scene.cancel_failed(ORDER)
    scene.sleep(10)

    answer = fired(scene)

    assert answer.cancels == []
    assert answer.alarms == ["CANCEL_TIMEOUT"]


def test_the_timer_of_an_order_that_has_ended_does_nothing() -> None:
    scene = cancelling()
    scene.cancelled(ORDER)

    assert fired(scene) == []
