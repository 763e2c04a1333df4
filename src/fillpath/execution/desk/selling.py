"""Where the engine keeps the stop itself: watch the price, and get out when it is reached."""

from typing import Final

from fillpath.core.commands import ClearLevel, Command, WatchLevel
from fillpath.core.ids import protective_order_id
from fillpath.core.models import OrderSide, OrderType
from fillpath.execution.desk.book import add_order, own_working, works_for
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.gating import gate
from fillpath.execution.desk.guard import Guard, Key
from fillpath.execution.desk.guarding import exit_side, next_ratchet
from fillpath.execution.desk.keeping import ROUTE, protective_ticket
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.approving import approved_exit
from fillpath.risk.limits.account import StopKeeper

WHY: Final = "less is held than it gives up"


def sell(state: DeskState, policy: DeskPolicy, guard: Guard, key: Key, at: int) -> list[Command]:
    """Return the watch that a position needs, or the order that gives it up.

    The order closes what is held less what other exits are closing already. It is a plain market
    order: beyond its level a stop is worth any price.
    """
    too_much = [c for order in _outgrown(state, guard, key) for c in cancel_order(order, at, WHY)]
    if not guard.fired:
        return [*too_much, *_watched(policy, guard, key)]
    side = exit_side(guard.held)
    # What others close beside it is never a share that the strategy holds itself.
    closing = works_for if key[0] else own_working
    rest = abs(guard.held) - closing(state, *key, side)
    if (
        rest <= 0
        or state.closed
        or at < guard.again_at
        or turned(state, guard, key)
        or gate(state, *key, side, reduces=True) is not None
    ):
        return too_much
    state.protections += 1
    order_id = protective_order_id(guard.origin, state.protections)
    price = guard.target if guard.fired == "target" else guard.level
    what = (rest, (OrderType.MARKET, None, None), guard.fired, at)
    ticket = protective_ticket(guard, key, order_id, what)
    add_order(state, OrderState(ticket, at, price, price, None, reduces=True))
    return [approved_exit(state.holder, at, ticket)]


def turned(state: DeskState, guard: Guard, key: Key) -> bool:
    """Return whether an order still gives up the other side, which is held no more."""
    side = exit_side(guard.held)
    return any(order.ticket.side is not side for order in _outgrown(state, guard, key))


def _outgrown(state: DeskState, guard: Guard, key: Key) -> list[OrderState]:
    """Return the orders that give up more than is held, since an execution was corrected or undone."""
    side, held = exit_side(guard.held), abs(guard.held)
    return [
        order
        for order in state.orders.values()
        if order.ticket.route == ROUTE
        and not order.protects
        and (order.ticket.strategy_name, order.ticket.symbol) == key
        and (order.ticket.side is not side or order.remaining > held)
    ]


def _watched(policy: DeskPolicy, guard: Guard, key: Key) -> list[Command]:
    """Move the watch to the prices that matter now."""
    low, high = _prices(policy, guard)
    wanted = None if low is None and high is None else (low, high)
    if wanted == guard.watch:
        return []
    guard.watch = wanted
    name = f"{key[0]}/{key[1]}"
    if wanted is None:
        return [ClearLevel(name, key[1])]
    return [WatchLevel(name, key[1], exit_side(guard.held), low, high)]


def _prices(policy: DeskPolicy, guard: Guard) -> tuple[int | None, int | None]:
    """Return the prices that are waited for: from above, and from below."""
    if not guard.held or policy.stop_keeper is StopKeeper.NONE:
        return None, None
    better = [] if (ahead := next_ratchet(policy, guard)) is None else [ahead]
    worse: int | None = None
    if policy.stop_keeper is StopKeeper.ENGINE:
        worse = guard.level or None
        better += [guard.target] if guard.target else []
    if exit_side(guard.held) is OrderSide.SELL:
        return worse, min(better, default=None)
    return max(better, default=None), worse


__all__ = ["sell", "turned"]
