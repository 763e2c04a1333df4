"""The tables of a journal in PostgreSQL, and a connection to them that never waits for ever.

::

    fillpath_journal.form       version                         one row: which form these tables have
    fillpath_journal.accounts   account, epoch, owner           one row for each journal
    fillpath_journal.frames     account, number, sequence, records, epoch, digest, payload

A row of ``frames`` is one frame as ``frames.py`` describes it, so that the bytes of a file follow
from the rows and the other way round. Rows are added, never changed.
"""

from collections.abc import Generator
from contextlib import ExitStack
from typing import Any, Final, TypeVar, cast

import psycopg
from psycopg.conninfo import make_conninfo

from fillpath.core.errors import JournalError
from fillpath.runtime.steady import SteadyClock

Answer = TypeVar("Answer")
Connection = psycopg.Connection[tuple[Any, ...]]

FORM_VERSION: Final = 1
ANSWER_SECONDS: Final = 8
"""Longest wait for the answer to one statement; the server gives up a little earlier."""

_NETWORK: Final[dict[str, str | int]] = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
    "application_name": "fillpath journal",
}
_SESSION: Final = {
    # The answer to a commit means that the disk has it, whatever the server's default says.
    "synchronous_commit": "on",
    # So that a commit that waited for a new owner sees its epoch.
    "default_transaction_isolation": "read committed",
    "statement_timeout": "5s",
    "lock_timeout": "4s",
    "idle_in_transaction_session_timeout": "10s",
    # So that the server lets go of the lock of an owner whose machine has gone.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
_TABLES: Final = """
create schema if not exists fillpath_journal;
create table if not exists fillpath_journal.form (version integer primary key);
create table if not exists fillpath_journal.accounts (
    account text primary key,
    epoch bigint not null,
    owner text not null
);
create table if not exists fillpath_journal.frames (
    account text not null references fillpath_journal.accounts,
    number bigint not null,
    sequence bigint not null,
    records bigint not null,
    epoch bigint not null,
    digest bytea not null,
    payload bytea not null,
    primary key (account, number)
);
create index if not exists frames_by_sequence on fillpath_journal.frames (account, sequence);
insert into fillpath_journal.form select 1 where not exists (select from fillpath_journal.form);
"""
_ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(hashtextextended('fillpath_journal', 0))"


class _Bounded(psycopg.Connection[tuple[Any, ...]]):
    """A connection that gives up when the other side says nothing: a stopped server does not."""

    def wait(self, gen: Generator[Any, Any, Answer], *rest: Any, **named: Any) -> Answer:
        """Run one exchange with the server.

        Raises:
            psycopg.OperationalError: there was no answer in time; the connection is closed.
        """
        try:
            answer: Answer = super().wait(_limited(gen), *rest, **named)
        except _NoAnswer as error:
            self.pgconn.finish()
            raise psycopg.OperationalError(str(error)) from error
        return answer


class _NoAnswer(Exception):
    """The time is up."""


def _limited(exchange: Generator[Any, Any, Answer]) -> Generator[Any, Any, Answer]:
    """Pass an exchange on until it takes too long; it is woken every tenth of a second."""
    clock = SteadyClock()
    end = clock.nanoseconds() + ANSWER_SECONDS * 10**9
    try:
        wanted = next(exchange)
        while True:
            ready = yield wanted
            if not ready and clock.nanoseconds() > end:
                raise _NoAnswer(f"no answer in {ANSWER_SECONDS} seconds")
            wanted = exchange.send(ready)
    except StopIteration as done:
        return cast("Answer", done.value)


def connect(url: str) -> Connection:
    """Connect, with every wait bounded and every commit waited for.

    Args:
        url: as libpq takes it; a driver in it, as in ``postgresql+asyncpg://``, is ignored.

    Raises:
        psycopg.Error: the server cannot be reached.
    """
    scheme, separator, rest = url.partition("://")
    plain = f"{scheme.partition('+')[0]}{separator}{rest}"
    connection = _Bounded.connect(make_conninfo(plain, **_NETWORK), autocommit=True)
    with ExitStack() as undo:
        undo.callback(connection.close)
        for name, value in _SESSION.items():
            connection.execute("select set_config(%s, %s, false)", (name, value))
        undo.pop_all()
    return connection


def prepare(connection: Connection) -> None:
    """Make the tables where they are missing; doing it again changes nothing.

    Raises:
        JournalError: the tables have a form that this version does not know, or the server does not
            wait for its disk.
        psycopg.Error: the server fails.
    """
    (synced,) = connection.execute("show fsync").fetchone() or ("off",)
    if synced != "on":
        raise JournalError("the server runs with fsync = off and would lose what it acknowledged")
    (known,) = connection.execute("select to_regclass('fillpath_journal.form')").fetchone() or (0,)
    if known is None:
        with connection.transaction():
            connection.execute(_ONE_AT_A_TIME)
            connection.execute(_TABLES)
    (version,) = connection.execute(
        "select max(version) from fillpath_journal.form"
    ).fetchone() or (None,)
    if version != FORM_VERSION:
        raise JournalError(
            f"the tables have form {version}, this program knows form {FORM_VERSION}"
        )
