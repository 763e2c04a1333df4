"""What a database can do beside tables, and the statements that make use of it.

Three tiers, found at every start: no TimescaleDB (plain tables and views), its Apache build
(hypertables; roll-up and retention are our own job) and its Timescale build (continuous aggregates,
columnstore and policies as well). Everything here is text, decided from what was found, so that a
test can read it; every statement may be issued again and again.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct, structs

from fillpath.core.errors import ConfigError
from fillpath.data.store import views

REFRESHED_DAYS: Final = 35
"""Days back to which the policies keep the continuous aggregates up to date."""
SHORTEST_QUALITY_DAYS: Final = 42
"""Measurements must outlive the refresh, or it would empty the aggregates of older days."""


class Kind(StrEnum):
    """What the statements depend on."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    APACHE = "apache"
    TIMESCALE = "timescale"


class Tier(Struct, frozen=True, kw_only=True):
    """What a database is.

    Args:
        kind: on what the statements depend.
        server: version of SQLite or PostgreSQL.
        extension: version of TimescaleDB; empty without it.
        remark: what a person could do about it, empty when nothing.
    """

    kind: Kind
    server: str
    extension: str = ""
    remark: str = ""

    def told(self) -> str:
        """Return it for people, such as ``timescaledb 2.29.2 (apache) on postgresql 18.4``."""
        if self.kind is Kind.SQLITE:
            return f"sqlite {self.server}"
        if self.extension:
            return f"timescaledb {self.extension} ({self.kind}) on postgresql {self.server}"
        return f"postgresql {self.server}" + (f" ({self.remark})" if self.remark else "")


class Retention(Struct, frozen=True, kw_only=True):
    """After how many days rows are let go; None keeps them. The journal keeps everything.

    Args:
        quotes_days: quotes, which no journal brings back.
        snapshots_days: portfolio snapshots.
        quality_days: measurements; their daily and weekly aggregates stay.

    Raises:
        ConfigError: fewer days than can be.
    """

    quotes_days: int | None = None
    snapshots_days: int | None = None
    quality_days: int | None = None

    def __post_init__(self) -> None:
        """Check every field."""
        for name, days in structs.asdict(self).items():
            least = SHORTEST_QUALITY_DAYS if name == "quality_days" else 1
            if days is not None and days < least:
                raise ConfigError(f"{name} must be {least} or more, got {days}")


KEEP_ALL: Final = Retention()


class Found(Struct, frozen=True):
    """What TimescaleDB has already.

    Args:
        hypertables: tables that are hypertables.
        columnstores: those of them whose columnstore is on.
        aggregates: continuous aggregates.
    """

    hypertables: frozenset[str] = frozenset()
    columnstores: frozenset[str] = frozenset()
    aggregates: frozenset[str] = frozenset()


class Series(Struct, frozen=True, kw_only=True):
    """How a time-series table is cut and stored; key columns are in ``segment`` or ``order``."""

    time: str
    chunk: str
    segment: str
    order: str


SERIES: Final = {
    "execution_quality": Series(
        time="filled_at",
        chunk="7 days",
        segment="account, symbol",
        order="filled_at DESC, order_id",
    ),
    "portfolio_snapshots": Series(
        time="ts", chunk="7 days", segment="account", order="ts DESC, sequence DESC"
    ),
    "quotes": Series(time="ts", chunk="1 day", segment="symbol", order="ts DESC"),
}
"""The tables that grow with time and are asked by time."""

FIND: Final = (
    "SELECT hypertable_name AS name, compression_enabled AS columnstore"
    " FROM timescaledb_information.hypertables WHERE hypertable_schema = current_schema()"
)
FIND_AGGREGATES: Final = (
    "SELECT view_name AS name FROM timescaledb_information.continuous_aggregates"
    " WHERE view_schema = current_schema()"
)
AVAILABLE: Final = (
    "SELECT default_version, installed_version FROM pg_available_extensions"
    " WHERE name = 'timescaledb'"
)
LICENCE: Final = "SHOW timescaledb.license"


def tier_of(server: str, available: str | None, installed: str | None, licence: str) -> Tier:
    """Return the tier of a PostgreSQL.

    Args:
        server: its version.
        available: the version of TimescaleDB that could be created; None without one.
        installed: the version that was created in this database; None when none was.
        licence: the word after ``timescaledb.license``; only the Timescale build says timescale.
    """
    if installed is None:
        remark = (
            f"timescaledb {available} is there: CREATE EXTENSION timescaledb" if available else ""
        )
        return Tier(kind=Kind.POSTGRESQL, server=server, remark=remark)
    kind = Kind.TIMESCALE if licence == Kind.TIMESCALE else Kind.APACHE
    return Tier(kind=kind, server=server, extension=installed)


def statements(tier: Tier, found: Found, retention: Retention) -> list[str]:
    """Return what to issue at a start, in order, in one transaction."""
    issued = []
    if tier.kind in {Kind.APACHE, Kind.TIMESCALE}:
        issued += _hypertables(found)
    if tier.kind is Kind.TIMESCALE:
        issued += [*_aggregates(found), *_columnstores(found), *_policies(retention)]
    for view in views.KEPT:
        live = tier.kind is Kind.TIMESCALE or views.live_of(view) in found.aggregates
        issued += views.create(view, tier.kind is Kind.SQLITE, live=live)
    return issued


def _hypertables(found: Found) -> list[str]:
    return [
        f"SELECT create_hypertable('{name}', by_range('{series.time}', INTERVAL '{series.chunk}'), "
        "create_default_indexes => false, migrate_data => true, if_not_exists => true)"
        for name, series in SERIES.items()
        if name not in found.hypertables
    ]


def _aggregates(found: Found) -> list[str]:
    issued = []
    for view in views.KEPT:
        live = views.live_of(view)
        if live not in found.aggregates:
            # With data it could not be made in a transaction; the policy brings the data.
            issued.append(
                f"CREATE MATERIALIZED VIEW {live} WITH (timescaledb.continuous, "
                f"timescaledb.materialized_only = false) AS {views.bucketed(view)} WITH NO DATA"
            )
        issued.append(
            f"SELECT add_continuous_aggregate_policy('{live}', "
            f"start_offset => INTERVAL '{REFRESHED_DAYS} days', "
            "end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '1 hour', "
            "if_not_exists => true)"
        )
    return issued


def _columnstores(found: Found) -> list[str]:
    issued = []
    for name, series in SERIES.items():
        if name not in found.columnstores:
            issued.append(
                f"ALTER TABLE {name} SET (timescaledb.enable_columnstore = true, "
                f"timescaledb.segmentby = '{series.segment}', "
                f"timescaledb.orderby = '{series.order}')"
            )
        issued.append(
            f"CALL add_columnstore_policy('{name}', "
            f"after => INTERVAL '{REFRESHED_DAYS} days', if_not_exists => true)"
        )
    return issued


def _policies(retention: Retention) -> list[str]:
    issued = []
    for name, days in _days(retention).items():
        # A policy that is there keeps its old interval, so it is made anew.
        issued.append(f"SELECT remove_retention_policy('{name}', if_exists => true)")
        if days is not None:
            issued.append(
                f"SELECT add_retention_policy('{name}', drop_after => INTERVAL '{days} days')"
            )
    return issued


def _days(retention: Retention) -> dict[str, int | None]:
    return {
        "execution_quality": retention.quality_days,
        "portfolio_snapshots": retention.snapshots_days,
        "quotes": retention.quotes_days,
    }


def refresh(tier: Tier, retention: Retention) -> list[str]:
    """Return what computes all aggregates again, outside a transaction.

    Measurements that were dropped must not be asked for: their aggregates would become empty.
    """
    if tier.kind is not Kind.TIMESCALE:
        return []
    days = retention.quality_days
    start = "NULL" if days is None else f"now() - INTERVAL '{days - 7} days'"
    return [
        f"CALL refresh_continuous_aggregate('{views.live_of(view)}', {start}, NULL)"
        for view in views.KEPT
    ]


def upkeep(tier: Tier, retention: Retention) -> list[tuple[str, str, int]]:
    """Return what lets old rows go where no policy does: statement, its parameter's unit, days.

    The parameter ``cutoff`` of each statement is so many days ago, cut to the Monday for ``week``
    and to the day for ``day``.
    """
    if tier.kind is Kind.TIMESCALE:
        return []
    issued = []
    if retention.quality_days is not None:
        issued += [(one, "week", retention.quality_days) for one in _let_quality_go(tier)]
    if retention.snapshots_days is not None:
        newer = "SELECT max(newest.ts) FROM portfolio_snapshots AS newest"
        kept = f"({newer} WHERE newest.account = portfolio_snapshots.account)"
        one = f"DELETE FROM portfolio_snapshots WHERE ts < :cutoff AND ts < {kept}"  # noqa: S608  # our own words
        issued.append((one, "day", retention.snapshots_days))
    if retention.quotes_days is not None:
        if tier.kind is Kind.APACHE:
            issued.append((_drop_chunks("quotes"), "day", retention.quotes_days))
        issued.append(("DELETE FROM quotes WHERE ts < :cutoff", "day", retention.quotes_days))
    return issued


def _let_quality_go(tier: Tier) -> list[str]:
    """Return the statements that keep the aggregates of old measurements, and let those go."""
    sqlite = tier.kind is Kind.SQLITE
    issued = [views.keep(view, sqlite) for view in views.KEPT]
    if tier.kind is Kind.APACHE:
        issued.append(_drop_chunks("execution_quality"))  # whole chunks; the rest row by row
    issued.append("DELETE FROM execution_quality WHERE filled_at < :cutoff")
    return issued


def _drop_chunks(table: str) -> str:
    return f"SELECT drop_chunks('{table}', older_than => CAST(:cutoff AS timestamptz))"
