"""Copies of the journal, one for each due moment, the newest kept."""

import asyncio
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from fillpath.core.errors import JournalError
from fillpath.core.jobs import AfterSession
from fillpath.core.units import moment
from fillpath.data.journal.copies import backup
from fillpath.data.journal.reading import verify
from fillpath.service.jobs import Job

BACKUP: Final = "backup"
FOLDER: Final = "backups"
AFTER_CLOSE_MINUTES: Final = 30
LIMIT_SECONDS: Final = 1_800.0
NAME: Final = re.compile(r"journal-\d{8}T\d{6}Z\.fillpath")


def backup_job(journal: Path, keep: int) -> Job:
    """Return the job that copies a journal after each session, and checks the copy hash by hash.

    Args:
        journal: of the account; the copies go into a folder beside it.
        keep: how many copies stay, 1 or more.
    """

    async def act(due: int) -> str:
        return await asyncio.to_thread(copied, journal, moment(due), keep)

    return Job(
        name=BACKUP,
        meaning="copy the journal, check the copy, and let the oldest copies go",
        schedule=AfterSession(AFTER_CLOSE_MINUTES),
        act=act,
        limit_seconds=LIMIT_SECONDS,
    )


def copied(journal: Path, due: datetime, keep: int) -> str:
    """Copy a journal for a due moment unless that was done, and return what was done.

    Raises:
        JournalError: the journal cannot be read, or the copy not be written; nothing is left.
    """
    folder = journal.parent / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise JournalError(f"cannot make {folder}: {error.strerror}") from error
    target = folder / f"journal-{due:%Y%m%dT%H%M%SZ}.fillpath"
    found = verify(target) if target.exists() else backup(journal, target)
    gone = pruned(folder, keep)
    left = f", {gone} old copies let go" if gone else ""
    return f"{found.records} records in {target.name}{left}"


def pruned(folder: Path, keep: int) -> int:
    """Delete all but the newest copies, never a file of another name; return how many went."""
    copies = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    old = copies[: max(0, len(copies) - keep)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


__all__ = ["BACKUP", "FOLDER", "backup_job", "copied", "pruned"]
