"""Stopping and letting go: trading as a whole, one symbol, and what a doubt holds back.

A held signal is kept until its age ends, because most holds last for seconds; a quarantined symbol
waits for a person, so its signals are refused at once. Cancels always leave. A slice whose time
comes meanwhile waits, and is re-spread over the rest of its grid when the next one comes first.
"""

from collections.abc import Iterator
from typing import Final

from fillpath.core.commands import Command, RaiseAlarm, WatchQuote
from fillpath.core.events import SymbolQuarantined, SymbolReleased, TradingHeld, TradingReleased
from fillpath.core.models import Certainty, Refusal
from fillpath.execution.desk.gating import SYMBOL_QUARANTINED, TRADING_HELD, regate
from fillpath.execution.desk.modifying import link_released
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.desk.working import stop_parent

ROUTINE: Final = frozenset({"RECONCILING"})
"""Holds of every start and reconnect; nobody has to be woken for them."""


def on_held(state: DeskState, event: TradingHeld) -> list[Command]:
    """Nothing leaves from now on; told once for each code."""
    known = event.code in state.holds
    state.holds[event.code] = event.text
    regate(state)
    if known or event.code in ROUTINE:
        return []
    text = f"{event.code}: {event.text or 'nothing leaves for now'}"
    return [RaiseAlarm(event.at, TRADING_HELD, text)]


def on_released(state: DeskState, event: TradingReleased) -> list[Command]:
    """One reason is gone; after the last one everything that waited looks at its market again."""
    if state.holds.pop(event.code, None) is None:
        return []
    regate(state)
    link_released(state, event.code, event.at)
    commands: list[Command] = []
    if event.code not in ROUTINE:
        text = f"{event.code}: released by {event.by or 'nobody in particular'}"
        commands.append(RaiseAlarm(event.at, "TRADING_RELEASED", text))
    if not state.holds:
        commands.extend(WatchQuote(symbol) for symbol in dict.fromkeys(waiting(state)))
    return commands


def waiting(state: DeskState) -> Iterator[str]:
    """Yield the symbols in which a signal or a slice waits."""
    for held in state.held.values():
        yield held.signal.symbol
    for parent in state.parents.values():
        if parent.awaiting is not None:
            yield parent.ticket.symbol


def on_quarantined(state: DeskState, event: SymbolQuarantined) -> list[Command]:
    """No new order in the symbol until a person has looked."""
    return quarantine(state, event.symbol, event.reason, event.at)


def quarantine(state: DeskState, symbol: str, reason: str, at: int) -> list[Command]:
    """Stop everything in the symbol that would send another order; what works is left alone.

    The slices that work are cancelled with their schedule; an order that was sent whole stays.
    """
    if symbol in state.quarantined:
        return []
    state.quarantined[symbol] = reason
    regate(state)
    commands: list[Command] = [RaiseAlarm(at, SYMBOL_QUARANTINED, f"{symbol}: {reason}")]
    stop = Refusal(SYMBOL_QUARANTINED, reason)
    for parent in list(state.parents.values()):
        if parent.ticket.symbol == symbol:
            commands.extend(stop_parent(state, parent, at, stop))
    return commands


def on_symbol_released(state: DeskState, event: SymbolReleased) -> list[Command]:
    """A person allows orders in the symbol again."""
    if state.quarantined.pop(event.symbol, None) is None:
        return []
    regate(state)
    state.risk.watched.operator_at = event.at
    return [RaiseAlarm(event.at, "SYMBOL_RELEASED", f"{event.symbol}: by {event.by}")]


def doubt(state: DeskState, order: OrderState) -> None:
    """Note that nobody knows whether the broker has the order."""
    order.certainty = Certainty.IN_DOUBT
    state.doubts[order.ticket.order_id] = order.ticket.symbol
    regate(state)


def settle_doubt(state: DeskState, order: OrderState) -> list[Command]:
    """Note that the broker has said what became of the order; what waited for that may go on."""
    order.certainty = Certainty.CONFIRMED
    state.doubts.pop(order.ticket.order_id, None)
    regate(state)
    symbol = order.ticket.symbol
    return [WatchQuote(symbol)] if symbol in waiting(state) else []
