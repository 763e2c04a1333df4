"""One conversation with a gateway, for whoever examines it: ask, and look at what was heard."""

import asyncio
from collections.abc import Callable
from typing import Final, Self, TypeVar

from fillpath.core.errors import Unavailable
from fillpath.ibkr.heard import Dropped, Ended, Heard, Said
from fillpath.ibkr.line import Line

Kind = TypeVar("Kind")

IN_USE: Final = 326
NOTICES: Final = frozenset({1100, 1101, 1102, *range(2_100, 2_200), 10_167})
"""What is said beside an answer, and refuses none."""


class Talk:
    """Keep everything that a line has heard, in its order.

    Use it with ``async with``: it connects, and lets go of the line at the end.

    Args:
        line: not connected yet; nobody else may listen to it.
        seconds: how long an answer may take.
    """

    def __init__(self, line: Line, seconds: float) -> None:
        self.line = line
        self.seconds = seconds
        self.heard: list[Heard] = []
        self._news = asyncio.Event()
        line.listen(self._hear)

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            Unavailable: nobody answers, or the client id is in use.
        """
        try:
            await self.line.connect(self.seconds)
        except Unavailable:
            self.line.disconnect()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        self.line.disconnect()

    @property
    def is_in_use(self) -> bool:
        """Return whether the gateway said that another program has this client id."""
        return any(said.code == IN_USE for said in self.said())

    def said(self, about: int | None = None) -> list[Said]:
        """Return the errors and notices that were heard, or those about one request or order."""
        found = self.every(Said)
        return found if about is None else [said for said in found if said.about == about]

    def every(self, kind: type[Kind]) -> list[Kind]:
        """Return everything of a kind that was heard."""
        return [heard for heard in self.heard if isinstance(heard, kind)]

    async def until(self, condition: Callable[[], bool], seconds: float = 0) -> bool:
        """Wait until a condition about what was heard holds; False when it does not in time.

        Args:
            condition: asked after everything that is heard.
            seconds: how long; 0 takes the time that an answer may take.
        """
        try:
            async with asyncio.timeout(seconds or self.seconds):
                while not condition():
                    if self.every(Dropped):
                        return False
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def answer(self, ask: Callable[[], None], what: str, request: int = -1) -> bool:
        """Ask, and wait for the end of the answer; False when it is refused, or late.

        Args:
            ask: writes the question.
            what: name of the answer, as ``Ended`` has it.
            request: number of the question, -1 where it carries none.
        """
        end, begin = Ended(what, request), len(self.heard)

        def is_over() -> bool:
            return any(heard == end or _refuses(heard, request) for heard in self.heard[begin:])

        ask()
        await self.until(is_over)
        return end in self.heard[begin:]

    def _hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        self._news.set()


def _refuses(heard: Heard, request: int) -> bool:
    """Return whether a message is an error about a request, and no mere notice."""
    if not isinstance(heard, Said) or heard.about != request:
        return False
    return heard.code not in NOTICES


__all__ = ["IN_USE", "Talk"]
