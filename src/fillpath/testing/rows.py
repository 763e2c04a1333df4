"""Rows for tests: each builder gives a valid one, and takes what the test is about."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from fillpath.core.costs import OrderCostRow
from fillpath.core.models import OrderSide, OrderType
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    MarketRow,
    OrderRow,
    PositionRow,
    Projected,
    QualityRow,
    Row,
    SignalRow,
    SnapshotRow,
)
from fillpath.testing.builders import START, SYMBOL

THIRD: Final = Decimal("3.333333333333333333333333333")
"""A quotient as the desk gives it: 28 significant digits."""
RICH: Final = Decimal("12345678901234567890.12345678901234")
"""More money than a double or 64 bits hold."""
LATER: Final = START + timedelta(microseconds=1)


def a_signal_row(**changes: Any) -> SignalRow:
    """Return a LONG signal on AAPL of which nothing has become yet."""
    fields: dict[str, Any] = {
        "signal_id": "sig-1",
        "strategy_name": "trend",
        "symbol": SYMBOL,
        "direction": "LONG",
        "strength": Decimal("0.75"),
        "metadata": {"win_rate": 0.55, "n_trades": 100, "note": "\u00e9", "list": [1, None, True]},
        "signal_at": START,
        "received_at": LATER,
    }
    return SignalRow(**(fields | changes))


def an_order_row(**changes: Any) -> OrderRow:
    """Return an order for 100 AAPL that works."""
    fields: dict[str, Any] = {
        "order_id": "trend/sig-1",
        "parent_order_id": None,
        "signal_id": "sig-1",
        "strategy_name": "trend",
        "symbol": SYMBOL,
        "side": OrderSide.BUY,
        "quantity": Decimal(100),
        "order_type": OrderType.LIMIT,
        "limit_price": Decimal("150.01"),
        "stop_price": None,
        "status": "SUBMITTED",
        "filled_quantity": Decimal(0),
        "average_fill_price": None,
        "commission": Decimal(0),
        "route": "default",
        "route_reason": "no other row",
        "slice": 0,
        "slices": 0,
        "submitted_at": START,
        "closed_at": None,
        "reason": "",
        "broker_order_id": "b1",
    }
    return OrderRow(**(fields | changes))


def a_fill_row(**changes: Any) -> FillRow:
    """Return an execution of 100 AAPL at 150.01."""
    fields: dict[str, Any] = {
        "order_id": "trend/sig-1",
        "parent_order_id": None,
        "symbol": SYMBOL,
        "side": OrderSide.BUY,
        "quantity": Decimal(100),
        "price": Decimal("150.01"),
        "ts": LATER,
        "commission": Decimal("-0.25"),
        "fill_id": "x1",
        "simulated": True,
        "strategy_name": "trend",
        "signal_id": "sig-1",
    }
    return FillRow(**(fields | changes))


def a_position_row(**changes: Any) -> PositionRow:
    """Return 100 AAPL that cost a third of a cent too much."""
    fields: dict[str, Any] = {
        "symbol": SYMBOL,
        "quantity": Decimal(100),
        "average_price": THIRD,
        "market_price": None,
        "market_value": None,
        "unrealized_pnl": Decimal(0),
        "realized_pnl": Decimal("-0.00000000000001"),
        "strategy_name": "trend",
        "stop_price": Decimal("147.01"),
    }
    return PositionRow(**(fields | changes))


def a_snapshot_row(**changes: Any) -> SnapshotRow:
    """Return an account with more money than 64 bits hold."""
    fields: dict[str, Any] = {
        "ts": START,
        "cash": RICH,
        "equity": RICH + 1,
        "reserved": Decimal(0),
        "realized_pnl": -RICH,
        "commission": Decimal("0.1"),
        "positions": 1,
        "working_orders": 1,
    }
    return SnapshotRow(**(fields | changes))


def a_quality_row(**changes: Any) -> QualityRow:
    """Return a measurement that costs a third of a hundred-thousandth."""
    fields: dict[str, Any] = {
        "order_id": "trend/sig-1",
        "parent_order_id": None,
        "symbol": SYMBOL,
        "side": OrderSide.BUY,
        "route": "default",
        "strategy_name": "trend",
        "quantity": Decimal(100),
        "notional": Decimal("15001.00"),
        "filled_price": Decimal("150.05"),
        "expected_price": Decimal(150),
        "signal_price": None,
        "decision_mid": Decimal("150.005"),
        "slippage_bps": THIRD,
        "arrival_slippage_bps": None,
        "mid_slippage_bps": -THIRD,
        "fill_latency_ms": Decimal("1250.000001"),
        "first_fill_latency_ms": Decimal(1250),
        "order_latency_ms": Decimal(250),
        "signal_at": START,
        "decided_at": START,
        "filled_at": LATER,
    }
    return QualityRow(**(fields | changes))


def a_decision_row(**changes: Any) -> DecisionRow:
    """Return why the order of ``an_order_row`` was made."""
    fields: dict[str, Any] = {
        "ts": START,
        "stage": "SIGNAL",
        "outcome": "ORDERED",
        "symbol": SYMBOL,
        "strategy_name": "trend",
        "signal_id": "sig-1",
        "order_id": "trend/sig-1",
        "market": MarketRow(bid=Decimal("149.99"), ask=Decimal("150.01"), quote_at=LATER),
        "cash": RICH,
        "sizing": {"kelly": THIRD, "cash": Decimal(7)},
        "kelly_fraction": Decimal("0.325"),
        "risk_reasons": ("C-14: too much", "C-15: \u00e9"),
        "flags": ("ADV_MISSING",),
    }
    return DecisionRow(**(fields | changes))


def an_alert_row(**changes: Any) -> AlertRow:
    """Return an alert about an order."""
    fields: dict[str, Any] = {
        "ts": START,
        "code": "SLIPPAGE",
        "text": "12 bps, more than 10",
        "order_id": "trend/sig-1",
    }
    return AlertRow(**(fields | changes))


def a_holding_change_row(**changes: Any) -> HoldingChangeRow:
    """Return a split of AAPL, 4 for 1."""
    fields: dict[str, Any] = {
        "ts": START,
        "symbol": SYMBOL,
        "kind": "SPLIT",
        "new_shares": 4,
        "old_shares": 1,
    }
    return HoldingChangeRow(**(fields | changes))


def a_cost_row(**changes: Any) -> OrderCostRow:
    """Return what the order of ``an_order_row`` cost when it was filled."""
    fields: dict[str, Any] = {
        "order_id": "trend/sig-1",
        "symbol": SYMBOL,
        "side": OrderSide.BUY,
        "route": "default",
        "strategy_name": "trend",
        "status": "FILLED",
        "quantity": Decimal(100),
        "filled_quantity": Decimal(100),
        "notional": Decimal(15_001),
        "average_price": Decimal("150.01"),
        "arrival_price": Decimal(150),
        "signal_at": START,
        "released_at": START,
        "last_fill_at": LATER,
        "arrival_bps": THIRD,
        "fees": Decimal("-0.25"),
        "sequence": 0,
    }
    return OrderCostRow(**(fields | changes))


ONE_OF_EACH_ROW: Final[tuple[Row, ...]] = (
    a_signal_row(outcome="ORDERED", order_id="trend/sig-1"),
    an_order_row(),
    a_fill_row(),
    a_position_row(),
    a_snapshot_row(),
    a_quality_row(),
    a_decision_row(),
    an_alert_row(),
    a_holding_change_row(),
)


def made_by(sequence: int, *rows: Row) -> list[Projected]:
    """Return rows as made by one journal record."""
    return [Projected(sequence, index, row) for index, row in enumerate(rows)]
