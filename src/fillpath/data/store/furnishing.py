"""Find out what the database can do, and put views, hypertables and policies beside the tables."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, text

from fillpath.data.store import views
from fillpath.data.store.columns import Moment
from fillpath.data.store.tiers import (
    AVAILABLE,
    FIND,
    FIND_AGGREGATES,
    LICENCE,
    Found,
    Kind,
    Retention,
    Tier,
    refresh,
    statements,
    tier_of,
    upkeep,
)

_EPOCH_MONDAY: Final = datetime(1970, 1, 5, tzinfo=UTC)
_SPANS: Final[Mapping[str, timedelta]] = {"day": timedelta(days=1), "week": timedelta(days=7)}


def tier(connection: Connection) -> Tier:
    """Return what the database is."""
    if connection.dialect.name == "sqlite":
        version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
        return Tier(kind=Kind.SQLITE, server=version)
    server = connection.execute(text("SHOW server_version")).scalar_one().split()[0]
    extension = connection.execute(text(AVAILABLE)).one_or_none()
    available, installed = (None, None) if extension is None else extension
    licence = "" if installed is None else connection.execute(text(LICENCE)).scalar_one()
    return tier_of(server, available, installed, licence)


def found(connection: Connection, there: Tier) -> Found:
    """Return what TimescaleDB has already."""
    if not there.extension:
        return Found()
    tables = connection.execute(text(FIND)).all()
    aggregates = connection.execute(text(FIND_AGGREGATES)).scalars()
    return Found(
        frozenset(row.name for row in tables),
        frozenset(row.name for row in tables if row.columnstore),
        frozenset(aggregates),
    )


def clear(connection: Connection) -> None:
    """Drop the views, so that no migration meets a view of the column it changes."""
    for view in views.KEPT:
        connection.execute(text(views.drop(view)))


def furnish(connection: Connection, retention: Retention) -> None:
    """Bring everything beside the tables to the tier of the database."""
    there = tier(connection)
    for statement in statements(there, found(connection, there), retention):
        connection.execute(text(statement))


def let_go(connection: Connection, retention: Retention, now: datetime) -> None:
    """Delete what is older than it need be kept, where no policy of the database does."""
    for statement, unit, days in upkeep(tier(connection), retention):
        span = _SPANS[unit]
        before = now - timedelta(days=days) - _EPOCH_MONDAY
        cutoff = _EPOCH_MONDAY + before // span * span
        cut: Any = text(statement).bindparams(bindparam("cutoff", cutoff, Moment()))
        connection.execute(cut)


def aggregate_again(connection: Connection, retention: Retention) -> None:
    """Compute the continuous aggregates again; the connection must not be in a transaction."""
    for statement in refresh(tier(connection), retention):
        connection.execute(text(statement))
