"""What the simulation has found wrong with protection; each stays mended."""

import pytest

from fillpath.core.models import OrderStatus, OrderType
from fillpath.risk.limits.account import StopKeeper
from tests.unit.execution.desk.guarded import Guarded, amends, keeping
from tests.unit.execution.desk.scene import price, shares

LIMIT = OrderType.LIMIT


def test_what_a_fill_of_another_strategy_cost_moves_no_stop() -> None:
    """Seed 65: a late commission gave the account's average, of both, to one of them."""
    scene = Guarded()
    scene.enter(100, 150)
    other = scene.signal("LONG", quantity=100, strategy_name="other").placed[0].order_id
    scene.accept(other)
    scene.fill(other, paid=170)
    leaving = scene.signal("FLAT", strategy_name="other").placed[0].order_id
    scene.accept(leaving)
    fill_id = scene.fill(leaving, paid=170).booked[0].fill_id

    answer = scene.commission(leaving, fill_id, 1)

    assert amends(answer) == []
    assert scene.guard.level == price(147)


def test_a_corrected_fill_of_another_strategy_moves_no_stop() -> None:
    scene = Guarded()
    scene.enter(100, 150)
    other = scene.signal("LONG", quantity=100, strategy_name="other").placed[0].order_id
    scene.accept(other)
    fill_id = scene.fill(other, paid=170).booked[0].fill_id

    scene.correct(other, fill_id, 60, 169)

    assert scene.guard.level == price(147)


@pytest.mark.parametrize(("limit", "sent"), [("150.01", False), ("149.9", True)])
def test_a_target_that_an_own_entry_would_trade_with_waits_for_its_end(
    limit: str, *, sent: bool
) -> None:
    """Seeds 162, 204, 227: the first part was filled far below the limit of the rest."""
    scene = Guarded(keeping(target_pct="0.02"))
    scene.show(bid=limit, ask="150.03")
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)

    targets = [t for t in scene.fill(order_id, 40, "149.9").placed if t.order_type is LIMIT]

    assert bool(targets) is sent
    if not sent:
        (target,) = scene.cancelled(order_id).placed
        assert (target.order_type, target.quantity) == (LIMIT, shares(40))


def test_an_entry_that_would_trade_with_the_own_target_is_refused() -> None:
    """Seeds 204 and 222: the price had come near the target, and a slice would have met it."""
    scene = Guarded(keeping(target_pct="0.02"))
    scene.enter(100, 150)
    scene.show(bid="150.01", ask="150.03")

    answer = scene.signal(quantity=100, strength="0.95")

    assert answer.placed == []
    assert "C-27" in answer.decision.controls
    assert answer.outcomes == ["REFUSED SELF_CROSS"]


def test_no_second_stop_is_placed_while_the_first_may_work() -> None:
    """Seed 223: an exit was told late and undone, and the stop after it was never reduced."""
    scene = Guarded()
    scene.enter()
    leaving = scene.signal("FLAT").placed[0].order_id
    scene.accept(leaving)
    scene.correct(leaving, "late", 0)  # undone before it is told
    stop = scene.guard.stop

    answer = scene.fill(leaving, 100, 150, fill_id="late")

    assert answer.placed == []
    assert scene.guard.stop == stop
    assert amends(scene.wait(5)) == []
    assert scene.stop.remaining == shares(100)
    assert not scene.up


def test_a_target_that_never_left_is_sent_when_it_may() -> None:
    """Seed 23: our own gate refused it, because the stop before it was in doubt."""
    scene = Guarded(keeping(target_pct=5))
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    stop, target = (t.order_id for t in scene.fill(order_id, paid=150).placed)
    scene.doubt(stop)

    refused = scene.refused(target, "IN_DOUBT")
    again = scene.accept(stop)

    assert "TARGET_LOST" not in refused.alarms
    assert [t.order_type for t in again.placed] == [LIMIT]


def test_what_the_group_takes_from_a_slice_is_still_to_be_sent() -> None:
    """Seed 204: another exit of the position was filled while a slice worked."""
    scene = Guarded()
    scene.enter(1_000)
    scene.show(adv=shares(50_000))
    slice_id = scene.signal("FLAT").placed[0].order_id
    scene.accept(slice_id)
    (parent,) = scene.desk.state.parents.values()
    rest = parent.rest

    scene.amended(slice_id, 150)

    assert parent.rest == rest + shares(50)
    assert scene.desk.state.book.selling == {"AAPL": shares(1_000)}


@pytest.mark.fault("F-66")
def test_a_fill_that_overtakes_the_news_of_a_larger_stop_is_no_overfill() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=40)
    scene.fill("trend/sig-1", 60, 150)  # the stop is asked to become 100
    stop = scene.guard.stop

    answer = scene.fill(stop, 100, 147)

    assert "OVERFILL" not in answer.alarms
    assert scene.desk.state.quarantined == {}
    assert scene.desk.state.recent[stop].status is OrderStatus.FILLED


@pytest.mark.fault("F-69")
def test_a_fill_beyond_what_was_asked_for_is_one() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=40)
    scene.fill("trend/sig-1", 60, 150)

    assert "OVERFILL" in scene.fill(scene.guard.stop, 110, 147).alarms


def test_no_stop_is_cancelled_over_night_that_could_not_be_replaced() -> None:
    """Seed 131: a correction came after the close, and the broker changes no orders."""
    scene = Guarded(keeping(amends_stops=False))
    scene.enter(100, 150)
    scene.close()

    at_night = scene.correct("trend/sig-1", "x1", 60, 150)
    at_the_open = scene.open()

    assert at_night.cancels == []
    assert at_the_open.cancels == [scene.guard.stop]


def test_a_stop_that_ends_over_night_is_placed_at_the_open() -> None:
    scene = Guarded()
    scene.enter(100, 150)
    scene.close()

    at_night = scene.cancelled(scene.guard.stop)
    later = scene.wait(600)

    assert "UNPROTECTED" in at_night.alarms
    assert at_night.placed == later.placed == []
    assert [t.order_type for t in scene.open().placed] == [OrderType.STOP]


def test_an_engine_that_keeps_the_stop_sells_at_the_open_what_fell_over_night() -> None:
    scene = Guarded(keeping(StopKeeper.ENGINE))
    scene.enter(100, 150)
    scene.close()

    at_night = scene.reach("146", "146.02")

    assert (at_night.placed, at_night.alarms) == ([], ["UNPROTECTED"])
    assert [t.order_type for t in scene.open().placed] == [OrderType.MARKET]
