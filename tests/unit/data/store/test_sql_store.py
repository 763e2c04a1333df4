"""What the store on SQL does beyond the promises of every store."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from fillpath.core.errors import Unavailable
from fillpath.core.models import ExecutionQualityMetrics, OrderSide
from fillpath.core.rows import AlertRow, QualityRow
from fillpath.data.store.sql_store import SqlStore
from fillpath.execution.quality import ExecutionQualityTracker
from fillpath.testing.builders import START, a_quote
from fillpath.testing.rows import ONE_OF_EACH_ROW, a_quality_row, an_alert_row, made_by


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(url)
    await store.start()
    yield store
    await store.close()


async def test_the_usage_of_the_specification_stores_its_measurement(store: SqlStore) -> None:
    tracker = ExecutionQualityTracker(store=store)
    metrics = tracker.compute_metrics(
        order_id="abc123",
        symbol="AAPL",
        side=OrderSide.BUY,
        expected_price=150.00,
        filled_price=150.05,
        signal_timestamp=START,
        fill_timestamp=START + timedelta(milliseconds=1250),
    )

    await tracker.store_metrics(metrics)

    assert await store.metrics("manual", "abc123") == metrics


async def test_measuring_the_same_order_again_replaces_it(store: SqlStore) -> None:
    first = ExecutionQualityMetrics(
        order_id="abc123",
        symbol="AAPL",
        side=OrderSide.SELL,
        slippage_bps=Decimal("3.3"),
        fill_latency_ms=Decimal(1),
        expected_price=Decimal(150),
        filled_price=Decimal(150),
        signal_timestamp=START,
        fill_timestamp=START,
        quantity=Decimal(10),
    )
    again = ExecutionQualityTracker().compute_metrics(
        "abc123", "AAPL", OrderSide.SELL, 150, 151, START, START + timedelta(days=9)
    )
    await store.save_metrics(first)

    await store.save_metrics(again)

    assert await store.metrics("manual", "abc123") == again
    (day,) = await store.quality_by_day("manual")
    assert (day.n, day.notional) == (1, None)


async def test_measurements_by_hand_outlive_a_rebuild_of_any_account(store: SqlStore) -> None:
    metrics = ExecutionQualityTracker().compute_metrics(
        "abc123", "AAPL", OrderSide.BUY, 150, 151, START, START
    )
    await store.save_metrics(metrics)

    await store.clear("SIM")

    assert await store.metrics("manual", "abc123") == metrics


async def test_a_measurement_of_the_journal_is_found_as_metrics_too(store: SqlStore) -> None:
    await store.apply("SIM", made_by(0, a_quality_row()), 0)

    found = await store.metrics("SIM", "trend/sig-1")

    assert found is not None
    assert (found.slippage_bps, found.route) == (a_quality_row().slippage_bps, "default")
    assert await store.metrics("SIM", "other") is None


async def test_the_first_quote_of_a_symbol_and_moment_stays(store: SqlStore) -> None:
    await store.save_quotes([a_quote(), a_quote(ts=None), a_quote(ts=START + timedelta(1))])

    await store.save_quotes([a_quote("1", "2")])

    async with store.engine.connect() as connection:
        found = await connection.execute(text("SELECT bid_price FROM quotes ORDER BY ts"))
        assert [str(row.bid_price) for row in found] == ["149.99", "149.99"]


async def test_nothing_is_stored_on_tables_that_somebody_cleared_meanwhile(
    store: SqlStore, url: str
) -> None:
    somebody = SqlStore(url)
    await store.apply("SIM", made_by(4, an_alert_row()), 4)
    await somebody.clear("SIM")

    with pytest.raises(Unavailable, match="went back from record 4 to -1"):
        await store.apply("SIM", made_by(5, an_alert_row()), 5)

    assert await store.applied("SIM") == -1
    await store.apply("SIM", made_by(0, an_alert_row()), 0)
    assert len(await store.all_rows(AlertRow, "SIM")) == 1
    await somebody.close()


async def test_two_who_feed_the_same_account_store_every_row_once(
    store: SqlStore, url: str
) -> None:
    other = SqlStore(url)
    rows = [row for n in range(20) for row in made_by(n, an_alert_row(code=f"{n:02}"))]

    for number in range(20):
        feeding = store if number % 3 else other
        await feeding.apply("SIM", rows[max(0, number - 4) : number + 1], number)

    assert [row.code for row in await store.all_rows(AlertRow, "SIM")] == [
        f"{n:02}" for n in range(20)
    ]
    await other.close()


async def test_the_first_start_makes_the_folder_of_the_file(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/data/deep/store.db")

    await store.start()

    assert (await store.tier()).startswith("sqlite 3.")
    await store.close()


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    store = SqlStore("postgresql://u:secret@127.0.0.1:1/d")

    with pytest.raises(Unavailable, match="Refused"):
        await store.start()

    await store.close()


async def test_the_tables_name_the_record_behind_every_row(store: SqlStore) -> None:
    await store.apply("SIM", made_by(7, *ONE_OF_EACH_ROW), 7)

    async with store.engine.connect() as connection:
        found = await connection.execute(text("SELECT sequence, row_index FROM alerts"))
        assert [tuple(row) for row in found] == [(7, 7)]
    assert await store.all_rows(QualityRow, "SIM") == [a_quality_row()]
