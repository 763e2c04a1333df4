"""What is computed from rows for whoever shows it: summaries, latency, costs, quotes, lots, profit.

Every answer is made from the tables alone, so it is the same for the dashboard and for the report,
and needs no engine. Every call raises ``Unavailable`` when the tables are away.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

from fillpath.core.costs import OrderCostRow
from fillpath.core.listings import (
    EVERYTHING,
    LatencyStage,
    LotRow,
    Mark,
    Markout,
    MarkoutSummary,
    OrderCosts,
    ProfitRow,
    QualityBucket,
    QualitySummary,
    QuotePoint,
    Wanted,
)
from fillpath.core.models import Quote
from fillpath.data.store.reader import SqlReader
from fillpath.execution.markouts import HORIZONS
from fillpath.reports.aggregates import kept_buckets, markouts_of, stage_latencies, summarised
from fillpath.reports.lots import Matched, matched, profits, tax_csv

MOST_POINTS: Final = 4_000
"""Quotes of one answer at most: more than a screen has columns."""
_NANOSECONDS: Final = Decimal(10**9)


class ReaderOf(Protocol):
    """Tables that may not be there yet."""

    @property
    def reader(self) -> SqlReader:
        """Return their reader; raise ``Unavailable`` when there is nothing to read yet."""
        ...


class Measures:
    """Compute from the tables of accounts.

    Args:
        tables: of the accounts.
    """

    def __init__(self, tables: ReaderOf) -> None:
        self._tables = tables

    async def summary(
        self, account: str, by: str, wanted: Wanted = EVERYTHING, measure: str = "arrival_bps"
    ) -> list[QualitySummary]:
        """Return what orders cost by what they share, in the order of the keys.

        Days and weeks whose measurements were let go come from what the database kept of them, which
        is the cost against the expected price.

        Args:
            account: whose.
            by: ``day``, ``week``, ``symbol``, ``strategy``, ``route``, ``hour`` or ``size``.
            wanted: which orders.
            measure: the benchmark, a column of ``order_costs`` that ends in ``_bps``, or
                ``slippage_bps`` for the expected price.

        Raises:
            ModelError: there is no such summary or measure.
        """
        reader = self._tables.reader
        rows = summarised(await reader.cost_figures(account, wanted, measure), by)
        if measure != "slippage_bps":  # two benchmarks in one list could not be told apart
            return rows
        kept = await self._kept(account, by, wanted)
        known = {row.key for row in rows}
        older = [row for row in kept_buckets(kept) if row.key not in known]
        return sorted([*older, *rows], key=lambda row: row.key) if older else rows

    async def latency(self, account: str, wanted: Wanted = EVERYTHING) -> list[LatencyStage]:
        """Return how long each stage between signal and fill took, in their order."""
        return stage_latencies(await self._tables.reader.order_times(account, wanted))

    async def markouts(self, account: str, wanted: Wanted = EVERYTHING) -> list[MarkoutSummary]:
        """Return where prices went after the fills, by the time that had passed."""
        figures = await self._tables.reader.markout_figures(account, wanted)
        return markouts_of(
            figures, ((name, Decimal(after) / _NANOSECONDS) for name, after in HORIZONS)
        )

    async def costs(self, account: str, order_id: str) -> OrderCosts | None:
        """Return what an order cost and where, None while that is not known."""
        rows = await self._tables.reader.costs_of(account, order_id)
        return next((costs_of(row) for row in rows if row.order_id == order_id), None)

    async def quotes(self, symbol: str, since: datetime, until: datetime) -> list[QuotePoint]:
        """Return the best prices of a time, oldest first; none where nobody kept them."""
        quotes = await self._tables.reader.quotes(symbol, since, until)
        return [
            QuotePoint(quote.ts, quote.bid_price, quote.ask_price)
            for quote in thinned(quotes, MOST_POINTS)
            if quote.ts is not None
        ]

    async def marks(self, symbols: Iterable[str]) -> dict[str, Mark]:
        """Return the newest mid of each symbol; none where nobody kept its prices."""
        return await self._tables.reader.last_mids(symbols)

    async def profit(self, account: str, by: str) -> list[ProfitRow]:
        """Return realised and unrealised profit by ``strategy`` or ``symbol``, at the last mids."""
        found = await self._matched(account, by_strategy=by == "strategy")
        held = {row.symbol for row in found.open}
        marks = await self._tables.reader.last_mids(held)
        return profits(found, by, {symbol: mark.price for symbol, mark in marks.items()})

    async def lots(self, account: str) -> list[LotRow]:
        """Return every lot: open ones first, then closed ones, newest closing first."""
        found = await self._matched(account, by_strategy=False)
        return [*found.open, *reversed(found.closed)]

    def tax_file(self, closed: Iterable[LotRow]) -> str:
        """Return closed lots as the CSV file of a tax return."""
        return tax_csv(closed)

    async def _matched(self, account: str, *, by_strategy: bool) -> Matched:
        fills, changes = await self._tables.reader.lot_inputs(account)
        return matched(fills, changes, by_strategy=by_strategy)

    async def _kept(self, account: str, by: str, wanted: Wanted) -> list[QualityBucket]:
        """Return what the database keeps of days and weeks, where it can be asked for the same."""
        same = Wanted(
            symbol=wanted.symbol, route=wanted.route, since=wanted.since, until=wanted.until
        )
        if wanted != same or by not in {"day", "week"}:
            return []
        reader = self._tables.reader
        read = reader.quality_by_day if by == "day" else reader.quality_by_week
        return await read(account, wanted)


def costs_of(row: OrderCostRow) -> OrderCosts:
    """Return what is shown of a row of costs."""
    return OrderCosts(
        delay=row.delay,
        execution=row.execution,
        opportunity=row.opportunity,
        fees=row.fees,
        total=row.shortfall,
        total_bps=row.shortfall_bps,
        interval_vwap_bps=row.vwap_bps,
        interval_twap_bps=row.twap_bps,
        effective_spread_bps=row.effective_spread_bps,
        realized_spread_bps=row.realised_spread_bps,
        markouts=tuple(
            Markout(Decimal(after) / _NANOSECONDS, getattr(row, f"markout_{name}_bps"))
            for name, after in HORIZONS
        ),
    )


def thinned(quotes: Sequence[Quote], most: int) -> list[Quote]:
    """Return at most so many of them, evenly, the last one among them."""
    if len(quotes) <= most:
        return list(quotes)
    step = -(-len(quotes) // (most - 1))
    kept = list(quotes[::step])
    return kept if kept[-1] is quotes[-1] else [*kept, quotes[-1]]


__all__ = ["Measures", "ReaderOf", "costs_of", "thinned"]
