"""Turns what the desk emitted, in exact integers, into rows that people read."""

from decimal import Context, Decimal
from typing import Final

from fillpath.core.commands import Decision, OrderClosed, QualityMeasured, RaiseAlarm
from fillpath.core.events import MarketView
from fillpath.core.models import ZERO, Fill, Position
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    MarketRow,
    OrderRow,
    PositionRow,
    QualityRow,
)
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


def fill_row(fill: Fill, strategy_name: str = "", signal_id: str = "") -> FillRow:
    """Return the row of an execution, with the strategy and the signal behind it where known."""
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
        strategy_name=strategy_name,
        signal_id=signal_id,
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
        stop_price=position.stop_price,
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
    if not denominator:  # every execution was undone: nothing cost anything
        return ZERO
    return _PRECISE.divide(Decimal(numerator), Decimal(denominator))


def _milliseconds(nanoseconds: int) -> Decimal:
    return _PRECISE.divide(Decimal(nanoseconds), _NANOSECONDS_PER_MS)
