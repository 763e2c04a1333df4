"""Quotes to Redis for whoever else needs them, without ever holding up the one who sees them."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Final, NoReturn

from fillpath.core.errors import Unavailable
from fillpath.core.models import Quote
from fillpath.data.bus.channels import quote_channel, volume_channel
from fillpath.data.bus.messages import write_quote, write_volume
from fillpath.data.bus.notices import Notice, Tell, tell_nobody
from fillpath.data.bus.redis_link import ANSWER_SECONDS, RedisLink

_LONGEST_WAIT: Final = 10.0
_BATCH: Final = 200
SESSIONS: Final = 20
"""What an average volume is taken over."""


class QuotePublisher:
    """Send the newest quote and volume of each symbol to its channel, and keep it as the last value.

    What a slow server has not taken is replaced by what came since: nobody is told of a market that
    was.

    Args:
        url: the server.
        tell: takes the loss and the return of the line.
        answer_seconds: how long an answer may take.

    Raises:
        ConfigError: the address cannot be used.
    """

    def __init__(
        self, url: str, *, tell: Tell = tell_nobody, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._link = RedisLink(url, answer_seconds)
        self._tell = tell
        self._waiting: dict[str, bytes] = {}
        self._some = asyncio.Event()
        self._lost = False

    def offer(self, quote: Quote) -> None:
        """Send a quote as soon as that can be; returns at once."""
        self._put(quote_channel(quote.symbol), write_quote(quote))

    def offer_volume(self, symbol: str, shares: Decimal) -> None:
        """Send an average daily volume over 20 sessions as soon as that can be."""
        self._put(volume_channel(symbol), write_volume(symbol, shares, SESSIONS))

    async def run(self) -> NoReturn:
        """Send until cancelled; a server that is away is tried again, ever more slowly."""
        try:
            while True:
                await self._some.wait()
                await self._link.wait_turn(_LONGEST_WAIT)
                await self._send_waiting()
        finally:
            await self._link.close()

    async def _send_waiting(self) -> None:
        """Send what waits; what the server did not take waits on, unless newer came."""
        self._some.clear()
        batch = {name: self._waiting.pop(name) for name in list(self._waiting)[:_BATCH]}
        try:
            await self._link.done(partial(self._send, batch))
        except Unavailable as error:
            self._waiting = batch | self._waiting
            self._trouble(str(error))
            return
        finally:
            if self._waiting:
                self._some.set()
        if self._lost:
            self._lost = False
            self._tell(Notice("FEED_BACK", f"quotes go to {self._link.where} again"))

    def _put(self, name: str, payload: bytes) -> None:
        self._waiting[name] = payload
        self._some.set()

    async def _send(self, batch: Mapping[str, bytes]) -> None:
        pipeline = self._link.client.pipeline(transaction=True)
        for name, payload in batch.items():
            pipeline.set(name, payload)
            pipeline.publish(name, payload)
        await pipeline.execute()

    def _trouble(self, reason: str) -> None:
        if not self._lost:
            self._tell(Notice("FEED_LOST", f"quotes are not published: {reason}"))
        self._lost = True


__all__ = ["SESSIONS", "QuotePublisher"]
