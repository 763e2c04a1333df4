"""An event loop whose time is virtual: nothing ever sleeps, and waiting for nothing is an error."""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any, Final

from fillpath.core.errors import FillpathError

IDLE_TURNS: Final = 50_000
"""Turns of the loop at one moment after which it counts as spinning."""


class Deadlock(FillpathError):
    """Every task waits, and no timer will ever wake one."""


class Livelock(FillpathError):
    """The tasks keep each other busy and time stands still."""


class _JumpingSelector(selectors.SelectSelector):
    """Lets virtual time pass instead of waiting for files."""

    def __init__(self, jump: Callable[[float | None], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[Any]:
        """Jump to the moment until which the loop wants to sleep."""
        self._jump(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Run tasks in the order of their timers, without waiting for them.

    There are no threads and no files under this loop: work for an executor is done at once.

    Args:
        start: first moment, seconds.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._moment = start
        self._idle = 0
        super().__init__(_JumpingSelector(self._jump))

    def time(self) -> float:
        """Return the virtual moment in seconds."""
        return self._moment

    def skip(self, seconds: float) -> None:
        """Let time pass at once, as when the whole process stands still."""
        self._moment += seconds

    def run_in_executor(  # type: ignore[override]  # there is no executor to choose
        self, _executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Do the work at once, in this thread, and return its result as a future."""
        future: asyncio.Future[Any] = self.create_future()
        try:
            future.set_result(func(*args))
        except (OSError, FillpathError) as error:
            future.set_exception(error)
        return future

    def _jump(self, timeout: float | None) -> None:
        if timeout is None:
            raise Deadlock(f"every task waits at {self._moment:.6f} s, and no timer is set")
        if timeout <= 0:
            self._idle += 1
            if self._idle > IDLE_TURNS:
                raise Livelock(f"{IDLE_TURNS} turns of the loop at {self._moment:.6f} s")
            return
        self._idle = 0
        # The exact moment of the timer, so that no rounding adds up.
        due: float = self._scheduled[0].when()  # type: ignore[attr-defined]
        self._moment = max(self._moment, due)
