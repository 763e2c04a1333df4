"""Read the tables: what the API, the status command and reports show."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import Select, func, or_, select
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from fillpath.core.costs import CostFigure, MarkoutFigure, OrderCostRow, OrderTimes
from fillpath.core.errors import ModelError
from fillpath.core.listings import Mark
from fillpath.core.models import ExecutionQualityMetrics, Quote
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
from fillpath.data.store import furnishing, schema, views
from fillpath.data.store.costs import quotes
from fillpath.data.store.engines import address, connect, transaction
from fillpath.data.store.listing import (
    EVERYTHING,
    MOST_ROWS,
    ORDERED_BY,
    OrderStory,
    Page,
    QualityBucket,
    Wanted,
    conditions,
    page_of,
    place_of,
    row_from,
)

R = TypeVar("R", bound=Struct)


class SqlReader:
    """Read the projections in the tables of a database; whoever only shows them needs no more.

    Every call raises ``Unavailable`` when the database cannot be reached, and ``ModelError`` when
    it is asked for what a table has not.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``.

    Raises:
        ConfigError: the address is of no known database, or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url: URL = address(url)
        self.engine: AsyncEngine = connect(self.url)

    async def page(
        self,
        kind: type[R],
        account: str,
        wanted: Wanted = EVERYTHING,
        *,
        limit: int = 100,
        after: str = "",
    ) -> Page[R]:
        """Return rows of one kind, newest first.

        Args:
            kind: any row but ``PositionRow``.
            account: whose.
            wanted: which.
            limit: rows at most, from 1 to 1,000.
            after: where the page before ended.
        """
        found = await self._found(page_of(kind, account, wanted, limit, after))
        rows = [row_from(kind, values) for values in found[:limit]]
        return Page(rows, place_of(kind, found[limit - 1]) if len(found) > limit else "")

    async def orders(self, account: str, wanted: Wanted = EVERYTHING) -> list[OrderRow]:
        """Return the newest 100 orders."""
        return (await self.page(OrderRow, account, wanted)).rows

    async def fills(self, account: str, wanted: Wanted = EVERYTHING) -> list[FillRow]:
        """Return the newest 100 executions."""
        return (await self.page(FillRow, account, wanted)).rows

    async def signals(self, account: str, wanted: Wanted = EVERYTHING) -> list[SignalRow]:
        """Return the newest 100 signals."""
        return (await self.page(SignalRow, account, wanted)).rows

    async def alerts(self, account: str, wanted: Wanted = EVERYTHING) -> list[AlertRow]:
        """Return the newest 100 alerts."""
        return (await self.page(AlertRow, account, wanted)).rows

    async def quality(self, account: str, wanted: Wanted = EVERYTHING) -> list[QualityRow]:
        """Return the newest 100 measurements of an account that has a journal."""
        return (await self.page(QualityRow, account, wanted)).rows

    async def positions(self, account: str) -> list[PositionRow]:
        """Return every position that was ever held, by symbol; a closed one has quantity 0."""
        table = schema.positions
        asked = select(table).where(table.c.account == account).order_by(table.c.symbol)
        return [row_from(PositionRow, values) for values in await self._found(asked)]

    async def latest_snapshot(self, account: str) -> SnapshotRow | None:
        """Return the account as it was last, None when nothing is known of it."""
        rows = (await self.page(SnapshotRow, account, limit=1)).rows
        return rows[0] if rows else None

    async def order(self, account: str, order_id: str) -> OrderStory | None:
        """Return everything known of an order, None when nothing is."""
        table = schema.orders
        asked = select(table).where(
            table.c.account == account,
            or_(table.c.order_id == order_id, table.c.parent_order_id == order_id),
        )
        newest = [table.c[name].desc() for name in ORDERED_BY[OrderRow]]
        rows = [
            row_from(OrderRow, values)
            for values in await self._found(asked.order_by(*newest).limit(MOST_ROWS))
        ]
        names = [order_id, *(row.order_id for row in rows if row.order_id != order_id)]
        decisions = await self._about(DecisionRow, account, names)
        if not rows and not decisions:
            return None
        return OrderStory(
            order=next((row for row in rows if row.order_id == order_id), None),
            children=[row for row in rows if row.order_id != order_id],
            fills=await self._about(FillRow, account, names),
            decisions=decisions,
            signal=await self._behind(account, rows, decisions),
            quality=await self._about(QualityRow, account, names),
        )

    async def _behind(
        self, account: str, orders: Sequence[OrderRow], decisions: Sequence[DecisionRow]
    ) -> SignalRow | None:
        """Return the signal behind orders, None where the tables have none."""
        known: list[OrderRow | DecisionRow] = [*orders, *decisions]
        named = next((one for one in known if one.signal_id), None)
        if named is None:
            return None
        wanted = Wanted(strategy_name=named.strategy_name, signal_id=named.signal_id)
        found = (await self.page(SignalRow, account, wanted, limit=1)).rows
        return found[0] if found else None

    async def applied(self, account: str) -> int:
        """Return the last journal record whose rows are all stored, -1 for none."""
        table = schema.projection_cursor
        found = await self._found(select(table.c.applied).where(table.c.account == account))
        return int(found[0]["applied"]) if found else -1

    async def tier(self) -> str:
        """Return what the tables stand on, such as ``sqlite 3.40.1``."""
        async with transaction(self.engine, writes=False) as connection:
            return (await connection.run_sync(furnishing.tier)).told()

    async def quality_by_day(
        self, account: str, wanted: Wanted = EVERYTHING
    ) -> list[QualityBucket]:
        """Return the daily statistics, newest first; ask for symbol, route, since and until."""
        return await self._buckets(views.DAILY, account, wanted)

    async def quality_by_week(
        self, account: str, wanted: Wanted = EVERYTHING
    ) -> list[QualityBucket]:
        """Return the weekly statistics, newest first; ask for symbol, route, since and until."""
        return await self._buckets(views.WEEKLY, account, wanted)

    async def costs(self, account: str, wanted: Wanted = EVERYTHING) -> list[OrderCostRow]:
        """Return what the newest 100 orders cost, slices among them."""
        return (await self.page(OrderCostRow, account, wanted)).rows

    async def costs_of(self, account: str, order_id: str) -> list[OrderCostRow]:
        """Return what an order cost, and each of its slices, in the order of their release."""
        table = schema.order_costs
        asked = select(table).where(
            table.c.account == account,
            or_(table.c.order_id == order_id, table.c.parent_order_id == order_id),
        )
        found = await self._found(asked.order_by(table.c.released_at, table.c.order_id))
        return [row_from(OrderCostRow, values) for values in found]

    async def cost_figures(
        self, account: str, wanted: Wanted = EVERYTHING, measure: str = "arrival_bps"
    ) -> list[CostFigure]:
        """Return what every parent order with a fill cost, oldest first, for summaries.

        Args:
            account: whose.
            wanted: which.
            measure: the column of ``order_costs`` that is the cost, such as ``decision_bps``; or
                ``slippage_bps``, the cost against the expected price.
        """
        table, measured = schema.order_costs, schema.execution_quality
        known = measured.c if measure == "slippage_bps" else table.c
        if not measure.endswith("_bps") or measure not in known:
            raise ModelError(f"measure must be a column of costs that ends in _bps, got {measure}")
        columns = [table.c[name] for name in CostFigure.__struct_fields__ if name != "cost_bps"]
        asked = select(*columns, known[measure].label("cost_bps")).where(
            table.c.account == account,
            table.c.parent_order_id.is_(None),
            table.c.last_fill_at.is_not(None),
        )
        if known is not table.c:
            same = (measured.c.account == table.c.account) & (
                measured.c.order_id == table.c.order_id
            )
            asked = asked.select_from(table.outerjoin(measured, same))
        return await self._released(CostFigure, asked, wanted)

    async def markout_figures(
        self, account: str, wanted: Wanted = EVERYTHING
    ) -> list[MarkoutFigure]:
        """Return where prices went after the fills of every parent order, oldest first."""
        table = schema.order_costs
        columns = [table.c[name] for name in MarkoutFigure.__struct_fields__]
        asked = select(*columns).where(
            table.c.account == account,
            table.c.parent_order_id.is_(None),
            table.c.last_fill_at.is_not(None),
        )
        return await self._released(MarkoutFigure, asked, wanted)

    async def order_times(self, account: str, wanted: Wanted = EVERYTHING) -> list[OrderTimes]:
        """Return when every order that was sent reached each stage, oldest first."""
        table = schema.order_costs
        columns = [table.c[name] for name in OrderTimes.__struct_fields__]
        asked = select(*columns).where(table.c.account == account, table.c.slices == 0)
        return await self._released(OrderTimes, asked, wanted)

    async def quotes(self, symbol: str, since: datetime, until: datetime) -> list[Quote]:
        """Return what the tape holds of a symbol, oldest first; nothing where none was kept."""
        return await quotes(self.engine, symbol, since, until)

    async def last_mids(self, symbols: Iterable[str]) -> dict[str, Mark]:
        """Return the newest mid that the tape has of each symbol; none where it has none."""
        table = schema.quotes
        found: dict[str, Mark] = {}
        for symbol in sorted(symbols):
            newest = (
                select(table)
                .where(
                    table.c.symbol == symbol,
                    table.c.bid_price.is_not(None),
                    table.c.ask_price.is_not(None),
                )
                .order_by(table.c.ts.desc())
                .limit(1)
            )
            for values in await self._found(newest):
                quote = row_from(Quote, values)
                if quote.mid_price is not None and quote.ts is not None:
                    found[symbol] = Mark(quote.mid_price, quote.ts)
        return found

    async def parent_costs(self, account: str, wanted: Wanted = EVERYTHING) -> list[OrderCostRow]:
        """Return what every parent order cost, oldest first, for reports."""
        table = schema.order_costs
        asked = select(table).where(table.c.account == account, table.c.parent_order_id.is_(None))
        return await self._released(OrderCostRow, asked, wanted)

    async def lot_inputs(self, account: str) -> tuple[list[FillRow], list[HoldingChangeRow]]:
        """Return every execution and everything else that changed positions, oldest first."""
        fills, changes = schema.fills, schema.holding_changes
        executed = select(fills).where(fills.c.account == account)
        changed = select(changes).where(changes.c.account == account)
        first = await self._found(executed.order_by(fills.c.ts, fills.c.sequence, fills.c.fill_id))
        then = await self._found(changed.order_by(changes.c.sequence, changes.c.row_index))
        return (
            [row_from(FillRow, values) for values in first],
            [row_from(HoldingChangeRow, values) for values in then],
        )

    async def _released(self, kind: type[R], asked: Select[Any], wanted: Wanted) -> list[R]:
        table = schema.order_costs
        for condition in conditions(table, "released_at", wanted):
            asked = asked.where(condition)
        found = await self._found(asked.order_by(table.c.released_at, table.c.order_id))
        return [row_from(kind, values) for values in found]

    async def metrics(self, account: str, order_id: str) -> ExecutionQualityMetrics | None:
        """Return the measurement of one order, also of one that was measured by hand."""
        table = schema.execution_quality
        asked = select(
            *(column for column in table.c if column.name != "route"),
            func.nullif(table.c.route, "").label("route"),
            table.c.signal_at.label("signal_timestamp"),
            table.c.filled_at.label("fill_timestamp"),
        ).where(table.c.account == account, table.c.order_id == order_id)
        found = await self._found(asked)
        return row_from(ExecutionQualityMetrics, found[0]) if found else None

    async def all_rows(self, kind: type[R], account: str) -> list[R]:
        """Return every row of one kind in the order of its key, to compare two stores."""
        table = schema.TABLES[kind]
        asked = select(table).where(table.c.account == account).order_by(*table.primary_key)
        return [row_from(kind, values) for values in await self._found(asked)]

    async def close(self) -> None:
        """Let go of it; closing twice is harmless."""
        await self.engine.dispose()

    async def _about(self, kind: type[R], account: str, orders: Sequence[str]) -> list[R]:
        """Return the rows about any of the orders, newest first."""
        table = schema.TABLES[kind]
        asked = select(table).where(table.c.account == account, table.c.order_id.in_(orders))
        newest = [table.c[name].desc() for name in ORDERED_BY[kind]]
        found = await self._found(asked.order_by(*newest).limit(MOST_ROWS))
        return [row_from(kind, values) for values in found]

    async def _buckets(self, view: str, account: str, wanted: Wanted) -> list[QualityBucket]:
        asked = views.asked(view, account, wanted)
        return [row_from(QualityBucket, values) for values in await self._found(asked)]

    async def _found(self, asked: Select[Any]) -> list[Any]:
        async with transaction(self.engine, writes=False) as connection:
            return list((await connection.execute(asked)).mappings())
