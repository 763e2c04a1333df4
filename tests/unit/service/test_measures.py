"""What is computed from the tables for whoever shows it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.listings import EVERYTHING, Mark, QuotePoint, Wanted
from fillpath.core.models import OrderSide, Quote
from fillpath.data.store.costs import CostTables
from fillpath.data.store.reader import SqlReader
from fillpath.data.store.sql_store import SqlStore
from fillpath.service.measures import Measures, thinned
from fillpath.testing.builders import START
from fillpath.testing.rows import a_cost_row, a_fill_row, a_quality_row, made_by

D = Decimal


class Tables(Struct, frozen=True):
    reader: SqlReader


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path}/store.db")
    await store.start()
    yield store
    await store.close()


@pytest.fixture
def measures(store: SqlStore) -> Measures:
    return Measures(Tables(store))


async def test_costs_are_summed_up_by_what_orders_share(
    store: SqlStore, measures: Measures
) -> None:
    rows = [a_cost_row(order_id=f"o{n}", symbol="AAPL" if n else "MSFT") for n in range(3)]
    await CostTables(store.engine, "SIM").save([r.order_id for r in rows], rows, -1)

    found = await measures.summary("SIM", "symbol")
    one = await measures.summary("SIM", "symbol", Wanted(symbol="MSFT"))

    assert [(row.key, row.n) for row in found] == [("AAPL", 2), ("MSFT", 1)]
    assert [row.key for row in one] == ["MSFT"]
    with pytest.raises(ModelError):
        await measures.summary("SIM", "mood")


async def test_days_of_which_only_sums_are_kept_stand_before_the_others(
    store: SqlStore, measures: Measures
) -> None:
    old = [
        a_quality_row(order_id="a", filled_at=START - timedelta(days=9), slippage_bps=D(2)),
        a_quality_row(order_id="b", filled_at=START - timedelta(days=9), route="twap"),
        a_quality_row(),
    ]
    await store.apply("SIM", made_by(0, *old), 0)
    await CostTables(store.engine, "SIM").save(["o"], [a_cost_row()], -1)

    days = await measures.summary("SIM", "day", EVERYTHING, "slippage_bps")
    weeks = await measures.summary("SIM", "week", Wanted(route="twap"), "slippage_bps")
    strategies = await measures.summary("SIM", "day", Wanted(strategy_name="trend"), "slippage_bps")
    arrival = await measures.summary("SIM", "day")

    assert [(row.key, row.n, row.enough) for row in days] == [
        ("2026-02-21", 2, False),
        ("2026-03-02", 1, False),
    ]
    assert days[0].mean_bps == pytest.approx((2 + 10 / 3) / 2)
    assert [row.key for row in weeks] == ["2026-02-16"]
    assert [row.key for row in strategies] == ["2026-03-02"]
    assert [row.key for row in arrival] == ["2026-03-02"], "it is not known against the mid"


async def test_cost_against_the_expected_price_comes_from_the_measurements(
    store: SqlStore, measures: Measures
) -> None:
    measured = [a_quality_row(order_id=f"o{n}", slippage_bps=D(n)) for n in range(2)]
    await store.apply("SIM", made_by(0, *measured), 0)
    rows = [a_cost_row(order_id=f"o{n}") for n in range(3)]
    await CostTables(store.engine, "SIM").save([r.order_id for r in rows], rows, -1)

    (found,) = await measures.summary("SIM", "symbol", EVERYTHING, "slippage_bps")

    assert (found.n, found.mean_bps) == (2, 0.5), "the third was never measured"
    with pytest.raises(ModelError):
        await measures.summary("SIM", "symbol", EVERYTHING, "quantity")


async def test_a_symbol_is_marked_at_its_newest_mid(store: SqlStore, measures: Measures) -> None:
    tape = [
        Quote("AAPL", D(bid), D(bid) + 2, ts=START + timedelta(seconds=n))
        for n, bid in enumerate((100, 104))
    ]
    await store.save_quotes(tape)

    assert await measures.marks(["AAPL", "XYZ"]) == {
        "AAPL": Mark(D(105), START + timedelta(seconds=1))
    }


async def test_markouts_leave_out_what_is_not_known(store: SqlStore, measures: Measures) -> None:
    rows = [
        a_cost_row(order_id="a", markout_1s_bps=D(2), markout_300s_bps=None),
        a_cost_row(order_id="b", markout_1s_bps=D(4), markout_300s_bps=None),
        a_cost_row(order_id="c", parent_order_id="a", markout_1s_bps=D(100)),
    ]
    await CostTables(store.engine, "SIM").save([r.order_id for r in rows], rows, -1)

    found = {row.seconds: row for row in await measures.markouts("SIM")}

    assert list(found) == [D("0.05"), D(1), D(10), D(15), D(60), D(300)]
    assert (found[D(1)].n, found[D(1)].mean_bps, found[D(1)].enough) == (2, 3.0, False)
    assert (found[D(300)].n, found[D(300)].mean_bps) == (0, None)


async def test_latency_is_told_by_stage(store: SqlStore, measures: Measures) -> None:
    acknowledged = a_cost_row(acknowledged_at=START + timedelta(milliseconds=40))
    await CostTables(store.engine, "SIM").save(["o"], [acknowledged], -1)

    stages = {row.stage: row.median_ms for row in await measures.latency("SIM")}

    assert stages["acknowledge"] == 40


async def test_an_order_has_its_costs_or_none(store: SqlStore, measures: Measures) -> None:
    row = a_cost_row(delay=D(1), markout_10s_bps=D("1.5"), shortfall=D(3))
    child = a_cost_row(order_id="c", parent_order_id=row.order_id)
    await CostTables(store.engine, "SIM").save([row.order_id], [row, child], -1)

    found = await measures.costs("SIM", row.order_id)

    assert found is not None
    assert (found.delay, found.total, found.fees) == (D(1), D(3), row.fees)
    assert {f"{mark.seconds:f}": mark.bps for mark in found.markouts} == {
        "0.05": None,
        "1": None,
        "10": D("1.5"),
        "15": None,
        "60": None,
        "300": None,
    }
    assert await measures.costs("SIM", "nobody") is None


async def test_quotes_of_a_time_are_those_of_the_tape(store: SqlStore, measures: Measures) -> None:
    await store.save_quotes([Quote("AAPL", D(1), None, ts=START)])

    found = await measures.quotes("AAPL", START, START)

    assert found == [QuotePoint(START, D(1), None)]
    assert await measures.quotes("MSFT", START, START) == []


def test_many_quotes_are_thinned_evenly_and_the_last_stays() -> None:
    quotes = [Quote("AAPL", D(n + 1), None) for n in range(1_000)]

    few = thinned(quotes, 10)
    even = thinned(quotes[:10], 10)

    assert len(few) <= 10
    assert (few[0], few[-1]) == (quotes[0], quotes[-1])
    assert even == quotes[:10]
    assert thinned(quotes[:9], 3)[-1] is quotes[8]


async def test_profit_is_told_at_the_last_mid_and_lots_are_listed(
    store: SqlStore, measures: Measures
) -> None:
    later = START + timedelta(days=1)
    fills = [
        a_fill_row(fill_id="a", price=D(100), commission=D(0), ts=START),
        a_fill_row(
            fill_id="b",
            price=D(110),
            side=OrderSide.SELL,
            quantity=D(40),
            commission=D(1),
            ts=later,
        ),
        a_fill_row(fill_id="c", symbol="DARK", ts=later),
    ]
    await store.apply("SIM", made_by(0, *fills), 0)
    await store.save_quotes(
        [
            Quote("AAPL", D(119), D(121), ts=later),
            Quote("AAPL", D(119), None, ts=later + timedelta(seconds=1)),
        ]
    )

    by_symbol = await measures.profit("SIM", "symbol")
    by_strategy = await measures.profit("SIM", "strategy")
    lots = await measures.lots("SIM")

    assert [(row.key, row.realized, row.unrealized) for row in by_symbol] == [
        ("AAPL", D(399), D(1_200)),
        ("DARK", D(0), None),
    ]
    assert [(row.key, row.unrealized, row.lots) for row in by_strategy] == [("trend", None, 1)]
    assert [(row.symbol, row.quantity, row.sold_at) for row in lots] == [
        ("AAPL", D(60), None),
        ("DARK", D(100), None),
        ("AAPL", D(40), later),
    ]
    assert {row.strategy_name for row in lots} == {"trend"}
