"""Tables come to the version of the program once, and never to a version it does not know."""

import asyncio

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from fillpath.core.errors import ConfigError
from fillpath.data.store import furnishing, migrating
from fillpath.data.store.engines import address, connect, transaction
from fillpath.data.store.schema import metadata
from fillpath.data.store.sql_store import SqlStore
from fillpath.data.store.tiers import KEEP_ALL
from fillpath.testing.rows import an_alert_row, made_by


async def names(engine: AsyncEngine) -> set[str]:
    async with transaction(engine, writes=False) as connection:
        found = await connection.run_sync(lambda c: inspect(c).get_table_names())
    return set(found) - {"alembic_version"}


async def test_the_migrations_make_exactly_the_tables_that_are_defined(url: str) -> None:
    store = SqlStore(url)

    await store.start()

    assert await names(store.engine) == set(metadata.tables)
    async with transaction(store.engine, writes=False) as connection:
        assert await connection.run_sync(migrating.drift) == []
    await store.close()


async def test_a_difference_between_tables_and_definition_is_found(url: str) -> None:
    store = SqlStore(url)
    await store.start()
    async with transaction(store.engine, writes=True) as connection:
        await connection.execute(text("ALTER TABLE alerts ADD COLUMN mood TEXT"))

    async with transaction(store.engine, writes=False) as connection:
        (found,) = await connection.run_sync(migrating.drift)

    assert found[0] == "remove_column"
    await store.close()


async def test_every_version_can_be_left_and_reached_again(url: str) -> None:
    engine = connect(address(url))
    async with transaction(engine, writes=True) as connection:
        await connection.run_sync(migrating.upgrade)
        await connection.run_sync(furnishing.furnish, KEEP_ALL)
    async with transaction(engine, writes=True) as connection:
        await connection.run_sync(furnishing.clear)
        await connection.run_sync(migrating.downgrade, "base")
    emptied = await names(engine)

    for version in migrating.versions():
        async with transaction(engine, writes=True) as connection:
            await connection.run_sync(migrating.upgrade, version)

    assert emptied == set()
    assert await names(engine) == set(metadata.tables)
    await engine.dispose()


async def test_two_engines_that_start_at_once_migrate_once(url: str) -> None:
    stores = [SqlStore(url) for _ in range(4)]

    async with asyncio.TaskGroup() as group:
        for store in stores:
            group.create_task(store.start())

    await stores[0].apply("SIM", made_by(0, an_alert_row()), 0)
    assert [await store.applied("SIM") for store in stores] == [0] * 4
    for store in stores:
        await store.close()


async def test_tables_of_a_newer_version_are_left_alone(url: str) -> None:
    store = SqlStore(url)
    await store.start()
    async with transaction(store.engine, writes=True) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigError, match="version 9999, newer than this program"):
        await store.start()

    async with transaction(store.engine, writes=False) as connection:
        found = await connection.execute(text("SELECT version_num FROM alembic_version"))
        assert found.scalar_one() == "9999"
    await store.close()
