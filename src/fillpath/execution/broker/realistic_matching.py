"""How realistic orders trade: against limited size, from a queue, and at prices that they have moved.

Who trades against the recorded market cannot move it. What our own orders would have changed is
modelled beside it: what was taken stays taken for a while, and large orders pay more.
"""

from collections.abc import Callable
from typing import Final

from fillpath.core.events import BrokerEvent, MarketView
from fillpath.core.models import OrderSide, OrderStatus
from fillpath.core.ports import Clock, MarketData
from fillpath.core.units import NANOSECONDS
from fillpath.execution.broker.book import Book, Working
from fillpath.execution.broker.exchange import Exchange, nobody
from fillpath.execution.broker.fee_book import FeeBook
from fillpath.execution.broker.fill_model import SimulationPolicy, fill_price, touch, triggered
from fillpath.execution.broker.queues import Queues
from fillpath.execution.broker.realistic_till import RealisticTill
from fillpath.execution.broker.travelling import Post
from fillpath.execution.simulating.moving import moved_price
from fillpath.execution.simulating.participation import (
    allowance,
    expected_volume,
    interval_start,
)
from fillpath.execution.simulating.policy import RealisticPolicy
from fillpath.execution.simulating.queueing import traded
from fillpath.execution.simulating.showing import NOTHING, Taken, after_taking, still_shown

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL


class RealisticMatching(Exchange):
    """Match orders that have arrived; see ``RealisticExchange`` for how they get here."""

    def __init__(
        self,
        market: MarketData,
        clock: Clock,
        policy: SimulationPolicy,
        sink: Callable[[BrokerEvent], None] = nobody,
    ) -> None:
        super().__init__(market, clock, policy, sink)
        self._displayed = True
        self.rules = policy.realistic or RealisticPolicy()
        self.fees = FeeBook(self.rules, policy.commission)
        self.purse = RealisticTill(
            self.till.account,
            policy.commission,
            0,
            in_parts=True,
            rules=self.rules,
            fees=self.fees,
            values=market.values,
        )
        self.till = self.purse
        self.post = Post(self.rules)
        self.queues = Queues(self.rules)
        self._taken: dict[tuple[str, OrderSide], Taken] = {}
        self._traded: dict[str, tuple[int, int]] = {}
        self._footprints: dict[str, int] = {}
        self._removes = True
        self._far = True

    def trade_seen(self, symbol: str, price: int, quantity: int) -> None:
        """Let a trade of others take its way through the queues; price and quantity units."""
        self.stamp()
        view = self._market.view(symbol)
        left = quantity
        for side in (_BUY, _SELL):
            for seat in self.queues.reached(symbol, side, price):
                work = self.working[seat.order_id]
                if seat.limit != price:  # it traded through the order's price
                    filled = min(work.left, left)
                elif seat.front is None:
                    continue
                else:
                    seat.size = max(seat.size - left, 0)
                    seat.front, filled = traded(seat.front, work.left, left)
                left -= filled
                self._trade_passively(work, filled, view)

    def match_all(self, symbol: str, view: MarketView, *, gap: bool) -> None:
        """Match what waits in a symbol: queues, stops, then what the market has traded through.

        Args:
            symbol: ticker.
            view: its market.
            gap: whether trading has just begun, so that nobody rested while the price moved.
        """
        book = self.book(symbol)
        buys, sells = touch(_BUY, view), touch(_SELL, view)
        if not gap and buys is not None and sells is not None:
            self._queue(symbol, view)
        released = [*_release(book, _BUY, buys), *_release(book, _SELL, sells)]
        self._trade_through(book, _BUY, view, gap=gap)
        self._trade_through(book, _SELL, view, gap=gap)
        for work in released:
            if work.order.order_id in self.working:
                self.seat(work, view)

    def seat(self, work: Working, view: MarketView) -> None:
        """Give an order that rests at its limit a place in the queue, unless it has one."""
        waits = work.limit is not None and work.stop is None
        if waits and self.queues.seat(work.order.order_id) is None:
            self.queues.take(work, view)

    def take_liquidity(self, work: Working, traded_at: int, view: MarketView) -> None:
        """Take what is there of the far side, at the touch and what the order's own size adds."""
        quantity = self.available(work, view)
        if not quantity:
            return
        order = work.order
        before = self._footprints.get(_footprint(work), 0)
        price = moved_price(order.side, traded_at, (before, quantity), view.adv, self.rules)
        if work.limit is not None:
            better = min if order.side is _BUY else max
            price = better(price, work.limit)
        self.trade(work, quantity, price, removes=True)

    def trade(self, work: Working, quantity: int, price: int, *, removes: bool) -> None:
        """Trade, or cancel the order where it cannot be paid or borrowed for."""
        unpaid = self.till.unpaid(work, quantity, price)
        if unpaid is not None:
            self.cancel(work, f"{unpaid.code}: {unpaid.text}")
            return
        self._removes = removes
        self._execute(work, quantity, price)

    def available(self, work: Working, view: MarketView) -> int:
        """Return how much of an order can trade at the far touch now."""
        return min(work.left, self._shown_to(work, view), self._allowance(work, view))

    def _trade_through(self, book: Book, side: OrderSide, view: MarketView, *, gap: bool) -> None:
        """Fill what the far touch has reached, best price first, as far as its size goes."""
        price = touch(side, view)
        while price is not None and (work := book.best(side)) is not None:
            reached = fill_price(side, price, work.limit, 0)
            if reached is None:
                return
            quantity = self.available(work, view)
            seat = self.queues.seat(work.order.order_id)
            if seat is not None and price == seat.limit and not gap:
                quantity = max(min(quantity, self._shown_to(work, view) - (seat.front or 0)), 0)
            if not quantity:
                return
            if seat is None:
                self.take_liquidity(work, reached, view)
            else:  # who rests is paid the own price, unless trading begins beyond it
                self.trade(work, quantity, reached if gap else seat.limit, removes=False)

    def _queue(self, symbol: str, view: MarketView) -> None:
        """Let the orders at the touch move up as their level shrinks."""
        for side in (_BUY, _SELL):
            size = view.bid_size if side is _BUY else view.ask_size
            for seat in self.queues.touched(symbol, side, view):
                work = self.working[seat.order_id]
                filled = self.queues.changed(seat, size, work.left)
                self._trade_passively(work, filled, view)

    def _trade_passively(self, work: Working, filled: int, view: MarketView) -> None:
        """Fill an order that rests at its limit, without taking anything from the far side."""
        quantity = min(filled, self._allowance(work, view))
        if quantity and work.limit is not None:
            self._far = False
            self.trade(work, quantity, work.limit, removes=False)
            self._far = True

    def _shown_to(self, work: Working, view: MarketView) -> int:
        buys = work.order.side is _BUY
        size, price = (view.ask_size, view.ask) if buys else (view.bid_size, view.bid)
        taken = self._taken.get((work.order.symbol, work.order.side), NOTHING)
        return still_shown(size, price or 0, view.quote_at or 0, taken, self.rules.refill)

    def _allowance(self, work: Working, view: MarketView) -> int:
        """Return what the interval still allows, and come back at the next one where it is little."""
        if view.adv is None:
            return work.left
        rules, symbol = self.rules, work.order.symbol
        begun = interval_start(self._at, rules.participation_seconds)
        since, taken = self._traded.get(symbol, (begun, 0))
        volume = expected_volume(view.adv, rules.participation_seconds)
        allowed = allowance(volume, rules.participation, taken if since == begun else 0)
        if allowed < work.left:
            self.post.remind(symbol, begun + rules.participation_seconds * NANOSECONDS)
        return allowed

    def _charge(self, work: Working, quantity: int, price: int) -> int:
        order = work.order
        amount = (quantity, price)
        fee = self.fees.charge(order.order_id, order.side, amount, self._at, removes=self._removes)
        if order.side is _SELL:
            self.purse.unsettled += quantity * price - fee
        return fee

    def _take(self, symbol: str, signed: int) -> None:
        """Remember what was taken: of the quote, and of the interval's volume."""
        side, quantity = (_BUY, signed) if signed > 0 else (_SELL, -signed)
        if self._far:
            view = self._market.view(symbol)
            price = (view.ask if side is _BUY else view.bid) or 0
            taken = self._taken.get((symbol, side), NOTHING)
            at, refill = view.quote_at or 0, self.rules.refill
            self._taken[symbol, side] = after_taking(quantity, price, at, taken, refill)
        begun = interval_start(self._at, self.rules.participation_seconds)
        since, before = self._traded.get(symbol, (begun, 0))
        self._traded[symbol] = (begun, quantity + (before if since == begun else 0))

    def _execute(self, work: Working, quantity: int, price: int) -> None:
        """Trade, and remember what the order has taken so far."""
        if self._removes:
            name = _footprint(work)
            self._footprints[name] = self._footprints.get(name, 0) + quantity
        super()._execute(work, quantity, price)

    def _end(self, work: Working, status: OrderStatus) -> None:
        super()._end(work, status)
        order_id = work.order.order_id
        self.queues.leave(work)
        self.post.forget(order_id)
        # A fill ends the order before its event goes out, but its fee was taken before that.
        self.fees.forget(order_id)


def _footprint(work: Working) -> str:
    return work.parent_order_id or work.order.order_id


def _release(book: Book, side: OrderSide, price: int | None) -> list[Working]:
    """Set off the stops that the market has reached, and return them."""
    released: list[Working] = []
    while price is not None and (work := book.best_stop(side)) is not None:
        if work.stop is None or not triggered(side, price, work.stop):
            break
        book.release(work)
        released.append(work)
    return released
