"""A stop at the broker for what each strategy holds."""

import pytest

from fillpath.core.models import OrderSide, OrderType, TimeInForce
from fillpath.core.units import Number
from tests.unit.execution.desk.guarded import ENTRY, TREND, Guarded, amends, keeping
from tests.unit.execution.desk.scene import Scene, price, shares


def test_the_first_fill_places_a_stop() -> None:
    scene = Guarded()

    (stop,) = scene.enter(paid=150).placed

    assert (stop.order_type, stop.side, stop.time_in_force) == (
        OrderType.STOP,
        OrderSide.SELL,
        TimeInForce.GTC,
    )
    assert (stop.quantity, stop.stop) == (shares(100), price(147))
    assert stop.order_id == f"{ENTRY}#p1"
    assert (stop.route, stop.route_reason, stop.strategy_name) == ("protect", "stop", "trend")
    assert stop.signal_id == "sig-1"
    assert (stop.slice_number, stop.slice_count, stop.interval_seconds, stop.strength) == (0,) * 4
    assert not stop.protected


def test_a_desk_without_a_keeper_places_none() -> None:
    scene = Scene()
    order_id = scene.signal(quantity=100).placed[0].order_id

    assert scene.trade(order_id).placed == []


def test_a_short_is_closed_by_a_buy_stop_above_it() -> None:
    scene = Guarded()
    order_id = scene.signal("SHORT", quantity=100).placed[0].order_id
    scene.accept(order_id)

    (stop,) = scene.fill(order_id, paid=150).placed

    assert (stop.side, stop.quantity, stop.stop) == (OrderSide.BUY, shares(100), price(153))


def test_each_part_that_fills_makes_the_stop_larger_and_moves_it_to_the_average() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=40)

    answer = scene.fill(ENTRY, 60, 151)

    assert amends(answer) == [(100, 14_759)]  # 2 % below 150.60, rounded towards it
    assert not scene.up


def test_a_stop_that_is_not_accepted_yet_is_changed_when_it_is() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    (stop,) = scene.fill(order_id, 40, 150).placed
    assert amends(scene.fill(order_id, 60, 150)) == []

    answer = scene.accept(stop.order_id)

    assert amends(answer) == [(100, 14_700)]
    assert not scene.up


def test_a_change_waits_for_the_one_before_it() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=40)
    first = scene.fill(ENTRY, 30, 150)
    assert amends(scene.fill(ENTRY, 30, 150)) == []

    assert amends(scene.confirm(first)) == [(100, 14_700)]


def test_an_exit_joins_the_group_of_the_stop_and_counts_once() -> None:
    scene = Guarded()
    scene.enter()

    answer = scene.signal("FLAT")

    (leaving,) = answer.placed
    assert leaving.group == scene.stop.ticket.group == scene.guard.stop
    assert leaving.quantity == shares(100)
    assert scene.desk.state.book.selling == {"AAPL": shares(100)}
    assert answer.cancels == []


def test_what_an_exit_fills_is_taken_off_the_stop_by_the_broker() -> None:
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)

    during = scene.fill(leaving, 40, 150)
    after = scene.amended(scene.guard.stop, 60)

    assert amends(during) == amends(after) == []
    assert scene.stop.remaining == shares(60)
    assert not scene.up


def test_the_broker_may_tell_of_the_smaller_stop_before_the_fill() -> None:
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)

    before = scene.amended(scene.guard.stop, 60)
    after = scene.fill(leaving, 40, 150)

    assert amends(before) == amends(after) == []
    assert scene.stop.owed == 0
    assert not scene.up


def test_a_broker_that_takes_nothing_off_is_asked_to_after_five_seconds() -> None:
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)
    scene.fill(leaving, 40, 150)

    answer = scene.wait(5)

    assert amends(answer) == [(60, 14_700)]


def test_a_whole_exit_ends_the_protection() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop
    scene.trade(scene.signal("FLAT").placed[0].order_id)

    scene.cancelled(stop)

    assert scene.desk.state.guards == {}
    assert scene.desk.state.orders == {}
    assert set(scene.timers) == {"resting:AAPL"}
    assert not scene.up


def test_a_stop_that_its_group_does_not_cancel_is_cancelled_after_five_seconds() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop
    scene.trade(scene.signal("FLAT").placed[0].order_id)

    assert scene.wait(5).cancels == [stop]


def test_a_stop_that_fills_is_an_exit_with_the_reason_stop() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop

    answer = scene.fill(stop, paid="146.90")

    assert scene.desk.state.book.by_strategy == {}
    assert scene.desk.state.guards == {}
    (row,) = answer.closed
    assert (row.ticket.route_reason, row.status) == ("stop", "FILLED")
    (measured,) = answer.measured
    assert measured.expected == price(147)
    assert measured.signal_at == measured.first_fill_at
    assert "LATENCY" not in answer.alarms


def test_a_stop_that_fires_ends_what_would_add_to_the_position() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=60)

    answer = scene.fill(scene.guard.stop, 20, 147)

    assert answer.cancels == [ENTRY]


def test_a_stop_that_fires_ends_the_schedule_of_an_exit() -> None:
    scene = Guarded()
    scene.enter(1_000)
    scene.show(adv=shares(50_000))
    scene.signal("FLAT")
    (parent,) = scene.desk.state.parents.values()

    scene.fill(scene.guard.stop, 100, 147)

    assert parent.stopped.startswith("STOPPED_OUT")


def test_every_strategy_has_a_stop_of_its_own() -> None:
    scene = Guarded()
    scene.enter(100, 150)
    other = scene.signal(quantity=50, strategy_name="other").placed[0].order_id
    scene.accept(other)

    (stop,) = scene.fill(other, paid=160).placed

    assert (stop.strategy_name, stop.quantity, stop.stop) == ("other", shares(50), price("156.8"))
    assert scene.stop.ticket.quantity == shares(100)


def test_a_new_signal_leaves_the_stop_alone() -> None:
    scene = Guarded()
    scene.enter()

    assert scene.signal("LONG", quantity=10).cancels == []


def test_the_close_leaves_the_stop_alone() -> None:
    scene = Guarded()
    scene.enter()

    assert scene.close().cancels == []
    assert not scene.up


@pytest.mark.parametrize(
    ("paid", "level"), [("150", "147"), ("10.01", "9.81"), ("0.5", "0.49"), ("33.33", "32.67")]
)
def test_the_loss_at_the_stop_is_never_above_two_percent(paid: Number, level: Number) -> None:
    scene = Guarded()
    (stop,) = scene.enter(paid=paid).placed

    assert stop.stop == price(level)


@pytest.mark.fault("F-84")
@pytest.mark.parametrize(("ratio", "held", "level"), [((2, 1), 200, 7_350), ((1, 2), 50, 29_400)])
def test_a_split_stretches_the_stop(ratio: tuple[int, int], held: int, level: int) -> None:
    scene = Guarded()
    scene.enter()

    answer = scene.split(*ratio)

    assert amends(answer) == [(held, level)]
    assert amends(scene.split(*ratio)) == []


@pytest.mark.fault("F-84")
def test_a_stop_that_a_split_cancels_is_placed_anew_in_new_shares() -> None:
    scene = Guarded()
    scene.enter()
    scene.split(7, 1)

    (stop,) = scene.cancelled(scene.guard.stop).placed

    assert (stop.quantity, stop.stop) == (shares(700), price(21))


def test_a_corrected_fill_moves_size_and_level() -> None:
    scene = Guarded()
    scene.enter(paid=150)

    answer = scene.correct(ENTRY, "x1", 60, 149)

    assert amends(answer) == [(60, 14_602)]


def test_a_busted_fill_ends_the_protection() -> None:
    scene = Guarded()
    scene.enter()
    stop = scene.guard.stop

    answer = scene.correct(ENTRY, "x1", 0)

    assert answer.cancels == [stop]


def test_a_late_fill_is_protected_like_any_other() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.cancelled(order_id)

    (stop,) = scene.fill(order_id, 30, 150).placed

    assert stop.quantity == shares(30)


@pytest.mark.fault("F-69")
def test_what_is_overfilled_is_under_the_alarm() -> None:
    """Its symbol is quarantined, so the stop cannot get larger until a person has looked."""
    scene = Guarded()
    scene.enter()

    answer = scene.fill(ENTRY, 10, 150)

    assert amends(answer) == []
    assert "UNPROTECTED" in answer.alarms
    assert amends(scene.let_go()) == [(110, 14_700)]
    scene.amended(scene.guard.stop, 110)
    assert not scene.up


def test_what_somebody_sells_by_hand_needs_no_stop() -> None:
    scene = Guarded()
    scene.enter()

    answer = scene.fill("by-hand", 40, 150, side=OrderSide.SELL)

    assert amends(answer) == [(60, 14_700)]


def test_what_somebody_sells_by_hand_comes_off_one_strategy_after_the_other() -> None:
    scene = Guarded()
    scene.enter(100)
    other = scene.signal(quantity=50, strategy_name="zebra").placed[0].order_id
    scene.trade(other)
    scene.accept(scene.stops[-1].order_id)

    answer = scene.fill("by-hand", 120, 150, side=OrderSide.SELL)

    assert answer.cancels == [f"{ENTRY}#p1"]
    assert amends(answer)[0][0] == 30


def test_a_position_that_turns_over_gets_a_stop_on_the_other_side() -> None:
    scene = Guarded()
    scene.enter()
    first = scene.guard.stop
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.trade(leaving)

    answer = scene.fill(leaving, 20, 150)

    assert scene.desk.state.book.by_strategy == {TREND: -shares(20)}
    assert scene.up
    del answer, first


def test_a_hand_made_order_without_a_strategy_is_protected_too() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100, strategy_name="").placed[0].order_id

    (stop,) = scene.trade(order_id).placed

    assert (stop.strategy_name, stop.quantity) == ("", shares(100))


def test_without_amendments_the_stop_is_placed_anew_under_the_alarm() -> None:
    scene = Guarded(keeping(amends_stops=False))
    scene.enter(100, 150, filled=40)
    first = scene.guard.stop

    answer = scene.fill(ENTRY, 60, 150)
    assert answer.cancels == [first]
    assert scene.up
    (stop,) = scene.cancelled(first).placed

    assert (stop.quantity, stop.group) == (shares(100), stop.order_id)
    assert not scene.up


def test_a_replay_comes_to_the_same() -> None:
    scene = Guarded(keeping(target_pct=4))
    scene.enter(100, 150, filled=40)
    scene.confirm(scene.fill(ENTRY, 60, 151))
    scene.signal("FLAT")

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()
