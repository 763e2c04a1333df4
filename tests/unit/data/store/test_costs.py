"""The tables of what orders cost: made anew when something changes, and asked for by reports."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.costs import CostNews, OrderCostRow
from fillpath.core.errors import ModelError
from fillpath.core.models import Quote
from fillpath.data.store.costs import CostTables
from fillpath.data.store.listing import Wanted
from fillpath.data.store.sql_store import SqlStore
from fillpath.testing.builders import START
from fillpath.testing.rows import (
    a_cost_row,
    a_decision_row,
    a_fill_row,
    a_holding_change_row,
    a_quality_row,
    a_signal_row,
    an_order_row,
    made_by,
)

ORDER = "trend/sig-1"
FAR = START + timedelta(days=1)


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(url)
    await store.start()
    yield store
    await store.close()


@pytest.fixture
def costs(store: SqlStore) -> CostTables:
    return CostTables(store.engine, "SIM")


async def applied(store: SqlStore, sequence: int, *rows: Any) -> None:
    await store.apply("SIM", made_by(sequence, *rows), sequence)


async def test_a_new_account_has_no_news(costs: CostTables) -> None:
    assert await costs.news(FAR, 10) == CostNews((), -1)


async def test_what_changed_is_told_until_it_is_saved(store: SqlStore, costs: CostTables) -> None:
    await applied(store, 0, an_order_row())
    await applied(store, 1, a_fill_row(order_id="other", parent_order_id="parent"))

    news = await costs.news(FAR, 10)
    await costs.save(news.parents, [], news.through)

    assert news == CostNews((ORDER, "parent"), 1)
    assert await costs.news(FAR, 10) == CostNews((), 1)


async def test_a_correction_is_news(store: SqlStore, costs: CostTables) -> None:
    await applied(store, 0, an_order_row(), a_fill_row())
    await costs.save([ORDER], [a_cost_row()], 0)

    await applied(store, 1, a_fill_row(revision=1, price=Decimal(151)))

    assert await costs.news(FAR, 10) == CostNews((ORDER,), 1)


async def test_the_end_of_a_schedule_is_news(store: SqlStore, costs: CostTables) -> None:
    await applied(store, 0, a_decision_row(stage="SLICE", outcome="UNFILLED"), a_decision_row())

    assert await costs.news(FAR, 10) == CostNews((ORDER,), 0)


async def test_much_news_is_told_in_parts_and_none_is_lost(
    store: SqlStore, costs: CostTables
) -> None:
    for number in range(5):
        await applied(store, number, an_order_row(order_id=f"o{number}"))

    told: list[str] = []
    for _ in range(3):
        news = await costs.news(FAR, 2)
        told += news.parents
        await costs.save(news.parents, [], news.through)

    assert told == [f"o{number}" for number in range(5)]


async def test_a_figure_that_is_due_is_news_when_its_time_has_come(
    store: SqlStore, costs: CostTables
) -> None:
    await applied(store, 0, an_order_row())
    await costs.save([ORDER], [a_cost_row(due_at=START + timedelta(seconds=10))], 0)

    assert (await costs.news(START + timedelta(seconds=9), 10)).parents == ()
    assert (await costs.news(START + timedelta(seconds=10), 10)).parents == (ORDER,)


async def test_a_story_holds_everything_about_a_parent(store: SqlStore, costs: CostTables) -> None:
    child = {"order_id": "c", "parent_order_id": "p", "signal_id": "sig-1"}
    await applied(store, 0, a_signal_row(), a_signal_row(strategy_name="other"))
    await applied(store, 1, a_decision_row(order_id="p"), a_decision_row(order_id="c"))
    await applied(store, 2, an_order_row(**child), an_order_row(order_id="alone", signal_id=""))
    await applied(store, 3, a_fill_row(**child), a_quality_row(order_id="c", parent_order_id="p"))

    sliced, alone = await costs.stories(["p", "never sent", "alone"])

    assert (sliced.parent_id, sliced.sequence) == ("p", 3)
    assert [row.order_id for row in sliced.orders] == ["c"]
    assert [row.order_id for row in sliced.decisions] == ["p", "c"]
    assert (len(sliced.fills), len(sliced.quality)) == (1, 1)
    assert sliced.signal == a_signal_row(outcome="ORDERED", order_id="c")
    assert (alone.parent_id, alone.signal, list(alone.fills)) == ("alone", None, [])


async def test_costs_come_back_exactly_and_are_replaced(store: SqlStore, costs: CostTables) -> None:
    await applied(store, 0, an_order_row())
    child = a_cost_row(order_id="c", parent_order_id=ORDER, shortfall=Decimal("0.1"))
    await costs.save([ORDER], [a_cost_row(slices=2), child], 0)
    first = await store.costs_of("SIM", ORDER)

    await costs.save([ORDER], [a_cost_row()], 0)

    assert first == [child, a_cost_row(slices=2)]
    assert await store.costs_of("SIM", ORDER) == [a_cost_row()]


async def test_costs_of_tables_that_were_cleared_meanwhile_are_not_stored(
    store: SqlStore, costs: CostTables
) -> None:
    await applied(store, 4, an_order_row())
    await store.clear("SIM")

    await costs.save([ORDER], [a_cost_row()], 4)

    assert await store.costs_of("SIM", ORDER) == []


async def test_a_cleared_account_has_its_costs_made_anew(
    store: SqlStore, costs: CostTables
) -> None:
    await applied(store, 0, an_order_row())
    await costs.save([ORDER], [a_cost_row()], 0)

    await costs.clear()

    assert await costs.news(FAR, 10) == CostNews((ORDER,), 0)
    assert await store.costs("SIM") == []


async def test_a_rebuild_of_the_tables_forgets_the_costs(
    store: SqlStore, costs: CostTables
) -> None:
    await applied(store, 0, an_order_row())
    await costs.save([ORDER], [a_cost_row()], 0)

    await store.clear("SIM")
    await applied(store, 0, an_order_row())

    assert await store.costs("SIM") == []
    assert await costs.news(FAR, 10) == CostNews((ORDER,), 0)


async def test_costs_are_shown_newest_first_in_pages(store: SqlStore, costs: CostTables) -> None:
    rows = [
        a_cost_row(order_id=f"o{n}", released_at=START + timedelta(seconds=n), symbol=symbol)
        for n, symbol in enumerate(("AAPL", "MSFT", "AAPL"))
    ]
    await costs.save([row.order_id for row in rows], rows, -1)

    page = await store.page(OrderCostRow, "SIM", Wanted(symbol="AAPL"), limit=1)
    rest = await store.page(OrderCostRow, "SIM", Wanted(symbol="AAPL"), limit=1, after=page.after)

    assert [row.order_id for row in (*page.rows, *rest.rows)] == ["o2", "o0"]


async def test_summaries_are_fed_with_parents_that_were_filled(
    store: SqlStore, costs: CostTables
) -> None:
    child = a_cost_row(order_id="c", parent_order_id=ORDER)
    unfilled = a_cost_row(order_id="u", last_fill_at=None)
    await costs.save([ORDER, "u"], [a_cost_row(slices=1), child, unfilled], -1)

    (figure,) = await store.cost_figures("SIM", Wanted(since=START))

    assert figure.cost_bps == a_cost_row().arrival_bps
    assert (figure.notional, figure.fees) == (Decimal(15_001), Decimal("-0.25"))
    assert await store.cost_figures("SIM", Wanted(until=START)) == []
    assert [f.cost_bps for f in await store.cost_figures("SIM", measure="twap_bps")] == [None]


async def test_latencies_are_fed_with_the_orders_that_were_sent(
    store: SqlStore, costs: CostTables
) -> None:
    child = a_cost_row(order_id="c", parent_order_id=ORDER, acknowledged_at=FAR)
    await costs.save([ORDER], [a_cost_row(slices=1), child], -1)

    (times,) = await store.order_times("SIM")

    assert (times.signal_at, times.acknowledged_at) == (START, FAR)


@pytest.mark.parametrize("measure", ["fees", "nothing_bps", "delay"])
async def test_a_measure_is_a_column_of_basis_points(store: SqlStore, measure: str) -> None:
    with pytest.raises(ModelError, match="measure must be a column of costs"):
        await store.cost_figures("SIM", measure=measure)


async def test_the_tape_is_read_from_its_oldest_quote_on(
    store: SqlStore, costs: CostTables
) -> None:
    quotes = [
        Quote("AAPL", Decimal(n), Decimal(n + 1), ts=START + timedelta(seconds=n))
        for n in (3, 1, 2, 9)
    ]
    await store.save_quotes(quotes)

    found = await costs.quotes("AAPL", START, START + timedelta(seconds=3))

    assert [quote.bid_price for quote in found] == [1, 2, 3]
    assert await store.quotes("MSFT", START, FAR) == []


async def test_lots_are_fed_with_everything_that_moved_positions(store: SqlStore) -> None:
    await applied(store, 0, a_holding_change_row())
    await applied(store, 1, a_fill_row(fill_id="late", ts=FAR), a_fill_row())

    fills, changes = await store.lot_inputs("SIM")

    assert [row.fill_id for row in fills] == ["x1", "late"]
    assert changes == [a_holding_change_row()]
