"""Live trading needs two people, or one and a delay, and ends with whatever it was given for."""

from dataclasses import replace
from typing import Any, Final

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import (
    ArmingAsked,
    EngineStarted,
    PolicyAdopted,
    TradingArmed,
    TradingDisarmed,
)
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.rules import limits_hash, written_rules
from fillpath.risk.arming import ASKED_NS
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, seconds

LIVE: Final = DeskPolicy(
    risk=RiskLimits(
        autonomy=AutonomyLimits(mode=Autonomy.FULL_AUTONOMOUS),
        real_money=True,
    )
)
ANN: Final = {"by": "ann", "user_id": 1001}
BOB: Final = {"by": "bob", "user_id": 1002}
COOLING: Final = 600
TWELVE_HOURS: Final = 12 * 3_600


class Desk(Scene):
    """A desk of a live account."""

    def __init__(self, policy: DeskPolicy = LIVE, **more: Any) -> None:
        super().__init__(policy, **more)

    def request(self, **changes: Any) -> dict[str, Any]:
        limits = limits_hash(self.desk.policy)
        return {"account": "SIM", "strategies": (), "limits": limits} | changes

    def ask(self, **who: Any) -> Answer:
        return self.tell(ArmingAsked(self.at, **self.request(**who)))

    def confirm(self, **who: Any) -> Answer:
        return self.tell(TradingArmed(self.at, **self.request(**who)))

    @property
    def armed(self) -> bool:
        return self.desk.state.risk.permit is not None


def armed(**more: Any) -> Desk:
    """Return a desk that two people have armed."""
    scene = Desk(**more)
    scene.ask(**ANN)
    scene.confirm(**BOB)
    assert scene.armed
    return scene


@pytest.mark.control("C-43", "refuses")
def test_nothing_is_bought_on_a_live_account_that_is_not_armed() -> None:
    answer = Desk().signal(quantity=100)

    assert answer.placed == []
    assert answer.outcomes == ["REFUSED NOT_ARMED"]
    assert answer.decision.text == "live trading is not armed"


@pytest.mark.control("C-43", "passes")
def test_an_exit_needs_no_permit() -> None:
    scene = Desk(positions=(a_holding(100),))

    assert len(scene.signal("FLAT").placed) == 1


@pytest.mark.control("C-43", "passes")
def test_nothing_is_asked_where_nothing_real_is_at_risk() -> None:
    scene = Desk(replace(LIVE, risk=replace(LIVE.risk, real_money=False)))

    assert len(scene.signal(quantity=100).placed) == 1
    assert scene.desk.policy.cascade.skipped["C-43"] == "nothing real is at risk"


@pytest.mark.control("C-43", "passes")
def test_a_second_person_arms_at_once() -> None:
    scene = Desk()

    asked = scene.ask(**ANN)
    confirmed = scene.confirm(**BOB)

    assert asked.alarms == ["ARMING_ASKED"]
    assert asked.of(RaiseAlarm)[0].text == "ann asks to arm all strategies"
    assert confirmed.alarms == ["TRADING_ARMED"]
    assert scene.desk.state.risk.permit.by == "ann and bob"  # type: ignore[union-attr]
    assert len(scene.signal(quantity=100).placed) == 1


@pytest.mark.control("C-43", "refuses")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(ANN, ANN, id="the same person"),
        pytest.param(ANN, {"by": "root", "user_id": 0}, id="root may be anybody"),
        pytest.param({"by": "root", "user_id": 0}, BOB, id="root asked"),
        pytest.param(ANN, {"by": "?", "user_id": -1}, id="nobody knows who"),
        pytest.param(ANN, {"by": "bob", "user_id": 1001}, id="another name, the same user"),
    ],
)
def test_one_person_alone_has_to_cool_off(first: dict[str, Any], second: dict[str, Any]) -> None:
    scene = Desk()
    scene.ask(**first)
    scene.sleep(COOLING - 1)

    early = scene.confirm(**second)
    scene.sleep(1)
    late = scene.confirm(**second)

    assert early.alarms == ["ARMING_REFUSED"]
    assert "1 s more to cool off" in early[0].text  # type: ignore[union-attr]
    assert late.alarms == ["TRADING_ARMED"]


@pytest.mark.control("C-43", "refuses")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"account": "OTHER"}, "something else"),
        ({"strategies": ("trend",)}, "something else"),
        ({"limits": "other"}, "something else"),
    ],
)
def test_a_second_word_on_something_else_arms_nothing(changes: dict[str, Any], why: str) -> None:
    scene = Desk()
    scene.ask(**ANN)

    answer = scene.confirm(**BOB, **changes)

    assert answer.alarms == ["ARMING_REFUSED"]
    assert why in answer[0].text  # type: ignore[union-attr]
    assert not scene.armed


@pytest.mark.control("C-43", "refuses")
@pytest.mark.parametrize("changes", [{"account": "OTHER"}, {"limits": "other"}])
@pytest.mark.security("S-16")
def test_another_account_or_other_limits_are_never_armed(changes: dict[str, Any]) -> None:
    scene = Desk()
    scene.ask(**ANN, **changes)

    answer = scene.confirm(**BOB, **changes)

    assert answer.alarms == ["ARMING_REFUSED"]
    assert not scene.armed


@pytest.mark.control("C-43", "refuses")
def test_a_word_that_nobody_asked_for_arms_nothing() -> None:
    scene = Desk()

    assert scene.confirm(**BOB).alarms == ["ARMING_REFUSED"]
    assert not scene.armed


@pytest.mark.control("C-43", "refuses")
def test_a_request_does_not_stand_for_ever() -> None:
    scene = Desk()
    scene.ask(**ANN)
    scene.at += seconds(COOLING) + ASKED_NS + 1

    assert scene.confirm(**BOB).alarms == ["ARMING_REFUSED"]


@pytest.mark.control("C-43", "refuses")
def test_a_strategy_outside_the_scope_may_not_buy() -> None:
    scene = Desk()
    scene.ask(**ANN, strategies=("mean",))
    scene.confirm(**BOB, strategies=("mean",))

    other = scene.signal(quantity=100)
    named = scene.signal(quantity=100, strategy_name="mean")

    assert other.decision.text == "live trading is armed for mean, not for trend"
    assert other.outcomes == ["REFUSED NOT_ARMED"]
    assert named.outcomes == ["ORDERED"]


@pytest.mark.control("C-43", "refuses")
def test_a_permit_ends_after_its_time_to_the_moment() -> None:
    scene = armed()
    scene.sleep(TWELVE_HOURS - 1)
    before = scene.signal(quantity=1)
    scene.sleep(1)

    after = scene.signal(quantity=1)

    assert before.outcomes == ["ORDERED"]
    assert after.outcomes == ["REFUSED NOT_ARMED"]


def test_the_end_of_a_permit_is_told() -> None:
    scene = armed()

    answer = scene.wait(TWELVE_HOURS)

    assert answer.alarms == ["TRADING_DISARMED"]
    assert not scene.armed


@pytest.mark.control("C-43", "refuses")
@pytest.mark.security("S-16")
def test_a_restart_disarms_and_forgets_who_had_asked() -> None:
    scene = armed()
    scene.ask(**ANN)

    answer = scene.tell(EngineStarted(scene.at, "rules", "1", 2))

    assert answer.alarms == ["TRADING_DISARMED"]
    assert not scene.armed
    assert scene.confirm(**BOB).alarms == ["ARMING_REFUSED"]


@pytest.mark.control("C-43", "refuses")
@pytest.mark.fault("F-108")
def test_other_limits_disarm() -> None:
    scene = armed()
    looser = replace(LIVE, risk=replace(LIVE.risk, max_position_pct=6))

    answer = scene.tell(PolicyAdopted(scene.at, "other", written_rules(looser)))

    assert answer.alarms == ["RULES_CHANGED", "RULES_LOOSENED", "TRADING_DISARMED"]
    assert not scene.armed


def test_rules_that_are_no_limits_leave_the_permit() -> None:
    scene = armed()
    later = replace(LIVE, max_signal_age_seconds=29)

    scene.tell(PolicyAdopted(scene.at, "other", written_rules(later)))

    assert scene.armed


@pytest.mark.control("C-43", "refuses")
def test_a_person_disarms_at_once() -> None:
    scene = armed()

    answer = scene.tell(TradingDisarmed(scene.at, "ann", "lunch"))

    assert answer.alarms == ["TRADING_DISARMED"]
    assert scene.signal(quantity=100).outcomes == ["REFUSED NOT_ARMED"]
    assert scene.timers == {}


def test_disarming_what_is_not_armed_takes_back_the_request() -> None:
    scene = Desk()
    scene.ask(**ANN)

    assert scene.tell(TradingDisarmed(scene.at, "ann", "lunch")) == []
    assert scene.confirm(**BOB).alarms == ["ARMING_REFUSED"]


def test_an_old_timer_ends_no_younger_permit() -> None:
    scene = armed()
    scene.sleep(60)
    old = dict(scene.timers)
    scene.ask(**ANN)
    scene.confirm(**BOB)
    scene.timers |= old

    scene.wait(TWELVE_HOURS - 60)

    assert scene.armed


def test_the_slices_of_an_order_stop_where_the_permit_ends() -> None:
    scene = armed(cash=100_000_000)
    scene.sleep(TWELVE_HOURS - 90)
    first = scene.signal(quantity=10_500)
    for ticket in first.placed:
        scene.trade(ticket.order_id)
    scene.sleep(60)
    for ticket in scene.fire().placed:
        scene.trade(ticket.order_id)

    late = scene.wait(60)

    assert late.decision.text == "NOT_ARMED: live trading is not armed"
    assert late.placed == []


def test_a_journal_brings_the_permit_back_but_a_start_ends_it() -> None:
    scene = armed()

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()
