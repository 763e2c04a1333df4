"""The only truth: an append-only, hash-chained file with one writer."""

from fillpath.data.journal.chained import ChainedJournal, FileJournal, MemoryJournal
from fillpath.data.journal.reading import JournalSummary, read_journal, verify

__all__ = [
    "ChainedJournal",
    "FileJournal",
    "JournalSummary",
    "MemoryJournal",
    "read_journal",
    "verify",
]
