"""What many orders cost, summed up by day, week, symbol, strategy, route, hour or size.

Money is summed exactly; basis points and milliseconds are statistics, so floats. An interval treats
the orders of one day as one draw from the world, because they share its weather.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import sqrt
from statistics import fmean, median
from typing import Final

from fillpath.core.costs import CostFigure, MarkoutFigure, OrderTimes
from fillpath.core.errors import ModelError
from fillpath.core.listings import LatencyStage, MarkoutSummary, QualityBucket, QualitySummary
from fillpath.core.models import ZERO
from fillpath.reports.statistics import percentile, t_975

LEAST_ORDERS: Final = 30
"""Fewer orders say nothing: their interval is shown, and that it means little."""
STAGES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("signal", "received_at", ("signal_at",)),
    ("risk", "decided_at", ("received_at",)),
    ("submit", "released_at", ("decided_at",)),
    ("acknowledge", "acknowledged_at", ("released_at",)),
    ("fill", "first_fill_at", ("acknowledged_at", "released_at")),
    ("last_fill", "last_fill_at", ("first_fill_at",)),
)
"""Each stage, when it ended, and when it began: the first of these moments that is known."""

_SIZES: Final = (
    (Decimal(1_000), "under 1k"),
    (Decimal(10_000), "1k-10k"),
    (Decimal(100_000), "10k-100k"),
    (Decimal(1_000_000), "100k-1M"),
)
_LARGEST: Final = "over 1M"
_MILLISECOND: Final = timedelta(milliseconds=1)


def _size(figure: CostFigure) -> str:
    return next((name for most, name in _SIZES if figure.notional < most), _LARGEST)


def _day(figure: CostFigure) -> date:
    return figure.released_at.astimezone(UTC).date()


def _week(figure: CostFigure) -> str:
    day = _day(figure)
    return (day - timedelta(days=day.weekday())).isoformat()


KEYS: Final[Mapping[str, Callable[[CostFigure], str]]] = {
    "day": lambda figure: _day(figure).isoformat(),
    "week": _week,
    "symbol": lambda figure: figure.symbol,
    "strategy": lambda figure: figure.strategy_name,
    "route": lambda figure: figure.route,
    "hour": lambda figure: f"{figure.released_at.astimezone(UTC):%H}",
    "size": _size,
}
"""How each summary names the bucket of an order."""
ALL: Final = "all"
_SIZE_ORDER: Final = {name: place for place, (_, name) in enumerate((*_SIZES, (ZERO, _LARGEST)))}


def summarised(figures: Iterable[CostFigure], by: str) -> list[QualitySummary]:
    """Return one bucket for each key, in the order of the keys.

    Args:
        figures: one of each parent order that was filled.
        by: ``day``, ``week``, ``symbol``, ``strategy``, ``route``, ``hour`` or ``size``.

    Raises:
        ModelError: there is no such summary.
    """
    name = KEYS.get(by)
    if name is None:
        raise ModelError(f"by must be one of {', '.join(KEYS)}, got {by!r}")
    groups: defaultdict[str, list[CostFigure]] = defaultdict(list)
    for figure in figures:
        groups[name(figure)].append(figure)
    ordered = sorted(groups, key=lambda key: (_SIZE_ORDER.get(key, 0), key))
    found = (bucket(key, groups[key]) for key in ordered)
    return [row for row in found if row is not None]


def bucket(key: str, figures: Sequence[CostFigure]) -> QualitySummary | None:
    """Return what some orders cost, under a name; None where no cost of them is known."""
    known = [(float(f.cost_bps), f) for f in figures if f.cost_bps is not None]
    if not known:
        return None
    costs = [cost for cost, _ in known]
    ends = interval(costs, [_day(figure) for _, figure in known])
    waits = [_wait(figure) for _, figure in known]
    losses = [figure.shortfall for figure in figures if figure.shortfall is not None]
    return QualitySummary(
        key=key,
        n=len(known),
        notional=float(sum(figure.notional for figure in figures)),
        weighted_bps=_weighted(known),
        mean_bps=fmean(costs),
        median_bps=median(costs),
        p95_bps=percentile(costs, 0.95),
        low_bps=None if ends is None else ends[0],
        high_bps=None if ends is None else ends[1],
        enough=len(known) >= LEAST_ORDERS,
        mean_latency_ms=fmean(waits),
        p95_latency_ms=percentile(waits, 0.95),
        fees=sum((figure.fees for figure in figures), ZERO),
        shortfall=sum(losses, ZERO) if losses else None,
        days=len({_day(figure) for figure in figures}),
    )


def _wait(figure: CostFigure) -> float:
    """Return the milliseconds from the signal, or from the release where none is known."""
    began = figure.signal_at or figure.released_at
    return ((figure.last_fill_at or began) - began) / _MILLISECOND


def kept_buckets(kept: Iterable[QualityBucket]) -> list[QualitySummary]:
    """Return what a database kept of days and weeks whose measurements were let go.

    Medians and percentiles of many routes cannot be put together, nor can an interval: the mean
    stands for the first two, and ``enough`` is no.
    """
    groups: defaultdict[str, list[QualityBucket]] = defaultdict(list)
    for row in kept:
        groups[row.bucket.date().isoformat()].append(row)
    return [_together(key, groups[key]) for key in sorted(groups)]


def _together(key: str, rows: Sequence[QualityBucket]) -> QualitySummary:
    n = sum(row.n for row in rows)
    costs = [
        row.mean_slippage_bps
        if row.mean_arrival_slippage_bps is None
        else row.mean_arrival_slippage_bps
        for row in rows
    ]
    mean = sum(cost * row.n for cost, row in zip(costs, rows, strict=True)) / n
    value = sum(row.notional or 0.0 for row in rows)
    paid = sum(cost * (row.notional or 0.0) for cost, row in zip(costs, rows, strict=True))
    return QualitySummary(
        key=key,
        n=n,
        notional=value or None,
        weighted_bps=paid / value if value else None,
        mean_bps=mean,
        median_bps=mean,
        p95_bps=mean,
        low_bps=None,
        high_bps=None,
        enough=False,
        mean_latency_ms=sum(row.mean_fill_latency_ms * row.n for row in rows) / n,
        p95_latency_ms=max(row.max_fill_latency_ms for row in rows),
    )


def interval(values: Sequence[float], days: Sequence[date]) -> tuple[float, float] | None:
    """Return the ends of the 95 % t-interval of the mean, None for a single value.

    Orders of several days are clustered by day; orders of one day stand for themselves, and the
    interval then speaks of that day alone.

    Source:
        Cluster-robust variance of a mean, G / (G - 1) * sum of squared cluster residuals / n^2, with
        G - 1 degrees of freedom (Liang and Zeger 1986; Cameron and Miller 2015, section II). With
        one order a day it is the plain t-interval.
    """
    if len(values) <= 1:
        return None
    clusters: Sequence[object] = days if len(set(days)) > 1 else range(len(values))
    mean = fmean(values)
    residuals: defaultdict[object, float] = defaultdict(float)
    for value, cluster in zip(values, clusters, strict=True):
        residuals[cluster] += value - mean
    count = len(residuals)
    spread = sum(residual**2 for residual in residuals.values())
    deviation = sqrt(count / (count - 1) * spread) / len(values)
    half = t_975(count - 1) * deviation
    return mean - half, mean + half


def markouts_of(
    figures: Sequence[MarkoutFigure], horizons: Iterable[tuple[str, Decimal]]
) -> list[MarkoutSummary]:
    """Return where prices went after fills, by the time that had passed, shortest first.

    An order of which it is not known is left out, never counted as zero.

    Args:
        figures: one of each parent order that was filled.
        horizons: each as it is called in the figures, and in seconds.
    """
    found = []
    for name, seconds in horizons:
        told = [(getattr(one, f"markout_{name}_bps"), one) for one in figures]
        known = [(float(bps), _released(one)) for bps, one in told if bps is not None]
        values = [value for value, _ in known]
        ends = interval(values, [day for _, day in known])
        found.append(
            MarkoutSummary(
                seconds=seconds,
                n=len(values),
                mean_bps=fmean(values) if values else None,
                median_bps=median(values) if values else None,
                low_bps=None if ends is None else ends[0],
                high_bps=None if ends is None else ends[1],
                enough=len(values) >= LEAST_ORDERS,
            )
        )
    return found


def _released(figure: MarkoutFigure) -> date:
    return figure.released_at.astimezone(UTC).date()


def stage_latencies(orders: Sequence[OrderTimes]) -> list[LatencyStage]:
    """Return how long each stage took, in the order in which they come; from recorded times."""
    found = []
    for stage, end, starts in STAGES:
        waits = []
        for order in orders:
            began = next((at for name in starts if (at := getattr(order, name)) is not None), None)
            wait = _ms(began, getattr(order, end))
            if wait is not None:
                waits.append(wait)
        found.append(
            LatencyStage(
                stage=stage,
                n=len(waits),
                median_ms=median(waits) if waits else None,
                p95_ms=percentile(waits, 0.95) if waits else None,
            )
        )
    return found


def _weighted(known: Sequence[tuple[float, CostFigure]]) -> float | None:
    total = float(sum(figure.notional for _, figure in known))
    if not total:
        return None
    return sum(cost * float(figure.notional) for cost, figure in known) / total


def _ms(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start) / _MILLISECOND
