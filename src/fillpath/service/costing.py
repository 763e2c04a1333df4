"""Make what orders cost from tables and tape, beside the engine: whenever one of them changes.

Corrections, late commissions and late fills make a parent new; so does the moment at which a
markout becomes known. Nothing is remembered but how far the tables were followed, and that stands
in the same transaction as the results: whoever stops in between goes on from there, and whoever
clears the results gets the same ones again.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from fillpath.core.costs import MOST_QUOTES, CostNews, CostStory, OrderCostRow
from fillpath.core.errors import Unavailable
from fillpath.core.models import Quote
from fillpath.core.ports import Clock
from fillpath.core.units import moment, nanoseconds, price_units, quantity_units
from fillpath.execution.costing import PROTECTIVE, cost_rows, decision_points
from fillpath.execution.markouts import REALISED_NS
from fillpath.execution.midline import LONGEST_GAP, Midline, midline
from fillpath.service.status import Part

LAG: Final = timedelta(seconds=3)
"""The tape is this far behind at most, so nothing is known of what is younger."""
LOOK_SECONDS: Final = 1.0
PARENTS: Final = 50
"""Parents of one step."""
_BEFORE: Final = timedelta(microseconds=LONGEST_GAP // 1_000)
_AFTER: Final = timedelta(microseconds=REALISED_NS // 1_000)


class Costing(Protocol):
    """The tables that costs are made of and kept in."""

    async def news(self, now: datetime, most: int) -> CostNews:
        """Return whose costs are to be made anew."""
        ...

    async def stories(self, parents: Sequence[str]) -> list[CostStory]:
        """Return what was written down about parents."""
        ...

    async def quotes(self, symbol: str, since: datetime, until: datetime) -> list[Quote]:
        """Return what the tape holds."""
        ...

    async def save(
        self, parents: Sequence[str], rows: Iterable[OrderCostRow], through: int
    ) -> None:
        """Replace what parents cost."""
        ...


class CostKeeper:
    """Keep the table of costs true.

    Args:
        tables: returns what costs are made of and kept in; raises ``Unavailable`` before it is open.
        clock: the engine's.
        taped: returns up to when the tape is stored, nanoseconds UTC; None where nobody records one
            beside this.
    """

    def __init__(
        self,
        tables: Callable[[], Costing],
        clock: Clock,
        taped: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._open = tables
        self._clock = clock
        self._taped = taped
        self._through = -1
        self.made = 0
        self.problem = ""

    async def step(self) -> bool:
        """Make the next costs; return whether there were any.

        Raises:
            Unavailable: the tables cannot be reached.
        """
        tables, known = self._open(), self._known()
        news = await tables.news(known, PARENTS)
        rows: list[OrderCostRow] = []
        for story in await tables.stories(news.parents) if news.parents else ():
            since, until = span_of(story)
            symbol = story.orders[0].symbol
            quotes = await tables.quotes(symbol, since - _BEFORE, until + _AFTER)
            rows += cost_rows(story, line_of(story, quotes, nanoseconds(known)))
            await asyncio.sleep(0)
        if news.parents or news.through != self._through:
            await tables.save(news.parents, rows, news.through)
        self._through = news.through
        self.made += len(news.parents)
        return bool(news.parents)

    def _known(self) -> datetime:
        """Return up to when the market is known: a clock may run ahead of what was stored."""
        known, taped = self._clock.now() - LAG, self._taped()
        return known if taped is None else min(known, moment(taped))

    async def catch_up(self) -> None:
        """Make every cost that can be made now.

        Raises:
            Unavailable: the tables cannot be reached.
        """
        while await self.step():
            pass

    async def run(self) -> None:
        """Keep them true until cancelled; tables that are away are waited for."""
        while True:
            busy = False
            try:
                busy = await self.step()
                self.problem = ""
            except Unavailable as problem:
                self.problem = str(problem)
            await asyncio.sleep(0 if busy else LOOK_SECONDS)

    def part(self) -> Part:
        """Return how it is."""
        detail = self.problem or f"{self.made:,} orders measured"
        return Part(name="costs", kind="tables", healthy=not self.problem, detail=detail)


def span_of(story: CostStory) -> tuple[datetime, datetime]:
    """Return from when to when the market matters: of a stop, from its first fill on."""
    fills = [fill.ts for fill in story.fills]
    starts = [
        min(fills, default=order.submitted_at) if order.route == PROTECTIVE else order.submitted_at
        for order in story.orders
    ]
    ends = [order.closed_at for order in story.orders if order.closed_at is not None]
    return min(starts), max((*starts, *fills, *ends))


def line_of(story: CostStory, quotes: Sequence[Quote], until: int) -> Midline:
    """Return the market around an order: the tape, and the quotes that its decisions saw."""
    points = [
        (
            nanoseconds(quote.ts),
            0 if quote.bid_price is None else price_units(quote.bid_price),
            0 if quote.ask_price is None else price_units(quote.ask_price),
        )
        for quote in quotes
        if quote.ts is not None
    ]
    if len(quotes) >= MOST_QUOTES:  # the rest was not read
        until = min(until, points[-1][0])
    seen = [
        (nanoseconds(at), price_units(bid), price_units(ask))
        for at, bid, ask in decision_points(story.decisions)
    ]
    volumes = {
        nanoseconds(quote.ts): quantity_units(quote.volume)
        for quote in quotes
        if quote.ts is not None and quote.volume is not None
    }
    return midline([*points, *seen], until, volumes=volumes)


__all__ = ["CostKeeper", "Costing", "line_of", "span_of"]
