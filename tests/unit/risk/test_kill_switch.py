"""The kill switch remembers who, why and since when."""

import pytest

from fillpath.core.errors import ModelError
from fillpath.risk.kill_switch import KillSwitch

STOPPED = KillSwitch().set("fat finger", "anna", 5)


def test_it_starts_cleared() -> None:
    assert not KillSwitch().killed


def test_setting_it_records_who_why_and_since_when() -> None:
    assert KillSwitch(killed=True, reason="fat finger", by="anna", since=5) == STOPPED


def test_a_second_stop_keeps_the_first_cause() -> None:
    assert STOPPED.set("again", "breaker", 9) == STOPPED


def test_clearing_records_who_and_when() -> None:
    assert STOPPED.cleared("berta", 9) == KillSwitch(by="berta", since=9)


def test_clearing_a_cleared_switch_changes_nothing() -> None:
    switch = KillSwitch()

    assert switch.cleared("berta", 9) is switch


def test_a_stop_needs_a_reason() -> None:
    with pytest.raises(ModelError, match="reason must say why"):
        KillSwitch().set(" ", "anna")


@pytest.mark.parametrize("switch", [KillSwitch(), STOPPED])
def test_every_act_needs_a_name(switch: KillSwitch) -> None:
    with pytest.raises(ModelError, match="by must name"):
        switch.set("fat finger", "")
    with pytest.raises(ModelError, match="by must name"):
        switch.cleared(" ")
