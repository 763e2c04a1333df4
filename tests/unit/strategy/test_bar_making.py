"""Bars out of quotes: whole ones only, each once, and nothing from a market that was not seen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.models import Bar, Quote
from fillpath.core.units import NANOSECONDS, nanoseconds
from fillpath.strategy.bar_making import BarMaker, even_spans
from fillpath.testing.builders import START

MINUTE = 60 * NANOSECONDS
BEGIN = nanoseconds(START)
"""A whole minute."""


def a_maker(**changes: Any) -> BarMaker:
    fields: dict[str, Any] = {"symbol": "IBM", "span_of": even_spans(MINUTE), "since": BEGIN}
    return BarMaker(**(fields | changes))


def a_quote(second: float, mid: int | None = 100, **changes: Any) -> Quote:
    """Return a quote a cent to each side of a price."""
    cent = Decimal("0.01")
    bid, ask = (None, None) if mid is None else (mid - cent, mid + cent)
    return Quote("IBM", bid, ask, ts=START + timedelta(seconds=second), **changes)


def shown(bars: list[Bar | None]) -> list[tuple[int, list[int]]]:
    """Return second and prices of each bar."""
    return [
        (
            int((bar.ts - START).total_seconds()),
            [int(price) for price in (bar.open, bar.high, bar.low, bar.close)],
        )
        for bar in bars
        if bar is not None
    ]


def test_a_bar_holds_the_mids_of_its_interval() -> None:
    maker = a_maker()
    for second, mid in ((0, 100), (20, 103), (40, 98), (59, 101)):
        assert maker.take(a_quote(second, mid)) is None

    bar = maker.take(a_quote(60, 102))

    assert shown([bar]) == [(0, [100, 103, 98, 101])]


def test_a_bar_ends_by_the_clock_too_and_is_shown_once() -> None:
    maker = a_maker()
    maker.take(a_quote(5))
    assert maker.ends_at == BEGIN + MINUTE

    found = [maker.end(BEGIN + MINUTE - 1), maker.end(BEGIN + MINUTE), maker.end(BEGIN + MINUTE)]

    assert shown(found) == [(0, [100, 100, 100, 100])]


def test_a_quote_of_a_bar_that_was_shown_changes_nothing() -> None:
    maker = a_maker()
    maker.take(a_quote(5))
    maker.end(BEGIN + MINUTE)

    assert maker.take(a_quote(59, 500)) is None
    assert maker.ends_at is None


def test_what_was_under_way_when_the_watch_began_is_not_shown() -> None:
    maker = a_maker(since=BEGIN + 1)
    maker.take(a_quote(5))

    found = [maker.take(a_quote(61)), maker.take(a_quote(121))]

    assert shown(found) == [(60, [100, 100, 100, 100])]


def test_a_bar_in_which_quotes_were_missing_is_not_shown() -> None:
    maker = a_maker()
    maker.take(a_quote(5))
    maker.missed(BEGIN + MINUTE + 1)

    found = [maker.take(a_quote(second)) for second in (61, 121, 181)]

    assert shown(found) == [(120, [100, 100, 100, 100])]


@pytest.mark.parametrize(
    "quote",
    [
        a_quote(5, None),
        Quote("IBM", Decimal(101), Decimal(100), ts=START),
        Quote("IBM", Decimal(99), Decimal(101)),
        Quote("IBM", None, Decimal(101), ts=START),
    ],
)
def test_what_is_no_market_makes_no_price(quote: Quote) -> None:
    maker = a_maker()

    assert maker.take(quote) is None
    assert maker.ends_at is None


def test_while_the_market_is_closed_there_is_no_bar_but_the_last_one_ends() -> None:
    spans = even_spans(MINUTE)
    maker = a_maker(span_of=lambda at: spans(at) if at < BEGIN + MINUTE else None)
    maker.take(a_quote(5))

    assert shown([maker.take(a_quote(61))]) == [(0, [100, 100, 100, 100])]
    assert maker.ends_at is None


def test_the_volume_is_what_was_traded_between_the_quotes() -> None:
    maker = a_maker()
    volumes = [(1, 500), (2, 700), (3, None), (4, 800), (5, 900), (61, 50), (62, 60)]
    found = [
        maker.take(a_quote(second, volume=None if volume is None else Decimal(volume)))
        for second, volume in volumes
    ]
    found.append(maker.end(BEGIN + 2 * MINUTE))

    # 200 and 100 in the first minute; the count began anew, so 50 and then 10 in the second
    assert [bar.volume for bar in found if bar is not None] == [Decimal(300), Decimal(60)]


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 500)), max_size=60))
def test_bars_come_in_order_and_hold_no_price_that_nobody_quoted(
    quotes: list[tuple[int, int]],
) -> None:
    maker = a_maker()
    bars = [maker.take(a_quote(second, mid)) for second, mid in quotes]
    bars.append(maker.end(BEGIN + 11 * MINUTE))

    seen = [bar for bar in bars if bar is not None]
    assert [bar.ts for bar in seen] == sorted({bar.ts for bar in seen})
    prices = {Decimal(mid) for _, mid in quotes}
    assert {price for bar in seen for price in (bar.high, bar.low)} <= prices
