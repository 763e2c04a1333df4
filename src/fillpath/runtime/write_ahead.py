"""Put a SQLite file into write-ahead mode while others may be doing the same."""

import sqlite3
import time
from collections.abc import Callable
from typing import Final

_STATEMENT: Final = "PRAGMA journal_mode=WAL"
_PAUSE_SECONDS: Final = 0.025
_ATTEMPTS: Final = 200
"""Five seconds in all: a switch takes milliseconds, so whoever is in the way is gone by then."""
_KIND: Final = 0xFF
"""The low byte of a SQLite result code is its kind, the rest is detail."""


def write_ahead(
    run: Callable[[str], object], pause: Callable[[float], object] = time.sleep
) -> None:
    """Switch a file to write-ahead mode; a file that is in it already is left as it is.

    SQLite does not wait for a lock here as it does elsewhere: two connections that both read the
    file and both want it alone would wait for each other, so one is refused at once and has to ask
    again (https://sqlite.org/c3ref/busy_handler.html). The busy timeout does not help.

    Args:
        run: run one statement on the connection.
        pause: wait for that many seconds.

    Raises:
        sqlite3.OperationalError: the file is still locked after five seconds, or the switch was
            refused for another reason.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            run(_STATEMENT)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _KIND != sqlite3.SQLITE_BUSY:
                raise
            pause(_PAUSE_SECONDS)
        else:
            return
    run(_STATEMENT)
