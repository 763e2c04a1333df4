"""Quotes from Interactive Brokers for the symbols in use, to the engine and to whoever else listens.

A quote is believed only while nothing stands between it and the exchange: after a lost line, a lost
subscription, a broken farm or a competing login each symbol is without a quote until both of its
sides were told anew. Delayed and frozen data never become a quote.
"""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NoReturn, Protocol

from msgspec import Struct

from fillpath.core.errors import Unavailable
from fillpath.core.events import Event, MarketView
from fillpath.core.models import Quote
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS, Number
from fillpath.data.bus.notices import Notice, Tell, tell_nobody
from fillpath.data.feeds.ibkr_streams import INDEX, News, Streams
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.data_codes import DataNews, read
from fillpath.ibkr.heard import DataKind, Dropped, Heard, Said, Ticked
from fillpath.ibkr.places import Places
from fillpath.ibkr.states import State
from fillpath.ibkr.ticking import (
    LIVE,
    Stream,
    is_whole,
    quote_of,
    refuse,
    same_market,
    set_kind,
    take,
)
from fillpath.ibkr.witness import Witness

_UNKNOWN: Final = MarketView()
_NO_NUMBERS: Final[Mapping[str, int]] = MappingProxyType({})
_DOWN: Final = frozenset({State.DISCONNECTED, State.EXPECTED_DOWN, State.REFUSED})


class Engine(Protocol):
    """What the feed needs of the engine it serves."""

    def learn(self, fact: Event) -> None:
        """Take a fact into the journal with the next turn."""
        ...

    def in_use(self) -> Collection[str]:
        """Return the symbols of positions and working orders."""
        ...

    def is_open(self) -> bool:
        """Return whether the market is open."""
        ...


class FeedPolicy(Struct, frozen=True, kw_only=True):
    """How the feed behaves; durations are seconds.

    Args:
        lines: symbols that may be subscribed at once; the vendor gives every login 100.
        hold_seconds: how long a symbol that was merely asked for keeps its line.
        repeat_seconds: how often an unchanged quote is dated anew while its symbol is heard of.
        silent_seconds: without any value in an open market before a person is told.
        look_seconds: between two looks at what nobody said.
        farm_seconds: after a gap, or the end of one, until what has no quote is subscribed anew.
        competing_seconds: between two attempts while the same login shows data elsewhere.
        volatility: whether the volatility index is followed too.
    """

    lines: int = 90
    hold_seconds: float = 60
    repeat_seconds: float = 1
    silent_seconds: float = 30
    look_seconds: float = 0.5
    farm_seconds: float = 5
    competing_seconds: float = 60
    volatility: bool = True


class FeedHealth(Struct, frozen=True):
    """How the feed is.

    Args:
        connected: whether it is subscribed.
        symbols: how many are subscribed, or should be.
        quoted: how many of them have a quote.
        refused: why each of the others has no live data.
    """

    connected: bool
    symbols: int
    quoted: int
    refused: dict[str, str]


class Publisher(Protocol):
    """Whoever hands quotes on, and returns at once."""

    def offer(self, quote: Quote) -> None:
        """Take a quote."""
        ...

    def offer_volume(self, symbol: str, shares: Decimal) -> None:
        """Take an average daily volume."""
        ...


class IBKRMarketFeed(MemoryFeed):
    """Keep the quotes of the symbols in use; a feed and a market.

    Args:
        connection: with the feed's own client id, not started yet.
        clock: dates the quotes: the vendor does not.
        policy: how it behaves.
        con_ids: numbers of reviewed contracts by symbol.
        publisher: also takes every quote and volume.
        tell: takes what a person should know.
    """

    def __init__(
        self,
        connection: Connection,
        clock: EngineClock,
        policy: FeedPolicy | None = None,
        *,
        con_ids: Mapping[str, int] = _NO_NUMBERS,
        publisher: Publisher | None = None,
        tell: Tell = tell_nobody,
    ) -> None:
        super().__init__()
        self._connection = connection
        self._clock = clock
        self._policy = policy or FeedPolicy()
        self._publisher = publisher
        self._tell = tell
        self._streams = Streams(connection, news=self._news, changed=self._changed, con_ids=con_ids)
        self._places = Places(self._policy.lines, _ns(self._policy.hold_seconds))
        self._witness = Witness()
        self._engine: Engine | None = None
        self._restricted: frozenset[str] = frozenset()
        self._touched: dict[str, None] = {}
        self._told: set[str] = set()
        self._look_again: dict[str, int] = {}
        self._heard_at = 0
        connection.listen(self._heard)
        connection.watch(self._stands)
        if self._policy.volatility:
            self.follow(INDEX)

    def attach(self, engine: Engine) -> None:
        """Serve an engine: tell it facts, and follow what it holds and works on."""
        self._engine = engine

    async def run(self) -> NoReturn:
        """Be connected and subscribed until cancelled."""
        try:
            try:
                await self._connection.start()
            except Unavailable as error:
                self._once("FEED_LOST", str(error))
            while True:
                await self.serve()
                self.look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._policy.look_seconds):
                        await self._streams.missing.wait()
        finally:
            self._told.add("FEED_LOST")  # nobody need be told of what is done on purpose
            await self._connection.stop()

    async def serve(self) -> None:
        """Subscribe what is followed and not subscribed yet, and end what is not followed any more."""
        await self._streams.serve()

    def follow(self, symbol: str) -> None:
        """Subscribe a symbol, if there is a line left for it."""
        placed = self._places.want(symbol, self._clock.nanoseconds())
        if placed.refused:
            self._once("FEED_LINES", placed.refused)
            return
        if placed.freed:
            self._streams.drop(placed.freed)
        self._streams.want(symbol)

    def watch(self, symbol: str) -> None:
        """Remember that someone waits for a usable quote of ``symbol``, and follow it."""
        self.follow(symbol)
        super().watch(symbol)

    def view(self, symbol: str) -> MarketView:
        """Return quote and ADV in exact integers; a symbol that was never asked for is followed."""
        if symbol not in self._streams.every:
            self.follow(symbol)
        return self._views.get(symbol, _UNKNOWN)

    def set_adv(self, symbol: str, shares: Number) -> None:
        """Set the average daily volume of at least 20 past sessions, in shares, above 0.

        Raises:
            ModelError: not a symbol, or not a finite number above 0.
        """
        super().set_adv(symbol, shares)
        if self._publisher is not None:
            self._publisher.offer_volume(symbol, self._adv[symbol])

    async def get_quote(self, symbol: str) -> Quote | None:
        """Return the last quote; its age is the caller's to judge.

        Raises:
            Unavailable: none is known, and the gateway cannot be reached.
        """
        quote = self.last_quote(symbol)
        if quote is None and self._connection.state is not State.TRADING:
            raise Unavailable(f"quotes cannot be had: {self._connection.reason or 'not connected'}")
        return quote

    @property
    def followed(self) -> Collection[str]:
        """Return the symbols in use, those followed first in front."""
        return tuple(symbol for symbol in self._streams.every if symbol != INDEX)

    def restrict(self, symbols: Collection[str]) -> None:
        """Say which symbols may not be sold short at the bid today, from what fell yesterday."""
        self._restricted = frozenset(symbols)

    def health(self) -> FeedHealth:
        """Return how the feed is."""
        streams = self._streams.every.values()
        return FeedHealth(
            connected=self._connection.state is State.TRADING,
            symbols=len(streams),
            quoted=sum(map(is_whole, streams)),
            refused={one.symbol: one.refused for one in streams if one.refused},
        )

    def look(self) -> None:
        """See what nobody says: what has settled, what to ask again, and silence."""
        now = self._clock.nanoseconds()
        self._follow_engine()
        for symbol in [one for one, due in self._look_again.items() if due <= now]:
            del self._look_again[symbol]
            stream = self._streams.every.get(symbol)
            if stream is not None and not _is_priced(stream):
                self._streams.renew(symbol)
        for stream in self._streams.every.values():
            self._see(stream, now)
        self._listen_for_silence(now)

    def _follow_engine(self) -> None:
        if self._engine is None:
            return
        used = self._engine.in_use()
        self._places.keep({*used, INDEX})
        for symbol in used:
            if symbol not in self._streams.every:
                self.follow(symbol)

    def _listen_for_silence(self, now: int) -> None:
        if self._engine is None or not self._engine.is_open() or not self._heard_at:
            return
        silent = now - self._heard_at
        if silent > _ns(self._policy.silent_seconds):
            self._once("FEED_SILENT", f"no quote or trade for {silent // NANOSECONDS} s")

    def _heard(self, heard: Heard) -> None:
        if isinstance(heard, Said):
            self._said(heard)
        elif isinstance(heard, Ticked | DataKind):
            self._streams.hear(heard)
        elif isinstance(heard, Dropped):
            self._lose()

    def _stands(self, state: State) -> None:
        if state in _DOWN:
            self._lose()
            if state is not State.EXPECTED_DOWN:
                self._once("FEED_LOST", f"quotes stopped: {self._connection.reason}")
        elif state is State.TRADING:
            if "FEED_LOST" in self._told:
                self._tell(Notice("FEED_BACK", "quotes come from the gateway again"))
            self._told.clear()
            self._heard_at = self._clock.nanoseconds()
            self._streams.missing.set()

    def _lose(self) -> None:
        self._heard_at = 0
        self._streams.lost()

    def _said(self, said: Said) -> None:
        match read(said):
            case DataNews.GAP | DataNews.SUBSCRIPTIONS_LOST:
                self._streams.doubt()
                # A price that stays as it is may never be said again, so it is asked for.
                self._come_back(self._streams.every, self._policy.farm_seconds)
                if self._engine is None or self._engine.is_open():  # every night has gaps
                    self._once(f"FEED_GAP {said.code}", f"no quote is believed: {said.text}")
            case DataNews.FARM_BACK:
                self._come_back(self._streams.every, self._policy.farm_seconds)
            case DataNews.COMPETING if said.about < 0:
                for stream in self._streams.every.values():
                    self._news(stream, said)
            case _:
                self._streams.hear(said)

    def _news(self, stream: Stream, news: News) -> None:
        now = self._clock.nanoseconds()
        if isinstance(news, Ticked):
            take(stream, news, now)
            self._heard_at = max(self._heard_at, stream.seen_at)
            self._told.discard("FEED_SILENT")
        elif isinstance(news, DataKind):
            set_kind(stream, news.kind)
            if news.kind != LIVE:
                self._once(f"FEED_DELAYED {stream.symbol}", f"{stream.symbol} has no live data")
        else:
            self._refused(stream, news)
        self._changed(stream.symbol)

    def _refused(self, stream: Stream, said: Said) -> None:
        meaning = read(said)
        if meaning is DataNews.NOTHING:
            return
        refuse(stream, f"{said.code}: {said.text}")
        if meaning is DataNews.COMPETING:
            self._come_back([stream.symbol], self._policy.competing_seconds)
            self._once("FEED_COMPETING", f"the login shows data elsewhere: {said.text}")
        else:
            self._once(f"FEED_REFUSED {stream.symbol}", f"{stream.symbol}: {stream.refused}")

    def _come_back(self, symbols: Collection[str], seconds: float) -> None:
        due = self._clock.nanoseconds() + _ns(seconds)
        for symbol in symbols:
            self._look_again.setdefault(symbol, due)

    def _changed(self, symbol: str) -> None:
        """Look at a symbol when everything that came with this was heard too."""
        if not self._touched:
            asyncio.get_running_loop().call_soon(self._settle)
        self._touched[symbol] = None

    def _settle(self) -> None:
        touched, self._touched = self._touched, {}
        now = self._clock.nanoseconds()
        for symbol in touched:
            stream = self._streams.every.get(symbol)
            if stream is None:
                self._witness.forget(symbol)
                self._show(Quote(symbol, None, None))
            else:
                self._see(stream, now)

    def _see(self, stream: Stream, now: int) -> None:
        """Tell what is known of a symbol, whether it trades first: a quote is acted on at once."""
        self._testify(stream, now)
        if stream.symbol != INDEX:
            self._show(quote_of(stream, now))

    def _show(self, quote: Quote) -> None:
        """Show a quote that is news, or that is still there after a while."""
        before = self.last_quote(quote.symbol)
        if before is None and quote.bid_price is None and quote.ask_price is None:
            return
        if same_market(quote, before) and not self._is_later(quote, before):
            return
        self.set_quote(quote)
        if self._publisher is not None:
            self._publisher.offer(quote)

    def _is_later(self, quote: Quote, before: Quote | None) -> bool:
        if quote.ts is None or before is None or before.ts is None:
            return False
        return (quote.ts - before.ts).total_seconds() >= self._policy.repeat_seconds

    def _testify(self, stream: Stream, now: int) -> None:
        if self._engine is None:
            return
        stream.restricted_before = stream.symbol in self._restricted
        fact: Event | None
        if stream.symbol == INDEX:
            fact = self._witness.volatility(stream, now)
        else:
            fact = self._witness.status(stream, now)
        if fact is not None:
            self._engine.learn(fact)

    def _once(self, code: str, text: str) -> None:
        """Tell a person, once until the line is up again; the code may name a symbol too."""
        if code not in self._told:
            self._told.add(code)
            self._tell(Notice(code.split(maxsplit=1)[0], text))


def _is_priced(stream: Stream) -> bool:
    return stream.last is not None if stream.symbol == INDEX else is_whole(stream)


def _ns(seconds: float) -> int:
    return int(seconds * NANOSECONDS)


__all__ = ["Engine", "FeedHealth", "FeedPolicy", "IBKRMarketFeed", "Publisher"]
