"""At what price: every rounding goes the way it says."""

from decimal import Decimal
from fractions import Fraction

import pytest

from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import percent_units, price_decimal, price_units
from fillpath.execution.pricing import (
    advisory_limit,
    collar,
    off_market,
    offset_limit,
    protective_stop,
    reference_price,
    signal_price_units,
    tick_size,
    to_tick,
)

BUY, SELL = OrderSide.BUY, OrderSide.SELL
FIVE_BPS = percent_units(Decimal("0.05"))
TEN_BPS = percent_units(Decimal("0.10"))
TWO_PERCENT = percent_units(Decimal(2))


def units(price: str) -> int:
    return price_units(Decimal(price))


def shown(price: int) -> Decimal:
    return price_decimal(price)


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        pytest.param("0.0001", "0.0001", id="the lowest price"),
        pytest.param("0.9999", "0.0001", id="just below one"),
        pytest.param("0.99999999", "0.0001", id="below one by a hair"),
        pytest.param("1", "0.01", id="one"),
        pytest.param("150", "0.01", id="above one"),
    ],
)
def test_the_tick_changes_at_one(price: str, tick: str) -> None:
    assert tick_size(units(price)) == units(tick)


@pytest.mark.parametrize(
    ("price", "side", "expected"),
    [
        pytest.param("150.075", BUY, "150.07", id="a buy goes down"),
        pytest.param("150.075", SELL, "150.08", id="a sell goes up"),
        pytest.param("150.07", BUY, "150.07", id="a buy on the tick stays"),
        pytest.param("150.07", SELL, "150.07", id="a sell on the tick stays"),
        pytest.param("150.07000001", SELL, "150.08", id="the least bit counts"),
        pytest.param("150.07999999", BUY, "150.07", id="and never helps"),
        pytest.param("0.12345", BUY, "0.1234", id="fine ticks below one"),
        pytest.param("0.12345", SELL, "0.1235", id="both ways"),
        pytest.param("0.99995", SELL, "1", id="up to one"),
        pytest.param("1.005", BUY, "1", id="down to one"),
        pytest.param("0.00005", BUY, "0.0001", id="never zero"),
        pytest.param("0.00005", SELL, "0.0001", id="a sell never was"),
    ],
)
@pytest.mark.control("C-35", "passes")
def test_a_price_goes_to_its_tick(price: str, side: OrderSide, expected: str) -> None:
    assert shown(to_tick(units(price), side)) == Decimal(expected)


@pytest.mark.parametrize(
    ("price", "side", "offset", "expected"),
    [
        pytest.param("150", BUY, FIVE_BPS, "150.07", id="the specified example, down"),
        pytest.param("150", SELL, FIVE_BPS, "149.93", id="its mirror, up"),
        pytest.param("200", BUY, FIVE_BPS, "200.1", id="exactly on the tick"),
        pytest.param("200", SELL, FIVE_BPS, "199.9", id="and for a sell"),
        pytest.param("150", BUY, 0, "150", id="no offset"),
        pytest.param("10", BUY, FIVE_BPS, "10", id="less than a tick is nothing"),
        pytest.param("10", SELL, FIVE_BPS, "10", id="for both"),
    ],
)
def test_the_advisory_limit_reaches_to_the_far_side(
    price: str, side: OrderSide, offset: int, expected: str
) -> None:
    assert shown(advisory_limit(units(price), side, offset)) == Decimal(expected)


@pytest.mark.parametrize(
    ("entry", "side", "expected"),
    [
        pytest.param("150", BUY, "147", id="the specified example"),
        pytest.param("150", SELL, "153", id="its mirror"),
        pytest.param("33.33", BUY, "32.67", id="32.6634 goes up, towards the entry"),
        pytest.param("33.33", SELL, "33.99", id="33.9966 goes down, towards the entry"),
        pytest.param("1.01", BUY, "0.9898", id="over the change of tick, down"),
        pytest.param("0.995", SELL, "1.01", id="over the change of tick, up"),
        pytest.param("150.00333333", BUY, "147.01", id="an average fill between ticks"),
        pytest.param("0.0001", BUY, "0.0001", id="never zero"),
    ],
)
def test_the_stop_is_two_percent_away_and_rounded_towards_the_entry(
    entry: str, side: OrderSide, expected: str
) -> None:
    assert shown(protective_stop(units(entry), side, TWO_PERCENT)) == Decimal(expected)


@pytest.mark.parametrize(
    ("entry", "side", "expected"),
    [
        pytest.param("10", BUY, "10", id="on the tick: at the entry"),
        pytest.param("10", SELL, "10", id="on the tick: at the entry, short"),
        pytest.param("10.005", BUY, "10", id="between ticks: the first one below"),
        pytest.param("10.005", SELL, "10.01", id="between ticks: the first one above"),
    ],
)
def test_a_stop_closer_than_a_tick_never_passes_the_entry(
    entry: str, side: OrderSide, expected: str
) -> None:
    distance = percent_units(Decimal("0.01"))

    assert shown(protective_stop(units(entry), side, distance)) == Decimal(expected)


@pytest.mark.parametrize(
    ("side", "bid", "ask", "expected"),
    [
        pytest.param(BUY, "149.99", "150.01", "150.16", id="150.16001 inside"),
        pytest.param(SELL, "149.99", "150.01", "149.85", id="149.84001 inside"),
        pytest.param(BUY, "150", "150", "150.15", id="a locked quote"),
        pytest.param(BUY, "4.99", "5", "5", id="a share below a tick is the touch"),
        pytest.param(SELL, "5", "5.01", "5", id="on both sides"),
        pytest.param(BUY, "4.499", "4.505", "4.505", id="never inside a touch off the tick"),
        pytest.param(SELL, "4.995", "5.001", "4.995", id="nor on the other side"),
    ],
)
def test_the_collar_is_inside_its_share_and_never_inside_the_touch(
    side: OrderSide, bid: str, ask: str, expected: str
) -> None:
    assert shown(collar(side, units(bid), units(ask), TEN_BPS)) == Decimal(expected)


class TestOffsetLimit:
    @pytest.mark.parametrize(
        ("side", "base", "bid", "ask", "expected"),
        [
            pytest.param(BUY, "150", "149.5", "150.5", "150.07", id="mid + 0.075, down"),
            pytest.param(SELL, "150", "149.5", "150.5", "149.93", id="mid - 0.075, up"),
            pytest.param(BUY, "149.5", "149.5", "150.5", "149.57", id="bid + 0.075"),
            pytest.param(SELL, "150.5", "149.5", "150.5", "150.43", id="ask - 0.075"),
            pytest.param(BUY, "149.99", "149.99", "150.01", "150.01", id="clamped to the ask"),
            pytest.param(SELL, "150.01", "149.99", "150.01", "149.99", id="clamped to the bid"),
            pytest.param(BUY, "149", "149.99", "150.01", "149.99", id="clamped from below"),
            pytest.param(SELL, "151", "149.99", "150.01", "150.01", id="clamped from above"),
            pytest.param(BUY, "150", "150", "150", "150", id="a locked quote"),
        ],
    )
    def test_the_offset_is_clamped_and_then_rounded(
        self, side: OrderSide, base: str, bid: str, ask: str, expected: str
    ) -> None:
        low, high = units(bid), units(ask)

        price = offset_limit(side, units(base), low + high, FIVE_BPS, low, high, None)

        assert shown(price) == Decimal(expected)

    @pytest.mark.parametrize(
        ("side", "hard", "expected"),
        [
            pytest.param(BUY, "160", "150.07", id="a wide one does nothing"),
            pytest.param(BUY, "150.02", "150.02", id="a tight one wins"),
            pytest.param(BUY, "150.029", "150.02", id="on the passive side of its tick"),
            pytest.param(SELL, "140", "149.93", id="a wide one of a sell does nothing"),
            pytest.param(SELL, "149.98", "149.98", id="a tight one of a sell wins"),
            pytest.param(SELL, "149.971", "149.98", id="on the passive side of its tick, up"),
            pytest.param(BUY, "0.00005", "0.00005", id="not even for the lowest tick"),
        ],
    )
    def test_the_users_own_limit_is_never_passed(
        self, side: OrderSide, hard: str, expected: str
    ) -> None:
        low, high = units("149.5"), units("150.5")

        price = offset_limit(side, units("150"), low + high, FIVE_BPS, low, high, units(hard))

        assert shown(price) == Decimal(expected)

    def test_half_a_unit_of_mid_is_not_lost(self) -> None:
        # 5 bps of mid 1.00000001 / 2 is not a whole unit, and a sell keeps it.
        low, high = 100_000_000, 100_000_001

        price = offset_limit(SELL, 200_000_000, low + high, FIVE_BPS, 1, 300_000_000, None)

        exact = Fraction(200_000_000) - Fraction(FIVE_BPS * (low + high), 2 * 10**8)
        assert price >= exact
        assert shown(price) == 2


class TestSignalPrice:
    @pytest.mark.parametrize("value", [150, 150.0, "150", Decimal("150.00"), "1.5e2"])
    def test_any_number_is_read_exactly(self, value: object) -> None:
        assert signal_price_units(value) == units("150")

    def test_what_is_finer_than_a_unit_is_cut(self) -> None:
        assert signal_price_units(150.123456789) == units("150.12345678")

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(0, id="zero"),
            pytest.param(-150, id="negative"),
            pytest.param(float("nan"), id="nan"),
            pytest.param(float("inf"), id="infinite"),
            pytest.param(Decimal("sNaN"), id="signalling nan"),
            pytest.param("dear", id="text"),
            pytest.param(True, id="a bool"),
            pytest.param([150], id="a list"),
            pytest.param("1e-9", id="below a unit"),
            pytest.param("1e10", id="beyond every market"),
            pytest.param(Decimal("1E+999999999"), id="absurdly large"),
            pytest.param(Decimal("1E-999999999"), id="absurdly fine"),
        ],
    )
    def test_anything_else_is_refused(self, value: object) -> None:
        answer = signal_price_units(value)

        assert isinstance(answer, Refusal)
        assert answer.code == "INVALID_PRICE"
        assert answer.text.startswith("signal_price must be ")

    def test_true_is_not_taken_for_one_that_was_seen_before(self) -> None:
        assert signal_price_units(1) == units("1")

        assert signal_price_units(value=True) == Refusal(
            "INVALID_PRICE", "signal_price must be a number, got True"
        )

    @pytest.mark.parametrize("value", ["0.00000001", "9999999999.99999999"])
    def test_the_bounds_themselves_are_prices(self, value: str) -> None:
        assert signal_price_units(value) == units(value)


FIVE_PERCENT = 5_000_000


class TestOffMarket:
    @pytest.mark.control("C-09", "passes")
    @pytest.mark.parametrize("price", ["95", "100", "105"])
    def test_five_percent_of_mid_is_allowed(self, price: str) -> None:
        assert off_market(units(price), units("99") + units("101"), FIVE_PERCENT) is None

    @pytest.mark.control("C-09", "refuses")
    @pytest.mark.parametrize("price", ["94.99999999", "105.00000001", "1", "1000"])
    def test_more_is_not(self, price: str) -> None:
        answer = off_market(units(price), units("99") + units("101"), FIVE_PERCENT)

        assert answer == Refusal(
            "SIGNAL_PRICE_OFF_MARKET",
            f"signal_price {price} is more than 5 % away from the mid 100",
        )


class TestReferencePrice:
    MID = units("99") + units("101")

    def test_the_signals_own_price_comes_first(self) -> None:
        assert reference_price(101, self.MID, units("90"), FIVE_PERCENT) == (units("101"), "signal")

    def test_without_a_quote_it_is_believed(self) -> None:
        assert reference_price(500, None, units("90"), FIVE_PERCENT) == (units("500"), "signal")

    def test_off_the_market_it_is_refused_and_not_replaced(self) -> None:
        answer = reference_price(106, self.MID, None, FIVE_PERCENT)

        assert isinstance(answer, Refusal)
        assert answer.code == "SIGNAL_PRICE_OFF_MARKET"

    def test_a_broken_one_is_refused_and_not_replaced(self) -> None:
        answer = reference_price("soon", self.MID, None, FIVE_PERCENT)

        assert isinstance(answer, Refusal)
        assert answer.code == "INVALID_PRICE"

    def test_the_mid_comes_next(self) -> None:
        assert reference_price(None, self.MID, units("90"), FIVE_PERCENT) == (units("100"), "quote")

    def test_the_mark_comes_last(self) -> None:
        assert reference_price(None, None, units("90"), FIVE_PERCENT) == (units("90"), "mark")

    def test_nothing_known_is_nothing(self) -> None:
        assert reference_price(None, None, None, FIVE_PERCENT) is None
