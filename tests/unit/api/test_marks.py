"""Positions at the newest prices."""

from decimal import Decimal

from fillpath.api import standing
from fillpath.testing.rows import a_position_row

D = Decimal


def test_a_position_is_marked_only_where_a_price_is_known() -> None:
    held = a_position_row(
        symbol="AAPL", quantity=D(-10), average_price=D(150), market_price=None, market_value=None
    )
    unknown = a_position_row(symbol="XYZ", quantity=D(5), market_price=None)
    marked = a_position_row(symbol="MSFT", market_price=D(7))

    short, same, kept = standing.marked([held, unknown, marked], {"AAPL": D("148.5"), "MSFT": D(1)})

    assert (short.market_price, short.market_value) == (D("148.5"), D("-1485.0"))
    assert short.unrealized_pnl == D(15), "a short gains when the price falls"
    assert (same, kept) == (unknown, marked)
