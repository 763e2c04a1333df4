"""Which facts concern the protection of a position, and what they say of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from fillpath.core.commands import (
    CancelOrder,
    ClearTimer,
    Command,
    FillBooked,
    FillRevised,
    PlaceOrder,
    RaiseAlarm,
)
from fillpath.core.events import (
    AmendFailed,
    CancelFailed,
    EngineStarted,
    Event,
    KillSwitchCleared,
    KillSwitchSet,
    LevelReached,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderInDoubt,
    OrderRefused,
    PolicyAdopted,
    PositionAdjusted,
    SessionOpened,
    SplitApplied,
    SymbolQuarantined,
    SymbolReleased,
    TimerFired,
    TradingHeld,
    TradingReleased,
)
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.amending import COMMISSION
from fillpath.execution.desk.gating import PASSING
from fillpath.execution.desk.guard import Guard, Key
from fillpath.execution.desk.guarding import (
    anchor,
    fit,
    follow_fills,
    ratchet,
    to_protect,
    traded,
)
from fillpath.execution.desk.joining import note_missed
from fillpath.execution.desk.keeping import ROUTE, STOP, TARGET
from fillpath.execution.desk.splitting import shares_now
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.approving import approved_again
from fillpath.risk.limits.account import StopKeeper

TIMER: Final = "protect"
LATCH_TIMER: Final = "latch"
LASTED_NS: Final = 60 * NANOSECONDS
"""A stop that lasted so long has not failed, however it ended."""
LONGEST_PAUSE: Final = 6
"""Pauses between tries double from one second on, this many times."""

Keys = dict[Key, None]


def follow(
    state: DeskState, policy: DeskPolicy, event: Event, commands: list[Command]
) -> list[Key]:
    """Take note of a fact, and return the positions whose protection has to be looked at.

    Args:
        state: after the fact.
        policy: the rules.
        event: the fact.
        commands: what follows from it; exits among them join the group of their stop.
    """
    keys: Keys = {}
    for number, command in enumerate(commands):
        if type(command) is PlaceOrder:
            commands[number] = _linked(state, command)
            continue
        note = _COMMANDS.get(type(command))
        if note is not None:
            note(state, policy, command, keys)
    note_event = _EVENTS.get(type(event))
    if note_event is not None:
        commands.extend(note_event(state, policy, event, keys))
    return list(keys)


def key_of(order: OrderState) -> Key:
    """Return whose position in which symbol an order changes."""
    return (order.ticket.strategy_name, order.ticket.symbol)


def under_way(order: OrderState | None) -> bool:
    """Return whether the broker has yet to confirm a protective order or a change of it."""
    if order is None:
        return False
    return not order.broker_order_id or order.asked is not None or order.owed != 0


def failed(guard: Guard, at: int, text: str) -> None:
    """Try again at once the first time, and after ever longer pauses from then on."""
    guard.ended = text
    guard.failures += 1
    pauses = guard.failures - 2
    guard.again_at = at if pauses < 0 else at + (NANOSECONDS << min(pauses, LONGEST_PAUSE))


def _of_symbol(state: DeskState, symbol: str) -> Keys:
    found = {key: None for key in state.book.by_strategy if key[1] == symbol}
    return found | {key: None for key in state.guards if key[1] == symbol}


def _order(state: DeskState, order_id: str) -> OrderState | None:
    return state.orders.get(order_id) or state.recent.get(order_id)


# What follows from facts anyway.


def _linked(state: DeskState, command: PlaceOrder) -> PlaceOrder:
    """Let an exit join the group of the stop, so that both can never sell the same shares.

    It may trade no more by that than risk has allowed, so its approval is written anew.
    """
    order = state.orders[command.ticket.order_id]
    guard = state.guards.get(key_of(order))
    if guard is None or not guard.group or not order.reduces or not guard.held:
        return command
    order.ticket = replace(order.ticket, group=guard.group)
    guard.exits = [name for name in guard.exits if name in state.orders]
    guard.exits.append(order.ticket.order_id)
    return approved_again(state.holder, PlaceOrder(command.at, order.ticket))


def _booked(state: DeskState, policy: DeskPolicy, command: FillBooked, keys: Keys) -> None:
    """Follow an execution: what is held, at what price, and what its group owes."""
    filled = command.filled
    order = _order(state, filled.order_id)
    nameless = ("", filled.symbol)  # others may close what no strategy claims
    if order is None or nameless in state.book.by_strategy or nameless in state.guards:
        keys.update(_of_symbol(state, filled.symbol))
    if order is None:
        return
    key = key_of(order)
    keys[key] = None
    guard = state.guards.get(key)
    if guard is None:
        if policy.stop_keeper is StopKeeper.NONE:
            return
        guard = state.guards[key] = Guard(order.ticket.parent_id, order.ticket.signal_id)
    shares = shares_now(state, filled)
    value = filled.quantity * filled.price * filled.side.sign
    if shares and traded(guard, shares, value):
        anchor(state, policy, key, guard)
    if order.ticket.group:
        _share(state, guard, order, filled.quantity)
        note_missed(state, guard, order, filled.quantity)


def _share(state: DeskState, guard: Guard, order: OrderState, quantity: int) -> None:
    """Note what the broker takes off the orders that are linked with one that was filled."""
    for name in (guard.stop, guard.goal):
        other = state.orders.get(name)
        if other is None or other is order or not other.broker_order_id:
            continue
        if other.ticket.group == order.ticket.group:
            other.owed += quantity


def _revised(state: DeskState, policy: DeskPolicy, command: FillRevised, keys: Keys) -> None:
    """An execution is another one now, and with it the average price."""
    if command.reason == COMMISSION:
        return
    for key in _of_symbol(state, command.filled.symbol):
        keys[key] = None
        guard = state.guards.get(key)
        if guard is None:
            continue
        fit(guard, state.book, key, to_protect(state.book, key, guard))
        follow_fills(state, guard, key)
        if guard.held:
            anchor(state, policy, key, guard)


def _cancelled(state: DeskState, _policy: DeskPolicy, command: CancelOrder, keys: Keys) -> None:
    _add(state, command.order_id, keys)


def _add(state: DeskState, order_id: str, keys: Keys) -> OrderState | None:
    """Look at the position that an order belongs to; an entry may keep a target from being sent."""
    order = _order(state, order_id)
    if order is not None and (order.reduces or key_of(order) in state.guards):
        keys[key_of(order)] = None
    return order


# Facts.


def _spoken(state: DeskState, _policy: DeskPolicy, event: Any, keys: Keys) -> list[Command]:
    """The broker said something of an order; perhaps that it has ended."""
    order = _add(state, event.order_id, keys)
    if order is None or order.ticket.route != ROUTE or event.order_id in state.orders:
        return []
    guard = state.guards.get(key_of(order))
    commands: list[Command] = []
    if order.owed > 0:
        commands.append(ClearTimer(f"cancel:{event.order_id}"))
    if guard is not None:
        commands.extend(_ended(guard, order, event.at))
    return commands


def _ended(guard: Guard, order: OrderState, at: int) -> Iterator[Command]:
    """Note the end of an order that gives a position up, and whether anybody had asked for it."""
    ticket = order.ticket
    unasked = order.filled < ticket.quantity and not order.cancel_requested and not order.owed
    if not unasked:
        return
    if ticket.order_id == guard.goal:
        if order.reason.partition(":")[0] in PASSING:
            return  # it never left, and is sent when it may
        guard.target = 0
        text = f"the order at the target ended: {order.reason}"
        yield RaiseAlarm(at, "TARGET_LOST", text, ticket.order_id)
    elif ticket.order_id == guard.stop or not order.protects:
        if at - order.decided_at >= LASTED_NS:
            guard.failures = 0
        failed(guard, at, f"it ended: {order.reason}")


def _adjusted(
    state: DeskState, _policy: DeskPolicy, event: PositionAdjusted | SplitApplied, keys: Keys
) -> list[Command]:
    keys.update(_of_symbol(state, event.symbol))
    return []


def _everything(state: DeskState, _policy: DeskPolicy, event: Event, keys: Keys) -> list[Command]:
    """What may leave has changed: look at every position."""
    keys.update(dict.fromkeys([*state.book.by_strategy, *state.guards]))
    if isinstance(event, _FRESH):
        for guard in state.guards.values():
            guard.failures = guard.again_at = 0
            guard.watch = None  # set anew: a price may have come while nothing could be written
    return []


def _adopted(
    state: DeskState, policy: DeskPolicy, event: PolicyAdopted, keys: Keys
) -> list[Command]:
    """Look at everything, and tell which holdings get no stop, because no order of ours bought them."""
    _everything(state, policy, event, keys)
    if policy.stop_keeper is StopKeeper.NONE:
        return []
    own = {symbol for (name, symbol), guard in state.guards.items() if not name and guard.held}
    names = sorted({s for name, s in state.book.by_strategy if not name} - own)
    if not names:
        return []
    text = f"held without any order of this engine, and left without stops: {', '.join(names)}"
    return [RaiseAlarm(event.at, "OPENING_UNPROTECTED", text)]


def _guard_named(state: DeskState, name: str, keys: Keys) -> tuple[Key, Guard] | None:
    strategy, _, symbol = name.rpartition("/")
    key = (strategy, symbol)
    guard = state.guards.get(key)
    if guard is None:
        return None
    keys[key] = None
    return key, guard


def _reached(
    state: DeskState, policy: DeskPolicy, event: LevelReached, keys: Keys
) -> list[Command]:
    """A price came that the engine waits for: follow it, or give the position up."""
    found = _guard_named(state, event.watch_id, keys)
    if found is None or not found[1].held:
        return []
    key, guard = found
    guard.watch = None
    long = guard.held > 0
    price = event.market.bid if long else event.market.ask
    assert price is not None, "a level is reached by a price"
    if policy.stop_keeper is StopKeeper.ENGINE and not guard.fired:
        guard.fired = _fires(guard, price if long else -price, 1 if long else -1)
    ratchet(guard, price)
    anchor(state, policy, key, guard)
    return []


def _fires(guard: Guard, price: int, sign: int) -> str:
    """Return which level a price is at or beyond; shorts are turned upside down."""
    if price <= sign * guard.level:
        return STOP
    return TARGET if guard.target and price >= sign * guard.target else ""


def _woken(state: DeskState, policy: DeskPolicy, event: TimerFired, keys: Keys) -> list[Command]:
    kind, _, name = event.timer_id.partition(":")
    if kind == LATCH_TIMER:
        return _everything(state, policy, event, keys)
    found = _guard_named(state, name, keys) if kind == TIMER else None
    if found is None:
        return []
    guard = found[1]
    guard.wakes_at = 0
    for name in (guard.stop, guard.goal):
        order = state.orders.get(name)
        if order is not None and under_way(order):
            guard.late = guard.late or name == guard.stop
            order.asked = None  # asked again: it says what the whole order ought to be
            order.owed = 0
    return []


_FRESH: Final = (EngineStarted, KillSwitchCleared, SymbolReleased, TradingReleased, SessionOpened)
"""Facts after which what failed before is tried again at once."""

_Note = Callable[[DeskState, DeskPolicy, Any, Keys], Any]
_COMMANDS: Final[Mapping[type, _Note]] = {
    FillBooked: _booked,
    FillRevised: _revised,
    CancelOrder: _cancelled,
}
_EVENTS: Final[Mapping[type, _Note]] = {
    **dict.fromkeys(
        (
            OrderAccepted,
            OrderFilled,
            OrderCancelled,
            OrderRefused,
            OrderExpired,
            OrderInDoubt,
            CancelFailed,
            OrderAmended,
            AmendFailed,
        ),
        _spoken,
    ),
    **dict.fromkeys(
        (
            EngineStarted,
            KillSwitchSet,
            KillSwitchCleared,
            TradingHeld,
            TradingReleased,
            SymbolQuarantined,
            SymbolReleased,
            SessionOpened,
        ),
        _everything,
    ),
    PolicyAdopted: _adopted,
    SplitApplied: _adjusted,
    PositionAdjusted: _adjusted,
    LevelReached: _reached,
    TimerFired: _woken,
}

__all__ = ["TIMER", "failed", "follow", "key_of", "under_way"]
