"""Bring the tables to the version of this program: once, whoever starts first, or not at all."""

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from fillpath.core.errors import ConfigError
from fillpath.data.store.schema import metadata

FOLDER: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x66696C6C70617468
"""The advisory lock that a migration holds on PostgreSQL: ``fillpath`` in ASCII."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def versions() -> list[str]:
    """Return the versions that this program knows, oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def version_of(connection: Connection) -> str | None:
    """Return the version of the tables, None where there are none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def lock(connection: Connection) -> None:
    """Wait until no other engine migrates; the end of the transaction lets go.

    On SQLite a transaction that writes has the file to itself already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def is_current(connection: Connection) -> bool:
    """Return whether the tables have the version of this program.

    Raises:
        ConfigError: they are of a newer version.
    """
    found = version_of(connection)
    known = versions()
    if found is not None and found not in known:
        raise ConfigError(
            f"the tables are of version {found}, newer than this program, which knows them up to "
            f"{known[-1]}: use the newer fillpath, or another database"
        )
    return found == known[-1]


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the tables up to a version, in the transaction of the connection."""
    command.upgrade(_config(connection), to)


def downgrade(connection: Connection, to: str) -> None:
    """Bring the tables back to a version, ``base`` for none, losing what only the newer one has."""
    command.downgrade(_config(connection), to)


def drift(connection: Connection) -> list[Any]:
    """Return how the tables differ from their definition; empty when they do not."""

    def ours(_name: str | None, kind: str, parents: Any) -> bool:
        table = parents.get("table_name") if kind != "table" else _name
        return kind == "schema" or table in metadata.tables

    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_name": ours}
    )
    return list(compare_metadata(context, metadata))
