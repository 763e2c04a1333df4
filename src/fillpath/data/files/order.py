"""Time order within a file and between files: every symbol's rows follow one another."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fillpath.core.errors import DataError
from fillpath.core.units import iso, moment
from fillpath.data.files.checks import Codes, Flags, Integers
from fillpath.data.files.table import Table

_FEW_NAMES: Final = 32
_EXCHANGE_ZONE: Final = "America/New_York"

Number = TypeVar("Number", np.int64, np.int8, np.bool_, np.unsignedinteger)


def rows_by_symbol(table: Table, names: list[str], codes: Codes) -> Iterator[tuple[str, Integers]]:
    """Yield each symbol with the 0-based indices of its good rows, in file order."""
    good = table.checks.good
    if len(names) <= _FEW_NAMES:  # looking through the codes once for each is quicker than a sort
        for code, name in enumerate(names):
            yield name, np.flatnonzero((codes == code) & good)
        return
    rows = np.flatnonzero(good)
    order = np.argsort(picked(codes, rows), kind="stable")
    grouped = np.take(rows, order, mode="clip")
    bounds = np.searchsorted(np.take(codes, grouped, mode="clip"), np.arange(len(names) + 1))
    for code, name in enumerate(names):
        yield name, grouped[bounds[code] : bounds[code + 1]]


def in_time_order(
    table: Table,
    rows: Integers,
    times: Integers,
    columns: Sequence[Integers],
    ticks: Callable[[Integers], Flags] | None = None,
) -> tuple[Integers, Integers]:
    """Mark the rows of one symbol that go back in time or come twice.

    Args:
        table: the file.
        rows: 0-based indices of one symbol, in file order.
        times: those of the rows.
        columns: the columns of the whole file that were converted, the times first.
        ticks: returns which of some rows are ticks; None means that no row is.

    Returns:
        The other rows, and their times.
    """
    if bool((times[1:] > times[:-1]).all()):
        return rows, times
    stamps = columns[0]
    rows = _drop_unsorted(table, stamps, rows)
    rows = _drop_duplicates(table, rows, columns, None if ticks is None else ticks(rows))
    return rows, picked(stamps, rows)


def _drop_unsorted(table: Table, stamps: Integers, rows: Integers) -> Integers:
    """Mark the rows of one symbol that go back in time, and return the others."""
    times = picked(stamps, rows)
    if bool((times[1:] >= times[:-1]).all()):
        return rows
    latest = np.maximum.accumulate(times)
    back = np.flatnonzero(times[1:] < latest[:-1]) + 1
    before = dict(zip(rows[back].tolist(), latest[back - 1].tolist(), strict=True))
    table.checks.fail_rows(
        rows[back],
        "unsorted",
        lambda row: (
            f"time must not go back: {_moment(int(stamps[row]))} follows {_moment(before[row])}"
        ),
    )
    return np.delete(rows, back)


def _drop_duplicates(
    table: Table, rows: Integers, columns: Sequence[Integers], ticks: Flags | None = None
) -> Integers:
    """Mark the rows of one symbol that come a second time, and return the others.

    Args:
        table: the file.
        rows: 0-based indices of one symbol, in time order.
        columns: the columns of the whole file that were converted, the times first.
        ticks: which of ``rows`` are ticks. They may share their time with the row before, because
            file order is event order, and are duplicates only when they repeat it in every column.
            None means that no row is.
    """
    times = picked(columns[0], rows)
    same = times[1:] == times[:-1]
    if not same.any():
        return rows
    second, repeats = np.flatnonzero(same) + 1, rows[:0]
    if ticks is not None:
        second = np.flatnonzero(same & ~ticks[1:]) + 1
        for values in columns[1:]:
            part = picked(values, rows)
            same &= part[1:] == part[:-1]
        repeats = _repeats(table, rows, np.flatnonzero(same & ticks[1:]) + 1)
    table.checks.fail_rows(
        rows[second],
        "duplicate",
        lambda row: f"{_moment(int(columns[0][row]))} comes twice; only ticks may share their time",
    )
    table.checks.fail_rows(
        rows[repeats], "duplicate", lambda _: "the row repeats the row before in every column"
    )
    return (
        np.delete(rows, np.concatenate([repeats, second])) if repeats.size or second.size else rows
    )


def view(rows: Integers) -> Integers | slice:
    """Return neighbouring rows as a slice, which spares the copy."""
    if rows.size == 0:
        return slice(0, 0)
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == rows.size else rows


def picked(column: NDArray[Number], rows: Integers) -> NDArray[Number]:
    """Return rows of a column, ascending and known to be there; neighbours without a copy."""
    part = view(rows)
    if isinstance(part, slice):
        return column[part]
    return np.take(column, rows, mode="clip")  # looking once more whether each is there costs most


def _repeats(table: Table, rows: Integers, positions: Integers) -> Integers:
    for name in table.unconverted:
        if positions.size == 0:
            break
        column = table.take(name)
        now, before = column[rows[positions]], column[rows[positions - 1]]
        positions = positions[now.eq_missing(before).to_numpy()]
    return positions


def merge_order(symbol: str, pieces: Sequence[tuple[str, Integers]]) -> Integers | None:
    """Return the order by time that merges the concatenated pieces of a symbol.

    Args:
        symbol: ticker.
        pieces: source and times of each file; each sorted, and sorted by their first times.

    Returns:
        Indices into the concatenation; None when it is in order as it stands.

    Raises:
        DataError: two files have rows for overlapping times of the same day.
    """
    if all(one[-1] < two[0] for (_, one), (_, two) in pairwise(pieces)):
        return None
    spans = sorted(
        (first, last, source) for source, times in pieces for first, last in _day_spans(times)
    )
    for (_, last, source), (first, _, other) in pairwise(spans):
        if first <= last:
            raise DataError(
                other,
                None,
                f"{symbol} has rows at {_moment(first)} in this file and, for overlapping times, "
                f"in {source}",
            )
    return np.argsort(np.concatenate([times for _, times in pieces]), kind="stable")


def merged(columns: Sequence[NDArray[Number]], order: Integers | None) -> NDArray[Number]:
    """Return the pieces of one column as one, in the order that ``merge_order`` gave."""
    if len(columns) == 1:
        return columns[0]
    whole = np.concatenate(columns)
    return whole if order is None else whole[order]


def _day_spans(times: Integers) -> list[tuple[int, int]]:
    stamps = pl.Series(times).cast(pl.Datetime("ns", "UTC"))
    days = stamps.dt.convert_time_zone(_EXCHANGE_ZONE).dt.date().to_physical().to_numpy()
    starts = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
    ends = np.append(starts[1:], days.size) - 1
    return list(zip(times[starts].tolist(), times[ends].tolist(), strict=True))


def _moment(at: int) -> str:
    return iso(moment(at))


__all__ = [
    "in_time_order",
    "merge_order",
    "merged",
    "picked",
    "rows_by_symbol",
    "view",
]
