"""Covered, or the alarm is up."""

import pytest

from fillpath.core.events import EngineStarted, KillSwitchSet, OpeningPosition, PolicyAdopted
from fillpath.core.models import OrderSide
from fillpath.execution.rules import written_rules
from fillpath.risk.limits.account import StopKeeper
from tests.unit.execution.desk.guarded import ENTRY, TREND, Guarded, alarms, amends, keeping
from tests.unit.execution.desk.scene import a_holding, price, shares


def test_a_kill_cancels_the_stop_too_and_says_that_the_position_is_naked() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop

    answer = scene.kill()

    assert answer.cancels == [stop]
    assert "UNPROTECTED" in answer.alarms
    assert scene.cancelled(stop).placed == []
    assert scene.up


def test_after_a_kill_no_stop_leaves_for_a_fill_that_was_on_its_way() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.kill()

    answer = scene.fill(order_id, 100, 150)

    assert answer.placed == []
    assert "UNPROTECTED" in answer.alarms


def test_the_stop_is_back_before_anything_else_when_trading_goes_on() -> None:
    scene = Guarded()
    scene.enter()
    scene.kill()
    scene.cancelled(scene.stops[0].order_id)

    answer = scene.clear()

    assert [t.quantity for t in answer.placed] == [shares(100)]
    assert answer.placed[0].order_id == f"{ENTRY}#p2"
    assert not scene.up


def test_a_breaker_that_lets_exits_through_leaves_stops_alone() -> None:
    scene = Guarded()
    scene.enter()

    answer = scene.tell(KillSwitchSet(scene.at, "too much lost", "breaker", exits=True))

    assert answer.cancels == []
    assert not scene.up


@pytest.mark.fault("F-14")
def test_a_hold_keeps_the_stop_back_until_it_is_released_and_places_it_first() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.hold()

    answer = scene.fill(order_id, 100, 150)
    assert answer.placed == []
    assert scene.up
    released = scene.release()

    assert [t.route for t in released.placed] == ["protect"]
    assert not scene.up


@pytest.mark.fault("F-114")
@pytest.mark.parametrize("code", ["STALE_DATA", "ALERTS_UNHEARD"])
def test_a_hold_for_want_of_news_keeps_no_stop_and_no_exit_back(code: str) -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.hold(code)

    stop = scene.fill(order_id, 100, 150)
    entry = scene.signal(quantity=10)
    exit_ = scene.signal("FLAT")

    assert [t.route for t in stop.placed] == ["protect"]
    assert not scene.up
    assert entry.outcomes == ["HELD TRADING_HELD"]
    assert exit_.outcomes == ["ORDERED"]


@pytest.mark.fault("F-14")
def test_a_start_places_the_stops_that_are_missing() -> None:
    scene = Guarded(positions=(a_holding(100, 150),))

    (stop,) = scene.tell(EngineStarted(scene.at)).placed

    assert (stop.quantity, stop.stop, stop.order_id) == (shares(100), price(147), "trend/AAPL#p1")


def test_holdings_that_no_strategy_claims_are_named_and_left_without_a_stop() -> None:
    mine, other = a_holding(100, 150), OpeningPosition("MSFT", shares(5), shares(5) * price(100))
    scene = Guarded(positions=(mine, other))
    rules = written_rules(keeping())

    answer = scene.tell(PolicyAdopted(scene.at, "rules", rules))

    assert [t.symbol for t in answer.placed] == ["AAPL"]
    assert answer.alarms == ["OPENING_UNPROTECTED"]
    assert alarms(answer)[0].endswith("MSFT")


def test_rules_without_a_keeper_let_go_of_the_stops() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop

    answer = scene.tell(PolicyAdopted(scene.at, "other", written_rules(keeping(StopKeeper.NONE))))

    assert answer.cancels == [stop]
    scene.cancelled(stop)
    assert scene.desk.state.guards == {}


def test_a_stop_in_doubt_is_no_stop() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    (stop,) = scene.fill(order_id, paid=150).placed

    answer = scene.doubt(stop.order_id)
    assert "UNPROTECTED" in answer.alarms
    again = scene.accept(stop.order_id)

    assert "PROTECTED" in again.alarms
    assert again.placed == []


def test_a_stop_that_nobody_confirms_in_five_seconds_is_no_stop() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    (stop,) = scene.fill(order_id, paid=150).placed
    assert "UNPROTECTED" not in scene.wait(4.9).alarms

    assert "UNPROTECTED" in scene.wait(0.1).alarms
    assert "PROTECTED" in scene.accept(stop.order_id).alarms


def test_a_change_that_nobody_confirms_in_five_seconds_is_asked_for_again() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=40)
    asked = scene.fill(ENTRY, 60, 150)

    again = scene.wait(5)

    assert amends(again) == amends(asked)
    assert "UNPROTECTED" in again.alarms
    assert "PROTECTED" in scene.amended(scene.guard.stop, 100, 147).alarms


def test_a_refused_stop_is_tried_again_at_once_and_then_less_and_less_often() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.fill(order_id, paid=150)
    first = scene.refused(scene.guard.stop)
    assert len(first.placed) == 1
    pauses = []

    for _ in range(3):
        answer = scene.refused(scene.guard.stop)
        assert answer.placed == []
        assert scene.up
        before = scene.at
        while not scene.wait(1).placed:
            continue
        pauses.append((scene.at - before) // 10**9)

    assert pauses == [1, 2, 4]
    assert not scene.up


def test_a_stop_that_lasted_a_minute_has_not_failed() -> None:
    scene = Guarded()
    scene.enter()
    for _ in range(3):
        scene.wait(61)
        answer = scene.cancelled(scene.guard.stop)
        assert len(answer.placed) == 1
        scene.accept(scene.guard.stop)

    assert not scene.up


def test_a_change_that_fails_is_tried_again_under_the_alarm() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=40)
    scene.fill(ENTRY, 60, 150)

    first = scene.amend_failed(scene.guard.stop)
    second = scene.amend_failed(scene.guard.stop)

    assert amends(first) == [(100, 14_700)]
    assert amends(second) == []
    assert "UNPROTECTED" in second.alarms
    assert amends(scene.wait(1)) == [(100, 14_700)]


def test_a_change_of_an_order_that_has_ended_meanwhile_fails_in_silence() -> None:
    scene = Guarded()

    assert scene.amend_failed("nobody") == []


def test_an_amendment_of_an_unknown_order_is_told() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop
    scene.fill(stop, paid=147)

    assert scene.amended("nobody", 10).alarms == ["UNEXPECTED_FACT"]
    assert scene.amended(stop, 10) == []


def test_nothing_is_added_to_a_position_without_a_stop() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    stop = scene.fill(order_id, paid=150).placed[0].order_id
    scene.doubt(stop)

    held = scene.signal("LONG", quantity=10, strategy_name="other")
    again = scene.accept(stop)

    assert held.outcomes == ["HELD UNPROTECTED"]
    assert "AAPL" in again.watched


def test_a_stop_whose_cancel_was_refused_covers_again() -> None:
    scene = Guarded()
    scene.enter()
    scene.kill()

    answer = scene.cancel_failed(scene.guard.stop)

    assert "PROTECTED" in answer.alarms


def test_what_is_sold_under_the_alarm_needs_none() -> None:
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)
    stop = scene.guard.stop
    scene.kill()
    scene.cancelled(stop)

    answer = scene.fill(leaving, paid=150)

    assert "PROTECTED" in answer.alarms
    assert alarms(answer)[-1] == "AAPL of trend is not held"
    assert scene.desk.state.guards == {}
    assert not scene.up


def test_a_position_that_turns_over_takes_its_stop_with_it() -> None:
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)
    stop = scene.guard.stop

    answer = scene.fill(leaving, 150, 150)

    assert scene.desk.state.book.by_strategy == {TREND: -shares(50)}
    assert scene.up
    assert stop in (*answer.cancels, *scene.wait(5).cancels)


def test_a_quarantined_symbol_gets_no_larger_stop_but_a_smaller_one() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=60)
    scene.quarantine()

    more = scene.fill(ENTRY, 40, 150)
    less = scene.correct(ENTRY, "x1", 10, 150)

    assert (amends(more), more.alarms) == ([], ["UNPROTECTED"])
    assert amends(less) == [(50, 14_700)]
    assert "PROTECTED" in less.alarms


def test_a_bought_back_share_of_a_short_is_measured_on_its_side() -> None:
    scene = Guarded()
    order_id = scene.signal("SHORT", quantity=100).placed[0].order_id
    scene.trade(order_id, paid=150)
    scene.accept(scene.guard.stop)

    answer = scene.fill("by-hand", 40, 150, side=OrderSide.BUY)

    assert amends(answer) == [(60, 15_300)]
