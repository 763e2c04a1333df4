"""Executions alone make fills, each once, whatever the order in which they are told."""

from decimal import Decimal
from itertools import permutations

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import (
    CommissionReported,
    OrderAccepted,
    OrderFilled,
)
from fillpath.core.models import Certainty, OrderStatus
from fillpath.ibkr.heard import ServerTime
from fillpath.ibkr.tracked import Need
from tests.unit.ibkr.tracked_scene import (
    REF,
    Scene,
    charged,
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


def test_an_order_is_accepted_when_the_gateway_shows_it_with_an_id(scene: Scene) -> None:
    scene.place()

    scene.hear(shown("Submitted"))

    assert scene.events == [OrderAccepted(scene.events[0].at, REF, "900")]
    assert scene.order().status is OrderStatus.SUBMITTED
    assert scene.order().certainty is Certainty.CONFIRMED


@pytest.mark.parametrize("word", ["ApiPending", "PendingSubmit"])
def test_what_is_only_on_its_way_is_not_accepted(scene: Scene, word: str) -> None:
    scene.place()

    scene.hear(shown(word))

    assert scene.events == []
    assert scene.order().certainty is Certainty.IN_DOUBT


def test_an_order_without_an_id_of_the_account_is_not_accepted(scene: Scene) -> None:
    scene.place()

    scene.hear(shown("Submitted", perm_id=0), status("Submitted", perm_id=0))

    assert scene.events == []


def test_an_order_is_accepted_once(scene: Scene) -> None:
    scene.place()

    scene.hear(shown(), status("Submitted"), shown(), status("Submitted"))

    assert scene.told == ["OrderAccepted"]


def test_a_second_id_of_one_order_is_told_as_a_second_name() -> None:
    scene = working()

    scene.hear(shown(perm_id=901))

    assert scene.events == [OrderAccepted(scene.events[0].at, REF, "901")]
    assert scene.tracked().perms == [900, 901]


def test_two_ids_before_the_acceptance_are_both_told(scene: Scene) -> None:
    scene.place()

    scene.hear(shown("PendingSubmit"), shown("Submitted", perm_id=901))

    assert [e.broker_order_id for e in scene.events if isinstance(e, OrderAccepted)] == [
        "900",
        "901",
    ]


def test_a_status_with_a_new_id_asks_what_it_belongs_to() -> None:
    scene = working()

    out = scene.hear(status("Submitted", perm_id=901))

    assert out == [Need.LOOK_UP]


def test_what_other_programs_do_by_status_is_left_alone(scene: Scene) -> None:
    assert scene.hear(status("Submitted", client_id=3)) == []


def test_other_accounts_are_left_out(scene: Scene) -> None:
    scene.place()

    scene.hear(shown(account="DU2"), executed("100", account="DU2"))

    assert scene.out == []


def test_what_is_not_about_orders_changes_nothing(scene: Scene) -> None:
    assert scene.hear(ServerTime(5), code(2104, about=-1)) == []


def test_an_order_id_that_is_given_again_names_the_new_order(scene: Scene) -> None:
    scene.place()
    scene.hear(shown())
    scene.place("beta/sig-2", number=11)

    scene.hear(shown(perm_id=950, order_ref="beta/sig-2"))

    assert scene.order("beta/sig-2").broker_order_id == "950"
    assert scene.order().broker_order_id == "900"


def test_executions_alone_make_fills() -> None:
    scene = working()

    scene.hear(status("Filled", "100"))

    assert scene.events == []
    assert scene.order().filled_quantity == 0
    assert scene.order().status is OrderStatus.PARTIALLY_FILLED


def test_a_fill_before_the_acceptance_implies_it(scene: Scene) -> None:
    scene.place()

    scene.hear(executed("100"))

    assert scene.told == ["OrderAccepted", "OrderFilled"]
    assert scene.order().status is OrderStatus.FILLED


def test_the_same_execution_counts_once() -> None:
    scene = working()

    scene.hear(*[executed("40")] * 3)

    assert scene.told == ["OrderFilled"]
    assert scene.order().filled_quantity == 40
    assert scene.order().status is OrderStatus.PARTIALLY_FILLED


def test_a_correction_replaces_what_it_corrects() -> None:
    scene = working()
    scene.hear(executed("100"))

    scene.hear(executed("60", revision=2))

    assert scene.told == ["OrderFilled", "FillCorrected"]
    assert scene.order().filled_quantity == 60


def test_a_filled_order_that_was_undone_is_cancelled() -> None:
    scene = working()
    scene.hear(status("Filled", "100"), executed("100"))

    scene.hear(executed("0", revision=2))
    scene.look_up(completed("Filled", "100"))

    assert scene.told == ["OrderFilled", "FillCorrected", "OrderCancelled"]
    assert scene.order().status is OrderStatus.CANCELLED
    assert scene.order().filled_quantity == 0


def test_every_order_of_arrival_of_fills_ends_alike() -> None:
    news = [executed("30", 1), executed("20", 1, 2), executed("40", 2), executed("10", 3)]
    ends = set()
    for each in permutations(news):
        scene = working()
        scene.hear(*each)
        ends.add((scene.order().filled_quantity, scene.order().average_fill_price))

    assert ends == {(Decimal(70), Decimal("149.9"))}


def test_a_fill_of_a_slice_names_its_parent(scene: Scene) -> None:
    scene.place(parent_order_id="parent")

    scene.hear(executed("10"))

    fill = scene.events[-1]
    assert isinstance(fill, OrderFilled)
    assert fill.parent_id == "parent"


def test_a_commission_is_told_after_its_fill_and_once() -> None:
    scene = working()

    scene.hear(executed("10"), charged("1.25"), charged("1.25"), charged("-1"))

    commission = scene.events[-1]
    assert scene.told == ["OrderFilled", "CommissionReported"]
    assert isinstance(commission, CommissionReported)
    assert commission.commission == 125 * 10**12


def test_a_commission_in_another_currency_is_told_to_a_person() -> None:
    scene = working()

    scene.hear(executed("10"), charged("1.25", currency="EUR"))

    assert scene.told == ["OrderFilled"]
    assert scene.alarms == ["EXECUTION_UNREADABLE"]


def test_an_execution_that_cannot_be_read_is_asked_for_again_once() -> None:
    scene = working()

    out = scene.hear(executed("10", price=None), executed("10", price=None))

    assert [type(one) for one in out] == [RaiseAlarm, Need, Need]
    assert out[1:] == [Need.EXECUTIONS, Need.COMPARE]


def test_an_execution_that_leaves_a_gap_asks_for_the_others() -> None:
    scene = working()

    out = scene.hear(executed("10", cumulative=Decimal(50)))

    assert Need.LOOK_UP in out
    assert scene.tracker.needs


def test_more_than_was_asked_for_is_told_too() -> None:
    scene = working()

    scene.hear(executed("100", 1), executed("10", 2))

    assert scene.told == ["OrderFilled", "OrderFilled"]
    assert scene.order().filled_quantity == 110


def test_an_option_is_no_share(scene: Scene) -> None:
    scene.hear(executed("1", client_id=0, order_ref="", sec_type="OPT", con_id=42))

    (fill,) = scene.events
    assert isinstance(fill, OrderFilled)
    assert fill.symbol == "OPT.42"


@pytest.mark.parametrize("request_id", [0, 4, 10**399])
def test_a_fill_that_seems_to_answer_a_question_of_before_is_news(
    scene: Scene, request_id: int
) -> None:
    scene.look_up()
    scene.place()

    scene.hear(executed("40", request=request_id))

    assert scene.told == ["OrderAccepted", "OrderFilled"]
