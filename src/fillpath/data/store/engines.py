"""Connect to the database that an address names, and translate what goes wrong there."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from fillpath.core.errors import ConfigError, FillpathError, Unavailable
from fillpath.data.store.columns import decoded, encoded
from fillpath.runtime.write_ahead import write_ahead

CONNECT_SECONDS: Final = 5.0
"""How long a connection may take."""
STATEMENT_SECONDS: Final = 30.0
"""How long one statement may take before the store counts as unavailable."""
POOL: Final = 5
"""Connections at most: one writes, the others read."""
WRITES: Final = "writes"

_PRAGMAS: Final = (
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={int(CONNECT_SECONDS * 1000)}",
)
_ADDRESSES: Final = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
_SSL: Final = "sslmode"


def address(text: str) -> URL:
    """Return the address with the driver that we use.

    Raises:
        ConfigError: it names no database that fillpath knows; the password is not repeated.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigError(f"database.url must be {_ADDRESSES}") from None
    kind = url.get_backend_name()
    if kind == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url.set(drivername="sqlite+aiosqlite")
    if kind in {"postgresql", "postgres"} and url.database:
        ssl = url.query.get(_SSL)
        url = url.difference_update_query([_SSL])
        url = url if ssl is None else url.update_query_pairs([("ssl", str(ssl))])
        return url.set(drivername="postgresql+asyncpg")
    hidden = url.render_as_string(hide_password=True)
    raise ConfigError(f"database.url must be {_ADDRESSES}, got {hidden}")


def connect(url: URL) -> AsyncEngine:
    """Return an engine for an address made by ``address``; nothing is opened yet.

    Raises:
        ConfigError: the driver is not installed.
    """
    options: dict[str, Any] = {"json_serializer": encoded, "json_deserializer": decoded}
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(url, connect_args={"timeout": CONNECT_SECONDS}, **options)
        _prepare_sqlite(engine)
        return engine
    limits = {"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS}
    sizes: dict[str, Any] = {"pool_size": POOL, "max_overflow": 0, "pool_pre_ping": True}
    try:
        return create_async_engine(
            url, connect_args=limits, pool_timeout=CONNECT_SECONDS, **sizes, **options
        )
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"database.url needs the extra postgres ({missing.name} is not installed): "
            'pip install "fillpath[postgres]"'
        ) from missing


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """Let us begin transactions: the driver would begin them late, and never for a read."""

    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        write_ahead(
            cursor.execute, lambda seconds: connection.run_async(lambda _: asyncio.sleep(seconds))
        )
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    def begun(connection: Connection) -> None:
        # A transaction that writes takes its turn at once: two readers that both wanted to write
        # later would refuse each other.
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", begun)


def _failures(url: URL) -> tuple[type[Exception], ...]:
    """Return what a database and the way to it may raise; the driver's own errors while connecting."""
    common = (SQLAlchemyError, OSError, TimeoutError)
    if url.get_backend_name() == "sqlite":
        return (*common, sqlite3.Error)
    import asyncpg  # noqa: PLC0415  # an extra

    return (*common, asyncpg.PostgresError, asyncpg.InterfaceError)


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Raise ``Unavailable`` for whatever the database or the way to it refuses."""
    try:
        yield
    except _failures(url) as problem:
        cause = getattr(problem, "orig", None) or problem
        if isinstance(cause, FillpathError):  # a value that no column takes
            raise cause from None
        where = url.render_as_string(hide_password=True)
        said = " ".join(str(cause).split()) or "no answer in time"
        raise Unavailable(f"{where}: {type(cause).__name__}: {said}") from problem


@asynccontextmanager
async def transaction(engine: AsyncEngine, *, writes: bool) -> AsyncIterator[AsyncConnection]:
    """Run the block in one transaction: all of it is stored, or nothing.

    Raises:
        Unavailable: the database could not be reached or refused; nothing was stored, or, if the
            connection broke at the commit, all of it may have been.
    """
    with translated(engine.url):
        async with engine.connect() as connection:
            await connection.execution_options(**{WRITES: writes})
            async with connection.begin():
                yield connection


def folder_of(url: URL) -> Path | None:
    """Return the folder that an SQLite file needs, or None."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database).parent
