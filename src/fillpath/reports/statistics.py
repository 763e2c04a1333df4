"""Sums up measurements by route: floats, because a statistic decides nothing here."""

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, fmean, median, stdev
from typing import Final

from msgspec import Struct

from fillpath.core.rows import OrderRow, QualityRow
from fillpath.reports.result import ORDERED, RunResult

ROUTES: Final = ("urgent", "wide", "twap", "passive", "default")
"""The rows of the routing table, in its order."""

# Upper 2.5 % points of Student's t for 1 to 30 degrees of freedom (any table of the distribution).
_T_975: Final = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
)  # fmt: skip
_Z_975: Final = NormalDist().inv_cdf(0.975)
_SAMPLES_FACTOR: Final = 15.7
"""Orders per arm = 15.7 (sd / difference)^2 for 80 % power at 5 % (two arms, normal means)."""


class Spread(Struct, frozen=True, kw_only=True):
    """How one measure is distributed; None where there are too few values to say.

    Args:
        n: how many values.
        mean: their mean.
        median: their middle.
        low: lower end of the 95 % t-interval of the mean; needs 2 values.
        high: its upper end.
        p95: 95th percentile, linear between ranks.
        sd: sample standard deviation; needs 2 values.
    """

    n: int
    mean: float | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    p95: float | None = None
    sd: float | None = None


class RouteSummary(Struct, frozen=True, kw_only=True):
    """How one row of the routing table did.

    Args:
        route: the row, or ``all``.
        orders: orders sent, slices included.
        filled_share: shares filled of the shares that the parent orders asked for, 1 = 100 %; what
            one slice left and another took over counts once. None when nothing was asked for.
        notional: account currency traded.
        slippage: cost in bps against the expected price.
        arrival: cost in bps against the signal price.
        weighted_arrival_bps: cost against the signal price, weighted by notional.
        latency_ms: signal to last fill.
    """

    route: str
    orders: int
    filled_share: float | None
    notional: float
    slippage: Spread
    arrival: Spread
    weighted_arrival_bps: float | None
    latency_ms: Spread


def summarise_routes(result: RunResult) -> list[RouteSummary]:
    """Return one summary for each route that was taken, in the table's order, then ``all``."""
    orders = orders_sent(result)
    measured = measurements(result)
    taken = {row.route for row in orders} | {row.route for row in measured}
    names = [name for name in ROUTES if name in taken] + sorted(taken.difference(ROUTES))
    wanted = _wanted(result)
    summaries = [
        _summary(
            name,
            [row for row in orders if row.route == name],
            [row for row in measured if row.route == name],
            wanted,
        )
        for name in names
    ]
    return [*summaries, _summary("all", orders, measured, wanted)]


def orders_sent(result: RunResult) -> list[OrderRow]:
    """Return the orders that went to the broker, without the parents that were only sliced."""
    parents = {row.parent_order_id for row in result.orders}
    return [row for row in result.orders if row.order_id not in parents]


def measurements(result: RunResult) -> list[QualityRow]:
    """Return the measurements of the orders that went to the broker."""
    parents = {row.parent_order_id for row in result.quality}
    return [row for row in result.quality if row.order_id not in parents]


def describe(values: Sequence[float]) -> Spread:
    """Return how the values are distributed."""
    if not values:
        return Spread(n=0)
    n, mean = len(values), fmean(values)
    sd = stdev(values) if n > 1 else None
    half = None if sd is None else t_975(n - 1) * sd / sqrt(n)
    return Spread(
        n=n,
        mean=mean,
        median=median(values),
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
        p95=percentile(values, 0.95),
        sd=sd,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie, linear between ranks (type 7)."""
    ranked = sorted(values)
    place = (len(ranked) - 1) * share
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)


def t_975(degrees: int) -> float:
    """Return the upper 2.5 % point of Student's t.

    Source:
        Cornish-Fisher expansion about the normal above 30 degrees of freedom (Abramowitz and
        Stegun 26.7.5), right to the fourth decimal there.
    """
    if degrees <= len(_T_975):
        return _T_975[degrees - 1]
    z = _Z_975
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / degrees + second / degrees**2


def orders_to_tell_apart(sd_bps: float, difference_bps: float) -> int:
    """Return how many orders each of two routes needs before such a difference means anything.

    Source:
        Two-sample size for 80 % power at the 5 % level: 2 (1.96 + 0.84)^2 (sd / difference)^2.
    """
    return round(_SAMPLES_FACTOR * (sd_bps / difference_bps) ** 2)


def _wanted(result: RunResult) -> dict[str, float]:
    """Return the shares that each parent order was decided to trade, by its name."""
    return {
        row.order_id: float(row.quantity)
        for row in result.decisions
        if row.stage == "SIGNAL" and row.outcome in ORDERED
    }


def _summary(
    route: str, orders: list[OrderRow], measured: list[QualityRow], wanted: dict[str, float]
) -> RouteSummary:
    arrivals = [
        (float(row.arrival_slippage_bps), float(row.notional))
        for row in measured
        if row.arrival_slippage_bps is not None
    ]
    return RouteSummary(
        route=route,
        orders=len(orders),
        filled_share=_filled_share(orders, wanted),
        notional=float(sum(row.notional for row in measured)),
        slippage=describe([float(row.slippage_bps) for row in measured]),
        arrival=describe([cost for cost, _ in arrivals]),
        weighted_arrival_bps=_weighted(arrivals),
        latency_ms=describe([float(row.fill_latency_ms) for row in measured]),
    )


def _filled_share(orders: list[OrderRow], wanted: dict[str, float]) -> float | None:
    sent: defaultdict[str, float] = defaultdict(float)
    for row in orders:
        sent[row.parent_order_id or row.order_id] += float(row.quantity)
    asked = sum(wanted.get(name, shares) for name, shares in sent.items())
    return float(sum(row.filled_quantity for row in orders)) / asked if asked else None


def _weighted(costs: Sequence[tuple[float, float]]) -> float | None:
    total = sum(notional for _, notional in costs)
    return sum(bps * notional for bps, notional in costs) / total if total else None
