"""The signals of one account in Redis: a stream, its consumer group, and what is owed to it."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from msgspec import Struct
from redis.exceptions import ResponseError

from fillpath.data.bus.channels import DEAD_LETTERS, signal_stream
from fillpath.data.bus.notices import Notice, Tell
from fillpath.data.bus.redis_link import RedisLink
from fillpath.data.bus.stream_ids import oldest_kept, stream_id
from fillpath.data.bus.wire import LARGEST_MESSAGE

PAYLOAD: Final = b"data"
ORIGIN: Final = b"origin"
SIGNATURE: Final = b"signature"
_PAGE: Final = 500
_SCAN_SECONDS: Final = 1.0
_TRIM_EVERY: Final = 5_000
_MS: Final = 1_000


class Entry(Struct, frozen=True):
    """One entry of the stream, and how often it was handed over before."""

    message_id: str
    fields: Mapping[bytes, bytes]
    before: int = 0


class GroupPolicy(Struct, frozen=True, kw_only=True):
    """How signals are taken, claimed and let go; ``RedisPolicy`` says what each means."""

    account: str
    consumer: str
    claim_seconds: float
    again_seconds: float
    kept_letters: int
    kept_seconds: int
    resume_after: str


class SignalGroup:
    """Read, claim, acknowledge and bury; one task reads.

    Args:
        link: the server.
        policy: how.
        tell: takes what may be lost.
    """

    def __init__(self, link: RedisLink, policy: GroupPolicy, tell: Tell) -> None:
        self.stream = signal_stream(policy.account)
        self.name = f"fillpath:{policy.account}" if policy.account else "fillpath"
        self._policy = policy
        self._tell = tell
        self._link = link
        self._redis = link.client
        self._whole_scan = True
        self._scan_at = 0.0
        self._newest = policy.resume_after
        self._in_flight: dict[str, float] = {}
        self._owed: dict[str, None] = {}
        self._since_trim = 0

    async def prepare(self) -> None:
        """Make the group where it is missing, say what may be lost, and pay what is owed."""
        last, first = await self._extent()
        known = self._newest
        place = known if known and await self._has(known) else "0"
        made = await self._make(place)
        if known and ((made and place == "0") or stream_id(last) < stream_id(known)):
            self._newest = ""
            self._in_flight.clear()
            text = (
                f"{self.stream} began anew: signals after {known} and before "
                f"{first or 'whatever is sent next'} may be lost, and are not made up"
            )
            self._tell(Notice("BUS_GAP", text))
        elif made and known:
            text = f"the consumer group of {self.stream} was missing; it goes on after {place}"
            self._tell(Notice("BUS_GROUP_MADE", text))
        await self.pay()
        self._whole_scan, self._scan_at = True, 0.0

    async def read(self, limit: int, wait_seconds: float) -> list[Entry]:
        """Return what comes again, else what is new, waiting at most so long for the first."""
        while self._scan_at <= asyncio.get_running_loop().time():
            again = await self._left_behind(limit)
            if again:
                return again
        seconds = max(wait_seconds, 0.0)
        block = max(int(seconds * _MS), 1) if seconds else None
        read, streams = self._redis.xreadgroup, {self.stream: ">"}
        answer = await self._link.ask(
            lambda: read(self.name, self._policy.consumer, streams, count=limit, block=block),
            seconds,
        )
        entries = answer[0][1] if answer else []
        return self._held([Entry(as_text(name), fields) for name, fields in entries])

    async def acknowledge(self, message_ids: Sequence[str]) -> None:
        """Acknowledge these; what cannot be said now is said with the next word."""
        self._owed.update(dict.fromkeys(message_ids))
        for message_id in message_ids:
            self._in_flight.pop(message_id, None)
        await self.pay()
        self._since_trim += len(message_ids)
        if self._since_trim >= _TRIM_EVERY and message_ids:
            self._since_trim = 0
            await self._trim(message_ids[-1])

    async def pay(self) -> None:
        """Acknowledge everything that is owed."""
        while self._owed:
            some = list(self._owed)[:_PAGE]
            await self._link.done(partial(self._redis.xack, self.stream, self.name, *some))
            for message_id in some:
                self._owed.pop(message_id, None)

    async def bury(self, message_id: str, payload: bytes, reason: str, origin: str) -> None:
        """Move a message to the dead letters, whole or not at all."""
        self._in_flight.pop(message_id, None)
        letter = {
            PAYLOAD: payload[:LARGEST_MESSAGE],
            b"message_id": message_id,
            b"reason": reason,
            b"stream": self.stream,
            ORIGIN: origin,
        }
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xadd(DEAD_LETTERS, letter, maxlen=self._policy.kept_letters, approximate=True)
        pipeline.xack(self.stream, self.name, message_id)
        await self._link.done(pipeline.execute)

    async def backlog(self) -> int | None:
        """Return how many signals wait or are not acknowledged; None when the server cannot say."""
        try:
            groups = await self._link.ask(lambda: self._redis.xinfo_groups(self.stream))
        except ResponseError as err:
            if "no such key" not in str(err):
                raise
            return 0  # nobody has ever sent anything
        for group in groups:
            if as_text(group["name"]) == self.name:
                lag = group.get("lag")  # servers before 7.0 do not count it
                return None if lag is None else int(lag) + int(group["pending"])
        return None

    async def _extent(self) -> tuple[str, str]:
        """Return the last id that the stream ever gave, and the first it still has."""
        try:
            stream = await self._link.ask(lambda: self._redis.xinfo_stream(self.stream))
        except ResponseError as err:
            if "no such key" not in str(err):
                raise
            return "", ""
        first = stream["first-entry"]
        return as_text(stream["last-generated-id"]), as_text(first[0]) if first else ""

    async def _has(self, message_id: str) -> bool:
        look = self._redis.xrange
        return bool(await self._link.ask(lambda: look(self.stream, message_id, message_id, 1)))

    async def _make(self, place: str) -> bool:
        create = self._redis.xgroup_create
        try:
            await self._link.ask(lambda: create(self.stream, self.name, place, mkstream=True))
        except ResponseError as err:
            if not str(err).startswith("BUSYGROUP"):
                raise
            return False
        return True

    def _held(self, entries: list[Entry]) -> list[Entry]:
        now = asyncio.get_running_loop().time()
        for entry in entries:
            self._in_flight[entry.message_id] = now
            self._newest = max(self._newest, entry.message_id, key=stream_id)
        return entries

    async def _left_behind(self, limit: int) -> list[Entry]:
        """Return signals that were handed over before and are nobody's now, oldest first.

        After a start and after every lost connection these are also our own: an answer may have
        been lost on its way.
        """
        found: dict[str, int] = {}
        start = "-"
        idle = None if self._whole_scan else int(self._policy.claim_seconds * _MS)
        pending = self._redis.xpending_range
        while len(found) < limit:
            page = await self._link.ask(
                partial(pending, self.stream, self.name, start, "+", _PAGE, idle=idle)
            )
            found |= dict(self._nobodys(page))
            if len(page) < _PAGE:
                break
            start = f"({as_text(page[-1]['message_id'])}"
        if len(found) < limit:
            self._whole_scan = False
            self._scan_at = asyncio.get_running_loop().time() + _SCAN_SECONDS
        return await self._claimed(dict(list(found.items())[:limit])) if found else []

    def _nobodys(self, page: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
        overdue = asyncio.get_running_loop().time() - self._policy.again_seconds
        for row in page:
            message_id = as_text(row["message_id"])
            ours = as_text(row["consumer"]) == self._policy.consumer
            left = row["time_since_delivered"] >= self._policy.claim_seconds * _MS
            held_since = self._in_flight.get(message_id, overdue)
            if (ours or left) and held_since <= overdue:
                yield message_id, row["times_delivered"]

    async def _claimed(self, found: Mapping[str, int]) -> list[Entry]:
        claim, ids = self._redis.xclaim, list(found)
        answer = await self._link.ask(
            lambda: claim(self.stream, self.name, self._policy.consumer, 0, ids)
        )
        entries = [
            Entry(as_text(name), fields, found[as_text(name)])
            for name, fields in answer
            if name is not None and fields is not None
        ]
        there = {entry.message_id for entry in entries}
        gone = [message_id for message_id in ids if message_id not in there]
        if gone:
            text = f"{len(gone)} signals of {self.stream} were deleted before they were handled"
            self._tell(Notice("BUS_GAP", f"{text}: {gone[0]} to {gone[-1]}"))
            await self.acknowledge(gone)
        return self._held(entries)

    async def _trim(self, acknowledged: str) -> None:
        """Let go of signals that were acknowledged long ago; never of one that was not."""
        summary = await self._link.done(lambda: self._redis.xpending(self.stream, self.name))
        pending = as_text(summary["min"]) if summary["min"] else acknowledged
        floor = oldest_kept(acknowledged, pending, self._policy.kept_seconds)
        if floor:
            trim = self._redis.xtrim
            await self._link.done(lambda: trim(self.stream, minid=floor, approximate=True))


def as_text(name: bytes | str) -> str:
    """Return a name of the server's as text."""
    return name.decode(errors="replace") if isinstance(name, bytes) else name


__all__ = ["ORIGIN", "PAYLOAD", "SIGNATURE", "Entry", "GroupPolicy", "SignalGroup", "as_text"]
