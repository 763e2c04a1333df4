"""What keeps orders in: a hold, a quarantined symbol, a doubt; and what happens when it ends."""

from typing import Final

import pytest

from fillpath.core.events import AccountDiffered, EngineStarted, OrderRefused
from fillpath.core.models import OrderStatus
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, shares

ORDER: Final = "trend/sig-1"
OTHER: Final = "other/sig-2"


def sizes(answer: Answer) -> list[tuple[str, int]]:
    return [(ticket.order_id, ticket.quantity // shares(1)) for ticket in answer.placed]


def sliced() -> Scene:
    """Return a desk that has just sent the first of five slices, 200 shares each."""
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    return scene


# Holds.


@pytest.mark.control("C-45", "refuses")
def test_a_signal_that_comes_while_trading_is_held_waits() -> None:
    scene = Scene()
    scene.hold()

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["HELD TRADING_HELD"]
    assert answer.placed == []
    assert answer.watched == []


@pytest.mark.control("C-45", "passes")
def test_it_is_decided_on_the_first_quote_after_the_release() -> None:
    scene = Scene()
    scene.hold()
    scene.signal(quantity=10)

    released = scene.release()
    answer = scene.quote("150.09", "150.11")

    assert released.watched == ["AAPL"]
    assert sizes(answer) == [(ORDER, 10)]


def test_it_expires_with_its_age_when_the_hold_lasts() -> None:
    scene = Scene()
    scene.hold()
    scene.signal(quantity=10)

    answer = scene.wait(31)

    assert answer.outcomes == ["EXPIRED EXPIRED_SIGNAL"]


def test_a_quote_does_not_open_the_gate() -> None:
    scene = Scene()
    scene.hold()
    scene.signal(quantity=10)

    answer = scene.quote()

    assert answer == []
    assert ORDER in scene.desk.state.held


def test_every_code_has_to_be_released() -> None:
    scene = Scene()
    scene.hold("CLOCK")
    scene.hold("LEASE")
    scene.signal(quantity=10)

    first = scene.release("CLOCK")
    second = scene.release("LEASE")

    assert (first.watched, second.watched) == ([], ["AAPL"])


def test_a_hold_is_told_once_and_its_end_too() -> None:
    scene = Scene()

    told = [scene.hold().alarms, scene.hold().alarms, scene.release().alarms]

    assert told == [["TRADING_HELD"], [], ["TRADING_RELEASED"]]
    assert scene.release() == []


def test_reconciling_wakes_nobody() -> None:
    scene = Scene()

    assert scene.hold("RECONCILING") == []
    assert scene.signal(quantity=10).outcomes == ["HELD TRADING_HELD"]
    assert scene.release("RECONCILING").alarms == []


def test_cancels_leave_while_trading_is_held() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.accept(ORDER)
    scene.hold()

    answer = scene.signal("FLAT")

    assert answer.cancels == [ORDER]


@pytest.mark.fault("F-97")
def test_a_slice_whose_time_comes_while_trading_is_held_waits_for_the_release() -> None:
    scene = sliced()
    scene.trade(f"{ORDER}#1")
    scene.hold()

    answer = scene.wait(60)
    released = scene.release()
    after = scene.quote()

    assert answer.outcomes == ["HELD TRADING_HELD"]
    assert released.watched == ["AAPL"]
    assert sizes(after) == [(f"{ORDER}#2", 200)]


@pytest.mark.fault("F-97")
@pytest.mark.control("A-05", "refuses")
def test_slices_missed_while_trading_is_held_are_spread_and_never_bunched() -> None:
    scene = sliced()
    scene.trade(f"{ORDER}#1")
    scene.hold()
    scene.wait(150)  # slice 2 came and went, slice 3 waits
    scene.release()

    sent = [scene.quote()]
    for number, pause in ((2, 30), (3, 60)):
        scene.trade(f"{ORDER}#{number}")
        sent.append(scene.wait(pause))

    assert [sizes(answer) for answer in sent] == [
        [(f"{ORDER}#2", 267)],
        [(f"{ORDER}#3", 267)],
        [(f"{ORDER}#4", 266)],
    ]


def test_a_slice_that_our_own_gate_kept_back_is_carried() -> None:
    scene = sliced()

    scene.tell(OrderRefused(scene.at, f"{ORDER}#1", "TRADING_HELD", "just now"))

    assert sizes(scene.wait(60)) == [(f"{ORDER}#2", 400)]


def test_a_slice_that_the_broker_refused_is_not() -> None:
    scene = sliced()

    answer = scene.refuse(f"{ORDER}#1")

    assert answer.outcomes == ["UNFILLED UNFILLED"]


# Quarantine.


@pytest.mark.control("C-45", "refuses")
def test_a_quarantined_symbol_takes_no_order() -> None:
    scene = Scene()
    scene.quarantine()

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["REFUSED SYMBOL_QUARANTINED"]


def test_not_even_an_exit_because_nobody_knows_what_is_held() -> None:
    scene = Scene(positions=(a_holding(100),))
    scene.quarantine()

    assert scene.signal("FLAT").outcomes == ["REFUSED SYMBOL_QUARANTINED"]


@pytest.mark.control("C-45", "passes")
def test_other_symbols_trade_on() -> None:
    scene = Scene()
    scene.quarantine("MSFT")

    assert sizes(scene.signal(quantity=10)) == [(ORDER, 10)]


def test_a_person_lets_it_go() -> None:
    scene = Scene()
    scene.quarantine()

    answer = scene.let_go()

    assert answer.alarms == ["SYMBOL_RELEASED"]
    assert sizes(scene.signal(quantity=10)) == [(ORDER, 10)]
    assert scene.let_go() == []


def test_it_is_told_once() -> None:
    scene = Scene()

    assert [scene.quarantine().alarms, scene.quarantine().alarms] == [["SYMBOL_QUARANTINED"], []]


def test_it_stops_the_schedules_of_the_symbol_and_leaves_whole_orders() -> None:
    scene = sliced()
    scene.accept(f"{ORDER}#1")
    scene.signal(quantity=10, strategy_name="other")
    scene.accept(OTHER)

    answer = scene.quarantine()

    assert answer.cancels == [f"{ORDER}#1"]
    assert OTHER in scene.desk.state.orders
    assert scene.wait(300).placed == []


def test_schedules_of_other_symbols_go_on() -> None:
    scene = sliced()
    scene.trade(f"{ORDER}#1")

    scene.quarantine("MSFT")

    assert sizes(scene.wait(60)) == [(f"{ORDER}#2", 200)]


@pytest.mark.fault("F-69")
@pytest.mark.control("A-06", "refuses")
def test_an_overfill_latches_the_symbol() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)

    answer = scene.fill(ORDER, 110)

    assert answer.alarms == ["OVERFILL", "SYMBOL_QUARANTINED"]
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(110)
    assert scene.signal("FLAT").outcomes == ["REFUSED SYMBOL_QUARANTINED"]


@pytest.mark.fault("F-69")
@pytest.mark.control("A-06", "refuses")
def test_a_late_overfill_latches_it_too() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.trade(ORDER)

    answer = scene.fill(ORDER, 10)

    assert answer.alarms == ["LATE_FILL", "OVERFILL", "SYMBOL_QUARANTINED"]


@pytest.mark.fault("F-59")
@pytest.mark.control("A-08", "refuses")
def test_a_fill_by_somebody_else_counts_and_latches_the_symbol() -> None:
    scene = Scene()

    answer = scene.fill("external:77", 100)

    assert answer.alarms == ["EXTERNAL_FILL", "SYMBOL_QUARANTINED"]
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(100)
    assert scene.signal(quantity=10).outcomes == ["REFUSED SYMBOL_QUARANTINED"]


# Doubt.


@pytest.mark.control("C-46", "refuses")
def test_nothing_is_added_to_an_order_in_doubt() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.doubt(ORDER)

    answer = scene.signal(quantity=10, strategy_name="other")

    assert answer.outcomes == ["HELD IN_DOUBT"]


@pytest.mark.control("C-46", "passes")
def test_the_other_side_and_other_symbols_are_free() -> None:
    scene = Scene(positions=(a_holding(100, strategy="other"),))
    scene.signal(quantity=10)
    scene.doubt(ORDER)

    exits = scene.signal("FLAT", strategy_name="other")

    assert sizes(exits) == [(OTHER, 100)]


@pytest.mark.parametrize("evidence", ["accept", "cancelled", "refuse", "expire", "fill"])
def test_what_waited_for_the_end_of_a_doubt_looks_at_the_market(evidence: str) -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.doubt(ORDER)
    scene.signal(quantity=10, strategy_name="other")

    answer = getattr(scene, evidence)(ORDER)
    after = scene.quote()

    assert "AAPL" in answer.watched or sizes(answer) == [(OTHER, 10)]
    assert OTHER in scene.tickets
    assert evidence == "cancelled" or sizes(after) == [(OTHER, 10)]


def test_a_slice_waits_while_an_order_of_another_strategy_is_in_doubt() -> None:
    scene = sliced()
    scene.trade(f"{ORDER}#1")
    scene.signal(quantity=10, strategy_name="other")
    scene.doubt(OTHER)

    waits = scene.wait(60)
    answer = scene.accept(OTHER)
    after = scene.quote()

    assert waits.outcomes == ["HELD IN_DOUBT"]
    assert answer.watched == ["AAPL"]
    assert sizes(after) == [(f"{ORDER}#2", 200)]


def test_a_doubt_that_nobody_waits_for_ends_quietly() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.doubt(ORDER)

    assert scene.accept(ORDER) == []
    assert scene.desk.state.doubts == {}


# What a kill switch, a start and a difference leave behind.


def test_the_kill_switch_wins_over_every_hold() -> None:
    scene = Scene()
    scene.hold()
    scene.kill()

    assert scene.signal(quantity=10).outcomes == ["REFUSED KILL_SWITCH"]


def test_holds_and_quarantines_survive_a_kill_and_its_end() -> None:
    scene = Scene()
    scene.hold()
    scene.quarantine("MSFT")
    scene.kill()

    scene.clear()

    assert scene.signal(quantity=10).outcomes == ["HELD TRADING_HELD"]
    assert "MSFT" in scene.desk.state.quarantined


def test_a_replay_comes_to_the_same_gates() -> None:
    scene = Scene()
    scene.hold()
    scene.quarantine("MSFT")
    scene.signal(quantity=10)
    scene.release()

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()


def test_a_start_says_which_writer_it_is() -> None:
    scene = Scene()

    answer = scene.tell(EngineStarted(scene.at, "rules", "1", 7))

    assert answer == []
    assert scene.desk.state.epoch == 7


@pytest.mark.parametrize(("symbol", "text"), [("", "1 and 2"), ("AAPL", "AAPL: 1 and 2")])
def test_a_difference_is_told_to_a_person(symbol: str, text: str) -> None:
    scene = Scene()

    answer = scene.tell(AccountDiffered(scene.at, "CASH_DIFFERENCE", "1 and 2", symbol))

    assert answer.alarms == ["CASH_DIFFERENCE"]
    assert getattr(answer[0], "text", "") == text


def test_a_rejected_order_frees_what_it_held() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.doubt(ORDER)

    scene.tell(OrderRefused(scene.at, ORDER, "NEVER_REACHED_BROKER", "asked twice"))

    assert scene.desk.state.recent[ORDER].status is OrderStatus.REJECTED
    assert scene.desk.state.book.buying == {}
