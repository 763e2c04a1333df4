"""Columns in which nothing is wrong are converted at once, to what a close look would give."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.data.files.faultless import _BLOCK, faultless

SCALE = 10**8
LIMIT = 10**7
cents = st.decimals(min_value=0, max_value=LIMIT, places=2)


@given(st.lists(cents, max_size=50))
def test_a_column_of_written_numbers_is_exact(numbers: list[Decimal]) -> None:
    column = pl.Series([float(number) for number in numbers], dtype=pl.Float64)

    units = faultless(column, SCALE, LIMIT, zero=True)

    assert units is not None
    assert units.tolist() == [int(number * SCALE) for number in numbers]


@given(st.lists(st.integers(min_value=0, max_value=9 * 10**9), max_size=50))
def test_a_column_of_whole_numbers_is_exact(numbers: list[int]) -> None:
    units = faultless(pl.Series(numbers, dtype=pl.Int64), 10**6, 9 * 10**9, zero=True)

    assert units is not None
    assert units.tolist() == [number * 10**6 for number in numbers]


def test_a_missing_number_is_0() -> None:
    units = faultless(pl.Series([1.5, None, 2.25]), SCALE, LIMIT, zero=False)

    assert units is not None
    assert units.tolist() == [150_000_000, 0, 225_000_000]


@pytest.mark.parametrize(
    "wrong",
    [
        float("nan"),
        float("inf"),
        -0.01,
        LIMIT + 0.01,
        1e300,
        0.1 + 0.2,
        1e-9,
        0.0,
    ],
)
@pytest.mark.parametrize("row", [0, _BLOCK - 1, _BLOCK, 2 * _BLOCK])
def test_a_column_with_one_number_that_needs_a_second_look_is_left_alone(
    wrong: float, row: int
) -> None:
    numbers = [100.01] * (2 * _BLOCK + 1)
    numbers[row] = wrong

    assert faultless(pl.Series(numbers), SCALE, LIMIT, zero=False) is None


@pytest.mark.parametrize("kind", [pl.String, pl.Float32, pl.Boolean, pl.Null])
def test_other_columns_are_left_alone(kind: type[pl.DataType]) -> None:
    assert faultless(pl.Series([None, None], dtype=kind), SCALE, LIMIT, zero=True) is None
