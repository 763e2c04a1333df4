"""What silence proves: nothing of what came amid it, nothing over two connections, never for good."""

import pytest

from fillpath.core.models import OrderStatus
from tests.unit.execution.broker_answers import codes, words
from tests.unit.execution.test_reconciling import ORDER, accepted, doubted


@pytest.mark.fault("F-50")
@pytest.mark.parametrize("filled", [0, 40])
def test_an_order_that_the_broker_spoke_of_amid_a_round_is_not_missing_from_it(filled: int) -> None:
    rounds = doubted()
    rounds.scene.sleep(1)
    began = rounds.scene.at - 10**8
    rounds.scene.fill(ORDER, filled) if filled else rounds.scene.accept(ORDER)

    first, second = rounds.ask(asked_at=began), rounds.ask()

    assert codes(first) == []
    assert codes(second) == ["VANISHED?"]


@pytest.mark.fault("F-50")
def test_answers_of_two_connections_are_not_two_in_a_row() -> None:
    rounds = accepted()
    rounds.ask()
    rounds.reconciler.begin_anew()

    assert codes(rounds.ask()) == ["VANISHED?"]


@pytest.mark.fault("F-47")
@pytest.mark.parametrize(("works", "told"), [(False, ["OrderCancelled"]), (True, [])])
def test_an_order_that_is_shown_as_ended_twice_has_ended_unless_one_shows_it_open_in_between(
    works: bool,  # noqa: FBT001  # a row of the table
    told: list[str],
) -> None:
    rounds = accepted()
    rounds.completed.append(rounds.shows(ORDER, status=OrderStatus.CANCELLED))
    rounds.ask()
    rounds.ask(complete=False, open_orders=(rounds.shows(ORDER),) if works else ())

    assert words(rounds.ask()) == told


@pytest.mark.fault("F-50")
def test_an_order_that_vanished_and_is_shown_again_is_cancelled_at_once() -> None:
    rounds = accepted()
    rounds.ask()
    rounds.ask()
    rounds.open.append(rounds.shows(ORDER))

    rounds.ask()

    assert rounds.told.cancels == [ORDER]
    assert "RESURFACED" in rounds.told.alarms
