"""Journals in memory, and storage that fails on demand."""

import os

from fillpath.data.journal import ChainedJournal, MemoryJournal
from fillpath.data.journal.files import MemoryFile
from fillpath.testing.journal_contract import a_record


def written(*groups: int) -> bytes:
    """Return the bytes of a journal with groups of these sizes."""
    journal = MemoryJournal()
    number = 0
    for size in groups:
        for _ in range(size):
            journal.append(a_record(number))
            number += 1
        journal.commit()
    return journal.content


def taken_up(content: bytes) -> bytes:
    """Return the bytes of a journal after it was opened once more."""
    return MemoryJournal(content).content


class FaultyFile(MemoryFile):
    """Storage whose named operations fail with an error number, as often as it is said."""

    def __init__(self, content: bytes = b"", **faults: list[int]) -> None:
        super().__init__(content)
        self.faults = faults
        self.synced = 0
        self.read_bytes = 0
        self.closed = False

    def _fail(self, operation: str) -> None:
        if self.faults.get(operation):
            number = self.faults[operation].pop(0)
            if number:
                raise OSError(number, os.strerror(number))

    def size(self) -> int:
        self._fail("size")
        return super().size()

    def read(self, offset: int, size: int) -> bytes:
        self._fail("read")
        found = super().read(offset, size)
        self.read_bytes += len(found)
        return found

    def reserve(self, size: int) -> None:
        self._fail("reserve")
        short = size - super().size()
        if short > 0:
            super().write(super().size(), bytes(short))

    def write(self, offset: int, content: bytes) -> None:
        try:
            self._fail("write")
        except OSError:
            super().write(offset, content[: len(content) // 2])
            raise
        super().write(offset, content)

    def sync(self) -> None:
        self.synced += 1
        self._fail("sync")

    def truncate(self, size: int) -> None:
        self._fail("truncate")
        super().truncate(size)

    def close(self) -> None:
        self.closed = True


def on(file: FaultyFile) -> ChainedJournal:
    return ChainedJournal(file, name="the journal")


def content(file: MemoryFile) -> bytes:
    return MemoryFile.read(file, 0, MemoryFile.size(file))
