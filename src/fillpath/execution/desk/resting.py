"""Entries that rest on a quote nobody renews: cancelled when it is too old (control A-03).

A resting order that nobody prices any more is an option given away. One timer runs for a symbol
while an entry rests in it. Exits and protective stops stay: they only reduce a position. In a halt
that was told there are no quotes to renew, so what rests keeps its place.
"""

from typing import Final

from fillpath.core.commands import ClearTimer, Command, RaiseAlarm, SetTimer
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.checks.session import halt

TIMER: Final = "resting"
RESTING_STALE: Final = "RESTING_STALE"

_BUY: Final = OrderSide.BUY


def watch_resting(
    state: DeskState, policy: DeskPolicy, order: OrderState, at: int, market: MarketView
) -> list[Command]:
    """Set the timer of a symbol when an entry may rest in it.

    With a real broker that is every entry: the market may have moved before it arrives.
    """
    ticket = order.ticket
    symbol = ticket.symbol
    if order.reduces or symbol in state.risk.resting:
        return []
    if not policy.risk.session.facts_required and _trades_at_once(order, market):
        return []
    state.risk.resting[symbol] = None
    return [_timer(symbol, at + policy.risk.price.cancel_quote_age_ns)]


def _timer(symbol: str, last: int) -> SetTimer:
    return SetTimer(f"{TIMER}:{symbol}", last + 1, symbol)


def _trades_at_once(order: OrderState, market: MarketView) -> bool:
    limit = order.ticket.limit
    if limit is None:
        return True
    if order.ticket.side is _BUY:
        return market.ask is not None and limit >= market.ask
    return market.bid is not None and limit <= market.bid


def on_resting_timer(
    state: DeskState, policy: DeskPolicy, symbol: str, at: int, market: MarketView
) -> list[Command]:
    """Cancel the entries of a symbol whose quote is too old, or look again when it would be."""
    resting = [
        order
        for order in state.orders.values()
        if order.ticket.symbol == symbol and not order.reduces
    ]
    state.risk.resting.pop(symbol, None)
    done = ClearTimer(f"{TIMER}:{symbol}")  # a restart must not find it again
    if not resting:
        return [done]
    most = policy.risk.price.cancel_quote_age_ns
    seen = market.quote_at or 0
    if halt(symbol, state.risk):
        seen = at
    if at - seen <= most:
        state.risk.resting[symbol] = None
        return [_timer(symbol, seen + most)]
    text = f"the last quote of {symbol} is {(at - seen) / NANOSECONDS:.0f} s old"
    if not seen:
        text = f"{symbol} has no quote"
    commands: list[Command] = [done, RaiseAlarm(at, RESTING_STALE, text)]
    for order in resting:
        commands.extend(cancel_order(order, at, RESTING_STALE))
    return commands


__all__ = ["RESTING_STALE", "TIMER", "on_resting_timer", "watch_resting"]
