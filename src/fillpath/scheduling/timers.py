"""Alarm clocks as plain state: which timer is due, and when the next one is."""

from heapq import heapify, heappop, heappush
from typing import Final

_SLACK: Final = 64  # forgotten entries that are cheaper to keep than to sweep


class TimerHeap:
    """The timers of one engine, earliest first; equal times keep the order of setting.

    Moving or clearing a timer leaves its old entry in the heap until it surfaces; once forgotten
    entries outnumber the living ones they are swept out, so memory stays within twice the living
    timers.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, str, str]] = []
        self._live: dict[str, int] = {}
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._live)

    def set(self, timer_id: str, due: int, symbol: str) -> None:
        """Set or move a timer to ``due`` nanoseconds UTC."""
        self._sequence += 1
        self._live[timer_id] = self._sequence
        heappush(self._heap, (due, self._sequence, timer_id, symbol))
        if len(self._heap) > 2 * len(self._live) + _SLACK:
            self._sweep()

    def clear(self, timer_id: str) -> None:
        """Forget a timer; unknown names are ignored."""
        dropped = self._live.pop(timer_id, None) is not None
        if dropped and len(self._heap) > 2 * len(self._live) + _SLACK:
            self._sweep()

    def next_due(self) -> int | None:
        """Return when the next timer is due, or None."""
        heap = self._heap
        if not heap:
            return None
        live = self._live
        while heap:
            due, sequence, timer_id, _ = heap[0]
            if live.get(timer_id) == sequence:
                return due
            heappop(heap)
        return None

    def pop_due(self, now: int) -> list[tuple[str, int, str]]:
        """Remove and return (timer_id, due, symbol) of all due timers, earliest first."""
        fired: list[tuple[str, int, str]] = []
        heap, live = self._heap, self._live
        while heap and heap[0][0] <= now:
            due, sequence, timer_id, symbol = heappop(heap)
            if live.get(timer_id) == sequence:
                del live[timer_id]
                fired.append((timer_id, due, symbol))
        return fired

    def upcoming(self, until: int) -> list[tuple[int, str]]:
        """Return (due, symbol) of the timers due at or before ``until``, in no order."""
        live = self._live
        return [
            (due, symbol)
            for due, sequence, timer_id, symbol in self._heap
            if due <= until and live.get(timer_id) == sequence
        ]

    def _sweep(self) -> None:
        live = self._live
        self._heap = [entry for entry in self._heap if live.get(entry[2]) == entry[1]]
        heapify(self._heap)


__all__ = ["TimerHeap"]
