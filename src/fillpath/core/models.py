"""The nouns of trading: frozen values with exact numbers and aware UTC times.

Constructors take ``int``, ``float``, ``str`` or ``Decimal`` for every number; a float goes through
its shortest text, so ``0.1`` is exactly one tenth. NaN and infinities are refused everywhere, zero
and negatives for prices and order quantities. Prices are in account currency per share,
quantities in shares, money in account currency.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import force_setattr, replace

from fillpath.core.errors import ModelError
from fillpath.core.ids import next_manual_order_id
from fillpath.core.units import aware, exact, not_negative, positive

ZERO: Final = Decimal(0)
_INFINITY: Final = Decimal("Infinity")
_SYMBOL: Final = re.compile(r"[A-Z0-9.\-]{1,21}")


class SignalDirection(StrEnum):
    """What the strategy wants to hold."""

    LONG = "LONG"
    SHORT = "SHORT"
    FLAT = "FLAT"


class OrderSide(StrEnum):
    """The side of an order; the quantity itself is always positive."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """Return +1 for BUY and -1 for SELL."""
        return 1 if self is OrderSide.BUY else -1

    @property
    def opposite(self) -> "OrderSide":
        """Return the other side."""
        return OrderSide.SELL if self is OrderSide.BUY else OrderSide.BUY


class OrderType(StrEnum):
    """How the order meets the market."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"


class TimeInForce(StrEnum):
    """How long the order may work."""

    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(StrEnum):
    """Where the order stands; ``execution/lifecycle.py`` holds the allowed moves."""

    PENDING = "PENDING"
    SUBMITTED = "SUBMITTED"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"

    @property
    def is_terminal(self) -> bool:
        """Return whether nothing more is expected, short of a late fill or a correction."""
        return self in _TERMINAL


_TERMINAL: Final = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED}
)


class Certainty(StrEnum):
    """Whether the broker has confirmed what we believe about an order."""

    CONFIRMED = "CONFIRMED"
    IN_DOUBT = "IN_DOUBT"


class RiskAction(StrEnum):
    """The verdict of the risk cascade."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"
    REDUCE_SIZE = "REDUCE_SIZE"
    REQUIRE_HUMAN_APPROVAL = "REQUIRE_HUMAN_APPROVAL"


@lru_cache(maxsize=1 << 14)
def check_symbol(symbol: object) -> str:
    """Return ``symbol`` if it is well-formed.

    Raises:
        ModelError: not 1 to 21 characters of ``A-Z 0-9 . -``.
    """
    if not isinstance(symbol, str) or _SYMBOL.fullmatch(symbol) is None:
        raise ModelError(f"symbol must be 1 to 21 characters of A-Z 0-9 . -, got {symbol!r}")
    return symbol


def _is_positive(value: object) -> bool:
    """Return whether the value needs no conversion; NaN never does without a closer look."""
    return type(value) is Decimal and value.is_finite() and value > ZERO


def _put(model: Struct, name: str, value: object, current: object) -> None:
    if value is not current:
        force_setattr(model, name, value)


def _put_positive(model: Struct, name: str) -> None:
    current = getattr(model, name)
    if current is not None:
        _put(model, name, positive(current, name), current)


def _put_not_negative(model: Struct, name: str) -> None:
    current = getattr(model, name)
    if current is not None:
        _put(model, name, not_negative(current, name), current)


def _put_exact(model: Struct, name: str) -> None:
    current = getattr(model, name)
    if current is not None:
        _put(model, name, exact(current, name), current)


def _put_aware(model: Struct, name: str) -> None:
    current = getattr(model, name)
    if current is not None:
        _put(model, name, aware(current, name), current)


def _put_member(model: Struct, name: str, kind: type[StrEnum]) -> None:
    current = getattr(model, name)
    if type(current) is not kind:
        try:
            force_setattr(model, name, kind(current))
        except ValueError:
            allowed = ", ".join(kind)
            raise ModelError(f"{name} must be one of {allowed}, got {current!r}") from None


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
            _put_member(self, "direction", SignalDirection)
        if type(self.strength) is not Decimal or not self.strength.is_finite():
            _put_exact(self, "strength")
        if not 0 <= self.strength <= 1:
            raise ModelError(f"strength must be from 0 to 1, got {self.strength}")
        if type(self.metadata) is not dict and not isinstance(self.metadata, Mapping):
            raise ModelError(f"metadata must be a mapping, got {self.metadata!r}")
        if self.timestamp is not None and self.timestamp.tzinfo is not UTC:
            _put_aware(self, "timestamp")


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
        for name in ("bid_price", "ask_price"):
            _put_positive(self, name)
        for name in ("bid_size", "ask_size", "volume"):
            _put_not_negative(self, name)
        _put_aware(self, "ts")

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
        for name in ("open", "high", "low", "close"):
            _put_positive(self, name)
        _put_not_negative(self, "volume")
        _put_aware(self, "ts")
        _put_aware(self, "ts_end")
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
            and _is_positive(self.quantity)
            and (self.limit_price is None or _is_positive(self.limit_price))
            and (self.stop_price is None or _is_positive(self.stop_price))
            and self.average_fill_price is None
            and self.filled_quantity is ZERO
            and (self.created_at is None or self.created_at.tzinfo is UTC)
        ):
            self._convert()
        if self.order_type is not OrderType.MARKET:
            self._check_prices()

    def _convert(self) -> None:
        _put_member(self, "side", OrderSide)
        _put_member(self, "order_type", OrderType)
        _put_member(self, "time_in_force", TimeInForce)
        _put_member(self, "status", OrderStatus)
        for name in ("quantity", "limit_price", "stop_price", "average_fill_price"):
            _put_positive(self, name)
        _put_not_negative(self, "filled_quantity")
        _put_aware(self, "created_at")

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

    def __post_init__(self) -> None:
        """Convert and check every field."""
        check_symbol(self.symbol)
        if not (
            type(self.side) is OrderSide
            and _is_positive(self.quantity)
            and _is_positive(self.price)
            and type(self.commission) is Decimal
            and self.commission.is_finite()
            and self.ts.tzinfo is UTC
        ):
            self._convert()

    def _convert(self) -> None:
        _put_member(self, "side", OrderSide)
        _put_positive(self, "quantity")
        _put_positive(self, "price")
        _put_exact(self, "commission")
        _put_aware(self, "ts")


class Position(Struct, frozen=True, kw_only=True):
    """What is held in one symbol.

    Args:
        symbol: ticker.
        quantity: shares, negative when short.
        average_price: average entry price per share.
        market_price: last mark, None when unknown.
        strategy_name: the strategy that holds it; empty for the account as a whole.
        realized_pnl: profit taken so far, account currency.

    Raises:
        ModelError: a field is not as described here.
    """

    symbol: str
    quantity: Decimal
    average_price: Decimal | None = None
    market_price: Decimal | None = None
    strategy_name: str = ""
    realized_pnl: Decimal = ZERO

    def __post_init__(self) -> None:
        """Convert and check every field."""
        check_symbol(self.symbol)
        _put_exact(self, "quantity")
        _put_exact(self, "realized_pnl")
        _put_positive(self, "average_price")
        _put_positive(self, "market_price")

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
        for name in ("total_equity", "cash", "realized_pnl"):
            _put_exact(self, name)
        _put_not_negative(self, "reserved_cash")
        _put_aware(self, "timestamp")
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


class Refusal(Struct, frozen=True):
    """An expected no, as a value.

    Args:
        code: machine-readable reason, such as ``NO_EDGE``.
        text: one sentence for a person, with the numbers.
    """

    code: str
    text: str


class RiskReason(Struct, frozen=True, kw_only=True):
    """One check that had something to say.

    Args:
        check: name of the check, such as ``POSITION_CAP``.
        text: one sentence for a person.
        limit: the configured limit, as text with its unit.
        value: what the order would have made of it, as text with its unit.
        allowed_quantity: shares that would pass; None when no size would.
    """

    check: str
    text: str
    limit: str = ""
    value: str = ""
    allowed_quantity: Decimal | None = None


class RiskCheckResult(Struct, frozen=True, kw_only=True):
    """The verdict on one order, with every reason.

    Args:
        action: APPROVE, REJECT, REDUCE_SIZE or REQUIRE_HUMAN_APPROVAL.
        reasons: all checks that objected, in the order of the cascade.
        approved_quantity: shares that may be sent; 0 when rejected.
    """

    action: RiskAction
    reasons: tuple[RiskReason, ...] = ()
    approved_quantity: Decimal = ZERO

    @property
    def approved(self) -> bool:
        """Return whether at least a part of the order may be sent now."""
        return self.action in {RiskAction.APPROVE, RiskAction.REDUCE_SIZE}


class ExecutionQualityMetrics(Struct, frozen=True, kw_only=True):
    """How well one order was executed; costs are positive whichever the side.

    Args:
        order_id: the order measured.
        symbol: ticker.
        side: BUY or SELL.
        slippage_bps: cost against the expected (limit) price in basis points, unrounded.
        fill_latency_ms: signal to fill, milliseconds.
        expected_price: the price meant to be paid.
        filled_price: VWAP of all fills.
        signal_timestamp: when the signal was made, aware.
        fill_timestamp: when the last fill happened, aware.
        arrival_slippage_bps: cost against the signal price; None without a signal price.
        signal_price: price when the signal was made.
        quantity: shares filled, when known.
        route: the row of the routing table, when known.
        strategy_name: the strategy behind the order.
    """

    order_id: str
    symbol: str
    side: OrderSide
    slippage_bps: Decimal
    fill_latency_ms: Decimal
    expected_price: Decimal
    filled_price: Decimal
    signal_timestamp: datetime
    fill_timestamp: datetime
    arrival_slippage_bps: Decimal | None = None
    signal_price: Decimal | None = None
    quantity: Decimal | None = None
    route: str | None = None
    strategy_name: str = ""


__all__ = [
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
