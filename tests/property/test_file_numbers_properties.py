"""A number in a file and the exact integer it becomes are the same number, digit by digit."""

import json
import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.data.files.conversions import prices, quantities
from fillpath.data.files.faults import BadRowReport
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


EIGHT = Decimal("1e-8")
FINE = st.floats(1e-6, 1e7, allow_nan=False)
TIES = UNITS.map(lambda unit: float(Decimal(2 * unit + 1) / 2 * EIGHT)).filter(lambda v: v <= 1e7)


@given(FINE | TIES)
def test_a_price_is_the_nearest_of_eight_decimals_and_said_to_be(value: float) -> None:
    table = a_table(pl.Series([value]))
    report = BadRowReport()

    (units,) = prices(table, "value", may_be_missing=False).tolist()
    table.settle(report)

    written = Decimal(repr(value))
    nearest = written.quantize(EIGHT, ROUND_HALF_EVEN)
    assert Decimal(units).scaleb(-8) == nearest
    assert report.remarks["rounded"] == int(nearest != written)


@given(UNITS, st.integers(-3, 3))
def test_the_noise_of_floats_does_not_move_a_price(unit: int, steps: int) -> None:
    value = float(Decimal(unit % 10**12 + 1) * EIGHT)
    for _ in range(abs(steps)):
        value = math.nextafter(value, math.copysign(math.inf, steps))
    table = a_table(pl.Series([value]))

    assert prices(table, "value", may_be_missing=False).tolist() == [unit % 10**12 + 1]


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
