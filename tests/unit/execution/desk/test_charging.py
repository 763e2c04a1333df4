"""A fill counts at once, and a commission that does not follow is missed (control P-03)."""

from typing import Any

import pytest

from fillpath.core.commands import ClearTimer, RaiseAlarm, SetTimer
from fillpath.execution.desk import charging
from fillpath.execution.policy import DeskPolicy
from tests.unit.execution.desk.scene import Scene, money, seconds

ORDER = "trend/sig-1"
LATE = DeskPolicy(late_commissions=True)


def filled(policy: DeskPolicy = LATE, **changes: object) -> Scene:
    """Return a desk with 100 shares, of which nobody has said what they cost."""
    scene = Scene(policy)
    scene.signal(quantity=100, strength="0.95")
    scene.accept(ORDER)
    scene.fill(ORDER, **changes)  # type: ignore[arg-type]  # as a fill takes them
    return scene


@pytest.mark.fault("F-75")
@pytest.mark.control("P-03", "refuses")
@pytest.mark.control("P-03", "passes")
@pytest.mark.parametrize(("waited", "alarms"), [(599.9, []), (600, ["COMMISSION_MISSING"])])
def test_a_commission_that_does_not_come_is_missed_after_ten_minutes(
    waited: float, alarms: list[str]
) -> None:
    scene = filled()
    booked = len(scene.all.booked)

    answer = scene.wait(waited)

    assert booked == 1
    assert answer.alarms == alarms


@pytest.mark.control("P-03", "refuses")
def test_it_is_missed_once_and_by_name() -> None:
    scene = filled()
    scene.wait(600)

    assert scene.all.of(RaiseAlarm)[-1].text == "no commission came in time for x1"
    assert scene.wait(3_600).alarms == []
    assert scene.desk.state.uncharged == {}
    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()


@pytest.mark.control("P-03", "passes")
@pytest.mark.parametrize("amount", ["1.25", "-0.5", "0"])
def test_one_that_comes_is_not_missed(amount: str) -> None:
    scene = filled()
    scene.commission(ORDER, "x1", amount)

    assert scene.wait(3_600).alarms == []
    assert "commission:" not in scene.timers


@pytest.mark.control("P-03", "passes")
def test_one_that_came_first_is_not_missed() -> None:
    scene = Scene(LATE)
    scene.signal(quantity=100, strength="0.95")
    scene.accept(ORDER)
    scene.commission(ORDER, "x1", "1.25")
    scene.fill(ORDER)

    assert scene.wait(3_600).alarms == []
    assert scene.desk.state.book.commission == money("1.25")


@pytest.mark.control("P-03", "passes")
@pytest.mark.parametrize(
    "changes", [{"commission": "1.25"}, {"simulated": True}], ids=["told", "made up"]
)
def test_what_costs_something_already_or_never_is_not_waited_for(
    changes: dict[str, Any],
) -> None:
    assert filled(**changes).wait(3_600).alarms == []


@pytest.mark.parametrize(
    ("quantity", "commission", "alarms"),
    [(0, "0", []), (90, "1", []), (90, "0", ["COMMISSION_MISSING"])],
    ids=["undone", "with its commission", "without one"],
)
def test_a_correction_may_bring_the_commission(
    quantity: int, commission: str, alarms: list[str]
) -> None:
    scene = filled()
    scene.correct(ORDER, "x1", quantity, commission=commission)

    assert scene.wait(3_600).alarms == alarms


def test_a_broker_that_tells_it_with_the_fill_is_not_waited_for() -> None:
    assert filled(DeskPolicy()).timers == {}


def test_the_next_one_is_waited_for_when_the_first_has_come() -> None:
    scene = Scene(LATE)
    scene.signal(quantity=100, strength="0.95")
    scene.accept(ORDER)
    scene.fill(ORDER, 50)
    scene.sleep(60)
    scene.fill(ORDER, 50)
    first = scene.timers["commission:"].due
    scene.commission(ORDER, "x1", "1")

    assert scene.timers["commission:"].due - first == seconds(60)


def test_so_many_are_waited_for_and_so_many_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charging, "MOST_WAITING", 7)
    scene = Scene(LATE)
    scene.signal(quantity=100, strength="0.95")
    scene.accept(ORDER)
    for _ in range(9):
        scene.fill(ORDER, 1)
    scene.wait(600)

    text = scene.all.of(RaiseAlarm)[-1].text
    assert text == "no commission came in time for x3, x4, x5, x6, x7 and 2 more"


def test_as_many_as_are_named_leave_no_more_to_count() -> None:
    scene = Scene(LATE)
    scene.signal(quantity=100, strength="0.95")
    scene.accept(ORDER)
    for _ in range(charging.MOST_NAMED):
        scene.fill(ORDER, 1)
    scene.wait(600)

    text = scene.all.of(RaiseAlarm)[-1].text
    assert text == "no commission came in time for x1, x2, x3, x4, x5"


def test_one_timer_is_set_for_the_oldest_and_none_cleared_that_has_fired() -> None:
    scene = Scene(LATE)
    scene.signal(quantity=100, strength="0.95")
    scene.accept(ORDER)
    first = scene.fill(ORDER, 50)
    second = scene.fill(ORDER, 50)
    missed = scene.wait(600)

    assert [t.timer_id for t in first.of(SetTimer) if t.timer_id == "commission:"] != []
    assert [t.timer_id for t in second.of(SetTimer) if t.timer_id == "commission:"] == []
    assert [t.timer_id for t in missed.of(ClearTimer) if t.timer_id == "commission:"] == []


def test_a_timer_that_finds_nothing_says_nothing() -> None:
    scene = filled()
    scene.desk.state.uncharged.clear()

    assert scene.wait(600).alarms == []
