"""Keeping the book: what a sent order reserves, what a fill moves, what an ended order frees."""

from typing import Final

from fillpath.core.events import AccountOpened, OrderFilled, SplitApplied
from fillpath.core.holdings import Holding
from fillpath.core.models import OrderSide
from fillpath.execution.desk.splitting import shares_now
from fillpath.execution.desk.state import Book, DeskState, OrderState, ParentState
from fillpath.execution.pricing import protective_stop
from fillpath.risk.remembering import order_ended, order_opened
from fillpath.risk.watching import works

RECENT_ORDERS: Final = 16_384
FORGOTTEN_FILLS: Final = 262_144
BUY: Final = OrderSide.BUY


def open_account(book: Book, opened: AccountOpened) -> None:
    """Set the opening cash and positions."""
    book.cash = opened.cash
    for position in opened.positions:
        holding = book.holdings.setdefault(position.symbol, Holding())
        holding.quantity += position.quantity
        holding.cost += position.cost
        key = (position.strategy_name, position.symbol)
        book.by_strategy[key] = book.by_strategy.get(key, 0) + position.quantity
    book.proceeds = sum(-h.cost for h in book.holdings.values() if h.quantity < 0)


def add_order(state: DeskState, order: OrderState) -> None:
    """Reserve the quantity, and for a buy the cash, that the order may need."""
    ticket = order.ticket
    book = state.book
    order_id, symbol, quantity = ticket.order_id, ticket.symbol, ticket.quantity
    assert order_id not in state.orders, "an order id is used once"
    state.orders[order_id] = order
    protects = order.protects
    if not protects or ticket.limit is not None:
        order_opened(state.risk, ticket)  # it may be met: a stop waits, a target does not
    if protects:
        return
    if not order.reduces:
        works(state.risk.watched, symbol, 1)
    if ticket.side is BUY:
        book.buying[symbol] = book.buying.get(symbol, 0) + quantity
        book.reserved += quantity * order.worst_price
    else:
        book.selling[symbol] = book.selling.get(symbol, 0) + quantity
        if not order.reduces:
            book.shorting += quantity * order.worst_price


def reserve_rest(book: Book, parent: ParentState, rest: int) -> None:
    """Let what a schedule has still to send count as working, and for a buy reserve its cash."""
    change = rest - parent.rest
    if not change:
        return
    parent.rest = rest
    ticket = parent.ticket
    symbol = ticket.symbol
    amounts = book.selling
    if ticket.side is BUY:
        amounts = book.buying
        book.reserved += change * parent.worst
    elif not parent.reduces:
        book.shorting += change * parent.worst
    amount = amounts.get(symbol, 0) + change
    assert amount >= 0, "working quantity never goes below zero"
    if amount:
        amounts[symbol] = amount
    else:
        del amounts[symbol]


def own_working(state: DeskState, strategy: str, symbol: str, side: OrderSide) -> int:
    """Return what a strategy has working on one side of a symbol, quantity units.

    Where shares are held that no strategy claims, everything that works counts: two strategies
    must not close the same shares.
    """
    book = state.book
    amounts = book.buying if side is BUY else book.selling
    if symbol not in amounts:
        return 0
    if ("", symbol) in book.by_strategy:
        return amounts[symbol]
    return works_for(state, strategy, symbol, side)


def works_for(state: DeskState, strategy: str, symbol: str, side: OrderSide) -> int:
    """Return what orders and schedules of one strategy alone have working, quantity units."""
    orders = sum(
        order.remaining
        for order in state.orders.values()
        if order.ticket.symbol == symbol
        and order.ticket.side is side
        and order.ticket.strategy_name == strategy
        and not order.protects
    )
    return orders + sum(
        parent.rest
        for parent in state.parents.values()
        if parent.ticket.symbol == symbol
        and parent.ticket.side is side
        and parent.ticket.strategy_name == strategy
    )


def _free(book: Book, order: OrderState, quantity: int) -> None:
    if order.protects:
        return
    ticket = order.ticket
    symbol = ticket.symbol
    amounts = book.selling
    if ticket.side is BUY:
        amounts = book.buying
        book.reserved -= quantity * order.worst_price
    elif not order.reduces:
        book.shorting -= quantity * order.worst_price
    left = amounts[symbol] - quantity
    assert left >= 0, "working quantity never goes below zero"
    if left:
        amounts[symbol] = left
    else:
        del amounts[symbol]


def remove_order(state: DeskState, order: OrderState) -> None:
    """Free what the ended order had reserved and keep it among the recent ones."""
    ticket = order.ticket
    order_id = ticket.order_id
    del state.orders[order_id]
    if not order.protects or ticket.limit is not None:
        order_ended(state.risk, ticket)
    if not order.reduces:
        works(state.risk.watched, ticket.symbol, -1)
    remaining = ticket.quantity - order.filled
    if remaining > 0:
        _free(state.book, order, remaining)
    recent = state.recent
    recent[order_id] = order
    if len(recent) > RECENT_ORDERS:
        _forget(state, recent.popitem(last=False)[1])


def _forget(state: DeskState, order: OrderState) -> None:
    """Keep of an old order only what keeps its executions from being booked again."""
    state.forgotten_at = max(state.forgotten_at, order.decided_at)
    forgotten = state.forgotten
    for fill_id in order.fills:
        forgotten[fill_id] = None
    while len(forgotten) > FORGOTTEN_FILLS:
        forgotten.popitem(last=False)  # a plain dict walks over all it has ever deleted


def change_working(book: Book, order: OrderState, change: int) -> None:
    """Reserve more (or less) for an order that works, quantity units."""
    if order.protects:
        return
    if change < 0:
        _free(book, order, -change)
    elif change > 0:
        symbol = order.ticket.symbol
        amounts = book.selling
        if order.ticket.side is BUY:
            amounts = book.buying
            book.reserved += change * order.worst_price
        elif not order.reduces:
            book.shorting += change * order.worst_price
        amounts[symbol] = amounts.get(symbol, 0) + change


def book_fill(state: DeskState, order: OrderState, filled: OrderFilled, stop_distance: int) -> None:
    """Move cash and position by one execution of a known order.

    An execution beyond the ordered quantity is booked too: it is real.
    """
    book = state.book
    ticket = order.ticket
    quantity = filled.quantity
    freed = ticket.quantity - order.filled
    freed = min(freed, quantity)
    if freed > 0 and ticket.order_id in state.orders:
        _free(book, order, freed)
    order.filled += quantity
    value = quantity * filled.price
    order.value += value
    symbol, side = ticket.symbol, ticket.side
    if side is not BUY:
        quantity, value = -quantity, -value
    if state.splits:
        quantity = shares_now(state, filled)
    exchange_shares(book, symbol, ticket.strategy_name, quantity, value)
    if not order.reduces:
        anchor_stop(book, symbol, side, stop_distance)


def move_position(book: Book, symbol: str, strategy: str, signed: int, price: int) -> None:
    """Apply a signed execution to cash, the account's position and the strategy's share of it."""
    exchange_shares(book, symbol, strategy, signed, signed * price)


def exchange_shares(book: Book, symbol: str, strategy: str, signed: int, value: int) -> None:
    """Take shares for cash, both signed alike; what is less than the smallest share is all profit."""
    book.cash -= value
    if not signed:
        book.realized -= value
        return
    holding = book.holdings.get(symbol)
    if holding is None:
        holding = book.holdings[symbol] = Holding()
    if holding.quantity < 0:
        book.proceeds += holding.cost
    holding.exchange(signed, value)
    after = holding.quantity
    if after < 0:
        book.proceeds -= holding.cost
    elif after == 0:
        book.realized += holding.realized
        del book.holdings[symbol]
    attribute(book, symbol, strategy, signed)


def attribute(book: Book, symbol: str, strategy: str, signed: int) -> None:
    """Move the strategy's share; what it did not hold itself comes off the unclaimed part."""
    by_strategy = book.by_strategy
    key = (strategy, symbol)
    held = by_strategy.get(key, 0)
    after = held + signed
    if strategy and held * after <= 0:
        unclaimed = by_strategy.get(("", symbol), 0)
        if after * unclaimed < 0:
            taken = min(abs(after), abs(unclaimed)) * (1 if after > 0 else -1)
            _set_share(book, ("", symbol), unclaimed + taken)
            after -= taken
    if after:
        by_strategy[key] = after
    else:
        by_strategy.pop(key, None)


def _set_share(book: Book, key: tuple[str, str], quantity: int) -> None:
    if quantity:
        book.by_strategy[key] = quantity
    else:
        book.by_strategy.pop(key, None)


def anchor_stop(book: Book, symbol: str, side: OrderSide, distance: int) -> None:
    """Put the protective stop at its distance from the average entry price.

    An entry against what other strategies hold only makes the account's position smaller; the stop
    of that position stays where it is.
    """
    holding = book.holdings.get(symbol)
    if holding is not None and (holding.quantity > 0) is (side is BUY):
        average = holding.cost // holding.quantity
        holding.stop = protective_stop(average, side, distance)


def strategy_held(book: Book, strategy: str, symbol: str) -> int:
    """Return what a strategy may close: its own position and what no strategy claims."""
    by_strategy = book.by_strategy
    own = by_strategy.get((strategy, symbol), 0)
    return own + by_strategy.get(("", symbol), 0) if strategy else own


def held_on_side(book: Book, symbol: str, side: OrderSide) -> int:
    """Return what all strategies together hold on the side of an entry, signed quantity units.

    What another strategy holds the other way gives an entry no room: its exit may come any time.
    """
    holding = book.holdings.get(symbol)
    if len(book.by_strategy) == len(book.holdings):  # each symbol is held by one strategy
        net = 0 if holding is None else holding.quantity
        return net if (net > 0) is (side is BUY) else 0
    shares = [held for (_, name), held in book.by_strategy.items() if name == symbol]
    return sum(held for held in shares if (held > 0) is (side is BUY))


def open_symbols(book: Book) -> int:
    """Return how many symbols are held or worked."""
    return len(book.holdings.keys() | book.buying.keys() | book.selling.keys())


def apply_split(book: Book, split: SplitApplied) -> int:
    """Adjust position, stop and strategy shares; return the scaled remainder that was lost.

    Strategy shares are cut towards zero; what that loses against the whole goes to the largest.
    """
    symbol = split.symbol
    holding = book.holdings.get(symbol)
    if holding is None:
        return 0
    lost = holding.split(split.new_shares, split.old_shares)
    shares = {key: held for key, held in book.by_strategy.items() if key[1] == symbol}
    for key, held in shares.items():
        size = abs(held) * split.new_shares // split.old_shares
        shares[key] = size if held > 0 else -size
    largest = max(shares, key=lambda key: (abs(shares[key]), key))
    shares[largest] += holding.quantity - sum(shares.values())
    for key, held in shares.items():
        _set_share(book, key, held)
    if holding.quantity == 0:
        book.realized += holding.realized - holding.cost
        del book.holdings[symbol]
    return lost
