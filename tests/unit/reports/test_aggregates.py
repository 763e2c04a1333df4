"""What many orders cost: by name, with an honest interval, and saying when there are too few."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import fmean, stdev

import pytest

from fillpath.core.costs import CostFigure, OrderTimes
from fillpath.core.errors import ModelError
from fillpath.core.listings import LatencyStage, QualitySummary
from fillpath.reports.aggregates import (
    KEYS,
    LEAST_ORDERS,
    bucket,
    interval,
    stage_latencies,
    summarised,
)
from fillpath.reports.statistics import t_975

D = Decimal
MONDAY = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def a_figure(cost: str | None = "1", notional: str = "1000", **changes: object) -> CostFigure:
    fields: dict[str, object] = {
        "symbol": "AAPL",
        "strategy_name": "trend",
        "route": "default",
        "released_at": MONDAY,
        "signal_at": MONDAY,
        "last_fill_at": MONDAY + timedelta(seconds=1),
        "notional": D(notional),
        "cost_bps": None if cost is None else D(cost),
        "fees": D("0.10"),
        "shortfall": D("0.50"),
    }
    return CostFigure(**(fields | changes))  # type: ignore[arg-type]  # fields of one struct


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("day", ["2026-03-02", "2026-03-08", "2026-03-09"]),
        ("week", ["2026-03-02", "2026-03-09"]),
        ("symbol", ["AAPL", "MSFT"]),
        ("strategy", ["trend"]),
        ("route", ["default", "twap"]),
        ("hour", ["09", "14"]),
        ("size", ["under 1k", "1k-10k", "over 1M"]),
    ],
)
def test_orders_are_put_together_by_name(by: str, keys: list[str]) -> None:
    figures = [
        a_figure(notional="2000000", released_at=MONDAY + 7 * DAY, route="twap"),
        a_figure(notional="999.99", symbol="MSFT"),
        a_figure(released_at=MONDAY + 6 * DAY - timedelta(hours=5)),
    ]

    assert [row.key for row in summarised(figures, by)] == keys


def test_a_name_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(ModelError, match="by must be one of day, week, symbol"):
        summarised([], "mood")
    assert [summarised([], by) for by in KEYS] == [[]] * 7


def test_the_typical_order_and_the_typical_dollar_are_both_told() -> None:
    figures = [a_figure("2"), a_figure("4"), a_figure("6", "4000")]

    (row,) = summarised(figures, "symbol")

    assert (row.n, row.notional, row.mean_bps, row.median_bps) == (3, 6_000, 4, 4)
    assert row.weighted_bps == 5
    assert row.p95_bps == pytest.approx(5.8)
    assert (row.fees, row.shortfall) == (D("0.30"), D("1.50"))
    assert (row.mean_latency_ms, row.p95_latency_ms) == (1_000, 1_000)


def of(*figures: CostFigure) -> QualitySummary:
    """Return the one bucket of some orders."""
    row = bucket("x", figures)
    assert row is not None
    return row


def test_what_is_not_known_counts_for_nothing_and_is_not_zero() -> None:
    row = of(a_figure(), a_figure(None, shortfall=None))

    assert (row.n, row.mean_bps, row.days) == (1, 1, 1)
    assert (row.notional, row.shortfall) == (2_000, D("0.50"))
    assert of(a_figure(shortfall=None)).shortfall is None


def test_where_no_cost_is_known_there_is_no_bucket() -> None:
    assert bucket("x", [a_figure(None)]) is None
    assert summarised([a_figure(None)], "day") == []


def test_without_a_signal_the_clock_starts_with_the_release() -> None:
    row = of(a_figure(signal_at=None), a_figure(last_fill_at=None))

    assert (row.mean_latency_ms, row.p95_latency_ms) == (500, 950)


def test_orders_without_value_have_no_weighted_cost() -> None:
    assert of(a_figure(notional="0")).weighted_bps is None


def test_few_orders_are_not_enough() -> None:
    few = of(*[a_figure()] * (LEAST_ORDERS - 1))
    many = of(*[a_figure()] * LEAST_ORDERS)

    assert (few.enough, many.enough) == (False, True)


def test_one_order_a_day_gives_the_plain_interval() -> None:
    values = [1.0, 3.0, 2.0, 7.0]
    days = [date(2026, 3, day) for day in (2, 3, 4, 5)]

    half = t_975(3) * stdev(values) / 2

    assert interval(values, days) == pytest.approx((fmean(values) - half, fmean(values) + half))


def test_orders_of_a_single_day_stand_for_themselves() -> None:
    values = [1.0, 3.0, 2.0, 7.0]

    alone = interval(values, [date(2026, 3, 2)] * 4)

    assert alone == interval(values, [date(2026, 3, day) for day in (2, 3, 4, 5)])


def test_orders_that_share_a_day_are_one_draw() -> None:
    """Ten copies of every order of a day say nothing new: the interval stays as wide."""
    values = [1.0, 3.0, 2.0]
    days = [date(2026, 3, day) for day in (2, 3, 4)]

    assert interval(values * 10, days * 10) == pytest.approx(interval(values, days))


def test_one_order_has_no_interval() -> None:
    assert interval([1.0], [date(2026, 3, 2)]) is None
    assert interval([], []) is None


def times(**changes: datetime | None) -> OrderTimes:
    at = [MONDAY + timedelta(milliseconds=ms) for ms in (0, 10, 30, 30, 100, 300, 1_000)]
    fields = dict(zip(OrderTimes.__struct_fields__, at, strict=True))
    return OrderTimes(**(fields | changes))  # type: ignore[arg-type]  # fields of one struct


def test_the_stages_are_those_of_an_orders_way() -> None:
    found = stage_latencies([times()])

    assert [(row.stage, row.median_ms) for row in found] == [
        ("signal", 10),
        ("risk", 20),
        ("submit", 0),
        ("acknowledge", 70),
        ("fill", 200),
        ("last_fill", 700),
    ]


def test_a_moment_that_nobody_wrote_down_leaves_its_stages_out() -> None:
    found = {row.stage: row for row in stage_latencies([times(acknowledged_at=None), times()])}

    assert (found["acknowledge"].n, found["fill"].n) == (1, 2)
    assert found["fill"].median_ms == (270 + 200) / 2


def test_without_orders_no_stage_is_known() -> None:
    assert set(stage_latencies([])) == {
        LatencyStage(stage=stage, n=0, median_ms=None, p95_ms=None)
        for stage in ("signal", "risk", "submit", "acknowledge", "fill", "last_fill")
    }
