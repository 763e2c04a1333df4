"""The kill switch remembers who, why and since when, and how much it stops."""

import pytest

from fillpath.core.errors import ModelError
from fillpath.risk.kill_switch import KillSwitch, Latch, Scope

STOPPED = KillSwitch().set("fat finger", "anna", 5)
STRATEGY, SYMBOL, ACCOUNT, ALL = Scope.STRATEGY, Scope.SYMBOL, Scope.ACCOUNT, Scope.ALL


def test_it_starts_cleared() -> None:
    switch = KillSwitch()

    assert not switch.killed
    assert switch.stopped("trend", "AAPL") is None


def test_setting_it_records_who_why_and_since_when() -> None:
    latch = Latch("fat finger", "anna", 5)

    assert KillSwitch(latches=(latch,), by="anna", since=5) == STOPPED
    assert STOPPED.stopped("trend", "AAPL") == latch


def test_a_time_that_nobody_said_is_none() -> None:
    switch = KillSwitch().set("fat finger", "anna")

    assert (switch.since, switch.latches[0].at) == (None, 0)


def test_a_second_stop_keeps_the_first_cause() -> None:
    assert STOPPED.set("again", "breaker", 9) is STOPPED


def test_clearing_records_who_and_when() -> None:
    assert STOPPED.cleared("berta", 9) == KillSwitch(by="berta", since=9)


def test_clearing_a_cleared_switch_changes_nothing() -> None:
    switch = KillSwitch()

    assert switch.cleared("berta", 9) is switch


@pytest.mark.control("A-16", "refuses")
@pytest.mark.control("A-16", "passes")
@pytest.mark.parametrize(
    ("scope", "target", "stopped"),
    [
        (STRATEGY, "trend", ["trend AAPL", "trend MSFT"]),
        (STRATEGY, "", []),
        (SYMBOL, "AAPL", ["trend AAPL", "other AAPL"]),
        (ACCOUNT, "", ["trend AAPL", "trend MSFT", "other AAPL", "other MSFT"]),
        (ALL, "", ["trend AAPL", "trend MSFT", "other AAPL", "other MSFT"]),
    ],
)
def test_a_scope_stops_what_it_covers_and_nothing_else(
    scope: Scope, target: str, stopped: list[str]
) -> None:
    switch = KillSwitch().set("fat finger", "anna", 5, scope, target)
    pairs = [(one, symbol) for one in ("trend", "other") for symbol in ("AAPL", "MSFT")]

    assert [f"{a} {b}" for a, b in pairs if switch.stopped(a, b) is not None] == stopped
    assert switch.killed is (scope in {ACCOUNT, ALL})


@pytest.mark.control("A-16", "refuses")
def test_clearing_one_scope_leaves_the_others() -> None:
    switch = STOPPED.set("odd", "cid", 6, SYMBOL, "AAPL").set("all", "dan", 7, ALL)
    left = switch.cleared("berta", 8).cleared("berta", 9, ALL)

    assert [latch.key for latch in left.latches] == [(SYMBOL, "AAPL")]
    assert left.stopped("trend", "AAPL") is not None
    assert left.stopped("trend", "MSFT") is None
    assert left.cleared("berta", 9, SYMBOL, "MSFT") is left


def test_the_widest_stop_is_the_reason() -> None:
    switch = (
        KillSwitch()
        .set("symbol", "a", 1, SYMBOL, "AAPL")
        .set("strategy", "a", 2, STRATEGY, "trend")
        .set("account", "a", 3)
        .set("all", "a", 4, ALL)
    )
    reasons = []
    for scope in (ALL, ACCOUNT, STRATEGY, SYMBOL):
        latch = switch.stopped("trend", "AAPL")
        assert latch is not None
        reasons.append(latch.reason)
        switch = switch.cleared("b", 5, scope, latch.target)

    assert reasons == ["all", "account", "strategy", "symbol"]
    assert switch.stopped("trend", "AAPL") is None


@pytest.mark.parametrize(
    ("scope", "target", "sentence"),
    [
        (ACCOUNT, "AAPL", "target must be empty for account, got 'AAPL'"),
        (ALL, "x", "target must be empty for all, got 'x'"),
        (SYMBOL, "", "target must name a symbol, got an empty text"),
    ],
)
def test_a_scope_names_what_it_stops(scope: Scope, target: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        KillSwitch().set("fat finger", "anna", 5, scope, target)


def test_a_stop_needs_a_reason() -> None:
    with pytest.raises(ModelError, match="reason must say why"):
        KillSwitch().set(" ", "anna")


@pytest.mark.parametrize("switch", [KillSwitch(), STOPPED])
def test_every_act_needs_a_name(switch: KillSwitch) -> None:
    with pytest.raises(ModelError, match="by must name"):
        switch.set("fat finger", "")
    with pytest.raises(ModelError, match="by must name"):
        switch.cleared(" ")
