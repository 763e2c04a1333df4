"""A cancel or a change that was refused leaves the order as it was."""

from decimal import Decimal

import pytest

from fillpath.core.events import (
    AmendFailed,
    CancelFailed,
    OrderAmended,
)
from fillpath.core.models import OrderStatus
from fillpath.ibkr.tracked import Need
from tests.unit.ibkr.tracked_scene import (
    Scene,
    a_stop,
    code,
    executed,
    shown,
    status,
    working,
)


@pytest.fixture
def scene() -> Scene:
    """Return a tracker that knows nothing."""
    return Scene()


@pytest.mark.parametrize("number", [135, 136, 161, 10147, 10148])
def test_a_refused_cancel_leaves_the_order_as_it_was(number: int) -> None:
    scene = working()
    scene.tracker.cancelling(scene.tracked(), scene.now)
    asked = scene.order().cancel_requested

    out = scene.hear(code(number))

    assert asked
    assert isinstance(out[0], CancelFailed)
    assert Need.LOOK_UP in out
    assert scene.order().status is OrderStatus.SUBMITTED
    assert not scene.order().cancel_requested


def test_a_cancel_that_came_too_late_ends_filled() -> None:
    scene = working()
    scene.tracker.cancelling(scene.tracked(), scene.now)
    scene.hear(code(10148, "state: Filled"))

    scene.look_up(executed("100", request=4))

    assert scene.told == ["CancelFailed", "OrderFilled"]
    assert scene.order().status is OrderStatus.FILLED


def test_a_cancel_that_was_not_written_was_not_asked() -> None:
    scene = working()
    scene.tracker.cancelling(scene.tracked(), scene.now)

    scene.tracker.cancelling(scene.tracked(), 0)

    assert not scene.order().cancel_requested


def test_a_cancel_that_was_lost_is_found_out() -> None:
    scene = working()
    scene.tracker.cancelling(scene.tracked(), scene.now)
    scene.wait(5)

    scene.look_up(shown())

    assert scene.told == ["CancelFailed"]


def test_a_cancel_that_is_under_way_is_left_alone() -> None:
    scene = working()
    scene.tracker.cancelling(scene.tracked(), scene.now)
    scene.hear(status("PendingCancel"))
    scene.wait(5)

    scene.look_up(shown("PendingCancel"))

    assert scene.events == []
    assert scene.order().cancel_requested


def test_a_refused_cancel_of_a_filled_order_asks_for_its_executions() -> None:
    scene = working()
    scene.hear(status("Cancelled"))

    assert scene.hear(code(161)) == [Need.LOOK_UP]
    assert scene.hear(code(202)) == [Need.EXECUTIONS]


def test_a_change_is_told_when_the_gateway_works_it() -> None:
    scene = working(**a_stop())
    scene.tracker.changing(scene.tracked(), Decimal(60), Decimal(145), scene.now)

    scene.hear(shown(quantity=Decimal(60), aux_price=Decimal(145), order_type="STP"))

    (event,) = scene.events
    assert isinstance(event, OrderAmended)
    assert (event.quantity, event.stop, event.reason) == (60 * 10**6, 145 * 10**8, "")
    assert scene.order().quantity == 60
    assert scene.tracked().change is None


def test_a_smaller_order_of_a_group_is_told_with_the_reason() -> None:
    scene = working()

    scene.hear(shown(quantity=Decimal(60)), shown(quantity=Decimal(60)))

    (event,) = scene.events
    assert isinstance(event, OrderAmended)
    assert event.reason
    assert event.stop is None


def test_an_echo_without_its_trigger_changes_nothing() -> None:
    scene = working(**a_stop())

    scene.hear(shown(aux_price=None), shown(aux_price=Decimal(0)), shown(quantity=Decimal(0)))

    assert scene.events == []


@pytest.mark.parametrize("number", [104, 105, 110, 329])
def test_a_refused_change_leaves_the_order_as_it_was(number: int) -> None:
    scene = working()
    scene.tracker.changing(scene.tracked(), Decimal(60), None, scene.now)

    scene.hear(code(number))

    (event,) = scene.events
    assert isinstance(event, AmendFailed)
    assert scene.order().quantity == 100
    assert scene.tracked().change is None


def test_a_change_that_was_rejected_is_found_out_by_a_look_up() -> None:
    scene = working()
    scene.tracker.changing(scene.tracked(), Decimal(60), None, scene.now)
    scene.hear(code(201, "margin"))

    scene.look_up(shown())

    (event,) = scene.events
    assert isinstance(event, AmendFailed)
    assert event.reason == "201 margin"


def test_a_change_that_was_lost_is_found_out_by_a_look_up() -> None:
    scene = working()
    scene.tracker.changing(scene.tracked(), Decimal(60), None, scene.now)
    scene.wait(1)

    scene.look_up(shown())

    assert scene.told == ["AmendFailed"]


def test_a_change_that_was_not_written_was_not_asked() -> None:
    scene = working()
    scene.tracker.changing(scene.tracked(), Decimal(60), None, scene.now)

    scene.tracker.changing(scene.tracked(), Decimal(60), None, 0)

    assert scene.tracked().change is None


def test_a_change_to_what_it_is_is_told_at_once() -> None:
    scene = working(**a_stop())

    (event,) = scene.tracker.unchanged(scene.tracked(), scene.now)

    assert isinstance(event, OrderAmended)
    assert (event.quantity, event.stop) == (100 * 10**6, 140 * 10**8)
