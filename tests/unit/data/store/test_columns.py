"""What a column takes comes back as it was, and what it cannot keep is refused."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from fillpath.core.errors import ModelError
from fillpath.core.units import moment
from fillpath.data.store.columns import Exact, Moment, encoded, whole

SQLITE: Dialect = sqlite.dialect()
POSTGRES: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # no types there
NEW_YORK = timezone(timedelta(hours=-5))


def stored(column: Exact | Moment, value: Any) -> Any:
    return column.process_bind_param(value, SQLITE)


def back(column: Exact | Moment, value: Any) -> Any:
    return column.process_result_value(stored(column, value), SQLITE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("1234567890.1234567891", "1234567890.1234567891", id="beyond a double"),
        pytest.param("1E+3", "1000", id="no exponents"),
        pytest.param("1E-14", "0.00000000000001", id="the smallest money"),
        pytest.param("-0.00", "0", id="no negative zero"),
        pytest.param("100.50", "100.50", id="as it was written"),
    ],
)
def test_a_decimal_is_its_digits_on_sqlite(value: str, text: str) -> None:
    assert stored(Exact(), Decimal(value)) == text
    assert back(Exact(), Decimal(value)) == Decimal(value)


@pytest.mark.parametrize("value", [0.1, 1, "1", Decimal("NaN"), Decimal("Infinity")])
@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES])
def test_an_exact_column_takes_finite_decimals_alone(value: object, dialect: Dialect) -> None:
    with pytest.raises(ModelError, match="a finite Decimal, got"):
        Exact().process_bind_param(value, dialect)


def test_postgresql_has_decimals_and_times_of_its_own() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)

    assert Exact().process_bind_param(Decimal("1.50"), POSTGRES) == Decimal("1.50")
    assert Moment().process_bind_param(at, POSTGRES) == at


def test_nothing_stays_nothing() -> None:
    assert back(Exact(), None) is None
    assert back(Moment(), None) is None


def test_a_time_of_another_zone_comes_back_in_utc() -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=NEW_YORK)

    assert stored(Moment(), at) == "2026-03-02T14:30:00.000000Z"
    assert back(Moment(), at) == at
    assert back(Moment(), at).tzinfo is UTC


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES])
def test_a_time_without_a_zone_is_refused(dialect: Dialect) -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001  # what must be refused

    with pytest.raises(ModelError, match="time zone"):
        Moment().process_bind_param(naive, dialect)


def test_nanoseconds_are_cut_to_microseconds_never_rounded_up() -> None:
    at = moment(1_700_000_000_000_001_999)

    assert stored(Moment(), at) == "2023-11-14T22:13:20.000001Z"


def test_times_sort_as_text() -> None:
    start = datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    moments = [start - timedelta(days=400), start, start + timedelta(microseconds=1)]

    assert sorted(stored(Moment(), at) for at in moments) == [
        stored(Moment(), at) for at in moments
    ]


def test_text_keeps_every_whole_character() -> None:
    assert whole("\u00e9 \U0001f600") == "\u00e9 \U0001f600"
    assert whole("\x00 \ud83d") == "\ufffd \ufffd"


def test_plain_data_keeps_decimals_as_text_and_has_no_nan() -> None:
    assert encoded({"a": Decimal("1.50"), "b": float("nan"), "c": "\x00"}) == (
        '{"a":"1.50","b":null,"c":"\ufffd"}'
    )
