"""The bad rows of input files: stop at the first, or list, count and go on."""

from collections import Counter
from typing import Final

from msgspec import Struct

from fillpath.core.errors import DataError

LISTED: Final = 1_000


class BadRow(Struct, frozen=True):
    """One row that cannot be used.

    Args:
        source: file name as the user gave it.
        row: 1-based data row (a line in JSON lines).
        kind: what is wrong, in one word that can be counted.
        reason: one sentence that says what is wrong and what is allowed.
    """

    source: str
    row: int
    kind: str
    reason: str


class BadRowReport:
    """What was wrong in the rows of one run's files; every loader writes into the same report.

    A file that cannot be used is no row: it is always an error.

    Args:
        skip: False raises ``DataError`` at the first bad row; True counts every bad row, lists
            the first 1,000 and goes on without them.
    """

    def __init__(self, *, skip: bool = False) -> None:
        self.skip = skip
        self.rows: list[BadRow] = []
        self.counts: Counter[str] = Counter()
        self.remarks: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """Return how many rows were left out."""
        return self.counts.total()

    def add(self, source: str, row: int, kind: str, reason: str) -> None:
        """Take one bad row.

        Raises:
            DataError: bad rows are not skipped.
        """
        if not self.skip:
            raise DataError(source, row, reason)
        self.counts[kind] += 1
        if len(self.rows) < LISTED:
            self.rows.append(BadRow(source, row, kind, reason))

    def add_unlisted(self, kind: str, count: int) -> None:
        """Count bad rows beyond those that are listed."""
        self.counts[kind] += count

    def remark(self, kind: str, count: int) -> None:
        """Count rows that are unusual and usable, such as crossed ticks."""
        if count:
            self.remarks[kind] += count


__all__ = ["LISTED", "BadRow", "BadRowReport"]
