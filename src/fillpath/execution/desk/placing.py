"""The last steps before an order leaves: judge it on what is known now, and remember it as sent."""

from typing import Final

from fillpath.core.commands import Ticket
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide
from fillpath.execution.desk.book import held_on_side, open_symbols, own_working, strategy_held
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.instructing import Instruction
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.pre_trade import RiskInput, Verdict, judge

BUY: Final = OrderSide.BUY
SELL: Final = OrderSide.SELL


def total_equity(state: DeskState, market: MarketView) -> int:
    """Return cash plus longs minus shorts at their marks, money units."""
    return state.book.cash + market.long_value - market.short_value


def far_touch(side: OrderSide, market: MarketView) -> int:
    """Return the price an order pays at once; the quote is usable."""
    touch = market.ask if side is BUY else market.bid
    assert touch is not None, "the quote was judged usable"
    return touch


def worst_price(instruction: Instruction, touch: int) -> int:
    """Return the worst price the order may trade at: its limit, or the touch without one."""
    return touch if instruction.limit is None else instruction.limit


def judge_now(
    state: DeskState,
    policy: DeskPolicy,
    market: MarketView,
    order: tuple[str, OrderSide, int, int],
    *,
    closes_for: str | None = None,
) -> Verdict:
    """Put an order (symbol, side, quantity, worst price) before the risk checks.

    ``closes_for`` names the strategy whose position an exit reduces: what it holds itself is what
    it may close, whatever other strategies hold of the symbol. None is an entry.
    """
    symbol, side, quantity, worst = order
    book = state.book
    holding = book.holdings.get(symbol)
    # Most of the time nothing else works, and an empty book need not be searched.
    buying = book.buying.get(symbol, 0) if book.buying else 0
    selling = book.selling.get(symbol, 0) if book.selling else 0
    already_open = holding is not None or buying > 0 or selling > 0
    cash = book.cash
    if closes_for is None:
        held = held_on_side(book, symbol, side)
    else:
        held = strategy_held(book, closes_for, symbol)
        buying = own_working(state, closes_for, symbol, BUY)
        selling = own_working(state, closes_for, symbol, SELL)
    return judge(
        RiskInput(
            symbol,
            side,
            quantity,
            ((market.bid or 0) + (market.ask or 0)) >> 1,
            worst,
            held,
            buying,
            selling,
            cash - book.proceeds,
            book.reserved,
            cash + market.long_value - market.short_value,
            0 if already_open else open_symbols(book),
            already_open,
            closes_for is not None,
            bool(state.killed),
        ),
        policy.risk,
    )


def sent_order(ticket: Ticket, at: int, market: MarketView, *, reduces: bool) -> OrderState:
    """Return the state of an order that is about to be sent; the quote is usable."""
    bid = market.bid or 0
    ask = market.ask or 0
    touch = ask if ticket.side is BUY else bid
    limit = ticket.limit
    return OrderState(
        ticket,
        at,
        touch if limit is None else limit,
        touch if ticket.protected or limit is None else limit,
        bid + ask,
        reduces,
    )
