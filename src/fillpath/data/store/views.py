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
_BUCKETS: Final = {DAILY: "1 day", WEEKLY: "7 days"}
_GROUP: Final = "account, route, symbol, bucket"
_COLUMNS: Final = ", ".join(column.name for column in KEPT[DAILY].c)

_STATISTICS: Final = (
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


def aggregate(view: str, sqlite: bool, where: str = "") -> str:  # noqa: FBT001  # one of two
    """Return the SELECT of the statistics of every bucket, columns as in the kept table.

    SQLite has no median: the middle one or two of a ranked group are averaged there.
    """
    if sqlite:
        return _sqlite(view, where)
    return _grouped(f"date_trunc('{_SPANS[view]}', filled_at, 'UTC')", where)


def bucketed(view: str) -> str:
    """Return the SELECT of a continuous aggregate; its weeks begin on Monday too."""
    return _grouped(f"time_bucket(INTERVAL '{_BUCKETS[view]}', filled_at)", "")


def _grouped(bucket: str, where: str) -> str:
    return (
        f"SELECT account, route, symbol, {bucket} AS bucket, {_STATISTICS}"  # noqa: S608  # our own words
        f" FROM execution_quality{where} GROUP BY account, route, symbol, {bucket}"
    )


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


def live_of(view: str) -> str:
    """Return the name of the continuous aggregate behind a view."""
    return f"{view}_live"


def drop(view: str) -> str:
    """Return the statement that drops the view, if it is there."""
    return f"DROP VIEW IF EXISTS {view}"


def create(view: str, sqlite: bool, *, live: bool) -> list[str]:  # noqa: FBT001  # one of two
    """Return the statements that make the view, or make it anew.

    Args:
        view: its name.
        sqlite: whether for SQLite, which cannot replace one.
        live: whether a continuous aggregate stands behind it.
    """
    behind = live_of(view)
    measured = f"SELECT {_COLUMNS} FROM {behind}" if live else aggregate(view, sqlite)  # noqa: S608  # our own words
    body = f"{measured} UNION ALL SELECT {_COLUMNS} FROM {KEPT[view].name}"  # noqa: S608  # our own words
    if sqlite:
        return [drop(view), f"CREATE VIEW {view} AS {body}"]
    return [f"CREATE OR REPLACE VIEW {view} AS {body}"]


def keep(view: str, sqlite: bool) -> str:  # noqa: FBT001  # one of two
    """Return the statement that keeps the aggregates of measurements before ``cutoff``."""
    found = aggregate(view, sqlite, " WHERE filled_at < :cutoff")
    start, end = ("INSERT OR IGNORE", "") if sqlite else ("INSERT", " ON CONFLICT DO NOTHING")
    return f"{start} INTO {KEPT[view].name} ({_COLUMNS}) {found}{end}"
