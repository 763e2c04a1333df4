"""The page of a backtest: no figure that hides something, nothing drawn that was not there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import polars as pl
import pytest

from fillpath.reports.backtest_page import (
    MOST_POINTS,
    Told,
    columns,
    figures,
    notes,
    page,
    percent,
    unknown_of,
)
from fillpath.reports.fates import Fate
from fillpath.reports.performance import EquityPoint, Trade, performance
from fillpath.reports.route_costs import RouteCost
from tests.unit.reports.builders import FACTS

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def a_curve(values: Sequence[float]) -> list[EquityPoint]:
    return [EquityPoint(START + timedelta(minutes=n), value) for n, value in enumerate(values)]


def a_trade(**fields: Any) -> Trade:
    given: dict[str, Any] = {
        "symbol": "IBM",
        "strategy_name": "trend",
        "opened_at": START,
        "closed_at": START + timedelta(hours=1),
        "quantity": -10.0,
        "pnl": 20.0,
        "commission": 0.0,
        "entry_price": 100.0,
        "exit_price": 98.0,
    }
    return Trade(**(given | fields))


def a_cost(route: str, notional: int, traded: int) -> RouteCost:
    return RouteCost(
        route=route,
        orders=2,
        known=1,
        notional=Decimal(notional),
        slippage=Decimal(0),
        spread=Decimal(0),
        impact=Decimal(0),
        fees=Decimal(1),
        traded=Decimal(traded),
    )


def told(values: Sequence[float] = (100_000, 100_001.5), **fields: Any) -> Told:
    points = a_curve(values)
    given: dict[str, Any] = {
        "title": "cross:Cross",
        "facts": FACTS,
        "performance": performance(points, points, [], []),
        "points": points,
        "trades": [],
        "costs": [],
    }
    return Told(**(given | fields))


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, "not enough"),
        (0.0, "0.00 %"),
        (0.12, "12.00 %"),
        (-0.000018, "-0.0018 %"),
        (1e-9, "0.00 %"),
        (-1e-9, "0.00 %"),
    ],
)
def test_a_small_share_is_not_shown_as_nothing(share: float | None, shown: str) -> None:
    assert percent(share) == shown


def test_the_result_is_told_in_money_too() -> None:
    assert dict(figures(told()))["result after costs"] == "1.50"
    assert dict(figures(told([100_000])))["result after costs"] == "not enough"


def test_a_long_curve_keeps_its_lowest_and_its_highest_point() -> None:
    values = [100.0] * (10 * MOST_POINTS)
    values[7_777], values[9_999] = 50.0, 200.0

    shown = page(told(values))

    line = shown.split('points="')[1].split('"')[0].split()
    heights = [float(point.split(",")[1]) for point in line]
    assert len(line) <= MOST_POINTS + 2
    assert heights.count(max(heights)) == heights.count(min(heights)) == 1


def test_a_trade_is_told_with_its_side_prices_and_return() -> None:
    shown = page(told(trades=[a_trade()]))

    for cell in ("short", "100.00", "98.00", "20.00", "2.00 %", "2026-03-02 14:30:00"):
        assert f">{cell}</td>" in shown


def test_a_trade_that_paid_nothing_has_no_return() -> None:
    assert ">not enough</td>" in page(told(trades=[a_trade(entry_price=0.0)]))


def test_what_became_of_the_signals_is_on_the_page() -> None:
    refused = Fate(reason="NO_EDGE", count=4, first_at=START, text="f is <0")

    shown = page(told(fates=[Fate(reason="", count=1_000), refused]))

    assert ">1,000</td>" in shown
    assert "f is &lt;0" in shown


def test_what_is_in_no_slippage_is_said_once() -> None:
    known, unknown = a_cost("all", 10, 10), a_cost("all", 10, 30)

    assert unknown_of([known]) == unknown_of([]) == ""
    assert unknown_of([unknown]).startswith("20.00 of 30.00 traded is in no slippage")


def test_a_sweep_shows_what_else_was_tried_and_warns_first() -> None:
    rows = [["fast", "total return"], *([str(n), f"{n} %"] for n in range(60))]

    found = told(variants=rows, warning="the best of 60", remarks=("open at the end",))

    assert notes(found)[-2:] == ["the best of 60", "open at the end"]
    assert "10 more are left out" in page(found)


def test_columns_are_written_with_their_names_even_without_a_row() -> None:
    assert pl.read_parquet(BytesIO(columns(Trade, []))).columns[-2:] == [
        "entry_price",
        "exit_price",
    ]
