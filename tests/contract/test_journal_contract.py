"""Every journal keeps the promises of the shipped suite."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fillpath.core.errors import JournalError
from fillpath.core.ports import Journal
from fillpath.data.journal import FileJournal, MemoryJournal
from fillpath.testing.journal_contract import JournalContract


class TestMemoryJournal(JournalContract):
    def make_journal(self) -> MemoryJournal:
        return MemoryJournal()

    def reopened(self, journal: Journal) -> MemoryJournal:
        journal.close()
        return self.after_a_crash(journal)

    def after_a_crash(self, journal: Journal) -> MemoryJournal:
        assert isinstance(journal, MemoryJournal)
        return MemoryJournal(journal.content)

    def opened_beside(self, journal: Journal) -> MemoryJournal:
        assert isinstance(journal, MemoryJournal)
        raise JournalError("nobody else can reach this memory")


class TestFileJournal(JournalContract):
    durable = True

    def setup_method(self) -> None:
        self.folder = TemporaryDirectory()

    def teardown_method(self) -> None:
        self.folder.cleanup()

    @property
    def path(self) -> Path:
        return Path(self.folder.name) / "journal"

    def make_journal(self) -> FileJournal:
        return FileJournal(self.path, durable=self.durable)

    def reopened(self, journal: Journal) -> FileJournal:
        journal.close()
        return self.make_journal()

    def after_a_crash(self, journal: Journal) -> FileJournal:
        copy = self.path.read_bytes()
        journal.close()
        self.path.write_bytes(copy)
        return self.make_journal()

    def opened_beside(self, journal: Journal) -> FileJournal:
        assert isinstance(journal, FileJournal)
        return self.make_journal()


class TestFileJournalThatMayBeLost(TestFileJournal):
    durable = False
