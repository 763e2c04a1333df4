"""A broker for demonstrations: it invents fills, and its portfolio never moves.

Nothing here is real. Every fill says so (``simulated=True``), and the account is called ``STUB`` so
that nothing mistakes it for one that must reconcile.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from fillpath.core.errors import BrokerRefused, ModelError
from fillpath.core.events import BrokerEvent, MarketView, OrderAccepted, OrderFilled, OrderRefused
from fillpath.core.models import (
    Fill,
    Order,
    OrderStatus,
    OrderType,
    PortfolioSnapshot,
    Position,
    Refusal,
)
from fillpath.core.ports import BrokerCapabilities, Clock, MarketData
from fillpath.core.units import (
    nanoseconds,
    price_units,
    quantity_units,
)
from fillpath.execution.broker.exchange import nobody
from fillpath.execution.broker.fill_model import jittered, seeded, touch
from fillpath.execution.broker.standing import Ended, as_it_stands, completed

ACCOUNT: Final = "STUB"
CASH: Final = Decimal(100_000)
DEMO_POSITIONS: Final = tuple(
    Position(
        symbol=symbol,
        quantity=Decimal(shares),
        average_price=Decimal(paid),
        market_price=Decimal(price),
    )
    for symbol, shares, paid, price in (
        ("AAPL", 100, "172.50", "189.84"),
        ("MSFT", 50, "398.20", "421.35"),
        ("GOOG", 75, "168.10", "164.75"),
    )
)
"""Holdings and prices made up for the demonstration: two gains and a loss."""

_CAPABILITIES: Final = BrokerCapabilities(
    in_process=True,
    resting_orders=False,
    cancel=False,
    partial_fills=False,
    live_portfolio=False,
    checks_cash=False,
)
_DEMO_PRICES: Final = {
    position.symbol: price_units(position.market_price)
    for position in DEMO_POSITIONS
    if position.market_price is not None
}
_NO_QUOTE: Final = MarketView()
_AT_ONCE: Final = frozenset({OrderType.MARKET, OrderType.LIMIT})


class PaperStubBroker:
    """Fill every MARKET and LIMIT order at once, whole, near the market price.

    The price is the far touch (the last price without a quote, the demo price for the three demo
    symbols without either) moved by up to 5 bps either way by seeded chance, and never beyond the
    order's own limit, even where the market is: this broker is no test of a strategy.

    Args:
        market: where prices come from; None leaves the demo prices.
        clock: stamps events and fills.
        seed: the same seed, orders and market give the same fills.
    """

    def __init__(self, market: MarketData | None, clock: Clock, seed: int = 0) -> None:
        self._market = market
        self._clock = clock
        self._chance = seeded(seed)
        self._sink: Callable[[BrokerEvent], None] = nobody
        self._records: dict[str, Ended] = {}
        self._names: dict[str, str] = {}
        self._executions: list[OrderFilled] = []

    @property
    def capabilities(self) -> BrokerCapabilities:
        """Return what this broker can do: fill, and nothing else."""
        return _CAPABILITIES

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        """Send every later event to ``sink``; the last one wins."""
        self._sink = sink

    async def submit_order(self, order: Order) -> Order:
        """Accept and fill the order at once, or refuse it, and return it as it stands.

        A stop is refused (it would have to wait), as is an order without any price to fill at. The
        same ``order_id`` again trades nothing and returns the order as it stands.
        """
        record = self._records.get(order.order_id)
        if record is None:
            record = self._decide(order, f"stub-{len(self._names) + 1}")
        return as_it_stands(order, record)

    async def cancel_order(self, broker_order_id: str) -> bool:
        """Return False: nothing works long enough to be cancelled."""
        del broker_order_id
        return False

    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        """Return the status of an order.

        Raises:
            BrokerRefused: code UNKNOWN_ORDER, no order was ever given that name.
        """
        order_id = self._names.get(broker_order_id)
        if order_id is None:
            raise BrokerRefused("UNKNOWN_ORDER", f"no order has the name {broker_order_id!r}")
        return self._records[order_id].status

    async def get_positions(self) -> list[Position]:
        """Return the three demo positions, whatever was traded."""
        return list(DEMO_POSITIONS)

    async def get_portfolio(self) -> PortfolioSnapshot:
        """Return the demo portfolio, whatever was traded."""
        held = sum((p.market_value or Decimal(0) for p in DEMO_POSITIONS), Decimal(0))
        return PortfolioSnapshot(
            total_equity=CASH + held,
            cash=CASH,
            positions=DEMO_POSITIONS,
            account=ACCOUNT,
            timestamp=self._clock.now(),
        )

    async def health_check(self) -> bool:
        """Return True: there is nothing that could be down."""
        return True

    async def get_open_orders(self) -> list[Order]:
        """Return nothing: no order ever works."""
        return []

    async def get_completed_orders(self) -> list[Order]:
        """Return every order since the start: each one ended at once."""
        return completed(self._records.values())

    async def get_executions(self) -> list[Fill]:
        """Return every invented execution since the start, oldest first."""
        return [executed.fill for executed in self._executions]

    def _decide(self, order: Order, name: str) -> Ended:
        self._names[name] = order.order_id
        now = self._clock.now()
        at = nanoseconds(now)
        price = self._price(order)
        if isinstance(price, Refusal):
            reason = f"{price.code}: {price.text}"
            refused = Ended(OrderStatus.REJECTED, name, reason=reason, order=order)
            self._records[order.order_id] = refused
            self._sink(OrderRefused(at, order.order_id, price.code, price.text))
            return refused
        shares = quantity_units(order.quantity)
        filled = Ended(OrderStatus.FILLED, name, shares, shares * price, "", order)
        executed = OrderFilled(
            at,
            order.order_id,
            f"{order.order_id}:1",
            order.symbol,
            order.side,
            shares,
            price,
            at,
            parent_id=order.parent_order_id or "",
            simulated=True,
        )
        self._records[order.order_id] = filled
        self._executions.append(executed)
        self._sink(OrderAccepted(at, order.order_id, name))
        self._sink(executed)
        return filled

    def _price(self, order: Order) -> int | Refusal:
        if order.status is not OrderStatus.PENDING:
            text = f"status must be PENDING for a new order, got {order.status}"
            return Refusal("INVALID_ORDER", text)
        if order.order_type not in _AT_ONCE:
            text = f"the paper stub fills at once and takes no {order.order_type} order"
            return Refusal("UNSUPPORTED", text)
        try:
            quantity_units(order.quantity)
            limit = order.limit_price if order.order_type is OrderType.LIMIT else None
            worst = None if limit is None else price_units(limit)
        except ModelError as problem:
            return Refusal("INVALID_ORDER", str(problem))
        market = self._market_price(order)
        if market is None:
            return Refusal("NO_MARKET", f"{order.symbol} has neither a quote nor a demo price")
        return jittered(order.side, market, worst, self._chance)

    def _market_price(self, order: Order) -> int | None:
        market, symbol = self._market, order.symbol
        view = _NO_QUOTE if market is None else market.view(symbol)
        price = touch(order.side, view)
        if price is None and market is not None:
            price = market.mark(symbol)
        return price if price is not None else _DEMO_PRICES.get(symbol)
