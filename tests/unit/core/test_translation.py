"""The public order behind a ticket carries everything, under the specified names."""

from decimal import Decimal

import pytest

from fillpath.core.commands import FillBooked
from fillpath.core.errors import ModelError
from fillpath.core.models import Fill, OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.core.translation import filled_by, optional_price, order_from, ticket_metadata
from fillpath.core.units import price_units
from fillpath.testing.builders import START, START_NS, a_fill, a_ticket

WHOLE = {"order_id": "trend/sig-1", "parent_id": "trend/sig-1"}
SLICE = {"slice_number": 2, "slice_count": 5, "interval_seconds": 60}


def test_an_order_is_its_ticket_in_decimals() -> None:
    ticket = a_ticket(
        quantity="33.5",
        order_type=OrderType.LIMIT,
        limit=price_units(Decimal("150.01")),
        stop=price_units(Decimal(147)),
        **WHOLE,
    )

    order = order_from(ticket, START_NS)

    assert (order.symbol, order.side, order.quantity) == ("AAPL", OrderSide.BUY, Decimal("33.5"))
    assert (order.order_type, order.limit_price) == (OrderType.LIMIT, Decimal("150.01"))
    assert (order.stop_price, order.time_in_force) == (Decimal(147), TimeInForce.DAY)
    assert (order.order_id, order.parent_order_id) == ("trend/sig-1", None)
    assert (order.strategy_name, order.created_at) == ("trend", START)
    assert order.status is OrderStatus.PENDING


def test_a_slice_names_its_parent() -> None:
    order = order_from(a_ticket(**SLICE), START_NS)

    assert (order.order_id, order.parent_order_id) == ("trend/sig-1#1", "trend/sig-1")


def test_the_metadata_carries_what_is_specified() -> None:
    metadata = ticket_metadata(a_ticket(kelly=32_500_000, route_reason="why", **WHOLE))

    assert metadata == {
        "signal_id": "sig-1",
        "signal_strength": Decimal("0.75"),
        "strategy_name": "trend",
        "signal_timestamp": START,
        "signal_price": Decimal(150),
        "kelly_fraction": Decimal("0.325"),
        "sizing": {"bound": "half_kelly"},
        "route": "default",
        "route_reason": "why",
    }


def test_what_is_unknown_is_none() -> None:
    metadata = ticket_metadata(a_ticket(signal_price=None, kelly=None))

    assert metadata["signal_price"] is None
    assert metadata["kelly_fraction"] is None


def test_a_protected_order_says_so() -> None:
    assert ticket_metadata(a_ticket(protected=True))["protected"] is True
    assert "protected" not in ticket_metadata(a_ticket())


def test_the_metadata_of_a_slice_tells_which_of_how_many() -> None:
    metadata = ticket_metadata(a_ticket(**SLICE))

    assert metadata["twap_slice"] == 2
    assert metadata["twap_total_slices"] == 5
    assert metadata["twap_interval_seconds"] == 60
    assert metadata["parent_order_id"] == "trend/sig-1"


def test_an_order_sent_whole_has_no_slices() -> None:
    assert not {key for key in ticket_metadata(a_ticket()) if key.startswith("twap")}


def test_a_price_may_be_missing() -> None:
    assert optional_price(None) is None
    assert optional_price(15_001_000_000) == Decimal("150.01")


@pytest.mark.parametrize(
    "fill",
    [
        pytest.param(a_fill("33.5", "150.01", commission="1.25"), id="whole"),
        pytest.param(a_fill(parent_order_id="trend/sig-1", simulated=False), id="a slice"),
        pytest.param(a_fill(side=OrderSide.SELL, commission="-0.1"), id="a sale with a rebate"),
    ],
)
def test_a_fill_comes_back_as_the_broker_reported_it(fill: Fill) -> None:
    fact = filled_by(START_NS + 5, fill)

    assert fact.at == START_NS + 5
    assert fact.fill == FillBooked(fact.at, fact).fill == fill


@pytest.mark.parametrize(
    "changes", [{"price": "150.012345678"}, {"commission": "0.000000000000001"}], ids=str
)
def test_a_fill_that_is_finer_than_our_units_is_refused_at_the_edge(
    changes: dict[str, str],
) -> None:
    with pytest.raises(ModelError, match="may have at most"):
        filled_by(START_NS, a_fill(**changes))
