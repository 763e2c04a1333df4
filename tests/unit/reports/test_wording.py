"""Numbers as people read them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from fillpath.reports import wording


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Decimal("3.3333"), "+3.33"), (-12.345, "-12.35"), (0.001, "0.00"), (-0.001, "0.00")],
)
def test_basis_points_carry_their_sign(value: Decimal | float, shown: str) -> None:
    assert wording.bps(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("150", "150.00"), ("1150.1", "1,150.10"), ("0.12345", "0.1234"), ("27.125", "27.125")],
)
def test_prices_have_two_to_four_decimals(value: str, shown: str) -> None:
    assert wording.price(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1200", "1,200"), ("0.5", "0.5"), ("-10", "-10"), ("1000000", "1,000,000")],
)
def test_shares_have_no_needless_decimals(value: str, shown: str) -> None:
    assert wording.shares(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (0, "0 ms"),
        (250, "250 ms"),
        (1250, "1.25 s"),
        (240_000, "4 min 0 s"),
        (95_400, "1 min 35 s"),
    ],
)
def test_time_spans_are_in_the_unit_that_fits(milliseconds: int, shown: str) -> None:
    assert wording.duration(Decimal(milliseconds)) == shown
    assert wording.duration(float(milliseconds)) == shown


def test_money_and_shares_of_a_whole_are_rounded_for_people() -> None:
    assert wording.money(Decimal("1234.5")) == "1,234.50"
    assert wording.share(0.975) == "97.5 %"


def test_moments_are_shown_to_the_millisecond() -> None:
    at = datetime(2013, 10, 7, 13, 30, 0, 250_000, tzinfo=UTC)

    assert wording.clock(at) == "2013-10-07 13:30:00.250"


@pytest.mark.parametrize(
    "show", [wording.bps, wording.share, wording.money, wording.price, wording.shares]
)
def test_nothing_is_shown_as_a_dash(show: object) -> None:
    assert callable(show)
    assert show(None) == wording.NOTHING
    assert wording.duration(None) == wording.NOTHING
    assert wording.clock(None) == wording.NOTHING


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("99950.25"), "99,950.25"),
        (Decimal(381_096_524), "381.10 M"),
        (-12e6, "-12.00 M"),
        (2e10, "20.00 bn"),
        (None, "-"),
    ],
)
def test_large_amounts_fit_a_narrow_place(value: Decimal | float | None, shown: str) -> None:
    assert wording.compact(value) == shown


def test_what_a_limit_allows_is_never_rounded_up() -> None:
    assert wording.whole(Decimal("357462.99")) == "357,462"


def test_rows_that_were_kept_are_not_called_skipped() -> None:
    assert (
        wording.bad_rows("kept: crossed", 1_200) == "1,200 rows were kept although they are crossed"
    )
    assert wording.bad_rows("kept: rounded", 2) == (
        "2 rows had finer digits: prices were rounded to 8 decimals, sizes to 6"
    )
    assert wording.bad_rows("duplicate", 3) == "3 rows were skipped: duplicate"
