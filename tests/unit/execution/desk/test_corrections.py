"""Commissions, corrections, busts and adjustments: the books are as if it had always been so."""

from typing import Final

import pytest

from fillpath.core.commands import FillRevised
from fillpath.core.models import OrderSide, OrderStatus
from fillpath.core.units import Number
from fillpath.execution.desk import amending, book
from fillpath.execution.desk.state import OrderState
from tests.unit.execution.desk.scene import CASH, Answer, Scene, a_holding, money, price, shares

ORDER: Final = "trend/sig-1"
BUY: Final = OrderSide.BUY
SELL: Final = OrderSide.SELL


def filled(quantity: int = 100, paid: Number = 150) -> Scene:
    """Return a desk whose order of 100 shares was filled in one execution, x1."""
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)
    scene.fill(ORDER, quantity, paid)
    return scene


def order_of(scene: Scene, order_id: str = ORDER) -> OrderState:
    state = scene.desk.state
    return state.orders.get(order_id) or state.recent[order_id]


def revised(answer: Answer) -> list[tuple[int, int]]:
    return [(r.filled.quantity // shares(1), r.revision) for r in answer.of(FillRevised)]


def sliced() -> Scene:
    """Return a desk that has just sent the first of five slices, 200 shares each."""
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.accept(f"{ORDER}#1")
    return scene


# Commissions.


@pytest.mark.fault("F-11", "F-75")
def test_a_fill_stands_without_its_commission_which_comes_later() -> None:
    scene = filled()
    before = scene.desk.state.book.cash

    answer = scene.commission(ORDER, "x1", "1.25")

    assert before == money(CASH) - money(15_000)
    assert scene.desk.state.book.cash == before - money("1.25")
    assert scene.desk.state.book.commission == order_of(scene).commission == money("1.25")
    assert revised(answer) == [(100, 0)]
    assert [c.commission for c in answer.closed] == [money("1.25")]


@pytest.mark.fault("F-75")
def test_a_commission_told_twice_is_paid_once() -> None:
    scene = filled()
    scene.commission(ORDER, "x1", "1.25")

    again = scene.commission(ORDER, "x1", "1.25")

    assert again == []
    assert scene.desk.state.book.commission == money("1.25")


@pytest.mark.fault("F-75")
def test_a_commission_that_changes_replaces_the_one_before() -> None:
    scene = filled(40)
    scene.commission(ORDER, "x1", "1.25")

    answer = scene.commission(ORDER, "x1", "-0.5")

    assert scene.desk.state.book.commission == money("-0.5")
    assert answer.closed == []  # the order still works


@pytest.mark.fault("F-75")
def test_a_commission_that_comes_before_its_fill_waits_for_it() -> None:
    scene = Scene()
    scene.signal(quantity=100)

    early = scene.commission(ORDER, "x1", "1.25")
    answer = scene.fill(ORDER)

    assert early == []
    assert revised(answer) == [(100, 0)]
    assert scene.desk.state.book.commission == money("1.25")
    assert scene.desk.state.early == {}


def test_the_commission_of_an_external_fill_is_paid_too() -> None:
    scene = Scene()
    scene.fill("external:1", 100, "150")

    scene.commission("external:1", "x1", 2)

    assert scene.desk.state.book.commission == money(2)
    assert scene.desk.state.book.cash == money(CASH) - money(15_002)


def test_the_commission_of_an_older_revision_is_no_news() -> None:
    scene = filled()
    scene.correct(ORDER, "x1", 60, commission=1)

    assert scene.commission(ORDER, "x1", 5) == []
    assert scene.desk.state.book.commission == money(1)


def test_the_commission_of_a_newer_revision_waits_for_it() -> None:
    scene = filled()
    scene.commission(ORDER, "x1", 5, revision=1)

    scene.correct(ORDER, "x1", 60, commission=1)

    assert scene.desk.state.book.commission == money(5)


# Corrections.


@pytest.mark.fault("F-63")
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
    scene.fill("external:1", 5, "10", symbol="MSFT")
    scene.fill("external:2", 100, "150")

    scene.correct("external:2", "x2", 60, 150)

    held = scene.desk.state.book.holdings
    assert (held["MSFT"].quantity, held["AAPL"].quantity) == (shares(5), shares(60))


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


# What is forgotten.


@pytest.mark.fault("F-62")
def test_a_fill_of_a_forgotten_order_is_not_booked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "RECENT_ORDERS", 1)
    scene = filled()
    scene.signal(quantity=1, strategy_name="other")
    scene.trade("other/sig-2")

    answer = scene.fill(ORDER, fill_id="x1")

    assert ORDER not in scene.desk.state.recent
    assert answer == []
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(101)


def test_a_correction_of_a_forgotten_order_is_for_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(book, "RECENT_ORDERS", 1)
    scene = filled()
    scene.signal(quantity=1, strategy_name="other")
    scene.trade("other/sig-2")

    assert scene.correct(ORDER, "x1", 60).alarms == ["CORRECTION_TOO_LATE"]


def test_what_is_kept_of_the_past_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "RECENT_ORDERS", 1)
    monkeypatch.setattr(book, "FORGOTTEN_FILLS", 2)
    monkeypatch.setattr(amending, "EARLY_NEWS", 2)
    monkeypatch.setattr(amending, "REVISIONS", 2)
    scene = Scene()
    for number in range(1, 6):
        scene.signal(quantity=1)
        scene.trade(f"trend/sig-{number}")
        scene.correct(f"trend/sig-{number}", f"x{number}", 1, 140)
        scene.correct("external:9", f"y{number}", 1)

    state = scene.desk.state
    assert list(state.forgotten) == ["x3", "x4"]
    assert list(state.revisions) == ["x4", "x5"]
    assert list(state.early) == ["y4", "y5"]
    assert state.forgotten_at == scene.at


# Adjustments.


@pytest.mark.fault("F-77")
def test_a_person_books_what_no_execution_explains() -> None:
    scene = Scene()

    answer = scene.adjust(10, 150, cash=-3)

    holding = scene.desk.state.book.holdings["AAPL"]
    assert (holding.quantity, holding.cost) == (shares(10), shares(10) * price(150))
    assert scene.desk.state.book.cash == money(CASH) - money(1_503)
    assert scene.desk.state.book.by_strategy == {("", "AAPL"): shares(10)}
    assert answer.alarms == ["POSITION_ADJUSTED"]


def test_an_adjustment_at_no_price_moves_no_cash() -> None:
    scene = Scene()

    scene.adjust(10)

    assert scene.desk.state.book.cash == money(CASH)


def test_cash_alone_may_be_adjusted() -> None:
    scene = Scene()

    scene.adjust(0, cash=5)

    assert scene.desk.state.book.cash == money(CASH + 5)
    assert scene.desk.state.book.holdings == {}


def test_a_replay_comes_to_the_same_books() -> None:
    scene = filled()
    scene.correct(ORDER, "x1", 60, 151)
    scene.commission(ORDER, "x1", 1, revision=1)
    scene.adjust(-10, 150)

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()
