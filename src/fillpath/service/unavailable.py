"""The word that an engine leaves when it cannot start: its last figures, and why nothing trades."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.runtime.disk import replace_file
from fillpath.service.account import FILE
from fillpath.service.control import ask
from fillpath.service.status import State, Status, read_status


async def leave_word(
    folder: Path, account: str, mode: str, why: str, now: datetime, version: str
) -> None:
    """Write the status of an account whose broker is unavailable, unless an engine runs it.

    What the last engine knew of money, positions and orders stays readable.
    """
    with suppress(ConfigError):
        try:
            await ask(folder, {"do": "status"})
        except Unavailable:
            _write(folder, account, mode, why, now, version)


def _write(folder: Path, account: str, mode: str, why: str, now: datetime, version: str) -> None:
    status = last_word(folder)
    if status is None:
        status = Status(
            account=account,
            mode=mode,
            state=State.UNAVAILABLE,
            version=version,
            at=now,
            started_at=now,
            pid=0,
        )
    told = replace(
        status,
        mode=mode,
        state=State.UNAVAILABLE,
        why=why,
        at=now,
        pid=os.getpid(),
        version=version,
        degraded=True,
        notice="",
        parts=(),
    )
    with suppress(OSError):  # a full disk keeps the old one; the exit code says it too
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(folder / FILE, told.as_json())


def last_word(folder: Path) -> Status | None:
    """Return the status that was written last, or None where there is none that can be read."""
    try:
        return read_status((folder / FILE).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


__all__ = ["last_word", "leave_word"]
