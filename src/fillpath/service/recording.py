"""Every quote that the engine sees, kept in files, so that a live day can be decided once more.

The files are the account's own, one for each day (UTC). Taking a quote is one look and one line of
text; a thread writes them once a second. What cannot be written is left out, counted and told, and
a row says that something is missing. The engine is never held up.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

from fillpath.core.ports import EngineClock
from fillpath.core.units import moment
from fillpath.data.files.recording import HEADER, line_of, start_line
from fillpath.service.status import Part
from fillpath.service.taping import Quoting

FOLDER: Final = "quotes"
WRITE_SECONDS: Final = 1.0
MOST_WAITING: Final = 200_000


class QuoteRecorder:
    """Keeps every quote of a feed.

    Args:
        source: where quotes come from.
        clock: the engine's.
        folder: of the account.
    """

    def __init__(self, source: Quoting, clock: EngineClock, folder: Path) -> None:
        self._source = source
        self._clock = clock
        self._folder = folder / FOLDER
        self._lines: list[tuple[int, str]] = []
        self._file: Path | None = None
        self._writing = Lock()
        self.kept = 0
        self.dropped = 0
        self.problem = ""
        self._begin()
        source.subscribe(self._quoted)

    async def run(self) -> None:
        """Write once a second until cancelled; what came by then is written."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self.write()
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(WRITE_SECONDS):
                    await self.write()

    async def write(self) -> None:
        """Write what came since the last time."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        try:
            await asyncio.to_thread(self._append, lines)
        except OSError as error:
            self.problem = error.strerror or str(error)
            self._drop(len(lines))
            return
        self.problem = ""
        self.kept += len(lines)

    def part(self) -> Part:
        """Return how it is."""
        told = f"{self.kept:,} rows kept, {self.dropped:,} left out"
        healthy = not self.problem
        return Part(name="recording", kind="file", healthy=healthy, detail=self.problem or told)

    def _quoted(self, symbol: str) -> None:
        quote = self._source.last_quote(symbol)
        if quote is None:
            return
        if len(self._lines) >= MOST_WAITING:
            self._drop(0)
        at = self._clock.nanoseconds()
        self._lines.append((at, line_of(at, quote)))

    def _drop(self, lost: int) -> None:
        """Forget what waits, too; from here on nothing before is known."""
        self.dropped += lost + len(self._lines)
        self._lines = []
        self._begin()

    def _begin(self) -> None:
        at = self._clock.nanoseconds()
        self._lines.append((at, start_line(at)))

    def _append(self, lines: Sequence[tuple[int, str]]) -> None:
        """Write lines to the file of their day, in a thread."""
        days: dict[str, list[str]] = {}
        for at, line in lines:
            days.setdefault(f"{moment(at):%Y-%m-%d}", []).append(line)
        with self._writing:  # a write that was given up goes on in its thread
            self._folder.mkdir(mode=0o700, exist_ok=True)
            for day, texts in days.items():
                self._write_day(self._folder / f"{day}.csv", texts)

    def _write_day(self, path: Path, texts: Sequence[str]) -> None:
        if path != self._file:
            _made_whole(path)
            self._file = path
        with path.open("a", encoding="utf-8") as target:
            target.writelines(texts)


def _made_whole(path: Path) -> None:
    """Begin a file, or cut off the line that a crash has left half written."""
    if not path.exists() or not path.stat().st_size:
        path.write_text(HEADER, encoding="utf-8")
        return
    with path.open("rb+") as target:
        content = target.read()
        target.truncate(content.rfind(b"\n") + 1)


__all__ = ["FOLDER", "QuoteRecorder"]
