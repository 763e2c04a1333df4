"""Answers that are given again: one key of a caller stands for one act, however often it is sent."""

import hashlib
from typing import Any, Final

from msgspec import Struct

from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.policy import REPEATED_NS

MOST: Final = 100_000
LONGEST_KEY: Final = 128


class Answer(Struct, frozen=True):
    """What was answered.

    Args:
        status: of the answer.
        kind: its content type.
        body: its body.
    """

    status: int
    kind: str
    body: bytes


class Known(Struct, frozen=True):
    """What is known of a key.

    Args:
        same: whether it came with the same body.
        answer: what was answered; None: the act has begun, and nobody knows its end.
    """

    same: bool
    answer: Answer | None


class TooMany(Exception):
    """More keys came in a day than are kept."""


class Repeats:
    """The keys of the last day.

    Args:
        file: the desk's file.
    """

    def __init__(self, file: DeskFile) -> None:
        self._file = file

    def find(self, hashed: bytes, body_hash: bytes, at: int) -> Known | None:
        """Return what is known of a key; None when nothing is. Nobody is waited for."""
        rows = self._file.rows(
            "SELECT * FROM answers WHERE hash = ? AND at > ?", hashed, at - REPEATED_NS
        )
        return _known(rows[0], body_hash) if rows else None

    def claim(self, hashed: bytes, body_hash: bytes, at: int) -> Known | None:
        """Return what is known of a key; None when it is new, and now taken.

        Raises:
            TooMany: there is no room for another key today.
        """
        with self._file.change() as cursor:
            cursor.execute("DELETE FROM answers WHERE at <= ?", (at - REPEATED_NS,))
            row = cursor.execute("SELECT * FROM answers WHERE hash = ?", (hashed,)).fetchone()
            if row is not None:
                return _known(row, body_hash)
            if cursor.execute("SELECT count(*) FROM answers").fetchone()[0] >= MOST:
                raise TooMany
            cursor.execute(
                "INSERT INTO answers (hash, body_hash, at) VALUES (?, ?, ?)",
                (hashed, body_hash, at),
            )
        return None

    def keep(self, hashed: bytes, body_hash: bytes, at: int, answer: Answer) -> None:
        """Keep what was answered."""
        with self._file.change() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                (hashed, body_hash, at, answer.status, answer.kind, answer.body),
            )


def _known(row: Any, body_hash: bytes) -> Known:
    answer = None
    if row["status"] is not None:
        answer = Answer(row["status"], row["kind"], row["body"])
    return Known(row["body_hash"] == body_hash, answer)


def hash_of(*parts: str | bytes) -> bytes:
    """Return a hash of texts, none of which can be mistaken for a part of another."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big"))
        whole.update(data)
    return whole.digest()
