"""A number in a file and the exact integer it becomes are the same number, digit by digit."""

import json
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.data.files.conversions import prices, quantities
from fillpath.data.files.signal_lines import LineFault, SignalLines
from fillpath.data.files.table import Table

UNITS = st.integers(1, 10**15)
PRICES = st.lists(UNITS, min_size=1, max_size=20)
SIZES = st.lists(st.integers(0, 10**15), min_size=1, max_size=20)


def a_table(values: pl.Series) -> Table:
    return Table("file", ["value"], len(values), lambda _: values)


def good_rows(table: Table) -> int:
    return int(table.checks.good.sum())


@given(PRICES)
def test_a_price_of_eight_decimals_survives_being_a_float(units: list[int]) -> None:
    texts = [str(Decimal(unit).scaleb(-8)) for unit in units]
    table = a_table(pl.Series([float(text) for text in texts]))

    assert prices(table, "value", may_be_missing=False).tolist() == units
    assert good_rows(table) == len(units)


@given(PRICES)
def test_a_price_in_a_text_is_the_same_price(units: list[int]) -> None:
    table = a_table(pl.Series([str(Decimal(unit).scaleb(-8)) for unit in units]))

    assert prices(table, "value", may_be_missing=False).tolist() == units


@given(SIZES)
def test_a_size_of_six_decimals_survives_being_a_float(units: list[int]) -> None:
    table = a_table(pl.Series([float(Decimal(unit).scaleb(-6)) for unit in units]))

    assert quantities(table, "value").tolist() == units
    assert good_rows(table) == len(units)


@given(st.floats(1e-6, 1e7, allow_nan=False))
def test_a_price_is_exact_or_refused(value: float) -> None:
    table = a_table(pl.Series([value]))

    (units,) = prices(table, "value", may_be_missing=False).tolist()

    fits = -Decimal(repr(value)).as_tuple().exponent <= 8  # type: ignore[operator]
    assert good_rows(table) == int(fits)
    if fits:
        assert Decimal(units).scaleb(-8) == Decimal(repr(value))


SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (", ", " : ")])
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
SHALLOW = ATOMS | st.lists(ATOMS, max_size=3)
JSON = SHALLOW | st.dictionaries(st.text(max_size=4), SHALLOW, max_size=3)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5), SEPARATORS)
def test_metadata_comes_back_as_it_was_written(
    metadata: dict[str, Any], separators: tuple[str, str]
) -> None:
    line = json.dumps(
        {
            "signal_id": "s",
            "ts": "2013-10-07T13:30:01Z",
            "symbol": "IBM",
            "direction": "LONG",
            "strength": 0.5,
            "metadata": metadata,
        },
        separators=separators,
    )

    signal = SignalLines().signal(line).signal

    assert signal.metadata == json.loads(json.dumps(metadata), parse_float=Decimal)


@given(st.text(max_size=60))
def test_any_text_is_a_signal_or_a_named_fault(text: str) -> None:
    with pytest.raises(LineFault):
        SignalLines().signal(text)
