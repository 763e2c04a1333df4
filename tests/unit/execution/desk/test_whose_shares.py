"""Whose shares they are survives splits, corrections and exits to the last unit."""

from fillpath.core.commands import OrderClosed
from fillpath.core.models import OrderSide
from tests.unit.execution.desk.filled import ORDER, filled
from tests.unit.execution.desk.scene import Scene, a_holding, money, price, shares


def test_a_split_gives_each_strategy_its_part() -> None:
    scene = Scene(positions=(a_holding(30), a_holding(10, 160, "other")))

    scene.split(3, 1)

    assert scene.desk.state.book.by_strategy == {
        ("trend", "AAPL"): shares(90),
        ("other", "AAPL"): shares(30),
    }


def test_a_split_leaves_those_short_who_were_short() -> None:
    scene = Scene(positions=(a_holding(30), a_holding(-10, 160, "other")))

    scene.split(1, 2)

    assert scene.desk.state.book.by_strategy == {
        ("trend", "AAPL"): shares(15),
        ("other", "AAPL"): shares(-5),
    }


def test_what_a_split_loses_to_the_smallest_unit_goes_to_the_largest_share() -> None:
    scene = Scene(positions=(a_holding("0.000005"), a_holding("0.000002", 160, "other")))

    scene.split(1, 2)

    book = scene.desk.state.book
    assert book.holdings["AAPL"].quantity == 3
    assert book.by_strategy == {("trend", "AAPL"): 2, ("other", "AAPL"): 1}


def test_a_position_that_a_split_makes_nothing_takes_its_cost_as_a_loss() -> None:
    scene = Scene(positions=(a_holding("0.000001", 150),))
    cost = scene.desk.state.book.holdings["AAPL"].cost

    answer = scene.split(1, 2)

    book = scene.desk.state.book
    assert answer.alarms == ["SPLIT_REMAINDER"]
    assert (book.holdings, book.by_strategy) == ({}, {})
    assert book.realized == -cost


def test_a_split_of_what_nobody_holds_says_nothing() -> None:
    scene = Scene()

    assert scene.split(2, 1) == []


def test_what_a_strategy_sells_beyond_its_own_comes_off_the_unclaimed_part() -> None:
    scene = Scene(positions=(a_holding(10), a_holding(40, 150, "")))
    scene.signal("FLAT")

    scene.trade(ORDER, "150")

    book = scene.desk.state.book
    assert book.by_strategy == {}
    assert book.holdings == {}


def test_a_part_of_the_unclaimed_part_stays_unclaimed() -> None:
    scene = Scene(positions=(a_holding(10), a_holding(40, 150, "")))
    scene.signal("FLAT", quantity=30)

    scene.trade(ORDER, "150")

    assert scene.desk.state.book.by_strategy == {("", "AAPL"): shares(20)}


def test_what_a_strategy_covers_beyond_its_own_short_comes_off_the_unclaimed_one() -> None:
    scene = Scene(positions=(a_holding(-10), a_holding(-40, 150, "")))
    scene.signal("FLAT", quantity=30)

    scene.trade(ORDER, "150")

    assert scene.desk.state.book.by_strategy == {("", "AAPL"): shares(-20)}


def test_a_purchase_leaves_an_unclaimed_long_alone() -> None:
    scene = Scene(positions=(a_holding(40, 150, ""),))
    scene.signal(quantity=10)

    scene.trade(ORDER, "150")

    assert scene.desk.state.book.by_strategy == {
        ("trend", "AAPL"): shares(10),
        ("", "AAPL"): shares(40),
    }


def test_a_correction_of_an_entry_moves_the_stop_with_the_average_price() -> None:
    scene = filled()
    assert scene.desk.state.book.holdings["AAPL"].stop == price(147)

    scene.correct(ORDER, "x1", 100, 160)

    assert scene.desk.state.book.holdings["AAPL"].stop == price("156.8")


def test_the_commission_of_a_corrected_external_fill_is_paid_and_kept() -> None:
    scene = Scene()
    scene.fill("external:1", 100, "150", commission="1")
    cash = scene.desk.state.book.cash

    scene.correct("external:1", "x1", 100, 150, commission="3")
    scene.correct("external:1", "x1", 100, 150, commission="4", revision=2)

    book = scene.desk.state.book
    assert cash - book.cash == money(3)
    assert book.commission == money(4)


def test_an_ended_order_says_why_it_was_corrected() -> None:
    scene = filled()

    answer = scene.correct(ORDER, "x1", 60, reason="broken trade")

    (closed,) = answer.of(OrderClosed)
    assert closed.reason == "corrected: broken trade"


def test_a_correction_without_words_is_just_a_correction() -> None:
    scene = filled()

    answer = scene.correct(ORDER, "x1", 60, reason="")

    (closed,) = answer.of(OrderClosed)
    assert closed.reason == "corrected"


def test_a_correction_up_by_one_unit_fills_the_order() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)
    scene.fill(ORDER, "99.999999", 150)

    answer = scene.correct(ORDER, "x1", 100, 150)

    assert [closed.status for closed in answer.of(OrderClosed)] == ["FILLED"]


def test_a_price_that_is_corrected_alone_leaves_the_order_where_it_was() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)
    scene.fill(ORDER, 40, 150)

    scene.correct(ORDER, "x1", 40, "150.01")

    order = scene.desk.state.orders[ORDER]
    assert order.status == "PARTIALLY_FILLED"
    assert order.value == shares(40) * price("150.01")


def test_a_foreign_short_keeps_its_proceeds_apart() -> None:
    scene = Scene()
    scene.fill("external:1", 10, "150", side=OrderSide.SELL)

    assert scene.desk.state.book.proceeds == money(1_500)
