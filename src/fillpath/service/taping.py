"""The tape: quotes of the symbols with orders, kept beside the engine so that costs can be told.

While a symbol has orders that work, and for a little more than five minutes after its last fill, its
best prices are kept: at once when they change after a pause, else the last of each tenth of a
second; of a stop that rests, of each second. What still holds is said again every ten seconds, so
that a hole in the tape is a hole and not a market that stood still. The tape can never slow the
engine: taking a quote is a look into a dictionary, everything else happens in between, and what a
database does not take is dropped, counted and told.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final, Protocol, runtime_checkable

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.errors import Unavailable
from fillpath.core.events import OrderFilled
from fillpath.core.models import Quote
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS, moment, nanoseconds
from fillpath.execution.desk.state import DeskState
from fillpath.service.status import Part

AFTER_NS: Final = 310 * NANOSECONDS
"""How long a symbol is followed after its last fill: the longest markout and a little more."""
PERIOD_NS: Final = NANOSECONDS // 10
RESTING_NS: Final = NANOSECONDS
"""How often prices are kept at most, of an order that trades and of a stop that rests."""
AGAIN_NS: Final = 10 * NANOSECONDS
"""What still holds is said again this often."""
STALE_NS: Final = 60 * NANOSECONDS
"""A quote that is older is not said again: nobody knows whether it still holds."""
LOOK_SECONDS: Final = 0.1
WRITE_EVERY: Final = 10
"""Looks between two writes."""
MOST_WAITING: Final = 20_000
BATCH: Final = 1_000
TOLD_NS: Final = 60 * NANOSECONDS
"""For so long after a drop the part is not healthy."""

Save = Callable[[Sequence[Quote]], Awaitable[None]]
Sink = Callable[[str], None]


@runtime_checkable
class Quoting(Protocol):
    """A feed that knows its last quotes and tells when one is new."""

    def subscribe(self, sink: Sink) -> None:
        """Call ``sink`` with the symbol after each quote."""
        ...

    def last_quote(self, symbol: str) -> Quote | None:
        """Return the last quote, or None, without waiting."""
        ...


class _Track(Struct):
    """One symbol that is followed.

    Args:
        period: nanoseconds between two quotes that are kept.
        kept: the last quote that was kept, None before the first.
        kept_at: when, nanoseconds.
        pending: a newer one that waits for the period to end.
    """

    period: int
    kept: Quote | None = None
    kept_at: int = 0
    pending: Quote | None = None


class Tape:
    """Keep the quotes that costs are measured by.

    ``through`` says up to when everything that was kept is stored, nanoseconds UTC; 0 before the
    first time.

    Args:
        source: where quotes come from.
        clock: the engine's.
        save: stores quotes; raises ``Unavailable`` when it cannot.
        stale: nanoseconds after which a quote is not said again.
    """

    def __init__(
        self, source: Quoting, clock: EngineClock, save: Save, stale: int = STALE_NS
    ) -> None:
        self._source = source
        self._clock = clock
        self._save = save
        self._stale = stale
        self._tracks: dict[str, _Track] = {}
        self._waiting: deque[Quote] = deque()
        self.through = 0
        self.stored = 0
        self.dropped = 0
        self._dropped_at = 0
        self.problem = ""
        source.subscribe(self._quoted)

    def follow(self, wanted: dict[str, int]) -> None:
        """Follow these symbols from now on, each with its period, and no others."""
        now = self._clock.nanoseconds()
        for symbol in [name for name in self._tracks if name not in wanted]:
            self._settle(self._tracks.pop(symbol), now, last=True)
        for symbol, period in wanted.items():
            track = self._tracks.get(symbol)
            if track is None:
                track = self._tracks[symbol] = _Track(period)
                self._begin(track, symbol, now)
            track.period = period

    def look(self) -> None:
        """Keep what waits for its period to end, and say again what still holds."""
        now = self._clock.nanoseconds()
        for track in self._tracks.values():
            self._settle(track, now, last=False)

    async def write(self) -> None:
        """Store what waits, as far as the database takes it."""
        began = self._clock.nanoseconds()
        while self._waiting:
            batch = [self._waiting[n] for n in range(min(BATCH, len(self._waiting)))]
            try:
                await self._save(batch)
            except Unavailable as problem:
                self.problem = str(problem)
                return
            for _ in batch:
                self._waiting.popleft()
            self.stored += len(batch)
        self.problem = ""
        self.through = began - RESTING_NS  # what waits for its period to end is younger

    async def run(self, wanted: Callable[[], dict[str, int]]) -> None:
        """Follow what is wanted until cancelled; what was kept by then is stored."""
        looks = 0
        try:
            while True:
                self.follow(wanted())
                self.look()
                looks += 1
                if looks % WRITE_EVERY == 0:
                    await self.write()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.write()

    def part(self) -> Part:
        """Return how it is."""
        dropping = self.dropped and self._clock.nanoseconds() - self._dropped_at < TOLD_NS
        told = f"{self.stored:,} quotes kept, {self.dropped:,} dropped"
        return Part(
            name="quotes",
            kind="tape",
            healthy=not dropping,
            detail=self.problem or told,
            lag=len(self._waiting),
        )

    def _quoted(self, symbol: str) -> None:
        """Take a quote; called by the feed, for every one."""
        track = self._tracks.get(symbol)
        if track is None:
            return
        quote = self._source.last_quote(symbol)
        if quote is None or _same(quote, track.pending or track.kept):
            return
        now = self._clock.nanoseconds()
        if now - track.kept_at >= track.period:
            self._keep(track, quote, now)
        else:
            track.pending = quote

    def _begin(self, track: _Track, symbol: str, now: int) -> None:
        """Keep what holds already; it held a moment ago, when the order was decided."""
        quote = self._source.last_quote(symbol)
        if quote is None or quote.ts is None or now - nanoseconds(quote.ts) > self._stale:
            return
        held_at = max(nanoseconds(quote.ts), now - NANOSECONDS)
        self._keep(track, replace(quote, ts=moment(held_at)), now)

    def _settle(self, track: _Track, now: int, *, last: bool) -> None:
        quote = track.pending
        if quote is not None and (last or now - track.kept_at >= track.period):
            self._keep(track, quote, now)
        if track.kept is not None and now - track.kept_at >= AGAIN_NS:
            self._again(track, now)

    def _again(self, track: _Track, now: int) -> None:
        """Say again what still holds, unless the feed has been silent for too long."""
        assert track.kept is not None, "something was kept"
        quote = self._source.last_quote(track.kept.symbol)
        if quote is not None and quote.ts is not None and now - nanoseconds(quote.ts) < self._stale:
            self._keep(track, replace(quote, ts=moment(now)), now)

    def _keep(self, track: _Track, quote: Quote, now: int) -> None:
        track.kept, track.kept_at, track.pending = quote, now, None
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
            self._dropped_at = now
        self._waiting.append(quote if quote.ts is not None else replace(quote, ts=moment(now)))


def wanted_of(state: DeskState, filled: Iterable[OrderFilled], now: int) -> dict[str, int]:
    """Return which symbols to follow, and how closely.

    Args:
        state: the desk's: what works there.
        filled: executions, newest first.
        now: nanoseconds UTC.
    """
    wanted: dict[str, int] = {}
    for order in state.orders.values():
        symbol = order.ticket.symbol
        period = RESTING_NS if order.protects else PERIOD_NS
        wanted[symbol] = min(period, wanted.get(symbol, period))
    for parent in state.parents.values():
        wanted[parent.ticket.symbol] = PERIOD_NS
    for fill in filled:
        if fill.at + AFTER_NS < now:
            break
        wanted[fill.symbol] = PERIOD_NS
    return wanted


def _same(quote: Quote, before: Quote | None) -> bool:
    """Return whether the best prices are what they were."""
    return (
        before is not None
        and quote.bid_price == before.bid_price
        and quote.ask_price == before.ask_price
    )


__all__ = ["Quoting", "Tape", "wanted_of"]
