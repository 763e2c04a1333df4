"""The knobs: what is out of range is refused with the name, the value and what is allowed."""

from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.execution.policy import DeskPolicy, QualityPolicy, RouterPolicy, SizingPolicy

WRONG = [
    (SizingPolicy, {"limit_offset_pct": 2}, "limit_offset_pct must be from 0 to 1, got 2"),
    (SizingPolicy, {"default_order_type": "STOP"}, "default_order_type must be MARKET or LIMIT"),
    (SizingPolicy, {"min_trades": -1}, "min_trades must be a whole number from 0 to 1000000"),
    (SizingPolicy, {"lot_size": True}, "lot_size must be a whole number from 1 to 1000000"),
    (RouterPolicy, {"twap_num_slices": 1}, "twap_num_slices must be a whole number from 2"),
    (RouterPolicy, {"twap_num_slices": 0}, "twap_num_slices must be a whole number from 2"),
    (RouterPolicy, {"twap_num_slices": 10**6}, "twap_num_slices must be a whole number from 2"),
    (RouterPolicy, {"twap_interval_seconds": 0}, "twap_interval_seconds must be a whole number"),
    (RouterPolicy, {"urgent_strength": "1.1"}, "urgent_strength must be from 0 to 1, got 1.1"),
    (QualityPolicy, {"max_slippage_bps": -1}, "max_slippage_bps must be from 0 to 10000, got -1"),
    (DeskPolicy, {"max_signal_age_seconds": 0}, "max_signal_age_seconds must be from 0.001"),
]


@pytest.mark.fault("F-98")
@pytest.mark.parametrize(("policy", "knobs", "message"), WRONG, ids=lambda part: str(part)[:40])
def test_a_knob_out_of_its_range_is_refused(
    policy: type[Any], knobs: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        policy(**knobs)


def test_the_small_threshold_must_not_be_above_the_large_one() -> None:
    with pytest.raises(ModelError, match="must not be above size_threshold_large_pct"):
        RouterPolicy(size_threshold_small_pct=2, size_threshold_large_pct=1)
