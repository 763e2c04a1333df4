"""The price of a symbol with its bid and ask, and where on it the orders were filled."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from fillpath.core.rows import FillRow, OrderRow
from fillpath.core.units import NANOSECONDS, PRICE_SCALE, nanoseconds
from fillpath.reports import wording
from fillpath.reports.result import PriceSeries, RunResult
from fillpath.reports.scales import Scale, Stretch, Tick, Timeline, joined, timeline

Floats = NDArray[np.float64]

WIDTH: Final = 1_150  # what a panel of the page has room for
HEIGHT: Final = 300
CLOSE_WIDTH: Final = 550
CLOSE_HEIGHT: Final = 230
MOST_SYMBOLS: Final = 8
MOST_MARKERS: Final = 200
MOST_CLOSE_UPS: Final = 6
_LEFT: Final = 64.0
_RIGHT: Final = 12.0
_TOP: Final = 10.0
_BOTTOM: Final = 26.0
_ROOM: Final = 0.06
_MARGIN_NS: Final = 45 * NANOSECONDS
_STRAYS: Final = 0.0005
_SPARSE: Final = 120


class Marker(Struct, frozen=True, kw_only=True):
    """A fill on the chart; ``title`` is its tooltip."""

    x: float
    y: float
    side: str
    title: str


class PriceChart(Struct, frozen=True, kw_only=True):
    """One drawing, in pixels of its own width and height.

    Args:
        title: what it shows.
        width: pixels.
        height: pixels.
        bands: polygons between lowest bid and highest ask of each column.
        mids: lines through the last mid of each column.
        x_ticks: times.
        y_ticks: prices.
        pauses: where nights were left out.
        releases: when each slice was released.
        markers: fills.
        hidden: fills that found no room among the markers.
    """

    title: str
    width: int
    height: int
    bands: tuple[str, ...]
    mids: tuple[str, ...]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    pauses: list[float]
    releases: list[Tick]
    markers: list[Marker]
    hidden: int


class SymbolCharts(Struct, frozen=True, kw_only=True):
    """Everything that is drawn of one symbol: the whole time, and its sliced orders close up."""

    symbol: str
    whole: PriceChart
    close_ups: list[PriceChart]


def symbol_charts(result: RunResult) -> list[SymbolCharts]:
    """Return the charts of the symbols that were traded most, by symbol."""
    fills: defaultdict[str, list[FillRow]] = defaultdict(list)
    for fill in result.fills:
        fills[fill.symbol].append(fill)
    drawable = [symbol for symbol, series in result.prices.items() if len(series.ts)]
    most = sorted(drawable, key=lambda symbol: (-len(fills[symbol]), symbol))[:MOST_SYMBOLS]
    sliced = {symbol: _sliced_parents(result.orders, symbol) for symbol in sorted(most)}
    each = max(MOST_CLOSE_UPS // max(sum(map(bool, sliced.values())), 1), 1)
    return [
        SymbolCharts(
            symbol=symbol,
            whole=_whole(symbol, result.prices[symbol], fills[symbol]),
            close_ups=[
                _close_up(result.prices[symbol], slices, fills[symbol]) for slices in parents[:each]
            ],
        )
        for symbol, parents in sliced.items()
    ]


def _sliced_parents(orders: Iterable[OrderRow], symbol: str) -> list[list[OrderRow]]:
    parents: defaultdict[str, list[OrderRow]] = defaultdict(list)
    for order in orders:
        if order.symbol == symbol and order.slices and order.parent_order_id is not None:
            parents[order.parent_order_id].append(order)
    return list(parents.values())


def _whole(symbol: str, series: PriceSeries, fills: Sequence[FillRow]) -> PriceChart:
    ts = np.asarray(series.ts)
    return _draw(symbol, (WIDTH, HEIGHT), _Quotes.of(series, 0, len(ts)), fills, ())


def _close_up(
    series: PriceSeries, slices: Sequence[OrderRow], fills: Sequence[FillRow]
) -> PriceChart:
    """Draw the life of one sliced order and the quotes around it."""
    names = {order.order_id for order in slices}
    mine = [fill for fill in fills if fill.order_id in names]
    moments = [order.submitted_at for order in slices] + [fill.ts for fill in mine]
    ts = np.asarray(series.ts)
    first = int(np.searchsorted(ts, nanoseconds(min(moments)) - _MARGIN_NS))
    last = int(np.searchsorted(ts, nanoseconds(max(moments)) + _MARGIN_NS))
    # One quote more on each side, because quotes may be further apart than the margin.
    quotes = _Quotes.of(series, max(first - 1, 0), last + 1)
    order = slices[0]
    title = (
        f"{order.parent_order_id}: {order.side} in {order.slices} slices, "
        f"{moments[0]:%Y-%m-%d %H:%M:%S}"
    )
    return _draw(title, (CLOSE_WIDTH, CLOSE_HEIGHT), quotes, mine, slices)


class _Quotes(Struct, frozen=True):
    """A piece of a tape: times and prices of both sides, NaN where a side is missing."""

    ts: NDArray[np.int64]
    bid: Floats
    ask: Floats

    @classmethod
    def of(cls, series: PriceSeries, first: int, last: int) -> "_Quotes":
        """Return the rows from ``first`` to before ``last``."""
        return cls(
            np.asarray(series.ts)[first:last],
            _prices(np.asarray(series.bid)[first:last]),
            _prices(np.asarray(series.ask)[first:last]),
        )


def _prices(units: NDArray[np.int64]) -> Floats:
    prices: Floats = np.where(units > 0, units / PRICE_SCALE, np.nan)
    return prices


def _draw(
    title: str,
    size: tuple[int, int],
    quotes: _Quotes,
    fills: Sequence[FillRow],
    slices: Sequence[OrderRow],
) -> PriceChart:
    width, height = size
    time = timeline(quotes.ts, _LEFT, width - _RIGHT)
    price = _price_scale(quotes, fills, height)
    pieces = [_columns(quotes, stretch, price) for stretch in time.stretches]
    shown = _spread_out(fills)
    return PriceChart(
        title=title,
        width=width,
        height=height,
        bands=tuple(band for band, _ in pieces),
        mids=tuple(mid for _, mid in pieces),
        x_ticks=time.ticks(),
        y_ticks=price.ticks(7 if height == HEIGHT else 5),
        pauses=time.pauses(),
        releases=[
            Tick(time.place(nanoseconds(order.submitted_at)), _release(order)) for order in slices
        ],
        markers=[_marker(fill, time, price) for fill in shown],
        hidden=len(fills) - len(shown),
    )


def _price_scale(quotes: _Quotes, fills: Sequence[FillRow], height: int) -> Scale:
    """Return a scale that shows all but the strays, and every fill."""
    known = np.concatenate((quotes.bid, quotes.ask))
    known = known[~np.isnan(known)]
    ends = [float(fill.price) for fill in fills]
    if known.size:
        ends += np.quantile(known, (_STRAYS, 1 - _STRAYS)).tolist()
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    room = (high - low) * _ROOM or max(high * 1e-4, 0.01)
    return Scale(low - room, high + room, height - _BOTTOM, _TOP)


def _columns(quotes: _Quotes, stretch: Stretch, price: Scale) -> tuple[str, str]:
    """Return band and mid line of a stretch, one point for each pixel column with quotes."""
    rows = slice(stretch.first, stretch.last)
    ts, bid, ask = quotes.ts[rows], quotes.bid[rows], quotes.ask[rows]
    usable = ~np.isnan(bid) & ~np.isnan(ask)
    ts, bid, ask = ts[usable], bid[usable], ask[usable]
    if not ts.size:
        return "", ""
    pixels = max(int(stretch.right - stretch.left), 1)
    share = (ts - stretch.start) / max(stretch.end - stretch.start, 1)
    column = (share * pixels).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    ends = np.append(starts[1:], ts.size) - 1
    x = [round(stretch.left + value, 1) for value in column[starts].tolist()]
    lows, highs, mids = (
        _steps([(at, price.place(value)) for at, value in zip(x, values.tolist(), strict=True)])
        for values in (
            np.minimum.reduceat(bid, starts),
            np.maximum.reduceat(ask, starts),
            ((bid + ask) / 2)[ends],
        )
    )
    return joined([*highs, *reversed(lows)]), joined(mids)


def _steps(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a line that stays where it is until the next quote, where quotes are far apart."""
    if len(points) > _SPARSE:
        return points
    corners = [(after[0], before[1]) for before, after in pairwise(points)]
    return [point for pair in zip(points, [*corners, points[-1]], strict=True) for point in pair]


def _spread_out(fills: Sequence[FillRow]) -> list[FillRow]:
    """Return at most ``MOST_MARKERS`` fills, evenly chosen."""
    step = max(-(-len(fills) // MOST_MARKERS), 1)
    return list(fills[::step])


def _marker(fill: FillRow, time: Timeline, price: Scale) -> Marker:
    return Marker(
        x=time.place(nanoseconds(fill.ts)),
        y=price.place(float(fill.price)),
        side=fill.side,
        title=(
            f"{fill.side} {wording.shares(fill.quantity)} at {wording.price(fill.price)}, "
            f"{wording.clock(fill.ts)} UTC, {fill.order_id}"
        ),
    )


def _release(order: OrderRow) -> str:
    released: datetime = order.submitted_at
    return (
        f"slice {order.slice} of {order.slices}: {wording.shares(order.quantity)} released "
        f"{released:%H:%M:%S}, {order.status}"
    )
