"""The doors of the desk: an account's engine and its tables, for a process that is neither."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec import Struct

from fillpath.core.drills import Drill
from fillpath.core.errors import Unavailable
from fillpath.core.listings import (
    Changes,
    EquityPoint,
    OrderStory,
    Page,
    Wanted,
)
from fillpath.core.ports import EngineClock
from fillpath.core.rows import PositionRow, SnapshotRow
from fillpath.core.status import Status
from fillpath.data.store.changes import ChangeReader
from fillpath.data.store.curves import equity
from fillpath.data.store.reader import SqlReader
from fillpath.service.control import ask
from fillpath.service.drill import read_drills
from fillpath.service.latch import KillLatch
from fillpath.service.stopping import asked
from fillpath.service.unavailable import last_word

R = TypeVar("R", bound=Struct)

WAIT_SECONDS: Final = 10.0


class EngineDoor:
    """The engine of an account, over the socket in its folder.

    Args:
        folder: of the account.
        above: of every account, where a kill of all of them lies.
        clock: stamps a kill.
        rules: the limits that the settings say, as the act ``limits`` answers.
    """

    def __init__(
        self, folder: Path, above: Path, clock: EngineClock, rules: Mapping[str, Any]
    ) -> None:
        self._folder = folder
        self._above = above
        self._clock = clock
        self._rules = rules

    async def ask(self, request: Mapping[str, Any], wait_seconds: float = WAIT_SECONDS) -> Any:
        """Return its answer.

        Raises:
            Unavailable: no engine answers.
            ConfigError: it refuses, and says why.
        """
        try:
            return await ask(self._folder, request, wait_seconds)
        except Unavailable as error:  # the path of the socket is nobody's business
            cause = error.__cause__
            why = f": {cause.strerror}" if isinstance(cause, OSError) and cause.strerror else ""
            raise Unavailable(f"the engine of {self._folder.name} does not answer{why}") from error

    def last_word(self) -> Status | None:
        """Return the status that was written last."""
        return last_word(self._folder)

    def kill(self, request: Mapping[str, Any]) -> bool:
        """Set the latch on disk; return whether it was the first.

        Raises:
            Unavailable: the disk does not take it.
        """
        latch = asked(request, self._clock.nanoseconds())
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return KillLatch(self._folder, self._above).set(latch)
        except OSError as error:
            raise Unavailable(f"the kill latch cannot be written: {error.strerror}") from error

    def drills(self) -> Sequence[Drill]:
        """Return every practised kill, oldest first."""
        return read_drills(self._folder)

    def rules(self) -> Mapping[str, Any]:
        """Return the limits that the settings say."""
        return self._rules


class TablesDoor:
    """The tables of accounts, as the desk asks them.

    Args:
        reader: of the tables.
        file: of a database that is one; nothing is asked, and nothing made, before it is there.
    """

    def __init__(self, reader: SqlReader, file: Path | None) -> None:
        self._reader = reader
        self._file = file
        self._changes = ChangeReader(reader)

    @property
    def reader(self) -> SqlReader:
        """Return the reader, once there is something to read.

        Raises:
            Unavailable: no engine has made the tables yet.
        """
        if self._file is not None and not self._file.exists():
            raise Unavailable("there are no tables yet: no engine has made them")
        return self._reader

    async def applied(self, account: str) -> int:
        """Return the last journal record whose rows are all here, -1 for none."""
        return await self.reader.applied(account)

    async def page(
        self, kind: type[R], account: str, wanted: Wanted, *, limit: int, after: str
    ) -> Page[R]:
        """Return rows of one kind, newest first."""
        return await self.reader.page(kind, account, wanted, limit=limit, after=after)

    async def order(self, account: str, order_id: str) -> OrderStory | None:
        """Return everything known of an order."""
        return await self.reader.order(account, order_id)

    async def positions(self, account: str) -> list[PositionRow]:
        """Return every position that was ever held."""
        return await self.reader.positions(account)

    async def latest_snapshot(self, account: str) -> SnapshotRow | None:
        """Return the account as it was last."""
        return await self.reader.latest_snapshot(account)

    async def equity(
        self, account: str, since: datetime | None, until: datetime | None, points: int
    ) -> list[EquityPoint]:
        """Return the equity curve."""
        return await equity(self.reader, account, since, until, points)

    async def tier(self) -> str:
        """Return what they stand on."""
        return await self.reader.tier()

    async def since(self, account: str, sequence: int) -> Changes:
        """Return every row of records after that one, as it stands."""
        assert self.reader is not None, "asking for it says when there is none"
        return await self._changes.since(account, sequence)

    async def close(self) -> None:
        """Let go of them."""
        await self._reader.close()


__all__ = ["EngineDoor", "TablesDoor"]
