"""What is not known is in doubt, and a doubt ends on evidence alone."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from fillpath.core.events import OrderHeld, OrderRefused
from fillpath.core.models import Certainty, OrderStatus
from fillpath.core.units import nanoseconds
from fillpath.ibkr.tracked import Need
from tests.unit.ibkr.tracked_scene import (
    REF,
    Scene,
    a_form,
    an_order,
    code,
    dropped,
    executed,
    shown,
    status,
    working,
)


@pytest.fixture
def scene() -> Scene:
    """Return a tracker that knows nothing."""
    return Scene()


def test_a_refusal_is_told_with_the_gateways_words(scene: Scene) -> None:
    scene.place()

    scene.hear(code(201, "Order rejected - reason:margin"))

    (event,) = scene.events
    assert isinstance(event, OrderRefused)
    assert (event.code, event.reason) == ("IBKR_201", "201 Order rejected - reason:margin")
    assert scene.order().metadata["reject_reason"] == "201 Order rejected - reason:margin"


@pytest.mark.parametrize("number", [100, 103, 320, 321, 512, 9999])
def test_what_may_mean_anything_is_a_doubt(scene: Scene, number: int) -> None:
    scene.place()

    out = scene.hear(code(number))

    assert Need.LOOK_UP in out
    assert scene.events == []
    assert scene.order().certainty is Certainty.IN_DOUBT


@pytest.mark.parametrize("number", [439, 441, 442, 443])
def test_a_refused_algorithm_is_told_as_one(scene: Scene, number: int) -> None:
    order = an_order()
    scene.tracker.placed(replace(a_form(order, 11), algo="Twap"), order, scene.now)
    scene.hear(code(number, "Unknown algo attribute:strategyType"))

    scene.look_up()
    scene.wait(4)
    scene.look_up()

    (event,) = scene.events
    assert isinstance(event, OrderRefused)
    assert event.code == "DESTINATION_NOT_TAKEN"


def test_a_doubt_ends_in_a_refusal_after_two_look_ups_that_agree(scene: Scene) -> None:
    scene.place()
    scene.hear(code(321, "read-only"))

    first = scene.look_up()
    soon = scene.look_up()
    scene.wait(3)
    scene.look_up()

    assert first == soon == [Need.LOOK_UP]
    (event,) = scene.events
    assert isinstance(event, OrderRefused)
    assert event.code == "IBKR_321"
    assert "read-only; in no execution, open or completed order" in event.reason


def test_a_look_up_that_was_asked_before_the_doubt_proves_nothing(scene: Scene) -> None:
    scene.place()
    asked_at = scene.now
    scene.wait(1)
    scene.hear(code(321))

    out = scene.take(scene.tracker.looked_up(asked_at, scene.now))

    assert out == [Need.LOOK_UP]
    assert scene.tracked().doubt is not None
    assert scene.tracked().doubt.absent_at == 0  # type: ignore[union-attr]


def test_an_order_in_doubt_that_is_found_is_accepted(scene: Scene) -> None:
    scene.place()
    scene.hear(code(103))

    scene.look_up(shown("PendingSubmit"))

    assert scene.told == ["OrderAccepted"]
    assert scene.order().certainty is Certainty.CONFIRMED


def test_a_doubt_that_is_seen_between_two_absences_begins_anew(scene: Scene) -> None:
    scene.place()
    scene.hear(code(9999))
    scene.look_up()
    scene.wait(3)
    scene.look_up(shown("PendingSubmit", perm_id=0))
    scene.hear(code(9999))
    scene.wait(3)

    scene.look_up()

    assert scene.events == []


def test_an_execution_ends_a_doubt(scene: Scene) -> None:
    scene.place()
    scene.hear(code(512))

    scene.hear(executed("40"))

    assert scene.told == ["OrderAccepted", "OrderFilled"]
    assert scene.order().certainty is Certainty.CONFIRMED


def test_a_lost_connection_leaves_new_orders_in_doubt(scene: Scene) -> None:
    scene.place()

    out = scene.hear(dropped())

    assert out == [Need.LOOK_UP]
    assert scene.tracked().doubt is not None


def test_a_lost_connection_leaves_what_works_as_it_was() -> None:
    scene = working()

    assert scene.hear(dropped()) == []


def test_an_order_that_never_got_there_is_told_as_that(scene: Scene) -> None:
    scene.place()
    scene.hear(dropped())
    scene.wait(1)
    scene.look_up()
    scene.wait(4)

    scene.look_up()

    (event,) = scene.events
    assert isinstance(event, OrderRefused)
    assert event.code == "NEVER_REACHED_BROKER"


def test_look_ups_of_two_connections_are_not_two_in_a_row(scene: Scene) -> None:
    scene.place()
    for _ in range(2):
        scene.hear(dropped())
        scene.wait(4)
        scene.look_up()

    assert scene.events == []
    assert scene.tracked().doubt is not None


def test_a_silent_gateway_is_a_doubt_once(scene: Scene) -> None:
    scene.place()

    first = scene.tracker.silent(REF, "no answer", scene.now)
    second = scene.tracker.silent(REF, "no answer", scene.now)

    assert (first, second) == ([Need.LOOK_UP], [])
    assert scene.tracker.silent("nobody", "no answer", scene.now) == []


def test_a_price_off_the_tick_is_a_gap_in_our_controls(scene: Scene) -> None:
    scene.place()

    scene.hear(code(110, "price variation"), status("Cancelled"))

    assert scene.told == ["OrderRefused"]
    assert scene.alarms == ["CONTROL_GAP"]


def test_an_unlisted_code_is_told_to_a_person() -> None:
    scene = working()

    scene.hear(code(9999))

    assert scene.alarms == ["IBKR_9999"]
    assert scene.events == []


def test_a_refusal_of_an_order_that_works_may_be_about_a_change() -> None:
    scene = working()

    scene.hear(code(201))
    scene.look_up(shown())

    assert scene.events == []
    assert scene.order().certainty is Certainty.CONFIRMED


def test_a_refusal_of_the_rest_keeps_what_was_filled() -> None:
    scene = working()
    scene.hear(executed("40"))

    scene.hear(code(201, "margin"), status("Inactive", "40"))
    scene.look_up()
    scene.wait(3)
    scene.look_up()

    assert scene.told == ["OrderFilled", "OrderCancelled"]
    assert scene.order().filled_quantity == 40


def test_a_refused_order_that_worked_and_is_gone_was_refused() -> None:
    scene = working()

    scene.hear(code(201, "margin"))
    scene.look_up()
    scene.wait(3)
    scene.look_up()

    assert scene.told == ["OrderRefused"]


def test_an_order_that_worked_and_is_gone_after_a_strange_word_is_cancelled() -> None:
    scene = working()

    scene.hear(code(9999))
    scene.look_up()
    scene.wait(3)
    scene.look_up()

    assert scene.told == ["OrderCancelled"]


def test_a_preset_that_changes_the_time_in_force_leaves_the_order_alone() -> None:
    scene = working()

    out = scene.hear(code(10349))

    assert out == []
    assert scene.order().status is OrderStatus.SUBMITTED
    assert scene.tracked().notes == ["10349 words"]


def test_what_is_held_is_held_until_it_works() -> None:
    scene = working()

    scene.hear(code(404, "locating"), status("PreSubmitted", why_held="locate"))
    held = scene.order()
    scene.hear(status("Submitted"))

    assert held.metadata["held"] == "404 locating"
    assert held.status is OrderStatus.SUBMITTED
    assert "held" not in scene.order().metadata


def test_an_order_of_which_nothing_was_written_is_refused(scene: Scene) -> None:
    order = scene.place()

    scene.take(scene.tracker.refused(order, "NOT_SENT", "the line is down", scene.now))
    scene.take(scene.tracker.refused(an_order("beta"), "NO_CONTRACT", "no such symbol", scene.now))

    assert [e.code for e in scene.events if isinstance(e, OrderRefused)] == [
        "NOT_SENT",
        "NO_CONTRACT",
    ]
    assert scene.order().status is OrderStatus.REJECTED
    scene.place("gamma", 12)
    assert [o.order_id for o in scene.tracker.completed_orders()] == [REF, "beta"]
    assert scene.tracker.stands("delta") is None


def test_an_order_that_waits_for_the_open_says_so() -> None:
    scene = working()

    scene.hear(code(399, "Your order will not be placed at the exchange until 09:30"))

    assert scene.order().metadata["held"].startswith("399 Your order")


@pytest.mark.fault("F-73")
def test_when_it_reaches_the_exchange_is_told_once() -> None:
    scene = working()
    text = "Your order will not be placed at the exchange until 2026-06-02 09:30:00 US/Eastern"

    scene.hear(code(399, text))
    scene.hear(code(399, text))

    told = [event for event in scene.events if isinstance(event, OrderHeld)]
    opens = nanoseconds(datetime(2026, 6, 2, 13, 30, tzinfo=UTC))
    assert [(event.order_id, event.until) for event in told] == [(REF, opens)]


def test_the_waiting_of_orders_of_others_is_theirs_to_know() -> None:
    scene = Scene()
    scene.hear(shown(client_id=3, order_ref="theirs", order_id=0))
    scene.tracker.register.number(next(iter(scene.tracker.register)), 11)

    scene.hear(code(399, "Your order will not be placed at the exchange until 09:30"))

    assert scene.events == []


def test_a_price_that_the_broker_moved_is_told_to_a_person() -> None:
    scene = working()

    scene.hear(code(2161, "capped at 149.50"))

    assert scene.alarms == ["PRICE_MOVED_BY_BROKER"]


@pytest.mark.parametrize(("outside", "alarms"), [(True, ["OUTSIDE_HOURS_IGNORED"]), (False, [])])
def test_hours_that_are_ignored_matter_to_who_needs_them(
    outside: bool,  # noqa: FBT001  # a case
    alarms: list[str],
) -> None:
    scene = working()
    form = scene.tracked().form
    assert form is not None
    scene.tracked().form = replace(form, outside_rth=outside)

    scene.hear(code(2109, "ignored"))

    assert scene.alarms == alarms
