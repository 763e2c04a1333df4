"""Costs follow tables and tape: made when something changes, and again when a figure comes due."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.costs import MOST_QUOTES, CostStory, OrderCostRow
from fillpath.core.errors import Unavailable
from fillpath.core.models import Quote
from fillpath.core.units import nanoseconds
from fillpath.data.store.costs import CostTables
from fillpath.data.store.sql_store import SqlStore
from fillpath.runtime.clock import ManualClock
from fillpath.service.costing import LAG, Costing, CostKeeper, line_of, span_of
from fillpath.testing.builders import START
from fillpath.testing.rows import a_decision_row, a_fill_row, an_order_row, made_by

D = Decimal
ORDER = "trend/sig-1"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_quote(second: float, bid: str, ask: str) -> Quote:
    return Quote("AAPL", D(bid), D(ask), ts=at(second))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path}/store.db")
    await store.start()
    yield store
    await store.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def keeper(store: SqlStore, clock: ManualClock) -> CostKeeper:
    return CostKeeper(lambda: CostTables(store.engine, "SIM"), clock)


async def traded(store: SqlStore) -> None:
    """Store a buy of 100 at 150.01 that was filled after a second."""
    order = an_order_row(
        status="FILLED", filled_quantity=D(100), closed_at=at(1), acknowledged_at=at(0.5)
    )
    rows = made_by(0, a_decision_row(), order, a_fill_row(ts=at(1)))
    await store.apply("SIM", rows, 0)


async def cost(store: SqlStore) -> OrderCostRow:
    (row,) = await store.costs_of("SIM", ORDER)
    return row


async def test_what_was_traded_is_measured(
    store: SqlStore, clock: ManualClock, keeper: CostKeeper
) -> None:
    await traded(store)
    await store.save_quotes([a_quote(0, "149.99", "150.01")])
    clock.advance(5)

    await keeper.catch_up()

    row = await cost(store)
    assert (row.execution, row.submit_price, row.due_at) == (D(1), D(150), at(11))
    assert row.effective_over_quoted == 1
    assert keeper.made == 1
    assert keeper.part().detail == "1 orders measured"


async def test_a_markout_is_added_when_its_time_has_come(
    store: SqlStore, clock: ManualClock, keeper: CostKeeper
) -> None:
    await traded(store)
    quotes = [a_quote(0, "149.99", "150.01"), *(a_quote(n, "151", "151") for n in range(5, 320, 9))]
    await store.save_quotes(quotes)
    clock.advance(5)
    await keeper.catch_up()
    early = await cost(store)

    clock.advance(400)
    await keeper.catch_up()

    late = await cost(store)
    assert (early.markout_1s_bps is None, early.markout_300s_bps) == (False, None)
    assert late.markout_300s_bps == D("0.99") * 10_000 / D("150.01")
    assert late.due_at is None


async def test_nothing_younger_than_the_tape_is_known(
    store: SqlStore, clock: ManualClock, keeper: CostKeeper
) -> None:
    await traded(store)
    await store.save_quotes([a_quote(0, "149.99", "150.01")])
    clock.advance(0.5 + LAG.total_seconds())

    await keeper.catch_up()

    row = await cost(store)
    assert row.fill_price_mid is None
    assert row.due_at == at(1)


async def test_a_clock_that_runs_ahead_of_the_tape_makes_nothing_unknown_for_good(
    store: SqlStore, clock: ManualClock
) -> None:
    taped = nanoseconds(at(0.5))
    keeper = CostKeeper(lambda: CostTables(store.engine, "SIM"), clock, lambda: taped)
    await traded(store)
    clock.advance(4_000)
    await keeper.catch_up()
    early = await cost(store)

    await store.save_quotes([a_quote(n, "149.99", "150.01") for n in range(0, 400, 20)])
    taped = nanoseconds(at(399))
    await keeper.catch_up()

    assert (early.markout_1s_bps, early.due_at) == (None, at(1))
    assert (await cost(store)).markout_300s_bps is not None


async def test_a_late_commission_makes_the_costs_anew(
    store: SqlStore, clock: ManualClock, keeper: CostKeeper
) -> None:
    await traded(store)
    clock.advance(1_000)
    await keeper.catch_up()

    await store.apply("SIM", made_by(1, a_fill_row(ts=at(1), commission=D(3))), 1)
    await keeper.catch_up()

    assert ((await cost(store)).fees, keeper.made) == (D(3), 2)


async def test_records_without_orders_move_the_place_once(
    store: SqlStore, clock: ManualClock
) -> None:
    await store.apply("SIM", [], 9)
    keeper = CostKeeper(lambda: CostTables(store.engine, "SIM"), clock)

    assert not await keeper.step()
    assert not await keeper.step()

    assert (await CostTables(store.engine, "SIM").news(at(0), 9)).through == 9


async def test_a_stop_that_rested_for_days_needs_the_tape_from_its_fill_on() -> None:
    stop = an_order_row(route="protect", submitted_at=START - timedelta(days=9), closed_at=at(5))
    story = CostStory(parent_id=ORDER, orders=[stop], fills=[a_fill_row(ts=at(4))])

    assert span_of(story) == (at(4), at(5))


async def test_an_order_needs_the_tape_from_its_release_to_its_end() -> None:
    story = CostStory(parent_id=ORDER, orders=[an_order_row()], fills=[a_fill_row(ts=at(4))])

    assert span_of(story) == (START, at(4))


def test_the_line_holds_the_tape_and_what_decisions_saw() -> None:
    story = CostStory(parent_id=ORDER, orders=[an_order_row()], decisions=[a_decision_row()])
    quotes = [
        Quote("AAPL", None, D(2), ts=at(1)),
        Quote("AAPL", D(3), None, volume=D(7), ts=at(2)),
        Quote("AAPL", D(3), D(5)),
    ]

    line = line_of(story, quotes, nanoseconds(at(9)))

    assert [line.mid_at(nanoseconds(at(n))) for n in (0, 1, 2)] == [D(150), None, None]
    assert list(line.volumes) == [0, 0, 7_000_000]


def test_a_tape_that_was_not_read_to_its_end_is_not_known_beyond() -> None:
    story = CostStory(parent_id=ORDER, orders=[an_order_row()])
    quotes = [a_quote(n / 1_000, "1", "1") for n in range(MOST_QUOTES)]

    assert line_of(story, quotes, nanoseconds(at(1_000))).until == nanoseconds(at(199.999))


async def test_tables_that_are_away_are_waited_for_and_told(clock: ManualClock) -> None:
    asked = 0

    def away() -> Costing:
        nonlocal asked
        asked += 1
        raise Unavailable("the tables are away")

    keeper = CostKeeper(away, clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(keeper.run())
        await asyncio.sleep(0)
        part = keeper.part()
        task.cancel()

    assert (asked, part.healthy, part.detail) == (1, False, "the tables are away")


async def test_it_runs_until_everything_is_made(store: SqlStore, clock: ManualClock) -> None:
    await traded(store)
    clock.advance(1_000)
    done = asyncio.Event()

    class Watched(CostTables):
        async def save(
            self, parents: Sequence[str], rows: Iterable[OrderCostRow], through: int
        ) -> None:
            await super().save(parents, rows, through)
            done.set()

    keeper = CostKeeper(lambda: Watched(store.engine, "SIM"), clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(keeper.run())
        await done.wait()
        task.cancel()

    assert keeper.part().healthy
    assert (await cost(store)).fees == D("-0.25")
