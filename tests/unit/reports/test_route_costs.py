"""Execution cost by route: the parts add up, and what is not known counts for nothing."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fillpath.core.costs import OrderCostRow
from fillpath.core.models import OrderSide
from fillpath.reports.route_costs import route_costs


def a_row(**fields: Any) -> OrderCostRow:
    row: dict[str, Any] = {
        "quantity": Decimal(100),
        "order_id": "o",
        "symbol": "IBM",
        "side": OrderSide.BUY,
        "route": "urgent",
        "notional": Decimal(10_000),
        "execution": Decimal(5),
        "quoted_spread_bps": Decimal(4),
        "fees": Decimal(1),
        "released_at": datetime(2026, 3, 2, tzinfo=UTC),
    }
    return OrderCostRow(**(row | fields))


def test_slippage_is_half_the_spread_and_the_rest() -> None:
    (urgent, total) = route_costs([a_row()])

    assert [urgent.slippage, urgent.spread, urgent.impact] == [Decimal(5), Decimal(2), Decimal(3)]
    assert urgent.bps(urgent.slippage) == 5
    assert urgent.fees_bps == 1
    assert total.route == "all"


def test_an_order_without_a_quote_counts_for_its_fees_only() -> None:
    (urgent, _) = route_costs([a_row(), a_row(execution=None)])

    assert (urgent.orders, urgent.known) == (2, 1)
    assert [urgent.slippage, urgent.fees] == [Decimal(5), Decimal(2)]


def test_a_sliced_parent_counts_as_its_slices() -> None:
    rows = [a_row(route="twap", slices=2), a_row(route="twap"), a_row(route="twap")]

    (twap, _) = route_costs(rows)

    assert twap.orders == 2
    assert twap.slippage == Decimal(10)


def test_nothing_traded_costs_nothing_that_can_be_said() -> None:
    (total,) = route_costs([])

    assert total.bps(total.slippage) is None
    assert total.fees_bps is None
