"""News of one order in every order of arrival: the same books, the same end (F-65)."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any, Final

import pytest

from fillpath.core.events import (
    CommissionReported,
    Event,
    FillCorrected,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
)
from fillpath.core.models import OrderSide
from fillpath.testing.builders import START_NS
from tests.unit.execution.desk.scene import Scene, money, price, shares

ORDER: Final = "trend/sig-1"
ACCEPTED: Final = OrderAccepted(START_NS, ORDER, "B1")
CANCELLED: Final = OrderCancelled(START_NS, ORDER, "on request")
EXPIRED: Final = OrderExpired(START_NS, ORDER)
REFUSED: Final = OrderRefused(START_NS, ORDER, "201", "margin")


def fill(name: str, quantity: int, paid: str = "150") -> OrderFilled:
    """Return an execution of the order."""
    return OrderFilled(
        START_NS, ORDER, name, "AAPL", OrderSide.BUY, shares(quantity), price(paid), START_NS
    )


def correction(name: str, quantity: int, revision: int = 1, paid: str = "151") -> FillCorrected:
    return FillCorrected(START_NS, ORDER, name, revision, shares(quantity), price(paid), money(1))


def fee(name: str, amount: str, revision: int = 0) -> CommissionReported:
    return CommissionReported(START_NS, ORDER, name, money(amount), revision)


NEWS: Final[dict[str, Sequence[Event]]] = {
    "three parts": (ACCEPTED, fill("a", 60), fill("b", 30), fill("c", 10)),
    "five parts and their acceptance": (
        ACCEPTED,
        fill("a", 10),
        fill("b", 20, "151"),
        fill("c", 30, "152"),
        fill("d", 25, "149"),
        fill("e", 15, "150.5"),
    ),
    "each told twice": (ACCEPTED, ACCEPTED, fill("a", 60), fill("a", 60), fill("b", 40)),
    "a part and a cancel": (ACCEPTED, fill("a", 60), fill("b", 30), CANCELLED, CANCELLED),
    "all of it and a cancel": (ACCEPTED, fill("a", 60), fill("b", 40), CANCELLED),
    "a part and the end of the day": (ACCEPTED, fill("a", 60), EXPIRED, EXPIRED),
    "a part and a refusal": (ACCEPTED, fill("a", 60), fill("b", 30), REFUSED),
    "a correction in the middle": (
        ACCEPTED,
        fill("a", 60),
        fill("b", 40),
        correction("a", 40),
        fee("a", "2", 1),
    ),
    "two corrections of one part": (
        ACCEPTED,
        fill("a", 60),
        correction("a", 50),
        correction("a", 20, 2),
        fill("b", 30),
    ),
    "a correction up and down again": (
        ACCEPTED,
        fill("a", 60),
        correction("a", 100),
        correction("a", 50, 2),
    ),
    "a bust of the whole": (ACCEPTED, fill("a", 100), correction("a", 0)),
    "a correction and a bust of the whole": (
        ACCEPTED,
        fill("a", 100),
        correction("a", 60),
        correction("a", 0, 2),
        CANCELLED,
    ),
    "both parts undone": (
        ACCEPTED,
        fill("a", 60),
        fill("b", 40),
        correction("a", 0),
        correction("b", 0),
    ),
    "a bust, a fee and a refusal": (fill("a", 60), correction("a", 0), fee("a", "1"), REFUSED),
    "more than ordered": (ACCEPTED, fill("a", 60), fill("b", 60), CANCELLED),
    "fees of three revisions": (
        fill("a", 60),
        correction("a", 50),
        fee("a", "3"),
        fee("a", "4", 1),
        correction("a", 40, 2),
        fee("a", "5", 2),
    ),
}


def end_of(news: Sequence[Event]) -> dict[str, Any]:
    """Return what the desk makes of the news in this order."""
    scene = Scene()
    scene.signal(quantity=100)
    for event in news:
        scene.tell(event)
    state = scene.desk.state
    order = state.orders.get(ORDER) or state.recent[ORDER]
    holding = state.book.holdings.get("AAPL")
    return {
        "status": order.status,
        "works": ORDER in state.orders,
        "name": order.broker_order_id,
        "filled": (order.filled, order.value, order.commission),
        "cash": (state.book.cash, state.book.commission, state.book.reserved),
        "working": dict(state.book.buying),
        "held": None if holding is None else (holding.quantity, holding.cost, holding.realized),
        "strategy": dict(state.book.by_strategy),
        "profit": state.book.realized,
        "waits": {name: [e for e in early if e.at] for name, early in state.early.items()},
    }


@pytest.mark.fault("F-65", "F-62", "F-63", "F-64", "F-66", "F-67")
@pytest.mark.parametrize("story", NEWS)
def test_every_order_of_arrival_ends_alike(story: str) -> None:
    news = NEWS[story]
    expected = end_of(news)

    for arrival in permutations(news):
        assert end_of(arrival) == expected, arrival
