"""What the orders of a replay cost: the same figures as live, from the recording instead of a tape."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

import numpy as np

from fillpath.core.costs import CostStory, OrderCostRow
from fillpath.core.rows import DecisionRow, FillRow, OrderRow, QualityRow
from fillpath.core.units import NANOSECONDS
from fillpath.execution.costing import cost_rows
from fillpath.execution.midline import UNKNOWN, Midline
from fillpath.reports.result import PriceSeries, RunResult

R = TypeVar("R", FillRow, DecisionRow, QualityRow)

LONGEST_GAP: Final = 3_600 * NANOSECONDS
"""A recording holds changes, so that a quote stands until the next one; but not over a night."""


def costs_of(result: RunResult) -> list[OrderCostRow]:
    """Return what every parent order and every slice of a run cost, in the order of sending.

    The orders of a run have no time of acknowledgement: the simulated broker has them at once.
    """
    lines = {symbol: line_of(series) for symbol, series in result.prices.items()}
    found: list[OrderCostRow] = []
    for story in stories_of(result):
        found += cost_rows(story, lines.get(story.orders[0].symbol, UNKNOWN))
    return found


def line_of(series: PriceSeries) -> Midline:
    """Return recorded quotes as a line; their columns are not copied."""
    ats, bids, asks = (
        np.ascontiguousarray(column).data for column in (series.ts, series.bid, series.ask)
    )
    until = int(ats[-1]) if len(ats) else 0
    return Midline(ats=ats, bids=bids, asks=asks, until=until, longest_gap=LONGEST_GAP)


def stories_of(result: RunResult) -> list[CostStory]:
    """Return what was written down about each parent, in the order of sending."""
    orders: defaultdict[str, list[OrderRow]] = defaultdict(list)
    for row in result.orders:
        orders[row.parent_order_id or row.order_id].append(row)
    parents = {row.order_id: parent for parent, rows in orders.items() for row in rows}
    parents |= {parent: parent for parent in orders}
    fills: Mapping[str, list[FillRow]] = _by_parent(result.fills, parents)
    decisions: Mapping[str, list[DecisionRow]] = _by_parent(result.decisions, parents)
    quality: Mapping[str, list[QualityRow]] = _by_parent(result.quality, parents)
    return [
        CostStory(
            parent_id=parent,
            orders=rows,
            fills=fills[parent],
            decisions=decisions[parent],
            quality=quality[parent],
        )
        for parent, rows in orders.items()
    ]


def _by_parent(rows: Iterable[R], parents: Mapping[str, str]) -> defaultdict[str, list[R]]:
    """Return rows by the parent that they are about; those about nothing that was sent left out."""
    found: defaultdict[str, list[R]] = defaultdict(list)
    for row in rows:
        parent = parents.get(row.order_id)
        if parent is not None:
            found[parent].append(row)
    return found
