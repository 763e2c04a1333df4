"""The one writer of a hash-chained journal, on disk or in memory."""

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, NoReturn, get_args

from fillpath.core.commands import CancelOrder
from fillpath.core.errors import JournalError, JournalFull
from fillpath.core.events import (
    AccountDiffered,
    AccountOpened,
    BrokerEvent,
    EngineStarted,
    KillSwitchSet,
    SymbolQuarantined,
    TradingHeld,
)
from fillpath.data.codec import Record, encode_group
from fillpath.data.journal.files import JournalFile, MemoryFile, open_writing
from fillpath.data.journal.frames import (
    CURRENT,
    EPOCH_MAX,
    GENESIS,
    HEADER,
    HEADER_SIZE,
    frame,
    opening,
)
from fillpath.data.journal.reading import (
    MARK_EVERY,
    EpochStart,
    Mark,
    Survey,
    read_records,
    survey,
)
from fillpath.data.journal.tail import FrameTail

ESSENTIAL: Final = (
    CancelOrder,
    EngineStarted,
    KillSwitchSet,
    TradingHeld,
    SymbolQuarantined,
    AccountDiffered,
    *get_args(BrokerEvent),
)
"""What a full journal still takes: what ends exposure, and what the broker says."""
EMERGENCY_ROOM: Final = 1 << 20
"""Bytes kept for it on disk from the start: some 4,000 records, committed one by one."""

_ROOM: Final = 1 << 20
_STORED_AGAIN: Final = 1 << 22
"""Bytes before the end that an opening stores again; no group of one turn is larger."""
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_BEGINNING: Final = Mark(HEADER_SIZE, GENESIS, 0, 0, 0)
_FIRST_SIZE: Final = HEADER_SIZE + len(opening(GENESIS, 0, 1, "opened")[0])


class ChainedJournal:
    """Fulfils ``core.ports.Journal`` on any ``JournalFile``.

    Args:
        file: where the bytes go; this object closes it.
        name: what to call it in messages.
        durable: wait for the disk at every commit; False is for work that may be lost whole.
        account: refuse the journal of any other account; empty takes every one.

    Raises:
        JournalError: not a journal of this format or account, or the storage fails.
        JournalCorrupt: a frame is damaged; nothing was changed.

    Opening begins a new epoch, durably, and every frame carries it. ``append`` keeps the record in memory and costs as much as appending to a list. ``repaired``
    says what was cut from the end on opening, and is None when nothing was.
    """

    append: Callable[[Record], None]

    def __init__(
        self, file: JournalFile, *, name: str, durable: bool = True, account: str = ""
    ) -> None:
        self.name = name
        self.repaired: str | None = None
        self.history: tuple[EpochStart, ...] = ()
        self._file = file
        self._durable = durable
        self._account = account
        self._dead: JournalError | None = None
        self._pending: list[Record] = []
        self._marks = [_BEGINNING]
        self._end, self._digest, self._frames, self._sequence, self._epoch = _BEGINNING
        self._reserved = self._end
        self._emergency = False
        with ExitStack() as undo:
            undo.callback(file.close)
            self._open()
            undo.pop_all()
        self.append = self._append_essential if self._emergency else self._pending.append

    @property
    def pending(self) -> int:
        """Return how many records the open group has."""
        return len(self._pending)

    @property
    def sequence(self) -> int:
        """Return how many records are durable."""
        return self._sequence

    @property
    def epoch(self) -> int:
        """Return the number of this ownership of the journal, above every one before it."""
        return self._epoch

    @property
    def emergency(self) -> bool:
        """Return whether there is only the room kept for cancels, the kill and the answers."""
        return self._emergency

    @property
    def restored_at(self) -> int | None:
        """Return the sequence number at which a backup last took the journal's place, or None."""
        found = [start.sequence for start in self.history if start.origin == "restored"]
        return found[-1] if found else None

    @property
    def digest(self) -> str:
        """Return the hash of the last durable frame, which covers everything before it."""
        return self._digest.hex()

    def commit(self) -> None:
        """Write the open group as one frame and wait until it is durable.

        Raises:
            JournalFull: the storage has no room. The group is durable in the room kept for this,
                and ``emergency`` is true from now on. Send no order, also not one of the group.
            Fenced: the file was replaced; the group is not in what the next start reads.
            JournalError: the group may be lost; the journal takes nothing any more.
        """
        if self._dead is not None:
            raise type(self._dead)(*self._dead.args)
        pending = self._pending
        if not pending:
            return
        try:
            self._file.check_owner()
            payload = encode_group(self._sequence, self._epoch, pending)
        except JournalError as error:
            self._die(error)
        had_room = not self._emergency
        self._add(payload, len(pending))
        pending.clear()
        if self._emergency and had_room:
            raise JournalFull(
                f"the journal {self.name} is full: what was committed is durable, and from now on "
                f"it takes only cancels, the kill switch and the broker's answers"
            )

    def _add(self, payload: bytes, records: int) -> None:
        content, digest = frame(
            self._digest, payload, records=records, sequence=self._sequence, epoch=self._epoch
        )
        self._write(content)
        self._end += len(content)
        self._digest = digest
        self._sequence += records
        self._frames += 1
        if self._end - self._marks[-1].end >= MARK_EVERY:
            self._marks.append(self._place)

    def records(self) -> Iterator[Record]:
        """Yield every durable record, oldest first, reading as it goes.

        Raises:
            JournalCorrupt: the bytes have changed since they were written.
        """
        return read_records(self._file, self._end)

    def tail(self, start: int = 0) -> FrameTail:
        """Return a reader of the durable records from number ``start`` on, also of later ones."""
        mark = next(
            mark for mark in reversed(self._marks) if mark.records <= start or not mark.records
        )
        return FrameTail(self._file, lambda: self._end, mark, start)

    def close(self) -> None:
        """Commit and release the file; a dead journal is only released.

        A full journal keeps its room, so that the next start can still cancel.
        """
        try:
            if self._dead is None:
                self.commit()
                if not self._emergency:
                    self._give_back_room()
        finally:
            self._dead = self._dead or JournalError(f"the journal {self.name} is closed")
            self.append = self._refuse
            self._file.close()

    @property
    def _place(self) -> Mark:
        return Mark(self._end, self._digest, self._frames, self._sequence, self._epoch)

    def _open(self) -> None:
        try:
            size = self._file.size()
            start = self._file.read(0, _FIRST_SIZE)
            # The first write may have been lost in part, or whole and have left its length.
            if size <= _FIRST_SIZE and HEADER.startswith(start.rstrip(b"\0")):
                self._file.truncate(0)
                self._file.write(0, HEADER)
            else:
                self._take(survey(self._file), size)
                self._store_again()
            self._begin_epoch("opened")
        except OSError as error:
            raise JournalError(f"cannot open the journal {self.name}: {error.strerror}") from error
        except JournalError as error:
            raise type(error)(f"{self.name}: {error}") from error

    def _take(self, found: Survey, size: int) -> None:
        summary = found.summary
        if summary.version != CURRENT.version:
            raise JournalError(
                f"the journal has format version {summary.version}: rewrite it with "
                "`fillpath journal upgrade`"
            )
        self._marks = found.marks
        self._end, self._digest, self._frames, self._sequence, self._epoch = found.end
        self._reserved = size
        if self._account:
            self._check_account()
        if summary.torn:
            self._wipe(summary.torn)
        if summary.torn:
            where = f"frame {self._frames + 1} at byte {self._end}"
            self.repaired = f"cut {summary.torn} bytes of the unfinished {where}"
        self.history = summary.epochs

    def _check_account(self) -> None:
        first = next(read_records(self._file, self._end), None)
        if isinstance(first, AccountOpened) and first.account != self._account:
            raise JournalError(
                f"the journal belongs to account {first.account!r}, not to {self._account!r}"
            )

    def _begin_epoch(self, origin: str) -> None:
        if self._epoch == EPOCH_MAX:
            raise JournalError("the journal was opened too often: begin a new one")
        self._epoch += 1
        content, self._digest = opening(self._digest, self._sequence, self._epoch, origin)
        if self._frames:
            self._open_room(len(content))
        self._file.write(self._end, content)
        self._file.sync()
        self._end += len(content)
        if not self._frames:  # not before: a crash must never leave zeros that look like a loss
            self._open_room(0)
        self._frames += 1
        self.history += (EpochStart(self._epoch, self._sequence, origin),)

    def _store_again(self) -> None:
        """Write the last frames once more, to become durable together with the new epoch.

        Whoever failed to sync them has gone, and the system may go on showing what no disk has.
        """
        start = max(self._end - _STORED_AGAIN, 0)
        self._file.write(start, self._file.read(start, self._end - start))

    def _wipe(self, size: int) -> None:
        """Turn what was torn into room: on a full disk it may be the last there is."""
        for offset in range(0, size, _ROOM):
            self._file.write(self._end + offset, bytes(min(_ROOM, size - offset)))
        self._file.sync()

    def _write(self, content: bytes) -> None:
        try:
            if self._durable and not self._emergency:
                self._reserve(len(content))
            self._file.write(self._end, content)
        except OSError as error:
            self._write_again(content, error)
        if not self._durable:
            return
        try:
            self._file.sync()
        except OSError as error:
            # After a failed sync the system may have dropped the pages: a second try would lie.
            text = f"the journal {self.name} may have lost its last records: {error.strerror}"
            self._die(JournalError(text), error)

    def _write_again(self, content: bytes, error: OSError) -> None:
        """Use the room that was kept for a full disk, once; a second error is the end."""
        if error.errno in _FULL and self._durable and not self._emergency:
            self._emergency = True
            self.append = self._append_essential
            try:
                self._file.write(self._end, content)
            except OSError as again:
                error = again
            else:
                return
        self._give_back_room()
        text = f"cannot write the journal {self.name}: {error.strerror}"
        self._die(JournalError(text), error)

    def _reserve(self, size: int) -> None:
        """Keep room for emergencies behind what is about to be written."""
        needed = self._end + size + EMERGENCY_ROOM
        if needed > self._reserved:
            needed += -needed % _ROOM
            self._file.reserve(needed)
            self._reserved = needed

    def _open_room(self, size: int) -> None:
        if not self._durable:
            return
        try:
            self._reserve(size)
        except OSError as error:
            if error.errno not in _FULL or self._reserved < self._end + size:
                raise
            self._emergency = True

    def _give_back_room(self) -> None:
        # Where this fails, the next start finds zeros behind the last frame, or wipes what is torn.
        with suppress(OSError):
            self._file.truncate(self._end)

    def _die(self, error: JournalError, cause: Exception | None = None) -> NoReturn:
        self._dead = error
        self.append = self._refuse
        raise error from cause

    def _append_essential(self, record: Record) -> None:
        if not isinstance(record, ESSENTIAL):
            raise JournalFull(
                f"the journal {self.name} is full and takes no {type(record).__name__}: only "
                f"cancels, the kill switch and the broker's answers"
            )
        self._pending.append(record)

    def _refuse(self, _record: Record) -> None:
        assert self._dead is not None, "only a dead journal refuses"
        raise type(self._dead)(*self._dead.args)


class FileJournal(ChainedJournal):
    """A journal on disk, locked against a second writer for as long as it is open.

    Args:
        path: the file; created when missing, in a folder that exists.
        durable: wait for the disk at every commit.
        account: refuse the journal of any other account; empty takes every one.

    Raises:
        JournalError: in use by another process, or as for ``ChainedJournal``.

    The lock is the fence on one machine: a process that is only paused keeps it, so a second one is
    refused until the first is gone. A file that was replaced under its writer ends that writer.
    """

    def __init__(self, path: Path, *, durable: bool = True, account: str = "") -> None:
        self.path = path
        super().__init__(open_writing(path), name=str(path), durable=durable, account=account)


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
        """Return the durable bytes, as a file would hold them."""
        return self._memory.read(0, self._end)
