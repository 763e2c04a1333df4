"""Limits are checked once, and exact."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.risk.limits import (
    MOST_POSITIONS,
    AutonomyLimits,
    BreakerLimits,
    DayTradeLimits,
    DayTradeRegime,
    PriceLimits,
    ProtectionLimits,
    RiskLimits,
    SizeLimits,
)
from fillpath.risk.limits.limit import Limit, limits_of, parts_of


def test_the_defaults_are_those_of_the_specification() -> None:
    limits = RiskLimits()

    assert (limits.cap, limits.reserve, limits.floor) == (5_000_000, 10_000_000, 500_000_000)


def test_every_kind_of_number_is_taken_exactly() -> None:
    limits = RiskLimits(max_position_pct=0.1, cash_reserve_pct="0.3", price_floor=Decimal("1.1"))

    assert (limits.cap, limits.reserve, limits.floor) == (100_000, 300_000, 110_000_000)


def test_the_bounds_themselves_are_allowed() -> None:
    widest = RiskLimits(
        max_position_pct=100, cash_reserve_pct=0, max_positions=MOST_POSITIONS, price_floor=0
    )
    tightest = RiskLimits(max_position_pct="0.01", cash_reserve_pct=100, max_positions=1)

    assert (widest.cap, widest.reserve, widest.floor) == (100_000_000, 0, 0)
    assert (tightest.cap, tightest.reserve) == (10_000, 100_000_000)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        pytest.param({"max_position_pct": 0}, "max_position_pct must be from 0.01", id="no cap"),
        pytest.param({"max_position_pct": 101}, "to 100, got 101", id="more than all"),
        pytest.param({"max_position_pct": float("nan")}, "must be finite", id="nan"),
        pytest.param({"cash_reserve_pct": -1}, "cash_reserve_pct must be from 0", id="negative"),
        pytest.param({"max_positions": 0}, "from 1 to 100000, got 0", id="none"),
        pytest.param({"max_positions": 2.5}, "whole number from 1", id="half a position"),
        pytest.param({"max_positions": True}, "got True", id="a bool"),
        pytest.param({"allow_short": "no"}, "allow_short must be True or False", id="a word"),
        pytest.param({"price_floor": -1}, "price_floor must be from 0", id="negative floor"),
    ],
)
def test_a_limit_out_of_range_is_refused(changes: dict[str, Any], part: str) -> None:
    with pytest.raises(ModelError, match=part):
        RiskLimits(**changes)


GROUPS = [("", RiskLimits), *parts_of(RiskLimits)]
LIMITS = [
    pytest.param(group, name, limit, id=f"{part}.{name}")
    for part, group in GROUPS
    for name, limit in limits_of(group)
]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(PriceLimits(collar_liquid_pct="0.5").collar_liquid, 500_000, id="percent"),
        pytest.param(BreakerLimits(slippage_bps=15).slippage, 150_000, id="bps"),
        pytest.param(RiskLimits(max_leverage="1.5").max_leverage_ratio, 150_000_000, id="times"),
        pytest.param(BreakerLimits().volatility_index_units, 3_500_000_000, id="points"),
        pytest.param(DayTradeLimits().min_equity_units, 25_000 * 10**14, id="money"),
        pytest.param(SizeLimits().max_quantity_other_units, 5_000 * 10**6, id="shares"),
        pytest.param(PriceLimits(period_seconds="1.5").period_ns, 1_500_000_000, id="seconds"),
        pytest.param(AutonomyLimits().approval_ns, 900 * 10**9, id="minutes"),
        pytest.param(AutonomyLimits().arming_ns, 43_200 * 10**9, id="hours"),
        pytest.param(ProtectionLimits().target, None, id="off"),
        pytest.param(ProtectionLimits(target_pct=3).target, 3_000_000, id="not off any more"),
    ],
)
def test_every_kind_of_limit_has_its_exact_integer(limit: int | None, expected: int | None) -> None:
    assert limit == expected


@pytest.mark.parametrize(("group", "name", "limit"), LIMITS)
def test_every_limit_is_refused_beyond_its_range(group: type[Any], name: str, limit: Limit) -> None:
    for wrong in ("?", limit.low - 1, limit.high + 1, float("nan"), object()):
        if limit.kind is not str or not isinstance(wrong, str):
            with pytest.raises(ModelError, match="must be"):
                group(**{name: wrong})


@pytest.mark.parametrize(("group", "name", "limit"), LIMITS)
def test_a_live_default_is_a_value_that_the_limit_may_have(
    group: type[Any], name: str, limit: Limit
) -> None:
    value = limit.live if limit.by_mode else limit.default

    assert getattr(group(**{name: value}), name) == value


def test_words_are_taken_as_they_are_written() -> None:
    assert DayTradeLimits(regime="legacy").regime is DayTradeRegime.LEGACY  # type: ignore[arg-type]


def test_restricted_symbols_are_kept_in_one_order() -> None:
    limits = RiskLimits(restricted=" XYZ,ABC ,, XYZ")

    assert limits == RiskLimits(restricted="ABC,XYZ")
    assert limits.restricted_symbols == {"ABC", "XYZ"}


def test_a_restricted_symbol_that_is_none_is_refused() -> None:
    with pytest.raises(ModelError, match="symbol must be"):
        RiskLimits(restricted="ABC;XYZ")
