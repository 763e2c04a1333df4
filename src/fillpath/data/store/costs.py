"""The tables of what orders cost: which orders have news, what is known of them, and the results."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Table, delete, func, literal, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fillpath.core.costs import MOST_QUOTES, CostNews, CostStory, OrderCostRow
from fillpath.core.models import Quote
from fillpath.core.rows import DecisionRow, FillRow, OrderRow, QualityRow, SignalRow
from fillpath.data.store import schema
from fillpath.data.store.engines import transaction
from fillpath.data.store.listing import row_from
from fillpath.data.store.writing import add

_GIVEN_UP: Final = "UNFILLED"


class CostTables:
    """Reads what costs are made of, and keeps what they come to.

    Every call raises ``Unavailable`` when the database cannot be reached.

    Args:
        engine: the database.
        account: whose orders.
    """

    def __init__(self, engine: AsyncEngine, account: str) -> None:
        self._engine = engine
        self._account = account

    async def news(self, now: datetime, most: int) -> CostNews:
        """Return whose costs are to be made anew.

        Args:
            now: figures that are due by then become known.
            most: parents at most.
        """
        async with transaction(self._engine, writes=False) as connection:
            applied = await self._cursor(connection, schema.projection_cursor)
            followed = await self._cursor(connection, schema.order_costs_cursor)
            changed = []
            if applied > followed:
                changed = await self._changed(connection, followed)
            due = await self._due(connection, now, most)
        taken = sorted(changed, key=lambda item: item[1])[:most]
        through = applied if len(taken) == len(changed) else taken[-1][1]
        names = dict.fromkeys((*(name for name, _ in taken), *due))
        return CostNews(tuple(names), max(through, followed))

    async def stories(self, parents: Sequence[str]) -> list[CostStory]:
        """Return what was written down about the parents that sent any order."""
        async with transaction(self._engine, writes=False) as connection:
            orders = await self._of_parents(connection, schema.orders, parents)
            fills = await self._of_parents(connection, schema.fills, parents)
            measured = await self._of_parents(connection, schema.execution_quality, parents)
            names = {*parents, *(str(row["order_id"]) for row in orders)}
            decisions = await self._rows(
                connection, schema.risk_decisions, schema.risk_decisions.c.order_id.in_(names)
            )
            spoken = {row["signal_id"] for row in orders if row["signal_id"]}
            signals = await self._rows(
                connection, schema.signals, schema.signals.c.signal_id.in_(spoken)
            )
        found = _Found(orders, fills, measured, decisions, signals)
        return [story for parent in parents if (story := found.story(parent)) is not None]

    async def quotes(self, symbol: str, since: datetime, until: datetime) -> list[Quote]:
        """Return what the tape holds of a symbol, oldest first."""
        return await quotes(self._engine, symbol, since, until)

    async def save(
        self, parents: Sequence[str], rows: Iterable[OrderCostRow], through: int
    ) -> None:
        """Replace what the parents and their slices cost, and remember how far this came.

        All in one transaction. Where the tables were cleared meanwhile nothing is stored.
        """
        table = schema.order_costs
        values = [{"account": self._account, **msgspec.structs.asdict(row)} for row in rows]
        async with transaction(self._engine, writes=True) as connection:
            if await self._cursor(connection, schema.projection_cursor) < through:
                return
            of_parents = or_(table.c.order_id.in_(parents), table.c.parent_order_id.in_(parents))
            await connection.execute(
                delete(table).where(table.c.account == self._account, of_parents)
            )
            if values:
                await connection.execute(table.insert(), values)
            await self._move(connection, through)

    async def clear(self) -> None:
        """Forget every cost, so that all of them are made anew."""
        async with transaction(self._engine, writes=True) as connection:
            for table in (schema.order_costs, schema.order_costs_cursor):
                await connection.execute(delete(table).where(table.c.account == self._account))

    async def _move(self, connection: AsyncConnection, through: int) -> None:
        table = schema.order_costs_cursor
        start = add(table, connection.dialect.name)
        await connection.execute(start, {"account": self._account, "applied": -1})
        moved = update(table).where(table.c.account == self._account).values(applied=through)
        await connection.execute(moved)

    async def _cursor(self, connection: AsyncConnection, table: Table) -> int:
        asked = select(table.c.applied).where(table.c.account == self._account)
        found = (await connection.execute(asked)).scalar()
        return -1 if found is None else int(found)

    async def _changed(self, connection: AsyncConnection, after: int) -> list[tuple[str, int]]:
        """Return parents with rows of records after a number, and their newest record."""
        asked = [
            select(
                func.coalesce(table.c.parent_order_id, table.c.order_id).label("parent"),
                table.c.sequence.label("sequence"),
            ).where(table.c.account == self._account, table.c.sequence > after)
            for table in (schema.orders, schema.fills)
        ]
        told = schema.risk_decisions
        given_up = select(told.c.order_id.label("parent"), told.c.sequence.label("sequence")).where(
            told.c.account == self._account,
            told.c.sequence > after,
            told.c.outcome == literal(_GIVEN_UP),
        )
        every = union_all(*asked, given_up).subquery()
        newest = select(every.c.parent, func.max(every.c.sequence)).group_by(every.c.parent)
        return [(str(name), int(number)) for name, number in await connection.execute(newest)]

    async def _due(self, connection: AsyncConnection, now: datetime, most: int) -> list[str]:
        table = schema.order_costs
        parent = func.coalesce(table.c.parent_order_id, table.c.order_id)
        asked = (
            select(parent)
            .where(table.c.account == self._account, table.c.due_at <= now)
            .order_by(table.c.due_at)
            .limit(most)
        )
        return [str(name) for name in (await connection.execute(asked)).scalars()]

    async def _of_parents(
        self, connection: AsyncConnection, table: Table, parents: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        mine = or_(table.c.order_id.in_(parents), table.c.parent_order_id.in_(parents))
        return await self._rows(connection, table, mine)

    async def _rows(
        self, connection: AsyncConnection, table: Table, condition: Any
    ) -> list[Mapping[str, Any]]:
        asked = (
            select(table)
            .where(table.c.account == self._account, condition)
            .order_by(*table.primary_key)
        )
        return [dict(row) for row in (await connection.execute(asked)).mappings()]


class _Found(Struct, frozen=True):
    """Rows of many parents, as the tables gave them."""

    orders: Sequence[Mapping[str, Any]]
    fills: Sequence[Mapping[str, Any]]
    measured: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    signals: Sequence[Mapping[str, Any]]

    def story(self, parent: str) -> CostStory | None:
        """Return what is known of one parent, None when it sent no order."""
        orders = _behind(self.orders, parent)
        if not orders:
            return None
        names = {parent, *(row["order_id"] for row in orders)}
        fills = _behind(self.fills, parent)
        decisions = [row for row in self.decisions if row["order_id"] in names]
        heard = [
            row_from(SignalRow, row)
            for row in self.signals
            if row["signal_id"] == orders[0]["signal_id"]
            and row["strategy_name"] == orders[0]["strategy_name"]
        ]
        return CostStory(
            parent_id=parent,
            orders=[row_from(OrderRow, row) for row in orders],
            fills=[row_from(FillRow, row) for row in fills],
            decisions=[row_from(DecisionRow, row) for row in decisions],
            quality=[row_from(QualityRow, row) for row in _behind(self.measured, parent)],
            signal=heard[0] if heard else None,
            sequence=max(int(row["sequence"]) for row in (*orders, *fills, *decisions)),
        )


def _behind(rows: Sequence[Mapping[str, Any]], parent: str) -> list[Mapping[str, Any]]:
    return [row for row in rows if parent in {row["order_id"], row["parent_order_id"]}]


async def quotes(
    engine: AsyncEngine, symbol: str, since: datetime, until: datetime, most: int = MOST_QUOTES
) -> list[Quote]:
    """Return what the tape holds of a symbol from ``since`` up to ``until``, oldest first."""
    table = schema.quotes
    asked = (
        select(table)
        .where(table.c.symbol == symbol, table.c.ts >= since, table.c.ts <= until)
        .order_by(table.c.ts)
        .limit(most)
    )
    async with transaction(engine, writes=False) as connection:
        found = [dict(row) for row in (await connection.execute(asked)).mappings()]
    return [row_from(Quote, values) for values in found]
