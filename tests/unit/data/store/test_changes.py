"""What became new is told as it stands, in the order of its records, and never half of a record."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.listings import Wanted
from fillpath.core.rows import AlertRow, FillRow, OrderRow, QualityRow
from fillpath.data.store.changes import ChangeReader
from fillpath.data.store.curves import equity
from fillpath.data.store.sql_store import SqlStore
from fillpath.testing.rows import (
    a_fill_row,
    a_position_row,
    a_quality_row,
    a_signal_row,
    a_snapshot_row,
    an_alert_row,
    an_order_row,
    made_by,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(url)
    await store.start()
    yield store
    await store.close()


async def record(store: SqlStore, sequence: int, *rows: Any) -> None:
    await store.apply("SIM", made_by(sequence, *rows), sequence)


async def test_nothing_is_new_before_the_first_record(store: SqlStore) -> None:
    found = await ChangeReader(store).since("SIM", -1)

    assert (found.rows, found.through, found.more) == ([], -1, False)


async def test_rows_come_in_the_order_of_their_records(store: SqlStore) -> None:
    await record(store, 0, a_signal_row(), an_order_row(order_id="a"))
    await record(store, 1, a_fill_row(order_id="a"), a_position_row(), a_snapshot_row())
    await record(store, 2, a_quality_row(order_id="a"), an_alert_row())

    found = await ChangeReader(store).since("SIM", 0)

    assert [change.sequence for change in found.rows] == [1, 1, 1, 2, 2]
    assert isinstance(found.rows[0].row, FillRow)
    assert found.through == 2


async def test_a_row_that_changed_twice_is_told_once_as_it_stands(store: SqlStore) -> None:
    await record(store, 0, an_order_row(order_id="a", status="SUBMITTED"))
    await record(store, 1, an_order_row(order_id="a", status="FILLED"))

    (change,) = (await ChangeReader(store).since("SIM", -1)).rows

    assert isinstance(change.row, OrderRow)
    assert (change.sequence, change.row.status) == (1, "FILLED")


async def test_records_without_rows_move_the_place(store: SqlStore) -> None:
    await store.apply("SIM", [], 7)

    found = await ChangeReader(store).since("SIM", 3)

    assert (found.rows, found.through) == ([], 7)


async def test_more_than_can_be_told_is_left_to_a_fresh_look(store: SqlStore) -> None:
    for number in range(4):
        await record(store, number, an_order_row(order_id=f"o{number}"))

    few = await ChangeReader(store, most=4).since("SIM", -1)
    many = await ChangeReader(store, most=3).since("SIM", -1)

    assert (len(few.rows), few.more) == (4, False)
    assert (many.rows, many.more, many.through) == ([], True, 3)


async def test_another_account_is_nobodys_business(store: SqlStore) -> None:
    await store.apply("OTHER", made_by(0, an_order_row()), 0)

    assert (await ChangeReader(store).since("SIM", -1)).rows == []


async def curve(store: SqlStore, *values: int) -> None:
    for number, value in enumerate(values):
        row = a_snapshot_row(ts=MONDAY + timedelta(hours=number), equity=Decimal(value))
        await record(store, number, row)


async def test_the_curve_is_told_oldest_first_with_its_falls(store: SqlStore) -> None:
    await curve(store, 100, 120, 90, 130)

    found = await equity(store, "SIM")

    assert [int(point.equity) for point in found] == [100, 120, 90, 130]
    assert [point.drawdown_share for point in found] == [0.0, 0.0, 0.25, 0.0]


@pytest.mark.parametrize("points", [2, 3, 7, 20])
async def test_a_long_curve_is_thinned_and_keeps_its_ends(store: SqlStore, points: int) -> None:
    await curve(store, *range(100, 120))

    found = await equity(store, "SIM", points=points)

    assert len(found) <= points
    assert (int(found[0].equity), int(found[-1].equity)) == (100, 119)


async def test_a_part_of_the_curve_can_be_asked_for(store: SqlStore) -> None:
    await curve(store, 100, 110, 120)

    found = await equity(
        store, "SIM", since=MONDAY + timedelta(hours=1), until=MONDAY + timedelta(hours=2)
    )

    assert [int(point.equity) for point in found] == [110]
    assert await equity(store, "OTHER") == []


async def test_the_story_of_an_order_has_its_signal_and_its_measurements(store: SqlStore) -> None:
    await record(store, 0, a_signal_row(), an_order_row(), a_quality_row(order_id="trend/sig-1"))

    story = await store.order("SIM", "trend/sig-1")

    assert story is not None
    assert story.signal is not None
    assert story.signal.signal_id == "sig-1"
    assert [row.order_id for row in story.quality] == ["trend/sig-1"]


async def test_rows_are_found_by_side_by_text_and_without_slices(store: SqlStore) -> None:
    await record(
        store,
        0,
        an_order_row(order_id="trend/Big_One"),
        an_order_row(order_id="trend/Big_One#1", parent_order_id="trend/Big_One"),
        an_order_row(order_id="trend/Big_One#p1"),
        an_order_row(order_id="other", strategy_name="other"),
    )

    async def names(**wanted: Any) -> set[str]:
        return {row.order_id for row in await store.orders("SIM", Wanted(**wanted))}

    assert await names(text="big_one") == {
        "trend/Big_One",
        "trend/Big_One#1",
        "trend/Big_One#p1",
    }
    assert await names(text="big%one") == set()
    assert await names(parents_only=True, text="BIG") == {"trend/Big_One"}
    assert await names(side="SELL") == set()
    assert len(await names(side="BUY", parents_only=False)) == 4


async def test_measurements_are_found_by_the_orders_they_are_about(store: SqlStore) -> None:
    rows = [
        a_quality_row(order_id="whole"),
        a_quality_row(order_id="cut#1", parent_order_id="cut"),
        a_quality_row(order_id="other"),
    ]
    await record(store, 0, *rows)

    found = await store.page(QualityRow, "SIM", Wanted(orders=("whole", "cut")), limit=9, after="")

    assert {row.order_id for row in found.rows} == {"whole", "cut#1"}
    with pytest.raises(ModelError, match="cannot be asked for orders"):
        await store.page(AlertRow, "SIM", Wanted(orders=("whole",)), limit=9, after="")
