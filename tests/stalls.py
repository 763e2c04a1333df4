"""How long the event loop could not do anything else."""

import asyncio
import gc
from contextlib import suppress
from pathlib import Path
from typing import Self

_STEP = 0.002
_SCHEDULE = Path("/proc/thread-self/schedstat")


class LongestStall:
    """Measure, while the body runs, the longest time in which nothing else had a turn.

    The time in which the machine let other programs run instead of this one does not count, where
    the system tells it, and neither does collecting what thousands of other tests have left behind.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to measure."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self._task = asyncio.get_running_loop().create_task(self._watch())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop to measure."""
        gc.enable()
        gc.unfreeze()
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before, waited = loop.time(), _waited_for_a_processor()
            await asyncio.sleep(_STEP)
            others = _waited_for_a_processor() - waited
            self.seconds = max(self.seconds, loop.time() - before - _STEP - others)


def _waited_for_a_processor() -> float:
    with suppress(OSError):
        return int(_SCHEDULE.read_text(encoding="ascii").split()[1]) / 1e9
    return 0.0
