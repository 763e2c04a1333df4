"""The only place that changes what risk counts: the day, the baskets, the rates, the open orders.

Called by the desk for facts and for what it orders, so a replay rebuilds the same memory. Every
window is bounded. Beyond its bound a window keeps the sum and forgets the single times, always
towards the later one: what is counted is then counted too long, never too short.
"""

from collections import deque
from typing import Final

from fillpath.core.commands import Ticket
from fillpath.core.events import OrderFilled
from fillpath.core.models import OrderSide, OrderType
from fillpath.core.units import DAY_NS, NANOSECONDS
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import CASH_ACCOUNT, MOST_PRICE, RiskMemory, Sent, Tokens
from fillpath.risk.walking import walk_ended

_BUY: Final = OrderSide.BUY
_STOP: Final = OrderType.STOP
_STOP_LIMIT: Final = OrderType.STOP_LIMIT

MOST_SENT: Final = 4_096
"""Parents that one window holds one by one."""

MOST_ALIKE: Final = 256
"""Parents for one side of a symbol that are compared with a new one; more of them are too many."""


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
    if exits:
        return
    sent = Sent(at, ticket.quantity, value)
    _add_to_basket(memory, ticket, sent, limits.size.basket_ns)
    if limits.rates.duplicate_ns:
        _add_alike(memory, ticket, sent, limits.rates.duplicate_ns)


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


def _add_alike(memory: RiskMemory, ticket: Ticket, sent: Sent, window: int) -> None:
    key = (ticket.symbol, ticket.side)
    alike = memory.alike.get(key)
    if alike is None:
        alike = memory.alike[key] = deque(maxlen=MOST_ALIKE)
    while alike and sent.at - alike[0].at > window:
        alike.popleft()
    alike.append(sent)


def _add(window: deque[Sent], sent: Sent) -> None:
    """Put a parent behind the others; beyond the bound it takes the newest one in."""
    if len(window) >= MOST_SENT:
        newest = window.pop()
        sent = Sent(sent.at, newest.quantity + sent.quantity, newest.value + sent.value)
    window.append(sent)


def order_sent(
    memory: RiskMemory, limits: RiskLimits, ticket: Ticket, at: int, *, exits: bool
) -> None:
    """Take one order from what strategy, symbol and account may send; exits take nothing.

    The three hold at most what they may send in a second.
    """
    if exits:
        return
    rates = limits.rates
    tokens = memory.tokens
    _take(tokens, "s:" + ticket.strategy_name, at, rates.strategy_per_second)
    _take(tokens, "y:" + ticket.symbol, at, rates.symbol_per_second)
    _take(tokens, "a:", at, rates.account_per_second)


def _take(tokens: dict[str, Tokens], name: str, at: int, per_second: int) -> None:
    full = per_second * NANOSECONDS
    bucket = tokens.get(name)
    if bucket is None:
        tokens[name] = Tokens(at, full - NANOSECONDS)
        return
    level = bucket.level
    passed = at - bucket.at
    if passed > 0:
        bucket.at = at
        level += passed * per_second
    if level >= full:
        bucket.level = full - NANOSECONDS
    elif level > NANOSECONDS:
        bucket.level = level - NANOSECONDS
    else:
        bucket.level = 0


def fill_booked(memory: RiskMemory, filled: OrderFilled) -> None:
    """Take what was spent off the settled cash; what a sale brings settles later.

    The broker's next report says it anew.
    """
    account = memory.account
    if account.kind != CASH_ACCOUNT or account.settled_cash is None:
        return
    account.settled_cash -= filled.commission
    if filled.side is _BUY:
        account.settled_cash -= filled.quantity * filled.price


def order_opened(memory: RiskMemory, ticket: Ticket) -> None:
    """Remember a working order by the price that it would meet."""
    key = (ticket.symbol, ticket.side)
    orders = memory.open_orders.get(key)
    if orders is None:
        orders = memory.open_orders[key] = {}
    orders[ticket.order_id] = _resting_price(ticket)
    memory.open_total += 1


def order_ended(memory: RiskMemory, ticket: Ticket) -> None:
    """Forget an order that works no more."""
    walk_ended(memory.walks, ticket.symbol, ticket.order_id)
    key = (ticket.symbol, ticket.side)
    orders = memory.open_orders[key]
    del orders[ticket.order_id]
    if not orders:
        del memory.open_orders[key]
    memory.open_total -= 1


def _resting_price(ticket: Ticket) -> int:
    """Return the price up to which (of a sale: down to which) the order trades.

    A market order trades at any price. A stop waits for its price and rests at none.
    """
    buys = ticket.side is _BUY
    if ticket.order_type is _STOP or ticket.order_type is _STOP_LIMIT:
        return 0 if buys else MOST_PRICE
    if ticket.limit is None:
        return MOST_PRICE if buys else 0
    return ticket.limit


__all__ = [
    "MOST_ALIKE",
    "MOST_SENT",
    "day_began",
    "day_is_over",
    "fill_booked",
    "order_ended",
    "order_opened",
    "order_sent",
    "parent_ordered",
]
