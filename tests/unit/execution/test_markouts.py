"""Spreads and markouts: what the market did around the fills."""

from decimal import Decimal

import pytest

from fillpath.core.models import OrderSide
from fillpath.core.units import NANOSECONDS, PRICE_SCALE
from fillpath.execution.markouts import (
    HORIZONS,
    Executed,
    Spreads,
    markout_bps,
    mid_of_fills,
    spreads,
)
from fillpath.execution.midline import Midline, midline

BUY = OrderSide.BUY
SELL = OrderSide.SELL
D = Decimal
S = NANOSECONDS
CENT = PRICE_SCALE // 100


def seen(*values: object) -> tuple[object, ...]:
    """Return the values, whatever they are."""
    return values


def a_line(*points: tuple[int, int, int], until: int = 400) -> Midline:
    return midline(
        [(at * S, bid * CENT, ask * CENT) for at, bid, ask in points],
        until=until * S,
        longest_gap=400 * S,
    )


ONE = [Executed(D("100.05"), D(10), 0)]


def test_the_horizons_are_those_of_the_rule_and_of_the_specification() -> None:
    assert [(name, after / S) for name, after in HORIZONS] == [
        ("50ms", 0.05),
        ("1s", 1),
        ("10s", 10),
        ("15s", 15),
        ("60s", 60),
        ("300s", 300),
    ]


def test_a_buy_before_a_rise_went_our_way() -> None:
    line = a_line((0, 9_995, 10_005), (5, 10_100, 10_110))

    after = markout_bps(BUY, [Executed(D(100), D(10), 0)], line, 10 * S)

    assert after == D("105")


def test_a_sell_before_a_rise_did_not() -> None:
    line = a_line((0, 9_995, 10_005), (5, 10_100, 10_110))

    assert markout_bps(SELL, [Executed(D(100), D(10), 0)], line, 10 * S) == D("-105")


def test_several_fills_count_by_what_was_paid() -> None:
    line = a_line((0, 10_000, 10_000), (2, 10_200, 10_200), (4, 10_100, 10_100))
    fills = [Executed(D(100), D(30), 0), Executed(D(102), D(10), 2 * S)]

    after = markout_bps(BUY, fills, line, 2 * S)

    paid, worth = 100 * 30 + 102 * 10, 102 * 30 + 101 * 10
    assert after == (D(worth) - paid) * 10_000 / paid


def test_a_markout_is_not_known_before_its_time_has_passed() -> None:
    line = a_line((0, 9_995, 10_005), until=9)

    assert markout_bps(BUY, ONE, line, 10 * S) is None
    assert markout_bps(BUY, ONE, line, 9 * S) is not None


def test_a_markout_of_several_fills_waits_for_the_last() -> None:
    line = a_line((0, 9_995, 10_005), until=11)
    fills = [*ONE, Executed(D(100), D(1), 2 * S)]

    assert markout_bps(BUY, fills, line, 10 * S) is None


def test_nothing_filled_has_no_markout() -> None:
    assert markout_bps(BUY, [], a_line((0, 1, 1)), S) is None
    assert mid_of_fills([], a_line((0, 1, 1))) is None


def test_the_mid_at_the_fills_is_weighted_by_shares() -> None:
    line = a_line((0, 100, 100), (2, 200, 200))
    fills = [Executed(D(1), D(30), 0), Executed(D(1), D(10), 2 * S)]

    assert mid_of_fills(fills, line) == D("1.25")


def test_paying_the_far_touch_pays_the_whole_spread() -> None:
    line = a_line((0, 9_995, 10_005), (300, 10_004, 10_006))

    found = spreads(BUY, ONE, line, 0)

    assert found == Spreads(
        quoted=D(10), effective=D(10), realised=D(0), effective_over_quoted=D(1)
    )
    assert found.impact == 10


def test_a_sell_at_the_mid_pays_none_of_it() -> None:
    line = a_line((0, 9_995, 10_005), (300, 9_985, 9_995))

    found = spreads(SELL, [Executed(D(100), D(10), 0)], line, 0)

    assert seen(found.effective, found.effective_over_quoted, found.realised) == (0, 0, -20)
    assert found.impact == 20


def test_an_unknown_market_has_no_spread() -> None:
    found = spreads(BUY, ONE, a_line((10, 1, 2)), 0)

    assert found == Spreads(quoted=None, effective=None, realised=None, effective_over_quoted=None)
    assert found.impact is None


def test_without_fills_only_the_quoted_spread_is_known() -> None:
    found = spreads(BUY, [], a_line((0, 9_995, 10_005)), 0)

    assert seen(found.quoted, found.effective, found.realised) == (10, None, None)
    assert found.effective_over_quoted is None


def test_a_locked_market_has_no_ratio() -> None:
    found = spreads(BUY, ONE, a_line((0, 10_000, 10_000)), 0)

    assert seen(found.quoted, found.effective, found.effective_over_quoted) == (0, 10, None)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_no_cost_has_no_sign(side: OrderSide) -> None:
    mark = markout_bps(side, [Executed(D(100), D(10), 0)], a_line((0, 10_000, 10_000)), S)

    assert mark is not None
    assert not mark.is_signed()
