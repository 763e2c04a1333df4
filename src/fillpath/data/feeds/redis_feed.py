"""Quotes from Redis: a channel for each symbol, and a key with the last value for whoever is late.

What comes is checked before it can be traded on. A message that cannot be read, or that claims to
come from the future, leaves its symbol without a usable quote until the next good one: not knowing
the market is safer than believing an old one.
"""

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Final, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.errors import ModelError, Unavailable
from fillpath.core.models import Quote, check_symbol
from fillpath.core.ports import Clock
from fillpath.data.bus.channels import QUOTES, VOLUMES, quote_channel, volume_channel
from fillpath.data.bus.messages import read_quote, read_volume, write_quote, write_volume
from fillpath.data.bus.notices import Notice, Tell, tell_nobody
from fillpath.data.bus.redis_group import as_text
from fillpath.data.bus.redis_link import ANSWER_SECONDS, RedisLink
from fillpath.data.bus.redis_subscription import Follower, Subscription
from fillpath.data.feeds.memory import MemoryFeed

SYMBOLS: Final = 20_000
"""Symbols that are kept; quotes of further ones are refused."""
_AHEAD: Final = timedelta(seconds=2)
_PAGE: Final = 500
_EVERYTHING: Final = frozenset({f"{QUOTES}*", f"{VOLUMES}*"})


class FeedCounts(Struct):
    """What came so far.

    Args:
        quotes: quotes kept, crossed ones among them.
        crossed: quotes whose bid was above their ask; kept, and not usable.
        late: quotes older than the one before; dropped.
        refused: messages that could not be read or dated.
        volumes: average daily volumes kept.
        last_refusal: why the latest message was refused.
    """

    quotes: int = 0
    crossed: int = 0
    late: int = 0
    refused: int = 0
    volumes: int = 0
    last_refusal: str = ""


class RedisFeed(MemoryFeed):
    """Keep what the channels say; a feed and a market.

    Args:
        url: the server.
        clock: dates what comes without a time, and judges what claims to come from the future.
        symbols: what to follow from the start; empty to follow everything there is.
        tell: takes the loss and the return of the line.
        answer_seconds: how long an answer may take.

    Raises:
        ConfigError: the address cannot be used.
        ModelError: not a symbol.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        symbols: Collection[str] = (),
        *,
        tell: Tell = tell_nobody,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        super().__init__()
        self.counts = FeedCounts()
        self.connected = False
        self._refused: dict[str, str] = {}
        self._clock = clock
        self._tell = tell
        self._all = not symbols
        self._wanted = frozenset[str]() if symbols else _EVERYTHING
        for symbol in symbols:
            self.follow(symbol)
        self._line = RedisLink(url, answer_seconds)
        self._link = RedisLink(url, answer_seconds)
        follower = Follower(
            wanted=lambda: self._wanted, joined=self._joined, heard=self._heard, lost=self._lost
        )
        self._subscription = Subscription(self._line, follower)

    async def run(self) -> NoReturn:
        """Follow the channels until cancelled; comes back after every cut."""
        try:
            await self._subscription.run()
        finally:
            self.connected = False
            await self._line.close()
            await self._link.close()

    def follow(self, symbol: str) -> None:
        """Follow a symbol from now on; its last value is read as soon as the channel is joined."""
        if not self._all:
            self._wanted |= {quote_channel(symbol), volume_channel(symbol)}

    def watch(self, symbol: str) -> None:
        """Remember that someone waits for a usable quote of ``symbol``, and follow it."""
        self.follow(symbol)
        super().watch(symbol)

    async def get_quote(self, symbol: str) -> Quote | None:
        """Return the last quote; its age is the caller's to judge.

        Raises:
            Unavailable: none is known, and the server cannot be reached.
        """
        quote = self.last_quote(symbol)
        if quote is None and not self.connected:
            raise Unavailable(f"quotes cannot be had: {self._line.where} is not reached")
        return quote

    def take(self, channel: str, payload: bytes) -> None:
        """Keep one message if it can be kept; count it otherwise."""
        try:
            if channel.startswith(VOLUMES):
                self._take_volume(channel.removeprefix(VOLUMES), payload)
            else:
                self._take_quote(check_symbol(channel.removeprefix(QUOTES)), payload)
        except ModelError as err:
            self._refuse(channel, str(err))
        else:
            self._refused.pop(channel, None)

    @property
    def refusal(self) -> str:
        """Return which channels said last what could not be read, and why; empty for none."""
        if not self._refused:
            return ""
        channel, reason = next(reversed(self._refused.items()))
        return f"{len(self._refused)} not read, such as {channel}: {reason}"

    async def publish_quote(self, quote: Quote) -> None:
        """Publish a quote, for this feed and all others, and keep it as the last value.

        Raises:
            Unavailable: it is unknown whether anyone heard it.
        """
        await self._publish(quote_channel(quote.symbol), write_quote(quote))

    async def publish_volume(self, symbol: str, shares: Decimal, sessions: int) -> None:
        """Publish the average daily volume over so many past sessions, 20 or more.

        Raises:
            Unavailable: it is unknown whether anyone heard it.
        """
        await self._publish(volume_channel(symbol), write_volume(symbol, shares, sessions))

    async def _publish(self, name: str, payload: bytes) -> None:
        pipeline = self._link.client.pipeline(transaction=True)
        pipeline.set(name, payload)
        pipeline.publish(name, payload)
        await self._link.done(pipeline.execute)

    async def _heard(self, channel: str, payload: bytes) -> None:
        self.take(channel, payload)

    async def _joined(self, name: str) -> None:
        """Read the last value, now that nothing newer can be missed."""
        if name.endswith("*"):
            await self._read_all(name)
        else:
            await self._read([name])
        if not self.connected:
            self.connected = True
            self._tell(Notice("FEED_BACK", f"quotes come from {self._line.where}"))

    async def _read_all(self, pattern: str) -> None:
        cursor, left = 0, SYMBOLS
        while left > 0:
            scan = partial(self._link.client.scan, cursor, match=pattern, count=_PAGE)
            cursor, names = await self._link.done(scan)
            await self._read([as_text(name) for name in names[:left]])
            left -= len(names)
            if not cursor:
                return

    async def _read(self, names: list[str]) -> None:
        if not names:
            return
        values = await self._link.done(partial(self._link.client.mget, names))
        for name, value in zip(names, values, strict=True):
            if value is not None:
                self.take(name, value)

    def _lost(self, reason: str) -> None:
        if self.connected:
            self._tell(Notice("FEED_LOST", f"quotes stopped: {reason}"))
        self.connected = False

    def _take_volume(self, symbol: str, payload: bytes) -> None:
        named, shares = read_volume(payload)
        if named != symbol:
            raise ModelError(f"symbol must be {symbol}, the channel's, got {named!r}")
        self.set_adv(named, shares)
        self.counts.volumes += 1

    def _take_quote(self, symbol: str, payload: bytes) -> None:
        before = self.last_quote(symbol)
        if before is None and len(self._quotes) >= SYMBOLS:
            raise ModelError(f"symbol must be one of the first {SYMBOLS:,} quoted, got {symbol}")
        try:
            quote = self._dated(symbol, read_quote(payload))
            if _is_older(quote, before):
                self.counts.late += 1
                return
            self.set_quote(quote)
        except ModelError:
            # Whatever it was meant to say, the market is not known to be what it was before.
            self.set_quote(Quote(symbol, None, None, ts=before.ts if before else None))
            raise
        self.counts.quotes += 1
        if quote.bid_price and quote.ask_price and quote.bid_price > quote.ask_price:
            self.counts.crossed += 1

    def _dated(self, symbol: str, quote: Quote) -> Quote:
        """Return the quote with the moment from which it was known, never later than now."""
        if quote.symbol != symbol:
            raise ModelError(f"symbol must be {symbol}, the channel's, got {quote.symbol!r}")
        now = self._clock.now()
        if quote.ts is None or now < quote.ts <= now + _AHEAD:
            return replace(quote, ts=now)
        if quote.ts > now:
            seconds = (quote.ts - now).total_seconds()
            raise ModelError(f"timestamp must not be in the future, got {seconds:.0f} s ahead")
        return quote

    def _refuse(self, channel: str, reason: str) -> None:
        self._refused.pop(channel, None)
        if len(self._refused) < SYMBOLS:
            self._refused[channel] = reason
        self.counts.refused += 1
        self.counts.last_refusal = reason


def _is_older(quote: Quote, before: Quote | None) -> bool:
    if before is None or before.ts is None:
        return False
    return quote.ts is not None and quote.ts < before.ts


__all__ = ["FeedCounts", "RedisFeed"]
