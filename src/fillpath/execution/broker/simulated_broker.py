"""A broker in memory: it follows the market it is shown, and its account follows its fills.

The profiles ``spec`` and ``quotes`` do not model margin, borrowing, queues, latency and market impact:
selling short needs no cash, and what it brings in cannot be spent; what closes a position is never
refused for cash. The profile ``realistic`` does, see ``realistic_exchange.py``.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from fillpath.core.auctions import Day
from fillpath.core.commands import Ticket
from fillpath.core.destinations import AUCTIONS
from fillpath.core.errors import BrokerRefused
from fillpath.core.events import BrokerEvent
from fillpath.core.models import (
    Fill,
    Order,
    OrderStatus,
    PortfolioSnapshot,
    Position,
    TimeInForce,
)
from fillpath.core.ports import BrokerCapabilities, Clock, MarketData
from fillpath.core.translation import filled_by
from fillpath.core.units import (
    money_decimal,
    money_units,
    nanoseconds,
    price_decimal,
    price_units,
    quantity_decimal,
    quantity_units,
)
from fillpath.execution.broker.account import opened
from fillpath.execution.broker.exchange import Exchange, nobody
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.realistic_exchange import NO_BAND, RealisticExchange
from fillpath.execution.broker.standing import (
    Ended,
    as_it_stands,
    average_price,
    completed,
    status_of,
)
from fillpath.execution.simulating.policy import AccountKind

ACCOUNT: Final = "SIM"


class SimulatedBroker:
    """Trade against ``market``; the same orders, market and clock give the same fills.

    Args:
        market: what it trades against; tell it of every move with ``on_market``.
        clock: stamps events and fills.
        settings: opening account and fill profile.
    """

    def __init__(
        self, market: MarketData, clock: Clock, settings: SimulationPolicy | None = None
    ) -> None:
        self._market = market
        self._clock = clock
        self._policy = settings or SimulationPolicy()
        self._exchange = self._made(nobody)

    def _made(self, sink: Callable[[BrokerEvent], None]) -> Exchange:
        realistic = self._policy.profile is FillProfile.REALISTIC
        kind = RealisticExchange if realistic else Exchange
        exchange = kind(self._market, self._clock, self._policy, sink)
        self._realistic = exchange if isinstance(exchange, RealisticExchange) else None
        return exchange

    @property
    def capabilities(self) -> BrokerCapabilities:
        """Return what this broker can do; orders fill in parts where sizes are limited."""
        account = None if self._realistic is None else self._realistic.rules.account
        return BrokerCapabilities(
            in_process=True,
            partial_fills=self._policy.displayed_size or self._realistic is not None,
            shorts=account is not AccountKind.CASH,
            checks_cash=account is not AccountKind.MARGIN,
            stops=True,
            oca=True,
            amend=True,
            destinations=frozenset() if self._realistic is None else AUCTIONS,
        )

    def reset(self) -> None:
        """Forget every order and fill and open the account again, as between backtest runs."""
        self._exchange = self._made(self._exchange.sink)

    def restore(
        self,
        cash: Decimal,
        positions: Iterable[Position],
        open_orders: Iterable[Order],
        executions: Iterable[Fill],
        *,
        count: int = 0,
    ) -> None:
        """Take over where an earlier process stopped; nothing is sent and nothing trades yet.

        Args:
            cash: the account's cash.
            positions: what it holds.
            open_orders: orders that work, oldest first, with their broker's names; orders that
                ended may be among them, so that their names are never given again.
            executions: every fill so far, oldest first; an order that is known by its fills only
                counts as filled.
            count: orders that were submitted so far, so that names count on.
        """
        self.reset()
        exchange = self._exchange
        exchange.till.account = opened(money_units(cash), positions)
        exchange.executions = [filled_by(nanoseconds(fill.ts), fill) for fill in executions]
        filled: dict[str, tuple[int, int, int]] = {}
        for executed in exchange.executions:
            shares, value, fills = filled.get(executed.order_id, (0, 0, 0))
            value += executed.quantity * executed.price
            filled[executed.order_id] = (shares + executed.quantity, value, fills + 1)
        for order in open_orders:
            exchange.resume(order, filled.pop(order.order_id, (0, 0, 0)))
        for order_id, (shares, value, _) in filled.items():
            exchange.records[order_id] = Ended(OrderStatus.FILLED, None, shares, value)
        exchange.count = max(exchange.count, len(exchange.records), count)
        if self._realistic is not None:
            self._realistic.recall()

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        """Send every later event to ``sink``; the last one wins."""
        self._exchange.sink = sink

    async def submit_order(self, order: Order) -> Order:
        """Trade or work the order and return it as it stands.

        A refusal is an answer: status REJECTED with ``metadata["reject_reason"]``. The same
        ``order_id`` again trades nothing and returns the order as it stands.
        """
        return self._exchange.submit(order)

    def submit(self, order: Order) -> Order:
        """Do what ``submit_order`` does, without a coroutine."""
        return self._exchange.submit(order)

    def place_ticket(self, ticket: Ticket, at: int) -> None:  # noqa: ARG002  # its own clock stamps
        """Trade or work a ticket of the desk; what ``submit_order`` does, without the models."""
        self._exchange.place(ticket)

    async def cancel_order(self, broker_order_id: str) -> bool:
        """Cancel what is left of an order; False when it does not work or is not known.

        In the profile ``realistic`` the cancel takes its time, and may come too late.
        """
        return self.cancel(broker_order_id)

    def cancel(self, broker_order_id: str) -> bool:
        """Do what ``cancel_order`` does, without a coroutine."""
        exchange = self._exchange
        work = exchange.working.get(exchange.names.get(broker_order_id, ""))
        if work is None:
            return False
        exchange.stamp()
        if self._realistic is None:
            exchange.cancel(work, "cancelled on request")
        else:
            self._realistic.request_cancel(work)
        return True

    async def amend_order(
        self, broker_order_id: str, quantity: Decimal, stop_price: Decimal | None
    ) -> bool:
        """Change whole quantity and trigger of an order that works; False when it does not.

        Raises:
            BrokerRefused: more of a buy than can be paid; it works on as it was.
        """
        return self.amend(broker_order_id, quantity, stop_price)

    def amend(self, broker_order_id: str, quantity: Decimal, stop_price: Decimal | None) -> bool:
        """Do what ``amend_order`` does, without a coroutine."""
        exchange = self._exchange
        work = exchange.working.get(exchange.names.get(broker_order_id, ""))
        if work is None:
            return False
        exchange.stamp()
        level = None if stop_price is None else price_units(stop_price)
        if self._realistic is None:
            exchange.amend(work, quantity_units(quantity), level)
        else:
            self._realistic.request_amend(work, quantity_units(quantity), level)
        return True

    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        """Return the status of an order.

        Raises:
            BrokerRefused: code UNKNOWN_ORDER, no order was ever given that name.
        """
        order_id = self._exchange.names.get(broker_order_id)
        if order_id is None:
            raise BrokerRefused("UNKNOWN_ORDER", f"no order has the name {broker_order_id!r}")
        return status_of(self._exchange.records[order_id])

    async def get_positions(self) -> list[Position]:
        """Return all open positions, in the order in which they were first traded."""
        return self._positions()

    async def get_portfolio(self) -> PortfolioSnapshot:
        """Return equity, cash, positions and what works; what was never quoted counts at cost."""
        return self.portfolio()

    def portfolio(self) -> PortfolioSnapshot:
        """Do what ``get_portfolio`` does, without a coroutine."""
        exchange = self._exchange
        account = exchange.account
        longs, shorts = self._market.values(account.holdings)
        working: dict[str, int] = {}
        for work in exchange.working.values():
            order = work.order
            working[order.symbol] = working.get(order.symbol, 0) + order.side.sign * work.left
        return PortfolioSnapshot(
            total_equity=money_decimal(account.cash + longs - shorts),
            cash=money_decimal(account.cash),
            positions=tuple(self._positions()),
            working={symbol: quantity_decimal(shares) for symbol, shares in working.items()},
            reserved_cash=money_decimal(account.reserved),
            realized_pnl=money_decimal(sum(h.realized for h in account.holdings.values())),
            account=ACCOUNT,
            timestamp=self._clock.now(),
        )

    async def health_check(self) -> bool:
        """Return True: there is nothing between this broker and its caller."""
        return True

    async def get_open_orders(self) -> list[Order]:
        """Return every order that still works, in the order of submission."""
        return [as_it_stands(work.order, work) for work in self._exchange.working.values()]

    async def get_completed_orders(self) -> list[Order]:
        """Return every order that ended since the start or the last reset.

        Of an order that was taken over by its fills alone nothing but these is known; it is left
        out.
        """
        return completed(self._exchange.records.values())

    async def get_executions(self) -> list[Fill]:
        """Return every execution since the start or the last reset, oldest first."""
        return [executed.fill for executed in self._exchange.executions]

    def on_market(self, symbol: str) -> None:
        """Match what waits in ``symbol`` against its market; costs nothing when none waits."""
        self._exchange.on_market(symbol)

    def next_due(self) -> int | None:
        """Return when a message on its way arrives next, nanoseconds UTC; None when there is none."""
        return None if self._realistic is None else self._realistic.post.next_due()

    def on_time(self) -> set[str]:
        """Let arrive what is due by now, and return the symbols that it was about."""
        if self._realistic is None:
            return set()
        self._realistic.stamp()
        return self._realistic.deliver()

    def open_session(self, opens_at: int, closes_at: int) -> set[str]:
        """Begin a session, and return the symbols in which orders wait for its first quote.

        Args:
            opens_at: nanoseconds UTC.
            closes_at: the same, 0 where it is not known.
        """
        if self._realistic is None:
            return set()
        return self._realistic.open_session(Day(opens_at, closes_at))

    def halt(self, symbol: str) -> None:
        """Stop trading in a symbol: nothing fills, orders rest; profile ``realistic`` only."""
        if self._realistic is not None:
            self._realistic.halt(symbol)

    def end_halt(self, symbol: str) -> None:
        """Let a symbol trade again, with the auction of its next quote."""
        if self._realistic is not None:
            self._realistic.end_halt(symbol)

    def on_trade(self, symbol: str, price: Decimal, quantity: Decimal) -> None:
        """Tell of a trade of others, so that resting orders move up; profile ``realistic`` only."""
        if self._realistic is not None:
            self._realistic.trade_seen(symbol, price_units(price), quantity_units(quantity))

    def queue_band(self, symbol: str) -> tuple[int | None, int | None, int | None, int | None]:
        """Return the prices at which a queue or a trailing stop of ``symbol`` moves, or it reopens.

        A bid at or below the first or at or above the second, an ask at or below the third or at or
        above the fourth; None where nothing waits for one.
        """
        return NO_BAND if self._realistic is None else self._realistic.band(symbol)

    @property
    def works(self) -> bool:
        """Return whether any order waits for the market."""
        return bool(self._exchange.working)

    def resting_band(self, symbol: str) -> tuple[int | None, int | None]:
        """Return the best resting buy limit and sell limit in price units, None without one.

        Nothing but stops can trade before a quote has ask <= the first or bid >= the second. An
        order that rests without a limit counts as ``ANY_ASK`` or ``ANY_BID``.
        """
        return self._exchange.limits(symbol)

    def stop_band(self, symbol: str) -> tuple[int | None, int | None]:
        """Return the nearest resting buy stop and sell stop in price units, None without one.

        No stop is set off before a quote has ask >= the first or bid <= the second.
        """
        return self._exchange.book(symbol).stops()

    def expire_day_orders(self) -> None:
        """End every DAY order that still works; call it at the close.

        In the profile ``realistic`` the closing auction takes place before.
        """
        if self._realistic is not None:
            self._realistic.close_session()
        exchange = self._exchange
        exchange.stamp()
        for work in list(exchange.working.values()):
            if work.order.time_in_force is TimeInForce.DAY:
                exchange.expire(work, "a DAY order ends with the session")

    def apply_split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Turn every ``old_shares`` held into ``new_shares`` and cancel what works in the symbol.

        A resting order is cancelled, not adjusted: no event could tell its owner of another size.
        Less than a millionth of a share is lost.
        """
        exchange = self._exchange
        exchange.stamp()
        for work in list(exchange.working.values()):
            if work.order.symbol == symbol:
                exchange.cancel(work, f"cancelled by the split {new_shares} for {old_shares}")
        holding = exchange.account.holdings.get(symbol)
        if holding is not None:
            holding.split(new_shares, old_shares)

    def pay_dividend(self, symbol: str, per_share: int) -> int:
        """Pay cash for each share held, take it for each one sold short; return the shares.

        Args:
            symbol: ticker.
            per_share: price units.

        Returns:
            Quantity units, negative when short.
        """
        account = self._exchange.account
        holding = account.holdings.get(symbol)
        quantity = 0 if holding is None else holding.quantity
        account.cash += quantity * per_share
        return quantity

    def _positions(self) -> list[Position]:
        positions = []
        for symbol, holding in self._exchange.account.holdings.items():
            if not holding.quantity:
                continue
            mark = self._market.mark(symbol)
            # A position that was given away for nothing has a cost of 0, which is no price.
            average = average_price(holding.cost, holding.quantity) if holding.cost else None
            positions.append(
                Position(
                    symbol=symbol,
                    quantity=quantity_decimal(holding.quantity),
                    average_price=average,
                    market_price=None if mark is None else price_decimal(mark),
                    realized_pnl=money_decimal(holding.realized),
                )
            )
        return positions
