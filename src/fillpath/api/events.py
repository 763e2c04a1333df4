"""Live updates: what becomes new in an account, told to everybody who listens, and to nobody late.

One poller serves every listener of an account, and none runs while nobody listens. Who reads too
slowly is dropped and told so; their browser comes back with the number it had last, and gets every
row after it as it stands then. Nothing here ever waits for a listener.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.api import acting
from fillpath.api.answers import SystemStatus
from fillpath.api.answers.live import PendingTold, PlaceTold, RowTold
from fillpath.api.errors import Problem
from fillpath.api.ports import AccountParts, Clock, Parts
from fillpath.api.writing import written
from fillpath.core.errors import FillpathError, Unavailable
from fillpath.core.listings import Change, Changes
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    OrderRow,
    PositionRow,
    QualityRow,
    SignalRow,
    SnapshotRow,
)

NAMES: Final[Mapping[type[Struct], str]] = MappingProxyType(
    {
        OrderRow: "order",
        FillRow: "fill",
        SignalRow: "signal",
        DecisionRow: "decision",
        PositionRow: "position",
        SnapshotRow: "snapshot",
        QualityRow: "quality",
        AlertRow: "alert",
        HoldingChangeRow: "holding",
    }
)
"""What the event of a row is called."""

POLL_SECONDS: Final = 0.15
STATUS_SECONDS: Final = 1.0
HEARTBEAT_SECONDS: Final = 10.0
MOST_QUEUED: Final = 4_000
"""Events that wait for a listener before it is dropped."""
MOST_LISTENERS: Final = 64
RETRY_MS: Final = 1_000
"""How long a browser waits before it comes back."""


BEYOND: Final = 2**62
"""No journal has so many records: nothing comes after it, but how far the tables are."""

GoesOn = Callable[[], bool]


class Told(Struct, frozen=True):
    """One event, ready to be sent.

    Args:
        sequence: of the journal record; -1 where it is about none.
        content: as it goes over the wire.
    """

    sequence: int
    content: bytes


def wire(name: str, data: object, place: int | None = None) -> bytes:
    """Return an event as it goes over the wire.

    Args:
        name: of the event.
        data: what it carries.
        place: everything up to this record was told once it has arrived; None says nothing.
    """
    head = f"event: {name}\n" if place is None else f"id: {place}\nevent: {name}\n"
    return head.encode() + b"data: " + written(data) + b"\n\n"


def rows_told(changes: Iterable[Change]) -> list[Told]:
    """Return the events of rows; the last one of a record says that all of it was told."""
    changes = list(changes)
    last = {change.sequence: index for index, change in enumerate(changes)}
    return [
        Told(
            change.sequence,
            wire(
                NAMES[type(change.row)],
                RowTold(change.sequence, change.row),
                change.sequence if last[change.sequence] == index else None,
            ),
        )
        for index, change in enumerate(changes)
    ]


class Listener:
    """Somebody who listens, with what waits for them."""

    def __init__(self) -> None:
        self.waiting: deque[Told] = deque()
        self.dropped = False
        self.place = -1
        self._came = asyncio.Event()

    def tell(self, events: Iterable[Told]) -> None:
        """Put events in the queue; one that is full drops the listener, and costs nothing more."""
        if self.dropped:
            return
        self.waiting.extend(events)
        if len(self.waiting) > MOST_QUEUED:
            self.waiting.clear()
            self.dropped = True
        self._came.set()

    async def next(self, seconds: float) -> list[Told]:
        """Return what waits, after that long at most; nothing when nothing came."""
        if not self.waiting and not self.dropped:
            try:
                async with asyncio.timeout(seconds):
                    await self._came.wait()
            except TimeoutError:
                return []
        self._came.clear()
        found = [event for event in self.waiting if not 0 <= event.sequence <= self.place]
        self.waiting.clear()
        self.place = max([self.place, *(event.sequence for event in found)])
        return found


class Stream:
    """The live updates of one account.

    Args:
        account: whose.
        parts: of the server.
    """

    def __init__(self, account: AccountParts, parts: Parts) -> None:
        self._account = account
        self._parts = parts
        self._listeners: set[Listener] = set()
        self._wanted = asyncio.Event()
        self._through: int | None = None
        self._said: SystemStatus | None = None
        self._pending: list[str] = []

    @property
    def clock(self) -> Clock:
        """Return who knows what time it is."""
        return self._parts.clock

    async def run(self) -> None:
        """Look while somebody listens, until cancelled."""
        while True:
            await self._wanted.wait()
            await self._look()
            await self._ask()
            for _ in range(round(STATUS_SECONDS / POLL_SECONDS)):
                await asyncio.sleep(POLL_SECONDS)
                await self._look()

    def check_room(self) -> None:
        """Refuse one listener more than there may be.

        Raises:
            Problem: there are as many.
        """
        if len(self._listeners) >= MOST_LISTENERS:
            raise Problem(503, "too_many_listeners", "too many pages are open; close one")

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """Add a listener for as long as the block runs."""
        listener = Listener()
        if self._said is not None and self._listeners:
            listener.tell([self._status_told(self._said), self._pending_told()])
        else:
            self._said = None  # nobody has heard it: the next look tells it
        self._listeners.add(listener)
        self._wanted.set()
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self._wanted.clear()
                self._through = None

    async def missed(self, listener: Listener, since: int | None) -> list[Told]:
        """Return what somebody missed who had everything up to a record.

        Args:
            listener: who it is; it is told nothing of this again.
            since: the record; None for somebody who begins.
        """
        try:
            found = await self._account.changes.since(self._account.name, _or_nothing(since))
        except Unavailable:  # told as soon as the tables are back
            listener.place = -1 if since is None else since
            self._through = since if self._through is None else self._through
            return []
        listener.place = found.through
        if self._through is None:  # what comes from here on is the poller's to tell
            self._through = found.through
        if since is not None and (found.more or found.through < since):
            return [self._place("reset", found.through, _why(found))]
        return [*rows_told(found.rows), self._place("heartbeat", found.through)]

    def heartbeat(self, listener: Listener) -> Told:
        """Return the sign of life."""
        return self._place("heartbeat", listener.place)

    def farewell(self, listener: Listener) -> Told:
        """Return what is said to a listener that reads too slowly."""
        text = "this page reads too slowly; it begins again from where it was"
        data = PlaceTold(at=self.clock.now(), through=listener.place, text=text)
        return Told(-1, wire("dropped", data))

    async def _look(self) -> None:
        """Tell what became new."""
        before = self._through
        try:
            found = await self._account.changes.since(self._account.name, _or_nothing(before))
        except Unavailable:
            return  # the status says so
        self._through = found.through
        if found.more or found.through < _or_nothing(before, -1):
            self._tell([self._place("reset", found.through, _why(found))], found.through)
        elif found.rows:
            self._tell(rows_told(found.rows))

    async def _ask(self) -> None:
        """Tell how the engine is, and what waits for a person, when that is new."""
        try:
            said = await acting.system_status(self._account, self._parts)
            pending = await self._asked_for(said)
        except FillpathError:
            return  # the next question comes soon
        if self._said is None or _lasting(said) != _lasting(self._said):
            self._tell([self._status_told(said)])
        if pending != self._pending or self._said is None:
            self._pending = pending
            self._tell([self._pending_told()])
        self._said = said

    async def _asked_for(self, said: SystemStatus) -> list[str]:
        if not said.reachable or said.status is None or not said.status.approvals:
            return []
        found = await acting.approvals(self._account.engine)
        return [one.order_id for one in found.rows]

    def _tell(self, events: list[Told], place: int | None = None) -> None:
        for listener in self._listeners:
            if place is not None:
                listener.place = place
            listener.tell(events)

    def _status_told(self, said: SystemStatus) -> Told:
        return Told(-1, wire("status", said))

    def _pending_told(self) -> Told:
        return Told(-1, wire("approval", PendingTold(self._pending)))

    def _place(self, name: str, through: int, text: str = "") -> Told:
        data = PlaceTold(at=self.clock.now(), through=through, text=text)
        return Told(-1, wire(name, data, through))


def _or_nothing(place: int | None, nothing: int = BEYOND) -> int:
    return nothing if place is None else place


def _why(found: Changes) -> str:
    if found.more:
        return "too much happened meanwhile; read everything again"
    return "the tables were made anew; read everything again"


def _lasting(said: SystemStatus) -> Any:
    """Return a status without what changes by itself."""
    still = said.at.min.replace(tzinfo=said.at.tzinfo)
    feed = None if said.feed is None else replace(said.feed, age_ms=None)
    tables = replace(said.tables, lag=None, through=-1)
    status = None if said.status is None else replace(said.status, at=still, records=0)
    return replace(said, at=still, feed=feed, tables=tables, status=status)


class Streams:
    """The live updates of every account.

    Args:
        parts: of the server.
    """

    def __init__(self, parts: Parts) -> None:
        self.by_account = {name: Stream(one, parts) for name, one in parts.accounts.items()}
        self.ended = asyncio.Event()

    async def run(self) -> None:
        """Look after all of them until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for stream in self.by_account.values():
                    group.create_task(stream.run())
        finally:
            self.end()

    def end(self) -> None:
        """Let go of everybody who listens."""
        self.ended.set()


async def told(stream: Stream, since: int | None, goes_on: GoesOn) -> AsyncGenerator[bytes]:
    """Yield events for one listener until it is dropped, or must not listen any more.

    Args:
        stream: of its account.
        since: the record that it had last; None for one that begins.
        goes_on: asked now and then whether it may go on.
    """
    with stream.listening() as listener:
        yield f"retry: {RETRY_MS}\n\n".encode()
        for event in await stream.missed(listener, since):
            yield event.content
        quiet = 0.0
        while goes_on() and not listener.dropped:
            found = await listener.next(STATUS_SECONDS)
            quiet = 0.0 if found else quiet + STATUS_SECONDS
            if quiet >= HEARTBEAT_SECONDS:
                found, quiet = [stream.heartbeat(listener)], 0.0
            if found:
                yield b"".join(event.content for event in found)
        if listener.dropped:
            yield stream.farewell(listener).content
