"""What became new in the tables: every row of the records after one, as it stands now.

A row names the journal record that made it what it is, and the account's cursor is moved in the
transaction of the rows. So "after record n" leaves nothing out and needs no log of changes; a row
that changed twice meanwhile is told once.
"""

from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from fillpath.core.listings import Change, Changes
from fillpath.data.store import schema
from fillpath.data.store.engines import transaction
from fillpath.data.store.listing import row_from
from fillpath.data.store.reader import SqlReader

MOST_CHANGES: Final = 2_000
"""Rows that are told at most; whoever missed more reads everything anew."""


class ChangeReader:
    """Read what became new.

    Args:
        reader: of the tables.
        most: rows that are told at most.
    """

    def __init__(self, reader: SqlReader, most: int = MOST_CHANGES) -> None:
        self._reader = reader
        self._most = most

    async def since(self, account: str, sequence: int) -> Changes:
        """Return every row of records after that one, as it stands.

        The tables may have been made anew with fewer records; ``through`` is smaller then.

        Raises:
            Unavailable: the database cannot be reached.
        """
        async with transaction(self._reader.engine, writes=False) as connection:
            through = await _applied(connection, account)
            if through <= sequence:
                return Changes([], through)
            found: list[tuple[int, int, Change]] = []
            for kind, table in schema.PROJECTED.items():
                rows = await self._rows(connection, table, account, (sequence, through))
                found += [(row["sequence"], row["row_index"], _change(kind, row)) for row in rows]
                if len(found) > self._most:
                    return Changes([], through, more=True)
        found.sort(key=lambda item: item[:2])
        return Changes([change for _, _, change in found], through)

    async def _rows(
        self, connection: AsyncConnection, table: Table, account: str, between: tuple[int, int]
    ) -> list[Any]:
        after, through = between
        asked = select(table).where(
            table.c.account == account,
            table.c.sequence > after,
            table.c.sequence <= through,  # a newer one is told with the rest of its record
        )
        return list((await connection.execute(asked.limit(self._most + 1))).mappings())


async def _applied(connection: AsyncConnection, account: str) -> int:
    table = schema.projection_cursor
    found = await connection.scalar(select(table.c.applied).where(table.c.account == account))
    return -1 if found is None else int(found)


def _change(kind: type[Struct], row: Any) -> Change:
    return Change(row["sequence"], row_from(kind, row))  # type: ignore[arg-type]  # a kind of row


__all__ = ["MOST_CHANGES", "ChangeReader"]
