"""Optimal schedules, by the figures of the published examples."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ModelError
from fillpath.execution.trajectories import (
    Liquidation,
    almgren_chriss,
    obizhaeva_wang,
    obizhaeva_wang_limit,
)


def the_example(aversion: str, steps: int = 5, temporary: str = "2.5e-6") -> Liquidation:
    return Liquidation(
        shares=Decimal(1_000_000),
        days=Decimal(5),
        steps=steps,
        volatility=Decimal("0.95"),
        permanent=Decimal("2.5e-7"),
        temporary=Decimal(temporary),
        fixed=Decimal("0.0625"),
        aversion=Decimal(aversion),
    )


@pytest.mark.parametrize(
    ("aversion", "urgency", "holdings", "cost", "deviation"),
    [
        ("0", 0.0, (800_000, 600_000, 400_000, 200_000), 662_500, 1_040_673),
        ("1e-6", 0.607076, (541_956, 289_854, 147_897, 62_142), 911_227, 603_431),
        ("2e-6", 0.846297, (428_599, 182_933, 76_296, 27_643), 1_140_715, 449_368),
        ("-2e-7", 0.276562, (910_056, 750_949, 534_769, 277_946), 717_958, 1_258_654),
    ],
)
def test_the_schedule_is_that_of_the_published_example(
    aversion: str, urgency: float, holdings: tuple[int, ...], cost: int, deviation: int
) -> None:
    found = almgren_chriss(the_example(aversion))

    assert round(found.urgency, 6) == urgency
    assert tuple(round(held) for held in found.holdings) == (1_000_000, *holdings, 0)
    assert round(found.cost) == cost
    assert round(found.variance.sqrt()) == deviation


def test_selling_at_once_costs_most_and_risks_nothing() -> None:
    found = almgren_chriss(
        Liquidation(
            shares=Decimal(1_000_000),
            days=Decimal(1),
            steps=1,
            volatility=Decimal("0.95"),
            permanent=Decimal("2.5e-7"),
            temporary=Decimal("2.5e-6"),
            fixed=Decimal("0.0625"),
            aversion=Decimal("1e-6"),
        )
    )

    assert found.cost == 2_562_500
    assert found.variance == 0


def _objective(order: Liquidation, holdings: tuple[Decimal, ...]) -> Decimal:
    step = order.days / order.steps
    trades = [a - b for a, b in pairwise(holdings)]
    slope = order.temporary - order.permanent * step / 2
    cost = order.fixed * sum(map(abs, trades)) + slope / step * sum(n * n for n in trades)
    return cost + order.aversion * order.volatility**2 * step * sum(x * x for x in holdings[1:])


@given(st.lists(st.integers(-20_000, 20_000), min_size=4, max_size=4))
def test_no_other_schedule_is_better(moves: list[int]) -> None:
    order = the_example("1e-6")
    best = almgren_chriss(order).holdings
    other = (best[0], *(x + move for x, move in zip(best[1:-1], moves, strict=True)), best[-1])

    better = _objective(order, best) - _objective(order, other)

    assert better < Decimal("1e-6")


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (the_example("1e-6", steps=0), "steps must be 1 or more, got 0"),
        (the_example("1e-6", temporary="1e-7"), "temporary must be above permanent times half"),
        (the_example("-1e-5"), "aversion must not be so far below 0, got -0.00001"),
    ],
)
def test_what_has_no_schedule_is_refused(order: Liquidation, text: str) -> None:
    with pytest.raises(ModelError, match=text):
        almgren_chriss(order)


def test_a_book_that_fills_again_is_best_met_with_two_blocks_and_even_trades() -> None:
    sizes = obizhaeva_wang(Decimal(1_000), Decimal(5), 11)

    first, middle, last = sizes[0], sizes[1:-1], sizes[-1]
    kept = (Decimal(-5) / 10).exp()
    assert first == last
    assert len(set(middle)) == 1
    assert abs(sum(sizes, Decimal(0)) - 1_000) < Decimal("1e-20")
    assert abs(middle[0] / first - (1 - kept)) < Decimal("1e-20")


def test_the_sizes_solve_the_linear_system_of_the_model() -> None:
    sizes = obizhaeva_wang(Decimal(1_000), Decimal(5), 6)
    kept = (Decimal(-5) / 5).exp()

    rows = [
        sum((kept ** abs(row - n) * size for n, size in enumerate(sizes)), Decimal(0))
        for row in range(6)
    ]

    assert max(rows) - min(rows) < Decimal("1e-20")


def test_ever_more_trades_come_to_the_continuous_solution() -> None:
    block, between = obizhaeva_wang_limit(Decimal(1_000), Decimal(5))

    sizes = obizhaeva_wang(Decimal(1_000), Decimal(5), 100_001)

    assert 2 * block + between == 1_000
    assert abs(sizes[0] - block) < Decimal("0.01")


def test_two_trades_are_two_halves() -> None:
    assert list(obizhaeva_wang(Decimal(10), Decimal(5), 2)) == [5, 5]


def test_a_schedule_of_one_trade_or_no_recovery_is_refused() -> None:
    with pytest.raises(ModelError, match="trades must be 2 or more, got 1"):
        obizhaeva_wang(Decimal(10), Decimal(5), 1)
    with pytest.raises(ModelError, match="recovery must be above 0, got 0"):
        obizhaeva_wang_limit(Decimal(10), Decimal(0))
