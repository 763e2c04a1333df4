"""Where everything that can go wrong is caught: around guards, and around code that others wrote."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fillpath.core.errors import Unavailable

T = TypeVar("T")


async def closed(asked: Awaitable[T], instead: Callable[[Exception], T]) -> T:
    """Return what was asked for; whatever goes wrong, return something else instead.

    Args:
        asked: a question whose answer lets something happen.
        instead: returns the answer that lets nothing happen.
    """
    try:
        return await asked
    except Exception as error:  # noqa: BLE001  # a fault in a guard must not open the door
        return instead(error)


def supervised(what: str, act: Callable[[], T]) -> T:
    """Run code that may raise anything, and return what it returns.

    Raises:
        Unavailable: it raised; says what and the class of the error, whose words may hold secrets.
    """
    try:
        return act()
    except Exception as error:  # noqa: BLE001  # a plugin of others must not end a thread of ours
        raise Unavailable(f"{what}: {type(error).__name__}") from None


def told(act: Callable[[], T], instead: Callable[[Exception], T]) -> T:
    """Return what code that others wrote returns; whatever it raises becomes something else.

    Args:
        act: runs it.
        instead: returns what stands for an error.
    """
    try:
        return act()
    except Exception as error:  # noqa: BLE001  # whoever waits for its answer must be told
        return instead(error)


__all__ = ["closed", "supervised", "told"]
