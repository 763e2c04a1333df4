"""What a run earned: known answers, and nothing said where there is not enough to say it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.models import OrderSide
from fillpath.core.rows import FillRow
from fillpath.reports.performance import (
    DividendAt,
    EquityPoint,
    SplitAt,
    cagr,
    deflated_sharpe,
    max_drawdown,
    performance,
    profit_factor,
    returns_of,
    sharpe,
    sortino,
    trades_of,
    win_rate,
)

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
TWENTY = [0.01, -0.01] * 10


def a_fill(number: int, side: OrderSide, quantity: int, price: str, fee: str = "0") -> FillRow:
    return FillRow(
        order_id=f"o{number}",
        parent_order_id=None,
        symbol="IBM",
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        ts=START + timedelta(minutes=number),
        commission=Decimal(fee),
        fill_id=f"f{number}",
        simulated=True,
        strategy_name="s",
    )


@pytest.mark.parametrize(
    ("equities", "fall"),
    [([100], None), ([100, 110, 121], 0.0), ([100, 120, 90, 130], 0.25), ([100, -10], 1.1)],
)
def test_the_drawdown_is_the_deepest_fall_from_a_peak(
    equities: list[float], fall: float | None
) -> None:
    assert max_drawdown(equities) == pytest.approx(fall)


def test_growth_is_compounded_to_a_year() -> None:
    assert cagr(0.21, 2) == pytest.approx(0.1)


@pytest.mark.parametrize(("total", "years"), [(0.1, 0.1), (-1.0, 1), (None, 1), (1e300, 0.25)])
def test_growth_a_year_is_not_said_of_a_week_or_a_ruin(total: float | None, years: float) -> None:
    assert cagr(total, years) is None


def test_sharpe_is_mean_over_scatter_of_a_year() -> None:
    returns = [0.02, 0.0] * 10

    assert sharpe(returns) == pytest.approx(0.01 / (0.01 * sqrt(20 / 19)) * sqrt(252))


def test_sortino_counts_only_what_fell() -> None:
    returns = [0.02, -0.01] * 10

    assert sortino(returns) == pytest.approx(0.005 / sqrt(0.0001 / 2) * sqrt(252))


@pytest.mark.parametrize("returns", [[], TWENTY[:19], [0.0] * 30])
def test_ratios_need_enough_days_that_differ(returns: list[float]) -> None:
    assert sharpe(returns) is None
    assert sortino(returns) is None


def test_the_profit_factor_and_the_win_rate_are_of_closed_trades() -> None:
    gains = [30.0, -10.0, 0.0, -5.0]

    assert profit_factor(gains) == 2
    assert win_rate(gains) == pytest.approx(1 / 3)
    assert profit_factor([1.0]) is None
    assert win_rate([0.0]) is None


def test_a_round_trip_earns_its_cash_less_commissions() -> None:
    bought = a_fill(1, OrderSide.BUY, 100, "10", "1")
    added = a_fill(2, OrderSide.BUY, 100, "11", "1")
    sold = a_fill(3, OrderSide.SELL, 200, "12", "2")

    (trade,) = trades_of([bought, added, sold])

    assert (trade.quantity, trade.pnl, trade.commission) == (200, 296, 4)
    assert (trade.opened_at, trade.closed_at) == (bought.ts, sold.ts)


def test_a_fill_through_zero_ends_one_trade_and_begins_another() -> None:
    fills = [
        a_fill(1, OrderSide.BUY, 100, "10"),
        a_fill(2, OrderSide.SELL, 300, "11", "3"),
        a_fill(3, OrderSide.BUY, 200, "9"),
    ]

    long, short = trades_of(fills)

    assert (long.quantity, long.pnl) == (100, 99)
    assert (short.quantity, short.pnl) == (-200, 398)


def test_a_round_trip_across_a_split_counts_what_shares_have_become() -> None:
    bought = a_fill(1, OrderSide.BUY, 10, "645")
    sold = a_fill(3, OrderSide.SELL, 70, "93")

    (trade,) = trades_of([bought, sold], [SplitAt("IBM", START + timedelta(minutes=2), 7.0)])

    assert (trade.quantity, trade.pnl) == (70, 60)


def test_a_trade_says_at_which_prices_it_entered_and_left() -> None:
    fills = [
        a_fill(0, OrderSide.SELL, 10, "70"),
        a_fill(1, OrderSide.SELL, 10, "72"),
        a_fill(5, OrderSide.BUY, 40, "34"),
    ]

    (trade,) = trades_of(fills, [SplitAt("IBM", fills[1].ts + timedelta(minutes=1), 2)])

    assert (trade.quantity, trade.entry_price, trade.exit_price) == (-40, 35.5, 34)


@pytest.mark.parametrize(("side", "paid"), [(OrderSide.BUY, 5.0), (OrderSide.SELL, -5.0)])
def test_a_dividend_belongs_to_the_round_trip_that_held_over_it(
    side: OrderSide, paid: float
) -> None:
    other_side = OrderSide.SELL if side is OrderSide.BUY else OrderSide.BUY
    fills = [a_fill(1, side, 10, "100"), a_fill(3, other_side, 10, "100")]
    after = DividendAt("IBM", START + timedelta(minutes=4), 0.5)
    other = DividendAt("AAPL", START + timedelta(minutes=2), 0.5)

    (trade,) = trades_of(
        fills, [DividendAt("IBM", START + timedelta(minutes=2), 0.5), other, after]
    )

    assert (trade.dividends, trade.pnl) == (paid, paid)


def test_the_best_of_many_is_judged_more_strictly_than_one_of_two() -> None:
    returns = [0.012, -0.01, 0.004] * 40

    few = deflated_sharpe(returns, [0.2, 0.1])
    many = deflated_sharpe(returns, [0.2, 0.1] * 50)

    assert few is not None
    assert many is not None
    assert 0 < many < few < 1


def test_one_try_needs_no_deflation() -> None:
    assert deflated_sharpe(TWENTY, [0.1]) is None


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), max_size=40))
def test_no_figure_is_ever_nan(equities: list[float]) -> None:
    points = [EquityPoint(START + timedelta(days=n), one) for n, one in enumerate(equities)]

    found = performance(points, points, [], [])

    known = (found.total_return, found.cagr, found.max_drawdown, found.sharpe, found.sortino)
    assert all(value is None or isfinite(value) for value in known)


def test_returns_end_with_a_ruin() -> None:
    assert returns_of([100, 110, 0, 50]) == [pytest.approx(0.1), -1]
