"""Questions as SELECTs, and rows from what they find; the words are in ``core.listings``."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, Column, Select, Table, literal, or_, select, tuple_

from fillpath.core.costs import OrderCostRow
from fillpath.core.errors import ModelError
from fillpath.core.ids import PROTECTIVE
from fillpath.core.listings import (
    EVERYTHING,
    MOST_ROWS,
    OrderStory,
    Page,
    QualityBucket,
    Wanted,
)
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    OrderRow,
    QualityRow,
    SignalRow,
    SnapshotRow,
)
from fillpath.data.store import schema
from fillpath.data.store.columns import Moment

R = TypeVar("R", bound=Struct)

ORDERED_BY: Final[Mapping[type[Struct], tuple[str, ...]]] = MappingProxyType(
    {
        SignalRow: ("received_at", "strategy_name", "signal_id"),
        OrderRow: ("submitted_at", "order_id"),
        FillRow: ("ts", "fill_id"),
        SnapshotRow: ("ts", "sequence"),
        QualityRow: ("filled_at", "order_id"),
        DecisionRow: ("sequence", "row_index"),
        AlertRow: ("sequence", "row_index"),
        HoldingChangeRow: ("sequence", "row_index"),
        OrderCostRow: ("released_at", "order_id"),
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
        HoldingChangeRow: "ts",
        OrderCostRow: "released_at",
    }
)
"""The column that ``since`` and ``until`` are about."""


SEARCHED: Final = ("symbol", "strategy_name", "order_id", "signal_id", "reason", "text", "code")
"""The columns that a free text is looked for in, where a table has them."""

PARENT: Final = "parent_order_id"


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
    table = schema.TABLES[kind]
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
    found: list[Any] = []
    for name, value in msgspec.structs.asdict(wanted).items():
        if value is None:
            continue
        if name == "since":
            found.append(table.c[time] >= value)
        elif name == "until":
            found.append(table.c[time] < value)
        else:
            found += _about(table, name, value)
    return found


def _about(table: Table, name: str, value: Any) -> list[Any]:
    """Return the conditions on what the rows are about."""
    if name == "text":
        columns = [table.c[searched] for searched in SEARCHED if searched in table.c]
        return [or_(*(column.icontains(value, autoescape=True) for column in columns))]
    if name == "parents_only" and PARENT in table.c:
        protects = table.c.order_id.contains(PROTECTIVE, autoescape=True)
        return [table.c[PARENT].is_(None), ~protects] if value else []
    if name == "orders" and PARENT in table.c:
        return [or_(table.c.order_id.in_(value), table.c[PARENT].in_(value))]
    if name in table.c:
        return [table.c[name] == value]
    raise ModelError(f"{table.name} cannot be asked for {name}")


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


__all__ = [
    "EVERYTHING",
    "MOST_ROWS",
    "ORDERED_BY",
    "TIME_OF",
    "OrderStory",
    "Page",
    "QualityBucket",
    "Wanted",
    "conditions",
    "page_of",
    "place_of",
    "row_from",
]
