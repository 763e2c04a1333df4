"""The audit log as the page shows it: newest first, a page at a time."""

import asyncio
from typing import Any, Final

import msgspec

from fillpath.api.answers import AuditRow
from fillpath.api.auth.audit import AuditLog
from fillpath.core.errors import DataError, ModelError, Unavailable
from fillpath.core.listings import Page

_LONGEST: Final = 18


class AuditPages:
    """Pages of the log.

    Args:
        log: of who did what.
    """

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def page(self, *, limit: int, after: str) -> Page[AuditRow]:
        """Return entries, newest first.

        Raises:
            ModelError: ``after`` is not what a page before said.
            Unavailable: the log cannot be read.
        """
        if after and not (after.isascii() and after.isdigit() and len(after) <= _LONGEST):
            raise ModelError(f"after must be what the page before said, got {after!r:.40}")
        try:
            before = int(after) if after else None
            found = await asyncio.to_thread(self._log.newest, limit, before)
        except DataError as error:
            raise Unavailable(f"the audit log cannot be read: {error}") from error
        rows = [_row(entry) for entry in found]
        last = rows[-1].number if len(rows) == limit else 0
        return Page(rows, str(last) if last else "")


def _row(entry: dict[str, Any]) -> AuditRow:
    return msgspec.convert(entry, AuditRow, strict=False)
