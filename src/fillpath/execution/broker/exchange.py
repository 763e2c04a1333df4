"""Where simulated orders meet the market: admission, matching, resting orders and their account.

Everything happens at once and in order: the state changes first, then the event goes out.
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from fillpath.core.commands import Ticket
from fillpath.core.errors import BrokerRefused, ModelError
from fillpath.core.events import (
    BrokerEvent,
    MarketView,
    OrderAccepted,
    OrderAmended,
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
from fillpath.core.units import RATIO_SCALE, price_units, quantity_units
from fillpath.execution.broker.account import Account, opened
from fillpath.execution.broker.book import Book, Working
from fillpath.execution.broker.fill_model import (
    FillProfile,
    SimulationPolicy,
    any_price,
    commission,
    fill_price,
    touch,
    triggered,
    waited_price,
    worst_price,
)
from fillpath.execution.broker.groups import Groups
from fillpath.execution.broker.shown import Shown
from fillpath.execution.broker.standing import (
    Ended,
    Record,
    as_filled,
    as_it_stands,
    counter,
    resized,
    waiting_stop,
)
from fillpath.execution.broker.till import Till

BROKER_PREFIX: Final = "sim-"

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_PENDING: Final = OrderStatus.PENDING
_FILLED: Final = OrderStatus.FILLED
_LIMITED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_STOP: Final = OrderType.STOP
_FOK: Final = TimeInForce.FOK
_SIMULATED: Final = True
_NOTHING_WAITS: Final = (None, None)
_FLEETING: Final = frozenset({TimeInForce.IOC, _FOK})


def nobody(_event: BrokerEvent) -> None:
    """Be the sink of a broker that no one has subscribed to."""


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
        self._of_bars = policy.of_bars
        self._slippage = policy.slippage
        self._rate = policy.commission
        self.till = Till(
            opened(policy.opening_cash, policy.positions),
            policy.commission,
            policy.slippage,
            in_parts=policy.displayed_size,
        )
        self._uses_last = policy.profile is FillProfile.SPEC
        self._books: dict[str, Book] = {}
        self._shown: dict[str, Shown] = {}
        self._groups = Groups()

    @property
    def account(self) -> Account:
        """Return the account that orders trade for."""
        return self.till.account

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
        if not self._displayed and ticket.order_type is not _STOP:
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
                waiting_stop(ticket),
                group=ticket.group,
            )
        )

    def _trade_whole(self, ticket: Ticket, name: str, price: int) -> bool:
        """Fill a ticket at once and whole; False, and nothing done, where its cash needs a look."""
        quantity = ticket.quantity
        side = ticket.side
        value = quantity * price
        fee = -(-value * self._rate // RATIO_SCALE)
        account = self.till.account
        signed = quantity
        if side is not _BUY:
            signed = -quantity
        elif value + fee > account.cash - account.reserved - account.short_proceeds:
            return False
        group = ticket.group
        if group and self._groups.has_ended(group):
            return False
        order_id = ticket.order_id
        at = self._at
        parent = ticket.parent_id
        account.exchange(ticket.symbol, signed, signed * price, fee)
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
        if group:
            self._share(group, order_id, quantity)
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
            guide = any_price(view, self._market.mark(order.symbol)) if price is None else price
            objection = self.till.objection(work, guide, traded)
            if objection is not None:
                self._refuse(order, work.broker_order_id, objection)
                return
        order_id = order.order_id
        self.records[order_id] = work
        self.sink(OrderAccepted(self._at, order_id, work.broker_order_id))
        if work.group and self._groups.has_ended(work.group):
            self.cancel(work, "the group that it belongs to was filled")
        elif traded is None or self._displayed:
            self._meet(work, view, traded)
        else:
            self._execute(work, work.left, traded)

    def cancel(self, work: Working, reason: str) -> None:
        """Cancel what is left of an order that works; ``stamp`` first."""
        self._end(work, OrderStatus.CANCELLED)
        self.sink(OrderCancelled(self._at, work.order.order_id, reason))

    def amend(self, work: Working, quantity: int, stop: int | None) -> None:
        """Change size and trigger of an order that works; ``stamp`` first.

        Raises:
            BrokerRefused: it cannot be paid; it works on as it was.
        """
        if quantity <= work.filled:
            self.cancel(work, "amended to what is filled")
            return
        left = quantity - work.filled
        if work.order.side is _BUY and left > work.left:
            unpaid = self.till.unpaid(work, left, work.worst)
            if unpaid is not None:
                raise BrokerRefused(unpaid.code, unpaid.text)
            work.opening = self.till.account.opening_part(work.order.symbol, left)
        self._resize(work, left, stop, "amended on request")
        self.on_market(work.order.symbol)

    def _resize(self, work: Working, left: int, stop: int | None, reason: str) -> None:
        level = None if work.stop is None or stop is None else stop
        work.order = resized(work.order, work.filled + left, level)
        work.left = left
        self.till.reserve(work)
        order = work.order
        if level is not None and level != work.stop:
            book = self.book(order.symbol)
            book.remove(work)
            moved = replace(work, stop=level, alive=True)
            self.records[order.order_id] = self.working[order.order_id] = moved
            book.add(moved)
            if moved.group:
                self._groups.join(moved)
        trigger = waiting_stop(order)
        self.sink(OrderAmended(self._at, order.order_id, work.filled + left, trigger, reason))

    def _share(self, group: str, order_id: str, quantity: int) -> None:
        """Take what one order of a group has filled off the others."""
        for other in self._groups.others(group, order_id):
            if other.left > quantity:
                self._resize(other, other.left - quantity, None, "an order of its group was filled")
            else:
                self.cancel(other, "an order of its group was filled")
        self._groups.filled(group)

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
        shares, value, fills = filled if filled[2] else as_filled(order)
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
        if shares:
            work.stop = None  # what has traded was set off
        if order.side is _BUY:
            work.opening = self.till.account.opening_part(order.symbol, work.left)
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
        return Working(
            order,
            name,
            self.count,
            order.parent_order_id,
            quantity_units(order.quantity),
            None if limit is None else price_units(limit),
            waiting_stop(order),
            group=order.oca_group,
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
        self.till.reserve(work)
        self.working[work.order.order_id] = work
        self.book(work.order.symbol).add(work)
        if work.group:
            self._groups.join(work)

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
            if self._of_bars:
                traded = waited_price(traded, work.limit, view)
            quantity = self._available(work, view) if self._displayed else work.left
            if not quantity:
                return
            unpaid = self.till.unpaid(work, quantity, traded)
            if unpaid is None:
                self._execute(work, quantity, traded)
            else:
                self.cancel(work, f"{unpaid.code}: {unpaid.text}")

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
        fee = self._charge(work, quantity, price)
        self.till.account.exchange(order.symbol, signed, signed * price, fee)
        work.left -= quantity
        work.filled += quantity
        work.value += value
        work.fills += 1
        if self._displayed:
            self._take(order.symbol, signed)
        if work.left:
            self.till.reserve(work)
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
        if work.group:
            self._share(work.group, order_id, quantity)

    def _charge(self, work: Working, quantity: int, price: int) -> int:  # noqa: ARG002  # a door
        return commission(quantity * price, self._rate)

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
            if work.group:
                self._groups.leave(work)
        self.till.account.reserved -= work.reserved
        name = work.broker_order_id
        self.records[order_id] = Ended(status, name, work.filled, work.value, "", work.order)
