"""Look now and then at what nobody else tells of: parts that stay unwell, and the room on the disk."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from fillpath.core.commands import RaiseAlarm
from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.kinds import OVER

SECONDS: Final = 10.0
PATIENCE_NS: Final = 30 * NANOSECONDS
"""How long a part may be unwell before people are told."""
LEAST_FREE: Final = 512 * 1024 * 1024
LATE: Final = "PROJECTION_LATE"
DISK: Final = "DISK_LOW"
OTHERS_TELL: Final = frozenset({"broker", "gateway", "pager"})
"""Parts that have alarms of their own."""


class Part(Protocol):
    """One thing that the engine stands on."""

    @property
    def name(self) -> str:
        """Return what it is called."""
        ...

    @property
    def healthy(self) -> bool:
        """Return whether it answers."""
        ...

    @property
    def detail(self) -> str:
        """Return one sentence for a person."""
        ...


class Lookout:
    """Tell of parts that stay unwell and of a disk that fills, and when that is over.

    Args:
        folder: where journal and tables are.
        parts: what the engine stands on, asked each time.
        page: tells people.
        now: returns nanoseconds UTC.
        free: returns the bytes that are left in a folder.
    """

    def __init__(
        self,
        folder: Path,
        parts: Callable[[], Sequence[Part]],
        page: Callable[[RaiseAlarm], None],
        now: Callable[[], int],
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._folder = folder
        self._parts = parts
        self._page = page
        self._now = now
        self._free = free
        self._unwell: dict[str, int] = {}
        self._told: set[str] = set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(SECONDS)
            self.look()

    def look(self) -> None:
        """Look once."""
        now = self._now()
        troubles = dict(self._troubles())
        for name in [name for name in self._unwell if name not in troubles]:
            del self._unwell[name]
            if name in self._told:
                self._told.remove(name)
                self._say(name, OVER, now)
        for name, text in troubles.items():
            since = self._unwell.setdefault(name, now)
            if name not in self._told and now - since >= PATIENCE_NS:
                self._told.add(name)
                self._say(name, text, now)

    def _troubles(self) -> Iterator[tuple[str, str]]:
        for part in self._parts():
            if not part.healthy and part.name not in OTHERS_TELL:
                yield part.name, part.detail or "it does not answer"
        try:
            left = self._free(self._folder)
        except OSError as error:
            yield DISK, f"the room cannot be read: {error}"
            return
        if left < LEAST_FREE:
            yield DISK, f"{left // 1_048_576} MB are left"

    def _say(self, name: str, text: str, now: int) -> None:
        code, front = (DISK, "disk") if name == DISK else (LATE, name)
        self._page(RaiseAlarm(now, code, f"{front}: {text}"))


__all__ = ["Lookout"]
