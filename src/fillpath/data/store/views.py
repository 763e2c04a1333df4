"""Daily and weekly quality where TimescaleDB does not keep it: views of the same names.

A view shows what is measured now, and before that what ``upkeep`` kept of measurements that were
let go.
"""

from typing import Any, Final

from sqlalchemy import Column, MetaData, Select, Table, select

from fillpath.data.store import schema
from fillpath.data.store.listing import MOST_ROWS, Wanted, conditions

DAILY: Final = "execution_quality_daily"
WEEKLY: Final = "execution_quality_weekly"
KEPT: Final = {
    DAILY: schema.execution_quality_daily_kept,
    WEEKLY: schema.execution_quality_weekly_kept,
}

_SPANS: Final = {DAILY: "day", WEEKLY: "week"}
_GROUP: Final = "account, route, symbol, bucket"

# The view as a table of its own metadata, so that no migration ever makes one.
_SHOWN: Final = {
    name: Table(name, MetaData(), *(Column(c.name, c.type) for c in table.c))
    for name, table in KEPT.items()
}


def asked(view: str, account: str, wanted: Wanted) -> Select[Any]:
    """Return the SELECT of the buckets, newest first."""
    table = _SHOWN[view]
    found = select(table).where(table.c.account == account)
    for condition in conditions(table, "bucket", wanted):
        found = found.where(condition)
    ordered = found.order_by(table.c.bucket.desc(), table.c.symbol, table.c.route)
    return ordered.limit(MOST_ROWS)


def aggregate(view: str, dialect: str, where: str = "") -> str:
    """Return the SELECT of the statistics of every bucket, columns as in the kept table.

    SQLite has no median: the middle one or two of a ranked group are averaged there.
    """
    if dialect == "sqlite":
        return _sqlite(view, where)
    bucket = f"date_trunc('{_SPANS[view]}', filled_at, 'UTC')"
    return f"SELECT account, route, symbol, {bucket} AS bucket, {POSTGRESQL_STATISTICS} FROM execution_quality{where} GROUP BY account, route, symbol, 4"  # noqa: S608  # our own words


POSTGRESQL_STATISTICS: Final = (
    "count(*) AS n, "
    "avg(slippage_bps)::double precision AS mean_slippage_bps, "
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY slippage_bps::double precision)"
    " AS median_slippage_bps, "
    "max(slippage_bps)::double precision AS max_slippage_bps, "
    "avg(arrival_slippage_bps)::double precision AS mean_arrival_slippage_bps, "
    "avg(fill_latency_ms)::double precision AS mean_fill_latency_ms, "
    "max(fill_latency_ms)::double precision AS max_fill_latency_ms, "
    "sum(notional)::double precision AS notional"
)
"""The statistics of a bucket, as the views and the continuous aggregates compute them."""


def _sqlite(view: str, where: str) -> str:
    modifiers = {DAILY: "", WEEKLY: ", 'weekday 0', '-6 days'"}[view]
    group = f"PARTITION BY {_GROUP}"
    cost = "CAST(slippage_bps AS REAL)"
    # The day is cut from the text: SQLite rounds a time to milliseconds, perhaps into tomorrow.
    day = f"substr(filled_at, 1, 10){modifiers}"
    measured = (
        f"SELECT *, strftime('%Y-%m-%dT00:00:00.000000Z', {day}) AS bucket"  # noqa: S608  # our own words
        f" FROM execution_quality{where}"
    )
    ranked = (
        f"SELECT *, row_number() OVER ({group} ORDER BY {cost}) AS place,"  # noqa: S608  # our own words
        f" count(*) OVER ({group}) AS measured FROM ({measured})"
    )
    return (
        f"SELECT {_GROUP}, count(*) AS n, avg({cost}) AS mean_slippage_bps,"  # noqa: S608  # our own words
        f" avg(CASE WHEN place IN ((measured + 1) / 2, (measured + 2) / 2) THEN {cost} END)"
        f" AS median_slippage_bps, max({cost}) AS max_slippage_bps,"
        " avg(CAST(arrival_slippage_bps AS REAL)) AS mean_arrival_slippage_bps,"
        " avg(CAST(fill_latency_ms AS REAL)) AS mean_fill_latency_ms,"
        " max(CAST(fill_latency_ms AS REAL)) AS max_fill_latency_ms,"
        " sum(CAST(notional AS REAL)) AS notional"
        f" FROM ({ranked}) GROUP BY {_GROUP}"
    )


def drop(view: str) -> str:
    """Return the statement that drops the view, if it is there."""
    return f"DROP VIEW IF EXISTS {view}"


def create(view: str, dialect: str) -> str:
    """Return the statement that makes the view."""
    columns = ", ".join(column.name for column in KEPT[view].c)
    kept = f"SELECT {columns} FROM {KEPT[view].name}"  # noqa: S608  # our own words
    return f"CREATE VIEW {view} AS {aggregate(view, dialect)} UNION ALL {kept}"
