"""Rows as CSV, for a spreadsheet that must never take text of a strategy for a formula."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct
from starlette.responses import StreamingResponse

from fillpath.api.writing import plain
from fillpath.core.listings import MOST_ROWS, Page

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What a spreadsheet may take for the beginning of a formula or a command."""

Next = Callable[[int, str], Awaitable[Page[Any]]]


async def paged(
    kind: type[Struct], name: str, following: Next, after: str = ""
) -> StreamingResponse:
    """Return every row that follows as a file; what fails at once is an error and no file.

    Args:
        kind: of the rows; its fields are the columns.
        name: of the file, without ending.
        following: returns some rows after a place.
        after: where to begin.
    """
    first = await following(MOST_ROWS, after)
    return _file(name, _pages(kind, first, following))


def whole(kind: type[Struct], name: str, rows: Iterable[Struct]) -> StreamingResponse:
    """Return rows as a file."""

    async def lines() -> AsyncIterator[bytes]:
        yield lines_of([columns_of(kind)]) + lines_of(map(cells_of, rows))

    return _file(name, lines())


def texted(name: str, text: str) -> StreamingResponse:
    """Return a CSV text that is ready as a file."""

    async def lines() -> AsyncIterator[bytes]:
        yield text.encode()

    return _file(name, lines())


async def _pages(kind: type[Struct], page: Page[Any], following: Next) -> AsyncIterator[bytes]:
    yield lines_of([columns_of(kind)])
    while True:
        yield lines_of(map(cells_of, page.rows))
        if not page.after:
            return
        page = await following(MOST_ROWS, page.after)


def _file(name: str, lines: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {
        "content-disposition": f'attachment; filename="{name}.csv"',
        "cache-control": "no-store",
    }
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


def columns_of(kind: type[Struct]) -> list[str]:
    """Return the names of the columns."""
    return [item.name for item in msgspec.structs.fields(kind)]


def cells_of(row: Struct) -> list[str]:
    """Return the cells of a row: numbers and times as they are, text so that it stays text."""
    return [_cell(getattr(row, name)) for name in row.__struct_fields__]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    text = str(value) if isinstance(value, str) else msgspec.json.encode(plain(value)).decode()
    return f"'{text}" if text.startswith(FORMULA) else text


def lines_of(rows: Iterable[list[str]]) -> bytes:
    """Return rows of cells as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


__all__ = ["cells_of", "columns_of", "lines_of", "paged", "texted", "whole"]
