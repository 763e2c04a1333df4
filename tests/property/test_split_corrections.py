"""Whenever a correction comes, before or after splits, the books end up the same."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.events import AccountOpened, FillCorrected, OrderFilled, SplitApplied
from fillpath.core.models import OrderSide
from fillpath.execution.desk import Desk
from fillpath.execution.desk.state import Book
from fillpath.execution.policy import DeskPolicy
from tests.unit.execution.desk.scene import money, price, shares

AT: Final = 1_700_000_000 * 10**9
SYMBOL: Final = "AAPL"
WHOLE: Final = 1_260
"""Shares that every split of these divides."""

Made = tuple[int, int, int | None, tuple[int, int] | None]
"""Lots bought, cents paid, lots after the correction, the split after it."""

executions: Final = st.lists(
    st.tuples(
        st.integers(-3, 3).filter(bool),
        st.integers(1_000, 2_000),
        st.none() | st.integers(0, 3),
        st.sampled_from([None, None, (2, 1), (7, 1), (1, 2), (3, 2)]),
    ),
    min_size=1,
    max_size=6,
)


def fill_of(number: int, made: Made) -> OrderFilled:
    side = OrderSide.BUY if made[0] > 0 else OrderSide.SELL
    at, paid = AT + number * 10, price(made[1]) // 100
    quantity = abs(made[0]) * shares(WHOLE)
    return OrderFilled(at, f"o{number}", f"x{number}", SYMBOL, side, quantity, paid, at, 0)


def correction_of(number: int, made: Made) -> list[FillCorrected]:
    if made[2] is None:
        return []
    quantity, paid = made[2] * shares(WHOLE), price(made[1] + 1) // 100
    at = AT + number * 10 + 1
    return [FillCorrected(at, f"o{number}", f"x{number}", 1, quantity, paid, 0, "corrected")]


def books(every: list[Made], *, late: bool) -> Book:
    """Return the book where corrections came at once, or after everything else."""
    desk = Desk(DeskPolicy())
    desk.step(AccountOpened(AT, "SIM", money(10**9)))
    waiting = []
    for number, made in enumerate(every):
        desk.step(fill_of(number, made))
        for news in correction_of(number, made):
            if late:
                waiting.append(news)
            else:
                desk.step(news)
        if made[3] is not None:
            desk.step(SplitApplied(AT + number * 10 + 5, SYMBOL, *made[3]))
    for news in waiting:
        desk.step(news)
    return desk.state.book


@given(every=executions)
def test_a_correction_may_come_before_or_after_the_splits(every: list[Made]) -> None:
    early, late = books(every, late=False), books(every, late=True)

    assert late == early
