"""The kill latch on disk: one file beside the journal that stops trading, whatever else is dead.

It is written before anything is told, it needs no engine, no bus and no database, and what cannot
be read counts as set.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from fillpath.runtime.disk import sync_folder

FILE: Final = "kill.json"


class Latch(Struct, frozen=True):
    """Why trading is stopped.

    Args:
        reason: what the person or the breaker said.
        by: who it was.
        at: nanoseconds UTC.
    """

    reason: str
    by: str
    at: int


_UNREADABLE: Final = Latch("the kill latch cannot be read, which counts as set", "fillpath", 0)


class KillLatch:
    """The latch of one account.

    Args:
        folder: where the account keeps its files.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self) -> Latch | None:
        """Return what it says, or None when trading is not stopped; unreadable counts as set."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Latch)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError):
            return _UNREADABLE

    def set(self, latch: Latch) -> bool:
        """Stop trading durably; return False, and change nothing, when it was stopped already.

        A file that cannot be written whole is left as it is: it counts as set all the same.

        Raises:
            OSError: there cannot even be an empty file; trading is not stopped by it.
        """
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with suppress(OSError):  # a full disk leaves an empty file, and that counts as set
            try:
                os.write(descriptor, msgspec.json.encode(latch))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            sync_folder(self.path.parent)
        return True

    def clear(self) -> None:
        """Allow trading again; the caller has journaled who allowed it."""
        self.path.unlink(missing_ok=True)
        sync_folder(self.path.parent)
