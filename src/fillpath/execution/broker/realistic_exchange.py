"""The exchange of the profile ``realistic``: messages travel, sessions open and close, trading halts.

What happens once an order has arrived stands in ``realistic_matching.py``.
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from fillpath.core.auctions import Day, auction_problem
from fillpath.core.commands import Ticket
from fillpath.core.dated_rules import tick_on, trading_day
from fillpath.core.destinations import (
    KEY,
    AtClose,
    AtOpen,
    Auction,
    destination_of,
    text_destination,
)
from fillpath.core.errors import BrokerRefused, ModelError
from fillpath.core.events import (
    BrokerEvent,
    CommissionReported,
    MarketView,
    OrderAccepted,
    OrderAmended,
)
from fillpath.core.models import Order, OrderSide, OrderStatus, Refusal, TimeInForce
from fillpath.core.ports import Clock, MarketData
from fillpath.core.units import exact, price_decimal, price_units
from fillpath.execution.broker.book import ANY_ASK, Working
from fillpath.execution.broker.exchange import nobody
from fillpath.execution.broker.fill_model import SimulationPolicy, any_price, fill_price, touch
from fillpath.execution.broker.realistic_matching import RealisticMatching
from fillpath.execution.broker.standing import waiting_stop
from fillpath.execution.broker.travelling import Kind, Message
from fillpath.execution.simulating.borrowing import borrow_fee
from fillpath.execution.simulating.crossing import auction_price
from fillpath.execution.simulating.trailing import trailed

NOT_ON_TICK: Final = "PRICE_NOT_ON_TICK"
TRAIL: Final = "trailing_amount"
"""Under this name an order's metadata say at what distance its stop follows the market."""
Band = tuple[int | None, int | None, int | None, int | None]
NO_BAND: Final[Band] = (None, None, None, None)
_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_FOK: Final = TimeInForce.FOK
_FLEETING: Final = frozenset({TimeInForce.IOC, _FOK})
_NO_SESSION: Final = Day(0, 0)


class RealisticExchange(RealisticMatching):
    """Trade orders against ``market`` with delay, queues, limited size and the fees of a broker.

    Args:
        market: what orders trade against.
        clock: stamps events and fills.
        policy: opening account, and the rules of the profile.
        sink: where events go.
    """

    def __init__(
        self,
        market: MarketData,
        clock: Clock,
        policy: SimulationPolicy,
        sink: Callable[[BrokerEvent], None] = nobody,
    ) -> None:
        super().__init__(market, clock, policy, sink)
        self.halted: set[str] = set()
        self.session = _NO_SESSION
        self._unbooked: dict[str, Auction | None] = {}
        self.cancelling: set[str] = set()
        self._reopening: dict[str, int] = {}
        self._trails: dict[str, int] = {}
        self._charged_on = 0

    def request_cancel(self, work: Working) -> None:
        """Send a cancel on its way; it may come too late. ``stamp`` first."""
        order_id = work.order.order_id
        if order_id not in self.cancelling:
            self.cancelling.add(order_id)
            self.post.send(Kind.CANCEL, order_id, self._at)
            self.deliver()

    def request_amend(self, work: Working, quantity: int, stop: int | None) -> None:
        """Send an amendment on its way; ``stamp`` first.

        Raises:
            BrokerRefused: it cannot be paid; the order works on as it was.
        """
        more = quantity - work.filled
        if more > work.left:
            unpaid = self.till.unpaid(work, more, work.worst or work.limit or 0)
            if unpaid is not None:
                raise BrokerRefused(unpaid.code, unpaid.text)
        self.post.send(Kind.AMEND, work.order.order_id, self._at, quantity, stop)
        self.deliver()

    def deliver(self) -> set[str]:
        """Let arrive what is due, and return the symbols that it was about; ``stamp`` first."""
        symbols = set()
        while (message := self.post.arrived(self._at)) is not None:
            if message.kind is Kind.LOOK:
                symbols.add(message.name)
                self.on_market(message.name)
                continue
            work = self.working.get(message.name)
            if work is not None:
                symbols.add(work.order.symbol)
                self._act(work, message)
        return symbols

    def open_session(self, day: Day) -> set[str]:
        """Begin a session and return the symbols of which orders wait for its first quote.

        Cash settles, borrowed shares are paid for, and the first quote of a symbol is its auction.
        """
        self.stamp()
        self.session = day
        self.purse.unsettled = 0
        self._footprints.clear()
        self._charge_for_shorts()
        symbols = {work.order.symbol for work in self.working.values()}
        self._reopening = dict.fromkeys(symbols, self._at)
        return symbols

    def close_session(self) -> None:
        """End a session with its closing auction."""
        self.stamp()
        for order_id, auction in list(self._unbooked.items()):
            if isinstance(auction, AtClose):
                self._cross(self.working[order_id], "closing")
        self.session = _NO_SESSION

    def halt(self, symbol: str) -> None:
        """Stop all trading in a symbol; what comes meanwhile waits."""
        self.halted.add(symbol)

    def end_halt(self, symbol: str) -> None:
        """Let a symbol trade again; its next quote is the auction that ends the halt."""
        if symbol in self.halted:
            self.stamp()
            self.halted.discard(symbol)
            self._reopening[symbol] = self._at

    def trade_seen(self, symbol: str, price: int, quantity: int) -> None:
        """Let a trade of others take its way through the queues, unless the symbol is halted."""
        if symbol not in self.halted:
            super().trade_seen(symbol, price, quantity)

    def band(self, symbol: str) -> Band:
        """Return what has to be reached so that a queue or a trail moves, or trading begins.

        A bid at or below the first or at or above the second, an ask at or below the third or at or
        above the fourth.
        """
        if symbol in self._reopening and symbol not in self.halted:
            return None, None, ANY_ASK, None
        book = self.book(symbol)
        if not book.size:
            return NO_BAND
        buy, sell = book.best(_BUY), book.best(_SELL)
        rising, falling = self._trail_bounds(symbol)
        return (
            None if buy is None else buy.limit,
            rising,
            falling,
            None if sell is None else sell.limit,
        )

    def recall(self) -> None:
        """Take over the fees from the executions of an earlier process."""
        self.fees.recall(self.executions)
        for order_id in {event.order_id for event in self.executions} - set(self.working):
            self.fees.forget(order_id)

    def on_market(self, symbol: str) -> None:
        """Match what waits in ``symbol`` against its market, unless it is halted."""
        if symbol in self.halted or (symbol not in self._reopening and not self.book(symbol).size):
            return
        self.stamp()
        view = self._market.view(symbol)
        gap = self._reopens(symbol, view)
        if symbol not in self._reopening:
            self._trail(symbol, view)
            self.match_all(symbol, view, gap=gap)

    def _admit(self, work: Working) -> None:
        """Refuse the order, or take it and send it on its way to the market."""
        order = work.order
        order_id = order.order_id
        try:
            objection = self._objection(work, auction_of(order))
            trail_of(order)
        except ModelError as problem:
            objection = Refusal("INVALID_ORDER", str(problem))
        if objection is not None:
            self._refuse(order, work.broker_order_id, objection)
            return
        self.records[order_id] = self.working[order_id] = work
        self._unbooked[order_id] = None
        self.till.reserve(work)
        self.sink(OrderAccepted(self._at, order_id, work.broker_order_id))
        if work.group and self._groups.has_ended(work.group):
            self.cancel(work, "the group that it belongs to was filled")
            return
        if work.group:
            self._groups.join(work)
        self.post.send(Kind.ORDER, order_id, self._at)
        self.deliver()

    def _objection(self, work: Working, auction: Auction | None) -> Refusal | None:
        """Return why an order is not taken, or None."""
        order = work.order
        for name, price in (("limit", work.limit), ("stop", work.stop)):
            step = 0 if price is None else self._tick(order, price)
            if self.rules.check_ticks and price is not None and price % step:
                text = f"{name} price must be a multiple of {price_decimal(step)}, got "
                return Refusal(NOT_ON_TICK, text + str(price_decimal(price)))
        # An order for the open may come while no session is on: it takes part in the next.
        if isinstance(auction, AtClose) or (auction is not None and self.session.closes_at):
            problem = auction_problem(auction, self.session, self._at)
            if problem is not None:
                return problem
        view = self._market.view(order.symbol)
        guide = touch(order.side, view)
        if guide is None:
            guide = any_price(view, self._market.mark(order.symbol))
        return self.till.objection(work, guide, None)

    def _tick(self, order: Order | Ticket, price: int) -> int:
        assigned = order.symbol in self.rules.half_penny
        return tick_on(price, trading_day(self._at), half_penny=assigned)

    def _act(self, work: Working, message: Message) -> None:
        """Do what a message asks for."""
        if message.kind is Kind.ORDER:
            self._arrive(work)
        elif message.kind is Kind.CANCEL:
            self.cancel(work, "cancelled on request")
        else:
            self._amend(work, message)

    def _amend(self, work: Working, message: Message) -> None:
        order = work.order
        grows = message.quantity > work.left + work.filled
        if grows:  # who asks for more goes to the end of the queue
            self.queues.leave(work)
        try:
            self.amend(work, message.quantity, message.stop)
        except BrokerRefused as no:
            size, stop = work.left + work.filled, waiting_stop(order)
            self.sink(OrderAmended(self._at, order.order_id, size, stop, f"unchanged: {no}"))
        if order.order_id in self.working and order.order_id not in self._unbooked:
            self.seat(self.working[order.order_id], self._market.view(order.symbol))

    def _arrive(self, work: Working) -> None:
        """Let an order meet the market that it has come to."""
        order = work.order
        symbol = order.symbol
        auction = auction_of(order)
        if auction is not None:
            self._unbooked[order.order_id] = auction
            if isinstance(auction, AtOpen) and not self.session.closes_at:
                return
            if isinstance(auction, AtOpen):
                self.cancel(work, "it came after the opening auction")
            return
        self._follow(work)
        view = self._market.view(symbol)
        if symbol in self.halted or symbol in self._reopening:
            self._meet(work, view, None)
        else:
            self._meet(work, view, self._price_now(work, touch(order.side, view)))

    def _meet(self, work: Working, view: MarketView, traded: int | None) -> None:
        """Let an order that has arrived take what is there, and wait with what is left."""
        order = work.order
        whole = order.time_in_force is not _FOK or self.available(work, view) == work.left
        if traded is not None and whole:
            self.take_liquidity(work, traded, view)
        if order.order_id not in self.working:
            return
        if order.time_in_force in _FLEETING:
            self.cancel(work, f"{order.time_in_force} finds nothing more to trade against")
            return
        del self._unbooked[order.order_id]
        self.book(order.symbol).add(work)
        self.seat(work, view)

    def _rest(self, work: Working) -> None:
        """Take over an order that waited when an earlier process stopped."""
        super()._rest(work)
        order = work.order
        auction = auction_of(order)
        if auction is None:
            self._follow(work)
            self.seat(work, self._market.view(order.symbol))
        else:
            self.book(order.symbol).remove(work)
            work.alive = True
            self._unbooked[order.order_id] = auction

    def _reopens(self, symbol: str, view: MarketView) -> bool:
        """Return whether this quote ends a pause; what waited for its auction trades in it."""
        since = self._reopening.get(symbol)
        whole = view.bid is not None and view.ask is not None and view.bid <= view.ask
        if since is None or not whole or (view.quote_at or 0) < since:
            return False
        del self._reopening[symbol]
        for order_id, auction in list(self._unbooked.items()):
            work = self.working[order_id]
            if isinstance(auction, AtOpen) and work.order.symbol == symbol:
                self._cross(work, "opening")
        return True

    def _cross(self, work: Working, name: str) -> None:
        """Let an order take part in an auction; what it cannot trade there has ended."""
        order = work.order
        view = self._market.view(order.symbol)
        bid, ask = view.bid, view.ask
        if bid is not None and ask is not None and bid <= ask and order.symbol not in self.halted:
            price = auction_price(order.side, bid, ask, self._tick(order, bid))
            if fill_price(order.side, price, work.limit, 0) is not None:
                self.trade(work, work.left, price, removes=True)
        if order.order_id in self.working:
            self.cancel(work, f"not executed in the {name} auction")

    def _follow(self, work: Working) -> None:
        distance = trail_of(work.order)
        if distance and work.stop is not None:
            self._trails[work.order.order_id] = distance

    def _trailing(self, symbol: str) -> list[tuple[Working, int, int]]:
        """Return the orders of a symbol whose stops still follow, with level and distance."""
        found = []
        for order_id, distance in self._trails.items():
            work = self.working[order_id]
            if work.order.symbol == symbol and work.stop is not None:
                found.append((work, work.stop, distance))
        return found

    def _trail_bounds(self, symbol: str) -> tuple[int | None, int | None]:
        trails = self._trailing(symbol) if self._trails else []
        rising = [stop + way + 1 for work, stop, way in trails if work.order.side is _SELL]
        falling = [stop - way - 1 for work, stop, way in trails if work.order.side is _BUY]
        return min(rising, default=None), max(falling, default=None)

    def _trail(self, symbol: str, view: MarketView) -> None:
        for work, stop, distance in self._trailing(symbol) if self._trails else ():
            level = trailed(work.order.side, stop, distance, view.bid, view.ask)
            if level != stop:
                self._resize(work, work.left, level, "its stop follows the market")

    def _charge_for_shorts(self) -> None:
        """Take what it cost to be short since the session before, with the sale that is the last."""
        days = trading_day(self._at).toordinal()
        nights, self._charged_on = days - (self._charged_on or days), days
        for symbol, holding in self.account.holdings.items():
            mark = self._market.mark(symbol)
            if holding.quantity < 0 and mark is not None and nights > 0:
                fee = borrow_fee(-holding.quantity, mark, self.rules.borrow_rate, nights)
                self._charge_late(symbol, fee)

    def _charge_late(self, symbol: str, fee: int) -> None:
        """Add a fee to the commission of the last sale of a symbol, which is how it can be told."""
        executions = self.executions
        for place in range(len(executions) - 1, -1, -1):
            sold = executions[place]
            if sold.symbol == symbol and sold.side is _SELL:
                executions[place] = now = replace(sold, commission=sold.commission + fee)
                self.account.cash -= fee
                news = (now.order_id, now.fill_id, now.commission)
                self.sink(CommissionReported(self._at, *news))
                return

    def _end(self, work: Working, status: OrderStatus) -> None:
        """Forget an order that has ended, also one that is still on its way."""
        order_id = work.order.order_id
        if order_id in self._unbooked:
            del self._unbooked[order_id]
            self.working.pop(order_id)
            if work.group:
                self._groups.leave(work)
        self.cancelling.discard(order_id)
        self._trails.pop(order_id, None)
        super()._end(work, status)


def auction_of(order: Order | Ticket) -> Auction | None:
    """Return the auction that an order is for, or None.

    Raises:
        ModelError: what it says of its destination cannot be understood.
    """
    if isinstance(order, Ticket):
        destination = text_destination(order.destination) if order.destination else None
    else:
        destination = destination_of(order.metadata.get(KEY))
    return destination if isinstance(destination, AtClose | AtOpen) else None


def trail_of(order: Order | Ticket) -> int:
    """Return the distance at which the stop of an order follows the market, price units; 0 for none.

    Raises:
        ModelError: it is no number, or not above 0.
    """
    told = order.metadata.get(TRAIL) if isinstance(order, Order) else None
    if told is None:
        return 0
    distance = price_units(exact(told, TRAIL))
    if distance <= 0:
        raise ModelError(f"{TRAIL} must be above 0, got {told!r}")
    return distance
