"""The kill latches on disk: files beside the journal that stop orders, whatever else is dead.

``kill.json`` in the folder of an account stops the account, the same file in the folder above stops
every account there, and ``kills/`` holds a file for each strategy and symbol that is stopped. A file
is written before anything is told, it needs no engine, no bus and no database, and what cannot be
read counts as set: an empty file made by hand will do.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from fillpath.risk.kill_switch import Latch, Scope
from fillpath.runtime.disk import sync_folder

FILE: Final = "kill.json"
PARTS: Final = "kills"
SUFFIX: Final = ".json"
UNREADABLE: Final = "the kill latch cannot be read, which counts as set"

_LONGEST_NAME: Final = 150


class KillLatch:
    """The latches that concern one account.

    Args:
        folder: where the account keeps its files.
        above: the folder of every account; None where there is only this one.
    """

    def __init__(self, folder: Path, above: Path | None = None) -> None:
        self.path = folder / FILE
        self._above = None if above is None else above / FILE

    def read(self) -> Latch | None:
        """Return what stops the account, or None; unreadable counts as set."""
        return next((latch for latch in self.every() if latch.is_wide), None)

    def every(self) -> Iterator[Latch]:
        """Yield everything that is set, the widest first."""
        if self._above is not None:
            yield from _read(self._above, Scope.ALL)
        yield from _read(self.path, Scope.ACCOUNT)
        try:
            paths = sorted(self.path.with_name(PARTS).iterdir())
        except FileNotFoundError:
            return
        except OSError:
            yield _unreadable(Scope.ACCOUNT)
            return
        for path in paths:
            yield from _read(path)

    def stopped(self, strategy: str, symbol: str) -> Latch | None:
        """Return why no order of the strategy in the symbol may leave now, or None."""
        return next((latch for latch in self.every() if latch.covers(strategy, symbol)), None)

    def set(self, latch: Latch) -> bool:
        """Stop a scope durably; return False, and change nothing, when it was stopped already.

        A file that cannot be written whole is left as it is: it counts as set all the same.

        Raises:
            OSError: there cannot even be an empty file; nothing is stopped by it.
        """
        path = self._path_of(latch.scope, latch.target)
        if not latch.is_wide:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        return write_latch(path, latch)

    def clear(self, scope: Scope = Scope.ACCOUNT, target: str = "") -> None:
        """Allow the orders of a scope again; the caller has journaled who allowed it.

        With the account goes every file that cannot be read, because each of them stops it.
        """
        paths = [self._path_of(scope, target)]
        if scope is Scope.ACCOUNT:
            with suppress(OSError):
                parts = self.path.with_name(PARTS).iterdir()
                paths += [path for path in parts if any(found.is_wide for found in _read(path))]
        for path in paths:
            path.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                sync_folder(path.parent)

    def _path_of(self, scope: Scope, target: str) -> Path:
        if scope is Scope.ALL and self._above is not None:
            return self._above
        if scope is Scope.ALL or scope is Scope.ACCOUNT:
            return self.path
        name = quote(target, safe="")
        if len(name) > _LONGEST_NAME:
            name = hashlib.blake2b(target.encode(), digest_size=16).hexdigest()
        return self.path.with_name(PARTS) / f"{scope}-{name}{SUFFIX}"


def write_latch(path: Path, latch: Latch) -> bool:
    """Write a latch file unless it is there; a part of it is as good as the whole.

    Raises:
        OSError: there cannot even be an empty file.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with suppress(OSError):  # a full disk leaves an empty file, and that counts as set
        try:
            os.write(descriptor, msgspec.json.encode(latch))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(path.parent)
    return True


def _read(path: Path, scope: Scope | None = None) -> Iterator[Latch]:
    """Yield what a file says; where it lies says how much it stops, if it is one of the wide ones."""
    try:
        latch = msgspec.json.decode(path.read_bytes(), type=Latch)
    except FileNotFoundError:
        return
    except (OSError, msgspec.MsgspecError):
        yield _unreadable(scope or Scope.ACCOUNT)
        return
    yield latch if scope is None else replace(latch, scope=scope, target="")


def _unreadable(scope: Scope) -> Latch:
    return Latch(UNREADABLE, "fillpath", 0, scope)


__all__ = ["FILE", "PARTS", "UNREADABLE", "KillLatch", "Latch", "Scope", "write_latch"]
