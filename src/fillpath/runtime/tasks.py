"""Where everything that can go wrong is caught: around guards, and around code that others wrote."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

from fillpath.core.errors import Unavailable

T = TypeVar("T")


class _Caught:
    """Ends a block at whatever goes wrong in it, and keeps what that was."""

    def __init__(self) -> None:
        self.fault = Exception("nothing went wrong")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: object, fault: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        """Catch everything but what ends a task or the process."""
        if not isinstance(fault, Exception):
            return False
        self.fault = fault
        return True


async def closed(asked: Awaitable[T], instead: Callable[[Exception], T]) -> T:
    """Return what was asked for; whatever goes wrong, return something else instead.

    Args:
        asked: a question whose answer lets something happen.
        instead: returns the answer that lets nothing happen.
    """
    with _Caught() as caught:
        return await asked
    return instead(caught.fault)


def supervised(what: str, act: Callable[[], T]) -> T:
    """Run code that may raise anything, and return what it returns.

    Raises:
        Unavailable: it raised; says what and the class of the error, whose words may hold secrets.
    """
    with _Caught() as caught:
        return act()
    raise Unavailable(f"{what}: {type(caught.fault).__name__}")


def told(act: Callable[[], T], instead: Callable[[Exception], T]) -> T:
    """Return what code that others wrote returns; whatever it raises becomes something else.

    Args:
        act: runs it.
        instead: returns what stands for an error.
    """
    with _Caught() as caught:
        return act()
    return instead(caught.fault)


__all__ = ["closed", "supervised", "told"]
