"""The corners of protection."""

from collections.abc import Callable

import pytest

from fillpath.core.commands import CancelOrder, RaiseAlarm, WatchLevel
from fillpath.core.events import EngineStarted, LevelReached, PolicyAdopted, TimerFired
from fillpath.core.models import OrderSide
from fillpath.execution.desk.protecting import guarded
from fillpath.execution.rules import written_rules
from fillpath.risk.limits.account import StopKeeper
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.guarded import ENTRY, Guarded, amends, keeping
from tests.unit.execution.desk.scene import Answer, price, shares


def test_a_stop_that_another_rule_ends_is_not_asked_for_twice() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop
    scene.correct(ENTRY, "x1", 0)

    scene.cancelled(stop)

    assert scene.desk.state.guards == {}
    assert not scene.up


def test_what_a_person_books_changes_the_stop() -> None:
    scene = Guarded()
    scene.enter()

    answer = scene.adjust(-30)

    assert amends(answer) == [(70, 14_700)]


def test_rules_that_never_kept_stops_have_nothing_to_let_go_of() -> None:
    scene = Guarded(keeping(StopKeeper.NONE))

    assert scene.tell(PolicyAdopted(scene.at, "", written_rules(keeping(StopKeeper.NONE)))) == []


def test_a_timer_and_a_level_of_nobody_are_ignored() -> None:
    scene = Guarded()
    view = scene.view()

    fired = scene.tell(TimerFired(scene.at, "protect:nobody/AAPL", scene.at, SYMBOL, view))
    reached = scene.tell(LevelReached(scene.at, "nobody/AAPL", SYMBOL, view))

    assert (fired, reached) == ([], [])


def test_a_late_timer_of_a_stop_that_works_changes_nothing() -> None:
    scene = Guarded()
    scene.enter()

    answer = scene.tell(TimerFired(scene.at, "protect:trend/AAPL", scene.at, SYMBOL, scene.view()))

    assert answer == []


def test_a_correction_of_what_is_not_protected_is_a_correction() -> None:
    scene = Guarded()
    scene.fill("by-hand", 10, 150, side=OrderSide.BUY)

    answer = scene.correct("by-hand", "x1", 5)

    assert answer.placed == []


def test_two_strategies_keep_their_own_averages_through_a_correction() -> None:
    scene = Guarded()
    scene.enter(100, 150)
    other = scene.signal(quantity=50, strategy_name="other").placed[0].order_id
    scene.trade(other, paid=160)
    scene.accept(scene.stops[-1].order_id)

    answer = scene.correct(ENTRY, "x1", 80, 150)

    assert amends(answer) == [(80, 14_700)]


def test_an_entry_by_another_rule_on_the_other_side_joins_no_group() -> None:
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)
    scene.fill(leaving, 150, 150)  # more than was held

    again = scene.signal("FLAT", strategy_name="trend")

    assert [t.group for t in again.placed if t.route != "protect"] in ([], [""])


@pytest.mark.parametrize("keeper", [StopKeeper.BROKER, StopKeeper.ENGINE])
def test_shares_that_came_for_nothing_have_no_level(keeper: StopKeeper) -> None:
    scene = Guarded(keeping(keeper))
    scene.adjust(100, cash=0)
    scene.desk.state.book.by_strategy["trend", SYMBOL] = shares(100)
    del scene.desk.state.book.by_strategy["", SYMBOL]

    answer = scene.open()

    assert answer.placed == []
    assert "UNPROTECTED" in answer.alarms


def test_a_split_told_twice_counts_once_also_while_the_engine_watches() -> None:
    scene = Guarded(keeping(StopKeeper.ENGINE))
    scene.enter()
    scene.split(2, 1)

    assert scene.split(2, 1) == []
    assert scene.guard.level == price("73.5")


def test_a_split_of_what_was_sold_leaves_the_stop_that_is_being_cancelled() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop
    scene.adjust(-100)

    answer = scene.split(2, 1)

    assert scene.guard.held == 0
    assert answer.placed == []
    assert stop in scene.all.cancels


def test_a_split_leaves_the_stops_of_other_symbols_alone() -> None:
    scene = Guarded(keeping(StopKeeper.ENGINE))
    scene.enter()
    before = scene.guard.level

    scene.split(2, 1, symbol="MSFT")

    assert scene.guard.level == before


def test_the_hold_of_a_latch_that_ends_by_itself_brings_the_stop_back() -> None:
    scene = Guarded()
    scene.enter()
    scene.kill()
    scene.cancelled(scene.stops[0].order_id)
    scene.desk.state.latches.kept.clear()

    answer = scene.tell(TimerFired(scene.at, f"latch:{scene.at}", scene.at, "", scene.view()))

    assert len(answer.placed) == 1


def test_an_exit_that_its_group_has_made_smaller_works_smaller() -> None:
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)
    scene.fill(scene.guard.stop, 30, 147)

    scene.amended(leaving, 70)

    assert scene.desk.state.book.selling == {SYMBOL: shares(70)}
    assert scene.desk.state.orders[leaving].remaining == shares(70)


def test_a_change_that_fails_after_everything_was_sold_is_nobodys() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop
    scene.trade(scene.signal("FLAT").placed[0].order_id)

    assert scene.amend_failed(stop) == []


def test_what_is_sold_while_the_next_stop_is_waited_for_needs_no_timer() -> None:
    scene = Guarded()
    scene.enter()
    for _ in range(2):
        scene.refused(scene.guard.stop)
    leaving = scene.signal("FLAT").placed[0].order_id

    scene.trade(leaving)

    assert set(scene.timers) == {"resting:AAPL"}
    assert scene.desk.state.guards == {}


def test_a_stop_that_fires_leaves_the_schedules_of_others_alone() -> None:
    scene = Guarded()
    scene.enter()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000, strategy_name="other")

    scene.fill(scene.guard.stop, 50, 147)

    (parent,) = scene.desk.state.parents.values()
    assert not parent.stopped


def test_a_stop_on_the_wrong_side_is_cancelled() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop
    scene.desk.state.book.by_strategy["trend", SYMBOL] = -shares(50)

    answer = scene.open()

    assert answer.cancels == [stop]
    assert scene.up


def test_the_engine_takes_over_when_the_stop_at_the_broker_is_gone() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop
    rules = written_rules(keeping(StopKeeper.ENGINE))

    answer = scene.tell(PolicyAdopted(scene.at, "engine", rules))
    scene.cancelled(stop)

    assert answer.cancels == [stop]
    assert [w.low for w in answer.of(WatchLevel)] == [price(147)]
    assert not scene.up


def test_rules_that_keep_stops_have_nothing_to_name_where_all_is_ours() -> None:
    scene = Guarded()

    assert scene.tell(PolicyAdopted(scene.at, "", written_rules(keeping()))) == []


def test_after_stops_are_given_up_new_fills_get_none() -> None:
    scene = Guarded()
    scene.enter()
    other = scene.signal(quantity=50, strategy_name="other").placed[0].order_id
    scene.accept(other)
    scene.tell(PolicyAdopted(scene.at, "other", written_rules(keeping(StopKeeper.NONE))))

    assert scene.fill(other).placed == []


def test_a_late_fill_of_a_former_group_takes_nothing_off_the_stop_of_now() -> None:
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)
    scene.cancelled(leaving)
    scene.cancelled(scene.guard.stop)
    scene.accept(scene.guard.stop)

    answer = scene.fill(leaving, 40, 150)

    assert scene.stop.owed == 0
    assert amends(answer) == [(60, 14_700)]


def test_a_fill_is_still_booked_closed_and_told() -> None:
    scene = Guarded()

    answer = scene.enter()

    assert len(answer.booked) == len(answer.closed) == len(answer.measured) == 1


def test_what_another_strategy_closes_of_unclaimed_shares_needs_no_stop() -> None:
    scene = Guarded()
    nameless = scene.signal(quantity=100, strategy_name="").placed[0].order_id
    scene.trade(nameless)
    stop = scene.stops[0].order_id
    scene.accept(stop)
    leaving = scene.signal("FLAT").placed[0].order_id

    answer = scene.trade(leaving)

    assert answer.cancels == [stop]


def test_a_nameless_position_of_our_own_is_not_named_as_left_out() -> None:
    scene = Guarded()
    scene.trade(scene.signal(quantity=100, strategy_name="").placed[0].order_id)

    answer = scene.tell(PolicyAdopted(scene.at, "", written_rules(keeping())))

    assert "OPENING_UNPROTECTED" not in answer.alarms


def test_a_stop_that_something_else_cancels_is_missed_at_once() -> None:
    scene = Guarded()
    scene.enter()
    scene.stop.cancel_requested = True
    cancel = CancelOrder(scene.at, scene.guard.stop, "B1", "a breaker")
    quote = scene.quote_of("MSFT", scene.view())

    commands = guarded(scene.desk.state, scene.desk.policy, quote, [cancel])

    assert [c.code for c in commands if isinstance(c, RaiseAlarm)] == ["UNPROTECTED"]


@pytest.mark.parametrize("seconds", [59.9, 60])
def test_a_minute_is_what_a_stop_has_to_last(seconds: float) -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.fill(order_id, paid=150)
    for _ in range(2):
        scene.refused(scene.guard.stop)
    scene.wait(1)
    scene.accept(scene.guard.stop)
    scene.sleep(seconds)

    answer = scene.cancelled(scene.guard.stop)

    assert len(answer.placed) == int(seconds >= 60)


@pytest.mark.parametrize("event", ["start", "clear", "let_go", "release", "open"])
def test_what_failed_before_is_tried_again_at_once_when_things_have_changed(event: str) -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.fill(order_id, paid=150)
    before: dict[str, Callable[[], Answer]] = {
        "clear": scene.kill,
        "let_go": scene.quarantine,
        "release": scene.hold,
    }
    for _ in range(4):
        scene.refused(scene.guard.stop)
        scene.wait(4)
    scene.refused(scene.guard.stop)
    before.get(event, Answer)()
    changes: dict[str, Callable[[], Answer]] = {
        "start": lambda: scene.tell(EngineStarted(scene.at)),
        "clear": scene.clear,
        "let_go": scene.let_go,
        "release": scene.release,
        "open": scene.open,
    }

    changed = changes[event]()

    assert len(changed.placed) == 1
    assert len(scene.refused(scene.guard.stop).placed) == 1


def test_a_bought_back_short_says_why() -> None:
    for bid, ask, reason in (("152.98", "153", "stop"), ("143.98", "144", "target")):
        scene = Guarded(keeping(StopKeeper.ENGINE, target_pct=4))
        order_id = scene.signal("SHORT", quantity=100).placed[0].order_id
        scene.accept(order_id)
        scene.fill(order_id, paid=150)

        (leaving,) = scene.reach(bid, ask).placed

        assert leaving.route_reason == reason


def test_a_level_that_was_not_reached_after_all_is_waited_for_again() -> None:
    scene = Guarded(keeping(StopKeeper.ENGINE))
    scene.enter()

    answer = scene.reach("149.99", "150.01")

    assert answer.placed == []
    assert [w.low for w in answer.of(WatchLevel)] == [price(147)]


def test_the_broker_takes_the_profit_where_it_keeps_the_target() -> None:
    scene = Guarded(keeping(target_pct=4, trailing_pct=1))
    scene.enter()

    answer = scene.reach("157", "157.02")

    assert answer.placed == []
    assert scene.guard.fired == ""


def test_a_broker_that_stays_silent_is_asked_every_five_seconds() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=40)
    scene.fill(ENTRY, 60, 150)

    assert len(amends(scene.wait(5))) == 1
    assert len(amends(scene.wait(4.9))) == 0
    assert len(amends(scene.wait(0.1))) == 1


def test_a_latch_lets_no_change_of_a_stop_leave() -> None:
    """A byte that is no cancel is one too many, even one that makes a stop smaller."""
    scene = Guarded()
    scene.enter()
    scene.kill()
    scene.cancel_failed(scene.guard.stop)

    answer = scene.correct(ENTRY, "x1", 60, 150)

    assert amends(answer) == []
