"""Storage that forgets what was not synced, fills up, breaks and tears, as its plan says.

The model is that of a Linux page cache. The process sees everything it wrote. The disk has what was
synced, and after a crash each 4 KiB page that was written since may be there in its old or in its
new form, in any combination; so may the length of the file. A failed sync drops pages for good: the
process still sees them, and no later sync stores them.
"""

import errno
import os
from random import Random
from typing import Final

from msgspec import Struct

from fillpath.core.errors import Fenced

PAGE: Final = 4096
SECTOR: Final = 512


class FaultPlan(Struct, frozen=True, kw_only=True):
    """What goes wrong, and how often; the same plan gives the same faults.

    Args:
        seed: chooses what survives a crash, and when the faults below strike.
        capacity: bytes the storage has, None for enough; room taken before stays usable.
        full_share: chance from 0 to 1 that a write or a reservation finds the storage full.
        broken_share: chance from 0 to 1 that a sync fails and loses pages.
        grain: bytes that survive a crash together; ``SECTOR`` tears pages too.
    """

    seed: int = 0
    capacity: int | None = None
    full_share: float = 0.0
    broken_share: float = 0.0
    grain: int = PAGE


class _Storage:
    """What the process sees, what the disk has, and which grains differ."""

    def __init__(self, content: bytes, plan: FaultPlan) -> None:
        self.seen = bytearray(content)
        self.disk = bytearray(content)
        self.dirty: set[int] = set()
        self.grain = plan.grain
        self.random = Random(plan.seed)  # noqa: S311  # chooses faults, not secrets
        self.handle = 0

    def touch(self, offset: int, size: int) -> None:
        self.dirty.update(range(offset // self.grain, -(-(offset + size) // self.grain)))

    def store(self, grain: int) -> None:
        """Let the disk have one grain."""
        start, end = grain * self.grain, (grain + 1) * self.grain
        content = self.seen[start:end]
        if start > len(self.disk):
            self.disk.extend(bytes(start - len(self.disk)))
        self.disk[start : start + len(content)] = content

    def set_length(self, size: int) -> None:
        """Let the disk have the length."""
        del self.disk[size:]
        self.disk.extend(bytes(size - len(self.disk)))


class FaultyFile:
    """Fulfils the ``JournalFile`` of ``fillpath.data`` on simulated storage.

    Args:
        content: what is on the disk to begin with.
        plan: what goes wrong.

    ``capacity`` can be changed at any time, and ``fail`` lets chosen calls fail.
    """

    def __init__(self, content: bytes = b"", plan: FaultPlan | None = None) -> None:
        self._plan = plan or FaultPlan()
        self._storage = _Storage(content, self._plan)
        self._handle = 0
        self._closed = False
        self._failures: dict[str, list[int]] = {}
        self.capacity = self._plan.capacity
        self.syncs = 0

    def fail(self, operation: str, number: int, *, after: int = 0) -> None:
        """Let one call fail.

        Args:
            operation: ``size``, ``read``, ``reserve``, ``write``, ``sync`` or ``truncate``.
            number: the error, such as ``errno.EIO``.
            after: calls of the operation that succeed before.
        """
        self._failures.setdefault(operation, []).extend([0] * after + [number])

    def take_over(self) -> "FaultyFile":
        """Return the file as a second process opens it; this one is fenced from now on."""
        other = FaultyFile(plan=self._plan)
        other.capacity = self.capacity
        other._storage = self._storage
        self._storage.handle += 1
        other._handle = self._storage.handle
        return other

    def crash(self) -> bytes:
        """Lose power, and return what the disk has then; this object is of no use any more."""
        self._closed = True
        storage = self._storage
        chance = storage.random.choice((0.0, 0.5, 1.0, storage.random.random()))
        size = storage.random.choice((len(storage.disk), len(storage.seen)))
        for grain in sorted(storage.dirty):
            if storage.random.random() < chance:
                storage.store(grain)
        storage.set_length(size)
        return bytes(storage.disk)

    @property
    def content(self) -> bytes:
        """Return what the process sees."""
        return bytes(self._storage.seen)

    def size(self) -> int:
        """Return the length that the process sees."""
        self._check("size")
        return len(self._storage.seen)

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes that the process sees."""
        self._check("read")
        return bytes(self._storage.seen[offset : offset + size])

    def reserve(self, size: int) -> None:
        """Lengthen the file by zeros, where the storage has that much."""
        self._check("reserve", self._plan.full_share, errno.ENOSPC)
        room = size - len(self._storage.seen)
        if room <= 0:
            return
        if self.capacity is not None and size > self.capacity:
            raise _error(errno.ENOSPC)
        self._storage.touch(len(self._storage.seen), room)
        self._storage.seen.extend(bytes(room))

    def write(self, offset: int, content: bytes) -> None:
        """Put the bytes there; where it fails, a part of them."""
        try:
            self._check("write", self._plan.full_share, errno.ENOSPC)
        except OSError:
            if not self._closed:
                self._put(offset, content[: self._storage.random.randint(0, len(content))])
            raise
        end = offset + len(content)
        if self.capacity is not None and end > max(self.capacity, len(self._storage.seen)):
            self._put(offset, content[: max(len(self._storage.seen), self.capacity) - offset])
            raise _error(errno.ENOSPC)
        self._put(offset, content)

    def sync(self) -> None:
        """Let the disk have everything; where it fails, some of it is lost for good."""
        self.syncs += 1
        storage = self._storage
        try:
            self._check("sync", self._plan.broken_share, errno.EIO)
        except OSError:
            for grain in sorted(storage.dirty):
                if storage.random.random() < 1 / 2:
                    storage.dirty.discard(grain)
            raise
        for grain in sorted(storage.dirty):
            storage.store(grain)
        storage.dirty.clear()
        storage.set_length(len(storage.seen))

    def truncate(self, size: int) -> None:
        """Cut what the process sees."""
        self._check("truncate")
        del self._storage.seen[size:]

    def check_owner(self) -> None:
        """Refuse once somebody else has taken over."""
        if self._handle != self._storage.handle:
            raise Fenced("the file was taken over by another process")

    def close(self) -> None:
        """Let go of the file; closing twice is harmless."""
        self._closed = True

    def _put(self, offset: int, content: bytes) -> None:
        storage = self._storage
        if offset > len(storage.seen):
            storage.seen.extend(bytes(offset - len(storage.seen)))
        storage.seen[offset : offset + len(content)] = content
        storage.touch(offset, len(content))

    def _check(self, operation: str, share: float = 0.0, number: int = 0) -> None:
        if self._closed:
            raise _error(errno.EBADF)
        planned = self._failures.get(operation)
        chosen = planned.pop(0) if planned else 0
        if chosen:
            raise _error(chosen)
        if share and self._storage.random.random() < share:
            raise _error(number)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
