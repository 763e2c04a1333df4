"""Corrections and busts: the books are as if it had always been so."""

import pytest

from fillpath.core.events import SignalReceived
from fillpath.core.models import OrderSide, OrderStatus
from fillpath.testing.builders import a_signal
from tests.unit.execution.desk.filled import ORDER, filled, order_of, revised, sliced
from tests.unit.execution.desk.scene import CASH, Scene, a_holding, money, price, shares

# Corrections.


@pytest.mark.fault("F-63")
@pytest.mark.control("P-04", "passes")
def test_a_correction_moves_cash_position_order_and_quality() -> None:
    scene = filled()

    answer = scene.correct(ORDER, "x1", 60, 151)

    order, holding = order_of(scene), scene.desk.state.book.holdings["AAPL"]
    assert scene.desk.state.book.cash == money(CASH) - money(151) * 60
    assert (holding.quantity, holding.cost) == (shares(60), shares(60) * price(151))
    assert (order.filled, order.value) == (shares(60), shares(60) * price(151))
    assert [m.filled for m in answer.measured] == [shares(60)]
    assert answer.alarms == ["FILL_CORRECTED"]
    assert revised(answer) == [(60, 1)]


@pytest.mark.fault("F-63")
def test_an_order_executed_once_in_full_never_works_again() -> None:
    scene = filled()

    answer = scene.correct(ORDER, "x1", 60)

    assert order_of(scene).status is OrderStatus.CANCELLED
    assert [(c.status, c.filled) for c in answer.closed] == [(OrderStatus.CANCELLED, shares(60))]
    assert scene.desk.state.book.buying == {}


@pytest.mark.fault("F-64")
@pytest.mark.control("P-04", "passes")
def test_a_bust_restores_the_position_and_tells_a_person() -> None:
    scene = filled()

    answer = scene.correct(ORDER, "x1", 0, 0, reason="erroneous trade")

    assert order_of(scene).status is OrderStatus.CANCELLED
    assert scene.desk.state.book.holdings == {}
    assert scene.desk.state.book.cash == money(CASH)
    assert scene.desk.state.book.realized == 0
    assert answer.alarms == ["FILL_BUSTED"]
    assert [m.filled for m in answer.measured] == [0]


@pytest.mark.fault("F-64")
def test_a_bust_of_a_closing_fill_gives_the_old_position_back() -> None:
    scene = filled(paid=150)
    scene.signal("FLAT")
    scene.trade("trend/sig-2", 160)
    assert scene.desk.state.book.realized == money(1_000)

    scene.correct("trend/sig-2", "x2", 0, 0)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert (holding.quantity, holding.cost) == (shares(100), shares(100) * price(150))
    assert scene.desk.state.book.realized == 0
    assert scene.desk.state.book.by_strategy == {("trend", "AAPL"): shares(100)}


@pytest.mark.fault("F-63")
def test_a_corrected_entry_corrects_the_profit_of_its_exit() -> None:
    scene = filled(paid=150)
    scene.signal("FLAT")
    scene.trade("trend/sig-2", 160)

    scene.correct(ORDER, "x1", 100, 151)

    assert scene.desk.state.book.realized == money(900)
    assert scene.desk.state.book.cash == money(CASH) + money(900)


@pytest.mark.fault("F-63")
def test_without_a_known_beginning_the_total_profit_is_still_exact() -> None:
    """The opening position's trades are not known: the fill is undone and done again."""
    scene = Scene(positions=(a_holding(100, 140),))
    scene.signal(quantity=100)
    scene.trade(ORDER, 150)

    scene.correct(ORDER, "x1", 60, 151)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert holding.quantity == shares(160)
    assert scene.desk.state.book.cash == money(CASH) - money(151) * 60
    assert holding.cost - holding.realized == money(14_000) + money(151) * 60


@pytest.mark.fault("F-63")
def test_a_correction_of_a_closed_position_moves_its_profit_and_no_other() -> None:
    scene = filled(paid=150)
    scene.signal("FLAT")
    scene.trade("trend/sig-2", 160)
    scene.signal(quantity=100)
    scene.trade("trend/sig-3", 170)

    scene.correct(ORDER, "x1", 100, 151)

    book = scene.desk.state.book
    assert book.realized == money(900)
    assert (book.holdings["AAPL"].cost, book.holdings["AAPL"].realized) == (money(17_000), 0)


@pytest.mark.fault("F-63")
def test_a_correction_of_an_external_fill_walks_all_that_came_after_it() -> None:
    """An average of 155 and a half, as if the first had always cost 151."""
    scene = Scene()
    scene.fill("external:1", 100, "150")
    scene.fill("external:2", 100, "160")
    scene.fill("external:3", 100, "170", side=OrderSide.SELL)

    scene.correct("external:1", "x1", 100, 151)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert (holding.quantity, holding.cost) == (shares(100), money(15_550))
    assert holding.realized == money(1_450)


@pytest.mark.fault("F-63")
def test_what_a_person_adjusted_meanwhile_is_not_walked_over() -> None:
    """100 more at 160 and 100 less at the mean: the same shares, at 155."""
    scene = filled(paid=150)
    scene.adjust(100, 160)
    scene.adjust(-100, 155)

    scene.correct(ORDER, "x1", 100, 151)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert holding.quantity == shares(100)
    assert holding.cost - holding.realized - scene.desk.state.book.realized == money(15_600)


@pytest.mark.fault("F-64")
def test_without_a_known_beginning_a_bust_and_its_return_add_up() -> None:
    scene = Scene(positions=(a_holding(100, 140),))
    scene.signal(quantity=100)
    scene.trade(ORDER, 150)

    scene.correct(ORDER, "x1", 0, 0)
    scene.correct(ORDER, "x1", 100, 150, revision=2)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert scene.desk.state.book.cash == money(CASH) - money(15_000)
    assert holding.cost - holding.realized == money(29_000)


def test_a_short_keeps_its_proceeds_apart_after_a_correction() -> None:
    scene = Scene()
    scene.signal("SHORT", quantity=100)
    scene.trade(ORDER, 150)

    scene.correct(ORDER, "x1", 60, 150)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert (holding.quantity, scene.desk.state.book.proceeds) == (-shares(60), money(9_000))
    assert holding.stop == price(153)


def test_the_stop_of_an_exit_stays_where_it_was() -> None:
    scene = filled(paid=150)
    scene.signal("FLAT", quantity=40)
    scene.trade("trend/sig-2", 160)

    scene.correct("trend/sig-2", "x2", 30, 160)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert (holding.quantity, holding.stop) == (shares(70), price(147))


@pytest.mark.fault("F-63")
@pytest.mark.control("P-04", "refuses")
def test_the_highest_revision_wins_whatever_comes_last() -> None:
    scene = filled()
    scene.correct(ORDER, "x1", 60, revision=2)

    answer = scene.correct(ORDER, "x1", 80, revision=1)

    assert answer == []
    assert order_of(scene).filled == shares(60)


@pytest.mark.fault("F-62", "F-63")
def test_the_first_report_after_a_correction_changes_nothing() -> None:
    scene = filled()
    scene.correct(ORDER, "x1", 60)

    answer = scene.fill(ORDER, 100, fill_id="x1")

    assert answer == []
    assert order_of(scene).filled == shares(60)


@pytest.mark.fault("F-63")
def test_a_correction_that_comes_before_its_fill_waits_for_it() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    early = scene.correct(ORDER, "x1", 60)

    scene.fill(ORDER, 100)

    assert early.alarms == ["EARLY_CORRECTION"]
    assert order_of(scene).filled == shares(60)
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(60)


def test_early_news_told_twice_is_kept_once() -> None:
    scene = Scene()
    scene.signal(quantity=100)

    scene.correct(ORDER, "x1", 60)
    scene.correct(ORDER, "x1", 60)

    assert len(scene.desk.state.early["x1"]) == 1


def test_a_part_that_is_corrected_down_reserves_what_may_fill_again() -> None:
    scene = filled(40)

    scene.correct(ORDER, "x1", 30)

    assert order_of(scene).status is OrderStatus.PARTIALLY_FILLED
    assert scene.desk.state.book.buying == {"AAPL": shares(70)}
    assert scene.desk.state.book.reserved == order_of(scene).worst_price * shares(70)


def test_a_sell_that_is_corrected_down_reserves_its_shares() -> None:
    scene = Scene(positions=(a_holding(100),))
    scene.signal("FLAT")
    scene.accept(ORDER)
    scene.fill(ORDER, 40)

    scene.correct(ORDER, "x1", 30)

    assert scene.desk.state.book.selling == {"AAPL": shares(70)}


def test_the_only_part_that_is_undone_leaves_the_order_working() -> None:
    scene = filled(40)

    scene.correct(ORDER, "x1", 0, 0)

    assert order_of(scene).status is OrderStatus.SUBMITTED
    assert scene.desk.state.book.buying == {"AAPL": shares(100)}


def test_a_part_that_is_corrected_up_may_fill_the_order() -> None:
    scene = filled(40)

    answer = scene.correct(ORDER, "x1", 100)

    assert [c.status for c in answer.closed] == [OrderStatus.FILLED]
    assert scene.desk.state.book.buying == {}


def test_a_part_after_a_correction_ends_an_order_that_was_executed_in_full() -> None:
    scene = filled(60)
    scene.correct(ORDER, "x1", 40)

    answer = scene.fill(ORDER, 40)

    assert [(c.status, c.filled) for c in answer.closed] == [(OrderStatus.CANCELLED, shares(80))]


def test_an_old_revision_may_prove_that_the_order_was_executed_in_full() -> None:
    scene = filled(40)
    scene.correct(ORDER, "x1", 50, revision=2)

    answer = scene.correct(ORDER, "x1", 100, revision=1)

    assert [(c.status, c.filled) for c in answer.closed] == [(OrderStatus.CANCELLED, shares(50))]


@pytest.mark.fault("F-69")
def test_a_correction_up_beyond_the_order_latches_the_symbol() -> None:
    scene = filled()

    answer = scene.correct(ORDER, "x1", 110)

    assert answer.alarms == ["FILL_CORRECTED", "OVERFILL", "SYMBOL_QUARANTINED"]
    assert order_of(scene).status is OrderStatus.FILLED


@pytest.mark.fault("F-69")
def test_a_correction_may_take_an_overfill_back() -> None:
    scene = filled(110)

    scene.correct(ORDER, "x1", 100)

    assert order_of(scene).status is OrderStatus.FILLED
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(100)


def test_an_external_fill_is_corrected_too() -> None:
    scene = Scene()
    scene.fill("external:1", 100, "150")

    answer = scene.correct("external:1", "x1", 60, 150)

    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(60)
    assert scene.desk.state.book.by_strategy == {("", "AAPL"): shares(60)}
    assert revised(answer) == [(60, 1)]


def test_other_symbols_are_not_walked() -> None:
    scene = Scene()
    said = a_signal(symbol="MSFT", metadata={"quantity": 5})
    scene.tell(SignalReceived(scene.at, said, scene.view()))
    scene.fill("trend/sig-1", 5, "150")
    scene.fill("external:1", 5, "10", symbol="MSFT")
    scene.fill("external:2", 100, "150")

    scene.correct("external:2", "x3", 60, 150)

    held = scene.desk.state.book.holdings
    assert (held["MSFT"].quantity, held["AAPL"].quantity) == (shares(10), shares(60))


def test_what_a_correction_takes_from_a_slice_is_carried() -> None:
    scene = sliced()
    scene.fill(f"{ORDER}#1", 200)

    scene.correct(f"{ORDER}#1", "x1", 150)

    (ticket,) = scene.wait(60).placed
    assert ticket.quantity == shares(250)


@pytest.mark.fault("F-94")
def test_what_a_correction_adds_to_a_slice_is_taken_off_the_next() -> None:
    scene = sliced()
    scene.fill(f"{ORDER}#1", 100)
    scene.wait(60)
    scene.cancelled(f"{ORDER}#1")
    scene.accept(f"{ORDER}#2")

    answer = scene.correct(f"{ORDER}#1", "x1", 150)

    assert answer.cancels == [f"{ORDER}#2"]
