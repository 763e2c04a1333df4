"""The store on SQL: SQLite by default, PostgreSQL and TimescaleDB by address, one code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fillpath.core.errors import Unavailable
from fillpath.core.models import ExecutionQualityMetrics, Quote
from fillpath.core.rows import Projected
from fillpath.data.store import furnishing, migrating, schema
from fillpath.data.store.engines import folder_of, transaction, translated
from fillpath.data.store.folding import Values, folded
from fillpath.data.store.reader import SqlReader
from fillpath.data.store.tiers import KEEP_ALL, Retention
from fillpath.data.store.writing import (
    add,
    cursor,
    forget,
    move_cursor,
    store_batch,
    store_quality,
)

MEASURED_BY_HAND: Final = "manual"
"""The account of measurements that come from no journal; a rebuild never touches them."""


class SqlStore(SqlReader):
    """Keep the projections in the tables of a database.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``.
        metrics_account: under which account ``save_metrics`` stores.
        retention: after how many days rows are let go; by default never.

    Raises:
        ConfigError: the address is of no known database, or its driver is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        metrics_account: str = MEASURED_BY_HAND,
        retention: Retention = KEEP_ALL,
    ) -> None:
        super().__init__(url)
        self._retention = retention
        self._metrics_account = metrics_account
        self._reached: dict[str, int] = {}

    async def start(self) -> None:
        """Connect and bring the tables to the version of this program; once, whoever is first.

        Raises:
            Unavailable: it cannot be reached.
            ConfigError: its tables are of a newer version; nothing was changed.
        """
        folder = folder_of(self.url)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        async with transaction(self.engine, writes=True) as connection:
            await connection.run_sync(migrating.lock)
            if not await connection.run_sync(migrating.is_current):
                await connection.run_sync(furnishing.clear)
                await connection.run_sync(migrating.upgrade)
            await connection.run_sync(furnishing.furnish, self._retention)

    async def applied(self, account: str) -> int:
        """Return the number of the last journal record whose rows are all stored, -1 for none."""
        table = schema.projection_cursor
        asked = table.select().where(table.c.account == account)
        async with transaction(self.engine, writes=False) as connection:
            found = (await connection.execute(asked)).first()
        self._reached[account] = -1 if found is None else int(found.applied)
        return self._reached[account]

    async def apply(self, account: str, rows: Sequence[Projected], through: int) -> None:
        """Store rows and move ``applied`` to ``through`` in one transaction.

        Rows of records at or before ``applied`` are skipped, so that a repeat changes nothing.

        Raises:
            Unavailable: the store cannot be reached, or somebody cleared or restored the tables
                meanwhile, so that rows would be missing: ask for ``applied`` and go on from there.
        """
        assert all(row.sequence <= through for row in rows), "rows come from records up to through"
        async with transaction(self.engine, writes=True) as connection:
            applied = await cursor(connection, account)
            if applied < self._reached.get(account, -1):
                raise Unavailable(
                    f"the tables of {account} went back from record {self._reached[account]} to "
                    f"{applied}: they were cleared or restored, and are fed again"
                )
            if through > applied:
                await store_batch(connection, folded(account, rows, applied))
                await move_cursor(connection, account, through)
        self._reached[account] = max(applied, through)

    async def clear(self, account: str) -> None:
        """Forget every row of the account, and that any was applied, in one transaction."""
        async with transaction(self.engine, writes=True) as connection:
            await cursor(connection, account)
            await forget(connection, account)
        self._reached[account] = -1

    async def save_metrics(self, metrics: ExecutionQualityMetrics) -> None:
        """Store one measurement; storing the same ``order_id`` again replaces it."""
        async with transaction(self.engine, writes=True) as connection:
            await store_quality(connection, [_measured(self._metrics_account, metrics)])

    async def save_quotes(self, quotes: Sequence[Quote]) -> None:
        """Store quotes that have a time; the first of a symbol and a moment stays."""
        values = [
            {name: getattr(quote, name) for name in schema.quotes.c.keys()}  # noqa: SIM118  # names
            for quote in quotes
            if quote.ts is not None
        ]
        if values:
            async with transaction(self.engine, writes=True) as connection:
                await connection.execute(add(schema.quotes, connection.dialect.name), values)

    async def upkeep(self, now: datetime) -> None:
        """Let rows go that are older than the retention, and keep the aggregates of measurements.

        Call it once a day; on the Timescale build of TimescaleDB policies do it, and this nothing.
        """
        async with transaction(self.engine, writes=True) as connection:
            await connection.run_sync(furnishing.let_go, self._retention, now)

    async def refresh(self) -> None:
        """Compute the aggregates of all that is stored again, where the database keeps them."""
        if self.url.get_backend_name() == "sqlite":
            return
        with translated(self.url):
            async with self.engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.run_sync(furnishing.aggregate_again, self._retention)


def _measured(account: str, metrics: ExecutionQualityMetrics) -> Values:
    """Return the columns of a measurement that comes from no journal."""
    quantity = metrics.quantity
    return dict.fromkeys(schema.execution_quality.c.keys()) | {
        "account": account,
        "order_id": metrics.order_id,
        "symbol": metrics.symbol,
        "side": metrics.side,
        "route": metrics.route or "",
        "strategy_name": metrics.strategy_name,
        "quantity": quantity,
        "notional": None if quantity is None else quantity * metrics.filled_price,
        "filled_price": metrics.filled_price,
        "expected_price": metrics.expected_price,
        "signal_price": metrics.signal_price,
        "slippage_bps": metrics.slippage_bps,
        "arrival_slippage_bps": metrics.arrival_slippage_bps,
        "fill_latency_ms": metrics.fill_latency_ms,
        "signal_at": metrics.signal_timestamp,
        "filled_at": metrics.fill_timestamp,
    }
