"""One Parquet or CSV file as columns, with every fault of the file itself in plain words."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import polars as pl
from polars.exceptions import PanicException, PolarsError

from fillpath.core.errors import DataError
from fillpath.data.files.checks import Flags, Integers, RowChecks
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.sources import check_file, read_text, unreadable

_PARQUET: Final = frozenset({".parquet", ".pq"})
_CSV: Final = frozenset({".csv"})
_SMALL: Final = 1 << 20
"""Bytes of a Parquet file up to which all its columns are read at once."""
_NO_ROWS: Final = np.empty(0, dtype=np.int64)

ReadColumn = Callable[[str], pl.Series]
Read = TypeVar("Read")


class Table:
    """The columns of one file, with the verdict on its rows so far.

    The columns of a large file are read one at a time and let go once they are converted, so that
    it is never held twice.

    Args:
        source: file name as the user gave it.
        names: every column of the file.
        rows: data rows of the file.
        read: reads one column; as text when the file is CSV.
    """

    def __init__(self, source: str, names: Sequence[str], rows: int, read: ReadColumn) -> None:
        self.source = source
        self.names = tuple(names)
        self.rows = rows
        self.checks = RowChecks(source, rows)
        self._rounded = np.zeros(rows, dtype=np.bool_)
        self._read = read
        self._taken: set[str] = set()
        self._kept: dict[str, pl.Series] = {}

    @property
    def unconverted(self) -> list[str]:
        """Return the columns that nobody has taken yet."""
        return [name for name in self.names if name not in self._taken]

    def take(self, name: str) -> pl.Series:
        """Return a column that is converted now; the table does not keep it.

        Raises:
            DataError: its bytes cannot be read.
        """
        self._taken.add(name)
        try:
            return self._read(name)
        except (PolarsError, PanicException, OSError) as err:
            raise DataError(
                self.source, None, f"the column {name} cannot be read: {_first_line(err)}"
            ) from err

    def mark_rounded(self, rows: Flags) -> None:
        """Remember rows in which a number had finer digits than are kept."""
        self._rounded |= rows

    def settle(self, report: BadRowReport) -> Flags:
        """Report what was found and return which rows are good.

        Raises:
            DataError: a row failed and the report does not skip.
        """
        good = self.checks.settle(report)
        report.remark("rounded", int((self._rounded & good).sum()))
        return good

    def text(self, name: str, row: int) -> str:
        """Return what the file says in one cell, for a message."""
        if name not in self._kept:
            self._kept[name] = self._read(name)
        value = self._kept[name][row]
        return repr(value) if isinstance(value, str) else str(value)


def read_table(path: Path, needed: Sequence[str]) -> Table:
    """Open a file that must have the needed columns.

    Raises:
        DataError: the file is missing, unreadable or empty, or lacks a needed column.
    """
    source = str(path)
    check_file(path)
    suffix = path.suffix.lower()
    if suffix not in _PARQUET | _CSV:
        raise DataError(source, None, f"the name must end in .parquet or .csv, got {path.name!r}")
    text = suffix in _CSV
    try:
        table = _open_csv(path) if text else _open_parquet(path)
    except OSError as err:
        raise unreadable(path, err) from err
    except (PolarsError, PanicException) as err:
        if text:
            read_text(path)  # says it better where the text itself is the fault
        if not path.stat().st_size:
            raise DataError(source, None, "the file is empty") from err
        kind = "CSV" if text else "Parquet"
        raise DataError(
            source, None, f"the file is cut off or no {kind}: {_first_line(err)}"
        ) from err
    if text and not set(needed) <= set(table.names):
        read_text(path)
    _check_columns(table, needed)
    if table.rows == 0:
        raise DataError(source, None, "the file has no rows")
    return table


def each_file(
    paths: Iterable[Path],
    needed: Sequence[str],
    read: Callable[[Table], Read],
) -> Iterator[Read]:
    """Yield what ``read`` makes of each file.

    Raises:
        DataError: a file cannot be used, or has a bad row that ``read`` does not skip.
    """
    for path in paths:
        yield read(read_table(path, needed))


def _first_line(err: BaseException) -> str:
    return (str(err).strip() or type(err).__name__).splitlines()[0]


def _check_columns(table: Table, needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in table.names]
    if missing:
        raise DataError(
            table.source,
            None,
            f"the column {missing[0]} is missing; needed are {', '.join(needed)}, "
            f"the file has {', '.join(table.names)}",
        )


def _open_parquet(path: Path) -> Table:
    names = list(pl.read_parquet_schema(path))
    if path.stat().st_size <= _SMALL:
        # One that cannot be read whole is read again column by column, to say which one it is.
        with suppress(PolarsError, PanicException):
            frame = pl.read_parquet(path)
            return Table(str(path), names, frame.height, frame.get_column)
    rows = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    return Table(
        str(path), names, rows, lambda name: pl.read_parquet(path, columns=[name]).to_series()
    )


def _open_csv(path: Path) -> Table:
    read = partial(pl.read_csv, path, infer_schema=False)
    ragged = _NO_ROWS
    try:
        frame = read()
    except PolarsError:
        # Only a row that is too long can be read in another way; any other fault comes back.
        frame = read(truncate_ragged_lines=True)
        ragged = _ragged_rows(path)
    table = Table(str(path), frame.columns, frame.height, frame.get_column)
    table.checks.fail_rows(
        ragged,
        "wrong_type",
        lambda _: f"the row has more than the {frame.width} cells of the header",
    )
    return table


def _ragged_rows(path: Path) -> Integers:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        rows = csv.reader(lines)
        width = len(next(rows, []))
        ragged = [index for index, cells in enumerate(rows) if len(cells) > width]
    return np.array(ragged, dtype=np.int64)


__all__ = ["Table", "each_file", "read_table"]
