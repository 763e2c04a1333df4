"""Which signals may be looked at, and why the others may not."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.events import OriginUnknown
from fillpath.core.units import moment
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from tests.unit.execution.desk.scene import Answer, Scene

DAY = 86_400


def told_again(scene: Scene, **changes: Any) -> Answer:
    """Tell the first signal once more, with some fields changed."""
    first: dict[str, Any] = {"signal_id": "sig-1", "quantity": 10}
    return scene.signal(**(first | changes))


def test_a_new_signal_is_ordered() -> None:
    answer = Scene().signal(quantity=10)

    assert answer.outcomes == ["ORDERED"]


@pytest.mark.fault("F-24", "F-101")
@pytest.mark.control("C-04", "refuses")
def test_the_same_signal_twice_trades_once() -> None:
    scene = Scene()
    told_again(scene)

    answer = told_again(scene)

    assert answer.placed == []
    assert answer.outcomes == ["REFUSED DUPLICATE"]
    assert answer.decision.text == "sig-1 of trend was seen before"


def test_a_duplicate_of_no_strategy_is_named_so() -> None:
    scene = Scene()
    told_again(scene, strategy_name="")

    answer = told_again(scene, strategy_name="")

    assert answer.decision.text == "sig-1 of no strategy was seen before"


@pytest.mark.control("C-04", "passes")
def test_the_same_id_of_another_strategy_is_another_signal() -> None:
    scene = Scene()
    told_again(scene)

    answer = told_again(scene, strategy_name="other")

    assert answer.outcomes == ["ORDERED"]


def test_a_refused_signal_is_not_looked_at_again() -> None:
    scene = Scene()
    told_again(scene, timestamp=moment(scene.at) - timedelta(seconds=31))

    answer = told_again(scene)

    assert answer.outcomes == ["REFUSED DUPLICATE"]


@pytest.mark.parametrize(
    ("later", "remembered"),
    [
        pytest.param(DAY, True, id="a day later it is still known"),
        pytest.param(DAY + 1, False, id="after a day it is forgotten"),
    ],
)
def test_signals_are_remembered_for_a_day(later: int, *, remembered: bool) -> None:
    scene = Scene()
    told_again(scene)
    scene.wait(later)

    scene.signal(quantity=10, signal_id="another")

    assert (("trend", "sig-1") in scene.desk.state.seen) is remembered


def test_only_what_is_old_is_forgotten() -> None:
    scene = Scene()
    told_again(scene)
    scene.wait(DAY)
    scene.signal(quantity=10, signal_id="younger")
    scene.wait(1)

    scene.signal(quantity=10, signal_id="youngest")

    assert scene.desk.state.seen == {("trend", "younger"), ("trend", "youngest")}


def test_what_is_a_day_old_is_kept_when_older_ones_go() -> None:
    scene = Scene()
    told_again(scene)
    scene.wait(1)
    scene.signal(quantity=10, signal_id="a day old")
    scene.wait(DAY)

    scene.signal(quantity=10, signal_id="new")

    assert scene.desk.state.seen == {("trend", "a day old"), ("trend", "new")}


@pytest.mark.fault("F-101")
@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        pytest.param("30", "ORDERED", id="exactly as old as allowed"),
        pytest.param("30.000001", "REFUSED STALE_SIGNAL", id="a microsecond too old"),
        pytest.param("-2", "ORDERED", id="as far ahead as clocks may differ"),
        pytest.param("-2.000001", "REFUSED FUTURE_SIGNAL", id="a microsecond too far ahead"),
    ],
)
@pytest.mark.control("C-03", "refuses")
@pytest.mark.control("C-03", "passes")
def test_age_is_judged_strictly(age: str, outcome: str) -> None:
    scene = Scene()
    made = moment(scene.at) - timedelta(microseconds=int(Decimal(age) * 1_000_000))

    answer = scene.signal(quantity=10, timestamp=made)

    assert answer.outcomes == [outcome]


@pytest.mark.control("C-03", "refuses")
def test_a_stale_signal_says_how_old_it_is() -> None:
    scene = Scene()

    answer = scene.signal(quantity=10, timestamp=moment(scene.at) - timedelta(seconds=45))

    assert answer.decision.text == "the signal is 45.000 s old"


@pytest.mark.control("C-03", "refuses")
def test_a_future_signal_says_how_far_ahead_it_is() -> None:
    scene = Scene()

    answer = scene.signal(quantity=10, timestamp=moment(scene.at) + timedelta(seconds=3))

    assert answer.decision.text == "the signal is 3.000 s in the future"


def test_a_signal_may_be_as_old_as_the_quotes_in_force() -> None:
    minutes = DeskPolicy(router=RouterPolicy(max_quote_age_seconds=180))
    scene = Scene(minutes)

    answer = scene.signal(quantity=10, timestamp=moment(scene.at) - timedelta(seconds=180))

    assert answer.outcomes == ["ORDERED"]


@pytest.mark.fault("F-25")
@pytest.mark.control("C-04", "refuses")
def test_an_older_signal_that_comes_late_is_superseded() -> None:
    scene = Scene()
    made = moment(scene.at)
    scene.signal(quantity=10)

    answer = scene.signal("FLAT", timestamp=made - timedelta(seconds=1))

    assert answer.placed == []
    assert answer.outcomes == ["REFUSED SUPERSEDED"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"strategy_name": "other"}, id="of another strategy"),
        pytest.param({"symbol": "MSFT"}, id="for another symbol"),
    ],
)
def test_an_older_signal_elsewhere_is_not_superseded(changes: dict[str, str]) -> None:
    scene = Scene()
    made = moment(scene.at)
    scene.signal(quantity=10)

    answer = scene.signal(quantity=10, timestamp=made - timedelta(seconds=1), **changes)

    assert "REFUSED SUPERSEDED" not in answer.outcomes


def test_signals_of_one_moment_are_all_looked_at() -> None:
    scene = Scene()
    scene.signal(quantity=10)

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["ORDERED"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"signal_id": "a/b"}, id="slash in the id"),
        pytest.param({"signal_id": "a#1"}, id="hash in the id"),
        pytest.param({"strategy_name": "a/b"}, id="slash in the strategy"),
        pytest.param({"strategy_name": "a#b"}, id="hash in the strategy"),
    ],
)
@pytest.mark.control("C-01", "refuses")
def test_a_name_that_could_be_taken_for_another_is_refused(changes: dict[str, str]) -> None:
    answer = Scene().signal(quantity=10, **changes)

    assert answer.placed == []
    assert answer.outcomes == ["REFUSED INVALID_SIGNAL_ID"]


def test_a_refusal_records_the_market_and_the_money_it_was_judged_by() -> None:
    scene = Scene()
    told_again(scene)

    decision = told_again(scene).decision

    assert (decision.stage, decision.symbol, decision.direction) == ("SIGNAL", "AAPL", "LONG")
    assert (decision.strategy_name, decision.signal_id) == ("trend", "sig-1")
    assert decision.market == scene.view()
    assert decision.cash == decision.equity == scene.desk.state.book.cash
    assert decision.order_id == ""


@pytest.mark.fault("F-101")
@pytest.mark.parametrize(
    ("changes", "alarms"),
    [
        ({}, []),
        ({"symbol": "MSFT"}, ["ID_REUSE"]),
        ({"strength": "0.7"}, ["ID_REUSE"]),
        ({"direction": "SHORT"}, ["ID_REUSE"]),
        ({"direction": "FLAT"}, []),
        ({"made_by": "SHORT", "direction": "SHORT"}, []),
        ({"made_by": "SHORT", "direction": "LONG"}, ["ID_REUSE"]),
    ],
)
def test_an_id_that_comes_again_with_other_content_is_told(
    changes: dict[str, str], alarms: list[str]
) -> None:
    scene = Scene()
    scene.signal(changes.pop("made_by", "LONG"), quantity=10)

    answer = scene.signal(quantity=10, **({"signal_id": "sig-1"} | changes))

    assert answer.outcomes == ["REFUSED DUPLICATE"]
    assert answer.alarms == alarms


def test_a_repeat_of_a_signal_that_made_no_order_is_just_a_repeat() -> None:
    scene = Scene()
    scene.kill()
    scene.signal(quantity=10)

    answer = scene.signal("SHORT", quantity=10, signal_id="sig-1")

    assert answer.alarms == []


@pytest.mark.control("C-02", "refuses")
def test_a_signal_of_unknown_origin_is_on_record_and_wakes_somebody_once_a_minute() -> None:
    scene = Scene()

    def forged(number: int) -> Answer:
        name = f"{number}-0"
        return scene.tell(OriginUnknown(scene.at, name, "trend", "no signature"))

    first = forged(1)
    scene.sleep(59)
    second = forged(2)
    scene.sleep(1)
    third = forged(3)

    assert first.decision.stage == "INTAKE"
    assert first.outcomes == second.outcomes == ["REFUSED SIGNAL_ORIGIN"]
    assert second.decision.text == "2-0: no signature"
    assert (first.alarms, second.alarms, third.alarms) == (
        ["SIGNAL_ORIGIN"],
        [],
        ["SIGNAL_ORIGIN"],
    )
