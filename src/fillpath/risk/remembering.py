"""The only place that changes what risk counts: the day, the baskets, the rates, the open orders.

Called by the desk for facts and for what it orders, so a replay rebuilds the same memory. Every
window is bounded. Beyond its bound a window keeps the sum and forgets the single times, always
towards the later one: what is counted is then counted too long, never too short.
"""

from collections import deque
from typing import Final

from fillpath.core.commands import Ticket
from fillpath.core.units import NANOSECONDS
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory, Sent

MOST_SENT: Final = 4_096
"""Parents that one window holds one by one."""

DAY_NS: Final = 86_400 * NANOSECONDS
"""A day without a session ends after this time, so that a market that never closes has days too."""


def day_began(memory: RiskMemory, at: int) -> None:
    """Begin the counters of a day: a session opened."""
    memory.day_at = at
    memory.parents_today = 0
    memory.turnover_today = 0


def day_is_over(memory: RiskMemory, at: int) -> bool:
    """Return whether the counters are those of a day that has ended without a session to say so."""
    return at - memory.day_at >= DAY_NS


def parent_ordered(
    memory: RiskMemory, limits: RiskLimits, ticket: Ticket, at: int, worst: int, *, exits: bool
) -> None:
    """Count what was ordered for a signal, sliced or whole; an exit counts for the day alone.

    Args:
        memory: what is changed.
        limits: the windows.
        ticket: the parent.
        at: nanoseconds UTC of the decision.
        worst: the worst price that it may pay, price units.
        exits: whether it only reduces a position.
    """
    if day_is_over(memory, at):
        day_began(memory, at)
    value = ticket.quantity * worst
    memory.parents_today += 1
    memory.turnover_today += value
    if not exits:
        _add_to_basket(memory, ticket, Sent(at, ticket.quantity, value), limits.size.basket_ns)


def _add_to_basket(memory: RiskMemory, ticket: Ticket, sent: Sent, window: int) -> None:
    strategy = ticket.strategy_name
    basket = memory.baskets.get(strategy)
    if basket is None:
        basket = memory.baskets[strategy] = deque()
    total = memory.basket_value.get(strategy, 0) + sent.value
    while basket and sent.at - basket[0].at > window:
        total -= basket.popleft().value
    memory.basket_value[strategy] = total
    _add(basket, sent)


def _add(window: deque[Sent], sent: Sent) -> None:
    """Put a parent behind the others; beyond the bound it takes the newest one in."""
    if len(window) >= MOST_SENT:
        newest = window.pop()
        sent = Sent(sent.at, newest.quantity + sent.quantity, newest.value + sent.value)
    window.append(sent)


__all__ = ["DAY_NS", "MOST_SENT", "day_began", "day_is_over", "parent_ordered"]
