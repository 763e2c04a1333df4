"""Costs and waiting times as drawings: histograms, and each route's mean with its interval."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from fillpath.core.rows import QualityRow
from fillpath.reports import wording
from fillpath.reports.scales import Scale, Tick, round_step
from fillpath.reports.statistics import RouteSummary, percentile

WIDTH: Final = 550
HISTOGRAM_HEIGHT: Final = 200
_LEFT: Final = 40.0
_RIGHT: Final = 14.0
_TOP: Final = 12.0
_BOTTOM: Final = 30.0
_BINS: Final = 24
ROW_HEIGHT: Final = 34
NAME_WIDTH: Final = 86.0

WAITS: Final = (
    ("up to 1 s", 1_000.0),
    ("1 to 5 s", 5_000.0),
    ("5 s to 1 min", 60_000.0),
    ("1 to 5 min", 300_000.0),
    ("over 5 min", float("inf")),
)


class Bar(Struct, frozen=True, kw_only=True):
    """A rectangle with its tooltip; ``kind`` is what colours it."""

    x: float
    y: float
    width: float
    height: float
    title: str
    kind: str = ""


class Histogram(Struct, frozen=True, kw_only=True):
    """How often each range of values occurred.

    Args:
        title: what is counted.
        n: how many values.
        bars: one for each range that occurred.
        x_ticks: values, or the names of the ranges.
        y_ticks: counts.
        zero: pixel of the value 0; None where it is not shown.
    """

    title: str
    n: int
    bars: list[Bar]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    zero: float | None
    width: int = WIDTH
    height: int = HISTOGRAM_HEIGHT


class Whisker(Struct, frozen=True, kw_only=True):
    """One route: its mean, and the ends of its interval where there is one."""

    route: str
    y: float
    mean: float
    low: float | None
    high: float | None
    weighted: float
    n: int
    title: str


class RouteChart(Struct, frozen=True, kw_only=True):
    """The mean arrival cost of each route with its 95 % interval."""

    width: int
    height: int
    zero: float
    x_ticks: list[Tick]
    whiskers: list[Whisker]


def cost_histogram(title: str, values: Sequence[float]) -> Histogram | None:
    """Return how costs in bps are distributed; the outer bins hold everything beyond them."""
    if not values:
        return None
    low = min(percentile(values, 0.01), 0.0)
    high = max(percentile(values, 0.99), 0.0)
    step = round_step(max(high - low, 1.0) / _BINS)
    first, last = int(low // step), int(high // step) + 1
    counts: dict[int, int] = {}
    for value in values:
        number = min(max(int(value // step), first), last - 1)
        counts[number] = counts.get(number, 0) + 1
    across = Scale(first * step, last * step, _LEFT, WIDTH - _RIGHT)
    up = Scale(0, max(counts.values()), HISTOGRAM_HEIGHT - _BOTTOM, _TOP)
    bars = [
        _bar(across, up, (number * step, (number + 1) * step), count)
        for number, count in sorted(counts.items())
    ]
    return Histogram(
        title=title,
        n=len(values),
        bars=bars,
        x_ticks=across.ticks(6, signed=True),
        y_ticks=_count_ticks(up),
        zero=across.place(0),
    )


def _bar(across: Scale, up: Scale, ends: tuple[float, float], count: int) -> Bar:
    low, high = ends
    left, right = across.place(low), across.place(high)
    return Bar(
        x=left + 0.5,
        y=up.place(count),
        width=round(max(right - left - 1, 1), 1),
        height=round(up.start - up.place(count), 1),
        title=f"{count:,} from {wording.bps(low)} to {wording.bps(high)} bps",
        # What is next to 0 is neither.
        kind="cost" if low > 0 else "gain" if high <= 0 else "",
    )


def _count_ticks(up: Scale) -> list[Tick]:
    step = max(round_step(up.high / 4), 1.0)
    whole = [number * round(step) for number in range(int(up.high // round(step)) + 1)]
    return [Tick(up.place(value), f"{value:,}") for value in whole]


def route_chart(summaries: Sequence[RouteSummary]) -> RouteChart | None:
    """Return each route's mean arrival cost with its interval."""
    rows = [row for row in summaries if row.arrival.mean is not None]
    if not rows:
        return None
    ends = [0.0]
    for row in rows:
        ends += [value for value in _values(row) if value is not None]
    room = max(max(ends) - min(ends), 1.0) * 0.08
    across = Scale(min(ends) - room, max(ends) + room, NAME_WIDTH, WIDTH - _RIGHT)
    height = int(_TOP + ROW_HEIGHT * len(rows) + _BOTTOM)
    return RouteChart(
        width=WIDTH,
        height=height,
        zero=across.place(0),
        x_ticks=across.ticks(6, signed=True),
        whiskers=[
            _whisker(row, across, _TOP + ROW_HEIGHT * (number + 0.5))
            for number, row in enumerate(rows)
        ],
    )


def _values(row: RouteSummary) -> tuple[float | None, ...]:
    return row.arrival.mean, row.arrival.low, row.arrival.high, row.weighted_arrival_bps


def _whisker(row: RouteSummary, across: Scale, y: float) -> Whisker:
    arrival = row.arrival
    interval = (
        "one order has no interval"
        if arrival.low is None
        else f"95 % interval {wording.bps(arrival.low)} to {wording.bps(arrival.high)}"
    )
    return Whisker(
        route=row.route,
        y=y,
        mean=across.place(arrival.mean or 0),
        low=None if arrival.low is None else across.place(arrival.low),
        high=None if arrival.high is None else across.place(arrival.high),
        weighted=across.place(row.weighted_arrival_bps or 0),
        n=arrival.n,
        title=(
            f"{row.route}: mean {wording.bps(arrival.mean)} bps of {arrival.n:,} orders, "
            f"{interval}; weighted by value {wording.bps(row.weighted_arrival_bps)}"
        ),
    )


def wait_histogram(
    title: str, waits: Sequence[tuple[str, float]], routes: Sequence[str]
) -> Histogram | None:
    """Return how long orders waited, each bar divided by route.

    Args:
        title: what was waited for.
        waits: route and milliseconds of each order.
        routes: the order in which the routes are stacked.
    """
    if not waits:
        return None
    counts = [[0] * len(routes) for _ in WAITS]
    for route, wait in waits:
        bucket = next(number for number, (_, most) in enumerate(WAITS) if wait <= most)
        counts[bucket][routes.index(route)] += 1
    up = Scale(0, max(sum(row) for row in counts), HISTOGRAM_HEIGHT - _BOTTOM, _TOP)
    slot = (WIDTH - _LEFT - _RIGHT) / len(WAITS)
    bars = []
    for number, row in enumerate(counts):
        below = 0
        for route, count in zip(routes, row, strict=True):
            if count:
                top, bottom = up.place(below + count), up.place(below)
                bars.append(
                    Bar(
                        x=round(_LEFT + slot * (number + 0.15), 1),
                        y=top,
                        width=round(slot * 0.7, 1),
                        height=round(bottom - top, 1),
                        title=f"{route}: {count:,} orders, {WAITS[number][0]}",
                        kind=route,
                    )
                )
                below += count
    return Histogram(
        title=title,
        n=len(waits),
        bars=bars,
        x_ticks=[
            Tick(round(_LEFT + slot * (number + 0.5), 1), name)
            for number, (name, _) in enumerate(WAITS)
        ],
        y_ticks=_count_ticks(up),
        zero=None,
    )


def latencies(measured: Sequence[QualityRow]) -> list[tuple[str, float]]:
    """Return route and milliseconds from the signal to the last fill of each order."""
    return [(row.route, float(row.fill_latency_ms)) for row in measured]


def order_latencies(measured: Sequence[QualityRow]) -> list[tuple[str, float]]:
    """Return route and milliseconds from sending to the last fill of each order."""
    return [(row.route, float(row.order_latency_ms)) for row in measured]
