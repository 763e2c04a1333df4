"""Whose rules hold since when, and what a person hears of a change."""

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import PolicyAdopted
from fillpath.execution.desk.ruling import on_policy
from fillpath.execution.desk.state import DeskState
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import RiskLimits

PLAIN = DeskPolicy()
TIGHT = DeskPolicy(risk=RiskLimits(max_positions=5))
FIRST, SECOND = 1, 2


def adopted(at: int, name: str, by: str = "ann", reason: str = "storm") -> PolicyAdopted:
    return PolicyAdopted(at, name, {}, by, reason)


def told(state: DeskState) -> tuple[str, int, str, str]:
    return state.rules, state.rules_at, state.rules_by, state.rules_reason


def test_the_first_rules_are_remembered_and_change_nothing() -> None:
    state = DeskState()

    alarms = on_policy(state, adopted(FIRST, "one"), PLAIN, TIGHT)

    assert alarms == []
    assert told(state) == ("one", FIRST, "ann", "storm")


def test_the_same_rules_told_again_are_of_the_one_who_brought_them() -> None:
    state = DeskState()
    on_policy(state, adopted(FIRST, "one"), PLAIN, PLAIN)

    alarms = on_policy(state, adopted(SECOND, "one", "bob", "restart"), PLAIN, TIGHT)

    assert alarms == []
    assert told(state) == ("one", FIRST, "ann", "storm")


def test_rules_that_were_there_before_anybody_said_since_when_are_since_now() -> None:
    state = DeskState(rules="one")

    on_policy(state, adopted(SECOND, "one"), PLAIN, PLAIN)

    assert told(state) == ("one", SECOND, "ann", "storm")


def test_new_rules_are_of_who_brings_them() -> None:
    state = DeskState()
    on_policy(state, adopted(FIRST, "one"), PLAIN, PLAIN)

    on_policy(state, adopted(SECOND, "two", "bob", "calm"), PLAIN, PLAIN)

    assert told(state) == ("two", SECOND, "bob", "calm")


@pytest.mark.parametrize(
    ("by", "reason", "why"),
    [("ann", "storm", " (by ann: storm)"), ("ann", "", " (by ann)"), ("", "storm", "")],
)
def test_a_person_hears_what_changes_and_what_gets_looser(by: str, reason: str, why: str) -> None:
    state = DeskState(rules="one")

    tighter = on_policy(state, adopted(FIRST, "two", by, reason), PLAIN, TIGHT)
    looser = on_policy(state, adopted(SECOND, "one", by, reason), TIGHT, PLAIN)

    alarms = [a for a in (*tighter, *looser) if isinstance(a, RaiseAlarm)]
    assert [a.code for a in alarms] == ["RULES_CHANGED", "RULES_CHANGED", "RULES_LOOSENED"]
    assert alarms[0].text == f"risk.max_positions 20 -> 5{why}"
    assert alarms[2].text.endswith(why)
