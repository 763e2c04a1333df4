"""A bridge for producers that only publish: their signals wait in the stream like all others.

A channel keeps nothing: what is published while nobody listens is gone. The bridge cannot change
that. It says when it was cut off, and it says which numbers are missing where a producer numbers
its messages; everything that came this way is marked ``pubsub``, which means at most once.
"""

import asyncio
from collections import OrderedDict
from typing import Final, NoReturn

from fillpath.core.errors import ModelError, Unavailable
from fillpath.core.ports import Delivery
from fillpath.data.bus.channels import signal_stream
from fillpath.data.bus.messages import read_signal
from fillpath.data.bus.notices import Notice, Tell, tell_nobody
from fillpath.data.bus.redis_link import Oversized, RedisLink
from fillpath.data.bus.redis_streams import RedisBus, RedisPolicy
from fillpath.data.bus.redis_subscription import Follower, Subscription

PUBSUB: Final = "pubsub"
STRATEGIES: Final = 10_000
"""Strategies whose numbers are remembered."""


class Numbers:
    """Notice numbers that a producer gave and that never came."""

    def __init__(self, remembered: int = STRATEGIES) -> None:
        self._remembered = remembered
        self._last: OrderedDict[str, int] = OrderedDict()

    def missing_before(self, strategy_name: str, sequence: int) -> tuple[int, int] | None:
        """Return the first and last number that are missing, or None.

        A number that is not higher than the last is a repeat or a producer that began anew.
        """
        last = self._last.pop(strategy_name, None)
        self._last[strategy_name] = sequence
        if len(self._last) > self._remembered:
            self._last.popitem(last=False)
        if last is None or sequence <= last + 1:
            return None
        return last + 1, sequence - 1


class RedisBridge:
    """Put what is published on the channel of an account's signals into its stream.

    Args:
        policy: the server; with ``bridged`` set, so that the bus drops echoes.
        tell: takes what was lost, as far as that can be known.
    """

    def __init__(self, policy: RedisPolicy, tell: Tell = tell_nobody) -> None:
        self.taken = 0
        self.lost = 0
        self._tell = tell
        self._channel = signal_stream(policy.account)
        self._bus = RedisBus(policy)
        self._link = RedisLink(policy.url, policy.answer_seconds)
        self._numbers = Numbers()
        self._cut_at: float | None = None
        channels = frozenset({self._channel})
        follower = Follower(
            wanted=lambda: channels, joined=self._joined, heard=self._heard, lost=self._was_cut
        )
        self._subscription = Subscription(self._link, follower)
        self.listening = asyncio.Event()

    async def run(self) -> NoReturn:
        """Carry signals over until cancelled."""
        try:
            await self._subscription.run()
        finally:
            await self._link.close()
            await self._bus.close()

    async def _joined(self, channel: str) -> None:
        self.listening.set()
        if self._cut_at is not None:
            seconds = asyncio.get_running_loop().time() - self._cut_at
            self._cut_at = None
            text = f"nobody listened on {channel} for {seconds:.1f} s: what was published is lost"
            self._tell(Notice("BRIDGE_GAP", text))

    async def _heard(self, channel: str, payload: bytes) -> None:
        if isinstance(payload, Oversized):
            self._drop(f"a message of {payload.length:,} bytes on {channel} was dropped")
            return
        self._check_number(payload)
        try:
            await self._bus.send(payload, PUBSUB)
        except Unavailable as err:
            self._drop(f"a signal from the channel {channel} may be lost: {err}")
            return
        self.taken += 1

    def _was_cut(self, reason: str) -> None:
        del reason  # the bus says why; here only what it may have cost
        self.listening.clear()
        if self._cut_at is None:
            self._cut_at = asyncio.get_running_loop().time()

    def _check_number(self, payload: bytes) -> None:
        try:
            message = read_signal(Delivery("0-0", payload))
        except ModelError:
            return  # the stream carries it to whoever sets it aside
        if message.sequence is None:
            return
        name = message.signal.strategy_name
        missing = self._numbers.missing_before(name, message.sequence)
        if missing:
            text = f"messages {missing[0]} to {missing[1]} of {name or 'no strategy'} never came"
            self._tell(Notice("BRIDGE_GAP", f"{text} over {self._channel}"))

    def _drop(self, text: str) -> None:
        self.lost += 1
        self._tell(Notice("BRIDGE_GAP", text))


__all__ = ["Numbers", "RedisBridge"]
