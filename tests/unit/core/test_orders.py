"""Orders and fills: exact, checked, and changed only into new ones."""

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.models import (
    ZERO,
    Certainty,
    Fill,
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from fillpath.testing.builders import START, a_fill, an_order


def test_an_order_needs_symbol_side_and_quantity_only() -> None:
    order = Order(symbol="AAPL", side=OrderSide.BUY, quantity=Decimal(100))

    assert (order.order_type, order.time_in_force) == (OrderType.MARKET, TimeInForce.DAY)
    assert (order.status, order.certainty) == (OrderStatus.PENDING, Certainty.CONFIRMED)
    assert (order.limit_is_hard, order.cancel_requested) == (True, False)
    assert (order.filled_quantity, order.average_fill_price) == (ZERO, None)
    assert (order.parent_order_id, order.broker_order_id, order.created_at) == (None, None, None)
    assert order.order_id.startswith("manual-")


def test_words_and_numbers_of_an_order_are_converted() -> None:
    zone = timezone(timedelta(hours=9))

    order = an_order(
        "SELL",  # type: ignore[arg-type]
        "33.5",
        order_type="STOP_LIMIT",
        limit_price=150.25,
        stop_price=150,
        time_in_force="GTC",
        status="PARTIALLY_FILLED",
        filled_quantity=3,
        average_fill_price="150.125",
        created_at=START.astimezone(zone),
    )

    assert (order.side, order.order_type) == (OrderSide.SELL, OrderType.STOP_LIMIT)
    assert (order.quantity, order.limit_price) == (Decimal("33.5"), Decimal("150.25"))
    assert (order.time_in_force, order.status) == (TimeInForce.GTC, OrderStatus.PARTIALLY_FILLED)
    assert (order.filled_quantity, order.average_fill_price) == (Decimal(3), Decimal("150.125"))
    assert order.created_at == START


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"symbol": "aapl"}, "symbol must be 1 to 21 characters"),
        ({"side": "HOLD"}, "side must be one of BUY, SELL, got 'HOLD'"),
        ({"quantity": 0}, "quantity must be above 0, got 0"),
        ({"quantity": -5}, "quantity must be above 0, got -5"),
        ({"quantity": Decimal("NaN")}, "quantity must be finite"),
        ({"quantity": True}, "quantity must be a number, got True"),
        ({"order_type": "ICEBERG"}, "order_type must be one of MARKET, LIMIT, STOP, STOP_LIMIT"),
        ({"time_in_force": "GTX"}, "time_in_force must be one of DAY, GTC, IOC, FOK, got 'GTX'"),
        ({"status": "LOST"}, "status must be one of PENDING, SUBMITTED"),
        ({"limit_price": 0}, "limit_price must be above 0, got 0"),
        ({"limit_price": Decimal(-1)}, "limit_price must be above 0"),
        ({"stop_price": "0"}, "stop_price must be above 0, got '0'"),
        ({"filled_quantity": -1}, "filled_quantity must be 0 or more, got -1"),
        ({"average_fill_price": 0}, "average_fill_price must be above 0, got 0"),
        ({"created_at": START.replace(tzinfo=None)}, "created_at must carry a time zone"),
        ({"created_at": "now"}, "created_at must be an aware datetime, got 'now'"),
    ],
)
def test_an_order_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        an_order(**changes)


def test_certainty_is_one_of_its_words() -> None:
    with pytest.raises(ModelError, match="certainty must be one of CONFIRMED, IN_DOUBT"):
        an_order(certainty="PERHAPS")


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("LIMIT", "limit_price"),
        ("STOP", "stop_price"),
        ("STOP_LIMIT", "limit_price"),
        ("STOP_LIMIT", "stop_price"),
    ],
)
def test_an_order_type_brings_its_prices(kind: str, missing: str) -> None:
    prices: dict[str, Any] = {"limit_price": 150, "stop_price": 149, missing: None}

    with pytest.raises(ModelError, match=f"{missing} must be given for a {kind} order, got None"):
        an_order(order_type=kind, **prices)


@pytest.mark.parametrize(
    ("kind", "prices"),
    [
        ("MARKET", {}),
        ("MARKET", {"stop_price": 147}),
        ("LIMIT", {"limit_price": 150}),
        ("LIMIT", {"limit_price": 150, "stop_price": 147}),
        ("STOP", {"stop_price": 147}),
        ("STOP_LIMIT", {"limit_price": 146, "stop_price": 147}),
    ],
)
def test_an_order_with_its_prices_is_built(kind: str, prices: dict[str, Any]) -> None:
    assert an_order(order_type=kind, **prices).order_type == kind


@pytest.mark.parametrize(("filled", "left"), [(0, 100), (40, 60), (100, 0), (110, 0)])
def test_what_remains_is_never_below_zero(filled: int, left: int) -> None:
    assert an_order(filled_quantity=filled).remaining_quantity == left


def test_a_change_is_a_new_order() -> None:
    order = an_order()

    changed = order.changed(status=OrderStatus.SUBMITTED, broker_order_id="B1")

    assert (changed.status, changed.broker_order_id) == (OrderStatus.SUBMITTED, "B1")
    assert (order.status, order.broker_order_id) == (OrderStatus.PENDING, None)
    assert changed.order_id == order.order_id


def test_a_change_is_checked_like_a_new_order() -> None:
    with pytest.raises(ModelError, match="quantity must be above 0"):
        an_order().changed(quantity=0)


def test_an_order_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        an_order().status = OrderStatus.FILLED  # type: ignore[misc]


# Fill.


def test_a_fill_needs_what_happened_only() -> None:
    fill = Fill(
        fill_id="x1",
        order_id="o1",
        symbol="AAPL",
        side=OrderSide.BUY,
        quantity=Decimal(5),
        price=Decimal(150),
        ts=START,
    )

    assert (fill.commission, fill.parent_order_id, fill.simulated) == (ZERO, None, False)


def test_words_and_numbers_of_a_fill_are_converted() -> None:
    zone = timezone(timedelta(hours=9))

    fill = a_fill("5.5", 150.25, side="SELL", commission=-0.1, ts=START.astimezone(zone))

    assert (fill.quantity, fill.price, fill.side) == (
        Decimal("5.5"),
        Decimal("150.25"),
        OrderSide.SELL,
    )
    assert (fill.commission, fill.ts) == (Decimal("-0.1"), START)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"symbol": ""}, "symbol must be 1 to 21 characters"),
        ({"side": "B"}, "side must be one of BUY, SELL, got 'B'"),
        ({"quantity": 0}, "quantity must be above 0, got 0"),
        ({"price": Decimal(0)}, "price must be above 0"),
        ({"price": None}, "price must be a number, got None"),
        ({"commission": Decimal("NaN")}, "commission must be finite"),
        ({"commission": "free"}, "commission must be a number, got 'free'"),
        ({"ts": START.replace(tzinfo=None)}, "ts must carry a time zone"),
        ({"ts": None}, "ts must be an aware datetime, got None"),
    ],
)
def test_a_fill_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        a_fill(**changes)
