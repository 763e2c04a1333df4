"""One word in a file, replaced in one go: what may be lost without harm, but better is not."""

from contextlib import suppress
from pathlib import Path

from fillpath.runtime.disk import replace_file


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
        with suppress(OSError):
            replace_file(self._path, f"{word}\n".encode())
