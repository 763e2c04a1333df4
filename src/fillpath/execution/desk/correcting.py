"""The numbers of a correction: cash, position and profit as if the execution had always been so.

Cash, quantity and total profit are exact to the last unit. So is the split between taken and open
profit where the position was flat at a moment that is remembered, because all trades since are
walked again, each in the shares of now. Where it was not (opening positions, adjustments, shares that
do not divide, orders long forgotten) the execution is undone at its old price and done again at the
new one.
"""

from collections.abc import Iterable, Iterator, Sequence

from fillpath.core.events import OrderFilled
from fillpath.core.holdings import Holding
from fillpath.execution.desk.book import attribute, exchange_shares
from fillpath.execution.desk.splitting import shares_now
from fillpath.execution.desk.state import Book, DeskState


def _value(filled: OrderFilled) -> int:
    """Return what an execution cost, money units, negative for a sale."""
    return filled.quantity * filled.price * filled.side.sign


def correct(state: DeskState, strategy: str, was: OrderFilled, now: OrderFilled) -> None:
    """Move cash and position from what an execution was to what it is; commissions apart."""
    book = state.book
    old, new = shares_now(state, was), shares_now(state, now)
    path = _path_since_flat(state, was)
    if path is None:
        exchange_shares(book, was.symbol, strategy, -old, -_value(was))
        exchange_shares(book, was.symbol, strategy, new, _value(now))
        return
    taken_before, _ = _walked(state, path)
    taken, holding = _walked(state, (now if trade is was else trade for trade in path))
    book.cash += _value(was) - _value(now)
    book.realized += taken - taken_before
    _put(book, was.symbol, holding)
    attribute(book, was.symbol, strategy, new - old)


def _put(book: Book, symbol: str, holding: Holding) -> None:
    """Make this the holding of the symbol; the stop stays where it was."""
    before = book.holdings.pop(symbol, None)
    if before is not None:
        holding.stop = before.stop
        if before.quantity < 0:
            book.proceeds += before.cost
    if holding.quantity:
        book.holdings[symbol] = holding
        if holding.quantity < 0:
            book.proceeds -= holding.cost


def _path_since_flat(state: DeskState, was: OrderFilled) -> Sequence[OrderFilled] | None:
    """Return every trade since the position was last flat before ``was``, None when not known."""
    holding = state.book.holdings.get(was.symbol) or Holding()
    trades = sorted(_known_trades(state, was.symbol), key=lambda filled: filled.at)
    held = holding.quantity
    for start in reversed(range(len(trades))):
        held -= shares_now(state, trades[start])
        if held == 0 and any(trade is was for trade in trades[start:]):
            path = trades[start:]
            _, walked = _walked(state, path)
            same = (walked.quantity, walked.cost) == (holding.quantity, holding.cost)
            return path if same and walked.realized == holding.realized else None
    return None


def _known_trades(state: DeskState, symbol: str) -> Iterator[OrderFilled]:
    for order in (*state.recent.values(), *state.orders.values()):
        if order.ticket.symbol == symbol:
            yield from order.fills.values()
    for filled in state.foreign.values():
        if filled.symbol == symbol:
            yield filled


def _walked(state: DeskState, trades: Iterable[OrderFilled]) -> tuple[int, Holding]:
    """Return the profit of positions that were closed on the way, and the one that is left."""
    taken = 0
    holding = Holding()
    for trade in trades:
        shares = shares_now(state, trade)
        if shares:
            holding.exchange(shares, _value(trade))
        if not holding.quantity:
            taken += holding.realized
            holding = Holding()
    return taken, holding
