"""What an execution cost comes later, and what is too old to be changed."""

import pytest

from fillpath.execution.desk import amending, book
from tests.unit.execution.desk.filled import ORDER, filled, order_of, revised
from tests.unit.execution.desk.scene import CASH, Scene, money, price, shares

# Commissions.


@pytest.mark.fault("F-11", "F-75")
@pytest.mark.control("P-03", "passes")
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


@pytest.mark.fault("F-67", "F-75")
def test_a_commission_may_come_before_a_late_fill() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.commission(ORDER, "x1", "1.25")
    scene.cancelled(ORDER)

    scene.fill(ORDER, 40)

    assert scene.desk.state.book.commission == money("1.25")


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
