"""Short CSV lists, read with the standard library: every cell is text until it is judged."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from fillpath.core.errors import DataError
from fillpath.data.files.sources import read_text


class RowFault(ValueError):
    """A row is wrong; ``kind`` is the word that is counted."""

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        super().__init__(reason)


def read_listing(
    path: Path, needed: Sequence[str], wanted: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each data row with its 1-based number, the needed and the wanted columns by name.

    A column that is wanted and not there has empty cells.

    A row that is too short has empty cells at its end; blank lines count and are left out.

    Raises:
        DataError: the file is missing, unreadable or empty, or lacks a needed column.
    """
    source = str(path)
    try:
        rows = list(csv.reader(read_text(path).splitlines(), strict=True))
    except csv.Error as err:
        raise DataError(source, None, f"the file cannot be read as CSV: {err}") from err
    if len(rows) <= 1:
        raise DataError(source, None, "the file has no rows")
    header = rows[0]
    missing = [name for name in needed if name not in header]
    if missing:
        raise DataError(
            source,
            None,
            f"the column {missing[0]} is missing; needed are {', '.join(needed)}, "
            f"the file has {', '.join(header)}",
        )
    there = [*needed, *(name for name in wanted if name in header)]
    for number, cells in enumerate(rows[1:], start=1):
        if cells:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            found = {name: padded[header.index(name)].strip() for name in there}
            yield number, dict.fromkeys(wanted, "") | found


__all__ = ["RowFault", "read_listing"]
