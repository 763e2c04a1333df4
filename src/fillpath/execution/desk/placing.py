"""The last steps before an order leaves: judge it on what is known now, and remember it as sent."""

from typing import Final

from msgspec import Struct

from fillpath.core.commands import Ticket
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, Refusal
from fillpath.execution.desk.book import (
    add_order,
    held_on_side,
    open_symbols,
    own_working,
    strategy_held,
)
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.instructing import Instruction
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Walk, judge
from fillpath.risk.checks.exposure import SELF_CROSS
from fillpath.risk.checks.prices import NO_REFERENCE, PERIOD_COLLAR
from fillpath.risk.checks.rates import OPEN_ORDERS, ORDER_RATE
from fillpath.risk.checks.session import HALTED
from fillpath.risk.checks.sizes import ADV_NEEDED
from fillpath.risk.verdicts import Verdict
from fillpath.risk.walking import Traded, walk_ordered

MOMENTARY: Final = frozenset(
    {HALTED, NO_REFERENCE, OPEN_ORDERS, ORDER_RATE, PERIOD_COLLAR, SELF_CROSS}
)
"""Reasons that end by themselves: too much at once, or an own order on the other side."""

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


class Question(Struct, frozen=True, gc=False):
    """An order, or a parent, that risk is asked about.

    Args:
        symbol: ticker.
        side: BUY or SELL.
        quantity: quantity units.
        worst: the worst price it may pay, price units.
        limit: its limit price, price units; None for a plain market order.
        strategy: the strategy behind it.
        order_id: its name.
        parent_id: name of the parent; the same for an order sent whole.
        signal_price: price of the signal, price units; 0 when it told none.
        closes: whether it reduces what its strategy holds itself, whatever others hold.
        allowed_by: the person who allowed it, empty when nobody was asked.
    """

    symbol: str
    side: OrderSide
    quantity: int
    worst: int
    limit: int | None
    strategy: str
    order_id: str
    parent_id: str
    signal_price: int = 0
    closes: bool = False
    allowed_by: str = ""


def judge_now(
    state: DeskState,
    policy: DeskPolicy,
    now: tuple[int, MarketView],
    question: Question,
    walk: Walk,
) -> Verdict:
    """Put a question before the checks of a gate, with the account and the market of now."""
    return judge(ask_now(state, policy, now, question), state.risk, policy.risk, walk)


def first_reason(verdict: Verdict) -> Refusal:
    """Return the objection that says best why an order is not sent: the first that cuts it whole."""
    told = verdict.objections
    first = next((o for o in told if not o.asks and o.allowed <= 0), told[0])
    return Refusal(first.check, first.text)


def momentary(verdict: Verdict, lot: int) -> bool:
    """Return whether nothing but the moment keeps an order of at least a lot from being sent."""
    return all(o.check in MOMENTARY or o.allowed >= lot for o in verdict.objections)


def ask_now(
    state: DeskState, policy: DeskPolicy, now: tuple[int, MarketView], question: Question
) -> Ask:
    """Return all that the checks may look at."""
    at, market = now
    book = state.book
    symbol = question.symbol
    held, buying, selling, is_open = _in_the_symbol(state, question)
    bid, ask = market.bid or 0, market.ask or 0
    longs, shorts = market.long_value, market.short_value
    cash = book.cash
    return Ask(
        symbol,
        question.side,
        question.quantity,
        (bid + ask) >> 1,
        question.worst,
        held,
        buying,
        selling,
        cash - book.proceeds,
        book.reserved,
        cash + longs - shorts,
        0 if is_open else open_symbols(book),
        is_open,
        question.closes,
        state.latches.wide is not None,
        policy.router.lot,
        at,
        question.strategy,
        question.limit,
        bid,
        ask,
        market.quote_at or 0,
        market.adv or (ADV_NEEDED if policy.adv_required else 0),
        question.signal_price,
        longs,
        shorts,
        _in_the_sector(state, policy, question, market),
        question.parent_id != question.order_id,
        question.order_id,
        question.parent_id,
        state.closes_at,
        question.allowed_by,
        book.shorting,
        market.mean,
    )


def _in_the_symbol(state: DeskState, question: Question) -> tuple[int, int, int, bool]:
    """Return what counts as held, as being bought and as being sold, and if the symbol is open."""
    book = state.book
    symbol = question.symbol
    # Most of the time nothing else works, and an empty book need not be searched.
    buying = book.buying.get(symbol, 0) if book.buying else 0
    selling = book.selling.get(symbol, 0) if book.selling else 0
    is_open = buying > 0 or selling > 0 or symbol in book.holdings
    if question.closes:
        return *_own(state, question.strategy, symbol), is_open
    return held_on_side(book, symbol, question.side), buying, selling, is_open


def _in_the_sector(
    state: DeskState, policy: DeskPolicy, question: Question, market: MarketView
) -> int:
    """Return what is held in the symbol's sector and what works there to be opened, money units."""
    sectors = policy.risk.sectors.by_symbol
    if not sectors:
        return 0
    sector = sectors.get(question.symbol)
    worth = market.sector_value
    for order in state.orders.values():
        if not order.reduces and sectors.get(order.ticket.symbol) == sector:
            worth += order.remaining * order.worst_price
    for parent in state.parents.values():
        if not parent.reduces and sectors.get(parent.ticket.symbol) == sector:
            worth += parent.rest * parent.worst
    return worth


def _own(state: DeskState, strategy: str, symbol: str) -> tuple[int, int, int]:
    """Return what a strategy may close, and what it is buying and selling already."""
    return (
        strategy_held(state.book, strategy, symbol),
        own_working(state, strategy, symbol, BUY),
        own_working(state, strategy, symbol, SELL),
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


def remember_sent(state: DeskState, policy: DeskPolicy, order: OrderState) -> None:
    """Count an order that leaves in the book, and among what walks the price of its symbol."""
    add_order(state, order)
    ticket = order.ticket
    window, mid = policy.risk.price.period_ns, (order.arrival_mid or 0) >> 1
    walk_ordered(
        state.risk.walks,
        Traded(
            order.decided_at,
            window,
            ticket.symbol,
            ticket.order_id,
            ticket.quantity,
            order.worst_price,
            mid,
        ),
    )
