"""Work in a process of its own: whoever waits may leave at any moment, and its end ends nobody else."""

import asyncio
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

from fillpath.core.errors import FillpathError, Unavailable

_DONE: Final = "done"
_FAILED: Final = "failed"


async def apart(work: Callable[..., str], *arguments: Any) -> str:
    """Do some work in a process of its own and return what it says.

    Who is cancelled ends the process and waits for nothing.

    Args:
        work: a function of a module, which returns a text.
        arguments: for it; they travel as copies.

    Raises:
        Unavailable: it failed, or its process ended before it was done; says why.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_do, args=(theirs, work, arguments), daemon=True)
    try:
        child.start()
        theirs.close()
        answer = await asyncio.to_thread(_heard, ours)
    finally:
        if child.pid is not None:
            child.kill()
    if answer is None:
        raise Unavailable("the process ended before its work was done")
    how, text = answer
    if how == _FAILED:
        raise Unavailable(text)
    return text


def _heard(ours: Connection) -> tuple[str, str] | None:
    """Wait for the answer, or for the end of the process; in a thread."""
    with ours:
        try:
            answer: tuple[str, str] = ours.recv()
        except EOFError:
            return None
        return answer


def _do(theirs: Connection, work: Callable[..., str], arguments: tuple[Any, ...]) -> None:
    """Do the work, in the process; what nobody foresaw ends it without an answer."""
    try:
        answer = (_DONE, work(*arguments))
    except (FillpathError, OSError) as error:
        answer = (_FAILED, str(error) or type(error).__name__)
    theirs.send(answer)


__all__ = ["apart"]
