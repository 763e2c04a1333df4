"""Real processes that own a journal: killed at any moment, paused and woken up again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fillpath.core.errors import JournalError
from fillpath.data.journal import FileJournal, read_journal, verify
from fillpath.data.journal.postgres import PostgresJournal
from fillpath.testing.journal_contract import a_record

WRITER = """
import sys
from pathlib import Path
from fillpath.core.errors import Fenced
from fillpath.data.journal import FileJournal
from fillpath.data.journal.postgres import PostgresJournal
from fillpath.testing.journal_contract import a_record
kind, place = sys.argv[1:]
journal = FileJournal(Path(place)) if kind == "file" else PostgresJournal(place, "paper")
try:
    while True:
        number = journal.sequence
        journal.append(a_record(number))
        journal.commit()
        print(number, flush=True)
except Fenced:
    print("fenced", flush=True)
"""


@contextmanager
def writer(kind: str, place: object) -> Iterator[subprocess.Popen[str]]:
    """Run a process that commits one record after the other and says each number afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, kind, str(place)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str], lines: int) -> str:
    """Return the last of the next lines."""
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(lines)][-1]


def rest(process: subprocess.Popen[str]) -> list[str]:
    """Return every line that is still to come."""
    assert process.stdout is not None
    return process.stdout.read().split()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.mark.fault("F-18", "F-16")
def test_what_a_killed_process_acknowledged_is_there(path: Path) -> None:
    for life in range(10):
        with writer("file", path) as process:
            last = said(process, 1 + life * 3)
            process.kill()
            last = (rest(process) or [last])[-1]

        found = list(read_journal(path))

        assert len(found) > int(last)
        assert found == [a_record(number) for number in range(len(found))]
    assert verify(path).epoch == 10


@pytest.mark.fault("F-40")
def test_a_paused_owner_of_a_file_keeps_it_until_it_is_gone(path: Path) -> None:
    with writer("file", path) as process:
        said(process, 3)
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(JournalError, match=f"in use by process {process.pid}$"):
            FileJournal(path)
        os.kill(process.pid, signal.SIGCONT)
        said(process, 3)

    journal = FileJournal(path)

    assert journal.epoch == 2
    journal.close()


@pytest.mark.fault("F-36", "F-113")
def test_a_process_whose_file_is_replaced_stops(path: Path) -> None:
    with writer("file", path) as process:
        said(process, 3)
        other = path.with_name("other")
        FileJournal(other).close()
        other.replace(path)

        words = rest(process)

    assert words[-1] == "fenced"
    assert verify(path).records == 0


@pytest.mark.fault("F-19", "F-40", "F-41")
def test_a_paused_owner_in_a_database_wakes_up_fenced(postgres_url: str) -> None:
    with writer("database", postgres_url) as process:
        said(process, 3)
        os.kill(process.pid, signal.SIGSTOP)
        journal = PostgresJournal(postgres_url, "paper", take_over=True)
        taken_at = journal.sequence
        journal.append(a_record(10_000))
        journal.commit()
        os.kill(process.pid, signal.SIGCONT)

        *numbers, last = rest(process)

    found = list(journal.records())
    assert last == "fenced"
    assert all(int(number) < taken_at for number in numbers)
    assert found == [*(a_record(n) for n in range(taken_at)), a_record(10_000)]
    journal.close()


@pytest.mark.fault("F-16", "F-32")
def test_what_a_process_acknowledged_in_a_database_is_there_after_every_kill(
    postgres_url: str,
) -> None:
    for life in range(4):
        with writer("database", postgres_url) as process:
            last = said(process, 2 + life * 3)
            process.kill()
            last = (rest(process) or [last])[-1]

        # The server may need a moment to notice; taking over does not depend on that.
        journal = PostgresJournal(postgres_url, "paper", take_over=True)
        found = list(journal.records())
        journal.close()

        assert len(found) > int(last)
        assert found == [a_record(number) for number in range(len(found))]
