"""Order type and limit of every style, and what a public order becomes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.events import MarketView
from fillpath.core.models import Order, OrderSide, OrderType, Quote, Refusal, TimeInForce
from fillpath.core.units import NANOSECONDS, nanoseconds, price_units, quantity_units
from fillpath.execution.instructing import (
    Instruction,
    hold_or_limit,
    instruct,
    market_view,
    routed_orders,
    sliced_orders,
    twap_interval,
)
from fillpath.execution.policy import LargeOrders, RouterPolicy
from fillpath.execution.routing import Style

BUY = OrderSide.BUY
SELL = OrderSide.SELL
LIMIT = OrderType.LIMIT
MARKET = OrderType.MARKET
POLICY = RouterPolicy()
OPEN_COLLAR = RouterPolicy(protect_market=False)
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
AT = nanoseconds(NOON)


def units(price: str | None) -> int | None:
    return None if price is None else price_units(Decimal(price))


def a_market(
    bid: str | None = "100.00", ask: str | None = "100.40", adv: str | None = None
) -> MarketView:
    volume = None if adv is None else quantity_units(Decimal(adv))
    return MarketView(bid=units(bid), ask=units(ask), quote_at=AT, adv=volume)


def an_order(**fields: Any) -> Order:
    given = {"symbol": "AAPL", "side": BUY, "quantity": 500, "order_id": "p", **fields}
    return Order(**given)


# Mid is 100.20 and 5 bps of it 0.0501.
LIMITS = [
    pytest.param(Style.MID, BUY, None, "100.25", id="mid + offset, rounded down"),
    pytest.param(Style.MID, SELL, None, "100.15", id="mid - offset, rounded up"),
    pytest.param(Style.DEFAULT, BUY, None, "100.05", id="bid + offset, rounded down"),
    pytest.param(Style.DEFAULT, SELL, None, "100.35", id="ask - offset, rounded up"),
    pytest.param(Style.PASSIVE, BUY, None, "100.00", id="own touch of a buy"),
    pytest.param(Style.PASSIVE, SELL, None, "100.40", id="own touch of a sell"),
    pytest.param(Style.MARKET, BUY, None, "100.50", id="ask + 10 bps, inside the collar"),
    pytest.param(Style.MARKET, SELL, None, "99.90", id="bid - 10 bps"),
    pytest.param(Style.MID, BUY, "100.20", "100.20", id="hard limit binds at mid"),
    pytest.param(Style.DEFAULT, SELL, "100.38", "100.38", id="hard limit binds at default"),
    pytest.param(Style.PASSIVE, BUY, "99.95", "99.95", id="hard limit below the own touch"),
    pytest.param(Style.PASSIVE, SELL, "100.45", "100.45", id="hard limit above the own touch"),
    pytest.param(Style.PASSIVE, BUY, "100.10", "100.00", id="loose hard limit changes nothing"),
    pytest.param(Style.MARKET, BUY, "100.45", "100.45", id="hard limit inside the collar"),
    pytest.param(Style.MARKET, SELL, "99.95", "99.95", id="hard limit inside the collar, sell"),
    pytest.param(Style.MARKET, BUY, "100.459", "100.45", id="hard limit off the tick, buy"),
    pytest.param(Style.MARKET, SELL, "99.951", "99.96", id="hard limit off the tick, sell"),
    pytest.param(Style.MARKET, BUY, "0.00005", "0.00005", id="hard limit below every tick"),
]


@pytest.mark.parametrize(("style", "side", "hard", "limit"), LIMITS)
def test_each_style_has_its_limit_and_a_hard_limit_is_never_exceeded(
    style: Style, side: OrderSide, hard: str | None, limit: str
) -> None:
    answer = instruct(style, side, a_market(), units(hard), POLICY)

    assert answer == Instruction(LIMIT, units(limit), protected=style is Style.MARKET)


@pytest.mark.parametrize(
    ("side", "limit"), [pytest.param(BUY, "150.02"), pytest.param(SELL, "150.00")]
)
def test_an_offset_wider_than_the_spread_stops_at_the_far_touch(
    side: OrderSide, limit: str
) -> None:
    answer = instruct(Style.DEFAULT, side, a_market("150.00", "150.02"), None, POLICY)

    assert answer.limit == units(limit)


def test_half_a_unit_of_mid_is_not_lost() -> None:
    market = MarketView(bid=10**8 * 20 - 1, ask=10**8 * 20 + 10**7)
    half = RouterPolicy(limit_offset_pct=0)

    buy = instruct(Style.MID, BUY, market, None, half)
    sell = instruct(Style.MID, SELL, market, None, half)

    assert (buy.limit, sell.limit) == (20_04 * 10**6, 20_05 * 10**6)


@pytest.mark.parametrize("style", [Style.MID, Style.PASSIVE, Style.DEFAULT, Style.MARKET])
@pytest.mark.parametrize(("side", "limit"), [(BUY, "100.50"), (SELL, "99.90")])
def test_the_last_slice_crosses_at_the_collar_whatever_its_style(
    style: Style, side: OrderSide, limit: str
) -> None:
    answer = instruct(style, side, a_market(), None, POLICY, cross=True)

    assert answer == Instruction(LIMIT, units(limit), protected=True)


def test_an_unprotected_market_order_has_no_limit() -> None:
    answer = instruct(Style.MARKET, BUY, a_market(), None, OPEN_COLLAR)

    assert answer == Instruction(MARKET, None)


def test_an_unprotected_market_order_keeps_the_users_own_limit() -> None:
    answer = instruct(Style.MARKET, BUY, a_market(), units("101"), OPEN_COLLAR)

    assert answer == Instruction(LIMIT, units("101"))


def test_a_crossing_slice_keeps_its_collar_where_market_orders_are_unprotected() -> None:
    answer = instruct(Style.DEFAULT, BUY, a_market(), None, OPEN_COLLAR, cross=True)

    assert answer == Instruction(LIMIT, units("100.50"), protected=True)


@pytest.mark.parametrize(("bid", "ask"), [(None, "100"), ("100", None)])
def test_an_unusable_quote_gives_no_instruction(bid: str | None, ask: str | None) -> None:
    with pytest.raises(AssertionError, match="found usable"):
        instruct(Style.MID, BUY, a_market(bid, ask), None, POLICY)


STALE = Refusal("STALE_QUOTE", "too old")


def test_an_unusable_quote_holds_an_order_without_a_limit_of_its_own() -> None:
    assert hold_or_limit(STALE, None) is STALE


def test_an_unusable_quote_leaves_an_order_at_its_own_limit() -> None:
    assert hold_or_limit(STALE, units("99")) == Instruction(LIMIT, units("99"))


@pytest.mark.parametrize(
    ("adv", "shares"),
    [
        (None, None),
        (Decimal("NaN"), None),
        (Decimal("Infinity"), None),
        (Decimal(0), None),
        (Decimal(-5), None),
        (Decimal("1234567.12345678"), 1_234_567_123_456),
    ],
)
def test_an_adv_that_is_no_positive_number_is_unknown(
    adv: Decimal | None, shares: int | None
) -> None:
    assert market_view(None, adv) == MarketView(adv=shares)


def test_a_quote_becomes_exact_integers_and_its_running_volume_is_not_an_adv() -> None:
    quote = Quote("AAPL", Decimal("150.01"), None, volume=Decimal(1_000), ts=NOON)

    assert market_view(quote, None) == MarketView(bid=15_001_000_000, ask=None, quote_at=AT)


def test_a_quote_without_a_time_has_an_unknown_age() -> None:
    view = market_view(Quote("AAPL", None, Decimal(150)), None)

    assert view == MarketView(ask=15_000_000_000)


def the_order(answer: list[Order] | Refusal) -> Order:
    assert isinstance(answer, list)
    (order,) = answer
    return order


def test_a_routed_order_says_which_row_and_why_and_keeps_what_it_was() -> None:
    given = an_order(
        order_type=LIMIT,
        limit_price=101,
        limit_is_hard=False,
        stop_price=98,
        time_in_force=TimeInForce.GTC,
        strategy_name="trend",
        metadata={"signal_id": "s1", "signal_strength": "0.4", "flags": ("SAMPLE_SIZE_UNKNOWN",)},
    )

    sent = the_order(routed_orders(given, a_market(), AT, POLICY))

    assert sent == given.changed(
        limit_price="100.25",
        metadata={
            "signal_id": "s1",
            "signal_strength": "0.4",
            "route": "wide",
            "route_reason": "spread 39.93 bps > 20",
            "flags": ("SAMPLE_SIZE_UNKNOWN", "ADV_MISSING"),
        },
    )


@pytest.mark.parametrize(
    ("hard", "limit"),
    [pytest.param(True, "100.1", id="binds"), pytest.param(False, "100.25", id="is replaced")],
)
def test_only_a_hard_limit_binds(*, hard: bool, limit: str) -> None:
    given = an_order(order_type=LIMIT, limit_price="100.10", limit_is_hard=hard)

    sent = the_order(routed_orders(given, a_market(), AT, POLICY))

    assert sent.limit_price == Decimal(limit)


def test_an_urgent_order_travels_protected() -> None:
    given = an_order(metadata={"signal_strength": 0.95})

    sent = the_order(routed_orders(given, a_market(), AT, POLICY))

    assert (sent.order_type, sent.limit_price) == (LIMIT, Decimal("100.5"))
    assert sent.metadata["protected"] is True


def test_an_unprotected_urgent_order_is_a_bare_market_order() -> None:
    given = an_order(order_type=LIMIT, limit_price=1, limit_is_hard=False)
    given = given.changed(metadata={"signal_strength": Decimal("0.95")})

    sent = the_order(routed_orders(given, a_market(), AT, OPEN_COLLAR))

    assert (sent.order_type, sent.limit_price) == (MARKET, None)
    assert "protected" not in sent.metadata


@pytest.mark.parametrize("metadata", [{}, {"signal_strength": None}, {"signal_strength": 0.9}])
def test_an_order_without_a_strength_above_the_threshold_is_not_urgent(
    metadata: Mapping[str, object],
) -> None:
    sent = the_order(routed_orders(an_order(metadata=dict(metadata)), a_market(), AT, POLICY))

    assert sent.metadata["route"] == "wide"


def test_an_impossible_strength_is_refused() -> None:
    with pytest.raises(ModelError, match="signal_strength must be from 0 to 1, got 95"):
        routed_orders(an_order(metadata={"signal_strength": 95}), a_market(), AT, POLICY)


@pytest.mark.parametrize("kind", [OrderType.STOP, OrderType.STOP_LIMIT])
def test_protective_orders_pass_unchanged_even_without_a_quote(kind: OrderType) -> None:
    given = an_order(order_type=kind, stop_price=98, limit_price=97)

    assert routed_orders(given, MarketView(), AT, POLICY) == [given]


def test_an_order_without_a_usable_quote_is_held_even_when_urgent() -> None:
    given = an_order(metadata={"signal_strength": 1})

    answer = routed_orders(given, MarketView(), AT, POLICY)

    assert answer == Refusal("NO_QUOTE", "there is neither a bid nor an ask")


def test_an_advisory_limit_does_not_free_an_order_from_a_hold() -> None:
    given = an_order(order_type=LIMIT, limit_price=100, limit_is_hard=False)

    answer = routed_orders(given, MarketView(), AT, POLICY)

    assert isinstance(answer, Refusal)


def test_an_order_with_a_hard_limit_rests_there_without_a_usable_quote() -> None:
    given = an_order(order_type=LIMIT, limit_price="99.99")

    sent = the_order(routed_orders(given, a_market(), AT + 6 * NANOSECONDS, POLICY))

    assert (sent.order_type, sent.limit_price) == (LIMIT, Decimal("99.99"))
    assert sent.metadata["route"] == "default"
    assert sent.metadata["flags"] == ("STALE_QUOTE", "ADV_MISSING")


def test_a_large_order_becomes_slices_that_carry_the_price_of_the_quote_at_routing() -> None:
    market = a_market("100.00", "100.02", adv="10_000")

    slices = routed_orders(an_order(), market, AT, POLICY)

    assert isinstance(slices, list)
    assert [piece.order_id for piece in slices] == ["p#1", "p#2", "p#3", "p#4", "p#5"]
    assert {piece.limit_price for piece in slices} == {Decimal("100.02")}
    assert {piece.metadata["route"] for piece in slices} == {"twap"}


def test_a_large_urgent_order_keeps_the_name_of_its_row_and_shows_its_slices() -> None:
    given = an_order(metadata={"signal_strength": 0.95})

    slices = routed_orders(given, a_market(adv="10_000"), AT, POLICY)

    assert isinstance(slices, list)
    assert {piece.metadata["route"] for piece in slices} == {"urgent"}
    assert {piece.metadata["twap_total_slices"] for piece in slices} == {5}
    assert all(piece.metadata["protected"] for piece in slices)


def test_the_literal_table_sends_a_large_urgent_order_whole() -> None:
    literal = RouterPolicy(slice_large=LargeOrders.TABLE)
    given = an_order(metadata={"signal_strength": 0.95})

    sent = the_order(routed_orders(given, a_market(adv="10_000"), AT, literal))

    assert "twap_total_slices" not in sent.metadata


def test_slices_name_their_parent_and_their_place() -> None:
    given = an_order(quantity=503, metadata={"signal_id": "s1"})

    slices = sliced_orders(given, 5, POLICY)

    assert [piece.quantity for piece in slices] == [101, 101, 101, 100, 100]
    assert {piece.parent_order_id for piece in slices} == {"p"}
    assert slices[1].metadata == {
        "signal_id": "s1",
        "twap_slice": 2,
        "twap_total_slices": 5,
        "twap_interval_seconds": 60,
        "parent_order_id": "p",
    }


def test_the_number_of_slices_in_the_metadata_is_the_number_really_made() -> None:
    slices = sliced_orders(an_order(quantity=3), 5, POLICY)

    assert [piece.metadata["twap_total_slices"] for piece in slices] == [3, 3, 3]


@pytest.mark.parametrize("count", [1, 1_000])
def test_one_to_a_thousand_slices_can_be_made(count: int) -> None:
    assert len(sliced_orders(an_order(quantity=2_000), count, POLICY)) == count


@pytest.mark.parametrize("count", [0, -1, 1_001, 2.0, "5", None, True])
def test_an_impossible_number_of_slices_is_refused(count: object) -> None:
    with pytest.raises(ModelError, match="num_slices must be a whole number from 1 to 1000"):
        sliced_orders(an_order(), count, POLICY)


@pytest.mark.control("A-04", "refuses")
@pytest.mark.control("A-04", "passes")
@pytest.mark.parametrize(
    ("cap", "seconds"),
    [(None, 60), ("100", 60), ("78", 60), ("77.99", 61), ("10", 468)],
)
def test_slices_are_further_apart_where_the_cap_demands_it(cap: str | None, seconds: int) -> None:
    """10,000 shares of a million a day are 78 % of what trades in five minutes."""
    policy = RouterPolicy(participation_cap_pct=cap, size_threshold_large_pct="0.5")

    slices = routed_orders(an_order(quantity=10_000), a_market(adv="1000000"), AT, policy)

    assert isinstance(slices, list)
    assert {one.metadata["twap_interval_seconds"] for one in slices} == {seconds}
    assert len(slices) == 5


def test_an_unknown_volume_stretches_no_interval() -> None:
    assert (
        twap_interval(quantity_units(Decimal(10_000)), None, RouterPolicy(participation_cap_pct=1))
        == 60
    )
