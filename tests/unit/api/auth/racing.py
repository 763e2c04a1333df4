"""Many at once over one file, each with a connection of its own."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from fillpath.api.auth.file import DeskFile
from fillpath.core.errors import Unavailable

T = TypeVar("T")


def raced(folder: Path, act: Callable[[DeskFile, int], T], attempts: int = 1_000) -> list[T]:
    """Return what came of so many attempts of four who begin together.

    Whoever is told that the file cannot be written now tries again, as a person would.
    """
    found: list[T] = []
    start = threading.Barrier(4)

    def run() -> None:
        with DeskFile(folder) as file:
            start.wait()
            found.extend(patiently(partial(act, file, number)) for number in range(attempts // 4))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def patiently(act: Callable[[], T]) -> T:
    """Return what comes of an act, as soon as the file takes it."""
    for _ in range(100):
        try:
            return act()
        except Unavailable:
            continue
    return act()
