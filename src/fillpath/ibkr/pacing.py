"""Below the vendor's limit of messages, and cancels ahead of everything that waits.

Nothing waits anywhere else: what a lane holds can still be taken back, and a drop empties it. Two
limits hold: one for all messages, and a lower one for those that are no cancels, so that there is
always room for a cancel. They hold in every fifth of a second, because the vendor counts at its end
of the wire, where what was a burst and a pause may have moved together.
"""

from collections import deque
from enum import IntEnum
from typing import Final, Generic, NamedTuple, TypeVar

SLICE: Final = 10**9 // 5
"""Nanoseconds in which a fifth of the limits of a second holds."""
_SLICES: Final = 5

Item = TypeVar("Item")


class Lane(IntEnum):
    """What goes first; lower ones pass by higher ones."""

    CANCEL = 0
    ORDER = 1
    QUESTION = 2


class Waiting(NamedTuple, Generic[Item]):
    """What waits for its turn.

    Args:
        item: whatever it is.
        messages: how many it takes on the wire, at least 1; they go together.
    """

    item: Item
    messages: int


class Pacing(Generic[Item]):
    """Say what may be written when; it knows no clock and writes nothing.

    Args:
        messages: most in any second, a multiple of 5.
        others: most in any second that are no cancels, a multiple of 5; an item of more messages
            than a fifth of this goes alone.
    """

    def __init__(self, messages: int, others: int) -> None:
        self._messages = messages // _SLICES
        self._others = others // _SLICES
        self._lanes: dict[Lane, deque[Waiting[Item]]] = {lane: deque() for lane in Lane}
        self._written: deque[int] = deque()
        self._written_others: deque[int] = deque()
        self._resume = 0

    def __len__(self) -> int:
        """Return how many items wait."""
        return sum(map(len, self._lanes.values()))

    def add(self, lane: Lane, item: Item, messages: int = 1) -> None:
        """Let an item wait behind those of its lane."""
        self._lanes[lane].append(Waiting(item, messages))

    def take(self, now: int) -> Item | None:
        """Return the item to write now, and count it as written; None when nothing may be.

        Args:
            now: nanoseconds, never less than before.
        """
        self._forget(now)
        lane = self._first()
        if lane is None or now < self._resume or self._room(lane) < self._needed(lane):
            return None
        item, messages = self._lanes[lane].popleft()
        self._count(lane, messages, now)
        return item

    def due(self) -> int | None:
        """Return from when on ``take`` may give something, after it gave None; None when empty."""
        lane = self._first()
        if lane is None:
            return None
        needed = self._needed(lane)
        moments = [self._resume, _leaves(self._written, self._messages, needed)]
        if lane is not Lane.CANCEL:
            moments.append(_leaves(self._written_others, self._others, needed))
        return max(moments)

    def pause(self, until: int) -> None:
        """Give nothing before a moment: the vendor said that it was too much."""
        self._resume = max(self._resume, until)

    def drop(self, *lanes: Lane) -> list[Item]:
        """Take everything out of lanes, and return it, the most urgent first."""
        dropped: list[Item] = []
        for lane in sorted(lanes):
            dropped += [waiting.item for waiting in self._lanes[lane]]
            self._lanes[lane].clear()
        return dropped

    def _first(self) -> Lane | None:
        """Return the lane whose turn it is: one that waits for room is not passed by a lower one."""
        return next((lane for lane, waiting in self._lanes.items() if waiting), None)

    def _needed(self, lane: Lane) -> int:
        return min(self._lanes[lane][0].messages, self._limit(lane))

    def _limit(self, lane: Lane) -> int:
        return self._messages if lane is Lane.CANCEL else self._others

    def _room(self, lane: Lane) -> int:
        room = self._messages - len(self._written)
        if lane is Lane.CANCEL:
            return room
        return min(room, self._others - len(self._written_others))

    def _count(self, lane: Lane, messages: int, now: int) -> None:
        self._written.extend([now] * messages)
        if lane is not Lane.CANCEL:
            self._written_others.extend([now] * messages)

    def _forget(self, now: int) -> None:
        for written in (self._written, self._written_others):
            while written and now - written[0] >= SLICE:
                written.popleft()


def _leaves(written: deque[int], limit: int, needed: int) -> int:
    """Return when there is room for ``needed`` messages under a limit."""
    surplus = len(written) + needed - limit
    return written[surplus - 1] + SLICE if surplus > 0 else 0


__all__ = ["SLICE", "Lane", "Pacing", "Waiting"]
