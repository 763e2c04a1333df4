"""Columns of a file as exact integers, whole columns at a time; what cannot be is named.

Prices count 1e-8, quantities 1e-6 and times nanoseconds UTC, as in ``core/units.py``. A floating
point price is the number whose shortest text it is: ``rint(x * 1e8)`` gives that text back as an
integer wherever it has at most 15 digits, and dividing again gives the same float. Where it does
not, the number has finer digits, usually the noise of somebody's arithmetic: it is rounded to the
nearest unit, half to even, and its row is counted as rounded.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from fillpath.core.errors import DataError, ModelError
from fillpath.core.models import check_symbol
from fillpath.core.units import PRICE_SCALE, QUANTITY_SCALE
from fillpath.data.files.checks import Codes, Flags, Integers
from fillpath.data.files.faultless import faultless
from fillpath.data.files.table import Table

Floats = NDArray[np.float64]

PRICE_LIMIT: Final = 10**7
QUANTITY_LIMIT: Final = 9 * 10**9

_INSTANT: Final = (
    r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(?:(Z)|([+-])(\d{2}):?(\d{2}))?$"
)
_ZONELESS: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
_MINUTE_NS: Final = 60 * 10**9
_FIRST_ROWS: Final = 4_096


def prices(table: Table, name: str, *, may_be_missing: bool) -> Integers:
    """Return a price column in units of 1e-8, with 0 where it is missing.

    A missing price is a bad row unless ``may_be_missing``; so is one that is no number, not above
    0 (also when rounded to 8 decimals) or above 10,000,000.
    """
    column = table.take(name)
    if may_be_missing or not column.null_count():
        clean = faultless(column, PRICE_SCALE, PRICE_LIMIT, zero=False)
        if clean is not None:
            return clean
    numbers = _numbers(table, name, column)
    values, missing = numbers.values, numbers.missing
    if not may_be_missing:
        table.checks.fail(missing, "missing", lambda _: f"{name} is missing")
    not_positive = (values <= 0) & ~missing
    _fail(table, name, not_positive, "not_positive", "must be above 0")
    units = _scaled(table, name, numbers, PRICE_SCALE, PRICE_LIMIT)
    nothing_left = (units == 0) & (values > 0) & (values < 1)
    _fail(table, name, nothing_left, "not_positive", "must be above 0 with 8 decimals")
    return units


def quantities(table: Table, name: str) -> Integers:
    """Return a size or volume column in units of 1e-6 shares.

    A row is bad when its value is missing, no number, negative or above 9,000,000,000.
    """
    column = table.take(name)
    if not column.null_count():
        clean = faultless(column, QUANTITY_SCALE, QUANTITY_LIMIT, zero=True)
        if clean is not None:
            return clean
    numbers = _numbers(table, name, column)
    table.checks.fail(numbers.missing, "missing", lambda _: f"{name} is missing")
    _fail(table, name, numbers.values < 0, "negative", "must be 0 or more")
    return _scaled(table, name, numbers, QUANTITY_SCALE, QUANTITY_LIMIT)


def instants(table: Table, name: str) -> Integers:
    """Return a time column in nanoseconds UTC.

    Raises:
        DataError: the column of a Parquet file holds no times, or times without a zone.
    """
    column = table.take(name)
    if column.dtype == pl.String:
        column = _parsed_instants(table, name, column)
    elif not isinstance(column.dtype, pl.Datetime):
        raise DataError(
            table.source, None, f"{name} must be a time with a zone, the column is {column.dtype}"
        )
    elif column.dtype.time_zone is None:
        raise DataError(
            table.source, None, f"{name} must carry a time zone, the column is {column.dtype}"
        )
    if column.null_count():
        table.checks.fail(
            column.is_null().to_numpy(), "missing", lambda _: f"{name} is missing or no time"
        )
    nanoseconds = column.dt.cast_time_unit("ns").to_physical().fill_null(0)
    stamps: Integers = nanoseconds.to_numpy()
    return stamps


def symbols(table: Table) -> tuple[list[str], Codes]:
    """Return the distinct symbols in order of appearance, and the index into them of each row."""
    column = table.take("symbol")
    if not isinstance(column.dtype, pl.String | pl.Categorical | pl.Enum):
        raise DataError(table.source, None, f"symbol must be text, the column is {column.dtype}")
    column = column.cast(pl.String)
    if column.null_count():
        table.checks.fail(column.is_null().to_numpy(), "missing", lambda _: "symbol is missing")
    distinct, codes = _numbered(column)
    for code, symbol in enumerate(distinct):
        _check_symbol(table, symbol, code, codes)
    return distinct, codes


def _numbered(column: pl.Series) -> tuple[list[str], Codes]:
    """Return the distinct texts in order of appearance, and for each row which one it has."""
    # Most files show all their symbols at once, and one look at every row is then enough.
    for part in (column.head(_FIRST_ROWS), column):
        distinct = part.drop_nulls().unique(maintain_order=True).to_list()
        numbered = column.cast(pl.Enum(distinct), strict=False).to_physical()
        if numbered.null_count() == column.null_count():
            break
    return distinct, numbered.fill_null(0).to_numpy()


def _check_symbol(table: Table, symbol: str, code: int, codes: Codes) -> None:
    try:
        check_symbol(symbol)
    except ModelError as err:
        text = str(err)
        table.checks.fail(codes == code, "wrong_symbol", lambda _: text)


class _Numbers(Struct, frozen=True):
    """A column as numbers, with 0 where they are missing, and as text where the file has text."""

    values: Floats
    missing: Flags
    texts: pl.Series | None

    def exact(self, row: int) -> Decimal:
        """Return the number of a row as it is written."""
        written = repr(float(self.values[row])) if self.texts is None else self.texts[row]
        return Decimal(written)


def _numbers(table: Table, name: str, column: pl.Series) -> _Numbers:
    missing: Flags = column.is_null().to_numpy()
    values: Floats = _as_floats(table, name, column).fill_null(0.0).to_numpy()
    finite = np.isfinite(values)
    if not finite.all():
        table.checks.fail(np.isnan(values), "nan", lambda _: f"{name} must be a number, got NaN")
        table.checks.fail(~finite, "infinite", lambda _: f"{name} must be finite, got infinity")
        values = np.where(finite, values, 0.0)
    return _Numbers(values, missing, column if column.dtype == pl.String else None)


def _as_floats(table: Table, name: str, column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind == pl.Float32:  # the shortest text is what the writer of the file meant
        return column.cast(pl.String).cast(pl.Float64)
    if kind.is_numeric() or kind == pl.Null:
        return column.cast(pl.Float64)
    if kind != pl.String:
        raise DataError(table.source, None, f"{name} must be a number, the column is {kind}")
    parsed = column.cast(pl.Float64, strict=False)
    no_number = (parsed.is_null() & column.is_not_null()).to_numpy()
    table.checks.fail(
        no_number, "wrong_type", lambda row: f"{name} must be a number, got {table.text(name, row)}"
    )
    return parsed


def _scaled(table: Table, name: str, numbers: _Numbers, scale: int, limit: int) -> Integers:
    too_large = numbers.values > limit
    _fail(table, name, too_large, "too_large", f"may be at most {limit:,}")
    values = np.where(too_large, 0.0, numbers.values)
    products = values * scale
    scaled = np.rint(products)
    units: Integers = scaled.astype(np.int64)
    finer = scaled / scale != values
    if finer.any():
        table.mark_rounded(finer)
        # Only next to a tie can the error of the product decide which way it goes.
        ties = finer & (np.abs(np.abs(products - scaled) - 0.5) <= 2 * np.spacing(products))
        for row in np.flatnonzero(ties).tolist():
            exact = numbers.exact(row) * scale
            units[row] = int(exact.to_integral_value(ROUND_HALF_EVEN))
    return units


def _fail(table: Table, name: str, failed: Flags, kind: str, rule: str) -> None:
    table.checks.fail(failed, kind, lambda row: f"{name} {rule}, got {table.text(name, row)}")


def _parsed_instants(table: Table, name: str, column: pl.Series) -> pl.Series:
    parts = column.str.extract_groups(_INSTANT).struct.unnest()
    day, clock, utc, sign, hours, minutes = (parts.to_series(index) for index in range(6))
    local = (day + "T" + clock).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", time_unit="ns", strict=False
    )
    offset = (hours.cast(pl.Int64) * 60 + minutes.cast(pl.Int64)) * _MINUTE_NS
    signed = offset * (1 - 2 * (sign == "-").cast(pl.Int64))
    ahead = signed.fill_null(0)
    zoned = utc.is_not_null() | sign.is_not_null()
    zoneless = (column.str.contains(_ZONELESS) & ~zoned).fill_null(value=False)
    table.checks.fail(
        zoneless.to_numpy(),
        "no_time_zone",
        lambda row: f"{name} must carry a time zone (Z or an offset), got {table.text(name, row)}",
    )
    wrong = (column.is_not_null() & (local.is_null() | ~zoned)).fill_null(value=True)
    table.checks.fail(
        wrong.to_numpy(),
        "wrong_type",
        lambda row: (
            f"{name} must be ISO 8601 such as 2013-10-07T13:30:00Z, got {table.text(name, row)}"
        ),
    )
    return (local.to_physical() - ahead).cast(pl.Datetime("ns", "UTC"))


__all__ = ["PRICE_LIMIT", "QUANTITY_LIMIT", "instants", "prices", "quantities", "symbols"]
