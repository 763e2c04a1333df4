"""A loop and a clock that run faster than the world, with real sockets: a wait costs a part of itself."""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from fillpath.runtime.steady import SteadyClock

SPEED: Final = 10
"""Seconds that pass in one of the world's."""
_BEGAN: Final = time.monotonic_ns()
_WALL: Final = time.time_ns()
Answer = TypeVar("Answer")


def fast_ns() -> int:
    """Return nanoseconds that count up, faster."""
    return _BEGAN + (time.monotonic_ns() - _BEGAN) * SPEED


def fast_clock() -> SteadyClock:
    """Return a clock that agrees with the loop."""
    return SteadyClock(lambda: _WALL + fast_ns() - _BEGAN, fast_ns)


class FastSelector(selectors.DefaultSelector):
    """Wait for sockets a part of the time that is asked for."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / SPEED)


class FastLoop(asyncio.SelectorEventLoop):
    """A loop whose seconds are short."""

    def __init__(self) -> None:
        super().__init__(FastSelector())

    def time(self) -> float:
        return fast_ns() / 10**9


def in_fast_time(scenario: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """Play a scenario and return what it returns."""
    with asyncio.Runner(loop_factory=FastLoop) as runner:
        return runner.run(scenario())
