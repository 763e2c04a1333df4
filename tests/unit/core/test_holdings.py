"""What is held, at average cost, exact to the last unit."""

from typing import NamedTuple

import pytest

from fillpath.core.holdings import Holding


class Trade(NamedTuple):
    """A position, a trade, and what is left: quantity, cost, realised."""

    before: tuple[int, int]
    quantity: int
    price: int
    after: tuple[int, int, int]


TRADES = [
    pytest.param(Trade((0, 0), 100, 5, (100, 500, 0)), id="open a long"),
    pytest.param(Trade((0, 0), -100, 5, (-100, -500, 0)), id="open a short"),
    pytest.param(Trade((100, 500), 50, 8, (150, 900, 0)), id="add to a long"),
    pytest.param(Trade((-100, -500), -50, 8, (-150, -900, 0)), id="add to a short"),
    pytest.param(Trade((100, 500), -40, 8, (60, 300, 120)), id="sell a part with profit"),
    pytest.param(Trade((-100, -500), 40, 8, (-60, -300, -120)), id="cover a part with loss"),
    pytest.param(Trade((100, 500), -100, 4, (0, 0, -100)), id="close a long with loss"),
    pytest.param(Trade((-100, -500), 100, 4, (0, 0, 100)), id="close a short with profit"),
    pytest.param(Trade((100, 500), -130, 6, (-30, -180, 100)), id="turn a long over"),
    pytest.param(Trade((-100, -500), 130, 6, (30, 180, -100)), id="turn a short over"),
]


@pytest.mark.parametrize("trade", TRADES)
def test_a_trade_moves_position_cost_and_profit(trade: Trade) -> None:
    holding = Holding(*trade.before)

    holding.trade(trade.quantity, trade.price)

    assert (holding.quantity, holding.cost, holding.realized) == trade.after


def test_cost_that_does_not_divide_is_never_lost() -> None:
    """Three for 100: what is taken off and what stays add up, whatever the rounding."""
    holding = Holding(3, 100)

    holding.trade(-1, 50)
    holding.trade(-1, 50)
    holding.trade(-1, 50)

    assert (holding.quantity, holding.cost) == (0, 0)
    assert holding.realized == 150 - 100


def test_a_trade_leaves_the_stop_where_it_is() -> None:
    holding = Holding(100, 500, stop=4)

    holding.trade(-50, 6)

    assert holding.stop == 4


@pytest.mark.parametrize(
    ("new", "old", "quantity", "lost"),
    [
        pytest.param(7, 1, 700, 0, id="seven for one"),
        pytest.param(1, 20, 5, 0, id="one for twenty"),
        pytest.param(1, 3, 33, 1, id="a remainder"),
    ],
)
def test_a_split_multiplies_the_quantity_and_keeps_the_cost(
    new: int, old: int, quantity: int, lost: int
) -> None:
    holding = Holding(100, 500)

    assert holding.split(new, old) == lost
    assert (holding.quantity, holding.cost, holding.stop) == (quantity, 500, None)


def test_a_split_divides_the_stop() -> None:
    holding = Holding(100, 500, stop=4_200)

    holding.split(7, 1)

    assert holding.stop == 600
