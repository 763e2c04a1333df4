"""The nouns of trading: frozen values with exact numbers and aware UTC times.

Constructors take ``int``, ``float``, ``str`` or ``Decimal`` for every number; a float goes through
its shortest text, so ``0.1`` is exactly one tenth. NaN and infinities are refused everywhere, zero
and negatives for prices and order quantities. Prices are in account currency per share,
quantities in shares, money in account currency.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, field
from msgspec.structs import force_setattr, replace

from fillpath.core.checking import (
    ZERO,
    check_name,
    check_symbol,
    convert_fields,
    is_positive,
    plain_metadata,
    put_member,
)
from fillpath.core.errors import ModelError
from fillpath.core.ids import next_manual_order_id
from fillpath.core.terms import (
    Certainty,
    OrderSide,
    OrderStatus,
    OrderType,
    RiskAction,
    SignalDirection,
    TimeInForce,
)
from fillpath.core.units import aware, exact, not_negative, positive
from fillpath.core.verdicts import (
    ExecutionQualityMetrics,
    Refusal,
    RiskCheckResult,
    RiskReason,
)


class Signal(Struct, frozen=True, kw_only=True):
    """What a strategy wants, before anyone has sized or judged it.

    Args:
        symbol: ticker, 1 to 21 characters of ``A-Z 0-9 . -``.
        direction: LONG, SHORT or FLAT (close what this strategy holds).
        strength: conviction from 0 to 1; above 0.9 routes as urgent.
        metadata: ``win_rate`` (0 to 1), ``avg_win_pct`` and ``avg_loss_pct`` (percent, positive)
            for Kelly sizing; optional ``signal_price``, ``n_trades``, ``quantity`` or
            ``target_quantity`` (explicit size in shares, replaces Kelly).
        strategy_name: the strategy that speaks; empty for a hand-made signal.
        signal_id: unique for the strategy; None lets the engine stamp one at ingest.
        timestamp: when the signal was made, aware; None lets the engine stamp the arrival.

    Raises:
        ModelError: a field is not as described here.
    """

    symbol: str
    direction: SignalDirection
    strength: Decimal
    metadata: dict[str, Any] = field(default_factory=dict)
    strategy_name: str = ""
    signal_id: str | None = None
    timestamp: datetime | None = None

    def __post_init__(self) -> None:
        """Convert and check every field."""
        check_symbol(self.symbol)
        if type(self.direction) is not SignalDirection:
            put_member(self, "direction", SignalDirection)
        if type(self.strength) is not Decimal or not self.strength.is_finite():
            convert_fields(self, exact, "strength")
        if not 0 <= self.strength <= 1:
            raise ModelError(f"strength must be from 0 to 1, got {self.strength}")
        if type(self.metadata) is not dict and not isinstance(self.metadata, Mapping):
            raise ModelError(f"metadata must be a mapping, got {self.metadata!r}")
        force_setattr(self, "metadata", plain_metadata(self.metadata))
        check_name(self.strategy_name, "strategy_name")
        if self.signal_id is not None and not check_name(self.signal_id, "signal_id"):
            raise ModelError("signal_id must not be empty; leave it out to have one derived")
        if self.timestamp is not None and (
            type(self.timestamp) is not datetime or self.timestamp.tzinfo is not UTC
        ):
            convert_fields(self, aware, "timestamp")


class Quote(Struct, frozen=True):
    """Best bid and ask of a symbol at a moment.

    Args:
        symbol: ticker.
        bid_price: best bid, above 0; None when that side is missing.
        ask_price: best ask, above 0; None when that side is missing.
        bid_size: shares shown at the bid, 0 or more.
        ask_size: shares shown at the ask, 0 or more.
        volume: shares traded today so far; never the ADV.
        ts: the moment from which the quote is known, aware; None means unknown age.

    Raises:
        ModelError: a field is not as described here.
    """

    symbol: str
    bid_price: Decimal | None
    ask_price: Decimal | None
    bid_size: Decimal = ZERO
    ask_size: Decimal = ZERO
    volume: Decimal | None = None
    ts: datetime | None = None

    def __post_init__(self) -> None:
        """Convert and check every field."""
        check_symbol(self.symbol)
        convert_fields(self, positive, "bid_price", "ask_price", optional=True)
        convert_fields(self, not_negative, "bid_size", "ask_size")
        convert_fields(self, not_negative, "volume", optional=True)
        convert_fields(self, aware, "ts", optional=True)

    @property
    def mid_price(self) -> Decimal | None:
        """Return the middle of bid and ask, or None when a side is missing."""
        if self.bid_price is None or self.ask_price is None:
            return None
        return (self.bid_price + self.ask_price) / 2


class Bar(Struct, frozen=True, kw_only=True):
    """Open, high, low, close and volume of an interval; usable only from ``ts_end`` on.

    Args:
        symbol: ticker.
        ts: start of the interval, aware.
        ts_end: end of the interval, aware, after ``ts``.
        open: first price, above 0.
        high: highest price.
        low: lowest price.
        close: last price.
        volume: shares traded, 0 or more.

    Raises:
        ModelError: a field is not as described here.
    """

    symbol: str
    ts: datetime
    ts_end: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = ZERO

    def __post_init__(self) -> None:
        """Convert and check every field."""
        check_symbol(self.symbol)
        convert_fields(self, positive, "open", "high", "low", "close")
        convert_fields(self, not_negative, "volume")
        convert_fields(self, aware, "ts", "ts_end")
        if self.ts_end <= self.ts:
            raise ModelError(f"ts_end must be after ts, got {self.ts_end} and {self.ts}")
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise ModelError(
                f"low <= open, close <= high must hold, got open {self.open}, high {self.high}, "
                f"low {self.low}, close {self.close}"
            )


class Order(Struct, frozen=True, kw_only=True):
    """One order, as it stands at a moment; a change is a new Order.

    Args:
        symbol: ticker.
        side: BUY or SELL.
        quantity: shares, above 0.
        order_type: MARKET, LIMIT, STOP or STOP_LIMIT.
        limit_price: worst price accepted; needed for LIMIT and STOP_LIMIT.
        stop_price: for STOP and STOP_LIMIT the trigger; for entries (MARKET, LIMIT) the protective
            stop level that belongs to the position, which never turns the entry into a stop order.
        time_in_force: DAY unless said otherwise.
        limit_is_hard: True when routing must respect ``limit_price``; the generator builds False.
        order_id: our own name for the order.
        parent_order_id: the parent, on slices.
        broker_order_id: the broker's name, once it is known.
        status: where the order stands.
        certainty: IN_DOUBT while the broker's answer is unknown.
        cancel_requested: a cancel was sent and is not yet confirmed.
        filled_quantity: shares filled so far.
        average_fill_price: VWAP of the fills, None before the first.
        strategy_name: the strategy behind the order.
        oca_group: orders of one group are linked (OCA): what one fills, the others lose; empty for
            an order of its own.
        created_at: when the order was decided, aware.
        metadata: why and how: ``signal_id``, ``signal_strength``, ``route``, ``sizing``, ...

    Raises:
        ModelError: a field is not as described here.
    """

    symbol: str
    side: OrderSide
    quantity: Decimal
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    limit_is_hard: bool = True
    order_id: str = field(default_factory=next_manual_order_id)
    parent_order_id: str | None = None
    broker_order_id: str | None = None
    status: OrderStatus = OrderStatus.PENDING
    certainty: Certainty = Certainty.CONFIRMED
    cancel_requested: bool = False
    filled_quantity: Decimal = ZERO
    average_fill_price: Decimal | None = None
    strategy_name: str = ""
    oca_group: str = ""
    created_at: datetime | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Convert and check every field."""
        check_symbol(self.symbol)
        if not (
            type(self.side) is OrderSide
            and type(self.order_type) is OrderType
            and type(self.time_in_force) is TimeInForce
            and type(self.status) is OrderStatus
            and type(self.certainty) is Certainty
            and is_positive(self.quantity)
            and (self.limit_price is None or is_positive(self.limit_price))
            and (self.stop_price is None or is_positive(self.stop_price))
            and self.average_fill_price is None
            and self.filled_quantity is ZERO
            and (
                self.created_at is None
                or (type(self.created_at) is datetime and self.created_at.tzinfo is UTC)
            )
        ):
            self._convert()
        if self.order_type is not OrderType.MARKET:
            self._check_prices()

    def _convert(self) -> None:
        put_member(self, "side", OrderSide)
        put_member(self, "order_type", OrderType)
        put_member(self, "time_in_force", TimeInForce)
        put_member(self, "status", OrderStatus)
        put_member(self, "certainty", Certainty)
        convert_fields(self, positive, "quantity")
        optional = ("limit_price", "stop_price", "average_fill_price")
        convert_fields(self, positive, *optional, optional=True)
        convert_fields(self, not_negative, "filled_quantity")
        convert_fields(self, aware, "created_at", optional=True)

    def _check_prices(self) -> None:
        kind = self.order_type
        if self.limit_price is None and kind is not OrderType.STOP:
            raise ModelError(f"limit_price must be given for a {kind} order, got None")
        if self.stop_price is None and kind is not OrderType.LIMIT:
            raise ModelError(f"stop_price must be given for a {kind} order, got None")

    @property
    def remaining_quantity(self) -> Decimal:
        """Return the shares not filled yet, never below 0."""
        return max(self.quantity - self.filled_quantity, ZERO)

    def changed(self, **fields: Any) -> "Order":
        """Return a copy with the given fields changed."""
        return replace(self, **fields)


class Fill(Struct, frozen=True, kw_only=True):
    """One execution, as the broker reported it.

    Args:
        fill_id: the broker's execution id, unique for the account.
        order_id: our order.
        symbol: ticker.
        side: BUY or SELL.
        quantity: shares, above 0.
        price: price per share, above 0.
        ts: when it was executed, aware.
        commission: fees in account currency; negative for a rebate.
        parent_order_id: the parent, on slices.
        simulated: True when no real market took part.
        revision: 0 as first reported, 1 and up after corrections by the broker.

    Raises:
        ModelError: a field is not as described here.
    """

    fill_id: str
    order_id: str
    symbol: str
    side: OrderSide
    quantity: Decimal
    price: Decimal
    ts: datetime
    commission: Decimal = ZERO
    parent_order_id: str | None = None
    simulated: bool = False
    revision: int = 0

    def __post_init__(self) -> None:
        """Convert and check every field."""
        check_symbol(self.symbol)
        if not (
            type(self.side) is OrderSide
            and is_positive(self.quantity)
            and is_positive(self.price)
            and type(self.commission) is Decimal
            and self.commission.is_finite()
            and type(self.ts) is datetime
            and self.ts.tzinfo is UTC
        ):
            self._convert()

    def _convert(self) -> None:
        put_member(self, "side", OrderSide)
        convert_fields(self, positive, "quantity", "price")
        convert_fields(self, exact, "commission")
        convert_fields(self, aware, "ts")


class Position(Struct, frozen=True, kw_only=True):
    """What is held in one symbol.

    Args:
        symbol: ticker.
        quantity: shares, negative when short.
        average_price: average entry price per share.
        market_price: last mark, None when unknown.
        strategy_name: the strategy that holds it; empty for the account as a whole.
        realized_pnl: profit taken so far, account currency.
        stop_price: protective stop level of the position, None without one.

    Raises:
        ModelError: a field is not as described here.
    """

    symbol: str
    quantity: Decimal
    average_price: Decimal | None = None
    market_price: Decimal | None = None
    strategy_name: str = ""
    realized_pnl: Decimal = ZERO
    stop_price: Decimal | None = None

    def __post_init__(self) -> None:
        """Convert and check every field."""
        check_symbol(self.symbol)
        convert_fields(self, exact, "quantity", "realized_pnl")
        convert_fields(self, positive, "average_price", "market_price", "stop_price", optional=True)

    @property
    def market_value(self) -> Decimal | None:
        """Return quantity times mark (average price without a mark), or None when unknown."""
        price = self.market_price if self.market_price is not None else self.average_price
        return None if price is None else self.quantity * price

    @property
    def unrealized_pnl(self) -> Decimal:
        """Return quantity times (mark - average price); 0 while one of them is unknown."""
        if self.market_price is None or self.average_price is None:
            return ZERO
        return self.quantity * (self.market_price - self.average_price)


class PortfolioSnapshot(Struct, frozen=True, kw_only=True):
    """What the account holds at a moment.

    Args:
        total_equity: cash plus the value of all positions; may be negative.
        cash: settled and unsettled cash; may be negative.
        positions: one entry for each symbol (and strategy) held.
        working: shares on working orders by symbol, buys positive and sells negative.
        reserved_cash: cash that working buy orders may still need, 0 or more.
        realized_pnl: profit taken so far.
        account: account name; ``STUB`` for the paper stub.
        timestamp: when it was taken, aware.

    Raises:
        ModelError: a field is not as described here.
    """

    total_equity: Decimal
    cash: Decimal
    positions: tuple[Position, ...] = ()
    working: dict[str, Decimal] = field(default_factory=dict)
    reserved_cash: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    account: str = ""
    timestamp: datetime | None = None

    def __post_init__(self) -> None:
        """Convert and check every field."""
        convert_fields(self, exact, "total_equity", "cash", "realized_pnl")
        convert_fields(self, not_negative, "reserved_cash")
        convert_fields(self, aware, "timestamp", optional=True)
        force_setattr(self, "positions", tuple(self.positions))
        checked = {check_symbol(s): exact(q, f"working[{s}]") for s, q in self.working.items()}
        force_setattr(self, "working", checked)

    def held(self, symbol: str, strategy_name: str | None = None) -> Decimal:
        """Return the shares held in ``symbol``, of one strategy when it is named."""
        return sum(
            (
                p.quantity
                for p in self.positions
                if p.symbol == symbol and strategy_name in {None, p.strategy_name}
            ),
            ZERO,
        )


__all__ = [
    "ZERO",
    "Bar",
    "Certainty",
    "ExecutionQualityMetrics",
    "Fill",
    "Order",
    "OrderSide",
    "OrderStatus",
    "OrderType",
    "PortfolioSnapshot",
    "Position",
    "Quote",
    "Refusal",
    "RiskAction",
    "RiskCheckResult",
    "RiskReason",
    "Signal",
    "SignalDirection",
    "TimeInForce",
    "check_symbol",
]
