"""The statements that store a batch; none of them changes anything when it is repeated."""

from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, Table, and_, bindparam, case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    OrderRow,
    PositionRow,
    QualityRow,
    Row,
    SignalRow,
    SnapshotRow,
)
from fillpath.data.store import schema
from fillpath.data.store.folding import Batch, Values

TURN: Final = 100
"""Rows whose values are converted in one turn of the loop."""

_NEWEST_WINS: Final[tuple[type[Row], ...]] = (SignalRow, OrderRow, PositionRow)
_NEVER_TWICE: Final[tuple[type[Row], ...]] = (
    SnapshotRow,
    DecisionRow,
    AlertRow,
    HoldingChangeRow,
)
_OF_ACCOUNT: Final = (
    *schema.TABLES.values(),
    schema.order_costs_cursor,
    schema.execution_quality_daily_kept,
    schema.execution_quality_weekly_kept,
    schema.projection_cursor,
)


def insert_into(table: Table, dialect: str) -> Any:
    """Return an INSERT that knows ON CONFLICT."""
    return sqlite_insert(table) if dialect == "sqlite" else postgresql_insert(table)


@cache
def upsert(table: Table, dialect: str, *, order: tuple[str, ...] = ("sequence",)) -> Executable:
    """Return an INSERT that replaces the row of the same key, unless that one is newer.

    Args:
        table: where to.
        dialect: ``sqlite`` or ``postgresql``.
        order: columns by which a row is newer, the first that differs decides.
    """
    statement = insert_into(table, dialect)
    new = statement.excluded
    keys = {column.name for column in table.primary_key}
    newer: Any = table.c[order[-1]] <= new[order[-1]]
    for name in reversed(order[:-1]):
        newer = or_(table.c[name] < new[name], and_(table.c[name] == new[name], newer))
    values = {column.name: new[column.name] for column in table.c if column.name not in keys}
    done: Executable = statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_=values, where=newer
    )
    return done


@cache
def add(table: Table, dialect: str) -> Executable:
    """Return an INSERT that leaves a row of the same key as it is."""
    done: Executable = insert_into(table, dialect).on_conflict_do_nothing(
        index_elements=list(table.primary_key)
    )
    return done


@cache
def _outcome() -> Executable:
    """Return the UPDATE that says what became of a signal stored before."""
    table = schema.signals
    order_id = bindparam("order_id", type_=table.c.order_id.type)
    return (
        update(table)
        .where(
            table.c.account == bindparam("of_account"),
            table.c.strategy_name == bindparam("of_strategy"),
            table.c.signal_id == bindparam("of_signal"),
            table.c.sequence <= bindparam("at_sequence"),
        )
        .values(
            outcome=bindparam("outcome"),
            reason=bindparam("reason"),
            text=bindparam("text"),
            order_id=case((order_id == "", table.c.order_id), else_=order_id),
        )
    )


async def _run(connection: AsyncConnection, statement: Executable, values: list[Values]) -> None:
    """Execute the statement for each row, giving way to other work between the turns."""
    for start in range(0, len(values), TURN):
        await connection.execute(statement, values[start : start + TURN])


async def store_batch(connection: AsyncConnection, batch: Batch) -> None:
    """Store every row of the batch."""
    dialect = connection.dialect.name
    for kind in _NEWEST_WINS:
        await _run(connection, upsert(schema.PROJECTED[kind], dialect), batch.rows(kind))
    for kind in _NEVER_TWICE:
        await _run(connection, add(schema.PROJECTED[kind], dialect), batch.rows(kind))
    by_revision = upsert(schema.fills, dialect, order=("revision", "sequence"))
    await _run(connection, by_revision, batch.rows(FillRow))
    await _run(connection, add(schema.signals, dialect), list(batch.repeats.values()))
    await _run(connection, _outcome(), list(batch.outcomes.values()))
    await store_quality(connection, batch.rows(QualityRow))


async def store_quality(connection: AsyncConnection, values: list[Values]) -> None:
    """Store measurements; one of the same order replaces it, whatever its time.

    The time is part of the key because TimescaleDB wants it there, so the row before has another
    key when a late fill is measured: it goes first.
    """
    table = schema.execution_quality
    gone = delete(table).where(
        table.c.account == bindparam("of_account"), table.c.order_id == bindparam("of_order")
    )
    keys = [{"of_account": row["account"], "of_order": row["order_id"]} for row in values]
    await _run(connection, gone, keys)
    await _run(connection, table.insert(), values)


async def cursor(connection: AsyncConnection, account: str) -> int:
    """Return and lock the number of the last record whose rows are stored, -1 for none."""
    table = schema.projection_cursor
    asked = select(table.c.applied).where(table.c.account == account).with_for_update()
    applied = (await connection.execute(asked)).scalar()
    if applied is None:
        start = add(table, connection.dialect.name)
        await connection.execute(start, {"account": account, "applied": -1})
        applied = (await connection.execute(asked)).scalar_one()
    return int(applied)


async def move_cursor(connection: AsyncConnection, account: str, applied: int) -> None:
    """Set the number of the last record whose rows are stored."""
    table = schema.projection_cursor
    moved = update(table).where(table.c.account == account).values(applied=applied)
    await connection.execute(moved)


async def forget(connection: AsyncConnection, account: str) -> None:
    """Delete every row of the account."""
    for table in _OF_ACCOUNT:
        await connection.execute(delete(table).where(table.c.account == account))
