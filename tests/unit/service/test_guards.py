"""The engine is held while its clock or its own restarts cannot be trusted."""

from pathlib import Path
from typing import Any

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import TradingHeld, TradingReleased
from fillpath.core.ports import BrokerCapabilities
from fillpath.core.units import NANOSECONDS
from fillpath.service.guards import (
    CLOCK,
    MOST_DRIFT,
    MOST_STARTS,
    SAFE_HOLD,
    StartLog,
    clock_verdict,
    fitted,
    safe_hold,
)
from tests.unit.execution.desk.guarded import keeping
from tests.unit.service.account_room import OutsideBroker

NOW = 1_700_000_000 * NANOSECONDS
HOUR = 3_600 * NANOSECONDS


@pytest.mark.fault("F-37", "F-38")
@pytest.mark.parametrize(
    "drift", [500_000_001, HOUR, -HOUR, 5 * NANOSECONDS, MOST_DRIFT + 1, -MOST_DRIFT - 1]
)
@pytest.mark.control("C-49", "refuses")
def test_a_clock_that_was_set_holds_trading(drift: int) -> None:
    verdict = clock_verdict(NOW, drift, held=False)

    assert isinstance(verdict, TradingHeld)
    assert verdict.code == CLOCK
    assert ("forward" if drift > 0 else "back") in verdict.text


@pytest.mark.parametrize("drift", [0, MOST_DRIFT, -MOST_DRIFT, 500_000_000])
@pytest.mark.control("C-49", "passes")
def test_half_a_second_is_no_reason_to_hold(drift: int) -> None:
    assert clock_verdict(NOW, drift, held=False) is None


def test_a_held_engine_is_not_held_twice() -> None:
    assert clock_verdict(NOW, HOUR, held=True) is None


def test_trading_goes_on_when_the_clocks_agree_again() -> None:
    verdict = clock_verdict(NOW, 0, held=True)

    assert isinstance(verdict, TradingReleased)
    assert verdict.code == CLOCK


@pytest.mark.fault("F-16")
def test_an_engine_that_keeps_dying_is_held_until_a_person_says_otherwise(tmp_path: Path) -> None:
    log = StartLog(tmp_path)

    holds = [safe_hold(NOW + n, log.begin(NOW + n * NANOSECONDS)) for n in range(MOST_STARTS + 1)]

    assert holds[:-1] == [None] * MOST_STARTS
    last = holds[-1]
    assert last is not None
    assert last.code == SAFE_HOLD
    assert "fillpath resume" in last.text


def test_starts_that_a_clean_stop_followed_do_not_count(tmp_path: Path) -> None:
    log = StartLog(tmp_path)
    for n in range(MOST_STARTS):
        log.begin(NOW + n)

    log.end()

    assert log.begin(NOW + 100) == 1


def test_starts_of_more_than_a_minute_ago_do_not_count(tmp_path: Path) -> None:
    log = StartLog(tmp_path)
    for n in range(MOST_STARTS):
        log.begin(NOW + n)

    assert log.begin(NOW + 61 * NANOSECONDS) == 1


def test_a_log_that_cannot_be_read_counts_as_too_many_starts(tmp_path: Path) -> None:
    (tmp_path / "starts.json").write_text("{broken")

    assert safe_hold(NOW, StartLog(tmp_path).begin(NOW)) is not None


def test_a_start_that_the_disk_does_not_keep_counts_as_too_many(tmp_path: Path) -> None:
    (tmp_path / "starts.new").mkdir()

    assert safe_hold(NOW, StartLog(tmp_path).begin(NOW)) is not None


@pytest.mark.parametrize(
    ("can", "keeper", "told"),
    [
        pytest.param({"stops": True, "oca": True, "amend": True}, "broker", 0, id="it can"),
        pytest.param({"stops": True, "oca": False}, "engine", 1, id="orders cannot be linked"),
        pytest.param({"oca": True}, "engine", 1, id="it has no stops"),
        pytest.param({"live_portfolio": False}, "none", 1, id="nothing moves"),
    ],
)
def test_a_broker_that_keeps_no_stops_is_told_of(
    can: dict[str, Any], keeper: str, told: int
) -> None:
    class Limited(OutsideBroker):
        @property
        def capabilities(self) -> BrokerCapabilities:
            return BrokerCapabilities(**can)

    pages: list[RaiseAlarm] = []

    policy = fitted(keeping(), Limited(), 1, pages.append)

    assert policy.stop_keeper == keeper
    assert policy.amends_stops is can.get("amend", False)
    assert [page.code for page in pages] == ["STOP_KEEPER"] * told
