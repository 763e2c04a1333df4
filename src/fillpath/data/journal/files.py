"""Where a journal's bytes are kept: on disk under an exclusive lock, or in memory."""

import errno
import fcntl
import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Protocol

from fillpath.core.errors import Fenced, JournalError
from fillpath.runtime.disk import sync_folder

_CHUNK: Final = 1 << 20
_broken: Final[set[tuple[int, int, str]]] = set()


class Readable(Protocol):
    """A file to read. Every method raises ``OSError`` when the storage fails."""

    def size(self) -> int:
        """Return the length in bytes."""
        ...

    def read(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset``, fewer only at the end of the file."""
        ...


class JournalFile(Readable, Protocol):
    """A file with one writer. Every method raises ``OSError`` when the storage fails."""

    def reserve(self, size: int) -> None:
        """Take room up to ``size`` bytes as zeros behind the content; does nothing in memory."""
        ...

    def write(self, offset: int, content: bytes) -> None:
        """Write all of ``content`` at ``offset``; after an error any part of it may be there."""
        ...

    def sync(self) -> None:
        """Return once everything written is durable; after an error nothing is known of it."""
        ...

    def truncate(self, size: int) -> None:
        """Cut the file to ``size`` bytes."""
        ...

    def check_owner(self) -> None:
        """Return when what is written here is still what the next start will read.

        Raises:
            Fenced: the file was replaced, or belongs to somebody else by now.
        """
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class MemoryFile:
    """A file that ends with its process."""

    def __init__(self, content: bytes = b"") -> None:
        self._content = bytearray(content)

    def size(self) -> int:
        """Return the length in bytes."""
        return len(self._content)

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes there."""
        return bytes(self._content[offset : offset + size])

    def reserve(self, size: int) -> None:
        """Do nothing: memory grows as it is needed."""

    def write(self, offset: int, content: bytes) -> None:
        """Put the bytes there."""
        self._content[offset : offset + len(content)] = content

    def sync(self) -> None:
        """Do nothing: memory is as durable as it will ever be."""

    def truncate(self, size: int) -> None:
        """Cut the content."""
        del self._content[size:]

    def check_owner(self) -> None:
        """Do nothing: nobody else can reach this memory."""

    def close(self) -> None:
        """Do nothing."""


class DiskFile:
    """A file on disk.

    Args:
        descriptor: an open file descriptor; this object closes it.
        path: where a writer found it; None for a reader, which owns nothing.
    """

    def __init__(self, descriptor: int, path: Path | None = None) -> None:
        self._descriptor = descriptor
        self._path = path
        self._owner = None if path is None else _owner_file(path)
        self._identity = _identity(os.fstat(descriptor))
        self._folder = "" if path is None else str(path.parent)
        self._seen: tuple[int, ...] = ()
        self._linked = path is not None and path.is_symlink()

    def size(self) -> int:
        """Return the length in bytes."""
        return os.fstat(self._descriptor).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes there."""
        content = os.pread(self._descriptor, size, offset)
        while len(content) < size:
            more = os.pread(self._descriptor, size - len(content), offset + len(content))
            if not more:
                break
            content += more
        return content

    def reserve(self, size: int) -> None:
        """Lengthen the file, so that a sync need not store a new length: a third less time."""
        try:
            _allocate(self._descriptor, size)
        except OSError as error:
            if error.errno not in {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}:
                raise
            for offset in range(self.size(), size, _CHUNK):
                self.write(offset, bytes(min(_CHUNK, size - offset)))

    def write(self, offset: int, content: bytes) -> None:
        """Write the bytes there, in as many calls as the system needs."""
        written = os.pwrite(self._descriptor, content, offset)
        while written < len(content):
            written += os.pwrite(self._descriptor, content[written:], offset + written)

    def sync(self) -> None:
        """Wait until the disk has everything.

        Nothing here asks for the file's status: on Linux 6.13 and later that makes the next write
        store a new time stamp, and a sync of reserved room then takes half as long again.
        """
        try:
            flush(self._descriptor)
        except OSError:
            _broken.add((*self._identity, str(self._path)))
            raise

    def truncate(self, size: int) -> None:
        """Cut the file."""
        os.ftruncate(self._descriptor, size)

    def check_owner(self) -> None:
        """Check that the path still leads to this file.

        The file is asked only when its folder has changed: on Linux 6.13 and later, asking for the
        status of a file makes the next write store a new time stamp, which the sync then pays for.
        """
        if self._path is None:
            return
        try:
            folder = os.stat(self._folder)  # noqa: PTH116  # asked at every commit: a path is slow
            seen = (folder.st_mtime_ns, folder.st_ino, folder.st_dev)
            if seen == self._seen:
                return
            found = _identity(self._path.stat())
        except OSError as error:
            self._owner = None
            raise Fenced(f"the journal {self._path} is gone: {error.strerror}") from error
        if found != self._identity:
            self._owner = None
            raise Fenced(f"the journal {self._path} was replaced while this engine wrote it")
        if not self._linked:  # what a link leads to can be replaced in a folder that is not seen
            self._seen = seen

    def close(self) -> None:
        """Release the lock with the file; closing twice is harmless."""
        if self._descriptor < 0:
            return
        if self._owner is not None:
            self._owner.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = -1


def open_writing(path: Path) -> DiskFile:
    """Open or create the file and lock it against every other writer.

    Raises:
        JournalError: another process has it, or it cannot be opened.
    """
    path = path.absolute()
    owner = _owner_file(path)
    try:
        descriptor = _open_or_create(path)
    except OSError as error:
        raise JournalError(f"cannot open the journal {path}: {error.strerror}") from error
    with ExitStack() as undo:
        undo.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JournalError(f"the journal {path} is in use by {_named(owner)}") from error
        _distrust_memory(descriptor, path)
        undo.pop_all()
    with suppress(OSError):  # the lock is what protects; the name is only for the message above
        owner.write_text(f"{os.getpid()}\n", encoding="ascii")
    return DiskFile(descriptor, path)


def _distrust_memory(descriptor: int, path: Path) -> None:
    """Let what is read next come from the disk.

    After a failed sync the system may hold pages that the disk never got, and call them clean.
    """
    if (*_identity(os.fstat(descriptor)), str(path)) in _broken:
        raise JournalError(
            f"the journal {path} failed to reach the disk: this process may not go on with it; "
            f"start anew, and every hash is checked"
        )
    try:
        flush(descriptor)
        if sys.platform != "darwin":
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError as error:
        raise JournalError(f"cannot open the journal {path}: {error.strerror}") from error


def open_reading(path: Path) -> DiskFile:
    """Open an existing file to read what is durable, also while a writer has it.

    Raises:
        JournalError: it cannot be opened.
    """
    try:
        return DiskFile(os.open(path, os.O_RDONLY))
    except OSError as error:
        raise JournalError(f"cannot open the journal {path}: {error.strerror}") from error


def _open_or_create(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, os.O_RDWR)
    sync_folder(path.parent)
    return descriptor


def _owner_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.owner")


def _identity(status: os.stat_result) -> tuple[int, int]:
    return (status.st_dev, status.st_ino)


def _named(owner: Path) -> str:
    try:
        return f"process {int(owner.read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return "another process"


def _allocate(descriptor: int, size: int) -> None:
    if sys.platform == "darwin":
        raise OSError(errno.EOPNOTSUPP, "no reservation by this name")
    os.posix_fallocate(descriptor, 0, size)


def flush(descriptor: int) -> None:
    """Wait until the disk has everything that was written to a file."""
    if sys.platform == "darwin":  # there, fsync leaves the data in the drive's own cache
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(descriptor)
