"""The last look before an order leaves for a broker outside, with the market of that moment."""

import pytest

from fillpath.core.commands import PlaceOrder, Ticket
from fillpath.core.events import CancelAsked, KillSwitchSet, OrderRefused
from fillpath.core.models import OrderSide, Refusal
from fillpath.execution.desk.last_gate import last_objection
from fillpath.risk.pacing import MessageBudget
from fillpath.testing.builders import START_NS, a_quote, a_signal, a_view
from tests.unit.execution.desk.scene import Scene, shares
from tests.unit.execution.desk.test_flattening import flatten, holding
from tests.unit.execution.engine_room import Room

BUY = {"metadata": {"quantity": 100}}


def objection(scene: Scene, place: PlaceOrder) -> Refusal | None:
    now = (scene.at, a_view())
    return last_objection(scene.desk.state, scene.desk.policy, place, now, MessageBudget())


def refusals(room: Room) -> list[tuple[str, str]]:
    return [(r.order_id, r.code) for r in room.written if isinstance(r, OrderRefused)]


async def test_an_order_is_judged_again_by_the_market_of_the_moment_when_it_leaves() -> None:
    room = await Room().opened()
    room.engine.offer(a_signal(**BUY))
    waiting = room.engine.turn()
    room.feed.set_quote(a_quote("8999.99", "9000.01"))

    await room.engine.settle(waiting)

    assert room.broker.orders == []
    ((order_id, code),) = refusals(room)
    assert (order_id, code) in {("trend/sig-1", "POSITION_CAP"), ("trend/sig-1", "MAX_NOTIONAL")}
    assert room.desk.state.orders == {}
    assert room.desk.state.book.reserved == 0


async def test_an_order_that_was_cancelled_before_it_left_does_not_leave() -> None:
    room = await Room().opened()
    room.engine.offer(a_signal(**BUY))
    room.engine.offer(CancelAsked(START_NS, "trend/sig-1", "ann", "second thoughts"))

    await room.engine.settle(room.engine.turn())

    assert (room.broker.orders, room.broker.cancels) == ([], [])
    assert refusals(room) == [("trend/sig-1", "CANCELLED_UNSENT")]
    assert room.desk.state.orders == {}


async def test_what_has_not_changed_leaves() -> None:
    room = await Room().opened()

    await room.tell(a_signal(**BUY))

    assert [order.order_id for order in room.broker.orders] == ["trend/sig-1"]


def test_an_order_does_not_stand_in_its_own_way() -> None:
    scene = Scene()
    scene.signal(quantity=3_000)  # two thirds of the cap
    (place,) = scene.all.of(PlaceOrder)

    assert objection(scene, place) is None


def test_a_slice_does_not_stand_in_the_way_of_its_schedule() -> None:
    scene = Scene()
    scene.show(adv=shares(100_000))
    scene.signal(quantity=3_000)
    place = scene.all.of(PlaceOrder)[0]
    assert place.ticket.slice_number

    assert objection(scene, place) is None


def test_what_gives_up_a_killed_position_passes_the_latch() -> None:
    scene = holding()
    flatten(scene)
    (place,) = scene.quote().of(PlaceOrder)

    assert scene.desk.state.killed
    assert objection(scene, place) is None


def test_an_order_that_has_ended_is_not_sent() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    (place,) = scene.all.of(PlaceOrder)
    scene.tell(OrderRefused(scene.at, place.ticket.order_id, "NO", ""))

    refusal = objection(scene, place)

    assert refusal is not None
    assert refusal.code == "NOT_APPROVED"


@pytest.mark.control("A-09", "refuses")
async def test_one_slice_too_many_stops_everything() -> None:
    room = await Room().opened()
    room.engine.seen(PlaceOrder(START_NS, _ticket_of_the_next_order()))

    await room.tell(a_signal(**BUY))

    assert room.broker.orders == []
    assert refusals(room) == [("trend/sig-1", "ROUTER_COMPARATOR")]
    assert [r.by for r in room.written if isinstance(r, KillSwitchSet)] == ["comparator"]
    assert room.desk.state.killed


def _ticket_of_the_next_order() -> Ticket:
    scene = Scene()
    scene.signal(quantity=100)
    (place,) = scene.all.of(PlaceOrder)
    assert place.ticket.side is OrderSide.BUY
    assert place.ticket.quantity == shares(100)
    return place.ticket


def test_a_sale_does_not_stand_in_its_own_way() -> None:
    scene = Scene()
    scene.signal("SHORT", quantity=3_000)
    (place,) = scene.all.of(PlaceOrder)

    assert objection(scene, place) is None
