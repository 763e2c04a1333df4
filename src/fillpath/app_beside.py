"""The dashboard as a process of its own beside an engine: started with it, ended with it."""

import asyncio
import re
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
PORT: Final = 8765
END_SECONDS: Final = 5.0
OPEN: Final = (
    "open {address} and sign in as {name} with {password} (once; you choose your own then)"
)
NO_PAGE: Final = (
    "the page is not built, so a browser shows none: in a clone, python3 dev.py demo builds it; the "
    "API, fillpath status, approvals and kill work without"
)
_ADDRESS: Final = re.compile(r"^fillpath: dashboard of .* at (?P<address>http\S+/);")
_UNBUILT: Final = "the page is not built"
_FIRST: Final = re.compile(r"^fillpath: sign in as (?P<name>\S+) with (?P<password>\S+) ")

Say = Callable[[str], None]


def free_port(wanted: int = PORT) -> int:
    """Return the wanted port of this machine, or 0, which takes a free one, where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            return 0
        return wanted


class Beside:
    """Runs ``fillpath dashboard``, says in one line how to enter, and passes on what else it says.

    Args:
        settings: file that names the engine's folder.
        port: where it listens; 0 takes a free one.
        say: tells the person at the terminal.
        words: start the program; the interpreter and ``-m fillpath dashboard`` without them.
    """

    def __init__(
        self, settings: Path, port: int, say: Say, words: tuple[str, ...] | None = None
    ) -> None:
        started = (sys.executable, "-m", "fillpath", "dashboard") if words is None else words
        self._words = (*started, "--settings", str(settings), "--port", str(port))
        self._say = say
        self._door: dict[str, str] = {}

    async def run(self) -> None:
        """Run it until cancelled; its end ends nothing else."""
        # Its own group: Ctrl-C ends the engine first, and the engine's end ends this one.
        process = await asyncio.create_subprocess_exec(
            *self._words, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True
        )
        try:
            await self._pass_on(process)
            code = await process.wait()
            self._say(f"the dashboard has ended with code {code}; the engine goes on without it")
        finally:
            await _end(process)

    async def _pass_on(self, process: Process) -> None:
        assert process.stdout is not None, "it is a pipe"
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            found = _ADDRESS.match(text) or _FIRST.match(text)
            if found is None:
                self._say(NO_PAGE if _UNBUILT in text else text)
                continue
            self._door.update(found.groupdict())
            if {"address", "name"} <= self._door.keys():
                self._say(OPEN.format(**self._door))


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


__all__ = ["HOST", "PORT", "Beside", "free_port"]
