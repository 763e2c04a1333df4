"""What is told of an execution after a split is in the shares of its own moment."""

import pytest

from fillpath.core.events import OrderFilled, SplitApplied
from fillpath.core.models import OrderSide
from tests.unit.execution.desk.filled import ORDER, filled, order_of
from tests.unit.execution.desk.guarded import Guarded, amends
from tests.unit.execution.desk.scene import CASH, Answer, Scene, a_holding, money, price, shares

DAY = 86_400


def after_split(scene: Scene, new: int, old: int) -> Scene:
    """Let a night pass, and a split with it."""
    scene.sleep(DAY)
    scene.split(new, old)
    scene.sleep(60)
    return scene


def told_late(scene: Scene, before: int, signed: int, order_id: str = "other/1") -> Answer:
    """Tell now of an execution at 150 that was made so many seconds ago."""
    side = OrderSide.BUY if signed > 0 else OrderSide.SELL
    made = scene.at - before * 10**9
    number, paid = shares(abs(signed)), price(150)
    return scene.tell(OrderFilled(scene.at, order_id, "late", "AAPL", side, number, paid, made))


@pytest.mark.fault("F-63")
def test_a_correction_after_a_split_moves_the_shares_of_now_and_the_cash_of_then() -> None:
    scene = after_split(filled(), 7, 1)

    scene.correct(ORDER, "x1", 60, 151)

    book, order = scene.desk.state.book, order_of(scene)
    assert book.cash == money(CASH) - money(151) * 60
    assert (book.holdings["AAPL"].quantity, book.holdings["AAPL"].cost) == (
        shares(420),
        money(151) * 60,
    )
    assert book.by_strategy == {("trend", "AAPL"): shares(420)}
    assert (order.filled, order.fills["x1"].quantity) == (shares(60), shares(60))


@pytest.mark.fault("F-64")
@pytest.mark.parametrize(("new", "old"), [(7, 1), (1, 20), (3, 2)])
def test_a_bust_after_a_split_leaves_nothing_behind(new: int, old: int) -> None:
    scene = after_split(filled(), new, old)

    scene.correct(ORDER, "x1", 0, 0)

    book = scene.desk.state.book
    assert (book.cash, book.realized, book.holdings, book.by_strategy) == (money(CASH), 0, {}, {})


def test_every_split_since_the_execution_counts() -> None:
    scene = after_split(after_split(filled(), 7, 1), 2, 1)

    scene.correct(ORDER, "x1", 60, 150)

    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(60 * 14)


def test_an_execution_of_after_the_split_is_in_new_shares_already() -> None:
    scene = Scene()
    scene.split(7, 1)
    scene.signal(quantity=100)
    scene.trade(ORDER, "150")

    scene.correct(ORDER, "x1", 60, 150)

    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(60)


def test_what_was_closed_before_the_split_and_was_less_is_short_in_new_shares() -> None:
    scene = filled()
    scene.signal("FLAT")
    scene.trade("trend/sig-2", 160)
    after_split(scene, 2, 1)

    scene.correct(ORDER, "x1", 90, 150)

    held = scene.desk.state.book.holdings["AAPL"]
    assert (held.quantity, held.cost) == (shares(-20), -money(1_600))
    assert held.realized == money(900)
    assert scene.desk.state.book.proceeds == money(1_600)


def test_beside_shares_that_nobody_saw_bought_it_is_undone_and_done_again() -> None:
    scene = Scene(positions=(a_holding(100, 100, "other"),))
    scene.signal(quantity=100)
    scene.trade(ORDER, "150")
    after_split(scene, 2, 1)

    scene.correct(ORDER, "x1", 50, 150)

    book = scene.desk.state.book
    held = book.holdings["AAPL"]
    assert book.cash == money(CASH) - money(150) * 50
    assert book.by_strategy == {("other", "AAPL"): shares(200), ("trend", "AAPL"): shares(100)}
    assert held.cost - held.realized == money(100) * 100 + money(150) * 50


def test_what_does_not_divide_is_kept_towards_zero_and_the_cash_is_exact() -> None:
    scene = after_split(filled(), 1, 3)

    scene.correct(ORDER, "x1", 50, 150)

    book = scene.desk.state.book
    held = book.holdings["AAPL"]
    assert held.quantity == shares("16.666666")
    assert book.cash == money(CASH) - money(150) * 50
    assert book.cash + held.cost - held.realized - book.realized == money(CASH)


def test_a_bust_of_less_than_the_smallest_share_is_money_alone() -> None:
    scene = Scene()
    scene.sleep(DAY)
    scene.split(1, 1_000_000_000)

    told_late(scene, DAY, 100, "other/1")

    book = scene.desk.state.book
    assert (book.cash, book.realized) == (money(CASH) - money(15_000), -money(15_000))
    assert book.holdings == {}


@pytest.mark.fault("F-47")
@pytest.mark.parametrize("signed", [100, -100])
def test_a_fill_that_is_told_after_the_split_is_booked_in_new_shares(signed: int) -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)
    after_split(scene, 7, 1)

    told_late(scene, DAY, signed, ORDER if signed > 0 else "other/1")

    book = scene.desk.state.book
    assert book.holdings["AAPL"].quantity == shares(7 * signed)
    assert book.cash == money(CASH) - money(150) * signed


def test_the_day_trades_are_counted_in_new_shares() -> None:
    scene = Scene(positions=(a_holding(100),))
    after_split(scene, 7, 1)

    told_late(scene, DAY, -100)

    assert scene.desk.state.book.holdings == {}
    assert not scene.desk.state.risk.watched.added  # it only closed what was held


def test_the_stop_follows_a_correction_of_before_the_split() -> None:
    scene = Guarded()
    scene.enter()
    scene.sleep(DAY)
    scene.confirm(scene.split(2, 1))

    answer = scene.correct(ORDER, "x1", 60, 150)

    assert scene.guard.held == shares(120)
    assert scene.guard.paid.cost == money(150) * 60
    assert amends(answer) == [(120, 7_350)]


def test_the_stop_covers_a_fill_that_is_told_after_the_split() -> None:
    scene = Guarded()
    scene.enter(filled=50)
    scene.sleep(DAY)
    scene.confirm(scene.split(2, 1))

    answer = told_late(scene, DAY + 1, 50, ORDER)

    assert scene.guard.held == shares(200)
    assert amends(answer) == [(200, 7_350)]


def test_a_fill_of_less_than_the_smallest_share_needs_no_stop() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.sleep(DAY)
    scene.split(1, 1_000_000_000)

    told_late(scene, DAY, 50, order_id)

    assert scene.stops == []


def test_a_split_that_is_told_again_is_no_news_after_another_one() -> None:
    scene = Scene(positions=(a_holding(100),))
    first, second = SplitApplied(1, "AAPL", 7, 1), SplitApplied(2, "AAPL", 2, 1)
    for split in (first, second):
        scene.tell(split)

    for split in (first, second):
        assert scene.tell(split) == []

    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(1_400)


def test_a_split_that_is_told_again_leaves_a_position_of_after_it_alone() -> None:
    scene = Guarded()
    split = SplitApplied(scene.at - 1, "AAPL", 2, 1)
    scene.tell(split)
    scene.enter()

    answer = scene.tell(split)

    assert answer == []
    assert (scene.guard.held, scene.stop.ticket.quantity) == (shares(100), shares(100))
