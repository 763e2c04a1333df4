"""What a stop of the engine's own has set off is carried out, whatever anybody says meanwhile."""

import pytest

from fillpath.core.events import CancelAsked
from fillpath.core.models import OrderSide
from fillpath.risk.limits.account import StopKeeper
from tests.unit.execution.desk.guarded import TREND, Guarded, keeping
from tests.unit.execution.desk.scene import a_holding, price, shares

EXIT = "trend/sig-1#p1"


def stopped_out() -> Guarded:
    """Return a desk that sells 100 shares at any price, because their level was reached."""
    scene = Guarded(keeping(StopKeeper.ENGINE))
    scene.enter()
    assert [t.order_id for t in scene.reach("146.98", "147").placed] == [EXIT]
    scene.accept(EXIT)
    return scene


@pytest.mark.parametrize(
    ("bid", "ask", "reason", "meant"),
    [("146.98", "147", "stop", 147), ("156.01", "156.03", "target", 156)],
)
def test_what_is_sold_is_measured_against_the_level_that_was_reached(
    bid: str, ask: str, reason: str, meant: int
) -> None:
    scene = Guarded(keeping(StopKeeper.ENGINE, target_pct=4))
    scene.enter(paid=150)

    (ticket,) = scene.reach(bid, ask).placed

    order = scene.desk.state.orders[EXIT]
    assert ticket.route_reason == reason
    assert (order.worst_price, order.expected) == (price(meant), price(meant))
    assert order.reduces


def test_a_signal_for_the_other_side_waits_for_the_end_of_the_exit() -> None:
    scene = stopped_out()

    answer = scene.signal("LONG", quantity=50)

    assert (answer.cancels, answer.placed) == ([], [])
    assert answer.outcomes == ["HELD CANCELLING_OPPOSITE"]


def test_once_the_exit_is_filled_the_signal_is_decided() -> None:
    scene = stopped_out()
    scene.signal("LONG", quantity=50)
    scene.fill(EXIT, paid="146.98")

    (entry,) = scene.quote("146.98", "147").placed

    assert (entry.side, entry.quantity) == (OrderSide.BUY, shares(50))


def test_a_signal_to_close_leaves_the_exit_alone() -> None:
    scene = stopped_out()

    assert scene.signal("FLAT").cancels == []


def test_an_exit_of_what_is_held_no_more_is_cancelled_by_the_other_side() -> None:
    scene = stopped_out()
    del scene.desk.state.book.by_strategy[TREND]

    assert scene.signal("LONG", quantity=50).cancels == [EXIT]


def test_a_person_does_not_take_the_exit_back_by_itself() -> None:
    scene = stopped_out()

    answer = scene.tell(CancelAsked(scene.at, EXIT, "ann", "second thoughts"))

    assert (answer.cancels, answer.alarms) == ([], ["CANCEL_REFUSED"])


def test_all_of_a_position_is_sold_while_somebody_closes_shares_that_nobody_claims() -> None:
    scene = Guarded(keeping(StopKeeper.ENGINE), positions=(a_holding(35, 150, ""),))
    scene.enter()
    (others,) = scene.signal("FLAT", strategy_name="other").placed
    scene.accept(others.order_id)

    (exit_,) = scene.reach("146.98", "147").placed

    assert others.quantity == shares(35)
    assert exit_.quantity == shares(100)


def test_shares_of_no_strategy_are_sold_once() -> None:
    scene = Guarded(keeping(StopKeeper.ENGINE))
    entry = scene.signal(quantity=100, strategy_name="").placed[0].order_id
    scene.accept(entry)
    scene.fill(entry, paid=150)
    (others,) = scene.signal("FLAT", quantity=40, strategy_name="other").placed
    scene.accept(others.order_id)

    (exit_,) = scene.reach("146.98", "147").placed

    assert exit_.quantity + others.quantity == shares(100)


@pytest.mark.fault("F-63")
def test_an_exit_of_more_than_a_correction_leaves_is_sent_anew_in_the_size_of_what_is_held() -> (
    None
):
    scene = stopped_out()
    scene.fill(EXIT, 20, "146.98")

    corrected = scene.correct("trend/sig-1", "x1", 60, 150)
    (again,) = scene.cancelled(EXIT).placed

    assert (corrected.cancels, corrected.placed) == ([EXIT], [])
    assert (again.side, again.quantity) == (OrderSide.SELL, shares(40))


@pytest.mark.fault("F-63")
def test_what_a_correction_turns_waits_until_the_exit_of_the_other_side_has_ended() -> None:
    scene = stopped_out()
    scene.fill(EXIT, 20, "146.98")
    corrected = scene.correct("trend/sig-1", "x1", 15, 150)

    reached = scene.reach("160", "160.02")
    (again,) = scene.cancelled(EXIT).placed

    assert corrected.cancels == [EXIT]
    assert (reached.placed, reached.alarms) == ([], ["UNPROTECTED"])
    assert (again.side, again.quantity) == (OrderSide.BUY, shares(5))
    assert not scene.up


def test_an_exit_of_what_others_have_sold_meanwhile_is_cancelled() -> None:
    scene = stopped_out()

    assert scene.adjust(-100).cancels == [EXIT]
