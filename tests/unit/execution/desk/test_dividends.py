"""A dividend is cash for what was held: once, and neither a gain nor a loss of the day."""

import pytest

from fillpath.core.events import AccountValued, DividendPaid
from fillpath.core.units import NANOSECONDS
from fillpath.execution.projecting import Projector
from fillpath.risk.watching import MARKS_NS
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.filled import filled
from tests.unit.execution.desk.scene import money, price, shares


@pytest.mark.parametrize("held", [100, -100])
def test_it_is_paid_for_each_share_and_by_each_share_sold_short(held: int) -> None:
    scene = filled()
    before = scene.desk.state.book.cash

    answer = scene.tell(DividendPaid(scene.at, SYMBOL, shares(held), price("0.5"), "2026-03-03"))

    assert scene.desk.state.book.cash - before == money(held // 2)
    assert answer == []


def test_told_twice_it_is_paid_once() -> None:
    scene = filled()
    paid = DividendPaid(scene.at, SYMBOL, shares(100), price("0.5"), "2026-03-03")
    scene.tell(paid)
    before = scene.desk.state.book.cash

    scene.tell(paid)
    scene.tell(DividendPaid(scene.at, SYMBOL, shares(100), price("0.5"), "2026-03-02"))

    assert scene.desk.state.book.cash == before


def test_breakers_wait_until_the_price_knows_of_it() -> None:
    scene = filled()
    scene.tell(AccountValued(scene.at, money(15_000), 0))
    peak = scene.desk.state.risk.watched.marks.peak
    at = scene.at
    scene.tell(DividendPaid(at, SYMBOL, shares(100), price("7.5"), "2026-03-03"))

    scene.tell(AccountValued(at + NANOSECONDS, money(15_000), 0))
    too_early = scene.desk.state.risk.watched.marks.peak
    scene.tell(AccountValued(at + MARKS_NS, money(14_250), 0))

    assert too_early == scene.desk.state.risk.watched.marks.peak == peak


def test_the_account_is_shown_anew() -> None:
    scene = filled()
    projector = Projector(scene.desk.policy)
    scene.tell(DividendPaid(scene.at, SYMBOL, shares(100), price("0.5"), "2026-03-03"))

    rows = [projector.take(number, event) for number, event in enumerate(scene.events)]

    assert [type(one.row).__name__ for one in rows[-1]] == ["SnapshotRow"]
