"""What orders cost, what changes positions without an execution, and when a broker acknowledged."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from fillpath.data.store.columns import Exact, Moment, Words

revision = "0002"
down_revision = "0001"

_TYPES: Final[dict[str, TypeEngine[Any]]] = {
    "text": Words(),
    "exact": Exact(),
    "time": Moment(),
    "whole": sa.BigInteger(),
}

# Name: columns (a question mark where NULL is allowed), key, indexes; as in the first version.
_TABLES: Final = {
    "holding_changes": (
        (
            "account text, ts time, symbol text, kind text, quantity exact, price exact?, "
            "new_shares whole, old_shares whole, strategy_name text, sequence whole, "
            "row_index whole"
        ),
        "account sequence row_index",
        (),
    ),
    "order_costs": (
        (
            "account text, order_id text, parent_order_id text?, symbol text, side text, route "
            "text, strategy_name text, status text, slices whole, quantity exact, filled_quantity "
            "exact, notional exact, average_price exact?, decision_price exact?, arrival_price "
            "exact?, submit_price exact?, fill_price_mid exact?, end_price exact?, interval_vwap "
            "exact?, interval_twap exact?, signal_at time?, received_at time?, decided_at time?, "
            "released_at time, acknowledged_at time?, first_fill_at time?, last_fill_at time?, "
            "ended_at time?, decision_bps exact?, arrival_bps exact?, vwap_bps exact?, twap_bps "
            "exact?, delay exact?, execution exact?, opportunity exact?, fees exact, shortfall "
            "exact?, shortfall_bps exact?, wagner_delay exact?, wagner_opportunity exact?, "
            "quoted_spread_bps exact?, effective_spread_bps exact?, realised_spread_bps exact?, "
            "effective_over_quoted exact?, markout_50ms_bps exact?, markout_1s_bps exact?, "
            "markout_10s_bps exact?, markout_15s_bps exact?, markout_60s_bps exact?, "
            "markout_300s_bps exact?, due_at time?, sequence whole"
        ),
        "account order_id",
        ("account released_at order_id", "account parent_order_id", "account due_at"),
    ),
    "order_costs_cursor": ("account text, applied whole", "account", ()),
}


def upgrade() -> None:
    """Make the tables and the column."""
    for name, (columns, key, indexes) in _TABLES.items():
        op.create_table(
            name,
            *(_column(column) for column in columns.split(", ")),
            sa.PrimaryKeyConstraint(*key.split(), name=op.f(f"pk_{name}")),
        )
        for index in indexes:
            op.create_index(op.f(f"ix_{name}_{index.replace(' ', '_')}"), name, index.split())
    op.add_column("orders", sa.Column("acknowledged_at", Moment(), nullable=True))


def downgrade() -> None:
    """Drop the column and the tables."""
    with op.batch_alter_table("orders") as table:
        table.drop_column("acknowledged_at")
    for name in _TABLES:
        op.drop_table(name)


def _column(words: str) -> sa.Column[Any]:
    name, kind = words.split()
    return sa.Column(name, _TYPES[kind.rstrip("?")], nullable=kind.endswith("?"))
