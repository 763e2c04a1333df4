"""The bus on Redis Streams: one consumer group for each account, acknowledged only when told.

Redis is transport, never the truth. A server that dies, stalls, forgets or comes back empty costs
no fill and no order: what was not acknowledged comes again, what was published is published again,
and what may be lost is said with the ids before and after it.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from redis.exceptions import AuthenticationError, ResponseError

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.core.ports import BusHealth, Delivery, Outgoing
from fillpath.data.bus.channels import ATTEMPTS
from fillpath.data.bus.echoes import Echoes
from fillpath.data.bus.notices import Notice, Tell, tell_nobody
from fillpath.data.bus.redis_group import (
    ORIGIN,
    PAYLOAD,
    SIGNATURE,
    Entry,
    GroupPolicy,
    SignalGroup,
    as_text,
)
from fillpath.data.bus.redis_link import ANSWER_SECONDS, Oversized, RedisLink
from fillpath.data.bus.wire import LARGEST_MESSAGE

_BLOCK_SECONDS: Final = 1.0
LONGEST_SIGNATURE: Final = 128
_CHUNK: Final = 200
"""Messages of one pipeline, so that packing them never holds up the event loop."""
_SAFE_POLICY: Final = "noeviction"
_FORGOTTEN: Final = ("NOGROUP", "UNBLOCKED")


class RedisPolicy(Struct, frozen=True, kw_only=True):
    """How the bus uses its server.

    Args:
        url: where it is; may carry a name and a password.
        account: whose signals to take; empty for the only account there is.
        consumer: name of this engine within the consumer group; the same after a restart.
        answer_seconds: how long an answer may take, above 0.
        claim_seconds: another consumer that left a signal alone for so long is taken for dead.
        again_seconds: what was handed over and not acknowledged for so long is handed over again.
        kept_messages: fills, orders and alerts that stay in their streams, roughly.
        kept_letters: dead letters that stay, roughly.
        kept_seconds: how long acknowledged signals stay in their stream.
        resume_after: id of the last signal that the journal has; empty when that is not known.
        bridged: whether signals also come by pub/sub, so that one signal may come by both ways.
    """

    url: str
    account: str = ""
    consumer: str = "engine"
    answer_seconds: float = ANSWER_SECONDS
    claim_seconds: float = 5.0
    again_seconds: float = 30.0
    kept_messages: int = 100_000
    kept_letters: int = 10_000
    kept_seconds: int = 86_400
    resume_after: str = ""
    bridged: bool = False


class RedisBus:
    """One account's end of a Redis server; one task receives, any may publish.

    Args:
        policy: which server, and how.
        tell: takes what a person should know.

    Raises:
        ConfigError: the address or the account's name cannot be used.
    """

    def __init__(self, policy: RedisPolicy, tell: Tell = tell_nobody) -> None:
        self._kept = policy.kept_messages
        self._tell = tell
        self._link = RedisLink(policy.url, policy.answer_seconds)
        group = GroupPolicy(
            account=policy.account,
            consumer=policy.consumer,
            claim_seconds=policy.claim_seconds,
            again_seconds=policy.again_seconds,
            kept_letters=policy.kept_letters,
            kept_seconds=policy.kept_seconds,
            resume_after=policy.resume_after,
        )
        self._group = SignalGroup(self._link, group, tell)
        self._ready_after = -1
        self._unsafe = False
        self._echoes = Echoes() if policy.bridged else None

    async def start(self) -> None:
        """Connect, check that the server keeps what it is given, and find the place to go on.

        Raises:
            Unavailable: it cannot be reached.
            ConfigError: it could throw messages away, refuses us, or the name is taken.
        """
        try:
            await self._prepare()
        except ResponseError as err:
            raise ConfigError(f"Redis at {self._link.where} refuses the bus: {err}") from err
        except _Unsafe as err:
            raise ConfigError(str(err)) from err
        except Unavailable as err:
            if isinstance(err.__cause__, AuthenticationError):
                raise ConfigError(str(err)) from err
            raise

    async def receive(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """Return up to ``limit`` signals, oldest first, waiting at most so long for the first."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_seconds
        await self._link.wait_turn(wait_seconds)
        while True:
            try:
                if self._ready_after != self._link.breaks:
                    await self._prepare()
                left = min(deadline - loop.time(), _BLOCK_SECONDS)
                found = await self._handed(await self._group.read(limit, left))
            except ResponseError as err:
                self._ready_after = -1
                if not str(err).startswith(_FORGOTTEN):
                    raise self._link.refusal(err) from err
                found = []  # the group is gone, or the stream under our wait: the server forgot
            if found or loop.time() >= deadline:
                return found

    async def acknowledge(self, message_ids: Sequence[str]) -> None:
        """Say that the journal has these; what cannot be said now is said with the next word."""
        self._link.check_open()
        await self._group.acknowledge(message_ids)

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Put a message into the dead-letter stream with the reason, and acknowledge it."""
        await self._group.bury(delivery.message_id, delivery.payload, reason, delivery.origin)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Add messages to their streams and publish them on the channels of the same names."""
        self._link.check_open()
        for first in range(0, len(messages), _CHUNK):
            pipeline = self._link.client.pipeline(transaction=False)
            for message in messages[first : first + _CHUNK]:
                fields = {PAYLOAD: message.payload, b"event_id": message.event_id}
                pipeline.xadd(message.channel, fields, maxlen=self._kept, approximate=True)
                pipeline.publish(message.channel, message.payload)
            await self._link.done(pipeline.execute)

    async def send(self, payload: bytes, origin: str = "stream", signature: str = "") -> str:
        """Let a signal wait for this account, as a strategy would; return the message's id.

        Raises:
            Unavailable: it is unknown whether the server took it.
        """
        fields = {PAYLOAD: payload} | ({} if origin == "stream" else {ORIGIN: origin})
        if signature:
            fields[SIGNATURE] = signature
        add = self._link.client.xadd
        return as_text(await self._link.done(lambda: add(self._group.stream, fields)))

    async def health(self) -> BusHealth:
        """Return whether it answers, keeps what it is given, and what waits; never raises."""
        try:
            detail = await self._check_safe()
            backlog = await self._group.backlog()
        except (Unavailable, ResponseError) as err:
            return BusHealth(reachable=False, kind="redis", detail=str(err))
        return BusHealth(reachable=True, kind="redis", detail=detail, backlog=backlog)

    async def close(self) -> None:
        """Let go of it; closing twice is harmless."""
        await self._link.close()

    async def _prepare(self) -> None:
        breaks = self._link.breaks
        await self._check_safe()
        await self._group.prepare()
        self._ready_after = breaks

    async def _check_safe(self) -> str:
        """Return a sentence about the server.

        Raises:
            _Unsafe: it may evict what it holds when its memory is full.
        """
        client, where = self._link.client, self._link.where
        memory = await self._link.ask(lambda: client.info("memory"))
        policy = memory.get("maxmemory_policy", _SAFE_POLICY)
        if policy != _SAFE_POLICY:
            text = (
                f"Redis at {where} may throw messages away: maxmemory-policy must be "
                f"{_SAFE_POLICY}, got {policy}"
            )
            self._ready_after = -1
            if not self._unsafe:
                self._tell(Notice("BUS_UNSAFE", text))
            self._unsafe = True
            raise _Unsafe(text)
        self._unsafe = False
        disk = await self._link.ask(lambda: client.info("persistence"))
        if disk.get("aof_enabled"):
            return f"Redis at {where}"
        return f"Redis at {where}; appendonly is off: after a restart it has forgotten its signals"

    async def _handed(self, entries: Sequence[Entry]) -> list[Delivery]:
        """Return what can be handed over, and set aside what cannot."""
        handed: list[Delivery] = []
        for entry in entries:
            payload = entry.fields.get(PAYLOAD, b"")
            origin = "pubsub" if entry.fields.get(ORIGIN) == b"pubsub" else "stream"
            reason = _unfit(entry)
            if reason:
                await self._group.bury(entry.message_id, payload, reason, origin)
            elif self._echoes is not None and self._echoes.is_echo(payload, origin):
                await self._group.acknowledge([entry.message_id])
            else:
                signature = as_text(entry.fields.get(SIGNATURE, b"")[:LONGEST_SIGNATURE])
                handed.append(
                    Delivery(entry.message_id, payload, entry.before + 1, origin, signature)
                )
        return handed


class _Unsafe(Unavailable):
    """The server may throw messages away: as good as none until its setting is put right."""


def _unfit(entry: Entry) -> str:
    """Return why an entry cannot be handed over, empty when it can."""
    payload = entry.fields.get(PAYLOAD)
    if payload is None:
        return "the entry must have a field named data with the message, and has none"
    if isinstance(payload, Oversized):
        return f"the message must be at most {LARGEST_MESSAGE:,} bytes long, got {payload.length:,}"
    if entry.before >= ATTEMPTS:
        return f"it was handed over {entry.before} times and never acknowledged"
    return ""


__all__ = ["RedisBus", "RedisPolicy"]
