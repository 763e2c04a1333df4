"""Where simulated orders meet the market: admission, matching, resting orders and their account.

Everything happens at once and in order: the state changes first, then the event goes out.
"""

from collections.abc import Callable
from typing import Final

from fillpath.core.commands import Ticket
from fillpath.core.errors import ModelError
from fillpath.core.events import (
    BrokerEvent,
    MarketView,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
)
from fillpath.core.models import (
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    Refusal,
    TimeInForce,
)
from fillpath.core.ports import Clock, MarketData
from fillpath.core.units import (
    RATIO_SCALE,
    money_decimal,
    nanoseconds,
    price_decimal,
    price_units,
    quantity_decimal,
    quantity_units,
)
from fillpath.execution.broker.account import Account, nearest_money, opened
from fillpath.execution.broker.book import Book, Working
from fillpath.execution.broker.fill_model import (
    FillProfile,
    SimulationPolicy,
    any_price,
    commission,
    fill_price,
    touch,
    triggered,
    worst_price,
)
from fillpath.execution.broker.shown import Shown
from fillpath.execution.broker.standing import Ended, Record, as_it_stands

BROKER_PREFIX: Final = "sim-"

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_PENDING: Final = OrderStatus.PENDING
_FILLED: Final = OrderStatus.FILLED
_LIMITED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_STOPPED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_FOK: Final = TimeInForce.FOK
_SIMULATED: Final = True
_NOTHING_WAITS: Final = (None, None)
_FLEETING: Final = frozenset({TimeInForce.IOC, _FOK})


def nobody(_event: BrokerEvent) -> None:
    """Be the sink of a broker that no one has subscribed to."""


def counter(clock: Clock) -> Callable[[], int]:
    """Return what tells the nanoseconds of ``clock``, also where it only knows datetimes."""
    counted: Callable[[], int] | None = getattr(clock, "nanoseconds", None)
    return counted or (lambda: nanoseconds(clock.now()))


class Exchange:
    """Trade orders against ``market`` on one account.

    Args:
        market: what orders trade against.
        clock: stamps events and fills.
        policy: opening account and fill profile.
        sink: where events go.
    """

    def __init__(
        self,
        market: MarketData,
        clock: Clock,
        policy: SimulationPolicy,
        sink: Callable[[BrokerEvent], None] = nobody,
    ) -> None:
        self.sink = sink
        self.account: Account = opened(policy.opening_cash, policy.positions)
        self.records: dict[str, Record] = {}
        self.names: dict[str, str] = {}
        self.working: dict[str, Working] = {}
        self.executions: list[OrderFilled] = []
        self.count = 0
        self._at = 0
        self._market = market
        self._market_view = market.view
        self._nanoseconds = counter(clock)
        self._displayed = policy.displayed_size
        self._slippage = policy.slippage
        self._rate = policy.commission
        self._uses_last = policy.profile is FillProfile.SPEC
        self._books: dict[str, Book] = {}
        self._shown: dict[str, Shown] = {}

    def stamp(self) -> None:
        """Ask the clock, once for everything that happens together."""
        self._at = self._nanoseconds()

    def submit(self, order: Order) -> Order:
        """Trade or work an order and return it as it stands."""
        known = self.records.get(order.order_id)
        if known is not None:
            return as_it_stands(order, known)
        name = self._named(order.order_id)
        if order.status is not _PENDING:
            text = f"status must be PENDING for a new order, got {order.status}"
            self._refuse(order, name, Refusal("INVALID_ORDER", text))
        else:
            try:
                work = self._admitted(order, name)
            except ModelError as problem:
                self._refuse(order, name, Refusal("INVALID_ORDER", str(problem)))
            else:
                self._admit(work)
        return as_it_stands(order, self.records[order.order_id])

    def place(self, ticket: Ticket) -> None:
        """Trade or work a ticket of the desk, which is exact already; what happens are events."""
        order_id = ticket.order_id
        if order_id in self.records:
            return
        name = self._named(order_id)
        if not self._displayed:
            price = touch(ticket.side, self._market_view(ticket.symbol))
            if price is not None:
                price = fill_price(ticket.side, price, ticket.limit, self._slippage)
                if price is not None and self._trade_whole(ticket, name, price):
                    return
        parent = ticket.parent_id
        self._admit(
            Working(
                ticket,
                name,
                self.count,
                None if parent == order_id else parent,
                ticket.quantity,
                ticket.limit,
                None,
            )
        )

    def _trade_whole(self, ticket: Ticket, name: str, price: int) -> bool:
        """Fill a ticket at once and whole; False, and nothing done, where its cash needs a look."""
        quantity = ticket.quantity
        side = ticket.side
        value = quantity * price
        fee = -(-value * self._rate // RATIO_SCALE)
        account = self.account
        signed = quantity
        if side is not _BUY:
            signed = -quantity
        elif value + fee > account.cash - account.reserved - account.short_proceeds:
            return False
        order_id = ticket.order_id
        at = self._at
        parent = ticket.parent_id
        account.trade(ticket.symbol, signed, price, fee)
        self.records[order_id] = Ended(_FILLED, name, quantity, value, "", ticket)
        executed = OrderFilled(
            at,
            order_id,
            f"{order_id}:1",
            ticket.symbol,
            side,
            quantity,
            price,
            at,
            fee,
            "" if parent == order_id else parent,
            _SIMULATED,
        )
        self.executions.append(executed)
        self.sink(OrderAccepted(at, order_id, name))
        self.sink(executed)
        return True

    def _named(self, order_id: str) -> str:
        self._at = self._nanoseconds()
        self.count += 1
        name = f"{BROKER_PREFIX}{self.count}"
        self.names[name] = order_id
        return name

    def _admit(self, work: Working) -> None:
        """Refuse the order, or accept it and let it meet the market."""
        order = work.order
        side = order.side
        view = self._market.view(order.symbol)
        price = touch(side, view)
        if price is None or work.stop is not None:
            price = self._touch(order.symbol, side, view)
            traded = self._price_now(work, price)
        else:
            traded = fill_price(side, price, work.limit, self._slippage)
        if side is _BUY or price is None:
            objection = self._objection(work, view, price, traded)
            if objection is not None:
                self._refuse(order, work.broker_order_id, objection)
                return
        order_id = order.order_id
        self.records[order_id] = work
        self.sink(OrderAccepted(self._at, order_id, work.broker_order_id))
        if traded is None or self._displayed:
            self._meet(work, view, traded)
        else:
            self._execute(work, work.left, traded)

    def cancel(self, work: Working, reason: str) -> None:
        """Cancel what is left of an order that works; ``stamp`` first."""
        self._end(work, OrderStatus.CANCELLED)
        self.sink(OrderCancelled(self._at, work.order.order_id, reason))

    def expire(self, work: Working, reason: str) -> None:
        """End an order whose time in force is over; ``stamp`` first."""
        self._end(work, OrderStatus.EXPIRED)
        self.sink(OrderExpired(self._at, work.order.order_id, reason))

    def on_market(self, symbol: str) -> None:
        """Match what waits in ``symbol`` against its market: stops first, then buys, then sells."""
        book = self._books.get(symbol)
        if book is None or not book.size:
            return
        self.stamp()
        view = self._market.view(symbol)
        buys, sells = self._touch(symbol, _BUY, view), self._touch(symbol, _SELL, view)
        self._release_stops(book, _BUY, buys)
        self._release_stops(book, _SELL, sells)
        self._match(book, _BUY, view, buys)
        self._match(book, _SELL, view, sells)

    def limits(self, symbol: str) -> tuple[int | None, int | None]:
        """Return the best buy limit and sell limit that wait in ``symbol``."""
        book = self._books.get(symbol)
        return _NOTHING_WAITS if book is None or not book.size else book.limits()

    def book(self, symbol: str) -> Book:
        """Return what waits in ``symbol``."""
        book = self._books.get(symbol)
        if book is None:
            book = self._books[symbol] = Book()
        return book

    def resume(self, order: Order, filled: tuple[int, int, int]) -> None:
        """Take over an order of an earlier process, without an event.

        Args:
            order: as it stood.
            filled: quantity units, money units and number of its fills so far; zeros where the
                executions are not known, and the order itself says what was filled.
        """
        shares, value, fills = filled if filled[2] else _as_filled(order)
        name = order.broker_order_id or f"{BROKER_PREFIX}{self.count + 1}"
        number = name.removeprefix(BROKER_PREFIX)
        self.count = max(self.count + 1, int(number) if number.isdecimal() else 0)
        self.names[name] = order.order_id
        work = self._admitted(order, name)
        work.left -= shares
        if order.status.is_terminal or work.left <= 0:
            status = order.status if order.status.is_terminal else OrderStatus.FILLED
            self.records[order.order_id] = Ended(status, name, shares, value, "", order)
            return
        work.filled, work.value, work.fills = shares, value, fills
        if order.side is _BUY:
            work.opening = self.account.opening_part(order.symbol, work.left)
            guide = any_price(self._market.view(order.symbol), self._market.mark(order.symbol))
            work.worst = worst_price(guide or 0, work.limit, work.stop, self._slippage)
        self.records[order.order_id] = work
        self._rest(work)

    def _touch(self, symbol: str, side: OrderSide, view: MarketView) -> int | None:
        price = touch(side, view)
        if price is None and self._uses_last and view.bid is None and view.ask is None:
            return self._market.mark(symbol)
        return price

    def _admitted(self, order: Order, name: str) -> Working:
        kind = order.order_type
        limit = order.limit_price if kind in _LIMITED else None
        stop = order.stop_price if kind in _STOPPED else None
        return Working(
            order,
            name,
            self.count,
            order.parent_order_id,
            quantity_units(order.quantity),
            None if limit is None else price_units(limit),
            None if stop is None else price_units(stop),
        )

    def _price_now(self, work: Working, price: int | None) -> int | None:
        """Return the price at which an order trades at the touch ``price``; None if it waits.

        A stop that ``price`` sets off is gone afterwards.
        """
        if price is None:
            return None
        side = work.order.side
        if work.stop is not None:
            if not triggered(side, price, work.stop):
                return None
            work.stop = None
        return fill_price(side, price, work.limit, self._slippage)

    def _objection(
        self, work: Working, view: MarketView, price: int | None, traded: int | None
    ) -> Refusal | None:
        """Return why the order cannot be taken, or None."""
        order = work.order
        if price is None:
            price = any_price(view, self._market.mark(order.symbol))
            if price is None:
                text = f"{order.symbol} has neither a quote nor a last price"
                return Refusal("NO_MARKET", text)
        if order.side is _SELL:
            return None
        work.opening = opening = self.account.opening_part(order.symbol, work.left)
        if not opening:
            return None
        if traded is None or self._displayed:
            traded = worst_price(price, work.limit, work.stop, self._slippage)
        work.worst = traded
        account = self.account
        value = opening * traded
        # A commission is 5 % at most, so a sixteenth covers it: most buys need no closer look.
        if value + (value >> 4) <= account.cash - account.reserved - account.short_proceeds:
            return None
        return self._unpaid(work, opening, traded)

    def _unpaid(self, work: Working, opening: int, price: int) -> Refusal | None:
        """Return why a buy that opens ``opening`` at ``price`` cannot be paid, or None."""
        need, fee = self._cost(opening, price)
        has = self.account.spendable + work.reserved
        if need <= has:
            return None
        return Refusal(
            "INSUFFICIENT_CASH",
            f"BUY {quantity_decimal(opening)} {work.order.symbol} at up to {price_decimal(price)} "
            f"needs {money_decimal(need)} with {money_decimal(fee)} commission, "
            f"has {money_decimal(has)}",
        )

    def _cost(self, quantity: int, price: int) -> tuple[int, int]:
        value = quantity * price
        fee = commission(value, self._rate)
        return value + fee, fee

    def _refuse(self, order: Order | Ticket, name: str, no: Refusal) -> None:
        reason = f"{no.code}: {no.text}"
        ended = Ended(OrderStatus.REJECTED, name, reason=reason, order=order)
        self.records[order.order_id] = ended
        self.sink(OrderRefused(self._at, order.order_id, no.code, no.text))

    def _meet(self, work: Working, view: MarketView, traded: int | None) -> None:
        """Let a new order trade at ``traded``, and wait with what is left."""
        order = work.order
        if traded is not None:
            quantity = self._available(work, view)
            if quantity == work.left or order.time_in_force is not _FOK:
                self._execute(work, quantity, traded)
        if not work.left:
            return
        if order.time_in_force in _FLEETING:
            self.cancel(work, f"{order.time_in_force} finds nothing more to trade against")
        else:
            self._rest(work)

    def _rest(self, work: Working) -> None:
        self._reserve(work)
        self.working[work.order.order_id] = work
        self.book(work.order.symbol).add(work)

    def _reserve(self, work: Working) -> None:
        """Keep cash for what is left of a buy, and give back what it needs no more."""
        if work.opening:
            need, _ = self._cost(min(work.left, work.opening), work.worst)
            self.account.reserved += need - work.reserved
            work.reserved = need

    def _release_stops(self, book: Book, side: OrderSide, price: int | None) -> None:
        while price is not None and (work := book.best_stop(side)) is not None:
            if work.stop is None or not triggered(side, price, work.stop):
                return
            book.release(work)

    def _match(self, book: Book, side: OrderSide, view: MarketView, price: int | None) -> None:
        while price is not None and (work := book.best(side)) is not None:
            traded = fill_price(side, price, work.limit, self._slippage)
            if traded is None:
                return
            quantity = self._available(work, view) if self._displayed else work.left
            if not quantity:
                return
            unpaid = self._overtaken(work, quantity, traded)
            if unpaid is None:
                self._execute(work, quantity, traded)
            else:
                self.cancel(work, f"{unpaid.code}: {unpaid.text}")

    def _overtaken(self, work: Working, quantity: int, traded: int) -> Refusal | None:
        """Return why a resting buy cannot be paid when the market has run past its reserve."""
        if work.order.side is _SELL:
            return None
        opening = self.account.opening_part(work.order.symbol, quantity)
        return self._unpaid(work, opening, traded) if opening else None

    def _available(self, work: Working, view: MarketView) -> int:
        """Return how much of what is left can trade on the quote that is showing."""
        shown = self._shown.setdefault(work.order.symbol, Shown())
        shown.show(view)
        return min(work.left, shown.offers if work.order.side is _BUY else shown.bids)

    def _execute(self, work: Working, quantity: int, price: int) -> None:
        """Trade ``quantity`` at ``price``: account, record, event."""
        if not quantity:
            return
        order = work.order
        side = order.side
        signed = quantity if side is _BUY else -quantity
        value = quantity * price
        fee = commission(value, self._rate)
        self.account.trade(order.symbol, signed, price, fee)
        work.left -= quantity
        work.filled += quantity
        work.value += value
        work.fills += 1
        if self._displayed:
            self._take(order.symbol, signed)
        if work.left:
            self._reserve(work)
        else:
            self._end(work, _FILLED)
        order_id = order.order_id
        executed = OrderFilled(
            self._at,
            order_id,
            f"{order_id}:{work.fills}",
            order.symbol,
            side,
            quantity,
            price,
            self._at,
            fee,
            work.parent_order_id or "",
            _SIMULATED,
        )
        self.executions.append(executed)
        self.sink(executed)

    def _take(self, symbol: str, signed: int) -> None:
        shown = self._shown[symbol]
        if signed > 0:
            shown.offers -= signed
        else:
            shown.bids += signed

    def _end(self, work: Working, status: OrderStatus) -> None:
        order_id = work.order.order_id
        if self.working.pop(order_id, None) is not None:
            self._books[work.order.symbol].remove(work)
        self.account.reserved -= work.reserved
        name = work.broker_order_id
        self.records[order_id] = Ended(status, name, work.filled, work.value, "", work.order)


def _as_filled(order: Order) -> tuple[int, int, int]:
    """Return what an order says was filled, with a count that no name of a fill has reached."""
    shares = quantity_units(order.filled_quantity)
    price = order.average_fill_price
    value = 0 if price is None else nearest_money(order.filled_quantity * price)
    # Every fill was one unit at least, so there were never more fills than units.
    return shares, value, shares
