"""A broker that is lost is waited for: nothing is sent, and nothing takes its place."""

import pytest

from fillpath.risk.binding import BROKER_UNAVAILABLE
from tests.unit.execution.desk.scene import Scene, shares


@pytest.mark.control("C-42", "refuses")
def test_while_the_broker_is_away_no_signal_is_ordered() -> None:
    scene = Scene()
    scene.hold(BROKER_UNAVAILABLE)

    answer = scene.signal(quantity=10)
    later = scene.quote()

    assert (answer.placed, later.placed) == ([], [])


@pytest.mark.control("C-42", "refuses")
def test_while_it_is_away_no_slice_is_sent() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.hold(BROKER_UNAVAILABLE)

    answer = scene.wait(60)

    assert answer.placed == []


@pytest.mark.control("C-42", "passes")
def test_when_it_is_back_orders_go_to_it() -> None:
    scene = Scene()
    scene.hold(BROKER_UNAVAILABLE)
    scene.release(BROKER_UNAVAILABLE)

    answer = scene.signal(quantity=10)

    assert [ticket.quantity for ticket in answer.placed] == [shares(10)]
