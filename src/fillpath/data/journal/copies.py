"""Back up a journal, put a backup in its place, and rewrite one of an older form.

Every copy is written beside its place, synced, checked hash by hash, and only then given its name,
so that a crash leaves either nothing or the whole. Nothing is ever overwritten or deleted: what has
to make room is kept under another name.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count, zip_longest
from pathlib import Path
from typing import NamedTuple

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.data.codec import encode_group
from fillpath.data.journal.files import DiskFile, JournalFile, flush, open_writing
from fillpath.data.journal.frames import CURRENT, HEADER, Head, frame, opening
from fillpath.data.journal.reading import (
    JournalSummary,
    opened,
    read_groups,
    read_heads,
    read_journal,
    settled_survey,
    verify,
)
from fillpath.runtime.disk import sync_folder

_CHUNK = 1 << 20


class Restored(NamedTuple):
    """What a restore did.

    Args:
        summary: of the journal that is in place now.
        kept: where the one before is, None when there was none.
    """

    summary: JournalSummary
    kept: Path | None


def backup(journal: Path, target: Path) -> JournalSummary:
    """Copy what is durable of a journal, also while an engine writes it.

    Args:
        journal: the journal.
        target: where the copy goes; must not exist.

    Raises:
        JournalError: the target exists, or the storage fails; nothing is left behind.
        JournalCorrupt: the journal is damaged.
    """
    with opened(journal) as file:
        found = settled_survey(file)
        _sync(file, journal)
        content = (
            file.read(offset, min(_CHUNK, found.size - offset))
            for offset in range(0, found.size, _CHUNK)
        )
        with _written(target, content) as copy:
            _expect(verify(copy), found)
            with _naming(target):
                os.link(copy, target)
    sync_folder(target.absolute().parent)
    return found


def restore(source: Path, journal: Path, *, force: bool = False) -> Restored:
    """Put a backup in the place of a journal, as a new epoch.

    Args:
        source: the backup.
        journal: the journal's place; what is there now is kept beside it as ``.replaced-N``.
        force: also where the journal holds records that the backup has not.

    Raises:
        JournalError: an engine has the journal open, it holds something else than the backup (as
            that of another account does), or the storage fails; nothing was changed.
        JournalCorrupt: the backup is damaged.
    """
    found = verify(source)
    if found.version != CURRENT.version:
        raise JournalError(f"{source} has format version {found.version}: upgrade it first")
    if not journal.exists():
        return Restored(_restored(source, found, journal, found.epoch), None)
    with _locked(journal):
        epoch = found.epoch if force else _expect_nothing_lost(source, journal)
        with suppress(JournalError):
            epoch = max(epoch, verify(journal).epoch)
        kept = _kept(journal, "replaced")
        return Restored(_restored(source, found, journal, epoch), kept)


def upgrade(journal: Path) -> JournalSummary:
    """Rewrite a journal of an older form; the old one is kept beside it as ``.vN``.

    Raises:
        JournalError: it has the newest form already, an engine has it open, or the storage fails.
        JournalCorrupt: it is damaged; nothing was changed.
    """
    found = verify(journal)
    if found.version == CURRENT.version:
        raise JournalError(f"{journal} has format version {found.version} already")
    with _locked(journal), _written(journal, _upgraded(journal)) as copy:
        now = verify(copy)
        same = zip_longest(read_journal(journal), read_journal(copy))
        if any(before != after for before, after in same):
            raise JournalError(f"the copy of {journal} differs: nothing was changed")
        os.link(journal, _free(journal, f"v{found.version}"))
        copy.replace(journal)
        sync_folder(journal.absolute().parent)
    return now


def _upgraded(journal: Path) -> Iterator[bytes]:
    start, digest = opening(CURRENT.genesis, 0, 1, "upgraded")
    yield HEADER + start
    with opened(journal) as file:
        for head, records in read_groups(file, settled_survey(file).size):
            payload = encode_group(head.sequence, 1, records)
            content, digest = frame(
                digest, payload, records=len(records), sequence=head.sequence, epoch=1
            )
            yield content


def _restored(source: Path, found: JournalSummary, journal: Path, epoch: int) -> JournalSummary:
    content, _ = opening(bytes.fromhex(found.digest), found.records, epoch + 1, "restored")
    with open(source, "rb") as file:  # noqa: PTH123  # read in parts
        parts = (file.read(min(_CHUNK, found.size - at)) for at in range(0, found.size, _CHUNK))
        with _written(journal, chain(parts, [content])) as copy:
            now = verify(copy)
            copy.replace(journal)
    sync_folder(journal.absolute().parent)
    return now


def _expect_nothing_lost(source: Path, journal: Path) -> int:
    """Return the epoch of the journal when the backup holds everything that it does."""
    try:
        with opened(journal) as ours, opened(source) as theirs:
            pairs = zip_longest(read_heads(ours), read_heads(theirs))
            common = next((pair for pair in pairs if _digest(pair[0]) != _digest(pair[1])), None)
            ours_only = [] if common is None else [common[0], *(pair[0] for pair in pairs)]
    except JournalCorrupt as error:
        raise JournalError(f"what {journal} holds cannot be told ({error}): see --force") from error
    lost = sum(head.records for head in ours_only if head is not None)
    if lost:
        raise JournalError(f"{journal} holds {lost} records that {source} has not: see --force")
    return verify(journal).epoch


def _digest(head: Head | None) -> bytes:
    return b"" if head is None else head.digest


def _expect(copy: JournalSummary, source: JournalSummary) -> None:
    if (copy.digest, copy.records, copy.torn) != (source.digest, source.records, 0):
        raise JournalError("the copy does not hold what the journal does: is the disk failing?")


@contextmanager
def _locked(journal: Path) -> Iterator[DiskFile]:
    """Keep every engine out."""
    file = open_writing(journal)
    try:
        yield file
    finally:
        file.close()


@contextmanager
def _written(target: Path, content: Iterable[bytes]) -> Iterator[Path]:
    """Write a file beside its place and sync it; it is gone afterwards unless it was renamed."""
    part = target.with_name(f"{target.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            for piece in content:
                written = 0
                while written < len(piece):
                    written += os.write(descriptor, piece[written:])
            flush(descriptor)
        finally:
            os.close(descriptor)
        yield part
    except OSError as error:
        raise JournalError(f"cannot write {target}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise JournalError(f"{target} exists already: give a new name") from error


def _kept(journal: Path, why: str) -> Path:
    """Give the journal a second name, so that it stays when its place is taken."""
    for number in count(1):
        with suppress(FileExistsError):
            kept = _free(journal, f"{why}-{number}")
            os.link(journal, kept)
            return kept
    raise AssertionError("there is always another number")


def _free(journal: Path, ending: str) -> Path:
    return journal.with_name(f"{journal.name}.{ending}")


def _sync(file: JournalFile, journal: Path) -> None:
    """Let the disk have what was just read: the engine may not have waited for it yet."""
    try:
        file.sync()
    except OSError as error:
        raise JournalError(f"cannot read {journal}: {error.strerror}") from error
