"""Follow a journal while it grows: what the projections are fed from."""

from collections import deque
from collections.abc import Callable

from fillpath.core.errors import JournalCorrupt, JournalError
from fillpath.data.codec import Record
from fillpath.data.journal.files import JournalFile
from fillpath.data.journal.reading import FrameReader, Mark, records_of


class FrameTail:
    """Fulfils ``core.ports.JournalTail`` on the frames of a journal that this process writes.

    Args:
        file: the journal.
        durable_end: tells up to which byte it is durable now.
        mark: a place at or before the first record that is wanted.
        start: sequence number of that record.
    """

    def __init__(
        self, file: JournalFile, durable_end: Callable[[], int], mark: Mark, start: int
    ) -> None:
        self._durable_end = durable_end
        self._start = start
        self._ready: deque[tuple[int, Record]] = deque()
        self._reader = FrameReader(file, mark.end, start=mark)

    def read(self, limit: int) -> list[tuple[int, Record]]:
        """Return the next durable records with their numbers, at most ``limit``; none at the end.

        Raises:
            JournalError: the storage fails, or the journal was closed.
            JournalCorrupt: the bytes have changed since they were written.
        """
        ready = self._ready
        try:
            while len(ready) < limit and self._advance():
                pass
        except OSError as error:
            raise JournalError(f"cannot read the journal: {error.strerror}") from error
        return [ready.popleft() for _ in range(min(limit, len(ready)))]

    def _advance(self) -> bool:
        """Take one more frame, and return False when there is none."""
        reader = self._reader
        reader.size = self._durable_end()
        if reader.end >= reader.size:
            return False
        found = next(reader.payloads(), None)
        if found is None:
            raise JournalCorrupt(f"frame {reader.frames + 1} at byte {reader.end} has changed")
        head, payload = found
        if head.sequence + head.records > self._start:
            records = records_of(head, payload, reader.frames)
            numbered = enumerate(records, head.sequence)
            self._ready.extend(one for one in numbered if one[0] >= self._start)
        return True
