"""Carry the journal's records to a store or a bus: in order, none left out, however long it is away.

A feeder reads behind the engine, never in its way. It folds every record from the first on, because
rows depend on all that came before, and hands over only what its destination does not have yet.
While the destination is away it keeps one batch and its place, nothing more: the journal keeps the
rest. A destination that is found to have gone back, because it was cleared or restored, is fed again
from the first record.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from msgspec import Struct

from fillpath.core.commands import Intent
from fillpath.core.errors import DataError, Unavailable
from fillpath.core.events import Event
from fillpath.core.ports import Clock, JournalTail, Store
from fillpath.core.rows import Projected
from fillpath.core.units import moment
from fillpath.runtime.disk import replace_file

BATCH: Final = 400
"""Records that a destination is handed in one transaction or message."""
TURN: Final = 50
"""Records folded in one turn of the loop: few enough that other work never waits for the fold."""
POLL_SECONDS: Final = 0.05
"""How soon to look again after everything was carried."""
FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 30.0
"""How long to leave a destination alone that is away: twice as long each time, at most this."""

Project = Callable[[int, Event | Intent], list[Projected]]
"""Turns a record into rows; it sees every record once, in order, from the first."""


class Destination(Protocol):
    """Where rows go, and the memory of how far they came."""

    async def position(self) -> int:
        """Return the number of the last record that arrived whole, -1 for none.

        Raises:
            Unavailable: it cannot be reached.
        """
        ...

    async def deliver(self, rows: Sequence[Projected], through: int) -> None:
        """Take the rows of the records after ``position`` up to ``through``, in order.

        Raises:
            Unavailable: it is unknown whether they arrived; ask for the position.
        """
        ...


class StoreDestination:
    """Tables, which take every row exactly once.

    Args:
        store: where to.
        account: whose rows they are.
    """

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._account = account

    async def position(self) -> int:
        """Return the number of the last record whose rows are all stored."""
        return await self._store.applied(self._account)

    async def deliver(self, rows: Sequence[Projected], through: int) -> None:
        """Store the rows and the place in one transaction."""
        await self._store.apply(self._account, rows, through)


class Place(Protocol):
    """Remembers how far a bus was told, over restarts."""

    def load(self) -> int:
        """Return the number of the last record told, -1 for none."""
        ...

    def save(self, through: int) -> None:
        """Remember that everything up to this record was told."""
        ...


class FilePlace:
    """A place in a small file; an older one does no harm but repeats.

    Args:
        path: the file; its folder exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> int:
        """Return the number of the last record told, -1 when there is no file or nothing in it.

        Raises:
            DataError: the file holds something else; everything would be told again.
        """
        try:
            text = self._path.read_text("utf-8").strip()
        except FileNotFoundError:
            return -1
        if not text:  # power was lost before it was stored: everything is told again
            return -1
        if not text.removeprefix("-").isdecimal():
            reason = "must hold one whole number; delete it to publish everything again"
            raise DataError(str(self._path), None, reason)
        return int(text)

    def save(self, through: int) -> None:
        """Replace the file in one go, so that a crash leaves the old number or the new one.

        A disk that is full keeps the old number, which only repeats.
        """
        with suppress(OSError):
            replace_file(self._path, f"{through}\n".encode())


class BusDestination:
    """Subscribers, who are told everything at least once and know repeats by the event id.

    Args:
        publish: tells them; raises ``Unavailable`` when it is unknown whether they heard.
        place: remembers how far they were told.
    """

    def __init__(
        self, publish: Callable[[Sequence[Projected]], Awaitable[None]], place: Place
    ) -> None:
        self._publish = publish
        self._place = place

    async def position(self) -> int:
        """Return the number of the last record that was told."""
        return self._place.load()

    async def deliver(self, rows: Sequence[Projected], through: int) -> None:
        """Tell first and remember then, so that a crash between the two repeats."""
        if rows:
            await self._publish(rows)
        self._place.save(through)


class Lag(Struct, frozen=True, kw_only=True):
    """How far a destination is behind the journal.

    Args:
        position: the last record that arrived, -1 for none.
        records: durable records that did not arrive yet; None where nobody counts them.
        seconds: age of the first one that waits, 0 when none does.
        problem: why it does not get on; empty when it does.
    """

    position: int
    records: int | None
    seconds: float
    problem: str = ""


class Feeder:
    """Carry records to one destination, a batch at a time.

    Args:
        destination: where to.
        tail: opens the journal at its first record.
        project: makes a fold that has seen nothing.
        clock: for the pauses and the lag.
        durable: how many records the journal has; without it lag is told in seconds alone.
        batch: records of one step.
    """

    def __init__(
        self,
        destination: Destination,
        tail: Callable[[], JournalTail],
        project: Callable[[], Project],
        clock: Clock,
        *,
        durable: Callable[[], int] | None = None,
        batch: int = BATCH,
    ) -> None:
        self._destination = destination
        self._open = tail
        self._fold = project
        self._clock = clock
        self._durable = durable
        self._batch = batch
        self._tail = tail()
        self._project = project()
        self._position = -1
        self._asked = False
        self._rows: list[Projected] = []
        self._through = -1
        self._more = False
        self._first_at = 0
        self._failures = 0
        self._foreign = ""
        self._retry_at = clock.now()
        self._problem = ""

    async def step(self) -> bool:
        """Carry the next records; return whether there were any.

        A destination that is away is left alone for a while: until then a step does nothing.

        Raises:
            JournalError: the journal cannot be read.
        """
        if self._failures and self._clock.now() < self._retry_at:
            return False
        try:
            carried = await self._carry()
        except Unavailable as problem:
            self._failures += 1
            self._problem = str(problem)
            self._asked = False
            self._retry_at = self._clock.now() + timedelta(seconds=self._pause())
            return False
        self._failures = 0
        self._problem = ""
        return carried

    async def carry_all(self) -> None:
        """Carry everything there is now.

        Raises:
            Unavailable: the destination is away.
            JournalError: the journal cannot be read.
        """
        while await self._carry():
            pass

    async def drain(self) -> None:
        """Carry what is left, as far as the destination can be reached."""
        with suppress(Unavailable):
            await self.carry_all()

    async def run(self) -> None:
        """Carry records until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(self.wait_seconds)

    @property
    def wait_seconds(self) -> float:
        """Return how long the next step may wait."""
        if self._failures:
            left = (self._retry_at - self._clock.now()).total_seconds()
            return min(max(left, 0.0), LONGEST_WAIT_SECONDS)
        return 0.0 if self._more else POLL_SECONDS

    @property
    def lag(self) -> Lag:
        """Return how far the destination is behind."""
        records = None if self._durable is None else self._durable() - 1 - self._position
        seconds = 0.0
        if self._more or self._through > self._position:
            waited = self._clock.now() - moment(self._first_at)
            seconds = max(waited.total_seconds(), 0.0)
        return Lag(position=self._position, records=records, seconds=seconds, problem=self._problem)

    def _pause(self) -> float:
        return min(FIRST_WAIT_SECONDS * 2.0 ** min(self._failures - 1, 16), LONGEST_WAIT_SECONDS)

    async def _carry(self) -> bool:
        if self._foreign:
            raise Unavailable(self._foreign)
        found = await self._take() if self._through <= self._position else True
        if not self._asked and await self._begins_again():
            return True
        if self._through > self._position:
            rows = [row for row in self._rows if row.sequence > self._position]
            await self._destination.deliver(rows, self._through)
            self._position = self._through
        self._rows = []
        return found

    async def _begins_again(self) -> bool:
        """Ask where the destination is; when it went back, go back to the first record."""
        position = await self._destination.position()
        self._expect_our_own(position)
        behind = position < self._position
        if behind:
            self._tail, self._project = self._open(), self._fold()
            self._rows, self._through = [], -1
        self._position = position
        self._asked = True
        return behind

    def _expect_our_own(self, position: int) -> None:
        """Refuse a destination that is ahead: the next records would be taken for known ones."""
        durable = None if self._durable is None else self._durable()
        if durable is not None and position >= durable:
            self._foreign = (
                f"it was fed up to record {position}, and the journal ends at {durable - 1}: another "
                "journal was here. Stop the engine, then fillpath tables rebuild"
            )
            raise Unavailable(self._foreign)

    async def _take(self) -> bool:
        """Fold the next records and keep the rows that the destination may not have."""
        left = self._batch
        while left > 0:
            records = self._tail.read(min(left, TURN))
            if not records:
                break
            if left == self._batch:
                self._first_at = records[0][1].at
            self._fold_in(records)
            left -= len(records)
            await asyncio.sleep(0)
        self._more = left == 0
        return left < self._batch

    def _fold_in(self, records: Sequence[tuple[int, Event | Intent]]) -> None:
        for sequence, record in records:
            rows = self._project(sequence, record)
            if sequence > self._position:
                self._rows.extend(rows)
            self._through = sequence


@runtime_checkable
class Aggregating(Protocol):
    """A store whose aggregates are told when old rows came anew."""

    async def refresh(self) -> None:
        """Compute the aggregates of all that is stored again."""
        ...


async def rebuild(store: Store, account: str, feeder: Feeder) -> None:
    """Clear the account and feed it again from the first record.

    Args:
        store: the tables.
        account: whose rows.
        feeder: a new one, from the account's journal to the same store and account.

    Raises:
        Unavailable: the store is away; what is missing then, the next feeder brings.
        JournalError: the journal cannot be read.
    """
    await store.clear(account)
    await feeder.carry_all()
    if isinstance(store, Aggregating):
        await store.refresh()
