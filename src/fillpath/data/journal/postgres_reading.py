"""Read a journal in PostgreSQL: page by page, each row checked as the frame that it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, LiteralString

import psycopg

from fillpath.core.errors import JournalCorrupt, JournalError, JournalMissing
from fillpath.data.codec import Record
from fillpath.data.journal.frames import CURRENT, HEADER_SIZE, Head
from fillpath.data.journal.postgres_tables import Connection, connect
from fillpath.data.journal.reading import (
    EpochStart,
    FrameReader,
    JournalSummary,
    Mark,
    records_of,
)

BEGINNING: Final = Mark(HEADER_SIZE, CURRENT.genesis, 0, 0, 0)
"""The place before the first row."""

_PAGE: Final = 200
_READ: Final = (
    "select sequence, records, epoch, digest, payload from fillpath_journal.frames "
    "where account = %s and number > %s and number <= %s order by number"
)
_KNOWN: Final = "select true from fillpath_journal.accounts where account = %s"


class PostgresTail:
    """Fulfils ``core.ports.JournalTail`` on a connection of its own, made when it is needed.

    Args:
        url: the database.
        account: whose journal.
        durable: tells the place up to which the journal is durable.
        start: sequence number of the first record that is wanted.

    After a ``JournalError`` it may be asked again, and connects anew.
    """

    def __init__(self, url: str, account: str, durable: Callable[[], Mark], start: int) -> None:
        self._url = url
        self._account = account
        self._durable = durable
        self._start = start
        self._at: Mark | None = None
        self._connection: Connection | None = None
        self._closed = False
        self._ready: list[tuple[int, Record]] = []

    def read(self, limit: int) -> list[tuple[int, Record]]:
        """Return the next durable records with their numbers, at most ``limit``; none at the end.

        Raises:
            JournalError: the server cannot be asked now, ask again; or the journal was closed.
            JournalCorrupt: the rows have changed since they were written.
        """
        if self._closed:
            raise JournalError("the journal is closed")
        durable = self._durable()
        if len(self._ready) < limit and (self._at is None or self._at.frames < durable.frames):
            try:
                self._fetch(limit, durable.frames)
            except psycopg.Error as error:
                self._disconnect()
                raise JournalError(f"cannot read the journal: {error}") from error
        found, self._ready = self._ready[:limit], self._ready[limit:]
        return found

    def close(self) -> None:
        """Let go of the server; the journal does it when it is closed."""
        self._closed = True
        self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _fetch(self, limit: int, last: int) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url)
        if self._at is None:
            self._at = self._beginning(self._connection)
        for head, payload, at in walk(self._connection, self._account, self._at, last):
            if head.sequence + head.records > self._start:
                numbered = enumerate(records_of(head, payload, at.frames), head.sequence)
                self._ready += [one for one in numbered if one[0] >= self._start]
            self._at = at
            if len(self._ready) >= limit:
                return

    def _beginning(self, connection: Connection) -> Mark:
        """Return the place before the frame that holds the first record that is wanted."""
        row = connection.execute(
            "select f.digest, f.number, f.sequence + f.records, f.epoch "
            "from fillpath_journal.frames f where f.account = %s and f.number = ("
            "select max(number) - 1 from fillpath_journal.frames "
            "where account = %s and sequence <= %s and records > 0)",
            (self._account, self._account, self._start),
        ).fetchone()
        return BEGINNING if row is None else Mark(0, bytes(row[0]), row[1], row[2], row[3])


def read_postgres(url: str, account: str) -> Iterator[Record]:
    """Yield the durable records of an account's journal, also while an engine writes it.

    Raises:
        JournalMissing: there is no such journal.
        JournalError: the server cannot be reached.
        JournalCorrupt: a row is damaged.
    """
    with _reading(url, account) as connection:
        for head, payload, at in walk(connection, account, BEGINNING, None):
            yield from records_of(head, payload, at.frames)


def verify_postgres(url: str, account: str) -> JournalSummary:
    """Check every row of an account's journal without changing anything.

    Raises:
        JournalMissing: there is no such journal.
        JournalError: the server cannot be reached.
        JournalCorrupt: a row is damaged.
    """
    epochs = []
    end = BEGINNING
    with _reading(url, account) as connection:
        for head, payload, place in walk(connection, account, BEGINNING, None):
            end = place
            if not head.records:
                epochs.append(EpochStart(head.epoch, head.sequence, payload.decode("ascii")))
    return JournalSummary(
        frames=end.frames,
        records=end.records,
        size=end.end,
        torn=0,
        digest=end.digest.hex(),
        epochs=tuple(epochs),
    )


@contextmanager
def _reading(url: str, account: str) -> Iterator[Connection]:
    name = f"the journal of account {account} in PostgreSQL"
    try:
        with connect(url) as connection:
            if not one(connection, _KNOWN, (account,)):
                raise JournalMissing("there is no such journal")  # named below
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise JournalMissing(f"{name}: this database holds no journals") from error
    except psycopg.Error as error:
        raise JournalError(f"cannot read {name}: {' '.join(str(error).split())}") from error
    except JournalError as error:
        raise type(error)(f"{name}: {error}") from error


def walk(
    connection: Connection, account: str, start: Mark, last: int | None
) -> Iterator[tuple[Head, bytes, Mark]]:
    """Yield the frames behind a place, each checked, with the place behind it.

    Args:
        connection: to the database.
        account: whose journal.
        start: where to begin.
        last: number of the last frame, None for all there are.

    Raises:
        JournalCorrupt: a row is missing, or does not match its hash.
        psycopg.Error: the server fails.
    """
    at = start
    while last is None or at.frames < last:
        until = at.frames + _PAGE if last is None else min(at.frames + _PAGE, last)
        rows = connection.execute(_READ, (account, at.frames, until)).fetchall()
        page = _Page(at.end, b"".join(_framed(*row) for row in rows))
        reader = FrameReader(page, page.size(), start=at)
        for head, payload in reader.payloads():
            yield head, payload, reader.mark
        if reader.end != page.size() or (last is not None and reader.frames != until):
            raise JournalCorrupt(f"frame {reader.frames + 1} has changed or is missing")
        at = reader.mark
        if len(rows) < _PAGE:
            return


def one(connection: Connection, statement: LiteralString, values: tuple[object, ...]) -> Any:
    """Return the only value of the first row, or None."""
    row = connection.execute(statement, values).fetchone()
    return None if row is None else row[0]


def _framed(sequence: int, records: int, epoch: int, digest: bytes, payload: bytes) -> bytes:
    return CURRENT.label(len(payload), records, sequence, epoch) + digest + payload


class _Page:
    """Some frames as the part of a file."""

    def __init__(self, begin: int, content: bytes) -> None:
        self._begin = begin
        self._content = content

    def size(self) -> int:
        """Return where the file would end."""
        return self._begin + len(self._content)

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes there."""
        start = offset - self._begin
        return self._content[start : start + size]
