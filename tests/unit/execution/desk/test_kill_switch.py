"""The kill switch: everything that works is cancelled, and nothing leaves until a person says so."""

from typing import Final

import pytest

from fillpath.core.commands import RaiseAlarm
from tests.unit.execution.desk.scene import Scene, a_holding, shares

ORDER: Final = "trend/sig-1"


def sliced() -> Scene:
    """Return a desk whose first slice is at the broker."""
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.accept(f"{ORDER}#1")
    return scene


@pytest.mark.fault("F-91")
@pytest.mark.control("A-16", "refuses")
def test_it_cancels_every_order_and_every_schedule() -> None:
    scene = sliced()
    scene.signal(quantity=10, strategy_name="other")
    scene.accept("other/sig-2")

    answer = scene.kill()

    assert sorted(answer.cancels) == ["other/sig-2", f"{ORDER}#1"]
    assert answer.placed == []
    assert all(name.startswith(("unconfirmed:", "resting:")) for name in scene.timers)


def test_it_says_who_and_why() -> None:
    (alarm,) = Scene().kill("fat finger").of(RaiseAlarm)

    assert (alarm.code, alarm.text) == ("KILL_SWITCH", "ann: fat finger")


def test_it_needs_no_reason() -> None:
    scene = Scene()

    scene.kill("")

    assert scene.desk.state.killed == "no reason given"


@pytest.mark.fault("F-91")
def test_a_parent_ends_with_what_it_has() -> None:
    scene = sliced()
    scene.fill(f"{ORDER}#1", 50)
    scene.kill("fat finger")

    answer = scene.cancelled(f"{ORDER}#1")

    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.quantity == shares(950)
    assert answer.decision.text == "KILL_SWITCH: fat finger"
    assert scene.desk.state.parents == {}


def test_an_order_that_is_not_accepted_yet_is_cancelled_once_it_is() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    killed = scene.kill()

    answer = scene.accept(ORDER)

    assert killed.cancels == []
    assert answer.cancels == [ORDER]


@pytest.mark.fault("F-109")
def test_pressing_it_twice_cancels_once() -> None:
    scene = sliced()
    scene.kill()

    answer = scene.kill("again")

    assert answer.cancels == []
    assert answer.alarms == []
    assert scene.desk.state.killed == "stop it"


def test_a_cancel_that_failed_is_asked_again_by_pressing_it_again() -> None:
    scene = sliced()
    scene.kill()
    scene.cancel_failed(f"{ORDER}#1")

    assert scene.kill().cancels == [f"{ORDER}#1"]


@pytest.mark.parametrize("direction", ["LONG", "SHORT", "FLAT"])
@pytest.mark.control("C-44", "refuses")
def test_no_signal_is_followed(direction: str) -> None:
    scene = Scene(positions=(a_holding(100),))
    scene.kill("fat finger")

    answer = scene.signal(direction, quantity=None)

    assert answer.outcomes == ["REFUSED KILL_SWITCH"]
    assert answer.decision.text == "trading is off: fat finger"
    assert answer.placed == []


@pytest.mark.fault("F-91")
@pytest.mark.control("C-44", "refuses")
@pytest.mark.control("A-16", "refuses")
def test_nothing_is_placed_whatever_happens_next() -> None:
    scene = sliced()
    scene.kill()
    scene.all.clear()

    scene.wait(60)
    scene.quote()
    scene.cancelled(f"{ORDER}#1")
    scene.fill(f"{ORDER}#1", 50)
    scene.wait(600)

    assert scene.all.placed == []


def test_a_slice_that_waits_for_a_quote_is_dropped() -> None:
    scene = sliced()
    scene.fill(f"{ORDER}#1")
    scene.show(None, None)
    scene.wait(60)

    answer = scene.kill()

    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert scene.quote() == []


def test_a_fill_while_killed_is_booked() -> None:
    scene = sliced()
    scene.kill()

    answer = scene.fill(f"{ORDER}#1")

    assert len(answer.booked) == 1
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(200)


@pytest.mark.control("C-44", "passes")
def test_a_person_may_allow_trading_again() -> None:
    scene = Scene()
    scene.kill()

    answer = scene.clear()

    assert answer.alarms == ["TRADING_RESUMED"]
    assert scene.signal(quantity=10).outcomes == ["ORDERED"]


def test_what_was_stopped_stays_stopped() -> None:
    scene = sliced()
    scene.kill()
    scene.clear()

    scene.cancelled(f"{ORDER}#1")

    assert scene.wait(600).placed == []
    assert scene.desk.state.parents == {}
