"""A newer signal that contradicts what works: cancel first, act after the confirmation."""

from typing import Final

import pytest

from fillpath.core.models import OrderSide
from tests.unit.execution.desk.scene import Scene, a_holding, money, shares

ORDER: Final = "trend/sig-1"


def working(direction: str = "LONG", held: int = 0) -> Scene:
    """Return a desk with 100 shares of a strategy working, half of them filled."""
    scene = Scene(positions=(a_holding(held),) if held else ())
    scene.signal(direction, quantity=None if direction == "FLAT" else 100)
    scene.accept(ORDER)
    scene.fill(ORDER, 50, "150")
    scene.sleep(1)
    return scene


def running(held: int = 0, direction: str = "LONG") -> Scene:
    """Return a desk whose first slice of 200 is filled and whose second works."""
    scene = Scene(positions=(a_holding(held),) if held else ())
    scene.show(adv=shares(50_000))
    scene.signal(direction, quantity=None if direction == "FLAT" else 1_000)
    scene.trade(f"{ORDER}#1", "150")
    scene.wait(60)
    scene.accept(f"{ORDER}#2")
    return scene


@pytest.mark.parametrize("direction", ["FLAT", "SHORT"])
def test_a_contradicting_signal_first_cancels_the_order(direction: str) -> None:
    scene = working()

    answer = scene.signal(direction, quantity=None)

    assert answer.placed == []
    assert answer.cancels == [ORDER]
    assert answer.outcomes == ["HELD CANCELLING_OPPOSITE"]


@pytest.mark.parametrize("direction", ["FLAT", "SHORT"])
@pytest.mark.control("A-02", "passes")
@pytest.mark.control("C-27", "passes")
def test_after_the_confirmation_it_closes_what_is_held(direction: str) -> None:
    scene = working()
    scene.signal(direction, quantity=None)

    answer = scene.cancelled(ORDER)

    (ticket,) = answer.placed
    assert (ticket.order_id, ticket.side, ticket.quantity) == ("trend/sig-2", "SELL", shares(50))


@pytest.mark.control("A-02", "refuses")
@pytest.mark.control("C-27", "refuses")
def test_before_the_confirmation_a_quote_releases_nothing() -> None:
    scene = working()
    scene.signal("FLAT")

    answer = scene.quote()

    assert (answer.placed, answer.cancels) == ([], [])
    assert list(scene.desk.state.held) == ["trend/sig-2"]


@pytest.mark.fault("F-68")
def test_a_fill_that_overtakes_the_cancel_is_closed_too() -> None:
    scene = working()
    scene.signal("FLAT")
    scene.fill(ORDER, 50)

    (ticket,) = scene.quote().placed

    assert ticket.quantity == shares(100)


@pytest.mark.fault("F-12")
def test_a_failed_cancel_is_asked_again_a_little_later_and_not_before() -> None:
    scene = working()
    scene.signal("FLAT")
    scene.cancel_failed(ORDER)

    at_once = scene.quote()
    later = scene.wait(2)

    assert (at_once.cancels, at_once.placed) == ([], [])
    assert (later.cancels, later.placed) == ([ORDER], [])


@pytest.mark.fault("F-12")
def test_a_cancel_that_keeps_failing_is_asked_for_less_often_each_time() -> None:
    scene = working()
    scene.signal("FLAT")
    asked = []
    for _ in range(8):
        scene.cancel_failed(ORDER)
        waited = 0
        while not scene.wait(2).cancels:
            waited += 2
        asked.append(waited + 2)

    assert asked == [2, 4, 8, 16, 32, 64, 64, 64]


def test_an_order_that_ended_meanwhile_is_not_cancelled_again() -> None:
    scene = working()
    scene.signal("FLAT")
    scene.cancel_failed(ORDER)
    scene.cancelled(ORDER)

    assert scene.wait(2).cancels == []


def test_a_signal_whose_cancel_is_never_confirmed_expires() -> None:
    scene = working()
    scene.signal("FLAT")

    answer = scene.wait(30)

    assert answer.outcomes == ["EXPIRED EXPIRED_SIGNAL"]


def test_an_order_that_is_not_accepted_yet_is_cancelled_once_it_is() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    asked = scene.signal("FLAT")

    answer = scene.accept(ORDER)

    assert asked.cancels == []
    assert answer.cancels == [ORDER]


def test_a_long_cancels_the_exit_that_works() -> None:
    scene = working("FLAT", held=100)

    answer = scene.signal("LONG", quantity=10)

    assert answer.cancels == [ORDER]
    assert answer.outcomes == ["HELD CANCELLING_OPPOSITE"]


def test_a_flat_leaves_the_exit_that_works() -> None:
    scene = working("FLAT", held=100)

    answer = scene.signal("FLAT")

    assert answer.cancels == []
    assert answer.outcomes == ["REFUSED NOTHING_TO_CLOSE"]


@pytest.mark.parametrize("direction", ["LONG", "SHORT"])
def test_a_signal_leaves_the_entry_of_its_own_side_that_works(direction: str) -> None:
    answer = working(direction).signal(direction, quantity=10)

    assert answer.cancels == []
    assert answer.outcomes == ["ORDERED"]


@pytest.mark.fault("F-104")
def test_another_strategy_is_left_alone() -> None:
    scene = working()

    answer = scene.signal("SHORT", quantity=10, strategy_name="bear")

    assert answer.cancels == []
    assert answer.outcomes == ["ORDERED"]


def test_another_symbol_is_left_alone() -> None:
    scene = working()

    answer = scene.signal("SHORT", quantity=10, symbol="MSFT")

    assert answer.cancels == []


@pytest.mark.fault("F-96")
@pytest.mark.parametrize("direction", ["FLAT", "SHORT"])
def test_a_contradicting_signal_cancels_a_running_schedule(direction: str) -> None:
    scene = running()

    answer = scene.signal(direction, quantity=None)

    assert answer.placed == []
    assert answer.cancels == [f"{ORDER}#2"]
    assert f"slice:{ORDER}" not in scene.timers


@pytest.mark.fault("F-96")
def test_the_schedule_ends_with_its_cancel_and_then_the_exit_goes() -> None:
    scene = running()
    scene.signal("FLAT")

    answer = scene.cancelled(f"{ORDER}#2")

    assert answer.outcomes == ["UNFILLED UNFILLED", "ORDERED"]
    assert answer.decisions[0].text.startswith("CANCELLED_BY_SIGNAL: ")
    assert answer.decisions[0].quantity == shares(800)
    assert [ticket.quantity for ticket in answer.placed] == [shares(200)]


def test_a_schedule_between_two_slices_ends_at_once() -> None:
    scene = running()
    scene.fill(f"{ORDER}#2")

    answer = scene.signal("FLAT")

    assert answer.cancels == []
    assert answer.outcomes == ["UNFILLED UNFILLED", "HELD CANCELLING_OPPOSITE"]
    assert [ticket.quantity for ticket in scene.quote().placed] == [shares(400)]


@pytest.mark.parametrize("direction", ["LONG", "SHORT"])
def test_a_schedule_that_has_nothing_left_to_send_ends_too(direction: str) -> None:
    """Late fills have made it whole: it neither works nor rests, and its timer runs."""
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(direction, quantity=1_000)
    scene.accept(f"{ORDER}#1")
    for number in (1, 2, 3):
        scene.wait(60)
        scene.cancelled(f"{ORDER}#{number}")
        scene.accept(f"{ORDER}#{number + 1}")
    for number, quantity in ((4, 500), (1, 200), (2, 300)):
        scene.fill(f"{ORDER}#{number}", quantity)
    assert (scene.desk.state.book.buying, scene.desk.state.book.selling) == ({}, {})
    assert list(scene.desk.state.running) == [("trend", "AAPL", direction == "LONG")]

    scene.signal("SHORT" if direction == "LONG" else "LONG", quantity=10)

    assert scene.desk.state.parents == {}
    assert f"slice:{ORDER}" not in scene.timers


def test_a_contradicted_schedule_holds_back_no_more_than_what_still_works() -> None:
    scene = running()

    scene.signal("FLAT")

    book = scene.desk.state.book
    (slice_two,) = scene.desk.state.orders.values()
    assert book.buying == {"AAPL": shares(200)}
    assert book.reserved == shares(200) * slice_two.worst_price


def test_a_schedule_in_another_symbol_is_left_alone() -> None:
    scene = running()

    scene.signal("FLAT", symbol="MSFT")

    assert ORDER in scene.desk.state.parents


@pytest.mark.fault("F-96")
@pytest.mark.control("C-27", "refuses")
def test_no_two_own_orders_ever_meet() -> None:
    """While the cancel is not confirmed, nothing works on the other side."""
    scene = working()
    scene.signal("SHORT", quantity=10)
    for _ in range(3):
        scene.quote()

    book = scene.desk.state.book
    assert (book.buying, book.selling) == ({"AAPL": shares(50)}, {})


def test_a_cancelled_order_frees_its_cash() -> None:
    scene = working()
    scene.signal("FLAT")

    scene.cancelled(ORDER)

    book = scene.desk.state.book
    assert (book.reserved, book.buying) == (0, {})
    assert book.cash == money(10_000_000) - money(7_500)


def test_an_exit_is_not_lost_for_want_of_a_second_quote() -> None:
    scene = working()
    scene.signal("FLAT")
    sent = scene.cancelled(ORDER).placed

    sent += scene.wait(60).placed

    assert [ticket.quantity for ticket in sent] == [shares(50)]


def test_a_signal_that_goes_on_waiting_is_recorded_once() -> None:
    scene = working()
    scene.signal("FLAT")

    scene.quote()
    scene.quote()

    assert scene.all.outcomes.count("HELD CANCELLING_OPPOSITE") == 1


def test_an_exit_never_meets_an_exit_of_its_own() -> None:
    """Shares that nobody claims are being sold; a sale by hand turns the position over."""
    scene = Scene(positions=(a_holding(5, strategy=""),))
    scene.signal("FLAT")
    scene.fill("by-hand", 10, side=OrderSide.SELL)

    scene.signal("FLAT")

    book = scene.desk.state.book
    assert not (book.buying and book.selling)
