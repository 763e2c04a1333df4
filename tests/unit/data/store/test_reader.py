"""What can be asked of the tables: pages, conditions, the story of an order, statistics."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.rows import AlertRow, DecisionRow, OrderRow, PositionRow, SignalRow, SnapshotRow
from fillpath.data.store.listing import QualityBucket, Wanted
from fillpath.data.store.sql_store import SqlStore
from fillpath.testing.builders import START
from fillpath.testing.rows import (
    a_decision_row,
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
DAY = timedelta(days=1)


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(url)
    await store.start()
    yield store
    await store.close()


async def filled(store: SqlStore, *rows: Any) -> None:
    await store.apply("SIM", made_by(0, *rows), 0)


async def test_pages_show_every_order_once_newest_first(store: SqlStore) -> None:
    ids = [f"o{n}" for n in range(7)]
    await filled(store, *(an_order_row(order_id=i, submitted_at=START) for i in ids))

    first = await store.page(OrderRow, "SIM", limit=3)
    second = await store.page(OrderRow, "SIM", limit=3, after=first.after)
    third = await store.page(OrderRow, "SIM", limit=3, after=second.after)

    shown = [row.order_id for page in (first, second, third) for row in page.rows]
    assert shown == ids[::-1]
    assert third.after == ""


async def test_an_order_that_came_meanwhile_moves_no_page(store: SqlStore) -> None:
    await filled(store, *(an_order_row(order_id=f"o{n}") for n in range(4)))
    first = await store.page(OrderRow, "SIM", limit=2)
    new = an_order_row(order_id="new", submitted_at=START + DAY)
    await store.apply("SIM", made_by(1, new), 1)

    second = await store.page(OrderRow, "SIM", limit=2, after=first.after)

    assert [row.order_id for row in second.rows] == ["o1", "o0"]


async def test_signals_alerts_and_decisions_have_pages_too(store: SqlStore) -> None:
    rows = [
        row
        for n in range(3)
        for row in (
            a_signal_row(signal_id=f"s{n}"),
            an_alert_row(code=f"c{n}"),
            a_decision_row(signal_id=f"s{n}", order_id=f"o{n}"),
        )
    ]
    await filled(store, *rows)

    signals = await store.page(SignalRow, "SIM", limit=2)
    older = await store.page(SignalRow, "SIM", limit=2, after=signals.after)
    alerts = await store.page(AlertRow, "SIM", limit=2)
    first = await store.page(AlertRow, "SIM", limit=2, after=alerts.after)
    decisions = await store.page(DecisionRow, "SIM", Wanted(order_id="o1"))

    assert [row.signal_id for row in signals.rows + older.rows] == ["s2", "s1", "s0"]
    assert [row.code for row in alerts.rows + first.rows] == ["c2", "c1", "c0"]
    assert [row.signal_id for row in decisions.rows] == ["s1"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(Wanted(), ["b", "a"], id="everything"),
        pytest.param(Wanted(status="FILLED"), ["b"], id="status"),
        pytest.param(Wanted(symbol="MSFT"), ["b"], id="symbol"),
        pytest.param(Wanted(strategy_name="trend"), ["a"], id="strategy"),
        pytest.param(Wanted(route="twap"), ["b"], id="route"),
        pytest.param(Wanted(signal_id="sig-2"), ["b"], id="signal"),
        pytest.param(Wanted(since=START + DAY), ["b"], id="since is included"),
        pytest.param(Wanted(until=START + DAY), ["a"], id="until is not"),
        pytest.param(Wanted(symbol="MSFT", status="SUBMITTED"), [], id="all conditions hold"),
    ],
)
async def test_orders_can_be_asked_for(store: SqlStore, wanted: Wanted, found: list[str]) -> None:
    await filled(
        store,
        an_order_row(order_id="a"),
        an_order_row(
            order_id="b",
            symbol="MSFT",
            status="FILLED",
            strategy_name="dips",
            route="twap",
            signal_id="sig-2",
            submitted_at=START + DAY,
        ),
    )

    assert [row.order_id for row in await store.orders("SIM", wanted)] == found


async def test_a_table_is_not_asked_for_what_it_has_not(store: SqlStore) -> None:
    with pytest.raises(ModelError, match="fills cannot be asked for status"):
        await store.fills("SIM", Wanted(status="FILLED"))


@pytest.mark.parametrize("limit", [0, 1001, -1])
async def test_a_page_has_a_bound(store: SqlStore, limit: int) -> None:
    with pytest.raises(ModelError, match="limit must be from 1 to 1000"):
        await store.page(OrderRow, "SIM", limit=limit)


@pytest.mark.parametrize(
    "after", ["x", "[]", '["2026-03-02T00:00:00Z"]', "{}", '["yesterday", "o1"]', '[7, "o1"]']
)
async def test_a_page_begins_where_a_page_ended(store: SqlStore, after: str) -> None:
    with pytest.raises(ModelError, match="after must be what a page gave"):
        await store.page(OrderRow, "SIM", after=after)


async def test_the_story_of_a_parent_has_its_slices_fills_and_decisions(store: SqlStore) -> None:
    parent = "trend/sig-1"
    slices = [an_order_row(order_id=f"{parent}#{n}", parent_order_id=parent) for n in (1, 2)]
    fill = a_fill_row(order_id=f"{parent}#1", parent_order_id=parent)
    decision = a_decision_row(stage="SLICE", order_id=f"{parent}#2")
    await filled(store, *slices, fill, a_decision_row(), decision, an_order_row(order_id="other"))

    story = await store.order("SIM", parent)

    assert story is not None
    assert story.order is None
    assert story.children == slices[::-1]
    assert story.fills == [fill]
    assert story.decisions == [decision, a_decision_row()]


async def test_the_story_of_an_order_sent_whole_has_no_children(store: SqlStore) -> None:
    await filled(store, an_order_row(), a_fill_row())

    story = await store.order("SIM", "trend/sig-1")

    assert story is not None
    assert (story.order, story.children, len(story.fills)) == (an_order_row(), [], 1)


async def test_an_order_that_nobody_knows_has_no_story(store: SqlStore) -> None:
    assert await store.order("SIM", "unknown") is None


async def test_positions_come_by_symbol_and_the_snapshot_is_the_latest(store: SqlStore) -> None:
    rows = [a_position_row(symbol=symbol) for symbol in ("MSFT", "AAPL")]
    await filled(store, *rows, a_snapshot_row(), a_snapshot_row(ts=START - DAY))
    await store.apply("SIM", made_by(1, a_snapshot_row(positions=9)), 1)

    latest = await store.latest_snapshot("SIM")

    assert latest is not None
    assert latest.positions == 9
    assert await store.latest_snapshot("nobody") is None
    assert [row.symbol for row in await store.positions("SIM")] == ["AAPL", "MSFT"]
    assert isinstance((await store.positions("SIM"))[0], PositionRow)
    assert len((await store.page(SnapshotRow, "SIM", Wanted(since=START))).rows) == 2


def measured(order_id: str, at: datetime, slippage: str, **changes: Any) -> Any:
    return a_quality_row(
        order_id=order_id,
        filled_at=at,
        slippage_bps=Decimal(slippage),
        notional=Decimal(1000),
        fill_latency_ms=Decimal(len(order_id) * 100),
        **changes,
    )


async def test_daily_and_weekly_quality_are_the_same_on_every_database(store: SqlStore) -> None:
    await filled(
        store,
        measured("a", MONDAY, "1", arrival_slippage_bps=Decimal(4)),
        measured("bb", MONDAY + DAY - timedelta(microseconds=1), "9"),
        measured("ccc", MONDAY + DAY, "2"),
        measured("d", MONDAY + 6 * DAY, "-4.5"),
        measured("e", MONDAY - timedelta(microseconds=1), "7"),
        measured("f", MONDAY, "100", symbol="MSFT"),
        measured("g", MONDAY, "100", route="twap"),
    )
    wanted = Wanted(symbol="AAPL", route="default")

    days = await store.quality_by_day("SIM", wanted)
    weeks = await store.quality_by_week("SIM", wanted)

    assert [(day.bucket - MONDAY, day.n, day.median_slippage_bps) for day in days] == [
        (6 * DAY, 1, -4.5),
        (DAY, 1, 2.0),
        (0 * DAY, 2, 5.0),
        (-DAY, 1, 7.0),
    ]
    assert [(week.bucket - MONDAY, week.n) for week in weeks] == [(0 * DAY, 4), (-7 * DAY, 1)]
    assert weeks[0] == QualityBucket(
        account="SIM",
        route="default",
        symbol="AAPL",
        bucket=MONDAY,
        n=4,
        mean_slippage_bps=1.875,
        median_slippage_bps=1.5,
        max_slippage_bps=9.0,
        mean_arrival_slippage_bps=4.0,
        mean_fill_latency_ms=175.0,
        max_fill_latency_ms=300.0,
        notional=4000.0,
    )


async def test_statistics_can_be_asked_for_a_span(store: SqlStore) -> None:
    await filled(store, measured("a", MONDAY, "1"), measured("b", MONDAY + DAY, "2"))

    found = await store.quality_by_day("SIM", Wanted(since=MONDAY + DAY))

    assert [day.mean_slippage_bps for day in found] == [2.0]
    assert len(await store.quality("SIM", Wanted(until=MONDAY + DAY))) == 1
    assert len(await store.signals("SIM")) == len(await store.alerts("SIM")) == 0
