"""The desk's own tickets: the same trades and events as the orders they stand for."""

import pytest

from fillpath.core.commands import Ticket
from fillpath.core.events import OrderRefused
from fillpath.core.models import OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.core.ports import TicketBroker
from fillpath.core.translation import order_from
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.testing.builders import START_NS, a_ticket
from tests.unit.execution.broker.scene import DISPLAYED, QUOTES, SPEC, Scene, at_once

LIMIT, SELL = OrderType.LIMIT, OrderSide.SELL
PRICE = 10**8
TICKETS = [
    pytest.param(a_ticket(), id="market"),
    pytest.param(a_ticket(side=SELL), id="short sale"),
    pytest.param(a_ticket(order_type=LIMIT, limit=151 * PRICE), id="marketable limit"),
    pytest.param(a_ticket(order_type=LIMIT, limit=140 * PRICE), id="resting limit"),
    pytest.param(a_ticket(1_500, order_type=LIMIT, limit=66 * PRICE), id="rests, fills in parts"),
    pytest.param(a_ticket(100_000), id="too dear"),
    pytest.param(a_ticket(symbol="IBM"), id="no market"),
    pytest.param(a_ticket(time_in_force=TimeInForce.IOC, quantity=2_000), id="immediate"),
    pytest.param(a_ticket(order_id="trend/sig-1"), id="sent whole"),
]


def place(scene: Scene, ticket: Ticket) -> None:
    scene.broker.place_ticket(ticket, START_NS)


def test_the_broker_opens_its_door_to_tickets() -> None:
    assert isinstance(Scene().broker, TicketBroker)


@pytest.mark.parametrize("policy", [SPEC, QUOTES, DISPLAYED], ids=["spec", "quotes", "displayed"])
@pytest.mark.parametrize("ticket", TICKETS)
def test_a_ticket_is_treated_like_the_order_it_stands_for(
    policy: SimulationPolicy, ticket: Ticket
) -> None:
    by_ticket, by_order = Scene(policy), Scene(policy)
    place(by_ticket, ticket)
    by_order.submit(order_from(ticket, START_NS))

    for scene in (by_ticket, by_order):
        scene.quote("139.00", "139.05", 1_000)
        scene.quote("60.00", "60.05", 1_000)

    assert by_ticket.events == by_order.events
    assert by_ticket.portfolio == by_order.portfolio
    assert by_ticket.open_orders == by_order.open_orders


def test_the_same_ticket_again_trades_nothing() -> None:
    scene = Scene()
    place(scene, a_ticket())

    place(scene, a_ticket())

    assert scene.told == ["OrderAccepted", "OrderFilled"]


def test_a_refused_ticket_is_an_event() -> None:
    scene = Scene(quoted=False)

    place(scene, a_ticket())

    text = "AAPL has neither a quote nor a last price"
    assert scene.events == [OrderRefused(START_NS, "trend/sig-1#1", "NO_MARKET", text)]
    assert at_once(scene.broker.get_order_status("sim-1")) is OrderStatus.REJECTED


def test_a_resting_ticket_is_an_open_order_like_any_other() -> None:
    scene = Scene()

    place(scene, a_ticket(order_type=LIMIT, limit=140 * PRICE))

    (order,) = scene.open_orders
    assert (order.order_id, order.parent_order_id) == ("trend/sig-1#1", "trend/sig-1")
    assert (order.broker_order_id, order.status) == ("sim-1", OrderStatus.SUBMITTED)
    assert order.limit_price == 140
    assert scene.broker.cancel("sim-1") is True


def test_an_order_after_its_ticket_trades_nothing() -> None:
    scene = Scene()
    place(scene, a_ticket())

    again = scene.submit(order_from(a_ticket(), START_NS))

    assert again.status is OrderStatus.FILLED
    assert len(scene.fills) == 1
