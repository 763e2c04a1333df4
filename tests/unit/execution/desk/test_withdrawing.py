"""A person cancels one order: what works is cancelled, what waits is dropped, and nothing else."""

import pytest

from fillpath.core.events import CancelAsked, OrderRefused
from fillpath.core.models import OrderStatus
from fillpath.execution.desk.withdrawing import why_not
from tests.unit.execution.desk.filled import sliced
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, shares
from tests.unit.execution.desk.test_approving import Desk
from tests.unit.execution.desk.test_flattening import EXIT, flatten, holding

ORDER = "trend/sig-1"
SLICE = "trend/sig-1#1"


def cancel(scene: Scene, order_id: str = ORDER) -> Answer:
    """Let a person cancel an order."""
    return scene.tell(CancelAsked(scene.at, order_id, "ann", "second thoughts"))


def working() -> Scene:
    """Return a desk whose only order works at the broker."""
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)
    return scene


def test_the_broker_is_asked_to_cancel_it() -> None:
    scene = working()

    answer = cancel(scene)

    assert answer.cancels == [ORDER]
    assert answer.outcomes == ["ASKED CANCELLED_BY_PERSON"]
    assert answer.decision.stage == "CANCEL"
    assert answer.decision.text == "ann: second thoughts"
    assert answer.decision.quantity == shares(100)


def test_it_works_until_the_broker_confirms() -> None:
    scene = working()
    cancel(scene)
    scene.fill(ORDER, 40)

    (closed,) = scene.cancelled(ORDER).closed

    assert closed.status is OrderStatus.CANCELLED
    assert closed.filled == shares(40)


def test_asking_twice_asks_the_broker_once() -> None:
    scene = working()
    cancel(scene)

    assert cancel(scene).cancels == []


def test_a_cancel_that_failed_is_asked_for_again_at_once() -> None:
    scene = working()
    cancel(scene)
    scene.cancel_failed(ORDER)

    assert cancel(scene).cancels == [ORDER]


def test_an_order_without_the_brokers_name_is_cancelled_once_it_has_one() -> None:
    scene = Scene()
    scene.signal(quantity=100)

    asked = cancel(scene)
    accepted = scene.accept(ORDER)

    assert (asked.cancels, accepted.cancels) == ([], [ORDER])


def test_of_a_sliced_order_the_rest_is_given_up() -> None:
    scene = sliced()

    answer = cancel(scene)
    ended = scene.cancelled(SLICE)

    assert answer.cancels == [SLICE]
    assert answer.decision.quantity == shares(1_000)
    assert ended.outcomes == ["UNFILLED UNFILLED"]
    assert scene.wait(600).placed == []


def test_of_one_slice_only_that_slice_is_cancelled() -> None:
    scene = sliced()

    answer = cancel(scene, SLICE)
    scene.cancelled(SLICE)

    assert answer.cancels == [SLICE]
    assert scene.wait(600).placed


def test_one_slice_that_had_not_left_leaves_the_others_to_come() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    cancel(scene, SLICE)

    scene.tell(OrderRefused(scene.at, SLICE, "CANCELLED_UNSENT", "it never left"))

    assert scene.wait(600).placed


def test_a_signal_that_waits_for_a_quote_is_dropped() -> None:
    scene = Scene()
    scene.ticking = False
    scene.sleep(120)
    scene.signal(quantity=100)
    assert list(scene.desk.state.held) == [ORDER]

    answer = cancel(scene)

    assert answer.outcomes == ["REFUSED CANCELLED_BY_PERSON"]
    assert scene.desk.state.held == {}
    scene.ticking = True
    assert scene.quote().placed == []


def test_what_waits_for_a_person_is_answered_and_not_cancelled() -> None:
    scene = Desk()
    scene.signal(quantity=100)

    answer = cancel(scene)

    assert answer.alarms == ["CANCEL_REFUSED"]
    assert scene.waiting == [ORDER]


def test_an_exit_of_a_killed_scope_is_not_taken_back_by_itself() -> None:
    scene = holding()
    flatten(scene)
    scene.quote()
    scene.accept(EXIT)

    answer = cancel(scene, EXIT)

    assert (answer.cancels, answer.alarms) == ([], ["CANCEL_REFUSED"])


def test_a_stop_that_protects_a_position_is_not_taken_back_by_itself() -> None:
    scene = working()
    scene.desk.state.orders[ORDER].protects = True

    assert "protects a position" in why_not(scene.desk.state, ORDER)
    assert cancel(scene).cancels == []


@pytest.mark.parametrize("order_id", ["", "trend/nothing", ORDER])
def test_an_order_that_has_ended_changes_nothing(order_id: str) -> None:
    scene = working()
    scene.fill(ORDER)

    answer = cancel(scene, order_id)

    assert list(answer) == answer.of(type(answer[0]))
    assert answer.alarms == ["CANCEL_REFUSED"]


def test_other_orders_stay() -> None:
    scene = Scene(positions=(a_holding(100, symbol="MSFT"),))
    scene.signal(quantity=100)
    scene.signal(quantity=100, strategy_name="other")
    scene.accept(ORDER)
    scene.accept("other/sig-2")

    assert cancel(scene).cancels == [ORDER]


def test_a_replay_comes_to_the_same_desk() -> None:
    scene = working()
    cancel(scene)
    scene.cancelled(ORDER)

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()
