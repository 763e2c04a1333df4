"""The only truth: an append-only, hash-chained record with one writer."""

from fillpath.data.journal.chained import ChainedJournal, FileJournal, MemoryJournal
from fillpath.data.journal.reading import EpochStart, JournalSummary, read_journal, verify
from fillpath.data.journal.tail import FrameTail

__all__ = [
    "ChainedJournal",
    "EpochStart",
    "FileJournal",
    "FrameTail",
    "JournalSummary",
    "MemoryJournal",
    "read_journal",
    "verify",
]
