"""What statistics are worth, and when nothing may be sized by them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from fillpath.app_own_trades import judged
from fillpath.core.models import OrderSide
from fillpath.strategy.own_trades import OwnTrades
from fillpath.testing.builders import START
from fillpath.testing.rows import a_fill_row


def earned(*exits: int) -> OwnTrades:
    """Return trades that were all entered at 100 and left at these prices."""
    own = OwnTrades("trend")
    for number, price in enumerate(exits):
        for side, at in ((OrderSide.BUY, 100), (OrderSide.SELL, price)):
            own.take(
                a_fill_row(
                    fill_id=f"{number}-{side}",
                    side=side,
                    quantity=Decimal(1),
                    price=Decimal(at),
                    ts=START + timedelta(minutes=2 * number + (side is OrderSide.SELL)),
                    commission=Decimal(0),
                    strategy_name="trend",
                )
            )
    return own


@pytest.mark.parametrize(
    ("exits", "why_not"),
    [
        ((102,) * 11, "not enough trades: 11 of 12"),
        ((102,) * 12, "there must be winners and losers, and all trades are of one kind"),
        ((101, 99) * 6, "there is no edge: the Kelly fraction is 0.0000"),
        ((102, 99) * 6, ""),
    ],
)
def test_nothing_is_sized_without_enough_trades_and_an_edge(
    exits: tuple[int, ...], why_not: str
) -> None:
    assert judged("SIM", earned(*exits), 12).why_not == why_not


def test_a_losing_record_deserves_nothing() -> None:
    found = judged("SIM", earned(*(101, 98) * 6), 12)

    assert found.kelly == Decimal("-0.5000")
    assert (found.half_kelly, found.shrunk_kelly) == (Decimal(0), Decimal(0))
