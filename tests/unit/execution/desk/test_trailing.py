"""A stop that follows, and a target."""

from typing import Any

from fillpath.core.commands import ClearLevel, WatchLevel
from fillpath.core.models import OrderSide, OrderType
from fillpath.risk.limits.account import StopKeeper
from tests.unit.execution.desk.guarded import Guarded, amends, keeping
from tests.unit.execution.desk.scene import price, seconds, shares

TRAIL: dict[str, Any] = {"trailing_pct": 1}
ENGINE = StopKeeper.ENGINE


def short(policy_scene: Guarded) -> None:
    order_id = policy_scene.signal("SHORT", quantity=100).placed[0].order_id
    policy_scene.accept(order_id)
    for ticket in policy_scene.fill(order_id, paid=150).placed:
        policy_scene.accept(ticket.order_id)


def test_a_trailing_stop_begins_at_the_tighter_of_both_distances() -> None:
    scene = Guarded(keeping(**TRAIL))

    scene.enter()

    assert scene.stop.ticket.stop == price("148.5")


def test_a_trailing_stop_follows_the_best_price_in_steps() -> None:
    scene = Guarded(keeping(**TRAIL))
    answer = scene.enter()
    (watch,) = answer.of(WatchLevel)
    assert (watch.low, watch.high) == (None, price("150.15"))

    moved = scene.reach("152", "152.02")

    assert amends(moved) == [(100, 15_048)]
    assert moved.of(WatchLevel)[-1].high == price("152.152")


def test_a_trailing_stop_never_falls_back() -> None:
    scene = Guarded(keeping(**TRAIL))
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    for ticket in scene.fill(order_id, 50, 150).placed:
        scene.accept(ticket.order_id)
    scene.confirm(scene.reach("152", "152.02"))

    answer = scene.fill(order_id, 50, 140)

    assert amends(answer) == [(100, 15_048)]


def test_the_trailing_stop_of_a_short_falls_with_the_market() -> None:
    scene = Guarded(keeping(**TRAIL))
    short(scene)
    assert scene.stop.ticket.stop == price("151.5")

    moved = scene.reach("147.98", "148")

    assert amends(moved) == [(100, 14_948)]


def test_a_target_is_linked_with_the_stop() -> None:
    scene = Guarded(keeping(target_pct=4))

    stop, goal = scene.enter().placed

    assert (goal.order_type, goal.limit, goal.quantity) == (
        OrderType.LIMIT,
        price(156),
        shares(100),
    )
    assert goal.group == stop.group == stop.order_id
    assert goal.route_reason == "target"


def test_a_target_that_fills_in_part_leaves_the_stop_for_the_rest() -> None:
    scene = Guarded(keeping(target_pct=4))
    scene.enter()
    stop = scene.guard.stop

    scene.fill(scene.guard.goal, 30, 156)
    answer = scene.amended(stop, 70)

    assert amends(answer) == []
    assert scene.stop.remaining == scene.goal.remaining == shares(70)


def test_a_target_that_fills_ends_the_protection() -> None:
    scene = Guarded(keeping(target_pct=4))
    scene.enter()
    stop = scene.guard.stop
    scene.fill(scene.guard.goal, paid=156)

    scene.cancelled(stop)

    assert scene.desk.state.guards == {}


def test_a_stop_that_fills_takes_the_target_with_it() -> None:
    scene = Guarded(keeping(target_pct=4))
    scene.enter()
    goal = scene.guard.goal
    scene.fill(scene.guard.stop, paid=147)

    answer = scene.cancelled(goal)

    assert scene.desk.state.guards == {}
    assert answer.alarms == []


def test_a_target_moves_with_the_average() -> None:
    scene = Guarded(keeping(target_pct=4))
    scene.enter(100, 150, filled=50)
    goal = scene.guard.goal

    answer = scene.fill("trend/sig-1", 50, 152)
    assert answer.cancels == [goal]
    scene.confirm(answer)
    after = scene.cancelled(goal)

    assert [t.limit for t in after.placed] == [price("157.04")]
    assert after.alarms == []


def test_a_target_grows_with_the_position() -> None:
    scene = Guarded(keeping(target_pct=4))
    scene.enter(100, 150, filled=50)

    answer = scene.fill("trend/sig-1", 50, 150)

    assert amends(answer) == [(100, 14_700), (100, 0)]


def test_a_target_that_is_refused_is_given_up_and_told() -> None:
    scene = Guarded(keeping(target_pct=4))
    scene.enter()

    answer = scene.refused(scene.guard.goal)

    assert "TARGET_LOST" in answer.alarms
    assert answer.placed == []
    assert not scene.up


# The engine keeps the stop itself.


def test_the_engine_watches_the_level_and_sells_at_the_market_when_it_comes() -> None:
    scene = Guarded(keeping(ENGINE))
    entered = scene.enter()
    assert entered.placed == []
    (watch,) = entered.of(WatchLevel)
    assert (watch.side, watch.low, watch.high) == (OrderSide.SELL, price(147), None)

    (leaving,) = scene.reach("140.00", "140.02").placed

    assert (leaving.order_type, leaving.quantity, leaving.route_reason) == (
        OrderType.MARKET,
        shares(100),
        "stop",
    )
    scene.trade(leaving.order_id, 140)
    assert scene.desk.state.guards == {}
    assert not scene.up


def test_the_engine_buys_a_short_back() -> None:
    scene = Guarded(keeping(ENGINE, target_pct=4))
    short(scene)
    watch = scene.all.of(WatchLevel)[-1]
    assert (watch.side, watch.low, watch.high) == (OrderSide.BUY, price(144), price(153))

    (leaving,) = scene.reach("152.98", "153.00").placed

    assert leaving.side is OrderSide.BUY


def test_the_engine_takes_the_profit_at_the_target() -> None:
    scene = Guarded(keeping(ENGINE, target_pct=4))
    scene.enter()

    (leaving,) = scene.reach("156.00", "156.02").placed

    assert leaving.route_reason == "target"


def test_the_engine_sells_what_other_exits_do_not() -> None:
    scene = Guarded(keeping(ENGINE))
    scene.enter()
    exit_id = scene.signal("FLAT").placed[0].order_id
    scene.accept(exit_id)

    answer = scene.reach("140.00", "140.02")
    assert answer.cancels == [exit_id]
    assert answer.placed == []
    (leaving,) = scene.cancelled(exit_id).placed

    assert leaving.quantity == shares(100)


def test_the_engine_that_may_not_sell_says_so() -> None:
    scene = Guarded(keeping(ENGINE))
    scene.enter()

    assert "UNPROTECTED" in scene.hold().alarms
    assert scene.reach("140.00", "140.02").placed == []

    assert [t.route for t in scene.release().placed] == ["protect"]


def test_an_engine_exit_that_is_refused_is_tried_again() -> None:
    scene = Guarded(keeping(ENGINE))
    scene.enter()
    (first,) = scene.reach("140.00", "140.02").placed

    (second,) = scene.refused(first.order_id).placed
    third = scene.refused(second.order_id)
    assert third.placed == []
    assert scene.up

    assert len(scene.wait(1).placed) == 1


def test_the_engine_forgets_the_level_of_what_is_sold() -> None:
    scene = Guarded(keeping(ENGINE))
    scene.enter()

    answer = scene.trade(scene.signal("FLAT").placed[0].order_id)

    assert len(answer.of(ClearLevel)) == 1
    assert scene.desk.state.guards == {}


def test_the_engine_trails_by_itself() -> None:
    scene = Guarded(keeping(ENGINE, **TRAIL))
    scene.enter()

    answer = scene.reach("152", "152.02")

    assert answer.placed == []
    watch = answer.of(WatchLevel)[-1]
    assert (watch.low, watch.high) == (price("150.48"), price("152.152"))


def test_a_level_of_something_that_is_sold_is_nobodys() -> None:
    scene = Guarded(keeping(ENGINE))
    scene.enter()
    scene.trade(scene.signal("FLAT").placed[0].order_id)

    assert scene.reach("140.00", "140.02") == []


def test_a_split_stretches_the_watch_and_the_best_price() -> None:
    scene = Guarded(keeping(ENGINE, **TRAIL))
    scene.enter()
    scene.reach("152", "152.02")
    scene.at += seconds(1)

    answer = scene.split(2, 1)

    assert answer.of(WatchLevel)[-1].low == price("75.24")
