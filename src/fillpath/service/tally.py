"""Counts what the engine decided and keeps its last alarms, for the status and for the pager."""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

from fillpath.core.commands import Decision, Intent, Projection, RaiseAlarm
from fillpath.core.events import Event, OrderFilled
from fillpath.core.models import Fill

KEPT_ALARMS: Final = 100
KEPT_FILLS: Final = 10_000
KEPT_DECISIONS: Final = 1_000

Journaled = Callable[[int, RaiseAlarm], None]


class Measured(Protocol):
    """Counts what passes, for whoever reads figures."""

    def seen(self, item: Projection) -> None:
        """Count one projection."""
        ...

    def filled(self, filled: OrderFilled) -> None:
        """Count one execution."""
        ...


def kept_nowhere(_record: int, _alarm: RaiseAlarm) -> None:
    """Let an alarm of the journal go."""


class Tally:
    """The recorder of a live engine: tables are fed from the journal, so little is kept here.

    Args:
        page: tells a person about an alarm; called for each, and must return at once.
        journaled: takes each alarm once its record is durable, and those of a journal that is read
            again; it is told a number that lies in front of the next fact's.
        measured: counts what passes; None where nobody reads that.
    """

    def __init__(
        self,
        page: Callable[[RaiseAlarm], None],
        journaled: Journaled = kept_nowhere,
        measured: Measured | None = None,
    ) -> None:
        self._measured = measured
        self._page = page
        self._journaled = journaled
        self.records: Callable[[], int] = lambda: 0
        self._fresh: deque[tuple[int, RaiseAlarm]] = deque()
        self._replayed = -1
        self.outcomes: Counter[str] = Counter()
        self.alarms: deque[RaiseAlarm] = deque(maxlen=KEPT_ALARMS)
        self.filled: deque[OrderFilled] = deque(maxlen=KEPT_FILLS)
        self.decisions: OrderedDict[tuple[str, str], Decision] = OrderedDict()
        self.quiet = False
        self.listen: Callable[[Projection], object] = lambda _item: None
        self._stale = 0
        self._stale_told = 0

    @property
    def fills(self) -> list[Fill]:
        """Return the last executions, oldest first."""
        return [filled.fill for filled in self.filled]

    def record(self, item: Projection) -> None:
        """Take one projection."""
        self.listen(item)
        if self._measured is not None and not self.quiet:
            self._measured.seen(item)
        if isinstance(item, Decision):
            if item.stage == "SIGNAL":
                self._count(item)
        elif isinstance(item, RaiseAlarm):
            self.alarms.append(item)
            if not self.quiet:
                self._page(item)
            if self._replayed >= 0:
                self._journaled(self._replayed, item)
            else:
                self._fresh.append((self.records() - 1, item))

    def replayed(self, records: Iterable[Event | Intent]) -> Iterator[Event | Intent]:
        """Yield the records of a journal; while it is read, alarms are those of its records."""
        try:
            for self._replayed, record in enumerate(records):  # its number, while it is read
                yield record
        finally:
            self._replayed = -1

    def hand_over(self, durable: int) -> None:
        """Pass on the alarms of the records that are durable by now.

        Args:
            durable: how many records are.
        """
        fresh = self._fresh
        while fresh and fresh[0][0] < durable:
            self._journaled(*fresh.popleft())

    def record_fill(self, filled: OrderFilled) -> None:
        """Take one applied execution."""
        self.filled.append(filled)
        if self._measured is not None and not self.quiet:
            self._measured.filled(filled)

    def stale_lately(self) -> int:
        """Return how many signals came too late in a run of them that has ended, told once."""
        seen = self.outcomes["STALE_SIGNAL"]
        ended = seen == self._stale and seen > self._stale_told
        self._stale, count = seen, seen - self._stale_told
        if not ended:
            return 0
        self._stale_told = seen
        return count

    def _count(self, decision: Decision) -> None:
        self.outcomes[decision.reason or decision.outcome] += 1
        self.decisions[decision.strategy_name, decision.signal_id] = decision
        if len(self.decisions) > KEPT_DECISIONS:
            self.decisions.popitem(last=False)
