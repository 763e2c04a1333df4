"""Wait until what was just offered to the engine is journaled for good."""

import asyncio


class Turnstile:
    """Lets waiters through after each whole turn of the engine.

    Who offers something and asks at once, without awaiting in between, is let through by the first
    turn that has taken it.
    """

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._broken: Exception | None = None

    def next_turn(self) -> asyncio.Future[None]:
        """Return a future that is done when the offered is durable, or when it never will be."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._broken is None:
            self._waiting.append(future)
        else:
            future.set_exception(self._broken)
        return future

    def turned(self) -> None:
        """Say that a turn has ended and its journal is durable."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def broken(self, error: Exception) -> None:
        """Say that no turn will end well any more; who comes later is told the same."""
        self._broken = error
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_exception(error)
