"""When a slice cannot go: missed, refused, overtaken by the close; and never bunched."""

from typing import Final

import pytest

from fillpath.core.events import TimerFired
from fillpath.core.units import Number
from fillpath.execution.policy import DeskPolicy, RouterPolicy, SizingPolicy
from fillpath.risk.limits import RiskLimits
from tests.unit.execution.desk.scene import CASH, Answer, Scene, a_holding, money, price, shares
from tests.unit.risk.builders import NO_SIZE

PARENT: Final = "trend/sig-1"
LARGE: Final = 50_000
FAR: Final = RouterPolicy(pause_move_pct=1_000)
"""Slices go on however far the price moves."""


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


# Missed slices: downtime, halt, stall.


def test_a_slice_without_a_quote_waits_for_one() -> None:
    scene = started()
    scene.trade(child(1))
    scene.show(None, "150")

    answer = scene.wait(60)

    assert answer.placed == []
    assert answer.outcomes == ["HELD ONE_SIDED_QUOTE"]
    assert answer.decision.order_id == PARENT
    assert slices(scene.quote()) == [(child(2), 200)]


def test_a_quote_of_another_symbol_releases_no_slice() -> None:
    scene = started()
    scene.trade(child(1))
    scene.show(None, "150")
    scene.wait(60)
    other = scene.view("MSFT")

    answer = scene.tell(scene.quote_of("MSFT", other))

    assert answer == []


def test_a_slice_whose_quote_never_came_is_spread_over_the_rest() -> None:
    scene = started()
    scene.trade(child(1))
    scene.show(None, None)
    scene.wait(60)

    missed = scene.wait(60)
    answer = scene.quote()

    # 200 of the missed slice over three, the remainder in front.
    assert missed.placed == []
    assert slices(answer) == [(child(2), 267)]


@pytest.mark.fault("F-97")
@pytest.mark.control("A-05", "refuses")
def test_missed_slices_are_never_bunched() -> None:
    """The loop stalls for 3 minutes: one slice goes, the two that were missed are spread."""
    scene = started()
    scene.trade(child(1))
    scene.sleep(185)

    answer = scene.fire()

    assert slices(answer) == [(child(2), 400)]
    assert answer.placed[0].slice_number == 4


@pytest.mark.fault("F-97")
@pytest.mark.control("A-05", "passes")
def test_after_a_stall_the_original_grid_goes_on() -> None:
    scene = started()
    scene.trade(child(1))
    scene.sleep(185)
    scene.fire()
    scene.trade(child(2))

    answer = scene.wait(55)

    assert slices(answer) == [(child(3), 400)]
    assert answer.placed[0].slice_number == 5


def test_no_slice_is_above_twice_its_size_and_the_rest_is_reported() -> None:
    """Slices 2 to 4 are missed: of their 600 only 200 fit into the last one."""
    scene = started()
    scene.trade(child(1))
    scene.sleep(240)

    (ticket,) = scene.fire().placed
    answer = scene.trade(child(2))

    assert ticket.quantity == shares(400)
    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.quantity == shares(400)


@pytest.mark.fault("F-97")
def test_a_schedule_that_was_slept_through_ends_unfilled() -> None:
    scene = started()
    scene.trade(child(1))
    scene.sleep(3_600)

    answer = scene.fire()

    assert answer.placed == []
    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.quantity == shares(800)
    assert scene.timers == {}


def test_a_schedule_that_was_slept_through_waits_for_what_still_works() -> None:
    scene = started()
    scene.accept(child(1))
    scene.sleep(3_600)

    answer = scene.fire()
    ended = scene.fill(child(1))

    assert answer.decisions == []
    assert ended.decision.quantity == shares(800)


def test_a_last_slice_that_waits_in_vain_is_reported() -> None:
    scene = started()
    for number in range(1, 4):
        scene.trade(child(number))
        scene.wait(60)
    scene.trade(child(4))
    scene.show(None, None)
    scene.wait(60)

    answer = scene.wait(60)

    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.quantity == shares(200)
    assert scene.quote() == []


def test_what_is_missed_twice_is_spread_twice() -> None:
    """The rest of the first miss travels on; nothing is lost on the way."""
    scene = started()
    scene.trade(child(1))
    scene.show(None, None)
    scene.wait(180)

    answer = scene.quote()

    parent = scene.desk.state.parents[PARENT]
    assert sum(parent.schedule.planned) + parent.schedule.unplaced == shares(800 + 200)
    assert slices(answer) == [(child(2), 400)]


def test_a_quote_that_overtakes_a_late_timer_bunches_nothing() -> None:
    scene = started()
    scene.trade(child(1))
    scene.show(None, None)
    scene.wait(60)
    scene.sleep(130)

    sent = [ticket.order_id for ticket in scene.quote().placed]
    for order_id in sent:
        scene.trade(order_id)
    sent += [ticket.order_id for ticket in scene.fire().placed]

    assert len(sent) == 1


def test_a_timer_that_was_under_way_when_a_quote_came_first_sends_nothing() -> None:
    """The stalled loop finds both in its inbox: the quote has done the timer's work."""
    scene = started()
    scene.trade(child(1))
    scene.show(None, None)
    scene.wait(60)
    late = scene.timers[f"slice:{PARENT}"]
    scene.sleep(130)
    sent = scene.quote()

    answer = scene.tell(TimerFired(scene.at, late.timer_id, late.due, late.symbol, scene.view()))

    assert len(sent.placed) == 1
    assert answer.placed == []
    assert scene.timers[f"slice:{PARENT}"].due == scene.events[0].at + 240 * 10**9


# Risk answers again for every slice.


@pytest.mark.fault("F-92")
def test_a_slice_that_risk_refuses_stops_the_parent() -> None:
    scene = started(DeskPolicy(router=FAR))
    scene.trade(child(1))
    scene.show("3.99", "4.01")

    answer = scene.wait(60)

    assert answer.placed == []
    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.text.startswith("PRICE_FLOOR: AAPL at 4 is below")
    assert answer.decision.quantity == shares(800)
    assert (scene.desk.state.parents, scene.timers) == ({}, {})


def test_a_slice_that_risk_reduces_leaves_the_rest_to_the_next() -> None:
    """The market rises: the cap of 5 % of 3,000,000 leaves 937 shares, 737 after four slices."""
    policy = DeskPolicy(
        sizing=SizingPolicy(max_position_pct=100),
        risk=RiskLimits(max_position_pct=5),
        router=FAR,
    )
    scene = started(policy, cash=3_000_100)
    for number in range(1, 4):
        scene.trade(child(number))
        scene.wait(60)
    scene.trade(child(4))
    scene.show("169.99", "170.01")

    (ticket,) = scene.wait(60).placed
    answer = scene.trade(child(5), "170.01")

    assert shares(80) < ticket.quantity < shares(200)
    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.quantity == shares(200) - ticket.quantity


def test_a_first_slice_that_risk_refuses_ends_the_parent_at_once() -> None:
    """One share is one slice, the last, and crosses: at the collar the cash does not suffice."""
    policy = DeskPolicy(
        sizing=SizingPolicy(max_position_pct=100, cash_reserve_pct=0),
        risk=RiskLimits(max_position_pct=100, cash_reserve_pct=0, size=NO_SIZE),
    )
    scene = Scene(policy, cash="150.05")
    scene.show(adv=shares(50))

    answer = scene.signal(quantity=1)

    assert answer.placed == []
    assert answer.outcomes == ["ORDERED", "UNFILLED UNFILLED"]
    assert answer.decisions[1].text.startswith("CASH: 150.16 is needed at worst")
    assert (scene.desk.state.parents, scene.timers) == ({}, {})


@pytest.mark.fault("F-92")
def test_a_slice_that_the_broker_refuses_stops_the_parent() -> None:
    scene = started()
    scene.trade(child(1))
    scene.wait(60)

    answer = scene.refuse(child(2))

    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert scene.wait(60).placed == []


@pytest.mark.fault("F-94")
def test_a_late_fill_takes_its_quantity_off_the_working_slice() -> None:
    scene = started()
    scene.accept(child(1))
    for _ in range(4):
        scene.wait(60)
    scene.cancelled(child(1))
    last = scene.all.placed[-1]
    scene.accept(last.order_id)

    answer = scene.fill(child(1), 200)

    assert last.order_id in answer.cancels


def test_a_late_fill_after_the_end_sends_nothing_anew() -> None:
    scene = started()
    scene.cancelled(child(1))
    scene.wait(60)
    scene.accept(child(2))
    waited = scene.wait(340)
    scene.fill(child(1), 200)

    answer = scene.cancelled(child(2))

    assert set(waited.cancels) == {child(2)}
    assert answer.placed == []
    assert answer.outcomes == ["UNFILLED UNFILLED"]


def test_a_late_fill_while_the_cancel_is_under_way_asks_nothing_more() -> None:
    scene = started()
    scene.cancelled(child(1))
    scene.wait(60)
    scene.accept(child(2))
    scene.wait(60)

    answer = scene.fill(child(1), 200)

    assert answer.cancels == []
    assert slices(scene.cancelled(child(2))) == [(child(3), 400)]


@pytest.mark.parametrize("late", [20, 25])
def test_a_late_fill_that_fits_leaves_the_working_slice_alone(late: int) -> None:
    """Risk cut the second slice to 375 of 400 shares: up to 25 more still fit."""
    policy = DeskPolicy(
        sizing=SizingPolicy(max_position_pct=100),
        risk=RiskLimits(max_position_pct=5),
        router=FAR,
    )
    scene = started(policy, cash=3_000_100)
    scene.cancelled(child(1))
    scene.show("399.99", "400.01")
    scene.wait(60)
    scene.accept(child(2))

    answer = scene.fill(child(1), late)

    assert scene.tickets[child(2)].quantity == shares(375)
    assert answer.cancels == []


@pytest.mark.fault("F-94")
def test_after_a_late_fill_only_what_is_still_missing_is_sent() -> None:
    scene = started()
    scene.cancelled(child(1))
    scene.wait(60)
    scene.accept(child(2))

    late = scene.fill(child(1), 150)
    answer = scene.cancelled(child(2))

    assert late.cancels == [child(2)]
    assert slices(answer) == [(child(3), 250)]
    assert answer.placed[0].slice_number == 2


# The exit of a large position.


def test_a_large_exit_is_sliced_like_an_entry() -> None:
    scene = Scene(positions=(a_holding(1_000),))
    scene.show(adv=shares(LARGE))

    (ticket,) = scene.signal("FLAT").placed

    assert (ticket.side, ticket.quantity, ticket.limit) == ("SELL", shares(200), price("149.99"))
    assert scene.desk.state.parents[PARENT].reduces


def test_a_large_exit_sells_exactly_what_is_held() -> None:
    scene = Scene(positions=(a_holding(1_000),))
    scene.show(adv=shares(LARGE))
    scene.signal("FLAT")
    for number in range(1, 5):
        scene.trade(child(number), "149.99")
        scene.wait(60)
    scene.trade(child(5), "149.99")

    book = scene.desk.state.book
    assert (book.holdings, book.by_strategy, book.selling) == ({}, {}, {})
    assert book.cash == money(10_000_000) + money(149_990)


# The end of the day.


@pytest.mark.fault("F-90")
def test_the_close_ends_every_schedule() -> None:
    scene = started()
    scene.trade(child(1))

    answer = scene.close()

    assert answer.outcomes == ["UNFILLED UNFILLED"]
    assert answer.decision.text == "UNFILLED_AT_CLOSE: the session closed"
    assert scene.timers == {}
    assert scene.wait(600) == []


@pytest.mark.fault("F-90")
def test_the_close_cancels_the_slice_that_works_and_then_reports() -> None:
    scene = started()
    scene.accept(child(1))

    answer = scene.close()
    ended = scene.cancelled(child(1))

    assert answer.cancels == [child(1)]
    assert answer.decisions == []
    assert ended.outcomes == ["UNFILLED UNFILLED"]
    assert ended.decision.quantity == shares(1_000)


def test_a_slice_that_expires_with_the_session_lets_the_schedule_end() -> None:
    scene = started()
    scene.accept(child(1))
    scene.expire(child(1))

    answer = scene.close()

    assert answer.outcomes == ["UNFILLED UNFILLED"]


@pytest.mark.fault("F-90")
@pytest.mark.parametrize(
    ("before_close", "sent"), [(300, 4), (240, 3), (180, 2), (121, 1), (119, 0)]
)
@pytest.mark.control("A-13", "refuses")
def test_no_slice_starts_whose_interval_would_reach_the_last_minute(
    before_close: int, sent: int
) -> None:
    scene = Scene()
    scene.show(adv=shares(LARGE))
    scene.open(closes_in=before_close)

    answers = [scene.signal(quantity=1_000)]
    for _ in range(5):
        for ticket in answers[-1].placed:
            answers[-1].extend(scene.trade(ticket.order_id))
        answers.append(scene.wait(60))

    outcomes = [outcome for answer in answers for outcome in answer.outcomes]
    assert sum(len(answer.placed) for answer in answers) == sent
    assert outcomes[-1] == "UNFILLED UNFILLED"
    assert scene.all.decisions[-1].text.startswith("UNFILLED_AT_CLOSE: the interval")


@pytest.mark.fault("F-90")
def test_the_slice_that_works_is_cancelled_when_the_close_is_near() -> None:
    scene = Scene()
    scene.show(adv=shares(LARGE))
    scene.open(closes_in=150)
    scene.signal(quantity=1_000)
    scene.accept(child(1))

    answer = scene.wait(60)

    assert answer.cancels == [child(1)]
    assert scene.cancelled(child(1)).outcomes == ["UNFILLED UNFILLED"]


@pytest.mark.fault("F-90")
@pytest.mark.control("A-13", "passes")
def test_a_schedule_that_ends_two_minutes_before_the_close_is_whole() -> None:
    scene = Scene()
    scene.show(adv=shares(LARGE))
    scene.open(closes_in=360)
    answer = scene.signal(quantity=1_000)

    sent = 0
    while answer.placed:
        sent += len(answer.placed)
        scene.trade(answer.placed[0].order_id)
        answer = scene.wait(60)

    assert sent == 5


def test_a_timer_that_fires_for_a_stopped_parent_does_nothing() -> None:
    scene = started()
    scene.accept(child(1))
    late = dict(scene.timers)
    scene.close()
    scene.timers = late

    assert scene.wait(60) == []
