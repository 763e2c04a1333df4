"""The same events give the same desk and the same commands, whoever looks and when."""

from decimal import Decimal

from fillpath.core.commands import Intent
from fillpath.core.events import EngineStarted
from fillpath.data.codec import decode_group, encode_group
from fillpath.execution.desk import Desk, DeskState
from fillpath.execution.policy import DeskPolicy
from tests.unit.execution.desk.scene import Scene, a_holding, shares

ORDER = "trend/sig-1"


def a_busy_day() -> Scene:
    """Return a desk with a schedule, a held signal, an order in doubt and a position."""
    scene = Scene(positions=(a_holding(100, strategy="other"),))
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.accept(f"{ORDER}#1")
    scene.fill(f"{ORDER}#1", 50)
    scene.wait(60)
    scene.signal("FLAT", strategy_name="other")
    scene.doubt("other/sig-2")
    scene.signal(quantity=5, symbol="MSFT")
    return scene


def test_a_second_desk_comes_to_the_same() -> None:
    scene = a_busy_day()

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()


def test_a_second_desk_asks_for_the_same() -> None:
    scene = a_busy_day()
    twin = Desk(DeskPolicy())

    again = [command for event in scene.events for command in twin.step(event)]

    assert again == list(scene.all)


def test_another_history_is_another_state() -> None:
    scene, other = a_busy_day(), a_busy_day()

    other.accept("other/sig-2")

    assert other.desk.fingerprint() != scene.desk.fingerprint()


def test_a_set_has_no_order_that_would_show() -> None:
    scene = a_busy_day()
    seen = sorted(scene.desk.state.seen)
    before = scene.desk.fingerprint()

    scene.desk.state.seen = set()
    for key in reversed(seen):
        scene.desk.state.seen.add(key)

    assert scene.desk.fingerprint() == before


def test_coming_up_again_decides_nothing() -> None:
    scene = a_busy_day()

    assert scene.tell(EngineStarted(scene.at, "rules", "1")) == []


def test_a_fresh_desk_knows_nothing() -> None:
    assert Desk(DeskPolicy()).state == DeskState()


def test_a_timer_that_nobody_set_does_nothing() -> None:
    scene = a_busy_day()
    stranger = scene.timers.copy()
    name, timer = stranger.popitem()
    scene.timers = {f"{name}x": timer.__class__(f"{name}x", timer.due, timer.symbol)}

    assert scene.wait(3_600) == []


def test_what_the_journal_writes_in_other_words_is_the_same_state() -> None:
    """A Decimal in a signal's metadata comes back from the journal as text."""
    scene = Scene()
    scene.show(None, None)
    scene.signal(metadata={"quantity": Decimal(5)})
    assert scene.desk.state.held
    records = list(decode_group(encode_group(0, 1, scene.events)).records)
    again = Desk(DeskPolicy())

    for record in records:
        assert not isinstance(record, Intent)
        again.step(record)

    assert again.fingerprint() == scene.desk.fingerprint()
