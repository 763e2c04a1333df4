"""Limits are checked once, and exact."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.risk.limits import MOST_POSITIONS, RiskLimits


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
        pytest.param({"price_floor": -1}, "price_floor must be 0 or more", id="negative floor"),
    ],
)
def test_a_limit_out_of_range_is_refused(changes: dict[str, Any], part: str) -> None:
    with pytest.raises(ModelError, match=part):
        RiskLimits(**changes)
