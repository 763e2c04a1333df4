"""Rows: what the desk emitted, in numbers and times that people read; for reports, tables, messages.

Money, prices and quantities are exact Decimals and become strings in JSON; times are aware UTC
datetimes and become ISO 8601 with ``Z``, cut to microseconds. Quotients (average prices, basis
points, milliseconds) are correctly rounded once, at 28 significant digits, and never again before
they are shown.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from fillpath.core.models import ZERO, OrderSide, OrderType


class OrderRow(Struct, frozen=True, kw_only=True, gc=False):
    """One order as it stands.

    Args:
        order_id: our own name for the order.
        parent_order_id: the parent, on slices.
        signal_id: the signal behind it.
        strategy_name: the strategy behind it.
        symbol: ticker.
        side: BUY or SELL.
        quantity: shares ordered.
        order_type: MARKET or LIMIT.
        limit_price: worst price accepted; None without a limit.
        stop_price: protective stop level of the position; None without one.
        status: where the order stands.
        filled_quantity: shares filled.
        average_fill_price: VWAP of the fills; None without a fill.
        commission: account currency.
        route: the row of the routing table.
        route_reason: the numbers behind the match.
        slice: 1 and up on slices, 0 for an order sent whole.
        slices: slices really made, 0 for an order sent whole.
        submitted_at: when the order was decided.
        closed_at: when it ended; None while it works.
        reason: why it ended, when it was not filled.
        broker_order_id: the broker's name for it.
        certainty: IN_DOUBT while the broker's answer is unknown.
        cancel_requested: a cancel was asked for and is not confirmed.
        acknowledged_at: when the broker said that it has it; None while it did not.
    """

    order_id: str
    parent_order_id: str | None
    signal_id: str
    strategy_name: str
    symbol: str
    side: OrderSide
    quantity: Decimal
    order_type: OrderType
    limit_price: Decimal | None
    stop_price: Decimal | None
    status: str
    filled_quantity: Decimal
    average_fill_price: Decimal | None
    commission: Decimal
    route: str
    route_reason: str
    slice: int
    slices: int
    submitted_at: datetime
    closed_at: datetime | None
    reason: str
    broker_order_id: str
    certainty: str = "CONFIRMED"
    cancel_requested: bool = False
    acknowledged_at: datetime | None = None


class FillRow(Struct, frozen=True, kw_only=True, gc=False):
    """One execution.

    Args:
        order_id: our order.
        parent_order_id: the parent, on slices.
        symbol: ticker.
        side: BUY or SELL.
        quantity: shares.
        price: account currency per share.
        ts: when it was executed.
        commission: account currency; negative for a rebate.
        fill_id: the broker's execution id.
        simulated: True when no real market took part.
        strategy_name: the strategy behind the order; empty where it is not known.
        signal_id: the signal behind the order; empty where it is not known.
        revision: 0 as first reported, 1 and up after corrections; a bust has quantity 0.
    """

    order_id: str
    parent_order_id: str | None
    symbol: str
    side: OrderSide
    quantity: Decimal
    price: Decimal
    ts: datetime
    commission: Decimal
    fill_id: str
    simulated: bool
    strategy_name: str = ""
    signal_id: str = ""
    revision: int = 0


class QualityRow(Struct, frozen=True, kw_only=True, gc=False):
    """How well one order was executed; positive is a cost, for buys and sells alike.

    Args:
        order_id: the order measured.
        parent_order_id: the parent, on slices.
        symbol: ticker.
        side: BUY or SELL.
        route: the row of the routing table.
        strategy_name: the strategy behind it.
        quantity: shares filled.
        notional: quantity times average price, account currency.
        filled_price: VWAP of all fills.
        expected_price: the price meant to be paid.
        signal_price: price when the signal was made; None when unknown.
        decision_mid: mid when this order was decided; None when unknown.
        slippage_bps: cost against ``expected_price``.
        arrival_slippage_bps: cost against ``signal_price``; None without one.
        mid_slippage_bps: cost against ``decision_mid``; None without one.
        fill_latency_ms: signal to last fill.
        first_fill_latency_ms: signal to first fill.
        order_latency_ms: decision that sent this order to its last fill.
        signal_at: when the signal was made.
        decided_at: when the order was decided.
        filled_at: when the last fill happened.
    """

    order_id: str
    parent_order_id: str | None
    symbol: str
    side: OrderSide
    route: str
    strategy_name: str
    quantity: Decimal
    notional: Decimal
    filled_price: Decimal
    expected_price: Decimal
    signal_price: Decimal | None
    decision_mid: Decimal | None
    slippage_bps: Decimal
    arrival_slippage_bps: Decimal | None
    mid_slippage_bps: Decimal | None
    fill_latency_ms: Decimal
    first_fill_latency_ms: Decimal
    order_latency_ms: Decimal
    signal_at: datetime
    decided_at: datetime
    filled_at: datetime


class MarketRow(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The market that a decision was made on.

    Args:
        bid: best bid; None when missing.
        ask: best ask; None when missing.
        bid_size: shares at the bid.
        ask_size: shares at the ask.
        mid: middle of bid and ask.
        spread_bps: (ask - bid) / mid in basis points.
        quote_at: from when the quote was known; None without a quote.
        quote_age_ms: age of the quote at the decision.
        adv: average daily volume in shares; None when unknown.
        long_value: value of all long positions, account currency.
        short_value: value of all short positions, 0 or more.
    """

    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal = ZERO
    ask_size: Decimal = ZERO
    mid: Decimal | None = None
    spread_bps: Decimal | None = None
    quote_at: datetime | None = None
    quote_age_ms: Decimal | None = None
    adv: Decimal | None = None
    long_value: Decimal = ZERO
    short_value: Decimal = ZERO


class DecisionRow(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Why an order was made, changed or refused; ``commands.Decision`` in readable numbers.

    Args:
        ts: when the fact that was judged happened.
        stage: SIGNAL, SLICE, APPROVAL, CANCEL or EXPIRE.
        outcome: ORDERED, REFUSED, HELD, WAITING (for a person), REDUCED, EXPIRED or UNFILLED; of an
            approval APPROVED or DECLINED; of a cancel by a person ASKED.
        symbol: ticker.
        reason: code of a refusal or hold; empty when ordered.
        text: the same for a person.
        strategy_name: the strategy behind it.
        signal_id: the signal behind it.
        order_id: the order it is about; empty when none came to be.
        direction: LONG, SHORT or FLAT.
        side: BUY or SELL.
        quantity: decided shares.
        order_type: MARKET or LIMIT.
        limit_price: worst price accepted.
        stop_price: protective stop level.
        market: the market that was used; None when the decision needed none.
        cash: account currency.
        reserved: cash reserved by working orders.
        equity: total equity.
        sizing: shares that each sizing limit allowed.
        bound: the sizing limit that bound.
        kelly_fraction: 1 = 100 %.
        risk: verdict of the risk cascade.
        risk_reasons: every objection.
        route: the matched row.
        route_reason: the numbers behind the match.
        flags: remarks such as ``ADV_MISSING``.
        participation: expected share of the volume over the schedule, 1 = 100 %.
    """

    ts: datetime
    stage: str
    outcome: str
    symbol: str
    reason: str = ""
    text: str = ""
    strategy_name: str = ""
    signal_id: str = ""
    order_id: str = ""
    direction: str = ""
    side: str = ""
    quantity: Decimal = ZERO
    order_type: str = ""
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    market: MarketRow | None = None
    cash: Decimal = ZERO
    reserved: Decimal = ZERO
    equity: Decimal = ZERO
    sizing: dict[str, Decimal] = field(default_factory=dict)
    bound: str = ""
    kelly_fraction: Decimal | None = None
    risk: str = ""
    risk_reasons: tuple[str, ...] = ()
    route: str = ""
    route_reason: str = ""
    flags: tuple[str, ...] = ()
    participation: Decimal | None = None


class AlertRow(Struct, frozen=True, kw_only=True, gc=False):
    """Something a person should know: a threshold was crossed or a fact did not fit."""

    ts: datetime
    code: str
    text: str
    order_id: str


class PositionRow(Struct, frozen=True, kw_only=True, gc=False):
    """What is held in one symbol at the end; amounts as in ``models.Position``."""

    symbol: str
    quantity: Decimal
    average_price: Decimal | None
    market_price: Decimal | None
    market_value: Decimal | None
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    strategy_name: str
    stop_price: Decimal | None


class SignalRow(Struct, frozen=True, kw_only=True, gc=False):
    """One signal and what became of it.

    Args:
        signal_id: unique for the strategy.
        strategy_name: the strategy that spoke.
        symbol: ticker.
        direction: LONG, SHORT or FLAT.
        strength: from 0 to 1.
        metadata: what the strategy said beside that.
        signal_at: when it was made.
        received_at: when the engine took it.
        outcome: PENDING while nothing is decided; then the outcome of its last decision.
        reason: code of a refusal, a hold or an end; empty when ordered.
        text: the same for a person.
        order_id: the order that came of it; empty when none did.
    """

    signal_id: str
    strategy_name: str
    symbol: str
    direction: str
    strength: Decimal
    metadata: dict[str, Any]
    signal_at: datetime
    received_at: datetime
    outcome: str = "PENDING"
    reason: str = ""
    text: str = ""
    order_id: str = ""


class SnapshotRow(Struct, frozen=True, kw_only=True, gc=False):
    """The account at a moment.

    Args:
        ts: the moment.
        cash: account currency.
        equity: cash plus longs minus shorts at the marks of the last decision.
        reserved: cash that working buys may still need.
        realized_pnl: profit taken in positions that are closed.
        commission: paid so far.
        positions: symbols held.
        working_orders: orders that may still fill.
    """

    ts: datetime
    cash: Decimal
    equity: Decimal
    reserved: Decimal
    realized_pnl: Decimal
    commission: Decimal
    positions: int
    working_orders: int


class HoldingChangeRow(Struct, frozen=True, kw_only=True, gc=False):
    """What changed a position without an execution, so that lots and gains can follow it.

    Args:
        ts: when it happened.
        symbol: ticker.
        kind: OPENED (held before the journal began), ADJUSTED (booked by a person) or SPLIT.
        quantity: shares more or less; 0 for a split.
        price: account currency per share at which they count; None for a split.
        new_shares: shares after a split ...
        old_shares: ... for so many before it; both 1 otherwise.
        strategy_name: the strategy that holds them; empty where it is not known.
    """

    ts: datetime
    symbol: str
    kind: str
    quantity: Decimal = ZERO
    price: Decimal | None = None
    new_shares: int = 1
    old_shares: int = 1
    strategy_name: str = ""


Row = (
    SignalRow
    | OrderRow
    | FillRow
    | PositionRow
    | SnapshotRow
    | QualityRow
    | DecisionRow
    | AlertRow
    | HoldingChangeRow
)


class Projected(Struct, frozen=True):
    """A row and the journal record that it comes from.

    Args:
        sequence: number of the journal record, from 0.
        index: place among the rows of that record, from 0.
        row: what to show.
    """

    sequence: int
    index: int
    row: Row

    def event_id(self, account: str) -> str:
        """Return the name by which consumers know a repeat; a rebuild gives the same."""
        return f"{account}:{self.sequence}:{self.index}"
