"""What holds for every price, on both sides."""

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from fillpath.core.models import OrderSide
from fillpath.core.units import PRICE_SCALE, RATIO_SCALE
from fillpath.execution.pricing import (
    LOW_TICK,
    TICK,
    advisory_limit,
    collar,
    offset_limit,
    protective_stop,
    tick_size,
    to_tick,
)

BUY, SELL = OrderSide.BUY, OrderSide.SELL
sides = st.sampled_from(OrderSide)
prices = st.one_of(
    st.integers(1, 2 * PRICE_SCALE),
    st.integers(1, 10_000 * PRICE_SCALE),
    st.integers(1, 10_000).map(lambda ticks: ticks * LOW_TICK),
    st.integers(100, 10_000).map(lambda ticks: ticks * TICK),
)
on_tick = st.one_of(
    st.integers(1, 9_999).map(lambda ticks: ticks * LOW_TICK),
    st.integers(100, 10**6).map(lambda ticks: ticks * TICK),
)
offsets = st.integers(0, RATIO_SCALE // 100)
distances = st.integers(RATIO_SCALE // 10_000, RATIO_SCALE // 2)


@st.composite
def quotes(draw: st.DrawFn) -> tuple[int, int]:
    low, high = sorted((draw(prices), draw(prices)))
    return low, high


@given(price=on_tick, side=sides)
def test_a_price_on_the_tick_does_not_move(price: int, side: OrderSide) -> None:
    assert to_tick(price, side) == price


@given(price=prices, side=sides)
def test_rounding_once_is_enough(price: int, side: OrderSide) -> None:
    once = to_tick(price, side)

    assert to_tick(once, side) == once
    assert once > 0
    assert once % tick_size(once) == 0


@given(price=prices)
def test_buys_go_down_and_sells_up_by_less_than_a_tick(price: int) -> None:
    down, up = to_tick(price, BUY), to_tick(price, SELL)

    assert price <= up < price + tick_size(price)
    assert down <= price or down == LOW_TICK
    assert price - tick_size(price) < down
    assert up - down in {0, tick_size(price)}


@given(price=prices, offset=offsets)
def test_the_advisory_limit_never_reaches_beyond_its_offset(price: int, offset: int) -> None:
    assume(price >= LOW_TICK)

    buy, sell = advisory_limit(price, BUY, offset), advisory_limit(price, SELL, offset)

    assert buy <= Fraction(price * (RATIO_SCALE + offset), RATIO_SCALE)
    assert sell >= Fraction(price * (RATIO_SCALE - offset), RATIO_SCALE)


@given(entry=prices, distance=distances)
def test_the_stop_stands_between_its_distance_and_the_entry(entry: int, distance: int) -> None:
    assume(entry >= LOW_TICK)

    below = protective_stop(entry, BUY, distance)
    above = protective_stop(entry, SELL, distance)

    assert below <= entry <= above
    if entry * distance >= 2 * tick_size(entry) * RATIO_SCALE:
        assert below >= Fraction(entry * (RATIO_SCALE - distance), RATIO_SCALE)
        assert above <= Fraction(entry * (RATIO_SCALE + distance), RATIO_SCALE)


@given(quote=quotes(), share=offsets)
def test_the_collar_is_at_or_beyond_the_touch_and_within_its_share(
    quote: tuple[int, int], share: int
) -> None:
    bid, ask = quote

    buy, sell = collar(BUY, bid, ask, share), collar(SELL, bid, ask, share)

    assert ask <= buy
    assert buy <= Fraction(ask * (RATIO_SCALE + share), RATIO_SCALE) or buy == LOW_TICK
    assert Fraction(bid * (RATIO_SCALE - share), RATIO_SCALE) <= sell <= bid


@given(quote=quotes(), base=prices, offset=offsets, side=sides)
def test_an_offset_limit_is_the_rounded_clamp_of_the_exact_value(
    quote: tuple[int, int], base: int, offset: int, side: OrderSide
) -> None:
    bid, ask = quote

    price = offset_limit(side, base, bid + ask, offset, bid, ask, None)

    exact = base + side.sign * Fraction(offset * (bid + ask), 2 * RATIO_SCALE)
    clamped = min(max(exact, Fraction(bid)), Fraction(ask))
    if side is BUY:
        assert price <= clamped or price == LOW_TICK
        assert price > clamped - TICK
    else:
        assert clamped <= price < clamped + TICK


@given(quote=quotes(), base=prices, offset=offsets, side=sides, hard=prices)
def test_an_offset_limit_never_passes_the_users_own(
    quote: tuple[int, int], base: int, offset: int, side: OrderSide, hard: int
) -> None:
    bid, ask = quote

    price = offset_limit(side, base, bid + ask, offset, bid, ask, hard)

    assert price <= hard if side is BUY else price >= hard


@given(
    half_spread=st.integers(0, 500),
    middle=st.integers(1_000, 10**6),
    from_middle=st.integers(-500, 500),
    offset=offsets,
)
def test_buys_and_sells_mirror_each_other_around_the_middle(
    half_spread: int, middle: int, from_middle: int, offset: int
) -> None:
    bid, ask = (middle - half_spread) * TICK, (middle + half_spread) * TICK
    assume(bid >= 2 * PRICE_SCALE)
    buy_base, sell_base = (middle + from_middle) * TICK, (middle - from_middle) * TICK

    buy = offset_limit(BUY, buy_base, bid + ask, offset, bid, ask, None)
    sell = offset_limit(SELL, sell_base, bid + ask, offset, bid, ask, None)

    assert buy - middle * TICK == middle * TICK - sell


@given(quote=quotes(), base=prices, offset=offsets, side=sides, tight=prices, loose=prices)
def test_tightening_the_users_limit_never_pays_more(
    quote: tuple[int, int], base: int, offset: int, side: OrderSide, tight: int, loose: int
) -> None:
    bid, ask = quote
    if (tight > loose) == (side is BUY):
        tight, loose = loose, tight

    strict = offset_limit(side, base, bid + ask, offset, bid, ask, tight)
    easy = offset_limit(side, base, bid + ask, offset, bid, ask, loose)

    assert strict <= easy if side is BUY else strict >= easy
