"""One Parquet or CSV file as columns, with every fault of the file itself in plain words."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from polars.exceptions import PanicException, PolarsError

from fillpath.core.errors import DataError
from fillpath.data.files.checks import Integers, RowChecks

_PARQUET: Final = frozenset({".parquet", ".pq"})
_CSV: Final = frozenset({".csv"})
_NO_ROWS: Final = np.empty(0, dtype=np.int64)


class Table:
    """The columns of one file, with the verdict on its rows so far.

    Args:
        source: file name as the user gave it.
        frame: the columns; text only when the file is CSV.
        ragged: 0-based rows of a CSV file that have more cells than its header.
    """

    def __init__(self, source: str, frame: pl.DataFrame, ragged: Integers) -> None:
        self.source = source
        self.frame = frame
        self.checks = RowChecks(source, frame.height)
        width = frame.width
        self.checks.fail_rows(
            ragged, "wrong_type", lambda _: f"the row has more than the {width} cells of the header"
        )

    @property
    def rows(self) -> int:
        """Return how many data rows the file has."""
        return self.frame.height

    def has(self, name: str) -> bool:
        """Return whether the file has a column."""
        return name in self.frame.columns

    def column(self, name: str) -> pl.Series:
        """Return one of its columns."""
        return self.frame.get_column(name)


def read_table(path: Path, needed: Sequence[str]) -> Table:
    """Read every column of a file that must have the needed ones.

    Raises:
        DataError: the file is missing, unreadable or empty, or lacks a needed column.
    """
    source = str(path)
    suffix = path.suffix.lower()
    if suffix not in _PARQUET | _CSV:
        raise DataError(source, None, f"the name must end in .parquet or .csv, got {path.name!r}")
    if not path.is_file():
        raise DataError(source, None, "the file does not exist")
    kind = "Parquet" if suffix in _PARQUET else "CSV"
    try:
        table = _read_parquet(path) if suffix in _PARQUET else _read_csv(path)
    except (PolarsError, PanicException, OSError) as err:
        cause = (str(err).strip() or type(err).__name__).splitlines()[0]
        raise DataError(source, None, f"the file is empty, cut off or no {kind}: {cause}") from err
    _check_columns(table, needed)
    if table.rows == 0:
        raise DataError(source, None, "the file has no rows")
    return table


def _check_columns(table: Table, needed: Sequence[str]) -> None:
    missing = [name for name in needed if not table.has(name)]
    if missing:
        raise DataError(
            table.source,
            None,
            f"the column {missing[0]} is missing; needed are {', '.join(needed)}, "
            f"the file has {', '.join(table.frame.columns)}",
        )


def _read_parquet(path: Path) -> Table:
    return Table(str(path), pl.read_parquet(path), _NO_ROWS)


def _read_csv(path: Path) -> Table:
    try:
        return Table(str(path), pl.read_csv(path, infer_schema=False), _NO_ROWS)
    except PolarsError:
        # Only a row that is too long can be read in another way; any other fault comes back.
        frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
        return Table(str(path), frame, _ragged_rows(path, frame.width))


def _ragged_rows(path: Path, width: int) -> Integers:
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        ragged = [index for index, cells in enumerate(rows) if len(cells) > width]
    return np.array(ragged, dtype=np.int64)


__all__ = ["Table", "read_table"]
