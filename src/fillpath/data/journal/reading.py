"""Walk the frames of a journal and say whether what is there can be trusted.

Behind the last frame there may be room that the writer took ahead, as zeros. What can only be an
unfinished last write is told from damage: the tail from there on holds no other sound frame head,
and behind a frame with a sound head of its own nothing but room. It was never acknowledged and may
be cut. Anything else that does not match its hash is damage, and nothing is changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.data.codec import Record, decode_group
from fillpath.data.journal.files import JournalFile, open_reading
from fillpath.data.journal.frames import (
    GENESIS,
    HEAD_SIZE,
    HEADER_SIZE,
    MARK,
    Head,
    chained,
    check_header,
    read_head,
)

_CHUNK: Final = 1 << 20


class JournalSummary(Struct, frozen=True):
    """What a journal holds.

    Args:
        frames: groups that became durable together.
        records: events and intents.
        size: bytes of header and sound frames.
        torn: bytes of an unfinished last write behind them.
        digest: hash of the last frame, which covers everything before it.
    """

    frames: int
    records: int
    size: int
    torn: int
    digest: str


class FrameReader:
    """Walks sound frames up to ``size`` and counts what it has passed.

    Args:
        file: the journal; its header was checked.
        size: where to stop, in bytes.
    """

    def __init__(self, file: JournalFile, size: int) -> None:
        self._file = file
        self._size = size
        self._chunk = b""
        self._chunk_at = 0
        self.end = HEADER_SIZE
        self.digest = GENESIS
        self.frames = 0
        self.records = 0

    def payloads(self) -> Iterator[bytes]:
        """Yield each payload once its hash was checked; ``end`` tells where the sound part ends.

        Raises:
            JournalCorrupt: a frame is damaged, and it is not an unfinished last write.
        """
        while self.end < self._size:
            head = read_head(self._bytes(self.end, HEAD_SIZE))
            if head is None:
                self._expect_nothing_after()
                return
            payload = self._payload(head)
            if payload is None:
                return
            yield payload

    def _payload(self, head: Head) -> bytes | None:
        if head.sequence != self.records:
            raise self._damaged(f"begins with record {head.sequence}, not {self.records}")
        after = self.end + HEAD_SIZE + head.length
        if after > self._size:
            self._expect_nothing_after()
            return None
        payload = self._bytes(self.end + HEAD_SIZE, head.length)
        if chained(self.digest, head.label, payload) != head.digest:
            if self._content_end(after) > after:
                raise self._damaged("does not match its hash")
            self._expect_nothing_after()
            return None
        self.end = after
        self.digest = head.digest
        self.frames += 1
        self.records += head.records
        return payload

    def _expect_nothing_after(self) -> None:
        """Accept a frame that cannot be read as torn only when no sound head follows its own."""
        offset = self.end + 1
        while offset + HEAD_SIZE <= self._size:
            chunk = self._bytes(offset, min(_CHUNK, self._size - offset))
            found = chunk.find(MARK)
            while found >= 0:
                if read_head(self._bytes(offset + found, HEAD_SIZE)) is not None:
                    raise self._damaged("is cut short, and sound frames follow it")
                found = chunk.find(MARK, found + 1)
            offset += max(len(chunk) - len(MARK) + 1, 1)

    def torn(self) -> int:
        """Return the bytes of an unfinished write behind the sound part, without the room."""
        return self._content_end(self.end) - self.end

    def _content_end(self, offset: int) -> int:
        end = offset
        while offset < self._size:
            chunk = self._bytes(offset, min(_CHUNK, self._size - offset))
            if kept := len(chunk.rstrip(b"\0")):
                end = offset + kept
            offset += len(chunk)
        return end

    def _damaged(self, what: str) -> JournalCorrupt:
        return JournalCorrupt(f"frame {self.frames + 1} at byte {self.end} {what}")

    def _bytes(self, offset: int, size: int) -> bytes:
        start = offset - self._chunk_at
        if start < 0 or start + size > len(self._chunk):
            self._chunk = self._file.read(offset, min(max(size, _CHUNK), self._size - offset))
            self._chunk_at, start = offset, 0
        return self._chunk[start : start + size]


def survey(file: JournalFile) -> JournalSummary:
    """Check the header and every hash.

    Raises:
        JournalError: not a journal of this format, or the storage fails.
        JournalCorrupt: a frame is damaged, and it is not an unfinished last write.
    """
    try:
        size = file.size()
        check_header(file.read(0, HEADER_SIZE))
        reader = FrameReader(file, size)
        for _ in reader.payloads():
            pass
        torn = reader.torn()
    except OSError as error:
        raise JournalError(f"cannot read the journal: {error.strerror}") from error
    return JournalSummary(
        frames=reader.frames,
        records=reader.records,
        size=reader.end,
        torn=torn,
        digest=reader.digest.hex(),
    )


def read_records(file: JournalFile, size: int) -> Iterator[Record]:
    """Yield the records of the first ``size`` bytes, which ``survey`` found sound.

    Raises:
        JournalError: the storage fails, or a record is unknown to this version.
        JournalCorrupt: the bytes have changed, or a group stands in the wrong place.
    """
    reader = FrameReader(file, size)
    sequence = 0
    try:
        for payload in reader.payloads():
            group = decode_group(payload)
            if group.sequence != sequence or sequence + len(group.records) != reader.records:
                raise JournalCorrupt(f"frame {reader.frames} holds other records than it says")
            yield from group.records
            sequence = reader.records
    except OSError as error:
        raise JournalError(f"cannot read the journal: {error.strerror}") from error
    if reader.end != size:
        raise JournalCorrupt(f"frame {reader.frames + 1} at byte {reader.end} has changed")


def verify(path: Path) -> JournalSummary:
    """Check a journal on disk without changing it, also while an engine writes it.

    Raises:
        JournalError: not a journal of this format, or it cannot be read.
        JournalCorrupt: a frame is damaged, and it is not an unfinished last write.
    """
    with _opened(path) as file:
        return survey(file)


def read_journal(path: Path) -> Iterator[Record]:
    """Yield the durable records of a journal on disk, also while an engine writes it.

    Raises:
        JournalError: not a journal of this format, or it cannot be read.
        JournalCorrupt: a frame is damaged, and it is not an unfinished last write.
    """
    with _opened(path) as file:
        yield from read_records(file, survey(file).size)


@contextmanager
def _opened(path: Path) -> Iterator[JournalFile]:
    file = open_reading(path)
    try:
        yield file
    except JournalError as error:
        raise type(error)(f"{path}: {error}") from error
    finally:
        file.close()
