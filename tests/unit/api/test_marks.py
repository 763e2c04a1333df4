"""Positions at the newest prices."""

from decimal import Decimal

from fillpath.api import standing
from fillpath.api.standing import Heard
from fillpath.core.listings import Mark
from fillpath.testing.builders import START
from fillpath.testing.rows import a_position_row

D = Decimal
NOBODY = Heard(status=None, reachable=False)


def test_a_position_is_marked_only_where_a_price_is_known() -> None:
    held = a_position_row(
        symbol="AAPL", quantity=D(-10), average_price=D(150), market_price=None, market_value=None
    )
    unknown = a_position_row(symbol="XYZ", quantity=D(5), market_price=None)
    marked = a_position_row(symbol="MSFT", market_price=D(7))
    marks = {"AAPL": Mark(D("148.5"), START), "MSFT": Mark(D(1), START)}

    told = standing.portfolio(NOBODY, [held, unknown, marked], marks, None, 8)

    short, same, kept = (one.position for one in told.positions)
    assert (short.market_price, short.market_value) == (D("148.5"), D("-1485.0"))
    assert short.unrealized_pnl == D(15), "a short gains when the price falls"
    assert (same, kept) == (unknown, marked)
    assert [one.marked_at for one in told.positions] == [START, None, None]


def test_every_amount_says_its_currency() -> None:
    assert standing.portfolio(NOBODY, [], {}, None, 8).currency == "USD"
