"""Nothing is changed on a link that is in doubt, nor just after it (control A-18)."""

import pytest

from fillpath.core.commands import AmendOrder
from fillpath.core.models import Certainty, OrderSide
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.modifying import MODIFY_REFUSED, modify_refusal
from tests.unit.execution.desk.guarded import ENTRY, Guarded, amends, keeping
from tests.unit.execution.desk.scene import Answer, Scene


def grown(hold: str = "RECONCILING") -> Guarded:
    """Return a desk whose stop is too small, because more was filled while the link was in doubt."""
    scene = Guarded()
    scene.enter(100, 150, filled=40)
    scene.hold(hold)
    scene.fill(ENTRY, 60, 150)
    return scene


@pytest.mark.control("A-18", "refuses")
@pytest.mark.parametrize("hold", ["RECONCILING", "DISCONNECTED"])
def test_no_order_is_changed_while_the_link_is_in_doubt(hold: str) -> None:
    scene = grown(hold)

    answer = scene.wait(60)

    refusal = modify_refusal(scene.desk.state, scene.stop, scene.at)
    assert answer.of(AmendOrder) == []
    assert scene.up
    assert refusal is not None
    assert (refusal.code, refusal.text) == (
        MODIFY_REFUSED,
        f"the link to the broker is in doubt: {hold}",
    )


@pytest.mark.control("A-18", "refuses")
def test_not_even_to_make_a_stop_smaller() -> None:
    scene = Guarded()
    scene.enter(100)
    scene.hold("RECONCILING")

    answer = scene.fill("by-hand", 30, 150, side=OrderSide.SELL)

    assert answer.of(AmendOrder) == []


@pytest.mark.control("A-18", "refuses")
@pytest.mark.control("A-18", "passes")
@pytest.mark.parametrize(
    ("waited", "asked"), [(4.9, []), (5, [(100, 14_700)]), (5.1, [(100, 14_700)])]
)
def test_the_change_follows_five_seconds_after_the_link_is_sound(
    waited: float, asked: list[tuple[int, int]]
) -> None:
    scene = grown()
    at_once = scene.release("RECONCILING")

    answer = scene.wait(waited)

    assert amends(at_once) == []
    assert amends(answer) == asked
    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()


@pytest.mark.control("A-18", "refuses")
def test_how_long_the_link_still_settles_is_said() -> None:
    scene = grown()
    scene.release("RECONCILING")
    scene.sleep(1.5)

    refusal = modify_refusal(scene.desk.state, scene.stop, scene.at)

    assert refusal is not None
    assert refusal.text == "the link to the broker settles for 3.5 s more"


@pytest.mark.control("A-18", "passes")
def test_a_cancel_leaves_whatever_the_link_is() -> None:
    scene = Guarded()
    scene.enter(100)
    scene.hold("RECONCILING")

    answer = scene.fill("by-hand", 100, 150, side=OrderSide.SELL)

    assert answer.cancels == [f"{ENTRY}#p1"]


@pytest.mark.control("A-18", "passes")
def test_other_holds_let_a_stop_get_smaller_at_once() -> None:
    scene = Guarded()
    scene.enter(100)
    scene.hold("SAFE_HOLD")

    answer = scene.fill("by-hand", 30, 150, side=OrderSide.SELL)

    assert [size for size, _ in amends(answer)] == [70]


@pytest.mark.control("A-18", "refuses")
def test_a_stop_that_is_not_confirmed_is_not_changed() -> None:
    scene = Guarded()
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.fill(order_id, 40, 150)

    answer = scene.fill(order_id, 60, 150)
    refusal = modify_refusal(scene.desk.state, scene.stop, scene.at)
    after = scene.accept(scene.guard.stop)

    assert answer.of(AmendOrder) == []
    assert refusal is not None
    assert refusal.text == "the broker has not confirmed the order"
    assert amends(after) == [(100, 14_700)]


@pytest.mark.control("A-18", "refuses")
def test_a_stop_in_doubt_is_not_changed() -> None:
    scene = Guarded()
    scene.enter(100, 150, filled=40)
    scene.desk.state.orders[scene.guard.stop].certainty = Certainty.IN_DOUBT

    assert scene.fill(ENTRY, 60, 150).of(AmendOrder) == []


@pytest.mark.control("A-18", "refuses")
def test_without_amendments_nothing_is_cancelled_to_be_placed_anew_either() -> None:
    scene = Guarded(keeping(amends_stops=False))
    scene.enter(100, 150, filled=40)
    scene.hold("RECONCILING")
    held = scene.fill(ENTRY, 60, 150)
    scene.release("RECONCILING")

    assert held.cancels == []
    assert scene.wait(5).cancels == [f"{ENTRY}#p1"]


def test_a_link_that_was_never_in_doubt_needs_no_rest() -> None:
    scene = Guarded()
    scene.enter(100)

    assert modify_refusal(scene.desk.state, scene.stop, NANOSECONDS) is None


def test_holds_of_other_kinds_leave_no_mark() -> None:
    scene = Scene()
    scene.hold("CLOCK")
    scene.release("CLOCK")
    kept: Answer = scene.all

    assert scene.desk.state.link_at == 0
    assert kept.alarms == ["TRADING_HELD", "TRADING_RELEASED"]
