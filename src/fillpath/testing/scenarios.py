"""Async tests without a plugin: each one runs in an event loop of its own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

Suite = TypeVar("Suite")


def played(scenario: Callable[[Suite], Coroutine[Any, Any, None]]) -> Callable[[Suite], None]:
    """Turn an async test method into one that every test runner can call."""

    def test(self: Suite) -> None:
        asyncio.run(scenario(self))

    # Not functools.wraps: through __wrapped__ a runner would find the coroutine again.
    test.__name__ = scenario.__name__
    test.__qualname__ = scenario.__qualname__
    test.__doc__ = scenario.__doc__
    return test


def raised(error: type[Exception], text: str = "") -> "Raised":
    """Return a context that expects ``error`` with ``text`` in its message."""
    return Raised(error, text)


class Raised:
    """Expect an error, whatever the test runner."""

    def __init__(self, error: type[Exception], text: str) -> None:
        self._error = error
        self._text = text

    def __enter__(self) -> Self:
        """Start to expect."""
        return self

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> bool:
        """Accept the expected error; anything else goes on, and none at all fails."""
        assert problem is not None, f"{self._error.__name__} must be raised, nothing was"
        if not isinstance(problem, self._error):
            return False
        assert self._text in str(problem), f"the error must say {self._text!r}, says {problem}"
        return True
