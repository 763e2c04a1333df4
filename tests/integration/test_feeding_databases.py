"""Real databases are fed from a real journal, whatever becomes of them meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from fillpath.core.errors import Unavailable
from fillpath.core.rows import OrderRow, Projected, Row
from fillpath.data.codec import Record
from fillpath.data.journal import MemoryJournal
from fillpath.data.store.feeding import Feeder, StoreDestination, rebuild
from fillpath.data.store.folding import folded
from fillpath.data.store.schema import PROJECTED
from fillpath.data.store.sql_store import SqlStore
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.projecting import Projector
from fillpath.runtime.clock import SystemClock
from fillpath.testing.store_contract import KINDS
from tests.integration.trading_records import ACCOUNT, trading_records
from tests.postgres import PostgresServer

RECORDS = trading_records(120)
PATIENCE_SECONDS = 60


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    address: str = request.getfixturevalue("postgres_url")
    return address


@asynccontextmanager
async def started(url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(url)
    await store.start()
    try:
        yield store
    finally:
        await store.close()


def a_journal(records: list[Record]) -> MemoryJournal:
    journal = MemoryJournal()
    for record in records:
        journal.append(record)
    journal.commit()
    return journal


def a_feeder(store: SqlStore, journal: MemoryJournal, batch: int = 50) -> Feeder:
    return Feeder(
        StoreDestination(store, ACCOUNT),
        journal.tail,
        lambda: Projector(DeskPolicy()).take,
        SystemClock(),
        durable=lambda: journal.sequence,
        batch=batch,
    )


def fold_of(records: list[Record]) -> list[Projected]:
    projector = Projector(DeskPolicy())
    return [row for n, record in enumerate(records) for row in projector.take(n, record)]


async def contents(store: SqlStore) -> dict[str, list[Row]]:
    return {PROJECTED[kind].name: list(await store.all_rows(kind, ACCOUNT)) for kind in KINDS}


async def fed(feeder: Feeder, until: Callable[[], bool]) -> None:
    """Step the feeder until it got there."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not until():
            await feeder.step()
            await asyncio.sleep(feeder.wait_seconds)


@pytest.mark.fault("F-10", "F-30")
async def test_the_tables_are_the_fold_of_the_journal(url: str) -> None:
    async with started(url) as store:
        await a_feeder(store, a_journal(RECORDS)).carry_all()

        found = await contents(store)

    at_once = folded(ACCOUNT, fold_of(RECORDS), -1)
    for kind in KINDS:
        assert len(found[PROJECTED[kind].name]) == len(at_once.rows(kind))
    ids = [row.order_id for row in found["orders"] if isinstance(row, OrderRow)]
    assert ids == sorted(str(row["order_id"]) for row in at_once.rows(OrderRow))


@pytest.mark.fault("F-10")
async def test_crashes_between_any_two_batches_change_nothing(url: str) -> None:
    journal = a_journal(RECORDS)
    async with started(url) as store:
        await a_feeder(store, journal).carry_all()
        once = await contents(store)
        await store.clear(ACCOUNT)

        for batch in (1, 7, 30):
            for _ in range(3):
                await a_feeder(store, journal, batch).step()  # and the process dies
        await a_feeder(store, journal).carry_all()

        assert await contents(store) == once


async def test_a_rebuild_gives_what_was_there(url: str) -> None:
    journal = a_journal(RECORDS)
    async with started(url) as store:
        await a_feeder(store, journal).carry_all()
        before = await contents(store)

        await rebuild(store, ACCOUNT, a_feeder(store, journal, 33))

        assert await contents(store) == before
        assert await store.applied(ACCOUNT) == len(RECORDS) - 1


async def test_an_engine_goes_on_feeding_while_somebody_rebuilds(url: str) -> None:
    journal = a_journal(RECORDS)
    async with started(url) as store, started(url) as other:
        live = a_feeder(store, journal)
        await live.carry_all()
        before = await contents(store)
        await other.clear(ACCOUNT)
        await a_feeder(other, journal).step()
        journal.append(RECORDS[1])  # the same signal again: one more record, no other outcome
        journal.commit()

        await fed(live, lambda: live.lag.records == 0)

        after = await contents(store)
    decisions = after.pop("risk_decisions")
    assert len(decisions) == len(before.pop("risk_decisions")) + 1
    assert after == before


@pytest.mark.fault("F-31")
async def test_a_backend_killed_in_the_middle_of_a_batch_leaves_it_whole_or_not_at_all(
    private_postgres: PostgresServer,
) -> None:
    url = private_postgres.fresh_database()
    journal = a_journal(RECORDS)
    async with started(url) as store, started(url) as blocking:
        feeder = a_feeder(store, journal, batch=len(RECORDS) // 2)
        await feeder.step()
        reached = await store.applied(ACCOUNT)
        before = await contents(store)
        async with blocking.engine.connect() as connection:
            await connection.execute(text("LOCK TABLE execution_quality IN EXCLUSIVE MODE"))
            async with asyncio.TaskGroup() as group:
                step = group.create_task(feeder.step())  # stores orders and fills, then waits
                await someone_waits_for_a_lock(blocking)
                assert private_postgres.kill_backends(url) > 1
            await connection.invalidate()
        assert step.result() is False
        assert feeder.lag.problem
        await reachable(store)
        assert (await store.applied(ACCOUNT), await contents(store)) == (reached, before)

        await fed(feeder, lambda: feeder.lag.records == 0)

        assert await contents(store) == await all_at_once(private_postgres)


@pytest.mark.fault("F-30", "F-31")
async def test_a_server_that_stops_at_once_is_caught_up_with_when_it_is_back(
    private_postgres: PostgresServer,
) -> None:
    url = private_postgres.fresh_database()
    journal = a_journal(RECORDS[:40])
    async with started(url) as store:
        feeder = a_feeder(store, journal, batch=10)
        await feeder.step()
        await asyncio.to_thread(private_postgres.die)
        for record in RECORDS[40:]:
            journal.append(record)
        journal.commit()
        await fed(feeder, lambda: bool(feeder.lag.problem))
        waiting = feeder.lag.records
        await asyncio.to_thread(private_postgres.start)

        await fed(feeder, lambda: feeder.lag.records == 0)

        assert waiting == len(RECORDS) - 10
        assert await contents(store) == await all_at_once(private_postgres)


async def someone_waits_for_a_lock(store: SqlStore) -> None:
    """Wait until some backend of the server waits for another."""
    asked = text("SELECT 1 FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(PATIENCE_SECONDS), store.engine.connect() as connection:
        while (await connection.execute(asked)).first() is None:  # noqa: ASYNC110  # nobody tells of a lock
            await asyncio.sleep(0.01)


async def reachable(store: SqlStore) -> None:
    """Wait until the server has recovered from the crash."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await store.tier()
            except Unavailable:
                await asyncio.sleep(0.05)
            else:
                return


async def all_at_once(server: PostgresServer) -> dict[str, list[Row]]:
    """Return what a database holds that nothing ever happened to."""
    async with started(server.fresh_database()) as store:
        await a_feeder(store, a_journal(RECORDS)).carry_all()
        return await contents(store)
