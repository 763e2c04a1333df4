"""Linked orders stand otherwise than the journal has them: nobody heard what their group filled."""

import pytest

from fillpath.core.events import OrderAmended
from fillpath.core.models import Order, OrderStatus
from fillpath.execution.desk.resized import RESIZED
from tests.unit.execution.broker_answers import Rounds, codes, the, words
from tests.unit.execution.desk.guarded import Guarded, amends
from tests.unit.execution.desk.scene import price, shares

STOP = "trend/sig-1#p1"


def stopped(ordered: int = 100) -> tuple[Rounds, Order]:
    """Return an account whose position of 100 is under a stop, and the stop as the broker has it."""
    scene = Guarded()
    scene.enter(ordered, 150, filled=100)
    scene.sleep(1)
    rounds = Rounds(scene)
    stop = rounds.shows(STOP, scene.stop.broker_order_id)
    rounds.open = [stop]
    return rounds, stop


def test_a_stop_that_stands_as_we_know_it_is_no_difference() -> None:
    rounds, _ = stopped()

    assert codes(rounds.ask()) == []


@pytest.mark.parametrize(
    ("changes", "size", "level"), [({"quantity": 60}, 60, 147), ({"stop_price": 146}, 100, 146)]
)
def test_another_size_or_level_is_taken_over_once_two_answers_agree(
    changes: dict[str, int], size: int, level: int
) -> None:
    rounds, stop = stopped()
    rounds.open = [stop.changed(**changes)]

    first, second = rounds.ask(), rounds.ask()

    assert (codes(first), words(first)) == ([f"{RESIZED}?"], [])
    fact = the(second, OrderAmended)
    assert (fact.quantity, fact.stop) == (shares(size), price(level))


def test_what_we_asked_for_ourselves_is_no_difference() -> None:
    rounds, stop = stopped()
    rounds.scene.desk.state.orders[STOP].asked = (shares(60), price(147))
    rounds.open = [stop.changed(quantity=60)]

    assert codes(rounds.ask()) == []


@pytest.mark.fault("F-47")
def test_a_stop_that_was_made_smaller_unseen_and_then_filled_has_ended() -> None:
    """Seed 58 of the simulation: it stayed open for ever, and its symbol shut."""
    rounds, stop = stopped()
    filled = stop.changed(quantity=60, status=OrderStatus.FILLED, filled_quantity=60)
    rounds.scene.fill(STOP, 60, "147")
    rounds.open, rounds.completed = [], [filled]
    rounds.executions = [
        f.fill for order in rounds.scene.desk.state.orders.values() for f in order.fills.values()
    ]

    rounds.ask()
    rounds.ask()

    assert rounds.scene.desk.state.recent[STOP].status is OrderStatus.FILLED
    assert STOP not in rounds.scene.desk.state.orders
    assert rounds.scene.desk.state.quarantined == {}


def test_a_stop_is_filled_before_the_news_that_it_was_made_smaller() -> None:
    scene = Guarded()
    scene.enter(100, 150)
    scene.fill(STOP, 60, "147")

    (row,) = scene.amended(STOP, 60).closed

    assert (row.status, row.filled) == (OrderStatus.FILLED, shares(60))


def test_a_stop_that_is_larger_than_we_knew_is_asked_for_what_is_still_missing() -> None:
    """Seed 187 of the simulation: the change before the crash had been taken, a later one had not."""
    rounds, stop = stopped(150)
    rounds.scene.hold()
    rounds.scene.fill("trend/sig-1", 50, 150)
    rounds.open = [stop.changed(quantity=130)]

    rounds.ask()
    rounds.ask()

    assert rounds.scene.desk.state.uncovered
    assert amends(rounds.scene.release()) == [(150, 14_700)]


@pytest.mark.fault("F-47")
def test_one_that_is_shown_as_ended_like_that_has_ended_though_an_answer_is_not_whole() -> None:
    """Seed 3453 of the simulation: on a line that loses answers it stayed open for ever."""
    rounds, stop = stopped()
    filled = stop.changed(quantity=60, status=OrderStatus.FILLED, filled_quantity=60)
    rounds.executions = [rounds.executed(STOP, "e1", 60, side=stop.side)]
    rounds.open, rounds.completed = [], [filled]
    rounds.ask()
    rounds.ask(complete=False)

    assert "OrderAmended" in words(rounds.ask())
