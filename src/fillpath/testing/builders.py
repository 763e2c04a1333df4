"""Values for tests: each builder gives a valid one, and takes what the test is about."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from fillpath.core.commands import Ticket
from fillpath.core.events import MarketView
from fillpath.core.models import (
    Fill,
    Order,
    OrderSide,
    OrderType,
    PortfolioSnapshot,
    Position,
    Quote,
    Signal,
    SignalDirection,
    TimeInForce,
)
from fillpath.core.units import Number, nanoseconds, price_units, quantity_units, ratio_units

START: Final = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
START_NS: Final = nanoseconds(START)
SYMBOL: Final = "AAPL"


def a_signal(**changes: Any) -> Signal:
    """Return a LONG signal on AAPL at 150 whose Kelly fraction is 0.325.

    ``metadata`` given here is added to the win statistics; name a key with None to leave it out.
    """
    metadata: dict[str, Any] = {
        "win_rate": Decimal("0.55"),
        "avg_win_pct": Decimal(2),
        "avg_loss_pct": Decimal(1),
        "signal_price": Decimal(150),
    }
    metadata.update(changes.pop("metadata", {}))
    fields: dict[str, Any] = {
        "symbol": SYMBOL,
        "direction": SignalDirection.LONG,
        "strength": Decimal("0.75"),
        "strategy_name": "trend",
        "signal_id": "sig-1",
        "timestamp": START,
        "metadata": {key: value for key, value in metadata.items() if value is not None},
    }
    return Signal(**(fields | changes))


def a_quote(bid: Number | None = "149.99", ask: Number | None = "150.01", **changes: Any) -> Quote:
    """Return a quote of AAPL with 1,000 shares shown on each side, known from START on."""
    fields: dict[str, Any] = {
        "symbol": SYMBOL,
        "bid_price": bid,
        "ask_price": ask,
        "bid_size": Decimal(1_000),
        "ask_size": Decimal(1_000),
        "volume": None,
        "ts": START,
    }
    return Quote(**(fields | changes))


def a_view(bid: str | None = "149.99", ask: str | None = "150.01", **changes: Any) -> MarketView:
    """Return the market of ``a_quote`` in exact integers, with 1,000,000 shares of ADV."""
    fields: dict[str, Any] = {
        "bid": None if bid is None else price_units(Decimal(bid)),
        "ask": None if ask is None else price_units(Decimal(ask)),
        "bid_size": quantity_units(Decimal(1_000)),
        "ask_size": quantity_units(Decimal(1_000)),
        "quote_at": START_NS,
        "adv": quantity_units(Decimal(1_000_000)),
    }
    return MarketView(**(fields | changes))


def an_order(side: OrderSide = OrderSide.BUY, quantity: Number = 100, **changes: Any) -> Order:
    """Return an order for 100 AAPL: LIMIT when ``limit_price`` is given, otherwise MARKET."""
    kind = OrderType.LIMIT if changes.get("limit_price") is not None else OrderType.MARKET
    fields: dict[str, Any] = {
        "symbol": SYMBOL,
        "side": side,
        "quantity": quantity,
        "order_type": kind,
        "order_id": "order-1",
        "created_at": START,
    }
    return Order(**(fields | changes))


def a_fill(quantity: Number = 100, price: Number = "150.01", **changes: Any) -> Fill:
    """Return a BUY fill of 100 AAPL at 150.01 for ``order-1``."""
    fields: dict[str, Any] = {
        "fill_id": "order-1:1",
        "order_id": "order-1",
        "symbol": SYMBOL,
        "side": OrderSide.BUY,
        "quantity": quantity,
        "price": price,
        "ts": START,
        "simulated": True,
    }
    return Fill(**(fields | changes))


def a_position(quantity: Number = 100, **changes: Any) -> Position:
    """Return 100 AAPL bought at 150 and marked at 150."""
    fields: dict[str, Any] = {
        "symbol": SYMBOL,
        "quantity": quantity,
        "average_price": Decimal(150),
        "market_price": Decimal(150),
    }
    return Position(**(fields | changes))


def a_portfolio(
    cash: Number = 50_000, equity: Number = 100_000, **changes: Any
) -> PortfolioSnapshot:
    """Return the specification's portfolio: 100,000 of equity, 50,000 of it cash."""
    fields: dict[str, Any] = {"total_equity": equity, "cash": cash, "timestamp": START}
    return PortfolioSnapshot(**(fields | changes))


def a_ticket(quantity: Number = 100, **changes: Any) -> Ticket:
    """Return the desk's twin of a MARKET order for 100 AAPL, sent whole."""
    fields: dict[str, Any] = {
        "order_id": "trend/sig-1#1",
        "parent_id": "trend/sig-1",
        "symbol": SYMBOL,
        "side": OrderSide.BUY,
        "quantity": quantity_units(Decimal(quantity)),
        "order_type": OrderType.MARKET,
        "limit": None,
        "stop": None,
        "time_in_force": TimeInForce.DAY,
        "strategy_name": "trend",
        "signal_id": "sig-1",
        "route": "default",
        "route_reason": "",
        "protected": False,
        "slice_number": 0,
        "slice_count": 0,
        "interval_seconds": 0,
        "signal_price": price_units(Decimal(150)),
        "signal_at": START_NS,
        "strength": ratio_units(Decimal("0.75")),
        "kelly": None,
        "sizing": "half_kelly",
    }
    return Ticket(**(fields | changes))
