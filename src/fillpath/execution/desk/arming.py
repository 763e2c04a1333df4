"""Arming and disarming: who asked, who confirmed, and everything that ends a permit."""

from typing import Final

from fillpath.core.commands import ClearTimer, Command, RaiseAlarm, SetTimer
from fillpath.core.events import ArmingAsked, TradingArmed, TradingDisarmed
from fillpath.core.units import iso, moment
from fillpath.execution.desk.state import DeskState
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.rules import limits_hash
from fillpath.risk.arming import Scope, permit_of, why_not

ARMING_TIMER: Final = "arming"


def on_arming_asked(state: DeskState, event: ArmingAsked) -> list[Command]:
    """Keep the request; a later one takes its place."""
    state.risk.asked = event
    names = ", ".join(event.strategies) or "all strategies"
    return [RaiseAlarm(event.at, "ARMING_ASKED", f"{event.by} asks to arm {names}")]


def on_armed(state: DeskState, policy: DeskPolicy, event: TradingArmed) -> list[Command]:
    """Arm, if this is the second word on a request that still stands."""
    autonomy = policy.risk.autonomy
    asked = state.risk.asked
    in_force = Scope(state.account, (), limits_hash(policy))
    refused = why_not(asked, event, autonomy, in_force)
    if refused:
        return [RaiseAlarm(event.at, "ARMING_REFUSED", f"{event.by}: {refused}")]
    assert asked is not None, "what was not asked for is refused"
    permit = permit_of(asked, event, autonomy)
    state.risk.asked, state.risk.permit = None, permit
    text = f"until {iso(moment(permit.until))} by {permit.by}"
    return [
        SetTimer(f"{ARMING_TIMER}:", permit.until, ""),
        RaiseAlarm(event.at, "TRADING_ARMED", text),
    ]


def on_disarmed(state: DeskState, event: TradingDisarmed) -> list[Command]:
    """End the permit because a person says so; a request that waits ends with it."""
    state.risk.asked = None
    return disarm(state, event.at, f"{event.by}: {event.reason}")


def on_arming_timer(state: DeskState, at: int) -> list[Command]:
    """End the permit when its time is over."""
    permit = state.risk.permit
    if permit is None or at < permit.until:
        return []
    return disarm(state, at, "its time is over")


def disarm(state: DeskState, at: int, why: str) -> list[Command]:
    """End the permit and say so; without one there is nothing to say."""
    if state.risk.permit is None:
        return []
    state.risk.permit = None
    return [ClearTimer(f"{ARMING_TIMER}:"), RaiseAlarm(at, "TRADING_DISARMED", why)]
