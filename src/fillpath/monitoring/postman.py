"""The postman: one thread for each channel, in one process for each folder.

Whichever process has the lock of the folder delivers; another one waits for it and goes on where
the first one ended. A channel that hangs or fails holds up nobody but itself.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import Struct

from fillpath.core.errors import Unavailable
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.channels import Channel
from fillpath.monitoring.courier import Courier
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.timing import Rules

LOCK: Final = "alerts.lock"
LOOK_SECONDS: Final = 0.25
"""How soon a courier looks for something new."""
AGAIN_SECONDS: Final = 1.0
FORGET_SECONDS: Final = 3_600.0


class Route(Struct, frozen=True):
    """One channel and what it is for."""

    name: str
    channel: Channel
    least: Severity = Severity.INFO


class Postman:
    """Deliver alerts of a folder until told to end.

    Args:
        folder: where the book is.
        routes: every channel.
        rules: how alerts are repeated.
        now: returns nanoseconds UTC.
    """

    def __init__(
        self, folder: Path, routes: Sequence[Route], rules: Rules, now: Callable[[], int]
    ) -> None:
        self._folder = folder
        self._routes = routes
        self._rules = rules
        self._now = now
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    def end(self) -> None:
        """Let ``run`` return; a channel that hangs is left behind."""
        self._end.set()

    def run(self) -> None:
        """Wait for the lock of the folder, then deliver until told to end.

        Raises:
            Unavailable: the folder cannot be used.
        """
        with suppress(Unavailable), AlertBook(self._folder, self._rules) as book:
            book.register({route.name: route.least for route in self._routes})
        lock = self._locked()
        if lock is None:
            return
        try:
            self._start()
            while not self._end.wait(FORGET_SECONDS):
                self._forget()
            for thread in self._threads:
                thread.join(AGAIN_SECONDS)
        finally:
            os.close(lock)

    def _locked(self) -> int | None:
        try:
            descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"{self._folder / LOCK} cannot be opened: {error}") from error
        while not self._end.is_set():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._end.wait(LOOK_SECONDS)
            else:
                return descriptor
        os.close(descriptor)
        return None

    def _start(self) -> None:
        for route in self._routes:
            name = f"alerts-{route.name}"
            thread = threading.Thread(target=self._deliver, args=(route,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _deliver(self, route: Route) -> None:
        """Deliver to one channel; a book that cannot be used is tried again."""
        while not self._end.is_set():
            with suppress(Unavailable), AlertBook(self._folder, self._rules) as book:
                courier = Courier(route.name, route.channel, book, self._now)
                while not self._end.is_set():
                    if not courier.step():
                        self._end.wait(LOOK_SECONDS)
            self._end.wait(AGAIN_SECONDS)

    def _forget(self) -> None:
        with suppress(Unavailable), AlertBook(self._folder, self._rules) as book:
            book.forget(self._now())


__all__ = ["LOCK", "Postman", "Route"]
