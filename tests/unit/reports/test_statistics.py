"""Statistics by route: each order counts once, and few orders say so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.reports.statistics import (
    Spread,
    describe,
    orders_to_tell_apart,
    percentile,
    summarise_routes,
    t_975,
)
from tests.unit.reports.builders import (
    a_closed_order,
    a_decision,
    a_measurement,
    a_result,
    a_ticket,
)


def test_routes_stand_in_the_order_of_the_table_and_all_comes_last() -> None:
    tickets = [a_ticket(order_id=name, route=name) for name in ("default", "odd", "urgent")]

    summaries = summarise_routes(a_result(*map(a_closed_order, tickets)))

    assert [row.route for row in summaries] == ["urgent", "default", "odd", "all"]
    assert [row.orders for row in summaries] == [1, 1, 1, 3]


def test_an_empty_run_has_one_empty_line() -> None:
    (everything,) = summarise_routes(a_result(a_decision(outcome="REFUSED", reason="NO_EDGE")))

    assert everything.orders == 0
    assert everything.filled_share is None
    assert everything.weighted_arrival_bps is None
    assert everything.slippage == Spread(n=0)


def test_carried_quantity_counts_once_in_the_filled_share() -> None:
    parent = a_decision(quantity=100_000_000, order_id="trend/s1")
    left = a_ticket(order_id="trend/s1#1", quantity=60_000_000)
    taken_over = a_ticket(order_id="trend/s1#2", quantity=80_000_000)

    summaries = summarise_routes(
        a_result(
            parent,
            a_closed_order(left, filled=20_000_000, status="CANCELLED"),
            a_closed_order(taken_over, filled=80_000_000),
        )
    )

    assert summaries[0].orders == 2
    assert summaries[0].filled_share == 1.0


def test_without_its_decision_an_order_asked_for_its_own_quantity() -> None:
    (summary, _) = summarise_routes(a_result(a_closed_order(filled=25_000_000)))

    assert summary.filled_share == 0.25


def test_a_parent_that_was_only_sliced_is_not_an_order_of_its_own() -> None:
    parent = a_closed_order(a_ticket(order_id="p", parent_id="p"))
    child = a_closed_order(a_ticket(order_id="p#1", parent_id="p"))

    (summary, _) = summarise_routes(
        a_result(
            parent,
            child,
            a_measurement(order_id="p", parent_id="p"),
            a_measurement(order_id="p#1", parent_id="p"),
        )
    )

    assert summary.orders == 1
    assert summary.slippage.n == 1


def test_the_weighted_cost_follows_the_money() -> None:
    cheap = a_measurement(order_id="a", filled=10**6, value=10**6 * 15_000_000_000)
    dear = a_measurement(order_id="b", filled=3 * 10**6, value=3 * 10**6 * 15_015_000_000)

    (summary, _) = summarise_routes(a_result(cheap, dear))

    assert summary.arrival.mean == pytest.approx(5)
    assert summary.weighted_arrival_bps == pytest.approx(7.5, abs=0.01)


def test_without_a_signal_price_there_is_no_arrival_cost() -> None:
    (summary, _) = summarise_routes(a_result(a_measurement(signal_price=None)))

    assert summary.arrival.n == 0
    assert summary.slippage.n == 1


def test_one_value_has_no_interval() -> None:
    spread = describe([3.0])

    assert (spread.n, spread.mean, spread.low, spread.sd) == (1, 3.0, None, None)


def test_the_interval_is_students() -> None:
    spread = describe([1.0, 2.0, 3.0, 4.0, 5.0])

    # mean 3, sd 1.5811, standard error 0.7071, t(4) 2.7764
    assert spread.low == pytest.approx(3 - 1.9632, abs=1e-4)
    assert spread.high == pytest.approx(3 + 1.9632, abs=1e-4)


@pytest.mark.parametrize(
    ("degrees", "point"),
    [(1, 12.7062), (30, 2.0423), (31, 2.0395), (40, 2.0211), (60, 2.0003), (120, 1.9799)],
)
def test_students_t_is_that_of_the_tables(degrees: int, point: float) -> None:
    assert t_975(degrees) == pytest.approx(point, abs=1e-4)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(min_value=0, max_value=1))
def test_percentiles_are_numpys_default(values: list[float], share: float) -> None:
    expected = float(np.percentile(values, share * 100))

    assert percentile(values, share) == pytest.approx(expected, abs=1e-3)


def test_telling_routes_apart_takes_thousands_of_orders() -> None:
    assert orders_to_tell_apart(20, 1) == 6280
