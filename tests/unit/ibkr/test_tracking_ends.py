"""An order ends on evidence, and a fill that comes later still counts."""

import pytest

from fillpath.core.events import (
    OrderCancelled,
    OrderRefused,
)
from fillpath.core.models import OrderStatus
from fillpath.ibkr.tracked import Need
from tests.unit.ibkr.tracked_scene import (
    Scene,
    code,
    completed,
    executed,
    shown,
    status,
    working,
)


@pytest.fixture
def scene() -> Scene:
    """Return a tracker that knows nothing."""
    return Scene()


def test_a_cancel_ends_the_order_at_once_where_the_fills_agree() -> None:
    scene = working()
    scene.hear(executed("40"))
    scene.tracker.cancelling(scene.tracked(), scene.now)

    scene.hear(code(202, "Order Canceled - reason:"), status("Cancelled", "40"))

    assert scene.told == ["OrderFilled", "OrderCancelled"]
    assert scene.order().status is OrderStatus.CANCELLED
    assert scene.order().filled_quantity == 40
    assert not scene.order().cancel_requested


def test_an_end_waits_for_fills_that_are_missing() -> None:
    scene = working()

    out = scene.hear(status("Cancelled", "40"))

    assert out == [Need.LOOK_UP]
    assert scene.order().status is OrderStatus.SUBMITTED


def test_an_end_comes_with_the_fills_that_were_missing() -> None:
    scene = working()
    scene.hear(status("Cancelled", "40"))

    scene.hear(executed("40"))

    assert scene.told == ["OrderFilled", "OrderCancelled"]


def test_an_end_comes_when_a_look_up_brings_nothing_more() -> None:
    scene = working()
    scene.hear(code(202))

    scene.look_up()

    assert scene.told == ["OrderCancelled"]


def test_a_late_fill_is_never_lost() -> None:
    scene = working()
    scene.hear(status("Cancelled"))

    scene.hear(executed("100"))

    assert scene.told == ["OrderCancelled", "OrderFilled"]
    assert scene.order().status is OrderStatus.FILLED


def test_what_is_said_twice_about_an_end_ends_once() -> None:
    scene = working()

    scene.hear(status("Cancelled"), status("Cancelled"), code(202), shown("Cancelled"))

    assert scene.told == ["OrderCancelled"]


def test_an_order_cancelled_before_it_was_accepted_is_named_first(scene: Scene) -> None:
    scene.place()
    scene.tracker.cancelling(scene.tracked(), scene.now)

    scene.hear(status("ApiCancelled"))

    assert scene.told == ["OrderAccepted", "OrderCancelled"]


def test_a_completed_order_ends_the_one_that_is_followed() -> None:
    scene = working()

    scene.hear(completed("Cancelled", completed_status="Cancelled by Trader"))

    (event,) = scene.events
    assert isinstance(event, OrderCancelled)
    assert event.reason == "Cancelled by Trader"


def test_of_two_incarnations_both_must_have_ended() -> None:
    scene = working()
    scene.hear(shown(perm_id=901))
    scene.out.clear()

    first = scene.hear(completed("Cancelled"))
    scene.hear(completed("Cancelled", perm_id=901))

    assert first == []
    assert scene.told == ["OrderCancelled"]


def test_a_completed_order_that_was_refused_was_no_cancel(scene: Scene) -> None:
    scene.place()

    scene.hear(completed("Inactive", warning="no permission"))

    (event,) = scene.events
    assert isinstance(event, OrderRefused)
    assert event.reason == "no permission"


def test_a_completed_order_that_is_filled_waits_for_its_executions() -> None:
    scene = working()

    out = scene.hear(completed("Filled", "100"))

    assert out == [Need.LOOK_UP]
    assert scene.tracker.completed_orders()[0].status is OrderStatus.FILLED


def test_inactive_without_a_refusal_is_held_and_may_come_back() -> None:
    scene = working()

    scene.hear(status("Inactive", why_held="locate"))
    held = scene.order()
    scene.hear(status("Submitted"), executed("100"))

    assert held.status is OrderStatus.SUBMITTED
    assert held.metadata["held"] == "locate"
    assert scene.told == ["OrderFilled"]
    assert "held" not in scene.order().metadata


def test_an_order_that_is_inactive_at_first_is_accepted(scene: Scene) -> None:
    scene.place()

    scene.hear(status("Inactive"))

    assert scene.told == ["OrderAccepted"]


@pytest.mark.security("S-33")
def test_an_unknown_status_is_a_doubt_for_a_person() -> None:
    scene = working()

    out = scene.hear(status("Sleeping"))

    assert scene.alarms == ["UNKNOWN_STATUS"]
    assert Need.LOOK_UP in out
    assert scene.order().status is OrderStatus.SUBMITTED


def test_an_order_that_works_again_after_its_end_has_to_be_compared() -> None:
    scene = working()
    scene.hear(status("Cancelled"))

    out = scene.hear(shown("Submitted"), shown("Submitted"))

    assert out == [Need.COMPARE]
    assert [o.status for o in scene.tracker.open_orders([shown()])] == [OrderStatus.SUBMITTED]
