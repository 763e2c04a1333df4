"""The file of the desk: users, sessions, tokens and what was answered, in SQLite.

It is no part of the journal and no part of trading: the engine runs, and is killed from its own
machine, without it.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.runtime.write_ahead import write_ahead

FILE: Final = "desk.sqlite"
VERSION: Final = 1
_BUSY_MS: Final = 2_000
_OTHERS: Final = 0o077

_SCHEMA: Final = """
CREATE TABLE users (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    accounts TEXT NOT NULL,
    password TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    secret TEXT,
    last_step INTEGER NOT NULL DEFAULT 0,
    disabled INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    seen_at INTEGER
) STRICT;
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    acted_at INTEGER NOT NULL,
    proved_at INTEGER NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_of ON sessions (name);
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL,
    name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    label TEXT NOT NULL,
    scope TEXT NOT NULL,
    accounts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;
CREATE TABLE answers (
    hash BLOB PRIMARY KEY,
    body_hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER,
    kind TEXT,
    body BLOB
) STRICT;
CREATE INDEX answers_at ON answers (at);
CREATE TABLE proposals (
    act TEXT NOT NULL,
    account TEXT NOT NULL,
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (act, account, what)
) STRICT;
CREATE TABLE senders (
    account TEXT NOT NULL,
    strategy TEXT NOT NULL,
    signal_id TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, strategy, signal_id)
) STRICT;
"""


class DeskFile:
    """One connection to the file of the desk; several processes may hold one.

    Args:
        folder: the engine's folder; made where it is missing.

    Raises:
        ConfigError: others may read the file, it is of another version, or no SQLite file.
        Unavailable: it cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_ours()
            self._db = sqlite3.connect(self.path, timeout=_BUSY_MS / 1_000, isolation_level=None)
        except (OSError, sqlite3.OperationalError) as error:
            raise Unavailable(f"the desk's file {self.path} cannot be opened: {error}") from error
        self._db.row_factory = sqlite3.Row
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise ConfigError(f"{self.path} is not the file of a desk: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def rows(self, sql: str, *values: object) -> list[Mapping[str, Any]]:
        """Return the rows of a query.

        Raises:
            Unavailable: the file cannot be read now.
        """
        try:
            return [dict(row) for row in self._db.execute(sql, values)]
        except sqlite3.Error as error:
            raise Unavailable(f"the desk's file cannot be read: {error}") from error

    @contextmanager
    def change(self) -> Iterator[sqlite3.Cursor]:
        """Run everything inside as one change: nobody else writes, and it is kept whole or not.

        Raises:
            Unavailable: the file cannot be written now; nothing was changed.
        """
        try:
            cursor = self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise Unavailable(f"the desk's file cannot be written: {error}") from error
        try:
            yield cursor
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unavailable(f"the desk's file cannot be written: {error}") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _make_ours(self) -> None:
        handle = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            mode = stat.S_IMODE(os.fstat(handle).st_mode)
        finally:
            os.close(handle)
        if mode & _OTHERS:
            raise ConfigError(
                f"{self.path} must be readable by its owner alone, got mode {mode:04o}: chmod 600 it"
            )

    def _prepare(self) -> None:
        run = self._db.execute
        write_ahead(run)
        run("PRAGMA synchronous = FULL")
        run("PRAGMA foreign_keys = ON")
        run("PRAGMA secure_delete = ON")
        with self.change() as cursor:
            version = cursor.execute("PRAGMA user_version").fetchone()[0]
            if not version:
                for statement in _SCHEMA.split(";"):
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {VERSION}")
        if version not in {0, VERSION}:
            self._db.close()
            raise ConfigError(
                f"{self.path} is of version {version}, and this program knows version {VERSION}"
            )
