"""Exact numbers: every conversion is exact, or it is refused with the field, the value and why."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

from fillpath.core import units
from fillpath.core.errors import ModelError
from fillpath.core.units import aware, exact, iso, moment, nanoseconds, not_negative, positive

AT = datetime(2026, 3, 2, 14, 30, 0, 123_456, tzinfo=UTC)
NEW_YORK = timezone(timedelta(hours=-5))


class Nowhere(tzinfo):
    """A time zone that does not know where it is."""

    def utcoffset(self, at: datetime | None, /) -> None:
        del at

    def dst(self, at: datetime | None, /) -> None:
        del at

    def tzname(self, at: datetime | None, /) -> None:
        del at


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (5, "5"),
        (-5, "-5"),
        (0.1, "0.1"),
        (1e-7, "1E-7"),
        ("150.01", "150.01"),
        ("1e3", "1E+3"),
        (Decimal("0.30"), "0.30"),
        (np.int64(7), "7"),
        (np.float64(0.1), "0.1"),
    ],
)
def test_every_kind_of_number_is_taken_exactly(given: object, number: str) -> None:
    assert str(exact(given, "price")) == number


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (True, "price must be a number, got True"),
        (None, "price must be a number, got None"),
        ([1], r"price must be a number, got \[1\]"),
        ("abc", "price must be a number, got 'abc'"),
        ("", "price must be a number, got ''"),
        ("NaN", "price must be finite, got 'NaN'"),
        (float("nan"), "price must be finite, got nan"),
        (float("inf"), "price must be finite, got inf"),
        (Decimal("-Infinity"), r"price must be finite, got Decimal\('-Infinity'\)"),
        (Decimal("sNaN"), r"price must be finite, got Decimal\('sNaN'\)"),
    ],
)
def test_what_is_no_number_is_refused_by_name(given: object, message: str) -> None:
    with pytest.raises(ModelError, match=f"^{message}$"):
        exact(given, "price")


@pytest.mark.parametrize("given", [Decimal(1), 1, "1", 1.0])
def test_a_number_above_zero_is_positive(given: object) -> None:
    assert positive(given, "price") == 1


@pytest.mark.parametrize("given", [0, Decimal(0), "-0.01", Decimal(-1)])
def test_zero_and_below_is_not_positive(given: object) -> None:
    with pytest.raises(ModelError, match="price must be above 0, got"):
        positive(given, "price")


@pytest.mark.parametrize("check", [positive, not_negative])
@pytest.mark.parametrize("given", [Decimal("NaN"), Decimal("Infinity")])
def test_nothing_infinite_passes_a_check(check: Any, given: Decimal) -> None:
    with pytest.raises(ModelError, match="must be finite"):
        check(given, "price")


@pytest.mark.parametrize("given", [0, Decimal(0), 7, "0.5"])
def test_zero_and_above_is_not_negative(given: object) -> None:
    assert not_negative(given, "volume") == Decimal(str(given))


@pytest.mark.parametrize("given", [Decimal("-0.000001"), -1])
def test_below_zero_is_negative(given: object) -> None:
    with pytest.raises(ModelError, match="volume must be 0 or more, got"):
        not_negative(given, "volume")


SCALES = [
    pytest.param(units.price_units, units.price_decimal, 8, "a price", id="price"),
    pytest.param(units.quantity_units, units.quantity_decimal, 6, "a quantity", id="quantity"),
    pytest.param(units.money_units, units.money_decimal, 14, "an amount of money", id="money"),
    pytest.param(units.ratio_units, units.ratio_decimal, 8, "a ratio", id="ratio"),
]


@pytest.mark.parametrize(("to_units", "back", "digits", "name"), SCALES)
def test_the_finest_amount_is_one_unit(to_units: Any, back: Any, digits: int, name: str) -> None:
    del name
    smallest = Decimal(1).scaleb(-digits)

    assert to_units(smallest) == 1
    assert back(1) == smallest


@pytest.mark.parametrize(("to_units", "back", "digits", "name"), SCALES)
def test_a_finer_amount_is_refused(to_units: Any, back: Any, digits: int, name: str) -> None:
    del back
    with pytest.raises(ModelError, match=f"^{name} may have at most {digits} decimals, got"):
        to_units(Decimal(1).scaleb(-digits - 1))


@pytest.mark.parametrize(("to_units", "back", "digits", "name"), SCALES)
@pytest.mark.parametrize("amount", ["0", "-1.5", "123456.75", "100"])
def test_an_amount_comes_back_as_it_went(
    to_units: Any, back: Any, digits: int, name: str, amount: str
) -> None:
    del digits, name
    assert back(to_units(Decimal(amount))) == Decimal(amount)


def test_whole_amounts_show_no_zeros() -> None:
    assert str(units.price_decimal(150 * 10**8)) == "150"
    assert str(units.price_decimal(150_500_000_00)) == "150.5"
    assert str(units.money_decimal(10**5 * 10**14)) == "100000"


def test_five_percent_is_five_hundredths() -> None:
    assert units.percent_units(Decimal(5)) == 5_000_000
    assert units.percent_units(Decimal("0.05")) == 50_000


def test_price_times_quantity_is_money_without_rounding() -> None:
    price = units.price_units(Decimal("150.00000001"))
    quantity = units.quantity_units(Decimal("3.000001"))

    assert units.money_decimal(price * quantity) == Decimal("450.00015003000001")


def test_an_amount_of_thirty_digits_is_exact_too() -> None:
    amount = Decimal("1234567890123456.12345678901234")

    assert units.money_units(amount) == 123_456_789_012_345_612_345_678_901_234


def test_thirty_digits_come_back_exactly() -> None:
    shown = units.money_decimal(123_456_789_012_345_612_345_678_901_234)

    assert str(shown) == "1234567890123456.12345678901234"


def test_the_precision_of_others_changes_nothing() -> None:
    with localcontext(prec=4):
        price = units.price_units(Decimal("987.654321"))

    assert price == 98_765_432_100


def test_aware_times_are_turned_into_utc() -> None:
    turned = aware(datetime(2026, 3, 2, 9, 30, tzinfo=NEW_YORK), "ts")

    assert turned == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert turned.tzinfo is UTC


def test_utc_times_stay_the_very_object() -> None:
    assert aware(AT, "ts") is AT


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("2026-03-02", "ts must be an aware datetime, got '2026-03-02'"),
        (AT.replace(tzinfo=None), "ts must carry a time zone, got 2026-03-02T14:30:00.123456"),
        (AT.replace(tzinfo=Nowhere()), "ts must carry a time zone, got 2026-03-02T14:30:00.123456"),
    ],
)
def test_a_time_without_a_place_is_refused(given: object, message: str) -> None:
    with pytest.raises(ModelError, match=f"^{message}$"):
        aware(given, "ts")


def test_a_time_is_counted_in_nanoseconds() -> None:
    assert nanoseconds(datetime(1970, 1, 1, 0, 0, 1, 2, tzinfo=UTC)) == 1_000_002_000
    assert nanoseconds(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1_000_000_000


def test_nanoseconds_come_back_cut_to_microseconds() -> None:
    assert moment(nanoseconds(AT) + 999) == AT


def test_the_same_moment_elsewhere_is_the_same_number() -> None:
    assert nanoseconds(AT.astimezone(NEW_YORK)) == nanoseconds(AT)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (AT, "2026-03-02T14:30:00.123456Z"),
        (AT.astimezone(NEW_YORK), "2026-03-02T14:30:00.123456Z"),
        (AT.replace(microsecond=0), "2026-03-02T14:30:00Z"),
    ],
)
def test_times_are_written_with_z(at: datetime, text: str) -> None:
    assert iso(at) == text
