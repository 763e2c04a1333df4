"""What the broker says beside fills: acceptance, end, doubt, and cancels that fail."""

from typing import Final

import pytest

from fillpath.core.commands import CancelOrder, RaiseAlarm
from fillpath.core.events import OrderCancelled, OrderRefused
from fillpath.core.models import Certainty, OrderStatus
from tests.unit.execution.desk.scene import Scene, shares

ORDER: Final = "trend/sig-1"


def sent(quantity: int = 100) -> Scene:
    """Return a desk that has just sent an order, of which it has heard nothing yet."""
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=quantity)
    return scene


def accepted() -> Scene:
    """Return a desk with an order at the broker."""
    scene = sent()
    scene.accept(ORDER)
    return scene


# Acceptance.


def test_an_accepted_order_is_submitted_under_the_brokers_name() -> None:
    scene = sent()

    answer = scene.accept(ORDER, "B1")

    order = scene.desk.state.orders[ORDER]
    assert answer == []
    assert (order.status, order.broker_order_id) == (OrderStatus.SUBMITTED, "B1")


def test_an_acceptance_told_twice_changes_nothing() -> None:
    scene = accepted()
    before = scene.desk.state.orders[ORDER].status

    answer = scene.accept(ORDER)

    assert answer == []
    assert scene.desk.state.orders[ORDER].status is before


@pytest.mark.fault("F-71", "F-73", "F-74")
def test_an_order_that_the_broker_holds_back_and_takes_up_again_is_just_submitted() -> None:
    scene = accepted()

    for _ in range(15):
        scene.wait(60)
        scene.accept(ORDER)
    answer = scene.fill(ORDER)

    assert len(scene.all.placed) == 1
    assert [c.status for c in answer.closed] == [OrderStatus.FILLED]


def test_an_acceptance_of_an_ended_order_changes_nothing() -> None:
    scene = accepted()
    scene.fill(ORDER)

    assert scene.accept(ORDER) == []


def test_an_acceptance_of_an_unknown_order_raises_an_alarm() -> None:
    answer = Scene().accept("nobody/1")

    assert answer.alarms == ["UNEXPECTED_FACT"]


@pytest.mark.fault("F-60")
def test_one_order_under_two_broker_names_is_cancelled_twice_and_latches_its_symbol() -> None:
    scene = sent()
    scene.accept(ORDER, "B1")

    answer = scene.accept(ORDER, "B2")

    assert [c.broker_order_id for c in answer.of(CancelOrder)] == ["B1", "B2"]
    assert answer.alarms == ["MULTI_INCARNATION", "SYMBOL_QUARANTINED"]
    assert scene.desk.state.orders[ORDER].broker_order_id == "B1"


def test_an_acceptance_after_the_end_is_kept_with_the_order() -> None:
    scene = sent()
    scene.fill(ORDER)

    answer = scene.accept(ORDER, "B1")

    assert answer == []
    assert scene.desk.state.recent[ORDER].broker_order_id == "B1"


@pytest.mark.fault("F-05")
def test_an_order_that_was_given_up_and_turns_up_is_cancelled_at_once() -> None:
    scene = sent()
    scene.doubt(ORDER)
    lost = scene.tell(OrderRefused(scene.at, ORDER, "NEVER_REACHED_BROKER", "asked twice"))

    answer = scene.accept(ORDER, "B1")

    assert lost.alarms == ["NEVER_REACHED_BROKER"]
    assert [c.broker_order_id for c in answer.of(CancelOrder)] == ["B1"]
    assert answer.alarms == ["RESURFACED", "SYMBOL_QUARANTINED"]


@pytest.mark.fault("F-05")
def test_what_a_late_fill_has_left_of_it_is_cancelled_too() -> None:
    scene = sent()
    scene.doubt(ORDER)
    scene.tell(OrderRefused(scene.at, ORDER, "NEVER_REACHED_BROKER", "asked twice"))
    scene.fill(ORDER, 40)

    assert scene.accept(ORDER, "B1").cancels == [ORDER]


@pytest.mark.fault("F-50")
def test_an_order_that_only_silence_has_ended_is_cancelled_at_the_broker_as_well() -> None:
    scene = accepted()

    answer = scene.tell(OrderCancelled(scene.at, ORDER, "VANISHED: not shown twice"))

    assert answer.cancels == [ORDER]
    assert answer.closed[0].status is OrderStatus.CANCELLED


@pytest.mark.fault("F-50")
def test_one_that_the_broker_never_named_cannot_be() -> None:
    scene = sent()
    scene.fill(ORDER, 40)

    answer = scene.tell(OrderCancelled(scene.at, ORDER, "VANISHED: not shown twice"))

    assert answer.cancels == []
    assert answer.closed[0].filled == shares(40)


@pytest.mark.fault("F-50")
def test_one_that_works_after_all_is_cancelled_again_and_a_person_looks() -> None:
    scene = accepted()
    scene.tell(OrderCancelled(scene.at, ORDER, "VANISHED: not shown twice"))

    answer = scene.accept(ORDER)

    assert answer.cancels == [ORDER]
    assert answer.alarms == ["RESURFACED", "SYMBOL_QUARANTINED"]


def test_one_of_which_nothing_is_left_is_let_be() -> None:
    scene = accepted()
    scene.tell(OrderCancelled(scene.at, ORDER, "VANISHED: not shown twice"))
    scene.fill(ORDER)

    assert scene.accept(ORDER) == []


# Ends.


@pytest.mark.fault("F-70")
def test_a_cancelled_order_says_so_and_keeps_its_fills() -> None:
    scene = accepted()
    scene.fill(ORDER, 40, "150")

    answer = scene.cancelled(ORDER)

    (closed,) = answer.closed
    assert (closed.status, closed.filled, closed.reason) == (
        OrderStatus.CANCELLED,
        shares(40),
        "on request",
    )
    assert [m.filled for m in answer.measured] == [shares(40)]
    assert scene.desk.state.book.buying == {}


def test_an_order_that_never_traded_is_not_measured() -> None:
    answer = accepted().expire(ORDER)

    assert answer.measured == []
    assert answer.closed[0].status is OrderStatus.EXPIRED
    assert answer.closed[0].reason == "time in force ended"


def test_an_expiry_keeps_the_brokers_words() -> None:
    (closed,) = accepted().expire(ORDER, "end of day").closed

    assert closed.reason == "end of day"


@pytest.mark.fault("F-76")
def test_a_refused_order_is_rejected_and_alarmed() -> None:
    scene = sent()

    answer = scene.refuse(ORDER)

    assert answer.closed[0].status is OrderStatus.REJECTED
    assert answer.closed[0].reason == "201: margin"
    assert answer.alarms == ["BROKER_REFUSED"]
    assert (scene.desk.state.book.reserved, scene.desk.state.orders) == (0, {})


@pytest.mark.fault("F-70")
def test_a_refusal_after_a_part_traded_is_a_cancel_of_the_rest() -> None:
    scene = accepted()
    scene.fill(ORDER, 40)

    answer = scene.refuse(ORDER)

    assert answer.closed[0].status is OrderStatus.CANCELLED
    assert answer.closed[0].filled == shares(40)


@pytest.mark.parametrize("news", ["cancelled", "expire", "refuse"])
def test_an_end_told_twice_changes_nothing(news: str) -> None:
    scene = accepted()
    scene.cancelled(ORDER)
    before = scene.desk.fingerprint()

    answer = getattr(scene, news)(ORDER)

    assert answer.closed == []
    assert scene.desk.fingerprint() == before


@pytest.mark.parametrize("news", ["cancelled", "expire", "refuse"])
def test_an_end_of_an_unknown_order_raises_an_alarm(news: str) -> None:
    answer = getattr(Scene(), news)("nobody/1")

    assert answer.alarms[0] == "UNEXPECTED_FACT"
    assert answer.closed == []


# Doubt.


@pytest.mark.fault("F-45")
def test_an_order_in_doubt_keeps_its_exposure() -> None:
    scene = sent()
    before = scene.desk.state.book.reserved

    answer = scene.doubt(ORDER)

    assert answer.alarms == ["IN_DOUBT"]
    assert answer.placed == []
    assert scene.desk.state.orders[ORDER].certainty is Certainty.IN_DOUBT
    assert scene.desk.state.book.reserved == before
    assert scene.desk.state.book.buying == {"AAPL": shares(100)}


@pytest.mark.fault("F-72")
@pytest.mark.parametrize("code", ["KILL_SWITCH", "TRADING_HELD", "SYMBOL_QUARANTINED", "IN_DOUBT"])
def test_our_own_gate_never_ends_a_doubt(code: str) -> None:
    scene = sent()
    scene.doubt(ORDER)

    answer = scene.tell(OrderRefused(scene.at, ORDER, code, "shut"))

    assert answer.alarms == ["UNEXPECTED_FACT"]
    assert scene.desk.state.orders[ORDER].certainty is Certainty.IN_DOUBT


def test_an_order_that_the_broker_has_spoken_of_is_not_doubted() -> None:
    scene = accepted()

    answer = scene.doubt(ORDER)

    assert answer == []
    assert scene.desk.state.orders[ORDER].certainty is Certainty.CONFIRMED


@pytest.mark.fault("F-72")
@pytest.mark.control("A-01", "refuses")
def test_time_alone_never_ends_a_doubt() -> None:
    scene = sent()
    scene.doubt(ORDER)

    answer = scene.wait(86_400)

    assert answer == []
    assert scene.desk.state.orders[ORDER].certainty is Certainty.IN_DOUBT


@pytest.mark.parametrize("evidence", ["accept", "fill", "cancelled", "refuse", "expire"])
@pytest.mark.control("A-01", "passes")
def test_evidence_of_the_broker_ends_the_doubt(evidence: str) -> None:
    scene = sent()
    scene.doubt(ORDER)

    getattr(scene, evidence)(ORDER)

    state = scene.desk.state
    order = state.orders.get(ORDER) or state.recent[ORDER]
    assert order.certainty is Certainty.CONFIRMED


@pytest.mark.fault("F-45", "F-72")
def test_a_slice_in_doubt_holds_its_schedule() -> None:
    """Nothing is sent again while it is unknown whether the first is there."""
    scene = sent(1_000)
    scene.doubt(f"{ORDER}#1")

    answer = scene.wait(300)

    assert answer.placed == []
    assert scene.desk.state.parents[ORDER].working == [f"{ORDER}#1"]


def test_doubt_about_an_unknown_order_raises_an_alarm() -> None:
    assert Scene().doubt("nobody/1").alarms == ["UNEXPECTED_FACT"]


def test_doubt_about_an_order_that_has_ended_is_no_surprise() -> None:
    """The fill came before the lost reply was noticed: the outcome is known."""
    scene = accepted()
    scene.fill(ORDER)

    assert "UNEXPECTED_FACT" not in scene.doubt(ORDER).alarms


# Cancels that fail.


@pytest.mark.control("A-02", "refuses")
def test_a_failed_cancel_is_alarmed_and_the_order_works_on() -> None:
    scene = accepted()
    scene.signal("FLAT")

    answer = scene.cancel_failed(ORDER, "10148")

    assert answer.alarms == ["CANCEL_FAILED"]
    assert not scene.desk.state.orders[ORDER].cancel_requested
    assert scene.desk.state.book.buying == {"AAPL": shares(100)}


def test_a_failed_cancel_without_words_gets_some() -> None:
    scene = accepted()

    (alarm,) = scene.cancel_failed(ORDER, "").of(RaiseAlarm)

    assert alarm.text == "not cancelled"


def test_a_failed_cancel_of_an_ended_order_is_no_news() -> None:
    scene = accepted()
    scene.fill(ORDER)

    assert scene.cancel_failed(ORDER) == []
