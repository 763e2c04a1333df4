"""A SQLite file is put into write-ahead mode, also while others are in the way."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fillpath.runtime.write_ahead import write_ahead


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shared.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (x)")
    return path


@pytest.fixture
def other(file: Path) -> Iterator[sqlite3.Connection]:
    """Somebody who is reading the file in the old mode."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("SELECT * FROM t").fetchall()
        yield db


def mode(db: sqlite3.Connection) -> str:
    (told,) = db.execute("PRAGMA journal_mode").fetchone()
    return str(told)


@pytest.mark.usefixtures("other")
def test_the_busy_timeout_alone_does_not_help(file: Path) -> None:
    with (
        closing(sqlite3.connect(file, timeout=0.01)) as ours,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        ours.execute("PRAGMA journal_mode=WAL")


def test_it_waits_until_the_other_one_is_done(file: Path, other: sqlite3.Connection) -> None:
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            other.execute("COMMIT")

    with closing(sqlite3.connect(file, timeout=0)) as ours:
        write_ahead(ours.execute, pause)

        assert mode(ours) == "wal"
    assert len(waited) == 3


@pytest.mark.usefixtures("other")
def test_it_gives_up_after_five_seconds(file: Path) -> None:
    waited: list[float] = []

    with (
        closing(sqlite3.connect(file, timeout=0)) as ours,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        write_ahead(ours.execute, waited.append)

    assert 4.9 < sum(waited) <= 5


def test_another_refusal_is_told_at_once() -> None:
    waited: list[float] = []

    def refused(_: str) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    with pytest.raises(sqlite3.OperationalError, match="disk"):
        write_ahead(refused, waited.append)

    assert waited == []


def test_a_file_that_is_in_it_already_is_left_as_it_is(file: Path) -> None:
    with closing(sqlite3.connect(file)) as first, closing(sqlite3.connect(file)) as second:
        write_ahead(first.execute)
        write_ahead(second.execute)

        assert mode(second) == "wal"
