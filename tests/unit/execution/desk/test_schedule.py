"""A sliced order on its grid: each slice at its time, at its own price, and never bunched."""

from typing import Final

import pytest

from fillpath.core.commands import CancelOrder
from fillpath.core.models import OrderType
from fillpath.core.units import Number
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from tests.unit.execution.desk.scene import CASH, Answer, Scene, price, shares

PARENT: Final = "trend/sig-1"
LARGE: Final = 50_000


def child(number: int) -> str:
    return f"{PARENT}#{number}"


def started(policy: DeskPolicy | None = None, *, cash: Number = CASH) -> Scene:
    """Return a desk that has just sent the first of five slices, 200 shares each."""
    scene = Scene(policy, cash=cash)
    scene.show(adv=shares(LARGE))
    scene.signal(quantity=1_000)
    return scene


def slices(answer: Answer) -> list[tuple[str, int]]:
    """Return name and whole shares of each order placed."""
    return [(ticket.order_id, ticket.quantity // shares(1)) for ticket in answer.placed]


# The plain course.


def reasons(answer: Answer) -> set[str]:
    """Return why orders were cancelled."""
    return {cancel.reason for cancel in answer.of(CancelOrder)}


def test_five_slices_go_out_a_minute_apart() -> None:
    scene = started()
    sent = [(0, child(1))]
    for minute in range(1, 5):
        scene.trade(sent[-1][1])
        sent += [(minute, order_id) for order_id, _ in slices(scene.wait(60))]

    assert sent == [(n, child(n + 1)) for n in range(5)]


def test_a_schedule_is_counted_while_it_runs_and_not_after() -> None:
    scene = started()
    counted = [dict(scene.desk.state.running)]
    for number in range(1, 6):
        scene.trade(child(number))
        scene.wait(60)
    counted.append(dict(scene.desk.state.running))

    assert counted == [{("trend", "AAPL", True): 1}, {}]


def test_two_schedules_of_one_kind_are_counted_as_two() -> None:
    scene = started()
    scene.signal(quantity=1_000)

    assert scene.desk.state.running == {("trend", "AAPL", True): 2}


def test_one_unit_that_is_missing_at_the_end_is_told() -> None:
    scene = started()
    for number in range(1, 5):
        scene.trade(child(number))
        scene.wait(60)
    scene.accept(child(5))
    scene.fill(child(5), "199.999999")

    answer = scene.expire(child(5))

    assert answer.outcomes == ["UNFILLED UNFILLED"]


def test_a_quote_moves_no_schedule_that_waits_for_its_time() -> None:
    scene = started()
    scene.trade(child(1))

    assert scene.quote().placed == []


def test_each_slice_is_priced_from_its_own_quote() -> None:
    scene = started(DeskPolicy(router=RouterPolicy(pause_move_pct=5)))
    limits = [scene.tickets[child(1)].limit]
    for number in range(1, 4):
        scene.trade(child(number))
        scene.show(f"{150 + number}.00", f"{150 + number}.04")
        limits.append(scene.wait(60).placed[0].limit)

    assert limits == [price("150.01"), price("151.04"), price("152.04"), price("153.04")]


def test_a_slice_takes_the_wide_style_when_its_quote_is_wide() -> None:
    scene = started()
    scene.trade(child(1))
    scene.show("149.80", "150.20")

    (ticket,) = scene.wait(60).placed

    assert (ticket.limit, ticket.route) == (price("150.07"), "twap")


def test_the_last_slice_crosses_the_spread() -> None:
    scene = started()
    for number in range(1, 5):
        scene.trade(child(number))
        answer = scene.wait(60)

    (ticket,) = answer.placed
    assert ticket.slice_number == 5
    assert (ticket.limit, ticket.protected) == (price("150.16"), True)


def test_a_bare_last_slice_stays_bare_where_protection_is_off() -> None:
    scene = started(DeskPolicy(router=RouterPolicy(protect_market=False, urgent_strength="0.5")))
    for number in range(1, 5):
        scene.trade(child(number))
        answer = scene.wait(60)

    assert answer.placed[0].order_type is OrderType.MARKET


def test_a_parent_that_is_filled_whole_ends_in_silence() -> None:
    scene = started()
    for number in range(1, 5):
        scene.trade(child(number))
        scene.wait(60)

    answer = scene.trade(child(5), "150.01")

    assert answer.decisions == []
    assert (scene.desk.state.parents, scene.timers) == ({}, {})
    assert scene.wait(120) == []


def test_every_slice_carries_the_stop_and_the_signal_of_its_parent() -> None:
    (ticket,) = Scene().signal(quantity=10).placed
    scene = started()

    slice_ = scene.tickets[child(1)]

    assert (slice_.stop, slice_.signal_id, slice_.sizing) == (
        ticket.stop,
        ticket.signal_id,
        ticket.sizing,
    )


# What is not filled in time is cancelled, confirmed, and carried at a new price.


@pytest.mark.fault("F-93")
def test_an_unfilled_slice_is_cancelled_before_the_next_is_sent() -> None:
    scene = started()
    scene.accept(child(1))

    answer = scene.wait(60)

    assert answer.placed == []
    assert answer.cancels == [child(1)]


@pytest.mark.fault("F-93")
def test_what_it_left_is_carried_at_the_new_price() -> None:
    scene = started()
    scene.accept(child(1))
    scene.fill(child(1), 50)
    scene.show("149.95", "149.97")
    scene.wait(60)

    answer = scene.cancelled(child(1))

    assert slices(answer) == [(child(2), 350)]
    assert answer.placed[0].limit == price("149.97")


@pytest.mark.fault("F-68", "F-94")
def test_a_fill_that_overtakes_the_cancel_is_not_sent_again() -> None:
    scene = started()
    scene.accept(child(1))
    scene.wait(60)
    scene.fill(child(1), 150)

    answer = scene.cancelled(child(1))

    assert slices(answer) == [(child(2), 250)]


@pytest.mark.fault("F-68")
def test_a_whole_fill_that_overtakes_the_cancel_waits_for_a_quote() -> None:
    scene = started()
    scene.accept(child(1))
    scene.wait(60)

    answer = scene.fill(child(1))

    assert [type(c).__name__ for c in answer][-1] == "WatchQuote"
    assert slices(scene.quote()) == [(child(2), 200)]


def test_a_cancel_confirmed_without_a_market_waits_for_a_quote() -> None:
    scene = started()
    scene.accept(child(1))
    scene.wait(60)

    answer = scene.cancelled(child(1), unseen=True)

    assert answer.placed == []
    assert slices(scene.quote()) == [(child(2), 400)]


@pytest.mark.fault("F-93")
def test_a_cancel_that_is_not_confirmed_still_counts_as_working() -> None:
    scene = started()
    scene.accept(child(1))
    scene.wait(60)

    answer = scene.wait(60)

    assert answer.placed == []
    assert reasons(answer) == {"not confirmed"}  # asked again for that, not at every grid point


def test_the_slice_that_waited_in_vain_is_spread_over_the_rest() -> None:
    """Slice 2 was missed: its 200 go to 3, 4 and 5; what slice 1 left is carried on top."""
    scene = started()
    scene.accept(child(1))
    scene.wait(120)

    answer = scene.cancelled(child(1))

    assert slices(answer) == [(child(2), 200 + 200 + 67)]
    assert answer.placed[0].slice_number == 3


def test_a_failed_cancel_is_asked_again_at_the_next_grid_point() -> None:
    scene = started()
    scene.accept(child(1))
    scene.wait(60)
    scene.cancel_failed(child(1))

    answer = scene.wait(60)

    assert set(answer.cancels) == {child(1)}
    assert answer.placed == []


def test_a_cancel_asked_before_the_acceptance_goes_out_after_it() -> None:
    scene = started()
    asked = scene.wait(60)

    answer = scene.accept(child(1), "B1")

    assert asked.cancels == []
    assert answer.cancels == [child(1)]
    assert answer == [CancelOrder(scene.at, child(1), "B1", "asked before")]


def test_the_rest_of_the_last_slice_is_reported() -> None:
    scene = started()
    for number in range(1, 5):
        scene.trade(child(number))
        scene.wait(60)
    scene.accept(child(5))
    scene.fill(child(5), 150)

    answer = scene.cancelled(child(5))

    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.quantity == shares(50)
    assert answer.decision.order_id == PARENT
    assert answer.decision.text == "the schedule ended before everything was filled"


@pytest.mark.fault("F-69")
def test_a_slice_that_is_filled_beyond_its_size_stops_the_parent() -> None:
    """Something is wrong at the broker: a person has to look before anything more is sent."""
    scene = started()
    scene.accept(child(1))

    scene.fill(child(1), 400)

    assert scene.wait(300).placed == []
    assert scene.desk.state.parents == {}
    assert scene.timers == {}
