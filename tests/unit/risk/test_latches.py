"""One place says whether an order of a strategy in a symbol may leave."""

from typing import Any

import pytest

from fillpath.core.events import FlattenAsked, KillSwitchSet
from fillpath.risk.kill_switch import (
    SLIPPAGE_BREAKER,
    Latch,
    Latches,
    Scope,
    flatten_key,
    is_latch_code,
    latch_of,
)

CODES = (
    "KILL_SWITCH",
    "REPEATED_EXECUTION",
    "SLIPPAGE_BREAKER",
    "ROUTER_COMPARATOR",
    "OVERFILL",
    "ORDER_TO_TRADE",
    "DAILY_LOSS",
    "DRAWDOWN",
    "CTRL_25_INPUT",
    "PNL_SHOCK",
)


def a_latch(scope: Scope = Scope.ACCOUNT, target: str = "", **changes: Any) -> Latch:
    given: dict[str, Any] = {"reason": "losing", "by": "ann", "at": 5} | changes
    return Latch(scope=scope, target=target, **given)


def latches(*held: Latch) -> Latches:
    found = Latches()
    for latch in held:
        found.set(latch)
    return found


def stopped(held: Latches, strategy: str = "trend", symbol: str = "AAPL") -> bool:
    return held.stopped(strategy, symbol) is not None


@pytest.mark.control("C-44", "passes")
def test_nothing_is_stopped_at_first() -> None:
    assert not Latches()
    assert not stopped(Latches())
    assert Latches().wide is None


@pytest.mark.control("A-16", "refuses")
@pytest.mark.parametrize("scope", [Scope.ACCOUNT, Scope.ALL])
def test_a_wide_latch_stops_everything(scope: Scope) -> None:
    held = latches(a_latch(scope))

    assert held
    assert stopped(held, "any", "MSFT")
    assert held.wide == a_latch(scope)


@pytest.mark.control("A-16", "refuses")
def test_a_strategy_is_stopped_alone() -> None:
    held = latches(a_latch(Scope.STRATEGY, "trend"))

    assert stopped(held, "trend", "MSFT")
    assert not stopped(held, "other", "AAPL")
    assert held.wide is None


@pytest.mark.control("A-16", "refuses")
def test_a_symbol_is_stopped_alone() -> None:
    held = latches(a_latch(Scope.SYMBOL, "AAPL"))

    assert stopped(held, "other", "AAPL")
    assert not stopped(held, "AAPL", "MSFT")


def test_the_widest_latch_is_the_answer() -> None:
    narrow, wide = a_latch(Scope.SYMBOL, "AAPL"), a_latch(Scope.ACCOUNT, reason="all of it")

    assert latches(narrow, wide).stopped("trend", "AAPL") == wide


@pytest.mark.fault("F-109")
def test_setting_it_again_keeps_the_first_cause() -> None:
    held = latches(a_latch())

    assert not held.set(a_latch(reason="again", at=9))
    assert list(held) == [a_latch()]
    assert held.changes == 1


def test_every_code_of_a_scope_is_a_latch_of_its_own() -> None:
    slipping = a_latch(Scope.STRATEGY, "trend", code=SLIPPAGE_BREAKER)
    held = latches(slipping, a_latch(Scope.STRATEGY, "trend"))

    assert held.clear(Scope.STRATEGY, "trend", SLIPPAGE_BREAKER) == [slipping]
    assert stopped(held)


@pytest.mark.fault("F-110")
def test_clearing_one_scope_leaves_the_others() -> None:
    held = latches(a_latch(Scope.ALL), a_latch(), a_latch(Scope.SYMBOL, "AAPL"))

    held.clear(Scope.ACCOUNT)

    assert [latch.scope for latch in held] == [Scope.ALL, Scope.SYMBOL]


def test_clearing_a_scope_without_a_code_clears_all_of_it() -> None:
    held = latches(a_latch(), a_latch(code=SLIPPAGE_BREAKER))

    assert len(held.clear(Scope.ACCOUNT)) == 2
    assert not held
    assert held.changes == 4


def test_clearing_what_is_not_set_changes_nothing() -> None:
    held = latches(a_latch())

    assert held.clear(Scope.SYMBOL, "AAPL") == []
    assert held.clear(Scope.ACCOUNT, code="OVERFILL") == []
    assert held == latches(a_latch())


def test_a_breaker_lets_exits_leave_and_a_kill_does_not() -> None:
    breaker = latches(a_latch(code=SLIPPAGE_BREAKER, exits=True))

    assert breaker.stopped("trend", "AAPL") is not None
    assert breaker.stopped("trend", "AAPL", reduces=True) is None
    assert breaker.wide is None
    assert latches(a_latch()).stopped("trend", "AAPL", reduces=True) is not None


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.ACCOUNT])
def test_what_lets_exits_leave_is_no_stop_of_everything(scope: Scope) -> None:
    assert latches(a_latch(scope, exits=True)).wide is None
    assert latches(a_latch(scope)).wide is not None


def test_the_first_moment_is_an_end_and_none_is_not() -> None:
    held = latches(a_latch(until=1), a_latch(Scope.SYMBOL, "MSFT", until=0))

    assert [latch.until for latch in held.expire(1)] == [1]


def test_a_latch_with_an_end_ends_by_itself() -> None:
    short, long = a_latch(until=10), a_latch(Scope.SYMBOL, "AAPL", until=20)
    held = latches(short, long, a_latch(Scope.SYMBOL, "MSFT"))

    assert held.expire(9) == []
    assert held.expire(10) == [short]
    assert held.expire(30) == [long]
    assert stopped(held, symbol="MSFT")


@pytest.mark.parametrize(
    ("until", "kept"),
    [
        pytest.param(0, 0, id="a person's wins"),
        pytest.param(20, 20, id="the longer wins"),
        pytest.param(5, 10, id="the shorter does not"),
        pytest.param(10, 10, id="nor one as long"),
    ],
)
def test_what_would_end_by_itself_may_be_set_for_longer(until: int, kept: int) -> None:
    held = latches(a_latch(until=10))

    changed = held.set(a_latch(until=until))

    assert [latch.until for latch in held] == [kept]
    assert changed is (kept != 10)


@pytest.mark.parametrize(
    ("latch", "text"),
    [
        (a_latch(), "trading is off: losing"),
        (a_latch(Scope.ALL), "all trading is off: losing"),
        (a_latch(Scope.SYMBOL, "AAPL"), "symbol AAPL is off: losing"),
        (a_latch(Scope.STRATEGY, "trend"), "strategy trend is off: losing"),
    ],
)
def test_it_says_what_it_stops(latch: Latch, text: str) -> None:
    assert latch.text == text


@pytest.mark.parametrize(
    ("scope", "target", "key"),
    [
        ("all", "", (Scope.ALL, "")),
        ("account", "", (Scope.ACCOUNT, "")),
        ("account", "AAPL", (Scope.ACCOUNT, "")),
        ("symbol", "AAPL", (Scope.SYMBOL, "AAPL")),
        ("strategy", "trend", (Scope.STRATEGY, "trend")),
        pytest.param("strategy", "", (Scope.STRATEGY, ""), id="the strategy without a name"),
        pytest.param("symbol", "", (Scope.ACCOUNT, ""), id="a symbol that is not named"),
        pytest.param("galaxy", "x", (Scope.ACCOUNT, ""), id="a scope that nobody knows"),
    ],
)
def test_a_scope_that_is_not_understood_stops_the_account(
    scope: str, target: str, key: tuple[Scope, str]
) -> None:
    assert latch_of(KillSwitchSet(5, "", "ann", scope, target)).key == key


@pytest.mark.parametrize(
    ("scope", "target", "key"),
    [
        ("all", "", (Scope.ALL, "")),
        ("strategy", "trend", (Scope.STRATEGY, "trend")),
        ("symbol", "AAPL", (Scope.SYMBOL, "AAPL")),
        pytest.param("galaxy", "x", (Scope.SYMBOL, "x"), id="a scope that nobody knows"),
    ],
)
def test_what_is_given_up_is_never_more_than_was_said(
    scope: str, target: str, key: tuple[Scope, str]
) -> None:
    assert flatten_key(FlattenAsked(5, "ann", scope, target)) == key


def test_a_stop_without_a_reason_is_a_stop() -> None:
    assert latch_of(KillSwitchSet(5, "", "ann")).reason == "no reason given"


def test_a_fact_brings_the_whole_latch() -> None:
    event = KillSwitchSet(5, "losing", "ann", "strategy", "trend", SLIPPAGE_BREAKER, 9, exits=True)

    expected = a_latch(Scope.STRATEGY, "trend", code=SLIPPAGE_BREAKER, until=9, exits=True)
    assert latch_of(event) == expected


@pytest.mark.parametrize(
    ("code", "known"),
    [*((code, True) for code in CODES), ("BREAKER:VIX", True), ("TRADING_HELD", False)],
)
def test_the_codes_of_latches_are_known(code: str, known: bool) -> None:  # noqa: FBT001  # a table
    assert is_latch_code(code) is known
