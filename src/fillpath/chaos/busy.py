"""How busy a journal is: messages in its busiest second, executions on its busiest day."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from fillpath.core.commands import AmendOrder, CancelOrder, Intent, PlaceOrder
from fillpath.core.events import (
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
    SignalReceived,
)
from fillpath.core.units import DAY_NS, NANOSECONDS

MESSAGES: Final = frozenset(
    {
        SignalReceived,
        PlaceOrder,
        CancelOrder,
        AmendOrder,
        OrderAccepted,
        OrderAmended,
        OrderCancelled,
        OrderExpired,
        OrderFilled,
        OrderRefused,
    }
)
"""What comes in and goes out."""


class Load(Struct, frozen=True):
    """What an engine had to do at most.

    Args:
        messages: in and out, within a second.
        executions: within a day of UTC.
    """

    messages: int = 0
    executions: int = 0

    def times(self, factor: int) -> "Load":
        """Return so many times as much."""
        return Load(self.messages * factor, self.executions * factor)


class Busy:
    """Counts what a journal holds, record by record."""

    def __init__(self) -> None:
        self._seconds: Counter[int] = Counter()
        self._days: Counter[int] = Counter()

    def take(self, record: Event | Intent) -> None:
        """Count one record."""
        kind = type(record)
        if kind in MESSAGES:
            self._seconds[record.at // NANOSECONDS] += 1
        if kind is OrderFilled:
            self._days[record.at // DAY_NS] += 1

    @property
    def load(self) -> Load:
        """Return the most of everything so far."""
        return Load(max(self._seconds.values(), default=0), max(self._days.values(), default=0))


def busiest(records: Iterable[Event | Intent]) -> Load:
    """Return the most that a journal shows."""
    busy = Busy()
    for record in records:
        busy.take(record)
    return busy.load


__all__ = ["MESSAGES", "Busy", "Load", "busiest"]
