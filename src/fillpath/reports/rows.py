"""The rows of a report: what the desk emitted, in numbers and times that people read.

Money, prices and quantities are exact Decimals and become strings in JSON; times are aware UTC
datetimes and become ISO 8601 with ``Z``, cut to microseconds. Quotients (average prices, basis
points, milliseconds) are correctly rounded once, at 28 significant digits, and never again before
they are shown.
"""

from datetime import datetime
from decimal import Context, Decimal
from typing import Final

from msgspec import Struct, field

from fillpath.core.commands import Decision, OrderClosed, QualityMeasured, RaiseAlarm
from fillpath.core.events import MarketView
from fillpath.core.models import ZERO, Fill, OrderSide, OrderType, Position
from fillpath.core.units import (
    BPS,
    PRICE_SCALE,
    moment,
    money_decimal,
    price_decimal,
    quantity_decimal,
    ratio_decimal,
)

_PRECISE: Final = Context(prec=28)
_NANOSECONDS_PER_MS: Final = Decimal(10**6)


class OrderRow(Struct, frozen=True, kw_only=True):
    """One order as it ended.

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
        status: where the order stands at the end of the run.
        filled_quantity: shares filled.
        average_fill_price: VWAP of the fills; None without a fill.
        commission: account currency.
        route: the row of the routing table.
        route_reason: the numbers behind the match.
        slice: 1 and up on slices, 0 for an order sent whole.
        slices: slices really made, 0 for an order sent whole.
        submitted_at: when the order was decided.
        closed_at: when the last fact about it arrived.
        reason: why it ended, when it was not filled.
        broker_order_id: the broker's name for it.
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
    closed_at: datetime
    reason: str
    broker_order_id: str


class FillRow(Struct, frozen=True, kw_only=True):
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


class QualityRow(Struct, frozen=True, kw_only=True):
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


class MarketRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
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


class DecisionRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why an order was made, changed or refused; ``commands.Decision`` in readable numbers.

    Args:
        ts: when the fact that was judged happened.
        stage: SIGNAL, SLICE, CANCEL or EXPIRE.
        outcome: ORDERED, REFUSED, HELD, REDUCED, EXPIRED or UNFILLED.
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


class AlertRow(Struct, frozen=True, kw_only=True):
    """Something a person should know: a threshold was crossed or a fact did not fit."""

    ts: datetime
    code: str
    text: str
    order_id: str


class PositionRow(Struct, frozen=True, kw_only=True):
    """What is held in one symbol at the end; amounts as in ``models.Position``."""

    symbol: str
    quantity: Decimal
    average_price: Decimal | None
    market_price: Decimal | None
    market_value: Decimal | None
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    strategy_name: str


def order_row(closed: OrderClosed) -> OrderRow:
    """Return the row of an order that reached its end."""
    ticket = closed.ticket
    return OrderRow(
        order_id=ticket.order_id,
        parent_order_id=_parent(ticket.order_id, ticket.parent_id),
        signal_id=ticket.signal_id,
        strategy_name=ticket.strategy_name,
        symbol=ticket.symbol,
        side=ticket.side,
        quantity=quantity_decimal(ticket.quantity),
        order_type=ticket.order_type,
        limit_price=_price(ticket.limit),
        stop_price=_price(ticket.stop),
        status=closed.status,
        filled_quantity=quantity_decimal(closed.filled),
        average_fill_price=_average(closed.value, closed.filled) if closed.filled else None,
        commission=money_decimal(closed.commission),
        route=ticket.route,
        route_reason=ticket.route_reason,
        slice=ticket.slice_number,
        slices=ticket.slice_count,
        submitted_at=moment(closed.sent_at),
        closed_at=moment(closed.at),
        reason=closed.reason,
        broker_order_id=closed.broker_order_id,
    )


def fill_row(fill: Fill) -> FillRow:
    """Return the row of an execution."""
    return FillRow(
        order_id=fill.order_id,
        parent_order_id=_parent(fill.order_id, fill.parent_order_id),
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        ts=fill.ts,
        commission=fill.commission,
        fill_id=fill.fill_id,
        simulated=fill.simulated,
    )


def quality_row(measured: QualityMeasured) -> QualityRow:
    """Return the row of a measurement.

    Source:
        Cost = sign * (fill - reference) / reference * 10,000 with sign +1 for buys and -1 for
        sells (Perold 1988, signed by side), of the VWAP of all fills.
    """
    sign, filled, value = measured.side.sign, measured.filled, measured.value
    mid, signal_price = measured.arrival_mid, measured.signal_price
    return QualityRow(
        order_id=measured.order_id,
        parent_order_id=_parent(measured.order_id, measured.parent_id),
        symbol=measured.symbol,
        side=measured.side,
        route=measured.route,
        strategy_name=measured.strategy_name,
        quantity=quantity_decimal(filled),
        notional=money_decimal(value),
        filled_price=_average(value, filled),
        expected_price=price_decimal(measured.expected),
        signal_price=_price(signal_price),
        decision_mid=None if mid is None else _ratio(mid, 2 * PRICE_SCALE),
        slippage_bps=_bps(sign * (value - measured.expected * filled), measured.expected * filled),
        arrival_slippage_bps=None
        if signal_price is None
        else _bps(sign * (value - signal_price * filled), signal_price * filled),
        mid_slippage_bps=None
        if mid is None
        else _bps(sign * (2 * value - mid * filled), mid * filled),
        fill_latency_ms=_milliseconds(measured.at - measured.signal_at),
        first_fill_latency_ms=_milliseconds(measured.first_fill_at - measured.signal_at),
        order_latency_ms=_milliseconds(measured.at - measured.decided_at),
        signal_at=moment(measured.signal_at),
        decided_at=moment(measured.decided_at),
        filled_at=moment(measured.at),
    )


def decision_row(decision: Decision) -> DecisionRow:
    """Return the readable record behind a decision."""
    return DecisionRow(
        ts=moment(decision.at),
        stage=decision.stage,
        outcome=decision.outcome,
        symbol=decision.symbol,
        reason=decision.reason,
        text=decision.text,
        strategy_name=decision.strategy_name,
        signal_id=decision.signal_id,
        order_id=decision.order_id,
        direction=decision.direction,
        side=decision.side,
        quantity=quantity_decimal(decision.quantity),
        order_type=decision.order_type,
        limit_price=_price(decision.limit),
        stop_price=_price(decision.stop),
        market=_market(decision.market, decision.at),
        cash=money_decimal(decision.cash),
        reserved=money_decimal(decision.reserved),
        equity=money_decimal(decision.equity),
        sizing={name: quantity_decimal(size) for name, size in decision.sizing.items()},
        bound=decision.bound,
        kelly_fraction=_share(decision.kelly),
        risk=decision.risk,
        risk_reasons=tuple(decision.risk_reasons),
        route=decision.route,
        route_reason=decision.route_reason,
        flags=tuple(decision.flags),
        participation=_share(decision.participation),
    )


def alert_row(alarm: RaiseAlarm) -> AlertRow:
    """Return the row of an alarm."""
    return AlertRow(ts=moment(alarm.at), code=alarm.code, text=alarm.text, order_id=alarm.order_id)


def position_row(position: Position) -> PositionRow:
    """Return the row of a position."""
    return PositionRow(
        symbol=position.symbol,
        quantity=position.quantity,
        average_price=position.average_price,
        market_price=position.market_price,
        market_value=position.market_value,
        unrealized_pnl=position.unrealized_pnl,
        realized_pnl=position.realized_pnl,
        strategy_name=position.strategy_name,
    )


def _market(view: MarketView | None, at: int) -> MarketRow | None:
    if view is None:
        return None
    mid, spread_bps = _middle(view)
    return MarketRow(
        bid=_price(view.bid),
        ask=_price(view.ask),
        bid_size=quantity_decimal(view.bid_size),
        ask_size=quantity_decimal(view.ask_size),
        mid=mid,
        spread_bps=spread_bps,
        quote_at=None if view.quote_at is None else moment(view.quote_at),
        quote_age_ms=None if view.quote_at is None else _milliseconds(at - view.quote_at),
        adv=None if view.adv is None else quantity_decimal(view.adv),
        long_value=money_decimal(view.long_value),
        short_value=money_decimal(view.short_value),
    )


def _middle(view: MarketView) -> tuple[Decimal | None, Decimal | None]:
    if view.bid is None or view.ask is None or view.bid + view.ask <= 0:
        return None, None
    doubled = view.bid + view.ask
    return _ratio(doubled, 2 * PRICE_SCALE), _bps(2 * (view.ask - view.bid), doubled)


def _parent(order_id: str, parent_id: str | None) -> str | None:
    return None if parent_id == order_id else parent_id


def _price(units: int | None) -> Decimal | None:
    return None if units is None else price_decimal(units)


def _share(units: int | None) -> Decimal | None:
    return None if units is None else ratio_decimal(units)


def _average(value: int, filled: int) -> Decimal:
    return _ratio(value, filled * PRICE_SCALE)


def _bps(cost: int, paid: int) -> Decimal:
    return _ratio(cost * BPS, paid)


def _ratio(numerator: int, denominator: int) -> Decimal:
    return _PRECISE.divide(Decimal(numerator), Decimal(denominator))


def _milliseconds(nanoseconds: int) -> Decimal:
    return _PRECISE.divide(Decimal(nanoseconds), _NANOSECONDS_PER_MS)
