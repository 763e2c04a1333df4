"""The orders that protect a position at the broker: one stop, and one target linked with it."""

from typing import Final

from fillpath.core.commands import AmendOrder, Command, PlaceOrder, SetTimer, Ticket
from fillpath.core.ids import protective_order_id
from fillpath.core.models import OrderType, TimeInForce
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.book import add_order
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.gating import gate
from fillpath.execution.desk.guard import Guard, Key
from fillpath.execution.desk.guarding import exit_side
from fillpath.execution.desk.modifying import modify_refusal, settles_at
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.approving import approved_exit
from fillpath.risk.kill_switch import is_latch_code
from fillpath.risk.limits.account import StopKeeper

ROUTE: Final = "protect"
STOP: Final = "stop"
TARGET: Final = "target"
Terms = tuple[OrderType, int | None, int | None]
"""Order type, limit and trigger."""
LINGERS_NS: Final = 5 * NANOSECONDS
"""How long an order may stay that its group has used up before its cancel is asked for."""


def keep(state: DeskState, policy: DeskPolicy, guard: Guard, key: Key, at: int) -> list[Command]:
    """Return what brings stop and target to the size and level that they ought to have."""
    commands: list[Command] = []
    guard.stop = _spent(state, guard, guard.stop, at, commands)
    guard.goal = _spent(state, guard, guard.goal, at, commands)
    stop, goal = state.orders.get(guard.stop), state.orders.get(guard.goal)
    if not guard.held or policy.stop_keeper is not StopKeeper.BROKER:
        orders = [order for order in (stop, goal) if order is not None and not order.owed]
        return [*commands, *(c for order in orders for c in _let_go(order, at))]
    shut = gate(state, *key, exit_side(guard.held), reduces=True)
    if shut is not None and is_latch_code(shut.code):
        return commands  # no byte but cancels
    open_now = shut is None and not state.closed  # nothing could take its place over night
    if stop is not None:
        commands.extend(_changed(state, policy, guard, stop, (guard.level, at), open_now=open_now))
    elif open_now and guard.level and at >= guard.again_at:
        commands.append(_placed(state, guard, key, (STOP, guard.level), at))
    if goal is not None and goal.ticket.limit != guard.target:
        commands.extend(cancel_order(goal, at, "the target has moved"))
    elif goal is not None:
        commands.extend(_changed(state, policy, guard, goal, (None, at), open_now=open_now))
    elif open_now and guard.stop and _may_aim(state, guard, key):
        commands.append(_placed(state, guard, key, (TARGET, guard.target), at))
    return commands


def _let_go(order: OrderState, at: int) -> list[Command]:
    return cancel_order(order, at, "nothing is left to protect")


def _may_aim(state: DeskState, guard: Guard, key: Key) -> bool:
    """Return whether the target may be sent: no entry that still works would trade with it."""
    target, side = guard.target, exit_side(guard.held)
    if not target or state.orders[guard.stop].filled:
        return False
    for order in state.orders.values():
        ticket = order.ticket
        if (ticket.strategy_name, ticket.symbol) != key or ticket.side is side:
            continue
        limit = ticket.limit
        if limit is None or (limit - target) * side.sign <= 0:
            return False
    return True


def _spent(state: DeskState, guard: Guard, order_id: str, at: int, commands: list[Command]) -> str:
    """Return the name of an order that still counts; let go of one that has ended or is used up.

    While anything is held, nothing takes its place before it has ended: two of them would sell the
    same shares if the group does not end it after all, as when an execution is told late.
    """
    order = state.orders.get(order_id)
    if order is None:
        return ""
    if guard.held:
        return order_id
    if order.owed > 0 and order.remaining <= order.owed:  # its group cancels it
        commands.append(SetTimer(f"cancel:{order_id}", at + LINGERS_NS, order.ticket.symbol))
        return ""
    return order_id


def _changed(
    state: DeskState,
    policy: DeskPolicy,
    guard: Guard,
    order: OrderState,
    now: tuple[int | None, int],
    *,
    open_now: bool,
) -> list[Command]:
    """Return the change that gives a working order its size and level, if there is one to ask for."""
    level, at = now
    ticket = order.ticket
    if ticket.side is not exit_side(guard.held):
        return cancel_order(order, at, "the position has turned")
    if order.cancel_requested or order.asked is not None or at < guard.again_at:
        return []
    quantity = order.filled + abs(guard.held)
    if order.owed > 0 or (order.owed and quantity >= ticket.quantity):
        return []  # the broker has yet to tell the rest; what is too large even so is not left
    if not open_now:  # a stop may get smaller at any time
        quantity, level = min(quantity, ticket.quantity), ticket.stop
    if order.filled:
        level = ticket.stop  # it was set off already
    if (quantity, level) == (ticket.quantity, ticket.stop):
        return []
    if modify_refusal(state, order, at) is not None:
        guard.again_at = max(guard.again_at, settles_at(state))
        return []
    return _asked(state, policy, order, (quantity, level), at)


def _asked(
    state: DeskState,
    policy: DeskPolicy,
    order: OrderState,
    wanted: tuple[int, int | None],
    at: int,
) -> list[Command]:
    """Ask for a change; over night no stop is cancelled that could not be placed anew."""
    if not policy.amends_stops:
        return [] if state.closed else cancel_order(order, at, "to be placed anew")
    order.asked = wanted
    name = order.broker_order_id
    return [AmendOrder(at, order.ticket.order_id, name, *wanted, "the position has changed")]


def _placed(state: DeskState, guard: Guard, key: Key, what: tuple[str, int], at: int) -> PlaceOrder:
    kind, price = what
    state.protections += 1
    order_id = protective_order_id(guard.origin, state.protections)
    terms: Terms = (OrderType.LIMIT, price, None)
    if kind == STOP:
        _regroup(state, guard, order_id)
        guard.stop, guard.ended, guard.late = order_id, "", False
        terms = (OrderType.STOP, None, price)
    else:
        guard.goal = order_id
    ticket = protective_ticket(guard, key, order_id, (abs(guard.held), terms, kind, at))
    order = OrderState(ticket, at, price, price, None, reduces=True, protects=True)
    add_order(state, order)
    return approved_exit(state.holder, at, ticket)


def _regroup(state: DeskState, guard: Guard, order_id: str) -> None:
    """Give a new stop the group of what still works, or a new one."""
    linked = (guard.goal, *guard.exits)
    if not guard.group or not any(name in state.orders for name in linked):
        guard.group = order_id


def protective_ticket(
    guard: Guard,
    key: Key,
    order_id: str,
    what: tuple[int, Terms, str, int],
) -> Ticket:
    """Return an order that closes what a guard protects.

    Args:
        guard: the protection that it belongs to.
        key: strategy and symbol.
        order_id: its name.
        what: quantity units, (order type, limit, trigger), ``stop`` or ``target``, and nanoseconds.
    """
    quantity, (order_type, limit, trigger), kind, at = what
    group = guard.group
    return Ticket(
        order_id,
        order_id,
        key[1],
        exit_side(guard.held),
        quantity,
        order_type,
        limit,
        trigger,
        TimeInForce.GTC,
        key[0],
        guard.signal_id,
        ROUTE,
        kind,
        False,  # noqa: FBT003  # a positional struct: not sent as a limit
        0,
        0,
        0,
        None,
        at,
        0,
        None,
        "held",
        group,
    )


__all__ = ["ROUTE", "STOP", "TARGET", "keep", "protective_ticket"]
