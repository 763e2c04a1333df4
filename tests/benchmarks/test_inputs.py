"""The shared work is the same for everybody, every time."""

from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import inputs
from benchmarks.inputs import InputPlan
from benchmarks.workers import contract

PLANS = [
    pytest.param(InputPlan(orders=57), id="one order in ten quotes"),
    pytest.param(InputPlan(orders=57, gap=1), id="one order with every quote"),
    pytest.param(InputPlan(orders=0, tail=40), id="no orders"),
]


@pytest.mark.parametrize("plan", PLANS)
def test_the_same_plan_gives_the_same_columns(plan: InputPlan) -> None:
    assert inputs.build(plan) == inputs.build(plan)


@pytest.mark.parametrize("plan", PLANS)
def test_orders_go_round_the_symbols_and_forward_in_time(plan: InputPlan) -> None:
    columns = inputs.build(plan)

    rows = list(columns.order_row)
    assert [columns.symbol[row] for row in rows] == [order % 10 for order in range(plan.orders)]
    assert rows == sorted(set(rows))
    assert all(row < plan.quotes for row in rows)


def test_every_late_fill_still_finds_a_quote_of_its_symbol() -> None:
    columns = inputs.build(InputPlan(orders=57))

    last = columns.order_row[-1]
    assert set(columns.symbol[last + 1 :]) == set(range(10))


def test_a_round_trip_ends_flat_in_every_symbol() -> None:
    columns = inputs.build(InputPlan(orders=40, sells=True))

    held = [0] * 10
    for row, side in zip(columns.order_row, columns.order_side, strict=True):
        held[columns.symbol[row]] += side
    assert held == [0] * 10


def test_positions_only_grow_when_nothing_is_sold() -> None:
    assert set(inputs.build(InputPlan(orders=40)).order_side) == {1}


def test_prices_walk_by_a_cent_at_most_and_stay_apart_by_the_spread() -> None:
    columns = inputs.build(InputPlan(orders=0, tail=1_000))

    first = columns.bid_cents[0::10]
    steps = {after - before for before, after in pairwise(first)}
    assert steps == {-1, 0, 1}
    gaps = {ask - bid for bid, ask in zip(columns.bid_cents, columns.ask_cents, strict=True)}
    assert gaps == {inputs.SPREAD_CENTS}


def test_a_climb_never_reaches_a_passive_buy() -> None:
    columns = inputs.build(InputPlan(orders=0, tail=1_000, climbs=True))

    one = list(columns.ask_cents[0::10])
    assert one == sorted(one)
    assert min(one) > columns.bid_cents[0]


def test_a_walk_stops_at_half_of_its_start() -> None:
    bids = inputs.bid_cents(60_000, (-1,))

    assert min(bids) == inputs.LOWEST_BID_CENTS


def test_a_worker_reads_what_the_runner_wrote(tmp_path: Path) -> None:
    columns = inputs.write(InputPlan(orders=3, sells=True), tmp_path / "held")

    read = contract.load(tmp_path / "held")
    assert read.symbols == list(inputs.SYMBOLS)
    assert read.displayed_size == inputs.DISPLAYED_SIZE
    assert {name: getattr(read, name) for name in contract.COLUMNS} == vars(columns)
    assert isinstance(read.ts, array)
