"""Old rows go, what they came to stays, and nothing goes that was not asked for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from fillpath.core.rows import SnapshotRow
from fillpath.data.store import views
from fillpath.data.store.sql_store import SqlStore
from fillpath.data.store.tiers import (
    Found,
    Kind,
    Retention,
    Tier,
    refresh,
    statements,
    upkeep,
)
from fillpath.testing.builders import a_quote
from fillpath.testing.rows import a_quality_row, a_snapshot_row, made_by

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
SHORT = Retention(quotes_days=10, snapshots_days=10, quality_days=100)
MONDAY = datetime(2026, 8, 10, tzinfo=UTC)  # 100 days before are cut to this Monday


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(url, retention=SHORT)
    await store.start()
    yield store
    await store.close()


async def filled(store: SqlStore) -> None:
    days = [MONDAY - 8 * DAY, MONDAY - DAY, MONDAY - timedelta(microseconds=1), MONDAY, NOW]
    rows = [
        a_quality_row(order_id=f"o{n}", filled_at=at, slippage_bps=Decimal(n))
        for n, at in enumerate(days)
    ]
    snapshots = [a_snapshot_row(ts=at) for at in (NOW - 11 * DAY, NOW - 9 * DAY)]
    await store.apply("SIM", made_by(0, *rows, *snapshots), 0)
    await store.apply("OLD", made_by(0, a_snapshot_row(ts=MONDAY)), 0)
    await store.save_quotes([a_quote(ts=at) for at in (MONDAY, NOW - 9 * DAY)])


async def test_statistics_stay_as_they_were_when_their_measurements_go(store: SqlStore) -> None:
    await filled(store)
    days, weeks = await store.quality_by_day("SIM"), await store.quality_by_week("SIM")

    await store.upkeep(NOW)

    assert len(await store.quality("SIM")) == 2
    assert await store.quality_by_day("SIM") == days
    assert await store.quality_by_week("SIM") == weeks
    assert len(days) == 4


async def test_upkeep_twice_is_upkeep_once(store: SqlStore) -> None:
    await filled(store)
    await store.upkeep(NOW)
    days = await store.quality_by_day("SIM")

    await store.upkeep(NOW + timedelta(hours=1))

    assert await store.quality_by_day("SIM") == days


async def test_old_snapshots_and_quotes_go_but_not_the_last_of_an_account(
    store: SqlStore,
) -> None:
    await filled(store)

    await store.upkeep(NOW)

    assert len(await store.all_rows(SnapshotRow, "SIM")) == 1
    assert await store.latest_snapshot("OLD") is not None
    async with store.engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM quotes"))).scalar_one() == 1


async def test_a_rebuild_counts_nothing_twice(store: SqlStore) -> None:
    await filled(store)
    days = await store.quality_by_day("SIM")
    await store.upkeep(NOW)
    await store.clear("SIM")

    await filled(store)
    await store.refresh()

    assert await store.quality_by_day("SIM") == days


async def test_nothing_goes_without_retention(url: str) -> None:
    store = SqlStore(url)
    await store.start()
    await filled(store)

    await store.upkeep(NOW + 10_000 * DAY)

    assert len(await store.quality("SIM")) == 5
    await store.close()


async def test_continuous_aggregates_would_show_what_the_views_show(postgres_url: str) -> None:
    """Run the SELECT of a continuous aggregate where ``time_bucket`` is a function of the test."""
    store = SqlStore(postgres_url)
    await store.start()
    await filled(store)
    async with store.engine.begin() as connection:
        await connection.execute(
            text(
                "CREATE FUNCTION time_bucket(interval, timestamptz) RETURNS timestamptz"
                " LANGUAGE sql AS $$ SELECT date_bin($1, $2, '2000-01-03 00:00Z') $$"
            )
        )
        for view in views.KEPT:
            shown = text(f"SELECT * FROM ({views.bucketed(view)}) AS a ORDER BY 1, 2, 3, 4")  # noqa: S608  # our own words
            kept = text(f"SELECT * FROM {view} ORDER BY 1, 2, 3, 4")  # noqa: S608  # our own words
            assert (await connection.execute(shown)).all() == (await connection.execute(kept)).all()
    await store.close()


STUBS = """
CREATE FUNCTION by_range(name, interval) RETURNS text LANGUAGE sql AS 'SELECT $1::text';
CREATE FUNCTION create_hypertable(relation regclass, dimension text,
  create_default_indexes boolean, if_not_exists boolean, migrate_data boolean)
  RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION drop_chunks(relation regclass, older_than timestamptz)
  RETURNS SETOF text LANGUAGE sql AS 'SELECT 1::text';
CREATE FUNCTION add_continuous_aggregate_policy(aggregate regclass, start_offset interval,
  end_offset interval, schedule_interval interval, if_not_exists boolean)
  RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE add_columnstore_policy(relation regclass, after interval, if_not_exists boolean)
  LANGUAGE sql AS '';
CREATE FUNCTION add_retention_policy(relation regclass, drop_after interval)
  RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION remove_retention_policy(relation regclass, if_exists boolean)
  RETURNS void LANGUAGE sql AS '';
CREATE PROCEDURE refresh_continuous_aggregate(aggregate regclass, start timestamptz,
  until timestamptz) LANGUAGE sql AS '';
CREATE TABLE execution_quality_daily_live AS SELECT * FROM execution_quality_daily;
CREATE TABLE execution_quality_weekly_live AS SELECT * FROM execution_quality_weekly;
"""
"""Functions of the names and arguments that TimescaleDB documents, which do nothing."""


@pytest.mark.parametrize("kind", [Kind.APACHE, Kind.TIMESCALE])
async def test_what_is_said_to_the_extension_is_well_formed(postgres_url: str, kind: Kind) -> None:
    """Issue all but the statements that plain PostgreSQL cannot even read."""
    tier = Tier(kind=kind, server="18.4", extension="2.29.2")
    store = SqlStore(postgres_url)
    await store.start()
    async with store.engine.begin() as connection:
        for stub in STUBS.strip().split(";\n"):
            await connection.execute(text(stub.rstrip(";")))
        said = [*statements(tier, Found(), SHORT), *refresh(tier, SHORT)]
        plain = [row for row in said if not row.startswith(("CREATE MATERIALIZED", "ALTER TABLE"))]
        for statement in plain:
            await connection.execute(text(statement))
        for statement, _, _ in upkeep(tier, SHORT):
            await connection.execute(text(statement), {"cutoff": NOW})

    assert len(said) - len(plain) == (0 if kind is Kind.APACHE else 5)
    await store.close()
