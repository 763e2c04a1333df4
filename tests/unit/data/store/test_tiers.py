"""Which statements are issued on which tier, read as text; the servers themselves are elsewhere."""

import re

import pytest

from fillpath.core.errors import ConfigError
from fillpath.data.store import schema, views
from fillpath.data.store.tiers import (
    KEEP_ALL,
    REFRESHED_DAYS,
    SERIES,
    SHORTEST_QUALITY_DAYS,
    Found,
    Kind,
    Retention,
    Tier,
    refresh,
    statements,
    tier_of,
    upkeep,
)

SQLITE = Tier(kind=Kind.SQLITE, server="3.40.1")
POSTGRESQL = tier_of("18.4", None, None, "")
APACHE = tier_of("18.4", "2.29.2", "2.29.2", "apache")
TIMESCALE = tier_of("18.4", "2.29.2", "2.29.2", "timescale")
EVERY = [SQLITE, POSTGRESQL, APACHE, TIMESCALE]
SHORT = Retention(quotes_days=30, snapshots_days=400, quality_days=365)
DONE = Found(
    frozenset(SERIES), frozenset(SERIES), frozenset(views.live_of(view) for view in views.KEPT)
)


def issued(tier: Tier, found: Found = Found(), retention: Retention = KEEP_ALL) -> str:  # noqa: B008  # frozen
    return "\n".join(statements(tier, found, retention))


@pytest.mark.parametrize(
    ("tier", "told"),
    [
        (SQLITE, "sqlite 3.40.1"),
        (POSTGRESQL, "postgresql 18.4"),
        (
            tier_of("18.4", "2.29.2", None, ""),
            "postgresql 18.4 (timescaledb 2.29.2 is there: CREATE EXTENSION timescaledb)",
        ),
        (APACHE, "timescaledb 2.29.2 (apache) on postgresql 18.4"),
        (TIMESCALE, "timescaledb 2.29.2 (timescale) on postgresql 18.4"),
    ],
)
def test_a_tier_says_what_it_is(tier: Tier, told: str) -> None:
    assert tier.told() == told


def test_a_licence_that_nobody_knows_is_treated_as_the_smaller_build() -> None:
    assert tier_of("18.4", "3.0", "3.0", "other").kind is Kind.APACHE


@pytest.mark.parametrize("tier", EVERY, ids=str)
def test_the_views_have_the_same_names_on_every_tier(tier: Tier) -> None:
    made = re.findall(r"CREATE (?:OR REPLACE )?VIEW (\w+)", issued(tier))

    assert made == ["execution_quality_daily", "execution_quality_weekly"]


@pytest.mark.parametrize("tier", [SQLITE, POSTGRESQL], ids=str)
def test_without_the_extension_nothing_of_it_is_asked(tier: Tier) -> None:
    assert not re.search("hypertable|timescaledb|time_bucket|policy", issued(tier))


def test_the_apache_build_has_hypertables_and_nothing_that_it_lacks() -> None:
    text = issued(APACHE, retention=SHORT)

    assert re.findall(r"create_hypertable\('(\w+)', by_range\('(\w+)'", text) == [
        ("execution_quality", "filled_at"),
        ("portfolio_snapshots", "ts"),
        ("quotes", "ts"),
    ]
    assert not re.search("MATERIALIZED|policy|columnstore|time_bucket", text)


def test_hypertables_make_no_index_that_a_migration_would_call_drift() -> None:
    rows = [row for row in statements(APACHE, Found(), KEEP_ALL) if "create_hypertable" in row]

    assert all("create_default_indexes => false" in row for row in rows)
    assert all("migrate_data => true" in row for row in rows)


def test_the_timescale_build_keeps_aggregates_and_policies() -> None:
    text = issued(TIMESCALE, retention=SHORT)

    assert re.findall(r"CREATE MATERIALIZED VIEW (\w+) .*\n?.* WITH NO DATA", text) == [
        "execution_quality_daily_live",
        "execution_quality_weekly_live",
    ]
    assert text.count("materialized_only = false") == 2
    assert text.count("add_continuous_aggregate_policy") == 2
    assert text.count("add_columnstore_policy") == text.count("enable_columnstore = true") == 3
    assert re.findall(r"add_retention_policy\('(\w+)', drop_after => INTERVAL '(\d+)", text) == [
        ("execution_quality", "365"),
        ("portfolio_snapshots", "400"),
        ("quotes", "30"),
    ]


def test_what_is_there_is_not_made_again() -> None:
    text = issued(TIMESCALE, DONE)

    assert not re.search("create_hypertable|MATERIALIZED|enable_columnstore", text)
    assert "add_retention_policy" not in text
    assert text.count("remove_retention_policy") == 3


def test_aggregates_stay_in_sight_when_the_licence_was_changed() -> None:
    assert "execution_quality_daily_live" in issued(APACHE, DONE)


def test_a_hypertable_has_its_time_in_the_key_and_the_key_in_its_columnstore() -> None:
    for name, series in SERIES.items():
        key = {column.name for column in schema.metadata.tables[name].primary_key}
        stored = set(re.findall(r"\w+", f"{series.segment} {series.order}")) - {"DESC"}

        assert series.time in key
        assert key <= stored


def test_fills_and_orders_are_never_hypertables() -> None:
    assert {"fills", "orders", "signals", "positions"}.isdisjoint(SERIES)


def test_all_aggregates_are_computed_again_only_where_the_database_keeps_them() -> None:
    assert [refresh(tier, KEEP_ALL) for tier in (SQLITE, POSTGRESQL, APACHE)] == [[], [], []]
    assert refresh(TIMESCALE, KEEP_ALL) == [
        "CALL refresh_continuous_aggregate('execution_quality_daily_live', NULL, NULL)",
        "CALL refresh_continuous_aggregate('execution_quality_weekly_live', NULL, NULL)",
    ]


def test_a_refresh_never_empties_the_aggregates_of_measurements_that_were_dropped() -> None:
    rows = refresh(TIMESCALE, SHORT)

    assert all("now() - INTERVAL '358 days'" in row for row in rows)
    assert REFRESHED_DAYS < SHORTEST_QUALITY_DAYS - 6


def test_policies_leave_no_upkeep_to_us() -> None:
    assert upkeep(TIMESCALE, SHORT) == []


def test_without_retention_nothing_is_let_go() -> None:
    assert [upkeep(tier, KEEP_ALL) for tier in EVERY] == [[], [], [], []]


def test_the_apache_build_drops_whole_chunks_before_rows_and_after_the_roll_up() -> None:
    words = [row.split("(")[0].split()[:3] for row, _, _ in upkeep(APACHE, SHORT)]

    assert [" ".join(word) for word in words] == [
        "INSERT INTO execution_quality_daily_kept",
        "INSERT INTO execution_quality_weekly_kept",
        "SELECT drop_chunks",
        "DELETE FROM execution_quality",
        "DELETE FROM portfolio_snapshots",
        "SELECT drop_chunks",
        "DELETE FROM quotes",
    ]


@pytest.mark.parametrize(
    ("field", "days"), [("quality_days", 41), ("quotes_days", 0), ("snapshots_days", -1)]
)
def test_rows_are_kept_for_a_while_at_least(field: str, days: int) -> None:
    with pytest.raises(ConfigError, match=rf"{field} must be \d+ or more, got {days}"):
        Retention(**{field: days})
