"""One self-contained HTML page: no request leaves it, and no word in it can become code."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from fillpath.reports.alerts import alert_groups
from fillpath.reports.cost_charts import (
    Histogram,
    cost_histogram,
    latencies,
    order_latencies,
    route_chart,
    wait_histogram,
)
from fillpath.reports.price_charts import symbol_charts
from fillpath.reports.result import RunResult
from fillpath.reports.statistics import (
    ROUTES,
    RouteSummary,
    measurements,
    orders_to_tell_apart,
    summarise_routes,
)
from fillpath.reports.stories import stories
from fillpath.reports.templating import rendered

MOST_STORIES: Final = 200
MOST_ALERTS: Final = 20
"""Of each kind."""
_MODES: Final = {
    "REPLAY": "recorded market, simulated fills",
    "SIM": "modelled market, simulated fills",
}
_NEEDS_MANY: Final = 1.0
"""Difference in bps that the remark on sample size asks about."""


class _Period(Struct, frozen=True):
    """From the first to the last thing that happened."""

    start: datetime | None
    end: datetime | None


def render(result: RunResult) -> str:
    """Return the page; the same result always gives the same page."""
    summaries = summarise_routes(result)
    told = stories(result, MOST_STORIES)
    return rendered(
        "report.html",
        result=result,
        facts=result.facts,
        mode_text=_MODES.get(result.facts.mode, "simulated fills"),
        period=_period(result),
        summaries=summaries,
        total=summaries[-1],
        remark=_sample_size(summaries[-1]),
        route_chart=route_chart(summaries),
        histograms=_histograms(result),
        symbols=symbol_charts(result),
        stories=told,
        untold=result.signals.received - len(told),
        alert_groups=alert_groups(result.alerts, MOST_ALERTS),
    )


def _period(result: RunResult) -> _Period:
    moments = [row.ts for row in result.decisions] + [row.ts for row in result.fills]
    return _Period(min(moments, default=None), max(moments, default=None))


def _sample_size(total: RouteSummary) -> str:
    """Return how many orders it takes before a small difference between routes means anything."""
    deviation = total.arrival.sd
    if not deviation:
        return ""
    needed = orders_to_tell_apart(deviation, _NEEDS_MANY)
    return (
        f"Single orders scatter by {deviation:.1f} bps (one standard deviation), so it takes about "
        f"{needed:,} orders on each of two routes to tell a difference of 1 bp from chance."
    )


def _histograms(result: RunResult) -> list[Histogram]:
    measured = measurements(result)
    routes = [*ROUTES, *sorted({row.route for row in measured}.difference(ROUTES))]
    costs = (
        ("Slippage against the expected price, bps", [row.slippage_bps for row in measured]),
        ("Arrival cost against the signal price, bps", [r.arrival_slippage_bps for r in measured]),
        ("Cost against the mid when it was sent, bps", [row.mid_slippage_bps for row in measured]),
    )
    drawn = [
        cost_histogram(title, [float(value) for value in values if value is not None])
        for title, values in costs
    ]
    drawn.append(wait_histogram("Signal to last fill, orders", latencies(measured), routes))
    drawn.append(wait_histogram("Sending to last fill, orders", order_latencies(measured), routes))
    return [histogram for histogram in drawn if histogram is not None]
