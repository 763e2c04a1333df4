"""The story of each signal, from what was asked to what was paid: why did it do that?"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.rows import DecisionRow, OrderRow, QualityRow
from fillpath.reports.result import DUPLICATE, ORDERED, RunResult

FINAL: Final = "SIGNAL"
_OBJECTIONS: Final = frozenset({"REFUSED", "EXPIRED"})

Name = tuple[str, str]


class Limit(Struct, frozen=True, kw_only=True):
    """What one sizing limit allowed.

    Args:
        name: the limit.
        shares: what it allowed.
        share: of the most generous limit, 0 to 1.
        bound: whether it set the size.
    """

    name: str
    shares: Decimal
    share: float
    bound: bool


class Child(Struct, frozen=True, kw_only=True):
    """One order of the story, with what it cost where it was filled."""

    order: OrderRow
    quality: QualityRow | None


class Story(Struct, frozen=True, kw_only=True):
    """Everything that was decided about one signal.

    Args:
        decision: the decision that settled it; the last hold when nothing did.
        outcome: ``ordered``, ``refused`` or ``held``.
        limits: what each sizing limit allowed.
        events: the other decisions about it, oldest first.
        children: the orders that were sent for it.
    """

    decision: DecisionRow
    outcome: str
    limits: list[Limit]
    events: list[DecisionRow]
    children: list[Child]

    @property
    def filled(self) -> Decimal:
        """Return the shares filled by all its orders."""
        return sum((child.order.filled_quantity for child in self.children), Decimal(0))

    @property
    def ended_at(self) -> datetime:
        """Return when the last order of the story ended, or when it was decided."""
        ends = (child.order.closed_at or child.order.submitted_at for child in self.children)
        return max(ends, default=self.decision.ts)


class _Chapter(Struct):
    decisions: list[DecisionRow]


def stories(result: RunResult, most: int) -> list[Story]:
    """Return the stories of the first ``most`` signals, in the order they were first looked at."""
    chapters: dict[Name | int, _Chapter] = {}
    for number, decision in enumerate(result.decisions):
        # A second signal of the same name was refused and is a story of its own.
        name = number if decision.reason == DUPLICATE else _name(decision)
        if name in chapters:
            chapters[name].decisions.append(decision)
        elif len(chapters) < most:
            chapters[name] = _Chapter([decision])
    orders: defaultdict[Name, list[OrderRow]] = defaultdict(list)
    for order in result.orders:
        if (order.strategy_name, order.signal_id) in chapters:
            orders[order.strategy_name, order.signal_id].append(order)
    measured = {row.order_id: row for row in result.quality}
    return [
        _story(chapter, [] if isinstance(name, int) else orders[name], measured)
        for name, chapter in chapters.items()
    ]


def _name(decision: DecisionRow) -> Name:
    return decision.strategy_name, decision.signal_id


def _story(chapter: _Chapter, orders: Iterable[OrderRow], measured: dict[str, QualityRow]) -> Story:
    settling = _settling(chapter.decisions)
    return Story(
        decision=settling,
        outcome=_outcome(settling),
        limits=_limits(settling),
        events=[decision for decision in chapter.decisions if decision is not settling],
        children=[Child(order=order, quality=measured.get(order.order_id)) for order in orders],
    )


def _settling(decisions: list[DecisionRow]) -> DecisionRow:
    """Return the decision that made it an order, else the last that refused or held it."""
    ordered = [row for row in decisions if row.stage == FINAL and row.outcome in ORDERED]
    return ordered[0] if ordered else decisions[-1]


def _outcome(decision: DecisionRow) -> str:
    if decision.outcome in ORDERED:
        return "ordered"
    return "refused" if decision.outcome in _OBJECTIONS else "held"


def _limits(decision: DecisionRow) -> list[Limit]:
    most = max(decision.sizing.values(), default=Decimal(0)) or Decimal(1)
    return [
        Limit(name=name, shares=shares, share=float(shares / most), bound=name == decision.bound)
        for name, shares in decision.sizing.items()
    ]
