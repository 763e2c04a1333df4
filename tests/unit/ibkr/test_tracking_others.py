"""What was there before and what other programs do is known, and told as what it is."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.events import (
    FillCorrected,
    OrderFilled,
)
from fillpath.core.models import OrderSide, OrderStatus, OrderType
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


def test_what_a_look_up_shows_first_is_no_news(scene: Scene) -> None:
    out = scene.look_up(executed("40", request=4), charged("1"), shown())

    assert out == [Need.COMPARE]
    assert scene.order().status is OrderStatus.PARTIALLY_FILLED
    assert scene.order().filled_quantity == 40
    assert [fill.order_id for fill in scene.tracker.book.fills()] == [REF]


def test_what_happens_to_an_adopted_order_is_news(scene: Scene) -> None:
    scene.look_up(executed("40", request=4), shown())

    scene.hear(executed("60", 2), charged("1", 2))

    assert scene.told == ["OrderFilled", "CommissionReported"]


def test_a_fill_that_was_missed_is_news_of_the_next_look_up() -> None:
    scene = working()

    scene.look_up(executed("100", request=5))

    assert scene.told == ["OrderFilled"]


def test_a_correction_of_what_was_told_is_news_of_the_next_look_up(scene: Scene) -> None:
    scene.hear(executed("40", client_id=0, order_ref="", perm_id=5))

    scene.look_up(executed("30", 1, 2, client_id=0, order_ref="", perm_id=5, request=4))

    assert isinstance(scene.events[-1], FillCorrected)


def test_an_order_of_others_is_external(scene: Scene) -> None:
    out = scene.hear(shown(client_id=0, order_ref="", perm_id=5, order_id=0))

    assert out == [Need.COMPARE]
    (order,) = scene.tracker.open_orders([shown(client_id=0, order_ref="", perm_id=5)])
    assert order.order_id == "external:5"
    assert order.broker_order_id == "5"


def test_a_reference_of_another_program_is_not_ours(scene: Scene) -> None:
    scene.hear(shown(client_id=3, perm_id=5))

    assert scene.tracker.register.get("external:5") is not None
    assert scene.tracker.register.get(REF) is None


def test_a_fill_of_others_is_external_news(scene: Scene) -> None:
    scene.hear(executed("40", client_id=0, order_ref="", perm_id=5))

    (event,) = scene.events
    assert isinstance(event, OrderFilled)
    assert event.order_id == "external:5"


def test_an_order_of_others_that_fills_and_ends_is_told_by_its_fill_alone(scene: Scene) -> None:
    others: dict[str, Any] = {"client_id": 3, "order_ref": "", "perm_id": 5}
    scene.hear(shown(**others), shown(**others, quantity=Decimal(50)))

    scene.hear(executed("40", **others), status("Cancelled", client_id=3, perm_id=5))

    assert scene.told == ["OrderFilled"]
    assert scene.order("external:5").status is OrderStatus.CANCELLED


def test_a_completed_order_of_others_is_known_by_who_placed_it(scene: Scene) -> None:
    scene.look_up(
        executed("100", request=4, client_id=3, perm_id=5), completed("Filled", perm_id=5)
    )

    assert scene.tracker.register.get("external:5") is not None


def test_orders_that_had_ended_are_no_news(scene: Scene) -> None:
    scene.look_up(
        completed("Cancelled", perm_id=1, order_ref="a", completed_status="by trader"),
        completed("Inactive", perm_id=2, order_ref="b"),
        completed("Filled", "100", perm_id=3, order_ref="c", quantity=Decimal(0)),
        completed("Inactive", "10", perm_id=4, order_ref="d"),
    )

    assert scene.out == []
    assert [
        (o.order_id, str(o.status), int(o.filled_quantity))
        for o in scene.tracker.completed_orders()
    ] == [
        ("a", "CANCELLED", 0),
        ("b", "REJECTED", 0),
        ("c", "FILLED", 100),
        ("d", "CANCELLED", 10),
    ]


def test_an_order_that_cannot_be_named_is_told_to_a_person(scene: Scene) -> None:
    out = scene.hear(
        shown(client_id=3, perm_id=0, order_ref=""), shown(client_id=3, perm_id=8, action="HOLD")
    )

    assert scene.alarms == ["ORDER_UNREADABLE"] * 2
    assert Need.COMPARE in out


def test_a_fill_of_an_unknown_order_of_ours_keeps_its_name(scene: Scene) -> None:
    scene.hear(executed("40"))

    (event,) = scene.events
    assert isinstance(event, OrderFilled)
    assert event.order_id == REF


def test_open_orders_come_in_the_order_of_submission(scene: Scene) -> None:
    for number, ref in ((11, "a"), (12, "b")):
        scene.place(ref, number)
    answer = [
        shown(client_id=3, perm_id=5, order_ref=""),
        shown(order_id=12, perm_id=902, order_ref="b"),
        shown(order_id=11, perm_id=901, order_ref="a"),
        shown("Filled", order_id=10, perm_id=903, order_ref="z"),
        shown(account="DU2", perm_id=77),
    ]
    scene.hear(*answer)

    orders = scene.tracker.open_orders(answer)

    assert [order.order_id for order in orders] == ["a", "b", "external:5"]


def test_two_incarnations_are_two_open_orders() -> None:
    scene = working()
    scene.hear(executed("40"))
    answer = [shown(), shown(perm_id=901)]
    scene.hear(*answer)

    orders = scene.tracker.open_orders(answer)

    assert [order.broker_order_id for order in orders] == ["900", "901"]
    assert {order.status for order in orders} == {OrderStatus.PARTIALLY_FILLED}


def test_an_open_order_without_an_id_is_open_all_the_same(scene: Scene) -> None:
    scene.place()

    (order,) = scene.tracker.open_orders([shown("PendingSubmit", perm_id=0)])

    assert order.broker_order_id is None


def test_a_refused_order_that_is_still_listed_does_not_work(scene: Scene) -> None:
    scene.place()
    scene.hear(code(201), shown("Inactive"))

    assert scene.tracker.open_orders([shown("Inactive")]) == []


def test_the_status_is_known_by_every_name_of_the_broker() -> None:
    scene = working()

    assert scene.tracker.status("900") is OrderStatus.SUBMITTED
    assert scene.tracker.status("901") is None
    assert scene.tracker.status("no number") is None


def test_what_only_the_gateway_knows_is_said_in_our_words(scene: Scene) -> None:
    scene.look_up(
        shown(
            perm_id=1,
            order_ref="a",
            order_id=1,
            action="SELL",
            order_type="STP LMT",
            aux_price=Decimal(140),
            tif="GTC",
            oca_group="g",
        ),
        shown(perm_id=2, order_ref="b", order_id=2, order_type="STP", aux_price=Decimal(0)),
        shown(
            perm_id=3, order_ref="c", order_id=3, order_type="TRAIL", limit_price=None, tif="OPG"
        ),
        shown(perm_id=4, order_ref="d", order_id=4, symbol="BRK B"),
    )

    stop, odd, trail, share_class = (scene.order(ref) for ref in "abcd")
    assert (stop.order_type, stop.side) == (OrderType.STOP_LIMIT, OrderSide.SELL)
    assert stop.stop_price == 140
    assert (stop.time_in_force, stop.oca_group) == ("GTC", "g")
    assert odd.order_type is OrderType.MARKET
    assert (trail.order_type, trail.time_in_force) == (OrderType.MARKET, "DAY")
    assert share_class.symbol == "BRK.B"


def test_the_oldest_orders_that_have_ended_are_forgotten(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fillpath.ibkr.register.MOST_ENDED", 2)
    for number, ref in ((11, "a"), (12, "b"), (13, "c"), (14, "d")):
        scene.place(ref, number)
        if ref in "bc":
            scene.hear(
                shown(order_id=number, perm_id=number, order_ref=ref),
                status("Cancelled", order_id=number, perm_id=number),
            )

    assert [tracked.order_id for tracked in scene.tracker.register] == ["a", "d"]


def test_a_forgotten_order_leaves_its_order_id_to_another(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fillpath.ibkr.register.MOST_ENDED", 1)
    scene.place()
    scene.hear(shown(), status("Cancelled"))

    scene.place("b", 11)

    assert scene.tracker.register.numbered(11) is scene.tracked("b")


def test_orders_that_work_are_never_forgotten(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fillpath.ibkr.register.MOST_ENDED", 1)

    for number, ref in ((11, "a"), (11, "b")):
        scene.place(ref, number)

    assert [tracked.order_id for tracked in scene.tracker.register] == ["a", "b"]


def test_a_group_ends_when_a_fill_leaves_none_of_it_working(scene: Scene) -> None:
    scene.place("stop", 11, oca_group="g")
    scene.place("target", 12, oca_group="g")
    before = scene.tracker.group_ended("g")
    scene.hear(executed("100", order_ref="stop"))
    one_works = scene.tracker.group_ended("g")
    scene.hear(status("Cancelled", order_id=12, perm_id=901))

    assert not before
    assert not one_works
    assert scene.tracker.group_ended("g")
    assert not scene.tracker.group_ended("")


@pytest.mark.fault("F-64")
def test_a_bust_is_news_though_nobody_was_there_when_it_happened(scene: Scene) -> None:
    scene.look_up(executed("40", request=4), executed("0", 1, 2, request=4), shown())

    assert scene.told == ["FillCorrected"]
    assert scene.tracker.book.fills() == []


@pytest.mark.fault("F-64")
def test_what_was_filled_and_taken_back_before_does_not_work_any_more(scene: Scene) -> None:
    scene.look_up(
        executed("40", request=4, perm_id=1, order_ref="a"),
        executed("0", 1, 2, request=4, perm_id=1, order_ref="a"),
        completed("Filled", "0", perm_id=1, order_ref="a"),
        executed("40", 2, request=4, perm_id=2, order_ref="b"),
        executed("30", 2, 2, request=4, perm_id=2, order_ref="b"),
        completed("Filled", "100", perm_id=2, order_ref="b"),
        shown("Filled", completed=True, order_id=0, client_id=0, perm_id=3, order_ref="c"),
    )

    ended = [
        (o.order_id, str(o.status), int(o.filled_quantity))
        for o in scene.tracker.completed_orders()
    ]
    assert ended == [("a", "CANCELLED", 0), ("b", "CANCELLED", 30), ("c", "FILLED", 0)]
