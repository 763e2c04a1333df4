"""What routing and its prices promise for every quote, size and strength."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, OrderType, Refusal
from fillpath.core.units import PRICE_SCALE, QUANTITY_SCALE, RATIO_SCALE
from fillpath.execution.instructing import Instruction, hold_or_limit, instruct
from fillpath.execution.policy import LargeOrders, RouterPolicy
from fillpath.execution.pricing import to_tick
from fillpath.execution.routing import Style, quote_problem, route, slice_style

BUY = OrderSide.BUY
SELL = OrderSide.SELL
NOW = 10**18
CENT = PRICE_SCALE // 100

sides = st.sampled_from(OrderSide)
styles = st.sampled_from(Style)
quantities = st.integers(1, 10**8 * QUANTITY_SCALE)
strengths = st.integers(0, RATIO_SCALE)
advs = st.none() | st.integers(0, 10**9 * QUANTITY_SCALE)
any_price = st.none() | st.integers(-5, 5) | st.integers(1, 10**5 * PRICE_SCALE)
any_age = st.none() | st.integers(-10, 20)
limits = st.none() | st.integers(1, 10**4 * PRICE_SCALE)


def thousandths(number: int) -> str:
    return f"{number // 1_000}.{number % 1_000:03d}"


@st.composite
def usable(draw: st.DrawFn) -> MarketView:
    """Any quote that may be traded on, to the last 1e-8."""
    bid = draw(st.integers(1, 10**4 * PRICE_SCALE))
    ask = bid + draw(st.integers(0, bid // 100) | st.integers(0, bid))
    return MarketView(bid=bid, ask=ask, quote_at=NOW, adv=draw(advs))


@st.composite
def on_cents(draw: st.DrawFn) -> MarketView:
    """Quotes as they are displayed, above one dollar and on the tick."""
    bid = draw(st.integers(101, 10**5))
    ask = bid + draw(st.integers(0, 100))
    return MarketView(bid=bid * CENT, ask=ask * CENT, quote_at=NOW, adv=draw(advs))


@st.composite
def policies(draw: st.DrawFn) -> RouterPolicy:
    small = draw(st.integers(0, 100_000))
    return RouterPolicy(
        size_threshold_small_pct=thousandths(small),
        size_threshold_large_pct=thousandths(max(small, draw(st.integers(1, 200_000)))),
        wide_spread_threshold_bps=draw(st.integers(0, 10_000)),
        urgent_strength=str(draw(st.integers(0, 100)) / 100),
        limit_offset_pct=thousandths(draw(st.integers(0, 1_000))),
        max_slippage_pct=thousandths(draw(st.integers(0, 5_000))),
        protect_market=draw(st.booleans()),
        slice_large=draw(st.sampled_from(LargeOrders)),
    )


def touches(market: MarketView) -> tuple[int, int]:
    assert market.bid is not None
    assert market.ask is not None
    return market.bid, market.ask


def first_row(quantity: int, strength: int, market: MarketView, policy: RouterPolicy) -> str:
    """The specification's table, read aloud in fractions."""
    bid, ask = touches(market)
    spread = Fraction(ask - bid) / (Fraction(ask + bid) / 2)
    size = Fraction(quantity, market.adv) if market.adv else None
    rows = (
        ("urgent", strength > policy.urgent),
        ("wide", spread * RATIO_SCALE > policy.wide),
        ("twap", size is not None and size * RATIO_SCALE > policy.large),
        ("passive", size is not None and size * RATIO_SCALE < policy.small),
        ("default", True),
    )
    return next(name for name, matches in rows if matches)


@given(side=sides, quantity=quantities, strength=strengths, market=usable(), policy=policies())
def test_routing_is_the_specifications_table(
    side: OrderSide, quantity: int, strength: int, market: MarketView, policy: RouterPolicy
) -> None:
    routed = route(side, quantity, strength, market, policy)

    assert routed.route == first_row(quantity, strength, market, policy)


@given(quantity=quantities, strength=strengths, market=usable(), policy=policies())
def test_buy_and_sell_take_the_same_way(
    quantity: int, strength: int, market: MarketView, policy: RouterPolicy
) -> None:
    bought = route(BUY, quantity, strength, market, policy)
    sold = route(SELL, quantity, strength, market, policy)

    assert bought == sold


@given(quantity=quantities, strength=strengths, market=usable(), policy=policies())
def test_slicing_follows_size_alone_and_the_literal_table_slices_its_own_row_only(
    quantity: int, strength: int, market: MarketView, policy: RouterPolicy
) -> None:
    adv = market.adv or 0
    large = 0 < policy.large * adv < quantity * RATIO_SCALE

    always = route(BUY, quantity, strength, market, replace(policy, slice_large=LargeOrders.ALWAYS))
    table = route(BUY, quantity, strength, market, replace(policy, slice_large=LargeOrders.TABLE))

    assert always.sliced == large
    assert table.sliced == (table.route == "twap")
    assert (always.route, always.style) == (table.route, table.style)


@given(market=usable(), policy=policies())
def test_a_slice_of_a_size_match_is_never_urgent_or_passive(
    market: MarketView, policy: RouterPolicy
) -> None:
    without_size = MarketView(bid=market.bid, ask=market.ask, quote_at=market.quote_at)
    row = first_row(1, 0, without_size, policy)

    style = slice_style(None, market, policy)

    assert style is (Style.MID if row == "wide" else Style.DEFAULT)


@given(bid=any_price, ask=any_price, age=any_age, loose=st.integers(1, 15), data=st.data())
def test_tightening_the_age_limit_never_turns_a_hold_into_an_order(
    bid: int | None, ask: int | None, age: int | None, loose: int, data: st.DataObject
) -> None:
    tight = data.draw(st.integers(1, loose))
    market = MarketView(bid=bid, ask=ask, quote_at=None if age is None else NOW - age)

    held = quote_problem(market, NOW, loose) is not None

    assert not held or quote_problem(market, NOW, tight) is not None


@given(bid=any_price, ask=any_price, age=any_age, max_age=st.integers(1, 15))
def test_exactly_the_positive_uncrossed_and_fresh_quotes_are_usable(
    bid: int | None, ask: int | None, age: int | None, max_age: int
) -> None:
    market = MarketView(bid=bid, ask=ask, quote_at=None if age is None else NOW - age)
    usable_now = (
        bid is not None
        and ask is not None
        and age is not None
        and 0 < bid <= ask
        and 0 <= age <= max_age
    )

    problem = quote_problem(market, NOW, max_age)

    assert (problem is None) == usable_now


@given(limit=limits)
def test_without_a_usable_quote_only_the_users_own_limit_is_sent(limit: int | None) -> None:
    problem = Refusal("NO_QUOTE", "nothing to see")

    answer = hold_or_limit(problem, limit)

    assert answer == (problem if limit is None else Instruction(OrderType.LIMIT, limit))


def beyond(side: OrderSide, limit: int, bound: int) -> bool:
    """Return whether the limit may pay more than the bound."""
    return limit > bound if side is BUY else limit < bound


@given(
    style=styles,
    side=sides,
    market=usable(),
    hard=st.integers(1, 10**4 * PRICE_SCALE),
    policy=policies(),
    cross=st.booleans(),
)
def test_a_hard_limit_is_never_exceeded(
    style: Style,
    side: OrderSide,
    market: MarketView,
    hard: int,
    policy: RouterPolicy,
    cross: bool,  # noqa: FBT001  # hypothesis passes it by name
) -> None:
    answer = instruct(style, side, market, hard, policy, cross=cross)

    assert answer.limit is not None
    assert not beyond(side, answer.limit, hard)


@given(style=styles, side=sides, market=usable(), policy=policies(), data=st.data())
def test_tightening_a_hard_limit_never_pays_more(
    style: Style, side: OrderSide, market: MarketView, policy: RouterPolicy, data: st.DataObject
) -> None:
    loose = data.draw(st.integers(1, 10**4 * PRICE_SCALE))
    step = data.draw(st.integers(0, loose - 1 if side is BUY else loose))
    tight = loose - step if side is BUY else loose + step

    before = instruct(style, side, market, loose, policy).limit
    after = instruct(style, side, market, tight, policy).limit

    assert before is not None
    assert after is not None
    assert not beyond(side, after, before)


@given(
    style=st.sampled_from([Style.MID, Style.PASSIVE, Style.DEFAULT]),
    side=sides,
    market=on_cents(),
    policy=policies(),
)
def test_a_limit_that_does_not_cross_stays_between_the_touches_and_on_the_tick(
    style: Style, side: OrderSide, market: MarketView, policy: RouterPolicy
) -> None:
    bid, ask = touches(market)

    limit = instruct(style, side, market, None, policy).limit

    assert limit is not None
    assert bid <= limit <= ask
    assert to_tick(limit, BUY) == to_tick(limit, SELL) == limit


@given(style=styles, market=on_cents(), policy=policies(), data=st.data())
def test_a_price_on_the_tick_does_not_move(
    style: Style, market: MarketView, policy: RouterPolicy, data: st.DataObject
) -> None:
    bid, ask = touches(market)
    side = data.draw(sides)
    away = data.draw(st.integers(0, min(bid // CENT - 101, 100)))
    own = bid - away * CENT if side is BUY else ask + away * CENT

    answer = instruct(style, side, market, own, policy)

    assert answer.limit == own


@given(
    style=st.sampled_from([Style.MID, Style.PASSIVE, Style.DEFAULT]),
    market=on_cents(),
    policy=policies(),
)
def test_buy_and_sell_prices_mirror_each_other_around_mid(
    style: Style, market: MarketView, policy: RouterPolicy
) -> None:
    bid, ask = touches(market)

    bought = instruct(style, BUY, market, None, policy).limit
    sold = instruct(style, SELL, market, None, policy).limit

    assert bought is not None
    assert sold is not None
    assert bought + sold == bid + ask


@given(side=sides, market=usable(), policy=policies(), style=styles)
def test_the_last_slice_always_reaches_the_far_touch(
    side: OrderSide, market: MarketView, policy: RouterPolicy, style: Style
) -> None:
    bid, ask = touches(market)

    answer = instruct(style, side, market, None, policy, cross=True)

    assert answer.limit is None or not beyond(side, ask if side is BUY else bid, answer.limit)
    assert answer.limit is not None or answer.order_type is OrderType.MARKET
