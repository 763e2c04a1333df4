"""One word in a file, replaced in one go: what may be lost without harm, but better is not."""

from contextlib import suppress
from pathlib import Path


class WordFile:
    """Keeps one word over restarts.

    Args:
        path: the file; its folder exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str:
        """Return the word; empty when there is none, or it cannot be read."""
        try:
            return self._path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def write(self, word: str) -> None:
        """Keep the word; a disk that is full keeps the old one."""
        fresh = self._path.with_suffix(".new")
        with suppress(OSError):
            fresh.write_text(f"{word}\n", "utf-8")
            fresh.replace(self._path)
