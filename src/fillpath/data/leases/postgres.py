"""Leases in PostgreSQL: its clock alone says when one is over, so engines need not agree on time."""

# ruff: noqa: PLC0415  # asyncpg is an extra

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from fillpath.core.errors import Unavailable

_TABLE: Final = """
create table if not exists account_leases (
    account text primary key,
    owner text not null,
    expires_at timestamptz not null
)
"""
_HOLD: Final = """
insert into account_leases as lease (account, owner, expires_at)
values ($1, $2, clock_timestamp() + $3)
on conflict (account) do update set owner = excluded.owner, expires_at = excluded.expires_at
where lease.owner = excluded.owner or lease.expires_at < clock_timestamp()
returning owner
"""
_RELEASE: Final = "delete from account_leases where account = $1 and owner = $2"
_LOCK: Final = 7_414_031_122  # any number of our own: two engines must not both make the table


class PostgresLeases:
    """One engine's leases.

    Args:
        url: ``postgresql://...`` of the database that all engines share.
        owner: this engine's name, unlike any other's.
        seconds: how long a lease lasts; also the longest that any call here waits.
    """

    def __init__(self, url: str, owner: str, seconds: float = 3.0) -> None:
        self._url = url
        self._owner = owner
        self._seconds = seconds
        self._connection: Any = None
        self._turn = asyncio.Lock()

    @property
    def seconds(self) -> float:
        """Return how long a lease lasts when it is not held again."""
        return self._seconds

    async def hold(self, account: str) -> bool:
        """Take the account's lease, or lengthen it; False when somebody else has it.

        Raises:
            Unavailable: the database did not answer in time.
        """
        lasting = timedelta(seconds=self._seconds)
        return await self._ask("fetchval", _HOLD, account, self._owner, lasting) is not None

    async def release(self, account: str) -> None:
        """Give the lease back; where the database is away it ends by itself."""
        with suppress(Unavailable):
            await self._ask("execute", _RELEASE, account, self._owner)

    async def close(self) -> None:
        """Let go of the connection; closing twice is harmless."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _ask(self, method: str, *words: object) -> Any:
        import asyncpg

        try:
            async with asyncio.timeout(self._seconds), self._turn:
                connection = await self._connected()
                return await getattr(connection, method)(*words)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            await self.close()
            said = str(error) or "no answer"
            raise Unavailable(f"the leases cannot be asked: {said}") from error

    async def _connected(self) -> Any:
        import asyncpg

        if self._connection is None or self._connection.is_closed():
            connection = await asyncpg.connect(self._url, timeout=self._seconds)
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
                await connection.execute(_TABLE)
            self._connection = connection
        return self._connection
