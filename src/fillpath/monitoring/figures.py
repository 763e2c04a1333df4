"""Count what passes, with plain numbers: a scrape reads them, and the engine never waits for one."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final, Protocol

from fillpath.core.commands import Intent, OrderClosed, Projection, QualityMeasured, RaiseAlarm
from fillpath.core.events import Event, OrderFilled
from fillpath.core.ports import Journal, JournalTail
from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.catalogue import METRICS
from fillpath.monitoring.kinds import kind_of

MOST_SERIES: Final = 100
"""Label values of one figure; what comes beyond is counted under ``other``."""
OTHER: Final = "other"


class Histogram:
    """Count values by size.

    Args:
        bounds: upper bounds, rising; what is above the last one counts too.
    """

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """Return each bound as text with how many values are not above it."""
        names = [*(f"{bound:g}" for bound in self._bounds), "+Inf"]
        return list(zip(names, accumulate(map(float, self._counts)), strict=True))


class Figures:
    """What was counted since the engine's process began.

    Args:
        cost: returns the slippage of an order in basis points.
    """

    def __init__(self, cost: Callable[[QualityMeasured], float]) -> None:
        self._cost = cost
        self.orders: Counter[tuple[str, str]] = Counter()
        self.fills: Counter[str] = Counter()
        self.alarms: Counter[str] = Counter()
        bounds = METRICS["fillpath_slippage_bps"].bounds
        self.slippage: defaultdict[str, Histogram] = defaultdict(lambda: Histogram(bounds))
        self.costs: defaultdict[str, float] = defaultdict(float)
        self.gains: defaultdict[str, float] = defaultdict(float)
        steps = METRICS["fillpath_fill_latency_seconds"].bounds
        self.latency: defaultdict[str, Histogram] = defaultdict(lambda: Histogram(steps))
        self.commits = Histogram(METRICS["fillpath_journal_commit_seconds"].bounds)

    def seen(self, item: Projection) -> None:
        """Count one projection."""
        if isinstance(item, OrderClosed):
            key = (item.ticket.route, item.status)
            known = key in self.orders or len(self.orders) < MOST_SERIES
            self.orders[key if known else (OTHER, item.status)] += 1
        elif isinstance(item, QualityMeasured):
            route = item.route if len(self.slippage) < MOST_SERIES else OTHER
            cost = self._cost(item)
            self.slippage[route].add(cost)
            self.costs[route] += max(cost, 0.0)
            self.gains[route] += max(-cost, 0.0)
            self.latency[route].add((item.at - item.signal_at) / NANOSECONDS)
        elif isinstance(item, RaiseAlarm):
            self.paged(item)

    def counting(self, page: Callable[[RaiseAlarm], None]) -> Callable[[RaiseAlarm], None]:
        """Return what counts an alarm and passes it on."""

        def counted(alarm: RaiseAlarm) -> None:
            self.paged(alarm)
            page(alarm)

        return counted

    def paged(self, alarm: RaiseAlarm) -> None:
        """Count one alarm."""
        self.alarms[kind_of(alarm.code).severity] += 1

    def filled(self, filled: OrderFilled) -> None:
        """Count one execution."""
        self.fills["true" if filled.simulated else "false"] += 1


class Seconds(Protocol):
    """Return seconds that only ever count up."""

    def __call__(self) -> float:
        """Return the present moment."""
        ...


class TimedJournal:
    """A journal whose commits are timed.

    Args:
        journal: does the work.
        figures: takes the times.
        seconds: counts up.
    """

    def __init__(self, journal: Journal, figures: Figures, seconds: Seconds) -> None:
        self._journal = journal
        self._commits = figures.commits
        self._seconds = seconds
        self.append: Callable[[Event | Intent], None] = journal.append

    @property
    def epoch(self) -> int:
        """Return the number of this ownership."""
        return self._journal.epoch

    @property
    def sequence(self) -> int:
        """Return how many records are durable."""
        return self._journal.sequence

    @property
    def emergency(self) -> bool:
        """Return whether the storage is full."""
        return self._journal.emergency

    @property
    def restored_at(self) -> int | None:
        """Return where a backup last took the journal's place."""
        return self._journal.restored_at

    @property
    def pending(self) -> int:
        """Return how many records were appended since the last commit."""
        return self._journal.pending

    def commit(self) -> None:
        """Make the open group durable, and note how long that took."""
        if not self._journal.pending:
            self._journal.commit()
            return
        began = self._seconds()
        try:
            self._journal.commit()
        finally:
            self._commits.add(self._seconds() - began)

    def records(self) -> Iterator[Event | Intent]:
        """Yield every durable record."""
        return self._journal.records()

    def tail(self, start: int = 0) -> JournalTail:
        """Return a reader of the durable records."""
        return self._journal.tail(start)

    def close(self) -> None:
        """Commit and release the journal."""
        self._journal.close()


__all__ = ["OTHER", "Figures", "Histogram", "TimedJournal"]
