"""The verdict on every row of one file, found column by column."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fillpath.data.files.faults import LISTED, BadRowReport

Integers = NDArray[np.int64]
Codes = NDArray[np.unsignedinteger]
Flags = NDArray[np.bool_]
Reason = Callable[[int], str]

_GOOD: Final = 0


class RowChecks:
    """Collects the failed rows of one file; the first check that a row fails names it.

    Args:
        source: file name as the user gave it.
        size: rows in the file.
    """

    def __init__(self, source: str, size: int) -> None:
        self.source = source
        self._verdict = np.zeros(size, dtype=np.int8)
        self._reasons: list[tuple[str, Reason]] = []

    @property
    def good(self) -> Flags:
        """Return which rows have failed no check so far."""
        flags: Flags = self._verdict == _GOOD
        return flags

    def fail(self, failed: Flags, kind: str, reason: Reason) -> None:
        """Mark rows; ``reason`` makes the sentence of a row from its 0-based index."""
        if not failed.any():
            return
        fresh = failed & (self._verdict == _GOOD)
        if fresh.any():
            self._reasons.append((kind, reason))
            self._verdict[fresh] = len(self._reasons)

    def fail_rows(self, rows: Integers, kind: str, reason: Reason) -> None:
        """Mark the rows with these 0-based indices."""
        if rows.size:
            failed = np.zeros(self._verdict.size, dtype=np.bool_)
            failed[rows] = True
            self.fail(failed, kind, reason)

    def settle(self, report: BadRowReport) -> Flags:
        """Report every failed row in file order and return which rows are good.

        Raises:
            DataError: a row failed and the report does not skip.
        """
        failed = np.flatnonzero(self._verdict)
        for row in failed[:LISTED].tolist():
            kind, reason = self._reasons[self._verdict[row] - 1]
            report.add(self.source, row + 1, kind, reason(row))
        rest = np.bincount(self._verdict[failed[LISTED:]], minlength=len(self._reasons) + 1)
        for (kind, _), count in zip(self._reasons, rest[1:].tolist(), strict=True):
            report.add_unlisted(kind, count)
        return self.good


__all__ = ["Codes", "Flags", "Integers", "Reason", "RowChecks"]
