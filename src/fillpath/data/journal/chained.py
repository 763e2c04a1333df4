"""The one writer of a hash-chained journal, on disk or in memory."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

from fillpath.core.errors import JournalError
from fillpath.data.codec import Record, encode_group
from fillpath.data.journal.files import JournalFile, MemoryFile, open_writing
from fillpath.data.journal.frames import GENESIS, HEADER, HEADER_SIZE, frame
from fillpath.data.journal.reading import read_records, survey

_ROOM: Final = 1 << 20


class ChainedJournal:
    """Fulfils ``core.ports.Journal`` on any ``JournalFile``.

    Args:
        file: where the bytes go; this object closes it.
        name: what to call it in messages.
        durable: wait for the disk at every commit; False is for work that may be lost whole.

    Raises:
        JournalError: not a journal of this format, or the storage fails.
        JournalCorrupt: a frame is damaged; nothing was changed.

    ``append`` keeps the record in memory and costs as much as appending to a list. ``repaired``
    says what was cut from the end on opening, and is None when nothing was.
    """

    append: Callable[[Record], None]

    def __init__(self, file: JournalFile, *, name: str, durable: bool = True) -> None:
        self.name = name
        self.repaired: str | None = None
        self._file = file
        self._durable = durable
        self._dead: str | None = None
        self._pending: list[Record] = []
        self._end = HEADER_SIZE
        self._reserved = HEADER_SIZE
        self._digest = GENESIS
        self._sequence = 0
        try:
            self._open()
        except BaseException:
            file.close()
            raise
        self.append = self._pending.append

    @property
    def pending(self) -> int:
        """Return how many records the open group has."""
        return len(self._pending)

    @property
    def sequence(self) -> int:
        """Return how many records are durable."""
        return self._sequence

    @property
    def digest(self) -> str:
        """Return the hash of the last durable frame, which covers everything before it."""
        return self._digest.hex()

    def commit(self) -> None:
        """Write the open group as one frame and wait until it is durable.

        Raises:
            JournalError: the group may be lost; the journal takes nothing any more.
        """
        if self._dead is not None:
            raise JournalError(self._dead)
        pending = self._pending
        if not pending:
            return
        try:
            payload = encode_group(self._sequence, 0, pending)
        except JournalError as error:
            self._die(str(error), error)
        content, digest = frame(self._digest, payload, len(pending), self._sequence)
        self._write(content)
        self._end += len(content)
        self._digest = digest
        self._sequence += len(pending)
        pending.clear()

    def records(self) -> Iterator[Record]:
        """Yield every durable record, oldest first, reading as it goes.

        Raises:
            JournalCorrupt: the bytes have changed since they were written.
        """
        return read_records(self._file, self._end)

    def close(self) -> None:
        """Commit and release the file; a dead journal is only released."""
        try:
            if self._dead is None:
                self.commit()
                self._give_back_room()
        finally:
            self._dead = self._dead or f"the journal {self.name} is closed"
            self.append = self._refuse
            self._file.close()

    def _open(self) -> None:
        try:
            size = self._file.size()
            if HEADER.startswith(self._file.read(0, HEADER_SIZE)) and size < HEADER_SIZE:
                self._begin()
                return
            found = survey(self._file)
            if found.size < size:
                self._cut(found.size)
        except OSError as error:
            raise JournalError(f"cannot open the journal {self.name}: {error.strerror}") from error
        except JournalError as error:
            raise type(error)(f"{self.name}: {error}") from error
        if found.torn:
            where = f"frame {found.frames + 1} at byte {found.size}"
            self.repaired = f"cut {found.torn} bytes of the unfinished {where}"
        self._end = self._reserved = found.size
        self._digest = bytes.fromhex(found.digest)
        self._sequence = found.records

    def _begin(self) -> None:
        self._file.truncate(0)
        self._file.write(0, HEADER)
        self._file.sync()

    def _cut(self, size: int) -> None:
        self._file.truncate(size)
        self._file.sync()

    def _write(self, content: bytes) -> None:
        try:
            self._reserve(self._end + len(content))
            self._file.write(self._end, content)
        except OSError as error:
            self._give_back_room()
            self._die(f"cannot write the journal {self.name}: {error.strerror}", error)
        if not self._durable:
            return
        try:
            self._file.sync()
        except OSError as error:
            # After a failed sync the system may have dropped the pages: a second try would lie.
            text = f"the journal {self.name} may have lost its last records: {error.strerror}"
            self._die(text, error)

    def _reserve(self, needed: int) -> None:
        if self._durable and needed > self._reserved:
            self._reserved = needed + _ROOM - needed % _ROOM
            self._file.reserve(self._reserved)

    def _give_back_room(self) -> None:
        # Where this fails, the next start cuts what is behind the last frame.
        with suppress(OSError):
            self._file.truncate(self._end)

    def _die(self, text: str, cause: Exception) -> NoReturn:
        self._dead = text
        self.append = self._refuse
        raise JournalError(text) from cause

    def _refuse(self, _record: Record) -> None:
        raise JournalError(self._dead)


class FileJournal(ChainedJournal):
    """A journal on disk, locked against a second writer for as long as it is open.

    Args:
        path: the file; created when missing, in a folder that exists.
        durable: wait for the disk at every commit.

    Raises:
        JournalError: in use by another process, or as for ``ChainedJournal``.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        super().__init__(open_writing(path), name=str(path), durable=durable)


class MemoryJournal(ChainedJournal):
    """The same journal without a disk, for tests and for replays that nobody keeps.

    Args:
        content: bytes of an earlier journal to go on from.
    """

    def __init__(self, content: bytes = b"") -> None:
        self._memory = MemoryFile(content)
        super().__init__(self._memory, name="in memory")

    @property
    def content(self) -> bytes:
        """Return the bytes that a file would hold."""
        return self._memory.read(0, self._memory.size())
