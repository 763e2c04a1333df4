"""What happens when: the moments of a replay other than signals, earliest first.

At one moment the order is: the session opens (splits, volumes), resting orders are reached, messages
arrive at the market, watched quotes come, a strategy is shown a bar or a quote, timers fire, signals arrive, the session closes.
"""

from enum import IntEnum
from heapq import heappop, heappush

from msgspec import Struct


class Occasion(IntEnum):
    """Kinds of moments, in the order in which they are handled at equal times."""

    OPEN = 0
    CROSSING = 1
    ARRIVAL = 2
    WATCHED = 3
    SHOW = 4
    TIMER = 5
    SIGNAL = 6
    CLOSE = 7


class Entry(Struct, frozen=True, order=True, gc=False):
    """One moment; ``number`` keeps equal ones in the order of entry."""

    at: int
    occasion: int
    number: int
    symbol: str = ""
    version: int = 0


class Agenda:
    """A heap of moments; one crossing for each symbol is current, older ones are ignored."""

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._count = 0
        self._versions: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._heap)

    def add(self, at: int, occasion: Occasion, symbol: str = "") -> None:
        """Put a moment on the agenda."""
        self._count += 1
        heappush(self._heap, Entry(at, occasion, self._count, symbol))

    def set_crossing(self, symbol: str, at: int | None) -> None:
        """Replace the crossing of a symbol; None takes it off."""
        version = self._versions[symbol] = self._versions.get(symbol, 0) + 1
        if at is not None:
            self._count += 1
            heappush(self._heap, Entry(at, Occasion.CROSSING, self._count, symbol, version))

    def has_crossing(self, symbol: str) -> bool:
        """Return whether a crossing was ever set for the symbol."""
        return symbol in self._versions

    @property
    def watches_crossings(self) -> bool:
        """Return whether a crossing was ever set for any symbol."""
        return bool(self._versions)

    def peek(self) -> Entry | None:
        """Return the next moment without taking it."""
        heap = self._heap
        while heap:
            entry = heap[0]
            if not entry.version or self._versions[entry.symbol] == entry.version:
                return entry
            heappop(heap)
        return None

    def pop(self) -> Entry:
        """Take the next moment; ``peek`` said that there is one."""
        return heappop(self._heap)
