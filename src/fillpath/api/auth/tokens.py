"""Tokens for programs: read-only unless it was said otherwise, and they all end."""

import hmac
import secrets
from enum import StrEnum
from typing import Final

from msgspec import Struct

from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.sessions import digest
from fillpath.api.auth.users import split
from fillpath.core.errors import ConfigError

PREFIX: Final = "fillpath"
MOST_OF_ONE: Final = 50
_ID_BYTES: Final = 8
_SECRET_BYTES: Final = 32
_LONGEST_LABEL: Final = 60


class Scope(StrEnum):
    """What a program may do with its token."""

    READ = "read"
    KILL = "kill"
    TRADE = "trade"


class Token(Struct, frozen=True, kw_only=True):
    """A token as it is kept.

    Args:
        id: its public half.
        hash: of its secret half.
        name: on whose behalf it acts; it never may do more than that person.
        label: what it is for.
        scope: what it may do.
        accounts: the accounts it may see; empty: those of the person.
        created_at: nanoseconds UTC.
        ends_at: nanoseconds UTC.
    """

    id: str
    hash: bytes
    name: str
    label: str
    scope: Scope
    accounts: tuple[str, ...]
    created_at: int
    ends_at: int


class Tokens:
    """What programs prove themselves with.

    Args:
        file: the desk's file.
    """

    def __init__(self, file: DeskFile) -> None:
        self._file = file

    def make(
        self,
        name: str,
        label: str,
        scope: Scope,
        accounts: tuple[str, ...],
        *,
        at: int,
        ends_at: int,
    ) -> str:
        """Return a new token, which nobody can show again.

        Raises:
            ConfigError: nobody has that name, the label cannot be printed, or there are too many.
        """
        if not 0 < len(label) <= _LONGEST_LABEL or not label.isprintable():
            raise ConfigError(
                f"label must be a printable text of at most {_LONGEST_LABEL} characters"
            )
        public, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
        with self._file.change() as cursor:
            if cursor.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone() is None:
                raise ConfigError(f"there is no user {name}")
            cursor.execute("DELETE FROM tokens WHERE ends_at <= ?", (at,))
            held = cursor.execute("SELECT count(*) FROM tokens WHERE name = ?", (name,)).fetchone()
            if held[0] >= MOST_OF_ONE:
                raise ConfigError(f"{name} has {MOST_OF_ONE} tokens already, which is the most")
            cursor.execute(
                "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (public, digest(secret), name, label, scope, ",".join(accounts), at, ends_at),
            )
        return f"{PREFIX}_{public}_{secret}"

    def get(self, text: str, at: int) -> Token | None:
        """Return the token that a program shows; None when there is none or it has ended."""
        prefix, _, rest = text.partition("_")
        public, _, secret = rest.partition("_")
        if prefix != PREFIX or not secret:
            return None
        rows = self._file.rows("SELECT * FROM tokens WHERE id = ?", public)
        if not rows or not hmac.compare_digest(rows[0]["hash"], digest(secret)):
            return None
        token = _token(rows[0])
        return token if at < token.ends_at else None

    def all(self) -> tuple[Token, ...]:
        """Return every token, by person and age."""
        rows = self._file.rows("SELECT * FROM tokens ORDER BY name, created_at")
        return tuple(_token(row) for row in rows)

    def end(self, public: str) -> None:
        """End a token.

        Raises:
            ConfigError: there is none of that id.
        """
        with self._file.change() as cursor:
            cursor.execute("DELETE FROM tokens WHERE id = ?", (public,))
            if not cursor.rowcount:
                raise ConfigError(f"there is no token {public}")

    def end_all(self, name: str) -> int:
        """End every token of a person and return how many there were."""
        with self._file.change() as cursor:
            cursor.execute("DELETE FROM tokens WHERE name = ?", (name,))
            return cursor.rowcount


def _token(row: object) -> Token:
    values = dict(row)  # type: ignore[call-overload]  # a row of the file
    accounts = split(values.pop("accounts"))
    return Token(**values | {"scope": Scope(values["scope"]), "accounts": accounts})
