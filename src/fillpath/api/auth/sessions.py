"""Sessions of people who signed in: random ids, of which only the hash is kept."""

import hashlib
import secrets
from typing import Any, Final

from msgspec import Struct

from fillpath.api.auth.file import DeskFile

_BYTES: Final = 32
MOST_OF_ONE: Final = 20


class Session(Struct, frozen=True, kw_only=True):
    """A session as it is kept.

    Args:
        hash: of its id.
        name: whose.
        created_at: when the person signed in, nanoseconds UTC.
        acted_at: when the person last did something, nanoseconds UTC.
        proved_at: when the password was last given, nanoseconds UTC.
        address: from where.
    """

    hash: bytes
    name: str
    created_at: int
    acted_at: int
    proved_at: int
    address: str


class Sessions:
    """Who is signed in.

    Args:
        file: the desk's file.
        longest: nanoseconds after which a session ends whatever happens.
    """

    def __init__(self, file: DeskFile, longest: int) -> None:
        self._file = file
        self._longest = longest

    def begin(self, name: str, address: str, at: int, *, created_at: int | None = None) -> str:
        """Return the id of a new session; the oldest ends where a person has too many.

        Args:
            name: whose.
            address: from where.
            at: now, nanoseconds UTC.
            created_at: when the session began that this one takes the place of.
        """
        word = secrets.token_urlsafe(_BYTES)
        with self._file.change() as cursor:
            cursor.execute("DELETE FROM sessions WHERE created_at <= ?", (at - self._longest,))
            cursor.execute(
                "DELETE FROM sessions WHERE name = ? AND hash NOT IN (SELECT hash FROM sessions "
                "WHERE name = ? ORDER BY created_at DESC LIMIT ?)",
                (name, name, MOST_OF_ONE - 1),
            )
            cursor.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)",
                (digest(word), name, at if created_at is None else created_at, at, at, address),
            )
            _seen(cursor, name, at)
        return word

    def get(self, word: str, at: int) -> Session | None:
        """Return the session of an id; None when there is none or it has ended."""
        rows = self._file.rows("SELECT * FROM sessions WHERE hash = ?", digest(word))
        session = Session(**rows[0]) if rows else None
        return None if session is None or self.ends_at(session) <= at else session

    def ends_at(self, session: Session) -> int:
        """Return when a session ends whatever happens, nanoseconds UTC."""
        return session.created_at + self._longest

    def acted(self, session: Session, at: int) -> None:
        """Note that the person did something."""
        with self._file.change() as cursor:
            cursor.execute("UPDATE sessions SET acted_at = ? WHERE hash = ?", (at, session.hash))
            _seen(cursor, session.name, at)

    def end(self, session: Session) -> None:
        """End one session."""
        with self._file.change() as cursor:
            cursor.execute("DELETE FROM sessions WHERE hash = ?", (session.hash,))

    def end_all(self, name: str) -> int:
        """End every session of a person and return how many there were."""
        with self._file.change() as cursor:
            cursor.execute("DELETE FROM sessions WHERE name = ?", (name,))
            return cursor.rowcount


def _seen(cursor: Any, name: str, at: int) -> None:
    cursor.execute("UPDATE users SET seen_at = ? WHERE name = ?", (at, name))


def digest(word: str) -> bytes:
    """Return the hash of a random word of 128 bits or more, which needs no salt."""
    return hashlib.sha256(word.encode()).digest()
