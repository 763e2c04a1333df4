"""What is to be protected, and at which level: pure arithmetic on the book.

A stop belongs to what a strategy holds. What no strategy claims because it was there before, or
because somebody else traded it, gets none; what somebody else has sold of a strategy's shares
needs none any more.
"""

from typing import Final

from fillpath.core.events import SplitApplied
from fillpath.core.holdings import Holding
from fillpath.core.models import OrderSide
from fillpath.execution.desk.guard import Guard, Key
from fillpath.execution.desk.splitting import shares_now
from fillpath.execution.desk.state import Book, DeskState
from fillpath.execution.desk.ticking import stop_on_tick, told_tick
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.pricing import (
    protective_stop,
    target_price,
    tick_size,
    to_step,
    to_tick,
)

BUY: Final = OrderSide.BUY
SELL: Final = OrderSide.SELL
RATCHET: Final = 10
"""A trailing stop is moved when it can follow by this part of its distance."""


def exit_side(held: int) -> OrderSide:
    """Return the side that closes a position."""
    return SELL if held > 0 else BUY


def to_protect(book: Book, key: Key, guard: Guard | None) -> int:
    """Return what of a position needs a stop, signed quantity units."""
    strategy, symbol = key
    share = book.by_strategy.get(key, 0)
    if not strategy:  # only what our own orders brought
        own = 0 if guard is None else guard.held
        return 0 if own * share <= 0 else _least(own, share)
    unclaimed = book.by_strategy.get(("", symbol), 0)
    if share * unclaimed >= 0:
        return share
    return share - _sold_by_others(book, key, share, abs(unclaimed))


def _least(one: int, other: int) -> int:
    return min(one, other) if one > 0 else max(one, other)


def _sold_by_others(book: Book, key: Key, share: int, sold: int) -> int:
    """Return what of a share somebody else has closed; strategies lose in the order of their names."""
    alike = sorted(
        name for name, held in book.by_strategy.items() if name[1] == key[1] and held * share > 0
    )
    for name in alike[: alike.index(key)]:
        sold -= min(sold, abs(book.by_strategy[name]))
    taken = min(sold, abs(share))
    return taken if share > 0 else -taken


def fit(guard: Guard, book: Book, key: Key, wanted: int) -> bool:
    """Make ``wanted`` the quantity of the guard; return whether its average price may have moved."""
    paid = guard.paid
    before = paid.quantity
    if before == wanted:
        return False
    if before * wanted > 0:
        paid.cost = paid.cost * wanted // before
    else:  # opened by something that was no fill of ours
        holding = book.holdings.get(key[1])
        sure = holding is not None and holding.quantity * wanted > 0
        paid.cost = holding.cost * wanted // holding.quantity if sure and holding else 0
    paid.quantity = wanted
    if before * wanted > 0:
        return False
    forget(guard)
    return True


def forget(guard: Guard) -> None:
    """Begin anew: what was held is gone."""
    guard.level = guard.target = guard.best = 0
    guard.fired = ""


def traded(guard: Guard, signed: int, value: int) -> bool:
    """Take shares for money; return whether that has moved the average price of what is held."""
    before = guard.held
    guard.paid.exchange(signed, value)
    after = guard.held
    if before * after <= 0:
        forget(guard)
    return after != 0 and (before * signed >= 0 or before * after < 0)


def follow_fills(state: DeskState, guard: Guard, key: Key) -> None:
    """Take over what the own fills since the position was last flat cost, where all are remembered."""
    fills = [
        filled
        for order in (*state.recent.values(), *state.orders.values())
        if (order.ticket.strategy_name, order.ticket.symbol) == key
        for filled in order.fills.values()
        if filled.quantity
    ]
    held = Holding()
    for filled in sorted(fills, key=lambda filled: filled.at):
        shares = shares_now(state, filled)
        held.exchange(shares, filled.quantity * filled.price * filled.side.sign)
        if not held.quantity:
            held = Holding()
    if held.quantity == guard.held:
        guard.paid.cost = held.cost


def anchor(state: DeskState, policy: DeskPolicy, key: Key, guard: Guard) -> None:
    """Put stop and target at their distances from the average price; a trailing stop only tightens."""
    held, cost = guard.paid.quantity, guard.paid.cost
    average = cost // held
    if average <= 0:
        return
    limits = policy.risk.protection
    side = BUY if held > 0 else SELL
    level = protective_stop(average, side, policy.sizing.stop_distance)
    if limits.trailing is not None:
        guard.best = _better(side, guard.best or average, average)
        trailed = protective_stop(guard.best, side, limits.trailing)
        level = _better(side, level, trailed)
        level = _better(side, level, guard.level or level)
    exits, tick = exit_side(held), told_tick(state, key[1])
    guard.level = stop_on_tick(level, average, exits, tick)
    target = 0 if limits.target is None else target_price(average, side, limits.target)
    guard.target = to_step(target, exits, tick)
    holding = state.book.holdings.get(key[1])
    if holding is not None and holding.quantity == held:
        holding.stop = guard.level  # what is shown is what works


def _better(side: OrderSide, one: int, other: int) -> int:
    return max(one, other) if side is BUY else min(one, other)


def ratchet(guard: Guard, price: int) -> None:
    """Remember the best price that a position has seen."""
    if guard.best:
        guard.best = _better(BUY if guard.held > 0 else SELL, guard.best, price)


def next_ratchet(policy: DeskPolicy, guard: Guard) -> int | None:
    """Return the price at which a trailing stop is moved again, or None."""
    trailing = policy.risk.protection.trailing
    if trailing is None or not guard.best:
        return None
    side = BUY if guard.held > 0 else SELL
    distance = abs(guard.best - protective_stop(guard.best, side, trailing))
    step = max(distance // RATCHET, tick_size(guard.best))
    return guard.best + step if side is BUY else max(guard.best - step, 1)


def stretch(state: DeskState, policy: DeskPolicy, event: SplitApplied) -> None:
    """Put every guard of a symbol into new shares, with its stop at its distance again."""
    for key, guard in state.guards.items():
        if key[1] == event.symbol:
            split(guard, event)
            if guard.held:
                anchor(state, policy, key, guard)


def split(guard: Guard, event: SplitApplied) -> None:
    """Restate everything in new shares; the level stays on the tick, rounded towards the entry."""
    new, old = event.new_shares, event.old_shares
    guard.paid.split(new, old)
    guard.best = guard.best * old // new
    guard.level = to_tick(guard.level * old // new, exit_side(guard.held))
