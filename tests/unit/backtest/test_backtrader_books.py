"""What a Backtrader strategy believes of its orders is what the simulated broker has."""

from pathlib import Path
from typing import Any

import pytest

from fillpath.core.models import OrderStatus
from tests.unit.backtest.backtrader_samples import (
    ORDER,
    OURS,
    AnyOrders,
    by_both,
    ran,
    waves,
    write_days,
)

FLAT = [(100.0, 102.0, 98.0, 101.0)] * 5


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_sent_strategy_and_broker_agree(seed: int, tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", waves(25))

    result = ran(days, AnyOrders, OURS, cash=3_000, seed=seed).run

    own = AnyOrders.last
    held = {position.symbol: float(position.quantity) for position in result.positions}
    assert own.position.size == pytest.approx(held.get("ACME", 0))
    paid = sum(f.side.sign * f.price * f.quantity + f.commission for f in result.fills)
    assert result.cash == result.opening_cash - paid
    assert result.cash >= 0
    alive = sum(order.alive() for order in own.sent)
    standing = {OrderStatus.SUBMITTED, OrderStatus.PARTIALLY_FILLED}
    assert alive == sum(order.status in standing for order in result.orders)


def test_linked_orders_of_other_sizes_never_both_fill(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)

    def link(own: Any) -> None:
        first = own.buy(size=10, exectype=ORDER.Limit, price=99)
        own.buy(size=4, exectype=ORDER.Limit, price=99.5, oco=first)

    theirs, ours = by_both(days, {1: link})

    assert theirs.fills == [("BUY", 99, 10)]
    assert ours.fills == [("BUY", 99.5, 4)]
    for outcome in (theirs, ours):
        ends = {outcome.script.of_order(number)[-1] for number in (1, 2)}
        assert ends == {"Completed", "Canceled"}
