"""The tables, defined once: a column for every field of a row, under the same name.

``sequence`` and ``row_index`` name the journal record that a row comes from and its place among the
rows of that record; together with the account they are the event id that messages carry too.
A time-series table has its time in the key, because TimescaleDB allows no other unique key.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)
from sqlalchemy.types import TypeEngine

from fillpath.core.costs import OrderCostRow
from fillpath.core.models import Quote
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    OrderRow,
    PositionRow,
    QualityRow,
    SignalRow,
    SnapshotRow,
)
from fillpath.data.store.columns import Exact, Moment, Plain, Words

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _parts(annotation: Any) -> tuple[type, bool]:
    """Return the plain type behind an annotation, and whether None is allowed."""
    if get_origin(annotation) in {Union, UnionType}:
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        return get_origin(kinds[0]) or kinds[0], True
    return get_origin(annotation) or annotation, False


def _type(kind: type) -> TypeEngine[Any]:
    """Return the column type of a field; the first that fits."""
    if issubclass(kind, bool):
        return Boolean()
    if issubclass(kind, str):
        return Words()
    if issubclass(kind, int):
        return BigInteger()
    if issubclass(kind, Decimal):
        return Exact()
    return Moment() if issubclass(kind, datetime) else Plain()


def _columns(row: type[msgspec.Struct], optional: frozenset[str]) -> list[Column[Any]]:
    columns = []
    for item in msgspec.structs.fields(row):
        kind, nullable = _parts(item.type)
        nullable = nullable or item.name in optional
        columns.append(Column(item.name, _type(kind), nullable=nullable))
    return columns


def _table(
    name: str,
    row: type[msgspec.Struct],
    key: tuple[str, ...],
    indexes: tuple[tuple[str, ...], ...] = (),
    optional: frozenset[str] = frozenset(),
) -> Table:
    """Return the table of a kind of row, keyed by account and ``key``."""
    return Table(
        name,
        metadata,
        Column("account", Words(), nullable=False),
        *_columns(row, optional),
        Column("sequence", BigInteger(), nullable="sequence" in optional),
        Column("row_index", BigInteger(), nullable="sequence" in optional),
        PrimaryKeyConstraint("account", *key),
        *(Index(None, "account", *columns) for columns in indexes),
    )


NEWS: Final = ("sequence",)
"""The index by which a reader finds what became new."""

signals: Final = _table(
    "signals",
    SignalRow,
    ("strategy_name", "signal_id"),
    (("received_at", "strategy_name", "signal_id"), NEWS),
)
orders: Final = _table(
    "orders", OrderRow, ("order_id",), (("submitted_at", "order_id"), ("parent_order_id",), NEWS)
)
fills: Final = _table("fills", FillRow, ("fill_id",), (("ts", "fill_id"), ("order_id",), NEWS))
positions: Final = _table("positions", PositionRow, ("symbol",), (NEWS,))
portfolio_snapshots: Final = _table("portfolio_snapshots", SnapshotRow, ("ts", "sequence"), (NEWS,))
execution_quality: Final = _table(
    "execution_quality",
    QualityRow,
    ("order_id", "filled_at"),
    (("filled_at", "order_id"), NEWS),
    # What a measurement handed to ``save_metrics`` does not know.
    optional=frozenset(
        (
            "quantity",
            "notional",
            "first_fill_latency_ms",
            "order_latency_ms",
            "decided_at",
            "sequence",
        )
    ),
)
risk_decisions: Final = _table(
    "risk_decisions", DecisionRow, ("sequence", "row_index"), (("order_id",),)
)
alerts: Final = _table("alerts", AlertRow, ("sequence", "row_index"))
holding_changes: Final = _table("holding_changes", HoldingChangeRow, ("sequence", "row_index"))
projection_cursor: Final = Table(
    "projection_cursor",
    metadata,
    Column("account", Words(), nullable=False),
    Column("applied", BigInteger(), nullable=False),
    PrimaryKeyConstraint("account"),
)
quotes: Final = Table(
    "quotes",
    metadata,
    *(
        Column(column.name, column.type, nullable=column.nullable and column.name != "ts")
        for column in _columns(Quote, frozenset())
    ),
    PrimaryKeyConstraint("symbol", "ts"),
)

order_costs: Final = Table(
    "order_costs",
    metadata,
    Column("account", Words(), nullable=False),
    *_columns(OrderCostRow, frozenset()),
    PrimaryKeyConstraint("account", "order_id"),
    Index(None, "account", "released_at", "order_id"),
    Index(None, "account", "parent_order_id"),
    Index(None, "account", "due_at"),
)
order_costs_cursor: Final = Table(
    "order_costs_cursor",
    metadata,
    Column("account", Words(), nullable=False),
    Column("applied", BigInteger(), nullable=False),
    PrimaryKeyConstraint("account"),
)

PROJECTED: Final[Mapping[type[msgspec.Struct], Table]] = {
    SignalRow: signals,
    OrderRow: orders,
    FillRow: fills,
    PositionRow: positions,
    SnapshotRow: portfolio_snapshots,
    QualityRow: execution_quality,
    DecisionRow: risk_decisions,
    AlertRow: alerts,
    HoldingChangeRow: holding_changes,
}
"""The table of each kind of row that the journal gives."""
TABLES: Final[Mapping[type[msgspec.Struct], Table]] = {**PROJECTED, OrderCostRow: order_costs}
"""The table of each kind of row."""


def _kept(name: str) -> Table:
    """Return the table that keeps the aggregates of measurements that were let go."""
    return Table(
        name,
        metadata,
        Column("account", Words(), nullable=False),
        Column("route", Words(), nullable=False),
        Column("symbol", Words(), nullable=False),
        Column("bucket", Moment(), nullable=False),
        Column("n", BigInteger(), nullable=False),
        *(Column(name, Double(), nullable=True) for name in STATISTICS),
        PrimaryKeyConstraint("account", "route", "symbol", "bucket"),
    )


STATISTICS: Final = (
    "mean_slippage_bps",
    "median_slippage_bps",
    "max_slippage_bps",
    "mean_arrival_slippage_bps",
    "mean_fill_latency_ms",
    "max_fill_latency_ms",
    "notional",
)
"""The statistics of a day or week of measurements; floats, as statistics may be."""

execution_quality_daily_kept: Final = _kept("execution_quality_daily_kept")
execution_quality_weekly_kept: Final = _kept("execution_quality_weekly_kept")
