"""Answers that every subject has: some rows, that it is done, that the server lives."""

from typing import Generic, TypeVar

from msgspec import Struct

R = TypeVar("R")


class Listing(Struct, Generic[R], frozen=True):
    """Rows, newest first, and where the next ones begin.

    Args:
        rows: the rows.
        after: hand it in as ``after`` for the page that follows; empty when this was the last.
        through: the answer holds every journal record up to this one, -1 for none; live updates
            that go on from here leave nothing out.
    """

    rows: list[R]
    after: str = ""
    through: int = -1


class Done(Struct, frozen=True):
    """It is done.

    Args:
        done: always true.
        text: what a person should know now; a secret in it is shown this once.
    """

    done: bool = True
    text: str = ""


class Alive(Struct, frozen=True):
    """A sign of life, and nothing else.

    Args:
        alive: always true.
    """

    alive: bool = True
