"""The first tables."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from fillpath.data.store.columns import Exact, Moment, Plain, Words

revision = "0001"
down_revision = None

_TYPES: Final[dict[str, TypeEngine[Any]]] = {
    "text": Words(),
    "exact": Exact(),
    "time": Moment(),
    "plain": Plain(),
    "whole": sa.BigInteger(),
    "flag": sa.Boolean(),
    "float": sa.Double(),
}

# Name: columns (a question mark where NULL is allowed), key, indexes. Never changed again: the next
# version has a file of its own.
_TABLES: Final = {
    "alerts": (
        (
            "account text, ts time, code text, text text, order_id text, sequence whole, "
            "row_index whole"
        ),
        "account sequence row_index",
        (),
    ),
    "execution_quality": (
        (
            "account text, order_id text, parent_order_id text?, symbol text, side text, "
            "route text, strategy_name text, quantity exact?, notional exact?, filled_price "
            "exact, expected_price exact, signal_price exact?, decision_mid exact?, "
            "slippage_bps exact, arrival_slippage_bps exact?, mid_slippage_bps exact?, "
            "fill_latency_ms exact, first_fill_latency_ms exact?, order_latency_ms exact?, "
            "signal_at time, decided_at time?, filled_at time, sequence whole?, row_index "
            "whole?"
        ),
        "account order_id filled_at",
        ("account filled_at order_id",),
    ),
    "execution_quality_daily_kept": (
        (
            "account text, route text, symbol text, bucket time, n whole, mean_slippage_bps "
            "float?, median_slippage_bps float?, max_slippage_bps float?, "
            "mean_arrival_slippage_bps float?, mean_fill_latency_ms float?, "
            "max_fill_latency_ms float?, notional float?"
        ),
        "account route symbol bucket",
        (),
    ),
    "execution_quality_weekly_kept": (
        (
            "account text, route text, symbol text, bucket time, n whole, mean_slippage_bps "
            "float?, median_slippage_bps float?, max_slippage_bps float?, "
            "mean_arrival_slippage_bps float?, mean_fill_latency_ms float?, "
            "max_fill_latency_ms float?, notional float?"
        ),
        "account route symbol bucket",
        (),
    ),
    "fills": (
        (
            "account text, order_id text, parent_order_id text?, symbol text, side text, "
            "quantity exact, price exact, ts time, commission exact, fill_id text, simulated "
            "flag, strategy_name text, signal_id text, revision whole, sequence whole, "
            "row_index whole"
        ),
        "account fill_id",
        ("account order_id", "account ts fill_id"),
    ),
    "orders": (
        (
            "account text, order_id text, parent_order_id text?, signal_id text, "
            "strategy_name text, symbol text, side text, quantity exact, order_type text, "
            "limit_price exact?, stop_price exact?, status text, filled_quantity exact, "
            "average_fill_price exact?, commission exact, route text, route_reason text, "
            "slice whole, slices whole, submitted_at time, closed_at time?, reason text, "
            "broker_order_id text, certainty text, cancel_requested flag, sequence whole, "
            "row_index whole"
        ),
        "account order_id",
        ("account parent_order_id", "account submitted_at order_id"),
    ),
    "portfolio_snapshots": (
        (
            "account text, ts time, cash exact, equity exact, reserved exact, realized_pnl "
            "exact, commission exact, positions whole, working_orders whole, sequence whole, "
            "row_index whole"
        ),
        "account ts sequence",
        (),
    ),
    "positions": (
        (
            "account text, symbol text, quantity exact, average_price exact?, market_price "
            "exact?, market_value exact?, unrealized_pnl exact, realized_pnl exact, "
            "strategy_name text, stop_price exact?, sequence whole, row_index whole"
        ),
        "account symbol",
        (),
    ),
    "projection_cursor": (
        "account text, applied whole",
        "account",
        (),
    ),
    "quotes": (
        (
            "symbol text, bid_price exact?, ask_price exact?, bid_size exact, ask_size exact, "
            "volume exact?, ts time"
        ),
        "symbol ts",
        (),
    ),
    "risk_decisions": (
        (
            "account text, ts time, stage text, outcome text, symbol text, reason text, text "
            "text, strategy_name text, signal_id text, order_id text, direction text, side "
            "text, quantity exact, order_type text, limit_price exact?, stop_price exact?, "
            "market plain?, cash exact, reserved exact, equity exact, sizing plain, bound "
            "text, kelly_fraction exact?, risk text, risk_reasons plain, route text, "
            "route_reason text, flags plain, participation exact?, sequence whole, row_index "
            "whole"
        ),
        "account sequence row_index",
        ("account order_id",),
    ),
    "signals": (
        (
            "account text, signal_id text, strategy_name text, symbol text, direction text, "
            "strength exact, metadata plain, signal_at time, received_at time, outcome text, "
            "reason text, text text, order_id text, sequence whole, row_index whole"
        ),
        "account strategy_name signal_id",
        ("account received_at strategy_name signal_id",),
    ),
}


def upgrade() -> None:
    """Make the tables."""
    for name, (columns, key, indexes) in _TABLES.items():
        op.create_table(
            name,
            *(_column(column) for column in columns.split(", ")),
            sa.PrimaryKeyConstraint(*key.split(), name=op.f(f"pk_{name}")),
        )
        for index in indexes:
            op.create_index(op.f(f"ix_{name}_{index.replace(' ', '_')}"), name, index.split())


def downgrade() -> None:
    """Drop the tables."""
    for name in _TABLES:
        op.drop_table(name)


def _column(words: str) -> sa.Column[Any]:
    name, kind = words.split()
    return sa.Column(name, _TYPES[kind.rstrip("?")], nullable=kind.endswith("?"))
