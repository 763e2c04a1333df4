"""Walk the frames of a journal and say whether what is there can be trusted.

Behind the last frame there may be room that the writer took ahead, as zeros. What can only be an
unfinished last write is told from damage: the tail from there on holds no other sound frame head,
and behind a frame with a sound head of its own nothing but room. It was never acknowledged and may
be cut. Anything else that does not match its hash is damage, and nothing is changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.data.codec import Record, decode_group
from fillpath.data.journal.files import JournalFile, Readable, open_reading
from fillpath.data.journal.frames import (
    CURRENT,
    HEADER_SIZE,
    MARK,
    ORIGINS,
    Form,
    Head,
    chained,
    form_of,
)

_CHUNK: Final = 1 << 20
MARK_EVERY: Final = 1 << 20
"""Bytes between the places at which reading can begin."""


class EpochStart(Struct, frozen=True):
    """A new owner of the journal.

    Args:
        epoch: its number; every frame from here to the next start carries it.
        sequence: number of the first record that it may have written.
        origin: how it came to be, one of ``frames.ORIGINS``.
    """

    epoch: int
    sequence: int
    origin: str


class JournalSummary(Struct, frozen=True):
    """What a journal holds.

    Args:
        frames: sound frames, openings included.
        records: events and intents.
        size: bytes of header and sound frames.
        torn: bytes of an unfinished last write behind them.
        digest: hash of the last frame, which covers everything before it.
        version: format version.
        epochs: every owner so far, oldest first; none in version 1.
    """

    frames: int
    records: int
    size: int
    torn: int
    digest: str
    version: int = CURRENT.version
    epochs: tuple[EpochStart, ...] = ()

    @property
    def epoch(self) -> int:
        """Return the epoch of the last owner, 0 when there was none."""
        return self.epochs[-1].epoch if self.epochs else 0


class Mark(NamedTuple):
    """A place between two frames, from which the rest can be read and checked.

    Args:
        end: byte behind the frame before.
        digest: hash of the frame before.
        frames: how many come before.
        records: how many come before.
        epoch: in which the frame before was written.
    """

    end: int
    digest: bytes
    frames: int
    records: int
    epoch: int


class FrameReader:
    """Walks sound frames up to ``size`` and counts what it has passed.

    Args:
        file: the journal; its header was checked.
        size: where to stop, in bytes; may be raised between two walks.
        form: its format version.
        start: where to begin; None begins behind the header.
    """

    def __init__(
        self, file: Readable, size: int, form: Form = CURRENT, start: Mark | None = None
    ) -> None:
        self._file = file
        self._form = form
        self._head_size = form.head_size
        self._chunk = b""
        self._chunk_at = 0
        self.size = size
        start = start or Mark(HEADER_SIZE, form.genesis, 0, 0, 0)
        self.end, self.digest, self.frames, self.records, self.epoch = start
        self.epochs: list[EpochStart] = []

    @property
    def mark(self) -> Mark:
        """Return the place that was reached."""
        return Mark(self.end, self.digest, self.frames, self.records, self.epoch)

    def payloads(self) -> Iterator[tuple[Head, bytes]]:
        """Yield each payload once its hash was checked; ``end`` tells where the sound part ends.

        Raises:
            JournalCorrupt: a frame is damaged, and it is not an unfinished last write.
        """
        while self.end < self.size:
            head = self._form.read_head(self._bytes(self.end, self._head_size))
            if head is None:
                self._expect_nothing_after()
                return
            payload = self._payload(head)
            if payload is None:
                return
            self._pass(head, payload)
            yield head, payload

    def _payload(self, head: Head) -> bytes | None:
        """Return the payload, or None for an unfinished last write."""
        if head.sequence != self.records:
            raise self._damaged(f"begins with record {head.sequence}, not {self.records}")
        after = self.end + self._head_size + head.length
        if after > self.size:
            self._expect_nothing_after()
            return None
        payload = self._bytes(self.end + self._head_size, head.length)
        if chained(self.digest, head.label, payload) != head.digest:
            if self._content_end(after) > after:
                raise self._damaged("does not match its hash")
            self._expect_nothing_after()
            return None
        return payload

    def _pass(self, head: Head, payload: bytes) -> None:
        if self._form.version > 1:
            self._check_epoch(head, payload)
        self.end += self._head_size + head.length
        self.digest = head.digest
        self.frames += 1
        self.records += head.records

    def _check_epoch(self, head: Head, payload: bytes) -> None:
        if head.records:
            if not self.epoch or head.epoch != self.epoch:
                raise self._damaged(f"was written in epoch {head.epoch}, not {self.epoch}")
            return
        if head.epoch <= self.epoch:
            raise self._damaged(f"opens epoch {head.epoch} after epoch {self.epoch}")
        origin = payload.decode("ascii", "replace")
        if origin not in ORIGINS:
            raise JournalError(f"epoch {head.epoch} was {origin}: a newer version wrote this")
        self.epoch = head.epoch
        self.epochs.append(EpochStart(head.epoch, head.sequence, origin))

    def _expect_nothing_after(self) -> None:
        """Accept a frame that cannot be read as torn only when no sound head follows its own."""
        size = self._head_size
        offset = self.end + 1
        while offset + size <= self.size:
            chunk = self._bytes(offset, min(_CHUNK, self.size - offset))
            found = chunk.find(MARK)
            while found >= 0:
                if self._form.read_head(self._bytes(offset + found, size)) is not None:
                    raise self._damaged("is cut short, and sound frames follow it")
                found = chunk.find(MARK, found + 1)
            offset += max(len(chunk) - len(MARK) + 1, 1)

    def torn(self) -> int:
        """Return the bytes of an unfinished write behind the sound part, without the room."""
        return self._content_end(self.end) - self.end

    def _content_end(self, offset: int) -> int:
        end = offset
        while offset < self.size:
            chunk = self._bytes(offset, min(_CHUNK, self.size - offset))
            if kept := len(chunk.rstrip(b"\0")):
                end = offset + kept
            offset += len(chunk)
        return end

    def _damaged(self, what: str) -> JournalCorrupt:
        return JournalCorrupt(f"frame {self.frames + 1} at byte {self.end} {what}")

    def _bytes(self, offset: int, size: int) -> bytes:
        start = offset - self._chunk_at
        if start < 0 or start + size > len(self._chunk):
            self._chunk = self._file.read(offset, min(max(size, _CHUNK), self.size - offset))
            self._chunk_at, start = offset, 0
        return self._chunk[start : start + size]


class Survey(NamedTuple):
    """What a walk over a whole journal found.

    Args:
        summary: the figures.
        end: the place behind the last sound frame.
        marks: places to begin at, about a mebibyte apart, oldest first.
    """

    summary: JournalSummary
    end: Mark
    marks: list[Mark]


def survey(file: Readable) -> Survey:
    """Check the header and every hash.

    Raises:
        JournalError: not a journal of a known format, or the storage fails.
        JournalCorrupt: a frame is damaged, and it is not an unfinished last write.
    """
    try:
        size = file.size()
        form = form_of(file.read(0, HEADER_SIZE))
        reader = FrameReader(file, size, form)
        marks = [reader.mark]
        for _ in reader.payloads():
            if reader.end - marks[-1].end >= MARK_EVERY:
                marks.append(reader.mark)
        torn = reader.torn()
    except OSError as error:
        raise JournalError(f"cannot read the journal: {error.strerror}") from error
    summary = JournalSummary(
        frames=reader.frames,
        records=reader.records,
        size=reader.end,
        torn=torn,
        digest=reader.digest.hex(),
        version=form.version,
        epochs=tuple(reader.epochs),
    )
    return Survey(summary, reader.mark, marks)


def settled_survey(file: Readable) -> JournalSummary:
    """Check a file that somebody may be writing.

    A frame that is being written while its neighbours are read can look like damage; damage stays.

    Raises:
        JournalError: as for ``survey``.
        JournalCorrupt: as for ``survey``.
    """
    said = ""
    while True:
        try:
            return survey(file).summary
        except JournalCorrupt as error:
            if str(error) == said:
                raise
            said = str(error)


def read_heads(file: Readable) -> Iterator[Head]:
    """Yield the head of every sound frame, openings included.

    Raises:
        JournalError: as for ``survey``.
        JournalCorrupt: as for ``survey``.
    """
    reader = FrameReader(file, file.size(), form_of(file.read(0, HEADER_SIZE)))
    for head, _ in reader.payloads():
        yield head


def read_groups(file: Readable, size: int) -> Iterator[tuple[Head, list[Record]]]:
    """Yield the groups of the first ``size`` bytes, which ``survey`` found sound, with their heads.

    Raises:
        JournalError: the storage fails, or a record is unknown to this version.
        JournalCorrupt: the bytes have changed, or a group stands in the wrong place.
    """
    try:
        reader = FrameReader(file, size, form_of(file.read(0, HEADER_SIZE)))
        for head, payload in reader.payloads():
            yield head, records_of(head, payload, reader.frames)
    except OSError as error:
        raise JournalError(f"cannot read the journal: {error.strerror}") from error
    if reader.end != size:
        raise JournalCorrupt(f"frame {reader.frames + 1} at byte {reader.end} has changed")


def records_of(head: Head, payload: bytes, number: int) -> list[Record]:
    """Return the records of a sound frame, none for an opening.

    Args:
        head: of the frame.
        payload: of the frame.
        number: of the frame, for the message.

    Raises:
        JournalError: a record is unknown to this version.
        JournalCorrupt: the group is not the one that the head announces.
    """
    if not head.records:
        return []
    group = decode_group(payload)
    found = (group.sequence, group.epoch, len(group.records))
    if found != (head.sequence, head.epoch, head.records):
        raise JournalCorrupt(f"frame {number} holds other records than it says")
    return group.records


def read_records(file: Readable, size: int) -> Iterator[Record]:
    """Yield the records of the first ``size`` bytes, which ``survey`` found sound.

    Raises:
        JournalError: the storage fails, or a record is unknown to this version.
        JournalCorrupt: the bytes have changed, or a group stands in the wrong place.
    """
    for _, records in read_groups(file, size):
        yield from records


def verify(path: Path) -> JournalSummary:
    """Check a journal on disk without changing it, also while an engine writes it.

    Raises:
        JournalError: not a journal of a known format, or it cannot be read.
        JournalCorrupt: a frame is damaged, and it is not an unfinished last write.
    """
    with opened(path) as file:
        return settled_survey(file)


def read_journal(path: Path) -> Iterator[Record]:
    """Yield the durable records of a journal on disk, also while an engine writes it.

    Raises:
        JournalError: not a journal of a known format, or it cannot be read.
        JournalCorrupt: a frame is damaged, and it is not an unfinished last write.
    """
    with opened(path) as file:
        yield from read_records(file, settled_survey(file).size)


@contextmanager
def opened(path: Path) -> Iterator[JournalFile]:
    """Open a journal to read it, and name it in every error.

    Raises:
        JournalError: it cannot be opened.
    """
    file = open_reading(path)
    try:
        yield file
    except JournalError as error:
        raise type(error)(f"{path}: {error}") from error
    finally:
        file.close()
