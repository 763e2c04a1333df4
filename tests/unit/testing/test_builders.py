"""Builders: valid values that take what the test is about."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from msgspec import Struct

from fillpath.core.models import OrderSide, OrderType
from fillpath.core.translation import order_from
from fillpath.core.units import price_units
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.testing.builders import (
    START,
    START_NS,
    a_fill,
    a_portfolio,
    a_position,
    a_quote,
    a_signal,
    a_ticket,
    a_view,
    an_order,
)

BUILDERS = (a_signal, a_quote, a_view, an_order, a_fill, a_position, a_portfolio, a_ticket)


@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
def test_the_same_call_builds_the_same_value(build: Callable[[], Struct]) -> None:
    assert build() == build()


def test_a_change_is_taken() -> None:
    assert a_signal(symbol="MSFT").symbol == "MSFT"
    assert a_quote(bid_size=5).bid_size == 5
    assert a_view(adv=None).adv is None
    assert an_order(OrderSide.SELL, 7).quantity == 7
    assert a_fill(7, 100).price == 100
    assert a_position(7, symbol="IBM").quantity == 7
    assert a_portfolio(1, 2).total_equity == 2
    assert a_ticket(7, route="urgent").route == "urgent"


def test_metadata_of_a_signal_is_added_and_taken_away() -> None:
    metadata = a_signal(metadata={"n_trades": 50, "signal_price": None}).metadata

    assert set(metadata) == {"win_rate", "avg_win_pct", "avg_loss_pct", "n_trades"}


def test_an_order_with_a_limit_is_a_limit_order() -> None:
    assert an_order(limit_price=Decimal(150)).order_type is OrderType.LIMIT
    assert an_order(order_type=OrderType.STOP, stop_price=140).order_type is OrderType.STOP
    assert an_order().order_type is OrderType.MARKET


def test_the_view_is_the_quote() -> None:
    feed = MemoryFeed()
    feed.set_adv("AAPL", 1_000_000)

    feed.set_quote(a_quote())

    assert feed.view("AAPL") == a_view()
    assert a_view(None, "1.5").ask == price_units(Decimal("1.5"))
    assert a_view("1.5", None).ask is None


def test_the_ticket_is_an_order_for_the_signal() -> None:
    order = order_from(a_ticket(), START_NS)

    assert (order.symbol, order.quantity, order.created_at) == ("AAPL", Decimal(100), START)
    assert order.metadata["signal_id"] == a_signal().signal_id
