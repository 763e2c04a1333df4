"""The engine's sign of life: a small file, made durable each second, that another process watches.

What beats is not the clock but the work: the number grows only while turns begin and end and the
broker is spoken to, so an engine that hangs in the middle of something goes silent.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fillpath.runtime.disk import sync_folder

FILE: Final = "heartbeat.json"
BEAT_SECONDS: Final = 1.0


class Beat(Struct, frozen=True):
    """One sign of life.

    Args:
        pid: process of the engine.
        started_at: nanoseconds UTC of its start, which tells it from an earlier one.
        pulse: how much it has done.
        at: nanoseconds UTC.
        stopped: it has ended cleanly, and nobody need worry.
    """

    pid: int
    started_at: int
    pulse: int
    at: int
    stopped: bool = False


class Heart:
    """Writes the signs of life of one engine.

    Args:
        folder: of its account.
        pid: of its process.
        now: returns nanoseconds UTC.
        pulse: returns how much it has done.
    """

    def __init__(
        self, folder: Path, pid: int, now: Callable[[], int], pulse: Callable[[], int]
    ) -> None:
        self._path = folder / FILE
        self._now = now
        self._pulse = pulse
        self._first = Beat(pid, now(), 0, now())
        self._lock = threading.Lock()
        self._ended = False

    async def run(self) -> None:
        """Beat until cancelled; a disk that is full or stands still is a silence, too."""
        while True:
            beat = replace(self._first, pulse=self._pulse(), at=self._now())
            with suppress(OSError):
                await asyncio.to_thread(self._write, beat)
            await asyncio.sleep(BEAT_SECONDS)

    def begin(self) -> None:
        """Say that a new engine lives."""
        with suppress(OSError):
            self._write(self._first)

    def end(self) -> None:
        """Say that it ends cleanly."""
        with suppress(OSError):
            self._write(replace(self._first, at=self._now(), stopped=True))

    def _write(self, beat: Beat) -> None:
        with self._lock:  # the last word is that it has ended
            if not self._ended:
                _write(self._path, beat)
            self._ended = self._ended or beat.stopped


def read_beat(folder: Path) -> Beat | None:
    """Return the last sign of life, or None when there is none that can be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Beat)
    except (OSError, msgspec.MsgspecError):
        return None


def _write(path: Path, beat: Beat) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(msgspec.json.encode(beat))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)
