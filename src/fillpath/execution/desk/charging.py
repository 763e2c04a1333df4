"""Executions whose commission has not come: they count, and a person hears of it in time (P-03)."""

from typing import Final

from fillpath.core.commands import (
    ClearTimer,
    Command,
    FillBooked,
    FillRevised,
    RaiseAlarm,
    SetTimer,
)
from fillpath.core.events import CommissionReported, Event
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.state import DeskState

TIMER: Final = "commission"
COMMISSION_MISSING: Final = "COMMISSION_MISSING"
MISSED_NS: Final = 600 * NANOSECONDS
"""How long after its execution a commission is missed."""
MOST_WAITING: Final = 4_096
MOST_NAMED: Final = 5


def charged(state: DeskState, event: Event, commands: list[Command]) -> list[Command]:
    """Add to what follows from a fact what it means for commissions that are still to come."""
    waiting = state.uncharged
    for command in commands:
        if type(command) is FillBooked:
            filled = command.filled
            if not filled.commission and not filled.simulated:
                waiting[filled.fill_id] = event.at + MISSED_NS
                if len(waiting) > MOST_WAITING:
                    del waiting[next(iter(waiting))]
        elif type(command) is FillRevised:
            now = command.filled
            if now.commission or not now.quantity:
                waiting.pop(now.fill_id, None)
    if isinstance(event, CommissionReported):
        waiting.pop(event.fill_id, None)  # nothing may be what it costs
    return [*commands, *_timed(state)]


def on_commission_timer(state: DeskState, _name: str, at: int) -> list[Command]:
    """Tell of every execution whose commission should have come."""
    state.charge_at = 0
    missing = [name for name, due in state.uncharged.items() if due <= at]
    if not missing:
        return []
    for name in missing:
        del state.uncharged[name]
    more = f" and {len(missing) - MOST_NAMED} more" * (len(missing) > MOST_NAMED)
    text = f"no commission came in time for {', '.join(missing[:MOST_NAMED])}{more}"
    return [RaiseAlarm(at, COMMISSION_MISSING, text)]


def _timed(state: DeskState) -> list[Command]:
    """Wake up when the oldest commission is missed."""
    due = next(iter(state.uncharged.values()), 0)
    if due == state.charge_at:
        return []
    state.charge_at = due
    return [SetTimer(f"{TIMER}:", due, "")] if due else [ClearTimer(f"{TIMER}:")]


__all__ = ["COMMISSION_MISSING", "TIMER", "charged", "on_commission_timer"]
