"""The report on costs as one self-contained page: no request leaves it, no word becomes code."""

from collections.abc import Sequence
from typing import Final

from fillpath.core.listings import QualitySummary
from fillpath.reports import wording
from fillpath.reports.cost_charts import (
    NAME_WIDTH,
    ROW_HEIGHT,
    WIDTH,
    Histogram,
    RouteChart,
    Whisker,
    cost_histogram,
)
from fillpath.reports.cost_report import CostReport
from fillpath.reports.scales import Scale
from fillpath.reports.templating import rendered

MOST_BYTES: Final = 1_000_000
"""The page is smaller than this, whatever it is about."""
MOST_ROWS: Final = 60
MOST_DRAWN: Final = 20
_TOP: Final = 12.0
_BOTTOM: Final = 30.0
_RIGHT: Final = 14.0


def tearsheet(report: CostReport) -> str:
    """Return the page; the same report always gives the same page."""
    tables = {report.by: report.main, **report.tables}
    return rendered(
        "tearsheet.html",
        report=report,
        total=report.total,
        tables={by: rows[-MOST_ROWS:] for by, rows in tables.items()},
        left_out={by: max(len(rows) - MOST_ROWS, 0) for by, rows in tables.items()},
        charts_of={by: chart for by, rows in tables.items() if (chart := chart_of(rows))},
        histogram=_histogram(report),
        largest=max((abs(cause.amount) for cause in report.causes), default=0),
    )


def chart_of(rows: Sequence[QualitySummary]) -> RouteChart | None:
    """Return the mean cost of each row with its interval; None for fewer than two rows."""
    drawn = rows[-MOST_DRAWN:]
    if len(drawn) <= 1:
        return None
    ends = [0.0]
    for row in drawn:
        known = (row.mean_bps, row.low_bps, row.high_bps, row.weighted_bps)
        ends += [value for value in known if value is not None]
    room = max(max(ends) - min(ends), 1.0) * 0.08
    across = Scale(min(ends) - room, max(ends) + room, NAME_WIDTH, WIDTH - _RIGHT)
    return RouteChart(
        width=WIDTH,
        height=int(_TOP + ROW_HEIGHT * len(drawn) + _BOTTOM),
        zero=across.place(0),
        x_ticks=across.ticks(6, signed=True),
        whiskers=[
            _whisker(row, across, _TOP + ROW_HEIGHT * (place + 0.5))
            for place, row in enumerate(drawn)
        ],
    )


def _whisker(row: QualitySummary, across: Scale, y: float) -> Whisker:
    name = row.key or "by hand"
    weighted = row.mean_bps if row.weighted_bps is None else row.weighted_bps
    few = "" if row.enough else "; too few orders to say"
    return Whisker(
        route=name,
        y=y,
        mean=across.place(row.mean_bps),
        low=None if row.low_bps is None else across.place(row.low_bps),
        high=None if row.high_bps is None else across.place(row.high_bps),
        weighted=across.place(weighted),
        n=row.n,
        title=f"{name}: mean {wording.bps(row.mean_bps)} bps of {row.n:,} orders{few}",
    )


def _histogram(report: CostReport) -> Histogram | None:
    return cost_histogram("Cost against the mid at release, bps", report.costs)
