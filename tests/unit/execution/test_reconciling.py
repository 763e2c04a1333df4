"""A broker's answers become facts: what it shows at once, what it does not show after two of them."""

from decimal import Decimal
from typing import Final

import pytest

from fillpath.core.events import (
    CommissionReported,
    FillCorrected,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderInDoubt,
    OrderRefused,
)
from fillpath.core.models import Certainty, OrderStatus
from fillpath.execution.reconciling import APART_NS, QUESTIONS, RETRY_NS
from tests.unit.execution.broker_answers import Rounds, codes, the, words
from tests.unit.execution.desk.scene import CASH, Scene, money, shares

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


def status_of(rounds: Rounds) -> OrderStatus:
    return rounds.scene.desk.state.recent[ORDER].status


# Agreement.


def test_five_questions_make_a_view() -> None:
    assert sent().reconciler.questions == QUESTIONS
    assert len(QUESTIONS) == 5


@pytest.mark.control("C-45", "passes")
@pytest.mark.control("A-12", "passes")
def test_a_broker_that_agrees_is_clean_at_once() -> None:
    rounds = accepted(40)
    rounds.open.append(rounds.shows(ORDER))

    outcome = rounds.ask()

    assert (outcome.facts, outcome.clean, outcome.differences) == ((), True, ())
    assert outcome.ask_again_after_ns is None


def test_an_order_that_was_sent_after_the_question_is_not_judged() -> None:
    rounds = sent()

    outcome = rounds.ask(asked_at=rounds.scene.desk.state.orders[ORDER].decided_at)

    assert outcome.clean


@pytest.mark.fault("F-49")
@pytest.mark.control("C-45", "refuses")
@pytest.mark.control("A-12", "refuses")
def test_an_answer_that_is_not_whole_decides_nothing_and_is_never_clean() -> None:
    rounds = doubted()

    outcomes = [rounds.ask(complete=False) for _ in range(5)]

    assert {(o.facts, o.clean, o.ask_again_after_ns) for o in outcomes} == {((), False, RETRY_NS)}
    assert rounds.scene.desk.state.orders[ORDER].certainty is Certainty.IN_DOUBT


@pytest.mark.fault("F-09", "F-49")
def test_what_an_incomplete_answer_does_show_is_true() -> None:
    rounds = doubted()
    rounds.executions.append(rounds.executed(ORDER, "e1", 40))

    outcome = rounds.ask(complete=False)

    assert words(outcome) == ["OrderFilled"]
    assert not outcome.clean


# Executions.


@pytest.mark.fault("F-09", "F-47", "F-18")
@pytest.mark.control("P-01", "refuses")
def test_an_execution_that_was_missed_is_applied_once() -> None:
    rounds = accepted()
    rounds.open.append(rounds.shows(ORDER))
    rounds.executions.append(rounds.executed(ORDER, "e1", 40, commission=1))
    rounds.cash = Decimal(CASH) - 6_001
    rounds.positions = {"AAPL": Decimal(40)}

    first, second = rounds.ask(), rounds.ask()

    assert words(first) == ["OrderFilled"]
    assert (first.clean, second.facts, second.clean) == (True, (), True)
    assert rounds.scene.desk.state.book.holdings["AAPL"].quantity == shares(40)


@pytest.mark.fault("F-47", "F-67")
def test_a_fill_of_an_ended_order_is_a_late_fill() -> None:
    rounds = accepted()
    rounds.scene.cancelled(ORDER)
    rounds.executions.append(rounds.executed(ORDER, "e1", 40))

    rounds.ask()

    assert rounds.told.alarms == ["LATE_FILL"]


@pytest.mark.fault("F-62")
@pytest.mark.control("P-01", "passes")
def test_an_execution_that_is_known_changes_nothing() -> None:
    rounds = accepted(100)

    assert rounds.ask().facts == ()


@pytest.mark.fault("F-63")
def test_a_correction_that_was_missed_is_applied() -> None:
    rounds = accepted(100)
    rounds.executions = [rounds.executed(ORDER, "x1", 60, "151", revision=2, commission=1)]
    rounds.cash = Decimal(CASH) - 60 * 151 - 1
    rounds.positions = {"AAPL": Decimal(60)}

    outcome = rounds.ask()

    assert the(outcome, FillCorrected).revision == 2
    assert (outcome.clean, rounds.ask().facts) == (True, ())


@pytest.mark.fault("F-63")
def test_an_execution_first_seen_corrected_keeps_its_revision() -> None:
    rounds = accepted()
    rounds.open.append(rounds.shows(ORDER))
    rounds.executions.append(rounds.executed(ORDER, "e1", 60, revision=1))

    outcome = rounds.ask(cash=Decimal(CASH) - 9_000, positions=rounds.view().positions)
    rounds.scene.correct(ORDER, "e1", 55, revision=1)

    assert words(outcome) == ["OrderFilled", "FillCorrected"]
    assert rounds.scene.desk.state.orders[ORDER].filled == shares(60)


@pytest.mark.fault("F-11", "F-75")
def test_a_commission_that_was_missed_is_paid() -> None:
    rounds = accepted(100)
    rounds.executions = [rounds.executed(ORDER, "x1", 100, commission=2)]
    rounds.cash = Decimal(CASH) - 15_002

    outcome = rounds.ask()

    assert the(outcome, CommissionReported).commission == money(2)
    assert outcome.clean


@pytest.mark.fault("F-75")
def test_a_commission_that_the_broker_does_not_know_yet_stays_as_it_was() -> None:
    rounds = accepted(100)
    rounds.scene.commission(ORDER, "x1", 2)

    assert rounds.ask().facts == ()


def test_a_slice_keeps_its_parent() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    rounds = Rounds(scene)
    rounds.open.append(rounds.shows(SLICE))
    rounds.executions.append(rounds.executed(SLICE, "e1", 50))

    outcome = rounds.ask()

    assert the(outcome, OrderFilled).parent_id == ORDER
    assert scene.desk.state.parents[ORDER].filled == shares(50)


@pytest.mark.fault("F-59")
@pytest.mark.control("A-08", "refuses")
def test_a_fill_by_hand_counts_and_quarantines_its_symbol() -> None:
    rounds = accepted()
    rounds.open.append(rounds.shows(ORDER))
    rounds.executions.append(rounds.executed("external:9", "e9", 30))
    rounds.cash = Decimal(CASH) - 4_500
    rounds.positions = {"AAPL": Decimal(30)}

    outcome = rounds.ask()

    assert rounds.told.alarms == ["EXTERNAL_FILL", "SYMBOL_QUARANTINED"]
    assert outcome.clean  # the other symbols may trade
    assert rounds.ask().facts == ()


def test_a_fill_by_hand_may_be_corrected_too() -> None:
    rounds = Rounds(Scene())
    rounds.executions = [rounds.executed("external:9", "e9", 30)]
    rounds.ask()
    rounds.executions = [rounds.executed("external:9", "e9", 20, revision=1)]

    rounds.ask()

    assert rounds.scene.desk.state.book.holdings["AAPL"].quantity == shares(20)


# Open and completed orders.


@pytest.mark.fault("F-06", "F-08", "F-45")
def test_an_order_in_doubt_that_the_broker_has_is_adopted() -> None:
    rounds = doubted()
    rounds.open.append(rounds.shows(ORDER, "B7"))

    outcome = rounds.ask()

    order = rounds.scene.desk.state.orders[ORDER]
    assert the(outcome, OrderAccepted).broker_order_id == "B7"
    assert (order.certainty, order.broker_order_id) == (Certainty.CONFIRMED, "B7")
    assert rounds.told.placed == []
    assert outcome.clean


@pytest.mark.fault("F-45", "F-72")
def test_an_order_that_was_filled_and_forgotten_by_the_socket_is_known_by_its_executions() -> None:
    rounds = doubted()
    rounds.completed.append(rounds.shows(ORDER, status=OrderStatus.FILLED, filled_quantity=100))
    rounds.executions.append(rounds.executed(ORDER, "e1", 100))

    outcome = rounds.ask(cash=Decimal(CASH) - 15_000)

    assert words(outcome) == ["OrderFilled", "OrderAccepted"]
    assert status_of(rounds) is OrderStatus.FILLED
    assert rounds.scene.desk.state.recent[ORDER].broker_order_id == "B1"


@pytest.mark.fault("F-60")
def test_two_broker_orders_of_one_name_are_told_once() -> None:
    rounds = doubted()
    rounds.open.extend((rounds.shows(ORDER, "B1"), rounds.shows(ORDER, "B2")))

    first, second = rounds.ask(), rounds.ask()

    assert words(first) == ["OrderAccepted", "OrderAccepted"]
    assert second.facts == ()
    assert "MULTI_INCARNATION" in [a.code for a in rounds.scene.all if hasattr(a, "code")]


@pytest.mark.fault("F-05", "F-07", "F-45")
def test_an_order_that_no_answer_knows_never_reached_the_broker() -> None:
    rounds = doubted()

    first, second = rounds.ask(), rounds.ask()

    assert (codes(first), first.facts, first.clean) == (["NEVER_REACHED_BROKER?"], (), False)
    assert first.ask_again_after_ns == APART_NS
    assert the(second, OrderRefused).code == "NEVER_REACHED_BROKER"
    assert second.clean
    assert status_of(rounds) is OrderStatus.REJECTED
    assert rounds.told.placed == []
    assert rounds.scene.desk.state.book.buying == {}


@pytest.mark.fault("F-05")
def test_the_reason_names_the_answers_that_prove_it() -> None:
    rounds = doubted()
    rounds.ask()

    outcome = rounds.ask()

    assert "in no execution, open or completed order at 20" in the(outcome, OrderRefused).reason


@pytest.mark.fault("F-05", "F-50")
def test_two_answers_too_close_together_decide_nothing() -> None:
    rounds = doubted()
    rounds.ask()
    rounds.scene.at -= 10**9

    early, later = rounds.ask(), rounds.ask()

    assert (codes(early), early.facts) == (["NEVER_REACHED_BROKER?"], ())
    assert words(later) == ["OrderRefused"]


@pytest.mark.fault("F-50")
def test_an_empty_answer_that_is_taken_back_decides_nothing() -> None:
    rounds = accepted()
    rounds.ask()
    rounds.open.append(rounds.shows(ORDER))
    agreed = rounds.ask()
    rounds.open.clear()

    again = rounds.ask()

    assert agreed.clean
    assert (codes(again), again.facts) == (["VANISHED?"], ())


@pytest.mark.fault("F-50")
def test_an_incomplete_answer_in_between_starts_the_count_anew() -> None:
    rounds = doubted()
    rounds.ask()
    rounds.ask(complete=False)

    assert rounds.ask().facts == ()


@pytest.mark.fault("F-47")
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (OrderStatus.CANCELLED, OrderCancelled),
        (OrderStatus.EXPIRED, OrderExpired),
        (OrderStatus.REJECTED, OrderRefused),
    ],
)
def test_an_end_that_was_missed_is_taken_from_the_completed_orders(
    status: OrderStatus, kind: type[OrderCancelled | OrderExpired | OrderRefused]
) -> None:
    rounds = sent()
    rounds.completed.append(rounds.shows(ORDER, status=status, metadata={"reject_reason": "why"}))

    first, second = rounds.ask(), rounds.ask()

    assert codes(first) == [f"{status}_UNSEEN?"]
    assert the(second, kind).reason == "why"
    assert status_of(rounds) is status


@pytest.mark.fault("F-47", "F-70")
def test_the_filled_part_is_kept() -> None:
    rounds = accepted(40)
    rounds.completed.append(rounds.shows(ORDER, status=OrderStatus.CANCELLED, filled_quantity=40))
    rounds.ask()

    outcome = rounds.ask()

    assert words(outcome) == ["OrderCancelled"]
    assert rounds.scene.desk.state.recent[ORDER].filled == shares(40)


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.FILLED])
def test_a_completed_order_whose_executions_are_missing_stays_and_is_contained(
    status: OrderStatus,
) -> None:
    rounds = accepted()
    rounds.completed.append(rounds.shows(ORDER, status=status, filled_quantity=40))
    rounds.ask()

    outcome, later = rounds.ask(), rounds.ask()

    assert words(outcome) == ["SymbolQuarantined"]
    assert ORDER in rounds.scene.desk.state.orders
    assert (later.facts, later.clean, codes(later)) == ((), True, ["MISSING_EXECUTION"])


def test_an_accepted_order_that_nobody_shows_is_cancelled_and_not_called_lost() -> None:
    rounds = accepted()
    rounds.ask()

    outcome = rounds.ask()

    assert the(outcome, OrderCancelled).reason.startswith("VANISHED")


def test_a_day_order_of_yesterday_has_expired() -> None:
    rounds = accepted()
    rounds.scene.sleep(86_400)
    rounds.ask()

    outcome = rounds.ask()

    assert words(outcome) == ["OrderExpired"]


@pytest.mark.control("A-01", "refuses")
def test_an_order_that_nobody_answers_for_is_in_doubt_after_five_seconds() -> None:
    rounds = sent()

    early = rounds.ask()
    late = rounds.ask(open_orders=())

    assert (early.facts, words(late)) == ((), ["OrderRefused"])


@pytest.mark.control("A-01", "refuses")
def test_silence_of_five_seconds_is_a_doubt() -> None:
    rounds = sent()
    rounds.scene.sleep(4)

    outcome = rounds.ask()

    assert the(outcome, OrderInDoubt).reason == "no answer in 5 s"
    assert rounds.told.alarms == ["IN_DOUBT"]


@pytest.mark.fault("F-05")
def test_an_order_that_turns_up_after_it_was_given_up_is_cancelled() -> None:
    rounds = doubted()
    rounds.ask()
    rounds.ask()
    rounds.open.append(rounds.shows(ORDER, "B1"))

    rounds.ask()

    assert rounds.told.cancels == [ORDER]
    assert "RESURFACED" in rounds.told.alarms


def test_an_order_that_still_works_after_its_end_is_contained() -> None:
    rounds = accepted()
    rounds.scene.cancelled(ORDER)
    rounds.open.append(rounds.shows(ORDER))

    first, second = rounds.ask(), rounds.ask()

    assert (codes(first), first.facts) == (["STILL_OPEN?"], ())
    assert words(second) == ["SymbolQuarantined"]


@pytest.mark.fault("F-59")
@pytest.mark.control("A-08", "refuses")
def test_an_order_by_hand_quarantines_its_symbol_and_is_left_alone() -> None:
    rounds = Rounds(sent().scene)
    rounds.open.append(rounds.shows(ORDER))
    rounds.open.append(rounds.shows(ORDER).changed(order_id="external:5"))

    first, second = rounds.ask(), rounds.ask()

    assert words(first) == ["OrderAccepted", "SymbolQuarantined"]
    assert rounds.told.cancels == []
    assert second.facts == ()
