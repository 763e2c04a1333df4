"""The collar over a period on a desk at work: it pauses a symbol and lets it go by itself."""

from typing import Any

import pytest

from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import PriceLimits, RiskLimits
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.scene import Scene, a_holding, shares

FIRST = "trend/sig-1"
NARROW = DeskPolicy(risk=RiskLimits(price=PriceLimits(period_collar_pct="0.5")))


def walked_up(**changes: Any) -> Scene:
    """Return a desk that has bought at 1 % above the mid that it saw."""
    scene = Scene(NARROW, **changes)
    scene.signal(quantity=100, strength="0.95")
    scene.trade(FIRST, paid="151.50")
    return scene


@pytest.mark.control("C-11", "refuses")
def test_an_entry_waits_where_own_trading_has_walked_the_price() -> None:
    scene = walked_up()

    answer = scene.signal(quantity=10, strategy_name="other")

    assert answer.outcomes == ["REFUSED PERIOD_COLLAR"]
    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()


@pytest.mark.control("C-11", "passes")
def test_when_the_window_has_passed_entries_go_on() -> None:
    scene = walked_up()
    scene.wait(301)

    assert scene.signal(quantity=10, strategy_name="other").outcomes == ["ORDERED"]


@pytest.mark.control("C-11", "passes")
def test_an_exit_does_not_wait() -> None:
    scene = walked_up()

    answer = scene.signal("FLAT", strength="0.95")

    assert [ticket.quantity for ticket in answer.placed] == [shares(100)]


@pytest.mark.control("C-11", "refuses")
def test_a_slice_waits_and_its_quantity_is_spread_over_the_others() -> None:
    scene = Scene(NARROW)
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.trade(f"{FIRST}#1", paid="151.50")

    waited = scene.wait(240)
    after = scene.wait(61)

    assert waited.outcomes == ["HELD PERIOD_COLLAR"] * 4
    assert waited.placed == []
    assert after.outcomes == ["UNFILLED UNFILLED"]


@pytest.mark.parametrize("end", ["refuse", "expire", "cancelled"])
def test_an_order_counts_until_it_ends(end: str) -> None:
    scene = Scene()
    scene.signal(quantity=100)
    before = scene.desk.state.risk.walks[SYMBOL].quantity
    getattr(scene, end)(FIRST)

    walk = scene.desk.state.risk.walks[SYMBOL]
    assert (before, walk.quantity, walk.value, walk.working) == (shares(100), 0, 0, {})


def test_a_split_forgets_what_was_walked_in_prices_of_before() -> None:
    scene = walked_up()
    scene.split(2, 1)

    assert scene.desk.state.risk.walks == {}


def test_what_others_trade_is_not_own_trading() -> None:
    scene = Scene(NARROW, positions=(a_holding(),))
    scene.fill("somebody", 100, paid="170")

    assert scene.desk.state.risk.walks == {}
