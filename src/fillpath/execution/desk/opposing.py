"""A newer signal against what works: what contradicts it is cancelled first, and the signal waits.

What a stop of the engine's own has set off is not cancelled. The position is given up at any price,
whatever its strategy thinks by now, as it would be by a stop at the broker; were it cancelled, the
shares would be without a stop until the cancel is confirmed and the next order is sent. Sending the
entry beside it would let two orders of one strategy meet. So the entry waits until the exit has
ended, or until its signal is too old.
"""

from typing import Final

from fillpath.core.commands import Command, Ticket
from fillpath.core.models import OrderSide, Refusal, Signal, SignalDirection
from fillpath.execution.desk.book import strategy_held
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.keeping import ROUTE
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.desk.working import stop_parent


def _stands_in_the_way(state: DeskState, signal: Signal) -> bool:
    """Return whether anything may contradict the signal, without a look at each order."""
    book, running = state.book, state.running
    if not running and not book.buying and not book.selling:
        return False
    symbol, strategy = signal.symbol, signal.strategy_name
    against_buys = signal.direction is not SignalDirection.LONG
    against_sells = signal.direction is not SignalDirection.SHORT
    if against_buys and (symbol in book.buying or (strategy, symbol, True) in running):
        return True
    return against_sells and (symbol in book.selling or (strategy, symbol, False) in running)


_OPPOSITE: Final = {SignalDirection.LONG: OrderSide.SELL, SignalDirection.SHORT: OrderSide.BUY}


def cancel_opposing(state: DeskState, signal: Signal, at: int) -> list[Command] | None:
    """Cancel the strategy's orders that a new signal contradicts.

    A LONG cancels working sells, a SHORT working buys, a FLAT every working entry and every exit
    that the position has turned away from. What a stop of the engine's own has set off is carried
    out: the signal waits for its end.

    Returns:
        None when nothing stands in the way; else the cancels still to be sent, perhaps none.
    """
    if not _stands_in_the_way(state, signal):
        return None
    symbol = signal.symbol
    side = _OPPOSITE.get(signal.direction)
    held = strategy_held(state.book, signal.strategy_name, symbol)
    closing = OrderSide.SELL if held > 0 else OrderSide.BUY if held < 0 else None
    stop = Refusal("CANCELLED_BY_SIGNAL", "a newer signal of the strategy contradicts it")

    def contradicted(ticket: Ticket, *, reduces: bool) -> bool:
        mine = ticket.symbol == symbol and ticket.strategy_name == signal.strategy_name
        if side is None:
            return mine and not (reduces and ticket.side is closing)
        return mine and ticket.side is side

    parents = [p for p in state.parents.values() if contradicted(p.ticket, reduces=p.reduces)]
    orders = [
        o
        for o in state.orders.values()
        if not o.protects and contradicted(o.ticket, reduces=o.reduces)
    ]
    if not parents and not orders:
        return None
    commands: list[Command] = []
    for parent in parents:
        commands.extend(stop_parent(state, parent, at, stop))
    for order in orders:
        if not _is_given_up_by(state, order):
            commands.extend(cancel_order(order, at, stop.code))
    return commands


def _is_given_up_by(state: DeskState, order: OrderState) -> bool:
    """Return whether the order sells, or buys back, what the strategy holds and its stop gave up."""
    ticket = order.ticket
    held = state.book.by_strategy.get((ticket.strategy_name, ticket.symbol), 0)
    return ticket.route == ROUTE and held * ticket.side.sign < 0


__all__ = ["cancel_opposing"]
