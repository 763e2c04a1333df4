"""Stopping a part of the account: one strategy or one symbol, and only that."""

from typing import Any, Final

import pytest

from fillpath.core.commands import RaiseAlarm, SetTimer
from fillpath.core.events import OrderRefused
from fillpath.core.models import OrderStatus
from tests.unit.execution.desk.scene import Scene, a_holding, seconds, shares

TREND: Final = {"scope": "strategy", "target": "trend"}
APPLE: Final = {"scope": "symbol", "target": "AAPL"}
SLIPPING: Final = {"code": "SLIPPAGE_BREAKER", "exits": True}


def two_strategies() -> Scene:
    """Return a desk at which an order of each of two strategies works."""
    scene = Scene()
    for strategy in ("trend", "other"):
        scene.signal(quantity=10, strategy_name=strategy)
    scene.accept("trend/sig-1")
    scene.accept("other/sig-2")
    return scene


@pytest.mark.control("A-16", "refuses")
@pytest.mark.parametrize("scope", [TREND, APPLE, {"scope": "all"}])
def test_no_order_of_the_scope_leaves(scope: dict[str, Any]) -> None:
    scene = Scene()
    scene.kill("losing", **scope)

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["REFUSED KILL_SWITCH"]
    assert answer.decision.text.endswith("is off: losing")
    assert answer.placed == []


@pytest.mark.control("A-16", "passes")
def test_everything_else_goes_on() -> None:
    scene = two_strategies()

    answer = scene.kill(**TREND)

    assert answer.cancels == ["trend/sig-1"]
    assert scene.signal(quantity=10, strategy_name="other").outcomes == ["ORDERED"]


@pytest.mark.control("A-16", "passes")
def test_another_symbol_goes_on() -> None:
    scene = two_strategies()

    assert scene.kill(scope="symbol", target="MSFT").cancels == []
    assert scene.signal(quantity=10).outcomes == ["ORDERED"]


def test_it_says_what_is_stopped() -> None:
    (alarm,) = Scene().kill("losing", **APPLE).of(RaiseAlarm)

    assert (alarm.code, alarm.text) == ("KILL_SWITCH", "ann (symbol AAPL): losing")


def test_signals_that_wait_are_refused_in_the_scope_alone() -> None:
    scene = Scene()
    scene.show(None, None)
    scene.signal(quantity=10)
    scene.signal(quantity=10, strategy_name="other")

    answer = scene.kill(**TREND)

    assert answer.outcomes == ["REFUSED KILL_SWITCH"]
    assert [t.order_id for t in scene.quote().placed] == ["other/sig-2"]


@pytest.mark.fault("F-91")
def test_a_schedule_of_the_scope_ends() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.accept("trend/sig-1#1")

    answer = scene.kill(**APPLE)

    assert answer.cancels == ["trend/sig-1#1"]
    assert scene.cancelled("trend/sig-1#1").outcomes == ["UNFILLED UNFILLED"]
    assert scene.wait(600).placed == []


def test_an_order_in_doubt_is_cancelled_once_the_broker_knows_it() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.doubt("trend/sig-1")
    scene.kill(**TREND)

    assert scene.accept("trend/sig-1").cancels == ["trend/sig-1"]


@pytest.mark.fault("F-110")
def test_clearing_the_account_does_not_clear_the_strategy() -> None:
    scene = Scene()
    scene.kill(**TREND)
    scene.kill()
    scene.clear()

    assert scene.signal(quantity=10).outcomes == ["REFUSED KILL_SWITCH"]


def test_a_person_may_allow_the_scope_again() -> None:
    scene = Scene()
    scene.kill(**TREND)

    (alarm,) = scene.clear(**TREND).of(RaiseAlarm)

    assert alarm.text == "by ann (strategy trend)"
    assert scene.signal(quantity=10).outcomes == ["ORDERED"]


def test_a_scope_that_nobody_knows_is_not_cleared() -> None:
    scene = Scene()
    scene.kill()

    assert scene.clear(scope="galaxy").alarms == ["UNEXPECTED_FACT"]
    assert scene.desk.state.killed


class TestBreakers:
    """A latch of another code stops entries and lets exits leave."""

    def test_an_entry_is_refused_with_its_code(self) -> None:
        scene = Scene()
        scene.kill("slips", **TREND, **SLIPPING)

        assert scene.signal(quantity=10).outcomes == ["REFUSED SLIPPAGE_BREAKER"]

    def test_an_exit_leaves(self) -> None:
        scene = Scene(positions=(a_holding(100),))
        scene.kill("slips", **TREND, **SLIPPING)

        answer = scene.signal("FLAT", quantity=None)

        assert [t.quantity for t in answer.placed] == [shares(100)]

    def test_an_exit_that_works_is_left_alone(self) -> None:
        scene = Scene(positions=(a_holding(100),))
        scene.signal("FLAT", quantity=None)
        scene.accept("trend/sig-1")

        assert scene.kill("slips", **TREND, **SLIPPING).cancels == []

    def test_an_exit_that_waits_for_a_quote_leaves_with_it(self) -> None:
        scene = Scene(positions=(a_holding(100),))
        scene.show(None, None)
        scene.signal("FLAT", quantity=None)
        scene.kill("slips", **TREND, **SLIPPING)

        assert len(scene.quote().placed) == 1

    def test_an_exit_in_slices_goes_on(self) -> None:
        scene = Scene(positions=(a_holding(1_000),))
        scene.show(adv=shares(50_000))
        scene.signal("FLAT", quantity=None)
        scene.trade("trend/sig-1#1")
        scene.kill("slips", **TREND, **SLIPPING)

        assert len(scene.wait(60).placed) == 1

    def test_a_refusal_at_the_last_gate_ends_the_order(self) -> None:
        scene = Scene()
        scene.signal(quantity=10)
        scene.kill("slips", **TREND, **SLIPPING)

        scene.tell(OrderRefused(scene.at, "trend/sig-1", "SLIPPAGE_BREAKER", "slips"))

        assert scene.desk.state.recent["trend/sig-1"].status is OrderStatus.REJECTED


class TestAnEnd:
    """A latch may end by itself, and only at its time."""

    def test_it_ends_at_its_time(self) -> None:
        scene = Scene()
        scene.kill("too often", **TREND, until=scene.at + seconds(60))

        early = scene.wait(59)
        ended = scene.wait(1)

        assert early.alarms == []
        assert ended.alarms == ["LATCH_ENDED"]
        assert scene.signal(quantity=10).outcomes == ["ORDERED"]

    def test_its_timer_is_set_once(self) -> None:
        scene = Scene()
        until = scene.at + seconds(60)
        scene.kill("too often", **TREND, until=until)

        assert scene.kill("too often", **TREND, until=until).of(SetTimer) == []

    def test_a_person_s_stop_outlives_it(self) -> None:
        scene = Scene()
        scene.kill("too often", **TREND, until=scene.at + seconds(60))
        scene.kill(**TREND)

        scene.wait(61)

        assert scene.signal(quantity=10).outcomes == ["REFUSED KILL_SWITCH"]
