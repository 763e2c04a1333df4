"""Small files, replaced in one go, and names that outlive a loss of power."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put new content in a file's place, so that a crash leaves the old or the new one.

    Raises:
        OSError: there is no room, say; the old one stays.
    """
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file is durable only together with its name.

    Raises:
        OSError: the disk fails.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
