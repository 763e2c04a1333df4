"""What the orders of a replay cost, from the recording itself."""

from decimal import Decimal

import numpy as np

from fillpath.backtest.costs import costs_of, line_of
from fillpath.core.units import NANOSECONDS, PRICE_SCALE
from fillpath.reports.result import PriceSeries
from tests.unit.reports.builders import (
    OPEN,
    a_closed_order,
    a_decision,
    a_fill,
    a_measurement,
    a_result,
    a_ticket,
)

CENT = PRICE_SCALE // 100


def a_series(seconds: int = 600, bid: int = 14_999) -> PriceSeries:
    """Return a market that stands still at 149.99 / 150.01, one row a second."""
    bids = np.full(seconds, bid * CENT)
    return PriceSeries(ts=OPEN + np.arange(seconds) * NANOSECONDS, bid=bids, ask=bids + 2 * CENT)


def test_a_run_is_measured_by_its_own_recording() -> None:
    result = a_result(
        a_decision(), a_closed_order(), a_fill(), a_measurement(), prices={"IBM": a_series()}
    )

    (row,) = costs_of(result)

    assert row.order_id == result.orders[0].order_id
    assert (row.filled_quantity > 0, row.markout_300s_bps is not None) == (True, True)
    assert row.due_at is None


def test_slices_are_told_with_their_parent() -> None:
    children = [
        a_closed_order(a_ticket(order_id=f"trend/s1#{n}", parent_id="trend/s1")) for n in (1, 2)
    ]

    rows = costs_of(a_result(a_decision(order_id="trend/s1"), *children))

    assert [row.order_id for row in rows] == ["trend/s1", "trend/s1#1", "trend/s1#2"]


def test_without_a_recording_of_its_symbol_nothing_of_the_market_is_known() -> None:
    (row,) = costs_of(a_result(a_closed_order(), a_fill(), a_decision(order_id="")))

    assert (row.submit_price, row.markout_1s_bps) == (None, None)


def test_a_recorded_quote_stands_until_the_next_but_not_over_a_night() -> None:
    line = line_of(a_series(2))
    night = OPEN + 12 * 3_600 * NANOSECONDS

    assert line.mid_at(OPEN + NANOSECONDS) == Decimal(150)
    assert line.mid_at(night) is None


def test_an_empty_recording_knows_nothing() -> None:
    nothing = np.array([], dtype=np.int64)

    assert line_of(PriceSeries(ts=nothing, bid=nothing, ask=nothing)).mid_at(0) is None
