"""May this signal be looked at: fresh, new, in order, well named."""

from typing import Final

from fillpath.core.commands import Command, Decision, RaiseAlarm
from fillpath.core.events import OriginUnknown, SignalReceived
from fillpath.core.ids import parent_order_id
from fillpath.core.models import OrderSide, Refusal, Signal, SignalDirection
from fillpath.core.units import DAY_NS, NANOSECONDS, nanoseconds
from fillpath.execution.desk.state import DeskState
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.routing import strength_units

FUTURE_NS: Final = 2 * NANOSECONDS
SIGNAL_ORIGIN: Final = "SIGNAL_ORIGIN"
TOLD_AGAIN_NS: Final = 60 * NANOSECONDS
"""A person hears of signals of unknown origin this often at most; the journal has each."""
_NEVER: Final = {SignalDirection.LONG: OrderSide.SELL, SignalDirection.SHORT: OrderSide.BUY}


def signal_time(event: SignalReceived) -> int:
    """Return when the signal was made, nanoseconds; the engine stamped it at ingest."""
    timestamp = event.signal.timestamp
    assert timestamp is not None, "the engine stamps every signal at ingest"
    return nanoseconds(timestamp)


def age_limit(policy: DeskPolicy) -> int:
    """Return how old a signal may get, nanoseconds; never less than the quote age in force."""
    return max(policy.signal_age_ns, policy.router.max_age_ns)


def admit(
    state: DeskState, event: SignalReceived, signal_at: int, policy: DeskPolicy
) -> Refusal | None:
    """Remember the signal and return why it must not be looked at, or None."""
    at = event.at
    signal = event.signal
    signal_id = signal.signal_id
    assert signal_id is not None, "the engine stamps every signal at ingest"
    name = signal.strategy_name
    if "/" in signal_id or "#" in signal_id or "/" in name or "#" in name:
        return Refusal(
            "INVALID_SIGNAL_ID", f"signal_id and strategy_name must be free of / and #: {signal_id}"
        )
    key = (name, signal_id)
    seen = state.seen
    if key in seen:
        return Refusal("DUPLICATE", f"{signal_id} of {name or 'no strategy'} was seen before")
    seen.add(key)
    queue = state.seen_at
    queue.append((at, key))
    if queue[0][0] < at - DAY_NS:
        _forget(state, at - DAY_NS)
    age = at - signal_at
    if age > policy.signal_age_ns and age > policy.router.max_age_ns:
        return Refusal("STALE_SIGNAL", f"the signal is {age / NANOSECONDS:.3f} s old")
    if age < -FUTURE_NS:
        return Refusal("FUTURE_SIGNAL", f"the signal is {-age / NANOSECONDS:.3f} s in the future")
    place = (name, signal.symbol)
    newest = state.newest.get(place, 0)
    if signal_at < newest:
        return Refusal("SUPERSEDED", "a newer signal of the strategy for the symbol was handled")
    state.newest[place] = signal_at
    return None


def reused(state: DeskState, signal: Signal) -> bool:
    """Return whether a signal that was seen before has another content than the order it made.

    Without an order there is nothing to compare with, and a repeat is a repeat.
    """
    order_id = parent_order_id(signal.strategy_name, signal.signal_id or "")
    order = state.orders.get(order_id) or state.recent.get(order_id) or state.parents.get(order_id)
    if order is None:
        return False
    ticket = order.ticket
    other_side = _NEVER.get(signal.direction) is ticket.side
    same = ticket.symbol == signal.symbol and ticket.strength == strength_units(signal.strength)
    return other_side or not same


def outlived(
    state: DeskState, event: SignalReceived, at: int, policy: DeskPolicy
) -> Refusal | None:
    """Return why a held signal must not be decided any more, or None."""
    signal = event.signal
    signal_at = signal_time(event)
    if at > signal_at + age_limit(policy):
        text = "no usable quote came before the signal was too old"
        return Refusal("EXPIRED_SIGNAL", text)
    if signal_at < state.newest.get((signal.strategy_name, signal.symbol), 0):
        return Refusal("SUPERSEDED", "a newer signal of the strategy for the symbol was handled")
    return None


def on_origin_unknown(state: DeskState, event: OriginUnknown) -> list[Command]:
    """Write down a signal of unknown origin, and wake a person, but not for each of them."""
    commands: list[Command] = [
        Decision(
            event.at,
            "INTAKE",
            "REFUSED",
            "",
            SIGNAL_ORIGIN,
            f"{event.message_id}: {event.text}",
            event.strategy_name,
        )
    ]
    memory = state.risk
    if not memory.origin_told_at or event.at - memory.origin_told_at >= TOLD_AGAIN_NS:
        memory.origin_told_at = event.at
        commands.append(RaiseAlarm(event.at, SIGNAL_ORIGIN, event.text))
    return commands


def _forget(state: DeskState, before: int) -> None:
    queue = state.seen_at
    while queue[0][0] < before:
        state.seen.discard(queue.popleft()[1])
