"""Stopping a strategy, a symbol or everything: what a latch does to what waits and to what works.

Held signals are refused, schedules end, and every order of the scope is cancelled, those in doubt
and those that the broker has not acknowledged too: their cancels wait for a name to cancel by. What
is not confirmed stays in every sum of exposure.
"""

from typing import Final

from fillpath.core.commands import ClearTimer, Command, RaiseAlarm, SetTimer, Ticket
from fillpath.core.events import KillSwitchCleared, KillSwitchSet
from fillpath.core.models import Refusal
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.flattening import take_back
from fillpath.execution.desk.gating import flattens, regate
from fillpath.execution.desk.queueing import drop_questions, turned_away
from fillpath.execution.desk.state import DeskState, Waiting
from fillpath.execution.desk.working import stop_parent
from fillpath.risk.kill_switch import Latch, Scope, latch_of
from fillpath.risk.watching import forgive

LATCH_TIMER: Final = "latch"


def on_kill(state: DeskState, event: KillSwitchSet) -> list[Command]:
    """A person or a breaker stops a scope."""
    return stop_scope(state, latch_of(event), event.at)


def stop_scope(state: DeskState, latch: Latch, at: int) -> list[Command]:
    """Set a latch and stop what it covers; setting it again asks once more for failed cancels."""
    new = state.latches.set(latch)
    regate(state)
    commands: list[Command] = take_back(state, latch, at) if new else []
    if new and latch.until:
        commands.append(SetTimer(f"{LATCH_TIMER}:{latch.until}", latch.until, ""))
    refusal = Refusal(latch.code, latch.text)
    if not latch.exits:  # else it is refused when it turns out to be no exit
        commands.extend(drop_held(state, refusal, at, latch))
        commands.extend(clear_queues(state, latch, at))
    commands.extend(_end_schedules(state, latch, at))
    commands.extend(_cancel_orders(state, latch, at))
    if new:
        where = "" if latch.scope is Scope.ACCOUNT else f" ({latch.where})"
        commands.append(RaiseAlarm(at, latch.code, f"{latch.by}{where}: {latch.reason}"))
    return commands


def _end_schedules(state: DeskState, latch: Latch, at: int) -> list[Command]:
    stop = Refusal(latch.code, latch.reason)
    commands: list[Command] = []
    for order in state.orders.values():
        if _stops(latch, order.ticket, reduces=order.reduces):
            order.cancel_again_at = 0  # whoever presses it again is not told to wait
    for parent in list(state.parents.values()):
        if _stops(latch, parent.ticket, reduces=parent.reduces):
            commands.extend(stop_parent(state, parent, at, stop))
    return commands


def _cancel_orders(state: DeskState, latch: Latch, at: int) -> list[Command]:
    return [
        command
        for order in list(state.orders.values())
        if _stops(latch, order.ticket, reduces=order.reduces)
        if not flattens(state, order.ticket.order_id)  # a kill pressed again leaves it alone
        for command in cancel_order(order, at, latch.code)
    ]


def _stops(latch: Latch, ticket: Ticket, *, reduces: bool) -> bool:
    if reduces and latch.exits:
        return False
    return latch.covers(ticket.strategy_name, ticket.symbol)


def clear_queues(state: DeskState, latch: Latch, at: int) -> list[Command]:
    """Refuse what waits for a person's approval in the scope."""

    def is_covered(waiting: Waiting) -> bool:
        signal = waiting.event.signal
        return latch.covers(signal.strategy_name, signal.symbol)

    return drop_questions(state, Refusal(latch.code, latch.text), at, is_covered)


def drop_held(
    state: DeskState, refusal: Refusal, at: int, latch: Latch | None = None
) -> list[Command]:
    """Refuse the signals that wait for a quote: those that a latch covers, or all of them."""
    commands: list[Command] = []
    for order_id, event in list(state.held.items()):
        signal = event.signal
        if latch is None or latch.covers(signal.strategy_name, signal.symbol):
            del state.held[order_id]
            commands.append(turned_away(state, event, refusal, at))
            commands.append(ClearTimer(f"hold:{order_id}"))
    return commands


def on_resume(state: DeskState, event: KillSwitchCleared) -> list[Command]:
    """A person allows the orders of a scope again; what was stopped stays stopped."""
    if event.scope not in Scope.__members__.values():
        text = f"{event.scope} is no scope that could be cleared"
        return [RaiseAlarm(event.at, "UNEXPECTED_FACT", text)]
    gone = state.latches.clear(Scope(event.scope), event.target, event.code)
    for latch in gone:
        forgive(state.risk.watched, latch)
    state.risk.watched.operator_at = event.at
    back = [command for latch in gone for command in take_back(state, latch, event.at)]
    regate(state)
    where = {f" ({latch.where})": None for latch in gone if latch.scope is not Scope.ACCOUNT}
    text = f"by {event.by}{''.join(where)}"
    return [*back, RaiseAlarm(event.at, "TRADING_RESUMED", text)]


def on_latch_due(state: DeskState, _name: str, at: int) -> list[Command]:
    """End the latches whose time is over."""
    gone = state.latches.expire(at)
    for latch in gone:
        forgive(state.risk.watched, latch)
    regate(state)
    return [
        RaiseAlarm(at, "LATCH_ENDED", f"{latch.code} ({latch.where}): its time is over")
        for latch in gone
    ]


__all__ = [
    "LATCH_TIMER",
    "clear_queues",
    "drop_held",
    "on_kill",
    "on_latch_due",
    "on_resume",
    "stop_scope",
]
