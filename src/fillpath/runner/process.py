"""The caller's end of a strategy's process: one question at a time, each with a time to answer."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from fillpath.core.errors import ConfigError, FillpathError, ModelError
from fillpath.runner.frames import (
    LONGEST_LINE,
    Answered,
    Asked,
    Begin,
    Broke,
    Ready,
    Said,
    line_of,
    read_answered,
)
from fillpath.runtime.environment import plain_environment

_END_SECONDS: Final = 2.0
_BEGIN_SECONDS: Final = 60.0

T = TypeVar("T", Ready, Said)


class StrategyStopped(FillpathError):
    """A strategy raised, hung or died, or said what it may not say: nothing of it is sent."""


class StrategyProcess:
    """A strategy in a process of its own.

    Args:
        folder: where it runs, and where its module is looked for first.
        answer_seconds: how long an answer may take before it counts as hanging.
    """

    def __init__(self, folder: Path, answer_seconds: float) -> None:
        self._folder = folder
        self._seconds = answer_seconds
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Return the id of its process; 0 before the start."""
        return 0 if self._process is None else self._process.pid

    async def begin(self, asked: Begin) -> Ready:
        """Start the process and make the strategy.

        Raises:
            ConfigError: there is no such strategy, or it does not take these parameters.
            StrategyStopped: its module raised, or never returned.
        """
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fillpath.runner.child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=self._folder,
            env=_environment(),
            limit=LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for its caller, who ends it
        )
        answer = await self._answer(asked, max(self._seconds, _BEGIN_SECONDS))
        if isinstance(answer, Broke) and answer.wrong_input:
            raise ConfigError(answer.text)
        return _expected(answer, Ready)

    async def ask(self, asked: Asked) -> Said:
        """Return what the strategy answers.

        Raises:
            StrategyStopped: it raised, died, or did not answer in time.
        """
        return _expected(await self._answer(asked, self._seconds), Said)

    async def end(self) -> None:
        """End the process; one that does not end by itself is killed."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None, "it was started with pipes"
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _END_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _answer(self, asked: Asked, seconds: float) -> Answered:
        process = self._process
        assert process is not None, "it was begun"
        assert process.stdin is not None, "it was started with pipes"
        assert process.stdout is not None, "it was started with pipes"
        try:
            async with asyncio.timeout(seconds):
                process.stdin.write(line_of(asked))
                await process.stdin.drain()
                line = await process.stdout.readline()
        except TimeoutError:
            raise StrategyStopped(f"it did not answer within {seconds:g} s") from None
        except (ConnectionError, ValueError) as error:
            line = b""
            if isinstance(error, ValueError):
                raise StrategyStopped(f"its answer is longer than {LONGEST_LINE:,} bytes") from None
        if not line:
            raise StrategyStopped(f"its process ended with exit code {await process.wait()}")
        try:
            return read_answered(line)
        except ModelError as error:
            raise StrategyStopped(str(error)) from None


def _environment() -> dict[str, str]:
    """Return an environment without secrets, in which the child finds this very package."""
    plain = plain_environment()
    ours = Path(__file__).resolve().parents[2]
    more = [
        str(Path(path).resolve()) for path in plain.get("PYTHONPATH", "").split(os.pathsep) if path
    ]
    return plain | {"PYTHONPATH": os.pathsep.join([str(ours), *more])}


def _expected(answer: Answered, kind: type[T]) -> T:
    if isinstance(answer, Broke):
        raise StrategyStopped(answer.text)
    if not isinstance(answer, kind):
        raise StrategyStopped(f"it answered {type(answer).__name__} and not {kind.__name__}")
    return answer


__all__ = ["StrategyProcess", "StrategyStopped"]
