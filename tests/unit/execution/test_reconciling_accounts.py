"""Reconciliation of the account: old journals, positions, cash, and fills that nobody shows."""

from decimal import Decimal
from typing import Final

import pytest

from fillpath.core.models import OrderSide, OrderStatus
from tests.unit.execution.broker_answers import Rounds, codes, words
from tests.unit.execution.desk.scene import CASH, Scene, shares

ORDER: Final = "trend/sig-1"
SLICE: Final = f"{ORDER}#1"


def sent() -> Rounds:
    """Return an account whose order for 100 shares was sent a second ago."""
    scene = Scene()
    scene.signal(quantity=100)
    scene.sleep(1)
    return Rounds(scene)


def doubted() -> Rounds:
    rounds = sent()
    rounds.scene.doubt(ORDER)
    return rounds


def accepted(filled: int = 0) -> Rounds:
    rounds = sent()
    rounds.scene.accept(ORDER, "B1")
    if filled:
        rounds.scene.fill(ORDER, filled, "150")
        rounds.executions.append(rounds.executed(ORDER, "x1", filled))
    rounds.scene.sleep(1)
    return rounds


# A journal that is older than the broker.


@pytest.mark.fault("F-36")
@pytest.mark.parametrize("shown", ["open", "completed", "executions"])
def test_an_order_of_ours_that_the_journal_does_not_know_stops_trading(shown: str) -> None:
    rounds = sent()
    rounds.open.append(rounds.shows(ORDER))
    ahead = rounds.shows(ORDER).changed(order_id="trend/sig-9", status=OrderStatus.CANCELLED)
    if shown == "executions":
        rounds.executions.append(rounds.executed("trend/sig-9", "e9", 10))
    else:
        getattr(rounds, shown).append(ahead)

    rounds.ask(cash=None)

    assert list(rounds.scene.desk.state.holds) == ["JOURNAL_BEHIND_BROKER"]
    assert rounds.scene.signal(quantity=1, strategy_name="other").placed == []


@pytest.mark.fault("F-36")
def test_it_is_said_once() -> None:
    rounds = Rounds(sent().scene)
    rounds.open.append(rounds.shows(ORDER))
    names = ("trend/sig-8", "trend/sig-9")
    rounds.completed.extend(rounds.shows(ORDER).changed(order_id=name) for name in names)

    first, second = rounds.ask(), rounds.ask()

    assert words(first) == ["OrderAccepted", "TradingHeld"]
    assert second.facts == ()


def test_orders_of_others_and_those_long_forgotten_are_no_sign_of_that() -> None:
    rounds = Rounds(sent().scene)
    rounds.open.append(rounds.shows(ORDER, ""))
    old = rounds.shows(ORDER).changed(order_id="trend/old")
    rounds.completed.extend((old, old.changed(order_id="external:4")))
    rounds.executions.append(rounds.executed("trend/old", "e0", 10))
    rounds.scene.desk.state.forgotten_at = rounds.scene.at

    outcome = rounds.ask()

    assert words(outcome) == ["OrderAccepted"]


def test_a_fill_that_was_forgotten_is_not_applied_again() -> None:
    rounds = Rounds(Scene())
    rounds.executions.append(rounds.executed("trend/old", "e0", 10))
    rounds.scene.desk.state.forgotten["e0"] = None

    assert rounds.ask().facts == ()


def test_a_completed_order_that_ended_here_too_is_no_news() -> None:
    rounds = accepted(100)
    rounds.completed.append(rounds.shows(ORDER, status=OrderStatus.FILLED, filled_quantity=100))

    assert rounds.ask().facts == ()


# The account.


@pytest.mark.fault("F-77")
@pytest.mark.control("A-10", "refuses")
@pytest.mark.control("P-02", "refuses")
def test_a_position_that_no_fill_explains_is_quarantined_and_never_invented() -> None:
    rounds = accepted(100)
    rounds.positions = {"AAPL": Decimal(90), "MSFT": Decimal("0.5")}

    first, second, third = rounds.ask(), rounds.ask(), rounds.ask()

    assert codes(first) == ["POSITION_DIFFERENCE?", "POSITION_DIFFERENCE?"]
    assert words(second) == ["SymbolQuarantined", "SymbolQuarantined"]
    assert (third.facts, third.clean) == ((), True)
    held = rounds.scene.desk.state.book.holdings
    assert [(s, h.quantity) for s, h in held.items()] == [("AAPL", shares(100))]
    assert second.differences[0].text == "the broker holds 90, the journal 100"


@pytest.mark.fault("F-77")
@pytest.mark.control("A-10", "passes")
def test_a_difference_that_changes_has_to_be_seen_twice_as_it_is() -> None:
    rounds = accepted(100)
    rounds.positions = {"AAPL": Decimal(90)}
    rounds.ask()
    rounds.positions = {"AAPL": Decimal(80)}

    assert rounds.ask().facts == ()


@pytest.mark.fault("F-77")
def test_an_adjustment_by_a_person_settles_it() -> None:
    rounds = accepted(100)
    rounds.positions = {"AAPL": Decimal(90)}
    rounds.ask()
    rounds.ask()

    rounds.scene.adjust(-10)
    outcome = rounds.ask()

    assert outcome.differences == ()


@pytest.mark.parametrize(("cents", "told"), [("0.01", 0), ("-0.01", 0), ("0.02", 1)])
@pytest.mark.control("P-02", "passes")
def test_cash_may_differ_by_a_cent(cents: str, told: int) -> None:
    rounds = accepted(100)
    rounds.cash = Decimal(CASH) - 15_000 + Decimal(cents)
    rounds.ask()

    rounds.ask()

    assert rounds.told.alarms == ["CASH_DIFFERENCE"] * told


def test_a_difference_in_cash_is_told_once_and_again_when_it_comes_back() -> None:
    rounds = accepted(100)
    right, wrong = Decimal(CASH) - 15_000, Decimal(CASH)
    told = []
    for cash in (wrong, wrong, wrong, right, wrong, wrong):
        rounds.cash = cash
        told.append(words(rounds.ask()))

    assert told == [[], ["AccountDiffered"], [], [], [], ["AccountDiffered"]]


def test_cash_that_the_broker_does_not_say_is_not_compared() -> None:
    rounds = accepted(100)
    view = rounds.view()

    outcome = rounds.ask(cash=None, positions=view.positions)

    assert outcome.differences == ()


@pytest.mark.control("P-01", "refuses")
def test_an_execution_that_the_broker_forgot_is_told_to_a_person() -> None:
    rounds = accepted(40)
    rounds.open.append(rounds.shows(ORDER))
    rounds.scene.fill(ORDER, 10, "150")
    rounds.scene.sleep(1)

    rounds.ask()
    rounds.ask()

    assert rounds.told.alarms == ["UNWITNESSED_FILL"]
    assert rounds.scene.desk.state.book.holdings["AAPL"].quantity == shares(50)


@pytest.mark.fault("F-64")
def test_a_bust_is_not_missed_by_the_broker() -> None:
    rounds = accepted(40)
    rounds.open.append(rounds.shows(ORDER))
    rounds.scene.fill(ORDER, 10, "150")
    rounds.scene.correct(ORDER, "x2", 0, 0)
    rounds.scene.sleep(1)

    assert rounds.ask().differences == ()


def test_an_account_that_is_made_up_is_not_compared() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    rounds = Rounds(scene, checks_account=False)
    rounds.open.append(rounds.shows(ORDER))
    rounds.positions = {"GOOG": Decimal(75)}

    outcome = rounds.ask(cash=Decimal(1))

    assert outcome.differences == ()


@pytest.mark.fault("F-17")
def test_reconciling_again_after_a_restart_gives_the_same_account() -> None:
    rounds = accepted()
    rounds.open.append(rounds.shows(ORDER))
    rounds.executions.append(rounds.executed(ORDER, "e1", 40, side=OrderSide.BUY))
    rounds.ask(cash=Decimal(CASH) - 6_000)

    again = Rounds(rounds.scene)
    again.open, again.executions = rounds.open, rounds.executions

    assert again.ask().facts == ()
    assert rounds.scene.fingerprint_of_replay() == rounds.scene.desk.fingerprint()


@pytest.mark.control("A-10", "refuses")
@pytest.mark.control("A-10", "passes")
@pytest.mark.parametrize("cycles", [1, 2, 3, 5])
def test_how_often_a_position_must_differ_in_a_row_is_a_setting(cycles: int) -> None:
    rounds = accepted(100)
    rounds.positions = {"AAPL": Decimal(90)}

    found = [words(rounds.ask(cycles=cycles)) for _ in range(6)]

    quiet: list[list[str]] = [[]] * 6
    assert found == [*quiet[: cycles - 1], ["SymbolQuarantined"], *quiet[cycles:]]


@pytest.mark.control("A-10", "passes")
def test_answers_that_follow_each_other_at_once_count_as_one() -> None:
    rounds = accepted(100)
    rounds.positions = {"AAPL": Decimal(90)}
    rounds.ask()
    rounds.scene.at -= 2 * 10**9

    assert [words(rounds.ask()) for _ in range(2)] == [[], ["SymbolQuarantined"]]


def test_other_differences_take_two_answers_whatever_the_setting() -> None:
    rounds = accepted(100)
    rounds.cash = Decimal(1)

    assert [words(rounds.ask(cycles=5)) for _ in range(3)] == [[], ["AccountDiffered"], []]
