"""The log of who did what, or tried to: append only, each line bound to the one before.

A line is one JSON object; its hash covers the line and the hash of the line before it, so that a
line that was changed, taken out or put in is found. The hash at the end of each day is also written
to the file of anchors, which belongs on another disk or machine: it shows that the log was cut off.
"""

import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fillpath.core.errors import ConfigError, DataError, Unavailable
from fillpath.core.units import iso, moment

FILE: Final = "audit.jsonl"
ANCHORS: Final = "audit.anchors"
FIRST: Final = "0" * 64
LONGEST: Final = 2_000
_TAIL: Final = 64 * 1_024
_OTHERS: Final = 0o077


class Entry(Struct, frozen=True, kw_only=True):
    """What happened.

    Args:
        who: who did it, as far as that is known.
        role: as what.
        source: from where.
        act: what was done, or tried.
        outcome: ASKED, DONE, REFUSED or FAILED.
        account: whose account it was about.
        target: what it was about.
        before: what was before, where that is known.
        after: what is since, where that is known.
        reason: why, as they said.
        request_id: names the request.
    """

    who: str
    role: str
    source: str
    act: str
    outcome: str
    account: str = ""
    target: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
    request_id: str = ""


class Verdict(Struct, frozen=True):
    """What checking a log found.

    Args:
        entries: how many there are.
        anchors: how many of them an anchor agrees with.
        last_hash: of the last entry.
    """

    entries: int
    anchors: int
    last_hash: str


class AuditLog:
    """The log of one desk; several processes may write to it.

    Args:
        folder: the engine's folder.
        anchors: file of anchors; None for one beside the log.

    Raises:
        ConfigError: others may read the log.
    """

    def __init__(self, folder: Path, anchors: Path | None = None) -> None:
        self.path = folder / FILE
        self.anchors = anchors or folder / ANCHORS
        if self.path.exists() and stat.S_IMODE(self.path.stat().st_mode) & _OTHERS:
            raise ConfigError(f"{self.path} must be readable by its owner alone: chmod 600 it")

    def write(self, entry: Entry, at: int, *, durable: bool = True) -> None:
        """Append an entry.

        Args:
            entry: what happened.
            at: when, nanoseconds UTC.
            durable: whether it is on the disk when this returns.

        Raises:
            Unavailable: the disk does not take it, or the log ends in something else.
        """
        try:
            handle = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._append(handle, entry, at, durable=durable)
            finally:
                os.close(handle)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"the audit log {self.path} takes no entry: {error}") from error

    def _append(self, handle: int, entry: Entry, at: int, *, durable: bool) -> None:
        last = _last(handle)
        day = iso(moment(at))[:10]
        if last and str(last["at"])[:10] < day:
            self._anchor(last)
        number = int(last["number"]) + 1 if last else 0
        line = lined(entry, number, iso(moment(at)), str(last["hash"]) if last else FIRST)
        data = line.encode() + b"\n"
        if os.write(handle, data) != len(data):
            raise OSError("the disk took part of a line")
        if durable:
            os.fsync(handle)

    def _anchor(self, last: Mapping[str, Any]) -> None:
        row = f"{last['at']} {last['number']} {last['hash']}\n"
        handle = os.open(self.anchors, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            os.write(handle, row.encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield every entry, oldest first.

        Raises:
            DataError: a line is no entry.
            Unavailable: the log cannot be read.
        """
        for number, line in enumerate(self._lines()):
            yield _read(line, number + 1)

    def newest(self, limit: int, before: int | None = None) -> list[dict[str, Any]]:
        """Return entries, newest first.

        Args:
            limit: how many at most.
            before: only entries with a smaller number.

        Raises:
            DataError: a line is no entry.
        """
        lines = list(self._lines())
        end = len(lines) if before is None else min(before, len(lines))
        wanted = range(end - 1, max(end - limit, 0) - 1, -1)
        return [_read(lines[number], number + 1) for number in wanted]

    def verify(self) -> Verdict:
        """Check every entry against the one before, and every anchor against its entry.

        Raises:
            DataError: something was changed, taken out, put in or cut off; says where.
        """
        anchors = self._anchors()
        last, count, agreed = FIRST, 0, 0
        for entry in self.entries():
            _check(entry, count, last)
            last = str(entry["hash"])
            if count in anchors:
                if anchors.pop(count) != last:
                    raise DataError(str(self.path), count + 1, "is not what its anchor says")
                agreed += 1
            count += 1
        if anchors:
            raise DataError(
                str(self.path), None, f"ends before entry {min(anchors)}, which an anchor names"
            )
        return Verdict(count, agreed, last)

    def _anchors(self) -> dict[int, str]:
        if not self.anchors.exists():
            return {}
        rows = [row.split(" ") for row in self.anchors.read_text("utf-8").splitlines()]
        try:
            return {int(number): hashed for _, number, hashed in rows}
        except ValueError:
            raise DataError(str(self.anchors), None, "holds something that is no anchor") from None

    def _lines(self) -> Iterator[str]:
        try:
            if self.path.exists():
                with self.path.open(encoding="utf-8") as file:
                    yield from file
        except OSError as error:
            raise Unavailable(f"the audit log cannot be read: {error}") from error


def lined(entry: Entry, number: int, at: str, before: str) -> str:
    """Return the line of an entry."""
    said = {name: str(getattr(entry, name))[:LONGEST] for name in entry.__struct_fields__}
    row = {"number": number, "at": at, **said, "previous": before}
    return _written({**row, "hash": _hash(row)})


def _hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(_written(row).encode()).hexdigest()


def _written(row: Mapping[str, Any]) -> str:
    """Return JSON in which no text can begin a line of its own."""
    return json.dumps(row, ensure_ascii=True, separators=(",", ":"))


def _check(entry: dict[str, Any], number: int, previous: str) -> None:
    row = {name: value for name, value in entry.items() if name != "hash"}
    if entry["hash"] != _hash(row):
        raise DataError(FILE, number + 1, "was changed: it does not match its hash")
    if entry["previous"] != previous or entry["number"] != number:
        raise DataError(FILE, number + 1, "does not follow the entry before it")


def _read(line: str, row: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        raise DataError(FILE, row, "is no entry") from None
    if not isinstance(entry, dict) or not {"number", "hash", "previous", "at"} <= entry.keys():
        raise DataError(FILE, row, "is no entry")
    return entry


def _last(handle: int) -> dict[str, Any] | None:
    """Return the last entry of an open log; None when it has none.

    Raises:
        ValueError: it does not end in an entry.
    """
    size = os.fstat(handle).st_size
    if not size:
        return None
    tail = os.pread(handle, _TAIL, max(size - _TAIL, 0))
    if not tail.endswith(b"\n"):
        raise ValueError("its last line is not complete; look at it, then end it with a new line")
    last: dict[str, Any] = json.loads(tail.rstrip(b"\n").rpartition(b"\n")[2])
    return last
