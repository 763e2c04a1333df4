"""Every journal keeps the promises of the shipped suite."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fillpath.core.errors import JournalError
from fillpath.core.ports import Journal
from fillpath.data.journal import FileJournal, MemoryJournal
from fillpath.data.journal.postgres import PostgresJournal
from fillpath.testing.journal_contract import JournalContract
from tests.postgres import PostgresServer


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


@pytest.fixture(scope="module")
def journal_database(postgres_server: PostgresServer) -> Iterator[str]:
    """Return the address of a database for all tests of this file; each has its own account."""
    url = postgres_server.fresh_database()
    yield url
    postgres_server.drop_database(url)


class TestPostgresJournal(JournalContract):
    numbers = count()

    @pytest.fixture(autouse=True)
    def database(self, journal_database: str) -> Iterator[None]:
        self.url = journal_database
        self.account = f"account-{next(self.numbers)}"
        self.opened: list[PostgresJournal] = []
        yield
        for journal in self.opened:
            with suppress(JournalError):
                journal.close()

    def make_journal(self, *, take_over: bool = False) -> PostgresJournal:
        journal = PostgresJournal(self.url, self.account, take_over=take_over)
        self.opened.append(journal)
        return journal

    def reopened(self, journal: Journal) -> PostgresJournal:
        journal.close()
        return self.make_journal()

    def after_a_crash(self, journal: Journal) -> PostgresJournal:
        """The server does not know yet that the process is gone."""
        assert isinstance(journal, PostgresJournal)
        return self.make_journal(take_over=True)

    def opened_beside(self, journal: Journal) -> PostgresJournal:
        assert isinstance(journal, PostgresJournal)
        return self.make_journal(take_over=True)
