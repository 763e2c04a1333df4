"""A slice that the broker brings to its exchange later has not begun, and its schedule waits for it."""

from typing import Final

import pytest

from fillpath.core.commands import SetTimer
from fillpath.core.events import OrderHeld
from tests.unit.execution.desk.scene import Answer, Scene, seconds
from tests.unit.execution.desk.test_schedule import PARENT, child, slices, started

WORDS: Final = "399 your order will not be placed at the exchange until 09:30"


def held(scene: Scene, order_id: str, until: float | None) -> Answer:
    """Let the broker hold an order until so many seconds from now; None when it does not say."""
    moment = 0 if until is None else scene.at + seconds(until)
    return scene.tell(OrderHeld(scene.at, order_id, WORDS, moment))


@pytest.mark.fault("F-73")
def test_the_clock_of_a_schedule_starts_when_its_first_slice_does() -> None:
    scene = started()
    begun = scene.at
    scene.accept(child(1))

    told = held(scene, child(1), 600)

    assert told.alarms == ["ORDER_HELD"]
    assert [timer.due - begun for timer in told.of(SetTimer)] == [seconds(660)]
    assert slices(scene.wait(659)) == []
    scene.trade(child(1))
    assert slices(scene.wait(1)) == [(child(2), 200)]
    assert slices(scene.wait(60)) == []  # the second one waits for the cancel of its rest


@pytest.mark.fault("F-73")
def test_the_whole_order_is_worked_in_equal_slices_behind_the_open() -> None:
    scene = started()
    scene.accept(child(1))
    held(scene, child(1), 600)
    scene.sleep(600)
    sent = []
    for number in range(1, 5):
        scene.trade(child(number))
        sent += slices(scene.wait(60))

    assert sent == [(child(number), 200) for number in range(2, 6)]


@pytest.mark.fault("F-73")
def test_a_later_slice_that_is_held_moves_what_comes_behind_it() -> None:
    scene = started()
    scene.trade(child(1))
    scene.wait(60)
    begun = scene.at

    (timer,) = held(scene, child(2), 300).of(SetTimer)

    assert timer.due - begun == seconds(360)


@pytest.mark.fault("F-73")
@pytest.mark.parametrize("until", [0, -30])
def test_a_moment_that_has_passed_moves_nothing(until: float) -> None:
    scene = started()

    told = held(scene, child(1), until)

    assert (told.alarms, told.of(SetTimer)) == (["ORDER_HELD"], [])
    assert slices(scene.wait(60)) == []
    assert scene.desk.state.parents[PARENT].awaiting == 1


@pytest.mark.fault("F-73")
def test_the_same_word_twice_moves_the_clock_once() -> None:
    scene = started()
    held(scene, child(1), 600)
    start = scene.desk.state.parents[PARENT].schedule.start

    again = scene.tell(OrderHeld(scene.at, child(1), WORDS, scene.at + seconds(600)))

    assert scene.desk.state.parents[PARENT].schedule.start == start
    assert again.of(SetTimer) == []


@pytest.mark.fault("F-73")
def test_a_schedule_whose_beginning_nobody_can_tell_ends() -> None:
    scene = started()
    scene.accept(child(1))

    told = held(scene, child(1), None)
    ended = scene.cancelled(child(1))

    assert told.cancels == [child(1)]
    assert scene.desk.state.parents == {}
    assert [word.split()[0] for word in ended.outcomes] == ["UNFILLED"]


@pytest.mark.fault("F-73")
def test_a_schedule_that_ends_already_has_no_clock() -> None:
    scene = started()
    scene.accept(child(1))
    scene.kill()

    told = held(scene, child(1), 600)

    assert told.of(SetTimer) == []


@pytest.mark.fault("F-73")
def test_an_order_that_was_sent_whole_is_only_told_about() -> None:
    scene = Scene()
    scene.show()
    scene.signal(quantity=10)
    (order_id,) = scene.desk.state.orders

    told = held(scene, order_id, 600)

    assert told.alarms == ["ORDER_HELD"]
    assert len(told) == 1


@pytest.mark.fault("F-73")
def test_word_of_an_order_that_has_ended_changes_nothing() -> None:
    assert held(Scene(), "trend/sig-9#1", 600) == []


@pytest.mark.fault("F-73")
def test_a_replay_has_the_same_clock() -> None:
    scene = started()
    held(scene, child(1), 600)
    scene.sleep(600)
    scene.trade(child(1))
    scene.wait(60)

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()
