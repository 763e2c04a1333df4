"""Keeping every position under a stop: what ought to work, what does, and the difference.

The orders of a guard are not steered event by event. After every fact that may matter, what ought to
work is compared with what does, and the difference is asked for. A position counts as covered while
its stop works, or is on its way for at most five seconds; otherwise ``UNPROTECTED`` is up, and
nothing may be added to the position until it is down again.
"""

from typing import Final

from msgspec.structs import replace

from fillpath.core.commands import ClearTimer, Command, RaiseAlarm, SetTimer, WatchQuote
from fillpath.core.events import AmendFailed, Event, OrderAmended
from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import NANOSECONDS, quantity_decimal
from fillpath.execution.desk import keeping, selling
from fillpath.execution.desk.book import change_working
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.ending import end
from fillpath.execution.desk.facts import walk
from fillpath.execution.desk.following import TIMER, failed, follow, key_of, under_way
from fillpath.execution.desk.gating import UNPROTECTED, gate, regate
from fillpath.execution.desk.guard import Guard, Key
from fillpath.execution.desk.guarding import anchor, exit_side, fit, to_protect
from fillpath.execution.desk.joining import reduced, shrunk
from fillpath.execution.desk.resized import RESIZED
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.desk.watching import watch_ended
from fillpath.execution.desk.working import reserve_again, stop_parent
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits.account import StopKeeper

CONFIRM_NS: Final = 5 * NANOSECONDS
"""How long a broker may take to confirm a stop or its change before the alarm goes up."""


def on_amended(state: DeskState, policy: DeskPolicy, event: OrderAmended) -> list[Command]:
    """The broker works an order in another size or at another level; nothing may be left of it."""
    order = state.orders.get(event.order_id)
    if order is None:
        known = event.order_id in state.recent
        text = "an amendment of an order that is not known"
        return [] if known else [RaiseAlarm(event.at, "UNEXPECTED_FACT", text, event.order_id)]
    ticket = order.ticket
    level = ticket.stop if event.stop is None else event.stop
    before = order.remaining
    order.ticket = replace(ticket, quantity=event.quantity, stop=level)
    change_working(state.book, order, order.remaining - before)
    if event.reason.startswith(RESIZED):
        order.owed = 0  # as it stands at the broker
    elif order.asked == (event.quantity, level):
        order.asked = None
    elif order.protects and event.quantity < ticket.quantity:  # its group was filled
        order.owed -= ticket.quantity - event.quantity
    else:
        reduced(order, ticket.quantity - event.quantity)
    parent = state.parents.get(ticket.parent_id)
    if parent is not None:  # what its group took from a slice is still to be sent
        reserve_again(state, parent)
    if order.filled + order.shortfall < event.quantity:
        return []
    walk(order)
    ended = end(state, policy, order, event.at, event.reason, None)
    return [*ended, *watch_ended(state, policy, order, event.at)]


def on_amend_failed(state: DeskState, event: AmendFailed) -> list[Command]:
    """The order works as it was; what it ought to be is asked for again later."""
    order = state.orders.get(event.order_id)
    if order is None:
        return []
    order.asked = None
    if not order.protects:  # what has to be smaller may not stay as it is
        return cancel_order(order, event.at, "it could not be made smaller")
    guard = state.guards.get(key_of(order))
    if guard is not None:
        failed(guard, event.at, f"the broker did not change it: {event.reason}")
    return []


def guarded(
    state: DeskState, policy: DeskPolicy, event: Event, commands: list[Command]
) -> list[Command]:
    """Add to what follows from a fact what it means for the protection of positions."""
    for key in follow(state, policy, event, commands):
        commands.extend(_align(state, policy, key, event.at))
    return commands


def _align(state: DeskState, policy: DeskPolicy, key: Key, at: int) -> list[Command]:
    """Ask for the difference between what ought to protect a position and what does."""
    guard = state.guards.get(key)
    keeper = policy.stop_keeper
    wanted = 0 if keeper is StopKeeper.NONE else to_protect(state.book, key, guard)
    if guard is None:
        if not wanted:
            return []
        guard = state.guards[key] = Guard(f"{key[0]}/{key[1]}")
    if (fit(guard, state.book, key, wanted) and wanted) or (wanted and not guard.level):
        anchor(state, policy, key, guard)
    commands = _given_up(state, guard, key, at)
    commands.extend(keeping.keep(state, policy, guard, key, at))
    commands.extend(shrunk(state, policy, guard, at))
    commands.extend(selling.sell(state, policy, guard, key, at))
    commands.extend(_said(state, policy, guard, key, at))
    if not wanted and not guard.stop and not guard.goal:
        del state.guards[key]
        if guard.wakes_at:
            commands.append(ClearTimer(_timer(key)))
        return commands
    commands.extend(_timed(state, guard, key, at))
    return commands


def _given_up(state: DeskState, guard: Guard, key: Key, at: int) -> list[Command]:
    """End everything else of a position whose stop or target is being executed."""
    fired = guard.fired or next(
        (n for n in (guard.stop, guard.goal) if n in state.orders and state.orders[n].filled), ""
    )
    if not fired:
        return []
    commands: list[Command] = []
    refusal = Refusal("STOPPED_OUT", "the position is being given up")
    for parent in list(state.parents.values()):
        if (parent.ticket.strategy_name, parent.ticket.symbol) == key and not parent.stopped:
            commands.extend(stop_parent(state, parent, at, refusal))
    for order in list(state.orders.values()):
        if key_of(order) == key and order.ticket.route != keeping.ROUTE:
            linked = order.reduces and order.ticket.group == guard.group
            if guard.fired or not linked:  # the group reduces what is linked
                commands.extend(cancel_order(order, at, refusal.code))
    return commands


def _said(state: DeskState, policy: DeskPolicy, guard: Guard, key: Key, at: int) -> list[Command]:
    """Raise the alarm when the position is not covered, and take it down when it is again."""
    reason = _uncovered(state, policy, guard, key) if guard.held else ""
    before, guard.alarm = guard.alarm, reason
    if bool(before) is bool(reason):
        return []
    strategy, symbol = key
    what = f"{quantity_decimal(abs(guard.held)):f} {symbol} of {strategy or 'no strategy'}"
    if reason:
        state.uncovered[key] = reason
        regate(state)
        return [RaiseAlarm(at, UNPROTECTED, f"{what} are without a stop: {reason}", guard.stop)]
    del state.uncovered[key]
    regate(state)
    if not guard.held:
        return [RaiseAlarm(at, "PROTECTED", f"{symbol} of {strategy or 'no strategy'} is not held")]
    again = [WatchQuote(symbol)] if state.held or state.parents else []
    return [RaiseAlarm(at, "PROTECTED", f"{what} are under a stop again"), *again]


def _uncovered(state: DeskState, policy: DeskPolicy, guard: Guard, key: Key) -> str:
    """Return why a position is not covered, empty when it is."""
    side = exit_side(guard.held)
    if not guard.level:
        return "it was not bought at any price"
    if policy.stop_keeper is StopKeeper.ENGINE:
        return _unwatched(state, guard, key, side)
    stop = state.orders.get(guard.stop)
    shut = gate(state, *key, side, reduces=True)
    why = guard.ended or "no stop works" if shut is None else shut.text
    if stop is None:
        return why
    broken = _broken(state, stop, side)
    if broken or under_way(stop):
        return broken or ("the broker has not confirmed the stop" if guard.late else "")
    guard.late = False
    if stop.remaining >= abs(guard.held):
        return ""
    return f"{quantity_decimal(stop.remaining):f} of it are under the stop; {why}"


def _broken(state: DeskState, stop: OrderState, side: OrderSide) -> str:
    """Return why a stop that is there cannot be relied on."""
    if stop.ticket.order_id in state.doubts:
        return "the broker has yet to say whether it has the stop"
    if stop.cancel_requested:
        return "its stop is being cancelled"
    return "" if stop.ticket.side is side else "its stop is on the other side"


def _unwatched(state: DeskState, guard: Guard, key: Key, side: OrderSide) -> str:
    if guard.stop:
        return ""  # the broker's stop is still there
    shut = gate(state, *key, side, reduces=True)
    if shut is not None:
        return f"the engine could not sell it: {shut.text}"
    if guard.fired and selling.turned(state, guard, key):
        return "what gives up the other side is being cancelled first"
    if guard.fired and state.closed:
        return "its level was reached, and the session is closed"
    return guard.ended if guard.fired and guard.again_at else ""


def _timer(key: Key) -> str:
    return f"{TIMER}:{key[0]}/{key[1]}"


def _timed(state: DeskState, guard: Guard, key: Key, at: int) -> list[Command]:
    """Wake up when the broker takes too long, or when the next try is due."""
    due = guard.again_at if guard.again_at > at else 0
    if any(under_way(state.orders.get(name)) for name in (guard.stop, guard.goal)):
        due = guard.wakes_at if at < guard.wakes_at else at + CONFIRM_NS
    if due == guard.wakes_at:
        return []
    guard.wakes_at = due
    return [SetTimer(_timer(key), due, key[1])] if due else [ClearTimer(_timer(key))]


__all__ = ["CONFIRM_NS", "TIMER", "guarded", "on_amend_failed", "on_amended"]
