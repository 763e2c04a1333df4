"""What was known of a market at a moment: a step function with holes."""

from decimal import Decimal

import pytest

from fillpath.core.units import NANOSECONDS, PRICE_SCALE, QUANTITY_SCALE
from fillpath.execution.midline import UNKNOWN, Midline, midline

D = Decimal
S = NANOSECONDS
CENT = PRICE_SCALE // 100


def a_line(*points: tuple[float, int, int], until: float = 100, gap: int = 15) -> Midline:
    """Return a line of (second, bid cents, ask cents)."""
    return midline(
        [(int(at * S), bid * CENT, ask * CENT) for at, bid, ask in points],
        until=int(until * S),
        longest_gap=gap * S,
    )


def test_a_quote_stands_until_the_next_one_comes() -> None:
    line = a_line((0, 100, 102), (10, 104, 106))

    seen = [line.mid_at(at * S) for at in (0, 9, 10, 12)]

    assert seen == [D("1.01"), D("1.01"), D("1.05"), D("1.05")]


def test_half_a_price_unit_is_kept() -> None:
    line = midline([(0, 1, 2)], until=S)

    assert line.mid_at(0) == D("0.000000015")


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(-1, id="before the first quote"),
        pytest.param(16, id="a quote that stood alone too long"),
        pytest.param(30, id="after what is known"),
    ],
)
def test_where_nothing_was_written_nothing_is_known(at: int) -> None:
    line = a_line((0, 100, 102), until=20)

    assert line.mid_at(at * S) is None
    assert line.quote_at(at * S) is None
    assert line.doubled_at(at * S) is None


@pytest.mark.parametrize(
    ("bid", "ask"), [(0, 102), (100, 0), (103, 102)], ids=["no bid", "no ask", "crossed"]
)
def test_half_a_market_has_no_middle(bid: int, ask: int) -> None:
    assert a_line((0, bid, ask)).mid_at(S) is None


def test_a_locked_market_has_one() -> None:
    assert a_line((0, 101, 101)).mid_at(S) == D("1.01")


def test_nothing_is_known_of_what_was_never_recorded() -> None:
    assert UNKNOWN.mid_at(0) is None
    assert UNKNOWN.twap(0, 0) is None
    assert UNKNOWN.vwap(0, 0) is None


def test_the_mean_over_time_weighs_each_mid_by_how_long_it_stood() -> None:
    line = a_line((0, 100, 100), (6, 200, 200), (8, 400, 400))

    assert line.twap(2 * S, 10 * S) == D("2.00")  # 4 s of 1.00, 2 s of 2.00, 2 s of 4.00: 16 / 8


def test_the_mean_of_no_time_is_the_mid_of_the_moment() -> None:
    line = a_line((0, 100, 102))

    assert line.twap(S, S) == D("1.01")
    assert line.twap(2 * S, S) is None


def test_a_little_that_is_not_known_is_left_out_of_the_mean() -> None:
    line = a_line((0, 100, 100), (9, 0, 100), (10, 200, 200))

    assert line.twap(0, 10 * S) == D(1)
    assert line.twap(0, 11 * S) == D("1.1")


def test_a_mean_of_mostly_unknown_time_is_not_known() -> None:
    line = a_line((0, 100, 100), (8, 0, 100))

    assert line.twap(0, 10 * S) is None


def test_a_mean_that_has_not_ended_is_not_known() -> None:
    line = a_line((0, 100, 100), until=9)

    assert line.twap(0, 10 * S) is None
    assert line.vwap(0, 10 * S) is None


def a_traded_line(*points: tuple[int, int, int]) -> Midline:
    """Return a line of (second, mid cents, shares traded so far)."""
    return Midline(
        ats=[at * S for at, _, _ in points],
        bids=[mid * CENT for _, mid, _ in points],
        asks=[mid * CENT for _, mid, _ in points],
        volumes=[shares * QUANTITY_SCALE for _, _, shares in points],
        until=100 * S,
    )


def test_the_mean_by_volume_weighs_each_mid_by_what_was_traded() -> None:
    line = a_traded_line((0, 100, 1_000), (1, 200, 1_100), (2, 400, 1_400), (9, 800, 5_000))

    assert line.vwap(0, 5 * S) == D("3.5")  # 100 at 2.00, 300 at 4.00


def test_a_new_day_and_a_missing_volume_count_for_nothing() -> None:
    line = a_traded_line((0, 100, 1_000), (1, 200, 10), (2, 300, 0), (3, 400, 30), (4, 500, 40))

    assert line.vwap(0, 5 * S) == D(13) / 3  # 20 at 4.00, 10 at 5.00


def test_a_point_without_a_volume_loses_none() -> None:
    line = midline(
        [(0, CENT, CENT), (S, CENT, CENT), (2 * S, 3 * CENT, 3 * CENT)],
        until=9 * S,
        volumes={0: 7, 2 * S: 9},
    )

    assert line.vwap(0, 5 * S) == D("0.03")


def test_without_volumes_there_is_no_mean_by_volume() -> None:
    assert a_line((0, 100, 100)).vwap(0, 5 * S) is None
    assert a_traded_line((0, 100, 7), (1, 100, 7)).vwap(0, 5 * S) is None


def test_points_come_in_any_order_and_the_last_of_a_moment_counts() -> None:
    line = a_line((10, 300, 300), (0, 100, 100), (10, 400, 400))

    assert line.mid_at(0) == D(1)
    assert line.mid_at(10 * S) == D(4)


def test_a_quote_that_stood_alone_too_long_before_the_interval_says_nothing_of_it() -> None:
    line = a_line((0, 100, 100), (20, 200, 200), gap=5)

    assert line.twap(10 * S, 19 * S) is None
    assert line.twap(19 * S + S // 2, 25 * S) == D(2)
