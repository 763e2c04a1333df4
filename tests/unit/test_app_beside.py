"""The dashboard beside an engine: it says what it says, and ends with it."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from fillpath.app_beside import HOST, Beside, free_port

TALKS = "import sys; print('at', sys.argv[1:]); print('why', file=sys.stderr); sys.exit(3)"
STAYS = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
ENTERS = """
print('fillpath: dashboard of DEMO at http://127.0.0.1:9/; Ctrl-C stops it')
print('fillpath: sign in as ann with some-words and choose another password; it is shown once')
"""
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STAYS}"


def beside(said: list[str], program: str, port: int = 7) -> Beside:
    """Return a program of Python that runs beside."""
    return Beside(Path("f.yaml"), port, said.append, (sys.executable, "-c", program))


async def test_what_it_says_is_passed_on_and_its_end_is_told() -> None:
    said: list[str] = []

    await beside(said, TALKS).run()

    assert sorted(said[:2]) == ["at ['--settings', 'f.yaml', '--port', '7']", "why"]
    assert said[2] == "the dashboard has ended with code 3; the engine goes on without it"


async def test_how_to_enter_is_said_in_one_line() -> None:
    said: list[str] = []

    await beside(said, ENTERS).run()

    assert said[0] == (
        "open http://127.0.0.1:9/ and sign in as ann with some-words (once; you choose your own "
        "then)"
    )


async def test_a_page_that_is_not_built_is_no_riddle() -> None:
    said: list[str] = []

    await beside(said, "print('fillpath: the page is not built; only the API answers')").run()

    assert "python3 dev.py demo builds it" in said[0]


@pytest.mark.parametrize("program", [STAYS, DEAF])
async def test_it_ends_with_the_engine(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fillpath.app_beside.END_SECONDS", 0.2)
    there = asyncio.Event()
    said: list[str] = []

    def say(word: str) -> None:
        said.append(word)
        there.set()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(
            Beside(Path("f.yaml"), 0, say, (sys.executable, "-c", program)).run()
        )
        await there.wait()
        task.cancel()

    with pytest.raises(ProcessLookupError):
        os.kill(int(said[0]), 0)


def test_a_port_that_is_taken_gives_way_to_a_free_one() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]

        taken = free_port(port)

    assert (taken, free_port(port)) == (0, port)
