"""The journal of an account in PostgreSQL, for accounts that another machine may take over.

The frames are those of the file, one row each. Who writes is decided by the epoch: taking over
raises it, and a commit adds its row only where the epoch is still that of its writer. A paused
owner that wakes up finds a higher one and writes nothing.

Where the connection dies in the middle of a commit, nobody knows whether the row is there. The
owner then comes back with a new epoch, so that what is still on its way can no longer arrive, looks
for the row by number and hash, and adds it where it is missing.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event
from typing import Final, NoReturn

import psycopg

from fillpath.core.errors import Fenced, JournalError
from fillpath.data.codec import Record, encode_group
from fillpath.data.journal.frames import CURRENT, frame, opening
from fillpath.data.journal.postgres_reading import BEGINNING, PostgresTail, one, walk
from fillpath.data.journal.postgres_tables import Connection, connect, prepare
from fillpath.data.journal.reading import EpochStart, Mark, records_of
from fillpath.runtime.steady import SteadyClock

PATIENCE_SECONDS: Final = 15
"""Longest time to find out what became of a commit before the journal ends."""

_PAUSE_SECONDS: Final = 0.1

# The row of the account is locked, so that nobody takes over between the look and the commit.
_ADD: Final = (
    "insert into fillpath_journal.frames "
    "(account, number, sequence, records, epoch, digest, payload) "
    "select account, %s, %s, %s, epoch, %s, %s from fillpath_journal.accounts "
    "where account = %s and epoch = %s for share"
)
_ENTER: Final = "insert into fillpath_journal.accounts values (%s, 0, '') on conflict do nothing"
_TAKE: Final = (
    "update fillpath_journal.accounts set epoch = epoch + 1, owner = %s "
    "where account = %s returning epoch"
)
_RETAKE: Final = (
    "update fillpath_journal.accounts set epoch = epoch + 1 "
    "where account = %s and owner = %s returning epoch"
)
_DIGEST: Final = "select digest from fillpath_journal.frames where account = %s and number = %s"
_LOCK: Final = "select pg_try_advisory_lock(hashtextextended('fillpath journal ' || %s, 0))"


class PostgresJournal:
    """Fulfils ``core.ports.Journal`` in a PostgreSQL database.

    Args:
        url: the database, as libpq takes it; straight to the server, not through a pooler.
        account: whose journal it is; one database holds those of many.
        take_over: begin a new epoch also where somebody else seems to have the journal open.
        patience: seconds to find out what became of a commit.

    Raises:
        JournalError: in use, of an unknown form, or the server cannot be reached.
        JournalCorrupt: a frame is damaged; nothing was changed.

    A full database ends this journal like any other failure: there is no room for emergencies.
    """

    append: Callable[[Record], None]
    emergency: Final = False

    def __init__(
        self,
        url: str,
        account: str,
        *,
        take_over: bool = False,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.account = account
        self.name = f"of account {account} in PostgreSQL"
        self.history: tuple[EpochStart, ...] = ()
        self._url = url
        self._patience = patience
        self._owner = secrets.token_hex(16)
        self._dead: JournalError | None = None
        self._pending: list[Record] = []
        self._tails: list[PostgresTail] = []
        self._at = BEGINNING
        try:
            self._connection = connect(url)
        except psycopg.Error as error:
            raise self._trouble("cannot open", error) from error
        with ExitStack() as undo:
            undo.callback(self._connection.close)
            self._open(take_over=take_over)
            undo.pop_all()
        self.append = self._pending.append

    @property
    def pending(self) -> int:
        """Return how many records the open group has."""
        return len(self._pending)

    @property
    def sequence(self) -> int:
        """Return how many records are durable."""
        return self._at.records

    @property
    def epoch(self) -> int:
        """Return the number of this ownership; it grows when a lost connection was replaced."""
        return self._at.epoch

    @property
    def digest(self) -> str:
        """Return the hash of the last durable frame, which covers everything before it."""
        return self._at.digest.hex()

    @property
    def restored_at(self) -> int | None:
        """Return the sequence number at which a backup last took the journal's place, or None."""
        found = [start.sequence for start in self.history if start.origin == "restored"]
        return found[-1] if found else None

    def commit(self) -> None:
        """Add the open group as one row, and wait until it is durable.

        Raises:
            Fenced: somebody else has taken over; the group is not part of the journal.
            JournalError: the group may be lost, or nobody knows; the journal has ended.
        """
        self._check_alive()
        pending = self._pending
        if not pending:
            return
        at = self._at
        try:
            payload = encode_group(at.records, at.epoch, pending)
        except JournalError as error:
            self._die(error)
        try:
            self._at = _add(self._connection, self.account, at, payload, len(pending))
        except psycopg.OperationalError as error:
            self._find_out(error)
        except psycopg.Error as error:
            self._die(self._trouble("cannot write", error), error)
        except Fenced as error:
            self._die(error)
        pending.clear()

    def records(self) -> Iterator[Record]:
        """Yield every durable record, oldest first, reading as it goes.

        Raises:
            JournalError: the server fails.
            JournalCorrupt: the rows have changed since they were written.
        """
        self._check_alive()
        try:
            for head, payload, _ in walk(
                self._connection, self.account, BEGINNING, self._at.frames
            ):
                yield from records_of(head, payload, 0)
        except psycopg.Error as error:
            raise self._trouble("cannot read", error) from error

    def tail(self, start: int = 0) -> "PostgresTail":
        """Return a reader of the durable records from number ``start`` on, also of later ones."""
        tail = PostgresTail(self._url, self.account, lambda: self._at, start)
        self._tails.append(tail)
        return tail

    def close(self) -> None:
        """Commit and let go of the server."""
        try:
            if self._dead is None:
                self.commit()
        finally:
            self._dead = self._dead or JournalError(f"the journal {self.name} is closed")
            self.append = self._refuse
            self._connection.close()
            for tail in self._tails:
                tail.close()

    def _open(self, *, take_over: bool) -> None:
        connection, account = self._connection, self.account
        try:
            prepare(connection)
            if not _locked(connection, account) and not take_over:
                raise JournalError("another engine has it open")  # noqa: TRY301  # named below
            connection.execute(_ENTER, (account,))
            self._at = self._walked(connection, self._at)
            with connection.transaction():
                epoch = one(connection, _TAKE, (self._owner, account))
                found = self._walked(connection, self._at)
                found = self._open_epoch(connection, found, epoch, "opened")
        except psycopg.Error as error:
            raise self._trouble("cannot open", error) from error
        except JournalError as error:
            raise type(error)(f"the journal {self.name}: {error}") from error
        self._at = found

    def _walked(self, connection: Connection, start: Mark) -> Mark:
        """Check every row behind a place and return the end."""
        end = start
        for head, payload, place in walk(connection, self.account, start, None):
            end = place
            if not head.records:
                origin = payload.decode("ascii")
                self.history += (EpochStart(head.epoch, head.sequence, origin),)
        return end

    def _open_epoch(self, connection: Connection, at: Mark, epoch: int, origin: str) -> Mark:
        _, digest = opening(at.digest, at.records, epoch, origin)
        payload = origin.encode("ascii")
        connection.execute(
            _ADD, (at.frames + 1, at.records, 0, digest, payload, self.account, epoch)
        )
        self.history += (EpochStart(epoch, at.records, origin),)
        end = at.end + CURRENT.head_size + len(payload)
        return Mark(end, digest, at.frames + 1, at.records, epoch)

    def _find_out(self, cause: psycopg.Error) -> None:
        """Come back with a new epoch and see to it that the open group is there exactly once."""
        clock = SteadyClock()
        end = clock.nanoseconds() + int(self._patience * 10**9)
        while True:
            self._connection.close()
            try:
                self._connection = connect(self._url)
                self._at = self._settled(self._connection)
            except psycopg.OperationalError as error:
                if clock.nanoseconds() > end:
                    text = "nobody knows whether the last records are in"
                    self._die(self._trouble(text, error), cause)
                Event().wait(_PAUSE_SECONDS)
            except psycopg.Error as error:
                self._die(self._trouble("cannot write", error), error)
            except JournalError as error:
                self._die(error, cause)
            else:
                return

    def _settled(self, connection: Connection) -> Mark:
        with ExitStack() as undo:
            undo.callback(setattr, self, "history", self.history)
            with connection.transaction():
                epoch = one(connection, _RETAKE, (self.account, self._owner))
                self._expect_last(connection, epoch)
                found = self._walked(connection, self._at)
                stored = found.records > self._at.records
                found = self._open_epoch(connection, found, epoch, "reconnected")
                if not stored:
                    payload = encode_group(found.records, found.epoch, self._pending)
                    found = _add(connection, self.account, found, payload, len(self._pending))
            undo.pop_all()
        _locked(connection, self.account)
        return found

    def _expect_last(self, connection: Connection, epoch: int | None) -> None:
        """Refuse a journal of another owner, and a server that lost what it had acknowledged."""
        if epoch is None:
            raise Fenced(f"the journal {self.name} was taken over by another engine")
        digest = one(connection, _DIGEST, (self.account, self._at.frames))
        if digest != self._at.digest:
            raise JournalError(
                f"the journal {self.name} has lost records that were durable: the server is behind"
            )

    def _check_alive(self) -> None:
        if self._dead is not None:
            raise type(self._dead)(*self._dead.args)

    def _trouble(self, what: str, error: psycopg.Error) -> JournalError:
        said = " ".join(str(error).split()) or type(error).__name__
        return JournalError(f"{what}: the journal {self.name}: {said}")

    def _die(self, error: JournalError, cause: Exception | None = None) -> NoReturn:
        self._dead = error
        self.append = self._refuse
        raise error from cause

    def _refuse(self, _record: Record) -> None:
        self._check_alive()


def _add(connection: Connection, account: str, at: Mark, payload: bytes, records: int) -> Mark:
    """Add a group behind a place, durably unless a transaction is open, and return the new place.

    Raises:
        Fenced: the epoch is not ours any more.
    """
    content, digest = frame(
        at.digest, payload, records=records, sequence=at.records, epoch=at.epoch
    )
    number = at.frames + 1
    added = connection.execute(
        _ADD, (number, at.records, records, digest, payload, account, at.epoch)
    )
    if added.rowcount != 1:
        raise Fenced(f"the journal of account {account} was taken over by another engine")
    return Mark(at.end + len(content), digest, number, at.records + records, at.epoch)


def _locked(connection: Connection, account: str) -> bool:
    """Take the lock of a living owner, and return False where another session has it."""
    return bool(one(connection, _LOCK, (account,)))
