"""A desk for one module of tests: an engine and a dashboard, each a process of its own."""

import asyncio
import json
import os
import queue
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from fillpath.core.errors import ConfigError
from fillpath.service.control import ask
from tests.browser import engine
from tests.house.project import ROOT
from tests.servers import free_port

PATIENCE: Final = 60.0
DOOR: Final = {
    "address": r"(http://[^\s;,]+)/",
    "name": r"sign in as (\S+) with",
    "password": r"sign in as \S+ with (\S+)",
}


class Program:
    """A process whose lines are read as they come.

    Args:
        words: after the interpreter.
    """

    def __init__(self, *words: str) -> None:
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        paths = os.pathsep.join(map(str, (ROOT / "src", ROOT)))
        self._process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths},  # of a program that we start
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return the first match on a line, from here on."""
        while True:
            line = self._lines.get(timeout=PATIENCE)
            if line is None:
                raise AssertionError(f"it ended before it said {pattern}:\n{''.join(self.said)}")
            found = re.search(pattern, line)
            if found:
                return found

    def wait_for_door(self) -> dict[str, str]:
        """Return the address, and the first name and password, in whatever order they come."""
        found: dict[str, str] = {}
        while len(found) < len(DOOR):
            line = self.wait_for("|".join(DOOR.values())).string
            for name, pattern in DOOR.items():
                match = re.search(pattern, line)
                if match:
                    found[name] = match[1]
        return found

    def stop(self) -> int:
        """Let it end, and return its code."""
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def interrupt(self) -> int:
        """Press Ctrl-C, and return the code that it ends with."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(PATIENCE)
        self._reader.join()
        return code

    def answers(self, address: str) -> bool:
        """Return whether anybody listens there."""
        host, port = address.removeprefix("http://").split(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def _read(self) -> None:
        assert self._process.stdout is not None, "it is a pipe"
        for line in self._process.stdout:
            self.said.append(line)
            self._lines.put(line)
        self._lines.put(None)


class Desk:
    """An engine to which nothing happens but what a test sends, and a dashboard that shows it.

    Args:
        folder: of everything; its path is short, because a socket is in it.
    """

    def __init__(self, folder: Path) -> None:
        self.settings = folder / "fillpath.yaml"
        self.account = folder / "DEMO"
        self.port = free_port()
        self.door: dict[str, str] = {}
        self._engine = Program("-m", "tests.browser.engine", str(folder))
        self._engine.wait_for(engine.READY)
        self._dashboard: Program | None = None
        self._names = 0

    @property
    def address(self) -> str:
        """Return where the dashboard is."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Start the dashboard; it is always at the same address."""
        where = ("--settings", str(self.settings), "--port", str(self.port))
        self._dashboard = Program("-m", "fillpath", "dashboard", *where)
        if self.door:
            self._dashboard.wait_for(DOOR["address"])
        else:
            self.door = self._dashboard.wait_for_door()

    def shut(self) -> None:
        """Stop the dashboard; the engine goes on."""
        if self._dashboard is not None:
            self._dashboard.stop()
            self._dashboard = None

    def end(self) -> None:
        """Stop everything."""
        self.shut()
        self._engine.stop()

    def send(
        self, symbol: str, quantity: int = 100, direction: str = "LONG", **changes: Any
    ) -> str:
        """Send a signal, and return the id of the order that it asks for.

        Urgent ones fill at once; with ``strength="0.5"`` they rest.
        """
        self._names += 1
        message = {
            "v": 1,
            "symbol": symbol,
            "direction": direction,
            "strength": "0.95",
            "strategy_name": "hand",
            "signal_id": f"s{self._names}",
            "metadata": {"quantity": quantity},
            **changes,
        }
        self.ask({"do": "signal", "signal": json.dumps(message)})
        return f"{message['strategy_name']}/{message['signal_id']}"

    @property
    def tables(self) -> Path:
        """Return where the tables are."""
        return self.account / "store.sqlite"

    def wait_for_rows(self, table: str, count: int) -> None:
        """Return once the tables hold so many rows."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            with closing(sqlite3.connect(self.tables)) as tables:
                (there,) = tables.execute(f"select count(*) from {table}").fetchone()  # noqa: S608
            if there >= count:
                return
            threading.Event().wait(0.05)
        raise AssertionError(f"{table} never had {count} rows")

    def try_to_ask(self, request: Mapping[str, Any]) -> None:
        """Ask what may well be refused."""
        with suppress(ConfigError):
            self.ask(request)

    def ask(self, request: Mapping[str, Any]) -> Any:
        """Ask the engine at its own door."""
        with ThreadPoolExecutor(1) as away:  # the browser's own loop runs in this thread
            return away.submit(lambda: asyncio.run(ask(self.account, request))).result()
