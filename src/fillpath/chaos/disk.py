"""A disk that keeps its promises to the letter: what was synced stays, of the rest any part may.

Writes go into the page cache. A killed process loses nothing of it; a power cut keeps what was
synced and, of every page written since, the old or the new bytes, as chance has it.
"""

import errno
from collections.abc import Callable
from random import Random
from typing import Final

from msgspec import Struct

PAGE: Final = 512
"""Bytes that reach a disk together or not at all."""


class _Change(Struct):
    """Something that is not durable yet: bytes at a place, or a new length."""

    offset: int
    content: bytes | None


class Disk:
    """One file that outlives the processes that write it.

    Args:
        rng: decides what a power cut leaves.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.durable = bytearray()
        self.cached = bytearray()
        self._changes: list[_Change] = []
        self.full = False
        self.broken = False

    def write(self, offset: int, content: bytes) -> None:
        """Put bytes into the page cache."""
        if self.full and offset + len(content) > len(self.cached):
            raise OSError(errno.ENOSPC, "no space left on the simulated disk")
        _put(self.cached, offset, content)
        at = offset
        while at < offset + len(content):
            end = min(at - at % PAGE + PAGE, offset + len(content))
            self._changes.append(_Change(at, content[at - offset : end - offset]))
            at = end

    def resize(self, size: int) -> None:
        """Cut or lengthen the file in the page cache."""
        if self.full and size > len(self.cached):
            raise OSError(errno.ENOSPC, "no space left on the simulated disk")
        _resize(self.cached, size)
        self._changes.append(_Change(size, None))

    def sync(self) -> None:
        """Make everything durable."""
        if self.broken:
            self._lose()
            raise OSError(errno.EIO, "the simulated disk failed")
        for change in self._changes:
            self._keep(change)
        self._changes.clear()

    def power_cut(self) -> None:
        """Keep what was synced, and any part of the rest."""
        self._lose()
        self.cached[:] = self.durable

    def _lose(self) -> None:
        """Keep the first so many changes of each page; later ones of it are lost."""
        stopped: set[int] = set()
        for change in self._changes:
            page = -1 if change.content is None else change.offset // PAGE
            if page not in stopped and self._rng.random() < 0.5:
                stopped.add(page)
            if page not in stopped:
                self._keep(change)
        self._changes.clear()

    def _keep(self, change: _Change) -> None:
        if change.content is None:
            _resize(self.durable, change.offset)
        else:
            _put(self.durable, change.offset, change.content)


def _put(target: bytearray, offset: int, content: bytes) -> None:
    if len(target) < offset:
        target.extend(bytes(offset - len(target)))
    target[offset : offset + len(content)] = content


def _resize(target: bytearray, size: int) -> None:
    if size < len(target):
        del target[size:]
    else:
        target.extend(bytes(size - len(target)))


class SimFile:
    """The disk as one process sees it; fulfils ``JournalFile``.

    Args:
        disk: the disk.
        passing: called with ``before``, ``torn`` or ``after`` around each effect, with its name
            and the bytes written; it raises where the process dies.
        synced: called after every sync that succeeded.
    """

    def __init__(
        self,
        disk: Disk,
        passing: Callable[[str, str, bytes], None],
        synced: Callable[[], None],
    ) -> None:
        self._disk = disk
        self._passing = passing
        self._synced = synced

    def size(self) -> int:
        """Return the length in bytes."""
        return len(self._disk.cached)

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes there."""
        return bytes(self._disk.cached[offset : offset + size])

    def reserve(self, size: int) -> None:
        """Lengthen the file with zeros."""
        self._passing("reserve", "before", b"")
        self._disk.resize(max(self.size(), size))

    def write(self, offset: int, content: bytes) -> None:
        """Write; the process may die with half of it written."""
        self._passing("write", "before", content)
        half = len(content) // 2
        self._disk.write(offset, content[:half])
        self._passing("write", "torn", content)
        self._disk.write(offset + half, content[half:])
        self._passing("write", "after", content)

    def sync(self) -> None:
        """Wait for the disk."""
        self._passing("sync", "before", b"")
        self._disk.sync()
        self._synced()
        self._passing("sync", "after", b"")

    def truncate(self, size: int) -> None:
        """Cut the file."""
        self._passing("truncate", "before", b"")
        self._disk.resize(size)
        self._passing("truncate", "after", b"")

    def check_owner(self) -> None:
        """Do nothing: nobody replaces the simulated file."""

    def close(self) -> None:
        """Do nothing: a dead process has closed its files anyway."""
