"""What can be asked of the tables, and the rows and pages that come back."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, Column, Select, Table, literal, select, tuple_

from fillpath.core.errors import ModelError
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    OrderRow,
    QualityRow,
    SignalRow,
    SnapshotRow,
)
from fillpath.data.store import schema
from fillpath.data.store.columns import Moment

R = TypeVar("R", bound=Struct)

MOST_ROWS: Final = 1_000
"""Rows of one page at most."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which rows of a table; None leaves a condition out.

    Args:
        symbol: ticker.
        strategy_name: the strategy behind it.
        status: of orders.
        outcome: of signals and decisions.
        code: of alerts.
        route: of orders and measurements.
        order_id: of orders, fills, decisions, measurements and alerts.
        parent_order_id: of slices and their fills.
        signal_id: of signals, orders, fills and decisions.
        since: no row before this moment, aware.
        until: only rows before this moment, aware.
    """

    symbol: str | None = None
    strategy_name: str | None = None
    status: str | None = None
    outcome: str | None = None
    code: str | None = None
    route: str | None = None
    order_id: str | None = None
    parent_order_id: str | None = None
    signal_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING: Final = Wanted()


class Page(Struct, Generic[R], frozen=True):
    """Some rows, newest first, and where the next ones begin.

    Args:
        rows: the rows.
        after: hand it in for the page that follows; empty when this was the last.
    """

    rows: list[R]
    after: str = ""


class OrderStory(Struct, frozen=True, kw_only=True):
    """Everything that is known of an order.

    Args:
        order: as it stands; None for a parent of which only the slices were sent.
        children: its slices, newest first.
        fills: its executions and those of its slices, newest first.
        decisions: why it was made, changed or refused, and its slices with it, newest first.
    """

    order: OrderRow | None
    children: list[OrderRow]
    fills: list[FillRow]
    decisions: list[DecisionRow]


class QualityBucket(Struct, frozen=True, kw_only=True):
    """The measurements of a day or week, account, route and symbol; statistics are floats.

    Args:
        account: whose orders.
        route: the row of the routing table.
        symbol: ticker.
        bucket: its first moment in UTC; weeks begin on Monday.
        n: orders measured.
        mean_slippage_bps: average cost against the expected price; positive is a cost.
        median_slippage_bps: the middle one.
        max_slippage_bps: the worst one.
        mean_arrival_slippage_bps: average cost against the signal price; None without any.
        mean_fill_latency_ms: average time from signal to last fill.
        max_fill_latency_ms: the longest one.
        notional: account currency traded; None when no measurement knew it.
    """

    account: str
    route: str
    symbol: str
    bucket: datetime
    n: int
    mean_slippage_bps: float
    median_slippage_bps: float
    max_slippage_bps: float
    mean_arrival_slippage_bps: float | None
    mean_fill_latency_ms: float
    max_fill_latency_ms: float
    notional: float | None


ORDERED_BY: Final[Mapping[type[Struct], tuple[str, ...]]] = MappingProxyType(
    {
        SignalRow: ("received_at", "strategy_name", "signal_id"),
        OrderRow: ("submitted_at", "order_id"),
        FillRow: ("ts", "fill_id"),
        SnapshotRow: ("ts", "sequence"),
        QualityRow: ("filled_at", "order_id"),
        DecisionRow: ("sequence", "row_index"),
        AlertRow: ("sequence", "row_index"),
    }
)
"""The columns that put the rows of a kind in order; no two rows share them."""

TIME_OF: Final[Mapping[type[Struct], str]] = MappingProxyType(
    {
        SignalRow: "received_at",
        OrderRow: "submitted_at",
        FillRow: "ts",
        SnapshotRow: "ts",
        QualityRow: "filled_at",
        DecisionRow: "ts",
        AlertRow: "ts",
    }
)
"""The column that ``since`` and ``until`` are about."""


def page_of(
    kind: type[Struct], account: str, wanted: Wanted, limit: int, after: str
) -> Select[Any]:
    """Return the SELECT of one page, with one row more than asked to see whether others follow.

    Raises:
        ModelError: the table has no such column, the limit is out of range, or ``after`` is not
            what a page gave.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise ModelError(f"limit must be from 1 to {MOST_ROWS}, got {limit}")
    table = schema.PROJECTED[kind]
    columns = [table.c[name] for name in ORDERED_BY[kind]]
    asked = select(table).where(table.c.account == account)
    for condition in conditions(table, TIME_OF[kind], wanted):
        asked = asked.where(condition)
    if after:
        asked = asked.where(tuple_(*columns) < tuple_(*_place(after, columns)))
    return asked.order_by(*(column.desc() for column in columns)).limit(limit + 1)


def conditions(table: Table, time: str, wanted: Wanted) -> list[Any]:
    """Return the conditions on a table whose rows have their time in the column ``time``.

    Raises:
        ModelError: the table has no such column.
    """
    found = []
    for name, value in msgspec.structs.asdict(wanted).items():
        if value is None:
            continue
        if name == "since":
            found.append(table.c[time] >= value)
        elif name == "until":
            found.append(table.c[time] < value)
        elif name in table.c:
            found.append(table.c[name] == value)
        else:
            raise ModelError(f"{table.name} cannot be asked for {name}")
    return found


def _place(after: str, columns: list[Column[Any]]) -> list[Any]:
    """Return the values that the columns had in the last row of a page."""
    kinds = tuple(_kind(column) for column in columns)
    try:
        values = msgspec.json.decode(after, type=tuple[kinds])  # type: ignore[valid-type]  # of columns
    except msgspec.MsgspecError:
        raise ModelError(f"after must be what a page gave, got {after!r}") from None
    return [literal(value, column.type) for value, column in zip(values, columns, strict=True)]


def _kind(column: Column[Any]) -> type:
    if isinstance(column.type, Moment):
        return datetime
    return int if isinstance(column.type, BigInteger) else str


def place_of(kind: type[Struct], found: Mapping[str, Any]) -> str:
    """Return the place of a row, for the page that follows it."""
    return msgspec.json.encode([found[name] for name in ORDERED_BY[kind]]).decode()


def row_from(kind: type[R], found: Mapping[str, Any]) -> R:
    """Return the row that was stored."""
    # A column name may be of a kind of text of its own, which msgspec does not take as a key.
    return msgspec.convert({str(name): value for name, value in found.items()}, kind)
