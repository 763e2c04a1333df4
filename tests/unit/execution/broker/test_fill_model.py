"""The fill model: which price trades, always against the trader, and exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ModelError
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide
from fillpath.core.units import MONEY_SCALE, PRICE_SCALE, Number, money_units
from fillpath.execution.broker.fill_model import (
    STUB_SLIPPAGE,
    FillProfile,
    SimulationPolicy,
    any_price,
    commission,
    fill_price,
    jittered,
    seeded,
    touch,
    triggered,
    waited_price,
    worst_price,
)
from fillpath.testing.builders import a_position, a_view

BUY, SELL = OrderSide.BUY, OrderSide.SELL
FIVE_BPS = 50_000
PRICES = st.integers(1, 10**14)
SIDES = st.sampled_from(OrderSide)


def units(price: str) -> int:
    return int(Decimal(price) * PRICE_SCALE)


@pytest.mark.parametrize(
    ("side", "bid", "ask", "price"),
    [
        pytest.param(BUY, "99", "101", "101", id="a buy lifts the ask"),
        pytest.param(SELL, "99", "101", "99", id="a sell hits the bid"),
        pytest.param(BUY, "100", "100", "100", id="a locked market trades"),
        pytest.param(BUY, "101", "99", None, id="a crossed market does not"),
        pytest.param(SELL, "101", "99", None, id="a crossed market does not"),
        pytest.param(BUY, "99", None, None, id="nobody offers"),
        pytest.param(SELL, "99", None, "99", id="somebody bids"),
        pytest.param(BUY, None, "101", "101", id="somebody offers"),
        pytest.param(SELL, None, "101", None, id="nobody bids"),
        pytest.param(BUY, None, None, None, id="no quote"),
    ],
)
def test_the_touch_is_the_far_side(
    side: OrderSide, bid: str | None, ask: str | None, price: str | None
) -> None:
    seen = touch(side, a_view(bid, ask))

    assert seen == (None if price is None else units(price))


@pytest.mark.parametrize(
    ("side", "price", "stop", "answer"),
    [
        pytest.param(BUY, 100, 100, True, id="a buy stop is set off at its price"),
        pytest.param(BUY, 99, 100, False, id="not below"),
        pytest.param(SELL, 100, 100, True, id="a sell stop is set off at its price"),
        pytest.param(SELL, 101, 100, False, id="not above"),
        pytest.param(SELL, 50, 100, True, id="a gap sets it off"),
    ],
)
def test_a_stop_is_set_off_at_or_beyond_its_price(
    side: OrderSide, price: int, stop: int, *, answer: bool
) -> None:
    assert triggered(side, price, stop) is answer


@pytest.mark.parametrize(
    ("side", "price", "limit", "slippage", "traded"),
    [
        pytest.param(BUY, "100", None, FIVE_BPS, "100.05", id="a buy pays 5 bps more"),
        pytest.param(SELL, "100", None, FIVE_BPS, "99.95", id="a sell gets 5 bps less"),
        pytest.param(BUY, "100", "100.02", FIVE_BPS, "100.02", id="but never above the limit"),
        pytest.param(SELL, "100", "99.98", FIVE_BPS, "99.98", id="nor below it"),
        pytest.param(BUY, "100", "101", FIVE_BPS, "100.05", id="a wide limit does not help"),
        pytest.param(SELL, "100", "99", FIVE_BPS, "99.95", id="a wide limit does not help"),
        pytest.param(BUY, "100", "100", 0, "100", id="at the limit"),
        pytest.param(SELL, "100", "100", 0, "100", id="at the limit"),
        pytest.param(BUY, "100", "99.99", 0, None, id="beyond the limit"),
        pytest.param(SELL, "100", "100.01", 0, None, id="beyond the limit"),
        pytest.param(BUY, "100", None, 0, "100", id="as quoted"),
        pytest.param(SELL, "100", None, 0, "100", id="as quoted"),
        pytest.param(BUY, "0.00000001", None, FIVE_BPS, "0.00000002", id="rounded up"),
        pytest.param(SELL, "0.00000003", None, FIVE_BPS, "0.00000002", id="rounded down"),
        pytest.param(SELL, "0.00000001", None, FIVE_BPS, "0.00000001", id="but never to nothing"),
    ],
)
def test_a_fill_is_the_touch_worsened_but_never_beyond_the_limit(
    side: OrderSide, price: str, limit: str | None, slippage: int, traded: str | None
) -> None:
    answer = fill_price(side, units(price), None if limit is None else units(limit), slippage)

    assert answer == (None if traded is None else units(traded))


@given(side=SIDES, price=PRICES, limit=st.none() | PRICES, slippage=st.integers(0, 10**7))
def test_slippage_never_helps_the_trader_and_never_breaks_the_limit(
    side: OrderSide, price: int, limit: int | None, slippage: int
) -> None:
    traded = fill_price(side, price, limit, slippage)

    if traded is None:
        assert limit is not None
        assert (price - limit) * side.sign > 0
    else:
        assert (traded - price) * side.sign >= 0
        assert limit is None or (limit - traded) * side.sign >= 0


@given(price=st.integers(10**9, 10**14), slippage=st.integers(0, 10**6))
def test_buys_and_sells_pay_alike(price: int, slippage: int) -> None:
    bought = fill_price(BUY, price, None, slippage)
    sold = fill_price(SELL, price, None, slippage)

    assert bought is not None
    assert sold is not None
    assert bought - price == price - sold


@given(side=SIDES, price=PRICES, limit=PRICES, tighter=st.integers(0, 10**6))
def test_a_tighter_limit_never_turns_waiting_into_a_fill(
    side: OrderSide, price: int, limit: int, tighter: int
) -> None:
    waited = fill_price(side, price, limit, FIVE_BPS) is None

    answer = fill_price(side, price, limit - side.sign * tighter, FIVE_BPS)

    assert answer is None or not waited


@pytest.mark.parametrize(
    ("price", "limit", "stop", "worst"),
    [
        pytest.param("100", "90", None, "90", id="the limit, whatever the market"),
        pytest.param("100", "90", "80", "90", id="the limit of a stop too"),
        pytest.param("100", None, None, "100.05", id="the touch worsened"),
        pytest.param("100", None, "110", "110.055", id="the stop worsened"),
        pytest.param("100", None, "90", "100.05", id="the market where it is past the stop"),
    ],
)
def test_a_waiting_buy_is_reckoned_at_its_worst(
    price: str, limit: str | None, stop: str | None, worst: str
) -> None:
    limit_units = None if limit is None else units(limit)
    stop_units = None if stop is None else units(stop)

    assert worst_price(units(price), limit_units, stop_units, FIVE_BPS) == units(worst)


@pytest.mark.parametrize(
    ("bid", "ask", "last", "price"),
    [
        ("99", "101", "100", "101"),
        ("99", None, "100", "99"),
        (None, None, "100", "100"),
        (None, None, None, None),
    ],
)
def test_any_price_is_better_than_none(
    bid: str | None, ask: str | None, last: str | None, price: str | None
) -> None:
    found = any_price(a_view(bid, ask), None if last is None else units(last))

    assert found == (None if price is None else units(price))


def test_commission_of_whole_shares_is_exact() -> None:
    value = money_units(Decimal(33)) * units("150.08500501") // PRICE_SCALE

    fee = commission(value, 5_000)

    assert fee * 20_000 == value


@given(value=st.integers(0, 10**24), rate=st.integers(0, 5_000_000))
def test_commission_is_rounded_up_by_less_than_a_unit(value: int, rate: int) -> None:
    fee = commission(value, rate)

    assert 0 <= fee * 10**8 - value * rate < 10**8


@given(
    side=SIDES, price=st.integers(10**6, 10**14), limit=st.none() | PRICES, seed=st.integers(0, 99)
)
def test_chance_moves_a_price_by_five_bps_at_most_and_within_the_limit(
    side: OrderSide, price: int, limit: int | None, seed: int
) -> None:
    traded = jittered(side, price, limit, seeded(seed))

    if limit is None:
        assert abs(traded - price) * 10**8 <= price * STUB_SLIPPAGE + 10**8
    else:
        assert (limit - traded) * side.sign >= 0


def test_chance_goes_both_ways() -> None:
    chance = seeded(0)

    moves = [jittered(BUY, 10**10, None, chance) - 10**10 for _ in range(100)]

    assert min(moves) < 0 < max(moves)


def test_the_same_seed_gives_the_same_fills() -> None:
    first, second = seeded(7), seeded(7)

    assert [jittered(BUY, 10**10, None, first) for _ in range(10)] == [
        jittered(BUY, 10**10, None, second) for _ in range(10)
    ]


def test_the_policy_is_as_specified_when_nothing_is_said() -> None:
    policy = SimulationPolicy()

    assert policy.profile is FillProfile.SPEC
    assert (policy.cash, policy.commission_pct, policy.slippage_pct) == (
        Decimal(100_000),
        Decimal("0.005"),
        Decimal("0.05"),
    )
    assert policy.opening_cash == 100_000 * MONEY_SCALE
    assert (policy.commission, policy.slippage) == (5_000, FIVE_BPS)


def test_the_quotes_profile_invents_no_slippage() -> None:
    assert SimulationPolicy(profile=FillProfile.QUOTES).slippage == 0


def test_a_policy_takes_words_and_floats_as_settings_give_them() -> None:
    policy = SimulationPolicy(
        profile="quotes",  # type: ignore[arg-type]
        cash=25_000.5,
        commission_pct="0.01",
        positions=[a_position()],  # type: ignore[arg-type]
    )

    assert policy.profile is FillProfile.QUOTES
    assert policy.cash == Decimal("25000.5")
    assert policy.commission == 10_000
    assert policy.positions == (a_position(),)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("profile", "lucky", "profile must be one of spec, quotes, realistic, got 'lucky'"),
        ("cash", -1, "cash must be from 0 to 1000000000000, got -1"),
        ("cash", float("nan"), "cash must be finite, got nan"),
        ("commission_pct", 6, "commission_pct must be from 0 to 5, got 6"),
        ("slippage_pct", "-0.1", "slippage_pct must be from 0 to 5, got '-0.1'"),
        ("displayed_size", True, "displayed_size must be False with profile spec"),
    ],
)
def test_a_policy_out_of_range_is_refused(name: str, value: Number, text: str) -> None:
    with pytest.raises(ModelError, match=text):
        SimulationPolicy(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "bid", "price"),
    [
        pytest.param(99, 98, 99, id="through it on the way to the extreme: at its price"),
        pytest.param(99, 95, 95, id="bid and ask are one: a jump, and the price after it"),
        pytest.param(None, 98, 95, id="no limit: at the touch"),
    ],
)
def test_a_limit_that_waited_for_bars_gains_nothing_from_their_extremes(
    limit: int | None, bid: int, price: int
) -> None:
    assert waited_price(95, limit, MarketView(bid, 95)) == price
