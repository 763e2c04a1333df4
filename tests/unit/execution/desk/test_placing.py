"""What is put before the checks, and what becomes of their answer, to the unit."""

import pytest

from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, RiskAction
from fillpath.execution.desk.placing import far_touch, first_reason, momentary, total_equity
from fillpath.execution.desk.state import Book, DeskState
from fillpath.risk.checks.rates import ORDER_RATE
from fillpath.risk.verdicts import Objection, Verdict

LOT = 10
CUT = Objection("CASH", "cut", 0, 0, LOT)
WHOLE = Objection("SECTOR_CAP", "whole", 0, 0, 0)
QUESTION = Objection("HUMAN_APPROVAL", "asked", 0, 0, 0, asks=True)


def verdict(*objections: Objection) -> Verdict:
    return Verdict(RiskAction.REJECT, 0, objections)


def test_equity_is_cash_and_longs_less_shorts() -> None:
    state = DeskState(book=Book(cash=100))

    assert total_equity(state, MarketView(long_value=30, short_value=20)) == 110


@pytest.mark.parametrize(("side", "touch"), [(OrderSide.BUY, 3), (OrderSide.SELL, 2)])
def test_the_far_touch_is_the_other_side_of_the_quote(side: OrderSide, touch: int) -> None:
    assert far_touch(side, MarketView(bid=2, ask=3)) == touch


@pytest.mark.parametrize(
    ("told", "code"),
    [
        pytest.param((CUT, WHOLE), "SECTOR_CAP", id="what cuts it whole"),
        pytest.param((QUESTION, WHOLE), "SECTOR_CAP", id="not what only asks"),
        pytest.param((CUT, QUESTION), "CASH", id="else the first"),
        pytest.param(
            (Objection("CASH", "one unit is left", 0, 0, 1), WHOLE), "SECTOR_CAP", id="a unit"
        ),
        pytest.param((Objection("CASH", "none is left", 0, 0, -1), WHOLE), "CASH", id="below none"),
    ],
)
def test_the_first_reason_is_the_one_that_cuts_an_order_whole(
    told: tuple[Objection, ...], code: str
) -> None:
    assert first_reason(verdict(*told)).code == code


@pytest.mark.parametrize(
    ("told", "passes"),
    [
        pytest.param((CUT,), True, id="a lot is left"),
        pytest.param((Objection("CASH", "less", 0, 0, LOT - 1),), False, id="less than a lot"),
        pytest.param((Objection(ORDER_RATE, "too fast", 0, 0, 0), CUT), True, id="too fast now"),
        pytest.param((Objection(ORDER_RATE, "too fast", 0, 0, 0), WHOLE), False, id="and more"),
    ],
)
def test_only_what_ends_by_itself_is_waited_for(
    told: tuple[Objection, ...], *, passes: bool
) -> None:
    assert momentary(verdict(*told), LOT) is passes
