"""What millions of fills cost is what one fill after the other would have cost."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fillpath.backtest.costs import LONGEST_GAP
from fillpath.backtest.tape_costs import TapeCosts, tape_costs
from fillpath.core.errors import DataError
from fillpath.core.models import OrderSide
from fillpath.core.units import nanoseconds, price_units
from fillpath.data.files.faults import BadRowReport
from fillpath.execution.markouts import HORIZONS, Executed, markout_bps
from fillpath.execution.midline import midline
from tests.unit.data.files.builders import CALENDAR, a_tick, at, ns, parquet


def a_fill(seconds: float, **changed: Any) -> dict[str, Any]:
    fill = {"ts": at(seconds), "symbol": "IBM", "side": "BUY", "price": 181.9, "quantity": 100}
    return fill | changed


def costs_of(
    folder: Path,
    fills: list[dict[str, Any]],
    quotes: list[dict[str, Any]],
    report: BadRowReport | None = None,
) -> list[TapeCosts]:
    return tape_costs(
        [parquet(folder, fills, "fills.parquet")],
        [parquet(folder, quotes, "quotes.parquet")],
        report=report or BadRowReport(),
        calendar=CALENDAR,
    )


def test_a_buy_above_the_mid_costs_and_a_later_rise_is_good(tmp_path: Path) -> None:
    quotes = [a_tick(0, bid_price=99.0, ask_price=101.0), a_tick(1, bid_price=100.5, ask_price=102)]
    later = a_tick(600, bid_price=102.0, ask_price=102.5)

    ibm, everything = costs_of(tmp_path, [a_fill(0.5, price=100.5)], [*quotes, later])

    assert (ibm.fills, ibm.priced, ibm.quotes, ibm.notional) == (1, 1, 3, 10_050.0)
    assert ibm.cost_bps == pytest.approx(0.5 / 100.5 * 10_000)
    assert ibm.markouts_bps["50ms"] == pytest.approx(-0.5 / 100.5 * 10_000)
    assert ibm.markouts_bps["1s"] == pytest.approx(0.75 / 100.5 * 10_000)
    assert everything.symbol == ""
    assert everything.cost_bps == ibm.cost_bps


def test_a_sell_has_the_other_sign(tmp_path: Path) -> None:
    quotes = [a_tick(0, bid_price=99.0, ask_price=101.0), a_tick(900)]

    costs = costs_of(tmp_path, [a_fill(0.5, price=99.5, side="SELL")], quotes)

    assert costs[-1].cost_bps == pytest.approx(0.5 / 99.5 * 10_000)


def test_every_figure_is_the_mean_of_the_figures_fill_by_fill(tmp_path: Path) -> None:
    bids = [180 + n * 7_919 % 200 / 100 for n in range(400)]
    quotes = [a_tick(2 * n, bid_price=bid, ask_price=bid + 0.02) for n, bid in enumerate(bids)]
    fills = [
        a_fill(n * 104_729 % 700_000 / 1000, price=(18_000 + n * 6_007 % 300) / 100)
        for n in range(50)
    ]

    costs = costs_of(tmp_path, fills, quotes)[-1]

    ends = [(ns(2 * n), _units(bid), _units(bid + 0.02)) for n, bid in enumerate(bids)]
    line = midline(ends, until=ends[-1][0], longest_gap=LONGEST_GAP)
    for name, after in (("", 0), *HORIZONS):
        done = [
            Executed(Decimal(str(fill["price"])), Decimal(100), _nanoseconds(fill))
            for fill in fills
            if line.mid_at(_nanoseconds(fill) + after) is not None
        ]
        wanted = markout_bps(OrderSide.BUY, done, line, after)
        found = costs.markouts_bps[name] if name else -(costs.cost_bps or 0)
        assert wanted is not None
        assert found == pytest.approx(float(wanted), rel=1e-12)


def _units(price: float) -> int:
    return price_units(Decimal(str(round(price, 2))))


def _nanoseconds(fill: dict[str, Any]) -> int:
    return nanoseconds(fill["ts"])


@pytest.mark.parametrize(
    ("seconds", "quotes"),
    [
        pytest.param(5, [a_tick(10)], id="before the first quote"),
        pytest.param(15, [a_tick(10)], id="after the last"),
        pytest.param(3_700, [a_tick(10), a_tick(4_000)], id="the quote is older than an hour"),
        pytest.param(15, [a_tick(10, bid_price=None, bid_size=0), a_tick(20)], id="one side"),
        pytest.param(15, [a_tick(10, bid_price=182.0), a_tick(20)], id="crossed"),
        pytest.param(15, [a_tick(10, symbol="AIG"), a_tick(20, symbol="AIG")], id="no quotes"),
    ],
)
def test_a_fill_without_a_market_counts_and_has_no_cost(
    tmp_path: Path, seconds: float, quotes: list[dict[str, Any]]
) -> None:
    costs = costs_of(tmp_path, [a_fill(seconds)], quotes)[-1]

    assert (costs.fills, costs.priced, costs.notional) == (1, 0, 18_190.0)
    assert costs.cost_bps is None


def test_fills_of_two_files_and_any_order_are_one(tmp_path: Path) -> None:
    quotes = parquet(tmp_path, [a_tick(0), a_tick(900)], "quotes.parquet")
    one = parquet(tmp_path, [a_fill(9), a_fill(5, symbol="AIG")], "one.parquet")
    other = parquet(tmp_path, [a_fill(3, price=182.0)], "other.parquet")

    costs = tape_costs([one, other], [quotes], report=BadRowReport(), calendar=CALENDAR)

    assert [(row.symbol, row.fills, row.priced) for row in costs] == [
        ("AIG", 1, 0),
        ("IBM", 2, 2),
        ("", 3, 2),
    ]


def test_a_side_that_is_none_is_a_bad_row(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="side must be BUY or SELL, got 'LONG'"):
        costs_of(tmp_path, [a_fill(1), a_fill(2, side="LONG")], [a_tick(0)])


def test_bad_fills_can_be_left_out_but_not_all(tmp_path: Path) -> None:
    report = BadRowReport(skip=True)

    costs = costs_of(tmp_path, [a_fill(1, price=-1), a_fill(2)], [a_tick(0), a_tick(9)], report)

    assert (costs[-1].fills, report.counts["not_positive"]) == (1, 1)
    with pytest.raises(DataError, match="no usable fill"):
        costs_of(tmp_path, [a_fill(1, price=-1)], [a_tick(0)], report)


def test_the_fills_of_a_run_can_be_read(tmp_path: Path) -> None:
    exported = pl.DataFrame([a_fill(1)]).with_columns(pl.col("price").cast(pl.Decimal(38, 8)))
    exported.write_parquet(tmp_path / "exported.parquet")

    (ibm, _) = tape_costs(
        [tmp_path / "exported.parquet"],
        [parquet(tmp_path, [a_tick(0), a_tick(9)], "quotes.parquet")],
        report=BadRowReport(),
        calendar=CALENDAR,
    )

    assert ibm.notional == 18_190.0
