"""Whoever answers the pager has acknowledged the alert about the same thing, and no other."""

import pytest
from msgspec.structs import replace

from fillpath.monitoring.matters import tells_of
from tests.unit.monitoring.test_channels import ALERT

CASES = [
    ("KILL_SWITCH", "ann: losing", "", "latch KILL_SWITCH account", True),
    ("KILL_SWITCH", "ann (strategy trend): losing", "", "latch KILL_SWITCH strategy trend", True),
    ("KILL_SWITCH", "ann (strategy trend): losing", "", "latch KILL_SWITCH account", False),
    ("KILL_SWITCH", "ann: losing", "", "latch KILL_SWITCH strategy trend", False),
    ("KILL_SWITCH", "ann: losing", "", "latch DRAWDOWN account", False),
    ("TRADING_HELD", "CLOCK: drift", "", "hold CLOCK", True),
    ("TRADING_HELD", "CLOCK: drift", "", "hold SAFE_HOLD", False),
    ("SYMBOL_QUARANTINED", "AAPL: odd", "", "quarantine AAPL", True),
    ("SYMBOL_QUARANTINED", "AAPL: odd", "", "quarantine IBM", False),
    ("IN_DOUBT", "no answer", "trend/s1", "doubt trend/s1", True),
    ("IN_DOUBT", "no answer", "trend/s1", "doubt trend/s2", False),
    ("UNPROTECTED", "10 AAPL of trend are without a stop: x", "", "unprotected AAPL trend", True),
    ("UNPROTECTED", "10 AAPL of trend are without a stop: x", "", "unprotected AAPL other", False),
    ("UNPROTECTED", "10 AAPL of no strategy are without a stop: x", "", "unprotected AAPL", True),
    ("SLIPPAGE", "AAPL: 12 bps", "", "something else", False),
]


@pytest.mark.parametrize(("code", "text", "order", "matter", "same"), CASES)
def test_what_is_about_the_same(
    *, code: str, text: str, order: str, matter: str, same: bool
) -> None:
    alert = replace(ALERT, code=code, text=text, order_id=order)

    assert tells_of(alert, matter) is same
