"""The account's tables as a destination that is opened when it can be reached."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from fillpath.core.errors import Unavailable
from fillpath.core.models import Quote
from fillpath.core.ports import Store
from fillpath.core.rows import Projected
from fillpath.data.store.feeding import StoreDestination


class Tables(StoreDestination):
    """Bring the tables up to date before the first row; a database may be away at the start.

    Args:
        store: the tables.
        account: whose rows they are.
    """

    def __init__(self, store: Store, account: str) -> None:
        super().__init__(store, account)
        self._tables = store
        self._started = False

    async def start(self) -> None:
        """Bring the tables up to date, unless that was done.

        Raises:
            Unavailable: they cannot be reached; the next question tries again.
            ConfigError: they are of a newer version; nothing was changed.
        """
        if not self._started:
            await self._tables.start()
            self._started = True

    async def position(self) -> int:
        """Return the number of the last record whose rows are all stored."""
        await self.start()
        return await super().position()


class KeptStore(Store, Protocol):
    """Tables that let old rows go, and keep quotes."""

    @property
    def engine(self) -> Any:
        """Return the database behind them."""
        ...

    async def save_quotes(self, quotes: Sequence[Quote]) -> None:
        """Store quotes; the first of a symbol and a moment stays."""
        ...

    async def upkeep(self, now: datetime) -> None:
        """Let rows go that are older than they need to be."""
        ...


class LateStore:
    """Tables whose library is loaded behind the engine: trading never waits for it.

    Args:
        make: returns the tables; called once, in a thread of its own.
    """

    def __init__(self, make: Callable[[], KeptStore]) -> None:
        self._make = make
        self._made: KeptStore | None = None

    async def start(self) -> None:
        """Make the tables and bring them up to date."""
        if self._made is None:
            try:
                self._made = await asyncio.to_thread(self._make)
            except OSError as error:  # no files left, say: trading goes on, and this comes again
                raise Unavailable(f"the tables cannot be opened: {error}") from error
        await self._made.start()

    async def applied(self, account: str) -> int:
        """Return the number of the last record whose rows are all stored."""
        return await self._store.applied(account)

    async def apply(self, account: str, rows: Sequence[Projected], through: int) -> None:
        """Store rows and the place in one transaction."""
        await self._store.apply(account, rows, through)

    async def clear(self, account: str) -> None:
        """Forget every row of the account."""
        await self._store.clear(account)

    async def upkeep(self, now: datetime) -> None:
        """Let rows go that are older than they need to be."""
        await self._store.upkeep(now)

    async def tier(self) -> str:
        """Return what they stand on."""
        return await self._store.tier()

    async def close(self) -> None:
        """Let go of them, if they were made."""
        if self._made is not None:
            await self._made.close()

    async def save_quotes(self, quotes: Sequence[Quote]) -> None:
        """Store quotes."""
        await self._store.save_quotes(quotes)

    @property
    def engine(self) -> Any:
        """Return the database behind them."""
        return self._store.engine

    @property
    def _store(self) -> KeptStore:
        if self._made is None:
            raise Unavailable("the tables are not open yet")
        return self._made
