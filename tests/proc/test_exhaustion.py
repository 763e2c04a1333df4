"""When the machine runs out of files, nothing more is traded, and nothing is left half done."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from fillpath.data.journal import verify

ROOT = Path(__file__).resolve().parents[2]
FILES = 48
DEADLINE_SECONDS = 30


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that must happen soon."""
    end = time.monotonic() + DEADLINE_SECONDS  # a real process, real time
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


@contextmanager
def engine(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run an engine that may open few files."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "SA_BROKER__PROVIDER": "simulated",
        "SA_ENGINE__HEALTH_PORT": "0",
        "SA_ENGINE__FOLDER": ".",
    }
    limited = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES})); "
        "from fillpath.cli import main; sys.exit(main(['run']))"
    )
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-c", limited], cwd=folder, env=environment, stderr=log, text=True
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


class Callers:
    """Callers of the control socket who never say a word and never hang up."""

    def __init__(self) -> None:
        self._callers: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def call(self) -> bool:
        """Let one more call, until there are more than the engine has files."""
        if len(self._callers) < 2 * FILES:
            caller = socket.socket(socket.AF_UNIX)
            caller.setblocking(False)  # noqa: FBT003
            if caller.connect_ex("control.sock"):
                caller.close()
            else:
                self._callers.append(caller)
        return True

    def __exit__(self, *_: object) -> None:
        for caller in self._callers:
            caller.close()


def told(account: Path) -> bool:
    """Return whether the journal says that the kill latch could not be read."""
    return b"cannot be read" in (account / "journal.fillpath").read_bytes()


@pytest.mark.fault("F-42")
def test_an_engine_without_files_left_stops_trading_and_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "SIM"
    with engine(tmp_path) as process:
        until(lambda: (account / "control.sock").exists() and (account / "store.sqlite").exists())
        monkeypatch.chdir(account)  # a socket's path is short
        with Callers() as callers:
            until(lambda: callers.call() and told(account))
        until(lambda: json.loads((account / "status.json").read_text())["state"] == "KILLED")
        assert process.poll() is None

    assert verify(account / "journal.fillpath").torn == 0
