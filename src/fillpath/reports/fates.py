"""What became of the signals of a run, for people: how many, why, and the first of each in words."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from fillpath.reports.result import RunResult


class Fate(Struct, frozen=True, kw_only=True):
    """What became of some signals.

    Args:
        reason: code of the refusal; empty for those that became orders.
        count: signals.
        first_at: when the first one was refused; None for orders.
        text: the first one in words, with its numbers.
    """

    reason: str
    count: int
    first_at: datetime | None = None
    text: str = ""


def fates_of(runs: Sequence[RunResult]) -> list[Fate]:
    """Return what became of all signals: the orders, then each refusal, the most frequent first."""
    counts: Counter[str] = Counter()
    for run in runs:
        counts.update(run.signals.refused)
    ordered = sum(run.signals.ordered for run in runs)
    if not ordered and not counts:
        return []
    refused = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [Fate(reason="", count=ordered), *(_told(runs, *one) for one in refused)]


def stops_of(fates: Sequence[Fate], latches: Callable[[str], bool]) -> list[str]:
    """Return one sentence for everything that switched trading off, because nobody resumes it here.

    Args:
        fates: what became of the signals.
        latches: whether refusals with a code come from something that stays until a person ends it.
    """
    return [
        f"{fate.count:,} signals from {fate.first_at:%Y-%m-%d %H:%M} on were refused, and a backtest "
        f"has nobody who would resume trading: {fate.text} ({fate.reason})"
        for fate in fates
        if fate.first_at is not None and latches(fate.reason)
    ]


def _told(runs: Sequence[RunResult], reason: str, count: int) -> Fate:
    rows = (row for run in runs for row in run.decisions if row.reason == reason)
    first = next(rows, None)
    if first is None:
        return Fate(reason=reason, count=count)
    return Fate(reason=reason, count=count, first_at=first.ts, text=first.text)


__all__ = ["Fate", "fates_of", "stops_of"]
