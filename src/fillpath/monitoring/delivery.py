"""The process that delivers, started beside an engine and living a little longer than it."""

import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Self

from fillpath.core.errors import FillpathError

LAST_WORD: Final = b"end\n"
"""What the process hears when its engine ends cleanly; the end of its input alone is no clean end."""
END_SECONDS: Final = 8.0
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0


class Delivery:
    """Keep the delivering process alive, and let it finish at the end.

    Args:
        command: starts it.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="alerts-delivery", daemon=True)

    def __enter__(self) -> Self:
        """Start it; what cannot be started is tried again."""
        self._start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: object
    ) -> None:
        """Tell it to finish, and wait for that a while; an error of ours is no clean end."""
        self._ending.set()
        broken = isinstance(error, Exception) and not isinstance(error, FillpathError)
        process = self._process
        if process is None:
            return
        try:
            process.communicate(b"" if broken else LAST_WORD, timeout=END_SECONDS)
        except (OSError, ValueError):
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            self._process = None

    def _let_go(self) -> None:
        """Close what led to a process that is gone."""
        process = self._process
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()

    def _watch(self) -> None:
        pause = FIRST_PAUSE
        while not self._ending.wait(pause):
            if self._process is None or self._process.poll() is not None:
                pause = min(pause * 2, LONGEST_PAUSE)
                self._let_go()
                self._start()
            else:
                pause = FIRST_PAUSE


__all__ = ["LAST_WORD", "Delivery"]
