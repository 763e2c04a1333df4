"""The routing table, row by row and boundary by boundary."""

from dataclasses import replace
from decimal import Decimal

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import NANOSECONDS, RATIO_SCALE, price_units, quantity_units, ratio_units
from fillpath.execution.policy import LargeOrders, RouterPolicy
from fillpath.execution.routing import (
    ADV_MISSING,
    Routed,
    Style,
    expected_participation,
    quote_problem,
    route,
    route_at_limit,
    slice_style,
    strength_units,
)

BUY = OrderSide.BUY
SELL = OrderSide.SELL
POLICY = RouterPolicy()
NOW = 1_700_000_000 * NANOSECONDS
AGE_MAX = POLICY.max_age_ns
ADV = "1_000_000"
NARROW = ("150.00", "150.02")
TWENTY_BPS = ("29.97", "30.03")
WIDE = ("29.96", "30.03")


def a_market(
    quote: tuple[str | None, str | None] = NARROW, adv: str | None = ADV, age: int | None = 0
) -> MarketView:
    bid, ask = (None if price is None else price_units(Decimal(price)) for price in quote)
    return MarketView(
        bid=bid,
        ask=ask,
        quote_at=None if age is None else NOW - age,
        adv=None if adv is None else quantity_units(Decimal(adv)),
    )


def routed(
    quantity: str = "5_000",
    strength: str = "0",
    market: MarketView | None = None,
    policy: RouterPolicy = POLICY,
    side: OrderSide = BUY,
) -> Routed:
    view = a_market() if market is None else market
    shares = quantity_units(Decimal(quantity))
    return route(side, shares, ratio_units(Decimal(strength)), view, policy)


ROWS = [
    pytest.param("0.91", NARROW, "5_000", "urgent", Style.MARKET, id="strength above 0.9"),
    pytest.param("0.90000001", NARROW, "5_000", "urgent", Style.MARKET, id="just above 0.9"),
    pytest.param("0.9", NARROW, "5_000", "default", Style.DEFAULT, id="exactly 0.9 falls through"),
    pytest.param("0.91", WIDE, "20_000", "urgent", Style.MARKET, id="urgent comes before all"),
    pytest.param("0", WIDE, "5_000", "wide", Style.MID, id="spread above 20 bps"),
    pytest.param("0", TWENTY_BPS, "5_000", "default", Style.DEFAULT, id="exactly 20 bps"),
    pytest.param("0", WIDE, "20_000", "wide", Style.MID, id="wide comes before twap"),
    pytest.param("0", WIDE, "1", "wide", Style.MID, id="wide comes before passive"),
    pytest.param("0", NARROW, "20_000", "twap", Style.DEFAULT, id="size above 1.0 % of ADV"),
    pytest.param("0", NARROW, "10_000.000001", "twap", Style.DEFAULT, id="just above 1.0 %"),
    pytest.param("0", NARROW, "10_000", "default", Style.DEFAULT, id="exactly 1.0 % of ADV"),
    pytest.param("0", NARROW, "1_000", "default", Style.DEFAULT, id="exactly 0.1 % of ADV"),
    pytest.param("0", NARROW, "999.999999", "passive", Style.PASSIVE, id="just below 0.1 %"),
    pytest.param("0", NARROW, "1", "passive", Style.PASSIVE, id="size below 0.1 % of ADV"),
    pytest.param("0", NARROW, "5_000", "default", Style.DEFAULT, id="nothing else matched"),
    pytest.param("0", ("150", "150"), "5_000", "default", Style.DEFAULT, id="locked quote"),
]


@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize(("strength", "quote", "quantity", "name", "style"), ROWS)
def test_the_first_row_that_matches_wins_and_equality_falls_through(
    strength: str, quote: tuple[str, str], quantity: str, name: str, style: Style, side: OrderSide
) -> None:
    answer = routed(quantity, strength, a_market(quote), side=side)

    assert (answer.route, answer.style) == (name, style)


SLICING = [
    pytest.param("0.95", NARROW, "20_000", "urgent", True, id="large and urgent"),
    pytest.param("0.95", NARROW, "10_000", "urgent", False, id="urgent, exactly 1.0 %"),
    pytest.param("0", WIDE, "20_000", "wide", True, id="large and wide"),
    pytest.param("0", WIDE, "5_000", "wide", False, id="wide"),
    pytest.param("0", NARROW, "20_000", "twap", True, id="large"),
    pytest.param("0", NARROW, "5_000", "default", False, id="default"),
    pytest.param("0", NARROW, "1", "passive", False, id="small"),
]


@pytest.mark.parametrize(("strength", "quote", "quantity", "name", "sliced"), SLICING)
def test_a_large_order_is_always_sliced_in_the_style_of_its_row(
    *, strength: str, quote: tuple[str, str], quantity: str, name: str, sliced: bool
) -> None:
    answer = routed(quantity, strength, a_market(quote))

    assert (answer.route, answer.sliced) == (name, sliced)


@pytest.mark.parametrize(("strength", "quote", "quantity", "name", "sliced"), SLICING)
def test_the_literal_table_slices_the_twap_row_only(
    *, strength: str, quote: tuple[str, str], quantity: str, name: str, sliced: bool
) -> None:
    literal = replace(POLICY, slice_large=LargeOrders.TABLE)

    answer = routed(quantity, strength, a_market(quote), literal)

    assert (answer.route, answer.sliced) == (name, sliced and name == "twap")


@pytest.mark.parametrize("adv", [None, "0"])
@pytest.mark.parametrize(
    ("strength", "quote", "quantity", "name"),
    [
        ("0.95", NARROW, "20_000", "urgent"),
        ("0", WIDE, "20_000", "wide"),
        ("0", NARROW, "20_000", "default"),
        ("0", NARROW, "1", "default"),
    ],
)
def test_without_an_adv_the_size_rows_are_skipped_and_the_order_is_flagged(
    adv: str | None, strength: str, quote: tuple[str, str], quantity: str, name: str
) -> None:
    answer = routed(quantity, strength, a_market(quote, adv))

    assert (answer.route, answer.sliced, answer.flags) == (name, False, (ADV_MISSING,))


def test_a_known_adv_leaves_no_flag() -> None:
    assert routed().flags == ()


def test_thresholds_of_zero_and_one_hundred_percent_switch_the_size_rows_off() -> None:
    policy = RouterPolicy(size_threshold_small_pct=0, size_threshold_large_pct=1000)

    assert routed("1", policy=policy).route == "default"
    assert routed("10_000_000", policy=policy).route == "default"


def test_a_spread_threshold_of_zero_makes_every_unlocked_quote_wide() -> None:
    policy = RouterPolicy(wide_spread_threshold_bps=0)

    assert routed(policy=policy).route == "wide"
    assert routed(market=a_market(("150", "150")), policy=policy).route == "default"


REASONS = [
    pytest.param("0.95", NARROW, ADV, "5_000", "strength 0.95 > 0.9", id="urgent"),
    pytest.param(
        "0.95",
        NARROW,
        ADV,
        "15_000",
        "strength 0.95 > 0.9; size 1.5000 % of ADV > 1",
        id="urgent and large",
    ),
    pytest.param("0", WIDE, ADV, "5_000", "spread 23.34 bps > 20", id="wide, rounded up"),
    pytest.param(
        "0",
        WIDE,
        ADV,
        "15_000",
        "spread 23.34 bps > 20; size 1.5000 % of ADV > 1",
        id="wide and large",
    ),
    pytest.param("0", ("100", "101"), ADV, "1", "spread 99.51 bps > 20", id="very wide"),
    pytest.param("0", NARROW, ADV, "10_000.000001", "size 1.0001 % of ADV > 1", id="twap"),
    pytest.param("0", NARROW, ADV, "500_000", "size 50.0000 % of ADV > 1", id="very large"),
    pytest.param("0", NARROW, ADV, "999.999999", "size 0.0999 % of ADV < 0.1", id="passive"),
    pytest.param(
        "0",
        TWENTY_BPS,
        ADV,
        "5_000",
        "spread 20.00 bps <= 20, size 0.5000 % of ADV",
        id="default",
    ),
    pytest.param("0", NARROW, None, "1", "spread 1.34 bps <= 20, ADV unknown", id="no ADV"),
]


@pytest.mark.parametrize(("strength", "quote", "adv", "quantity", "reason"), REASONS)
def test_the_reason_gives_the_numbers_and_never_contradicts_the_row(
    strength: str, quote: tuple[str, str], adv: str | None, quantity: str, reason: str
) -> None:
    assert routed(quantity, strength, a_market(quote, adv)).reason == reason


def test_the_thresholds_in_the_reason_are_those_of_the_policy() -> None:
    policy = RouterPolicy(wide_spread_threshold_bps="2.5", size_threshold_small_pct="0.25")

    assert routed("5_000", policy=policy).reason.startswith("spread 1.34 bps <= 2.5,")
    assert routed("2_000", policy=policy).reason == "size 0.2000 % of ADV < 0.25"


UNUSABLE = [
    pytest.param((None, None), 0, "NO_QUOTE", id="no quote"),
    pytest.param((None, None), None, "NO_QUOTE", id="no quote, no age"),
    pytest.param((None, "150"), 0, "ONE_SIDED_QUOTE", id="no bid"),
    pytest.param(("150", None), 0, "ONE_SIDED_QUOTE", id="no ask"),
    pytest.param(("0", "150"), 0, "BAD_QUOTE", id="zero bid"),
    pytest.param(("-1", "150"), 0, "BAD_QUOTE", id="negative bid"),
    pytest.param(("-2", "-1"), 0, "BAD_QUOTE", id="both negative"),
    pytest.param(("150", "0"), 0, "BAD_QUOTE", id="zero ask"),
    pytest.param(("150.01", "150"), 0, "CROSSED_QUOTE", id="crossed"),
    pytest.param(NARROW, AGE_MAX + 1, "STALE_QUOTE", id="one nanosecond too old"),
    pytest.param(NARROW, None, "STALE_QUOTE", id="unknown age"),
    pytest.param(("150", "150"), AGE_MAX + 1, "STALE_QUOTE", id="locked and too old"),
    pytest.param(NARROW, -1, "FUTURE_QUOTE", id="one nanosecond ahead"),
]


@pytest.mark.parametrize(("quote", "age", "code"), UNUSABLE)
@pytest.mark.control("C-08", "refuses")
def test_a_quote_that_cannot_be_trusted_has_a_reason(
    quote: tuple[str | None, str | None], age: int | None, code: str
) -> None:
    problem = quote_problem(a_market(quote, age=age), NOW, AGE_MAX)

    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize(
    ("quote", "age"),
    [
        pytest.param(NARROW, 0, id="fresh"),
        pytest.param(NARROW, AGE_MAX, id="exactly the age allowed"),
        pytest.param(("150", "150"), 0, id="locked"),
    ],
)
@pytest.mark.control("C-08", "passes")
def test_a_fresh_two_sided_quote_is_usable(quote: tuple[str, str], age: int) -> None:
    assert quote_problem(a_market(quote, age=age), NOW, AGE_MAX) is None


@pytest.mark.parametrize(
    ("quote", "age", "text"),
    [
        ((None, "150"), 0, "the bid is missing"),
        (("150", None), 0, "the ask is missing"),
        (("0", "150.5"), 0, "bid 0 and ask 150.5 must be above 0"),
        (("150.01", "150"), 0, "bid 150.01 is above ask 150"),
        (NARROW, 5_250_000_000, "the quote is 5.25 s old, allowed 5"),
        (NARROW, -500_000_000, "the quote is 0.5 s ahead of the clock"),
        (NARROW, None, "the quote has an unknown age"),
    ],
)
def test_the_text_of_a_hold_gives_the_numbers(
    quote: tuple[str | None, str | None], age: int | None, text: str
) -> None:
    problem = quote_problem(a_market(quote, age=age), NOW, AGE_MAX)

    assert problem is not None
    assert problem.text == text


STALE = Refusal("STALE_QUOTE", "the quote is 6 s old, allowed 5")


@pytest.mark.parametrize(
    ("quantity", "adv", "name", "sliced", "flags"),
    [
        ("5_000", ADV, "default", False, ("STALE_QUOTE",)),
        ("10_000", ADV, "default", False, ("STALE_QUOTE",)),
        ("10_001", ADV, "twap", True, ("STALE_QUOTE",)),
        ("10_001", None, "default", False, ("STALE_QUOTE", ADV_MISSING)),
    ],
)
def test_an_order_that_rests_at_its_own_limit_is_still_sliced_by_size(
    *, quantity: str, adv: str | None, name: str, sliced: bool, flags: tuple[str, ...]
) -> None:
    answer = route_at_limit(STALE, quantity_units(Decimal(quantity)), a_market(adv=adv), POLICY)

    assert (answer.route, answer.sliced, answer.flags) == (name, sliced, flags)
    assert answer.reason == "own limit kept: the quote is 6 s old, allowed 5"


@pytest.mark.parametrize(
    ("parent", "quote", "style"),
    [
        pytest.param(Style.MARKET, WIDE, Style.MARKET, id="urgent stays urgent"),
        pytest.param(Style.MID, NARROW, Style.MID, id="wide stays wide"),
        pytest.param(None, NARROW, Style.DEFAULT, id="size alone, narrow at release"),
        pytest.param(None, TWENTY_BPS, Style.DEFAULT, id="size alone, exactly 20 bps"),
        pytest.param(None, WIDE, Style.MID, id="size alone, wide at release"),
    ],
)
def test_a_slice_takes_the_style_of_its_row_or_asks_the_quote_at_its_release(
    parent: Style | None, quote: tuple[str, str], style: Style
) -> None:
    assert slice_style(parent, a_market(quote), POLICY) is style


@pytest.mark.parametrize(
    ("value", "units"),
    [
        (0, 0),
        (1, 10**8),
        (0.9, 90_000_000),
        ("0.900000001", 90_000_001),
        (Decimal("0.8999999999"), 90_000_000),
        (1e-30, 1),
        ("1e-999999999", 1),
        (f"0.9{'0' * 60}1", 90_000_001),
    ],
)
def test_a_strength_finer_than_its_unit_is_rounded_up_so_that_above_stays_above(
    value: object, units: int
) -> None:
    assert strength_units(value) == units


@pytest.mark.parametrize("value", ["strong", "nan", -0.1, 1.0001, 95, True])
def test_an_impossible_strength_is_refused(value: object) -> None:
    with pytest.raises(ModelError, match="signal_strength must be"):
        strength_units(value)


def test_one_percent_of_adv_in_five_minutes_is_most_of_their_volume() -> None:
    expected = expected_participation(10_000, 1_000_000, 5, 60 * NANOSECONDS)

    assert expected == 78_000_000


def test_participation_is_rounded_up_so_that_no_alarm_is_missed() -> None:
    assert expected_participation(1, 3 * 10**9, 5, 60 * NANOSECONDS) == 3


def test_participation_can_exceed_all_expected_volume() -> None:
    expected = expected_participation(1, 10, slices=1, interval_ns=10, session_ns=1_000)

    assert expected == 10 * RATIO_SCALE


def test_participation_without_an_adv_is_a_programming_error() -> None:
    with pytest.raises(AssertionError, match="unknown"):
        expected_participation(1, 0, 5, 60 * NANOSECONDS)


def test_a_quote_that_was_not_found_usable_is_not_routed() -> None:
    with pytest.raises(AssertionError, match="found usable"):
        routed(market=a_market((None, "150")))
    with pytest.raises(AssertionError, match="found usable"):
        routed(market=a_market(("150", None)))
    with pytest.raises(AssertionError, match="found usable"):
        slice_style(None, a_market((None, "150")), POLICY)
    with pytest.raises(AssertionError, match="found usable"):
        slice_style(None, a_market(("150", None)), POLICY)
