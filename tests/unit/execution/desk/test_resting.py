"""Entries that rest on a quote nobody renews."""

from typing import Final

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import ReferenceSeen, TradingStatusSeen
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import PriceLimits, RiskLimits, SessionLimits
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.scene import Scene, a_holding, price

MINUTE: Final = DeskPolicy(risk=RiskLimits(price=PriceLimits(cancel_quote_age_seconds=60)))
NAME: Final = "resting:AAPL"


def resting(policy: DeskPolicy = MINUTE) -> tuple[Scene, str]:
    """Return a desk with an entry that rests at the bid, and its name; the market stands still."""
    scene = Scene(policy)
    order_id = scene.signal(quantity=100).placed[0].order_id
    scene.accept(order_id)
    scene.ticking = False
    scene.show()
    return scene, order_id


@pytest.mark.control("A-03", "refuses")
@pytest.mark.fault("F-81")
def test_an_entry_on_a_dead_quote_is_cancelled_and_a_person_is_told() -> None:
    scene, order_id = resting()

    before = scene.wait(60)
    after = scene.wait(0.000000001)

    assert before == []
    assert after.cancels == [order_id]
    assert "RESTING_STALE" in after.alarms
    assert after.of(RaiseAlarm)[0].text == "the last quote of AAPL is 60 s old"
    assert NAME not in scene.timers


@pytest.mark.control("A-03", "passes")
def test_a_quote_that_is_renewed_keeps_it() -> None:
    scene, _ = resting()
    scene.sleep(30)
    scene.show()

    answer = scene.wait(59)

    assert answer.cancels == []
    assert NAME in scene.timers
    assert scene.wait(2).cancels != []


@pytest.mark.control("A-03", "refuses")
def test_no_quote_at_all_is_the_oldest_of_all() -> None:
    scene, order_id = resting()
    scene.show(None, None, quote_at=None)

    answer = scene.wait(61)

    assert answer.cancels == [order_id]
    assert answer.of(RaiseAlarm)[0].text == "AAPL has no quote"


@pytest.mark.fault("F-85")
@pytest.mark.control("A-03", "passes")
def test_in_a_halt_there_are_no_quotes_and_what_rests_stays() -> None:
    scene, order_id = resting()
    scene.tell(TradingStatusSeen(scene.at, SYMBOL, "HALTED"))

    assert scene.wait(300).cancels == []

    scene.tell(TradingStatusSeen(scene.at, SYMBOL, "TRADING"))
    assert set(scene.wait(61).cancels) == {order_id}


@pytest.mark.control("A-03", "passes")
def test_an_exit_stays() -> None:
    scene = Scene(MINUTE, positions=(a_holding(),))
    scene.accept(scene.signal("FLAT").placed[0].order_id)

    assert NAME not in scene.timers
    assert scene.wait(120).cancels == []


def test_when_nothing_rests_any_more_nothing_is_watched() -> None:
    scene, order_id = resting()
    scene.cancelled(order_id)

    assert scene.wait(61).cancels == []
    assert scene.desk.state.risk.resting == {}
    assert scene.timers == {}


def test_a_symbol_is_watched_for_as_long_as_something_rests_in_it() -> None:
    scene, _ = resting()
    watched = [dict(scene.desk.state.risk.resting)]
    scene.sleep(30)
    scene.show()
    scene.wait(31)
    watched.append(dict(scene.desk.state.risk.resting))

    assert watched == [{"AAPL": None}, {"AAPL": None}]


def test_an_exit_is_not_cancelled_beside_an_entry() -> None:
    scene = Scene(MINUTE, positions=(a_holding(100, strategy="other"),))
    entry = scene.signal(quantity=10).placed[0].order_id
    exit_id = scene.signal("FLAT", strategy_name="other").placed[0].order_id
    for name in (entry, exit_id):
        scene.accept(name)
    scene.ticking = False
    scene.show()

    assert scene.wait(61).cancels == [entry]


def test_one_timer_runs_for_a_symbol() -> None:
    scene, _ = resting()
    scene.ticking = True

    answer = scene.signal(quantity=50, strategy_name="other")

    assert len(answer.placed) == 1
    assert [name for name in scene.timers if name.startswith("resting")] == [NAME]


@pytest.mark.parametrize(("strength", "watched"), [("0.95", False), ("0.5", True)])
@pytest.mark.parametrize("direction", ["LONG", "SHORT"])
def test_what_trades_at_once_does_not_rest(direction: str, strength: str, *, watched: bool) -> None:
    scene = Scene(MINUTE)

    scene.signal(direction, quantity=100, strength=strength)

    assert (NAME in scene.timers) is watched


def test_with_a_real_broker_every_entry_may_come_to_rest() -> None:
    limits = RiskLimits(session=SessionLimits(facts_required=True))
    scene = Scene(DeskPolicy(risk=limits))
    scene.tell(TradingStatusSeen(scene.at, SYMBOL, "TRADING"))
    scene.tell(ReferenceSeen(scene.at, SYMBOL, prior_close=price(150)))

    scene.signal(quantity=100, strength="0.95")

    assert NAME in scene.timers
