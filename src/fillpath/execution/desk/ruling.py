"""New rules for an account: who brought them, what they change, and what they loosen."""

from typing import Final

from fillpath.core.commands import Command, RaiseAlarm
from fillpath.core.events import PolicyAdopted
from fillpath.execution.desk.state import DeskState
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.rules import changed_rules, loosened_rules

RULES_CHANGED: Final = "RULES_CHANGED"
RULES_LOOSENED: Final = "RULES_LOOSENED"


def on_policy(
    state: DeskState, event: PolicyAdopted, before: DeskPolicy, after: DeskPolicy
) -> list[Command]:
    """Remember whose rules hold since when, and tell a person what they change."""
    first = not state.rules or state.rules == event.policy_hash
    if not first or not state.rules_at:
        state.rules_at = event.at
        state.rules_by = event.by
        state.rules_reason = event.reason
    state.rules = event.policy_hash
    changes = changed_rules(before, after)
    if first or not changes:
        return []
    said = ": ".join(word for word in (event.by, event.reason) if word)
    why = f" (by {said})" if event.by else ""
    alarms: list[Command] = [RaiseAlarm(event.at, RULES_CHANGED, f"{'; '.join(changes)}{why}")]
    looser = loosened_rules(before, after)
    if looser:
        alarms.append(RaiseAlarm(event.at, RULES_LOOSENED, f"{'; '.join(looser)}{why}"))
    return alarms


__all__ = ["RULES_CHANGED", "RULES_LOOSENED", "on_policy"]
