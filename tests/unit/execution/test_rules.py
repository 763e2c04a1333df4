"""A journal carries its rules: they are written as plain data and read back the same."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ModelError
from fillpath.core.events import AccountOpened, PolicyAdopted
from fillpath.data.codec import decode_group, encode_group
from fillpath.execution.desk import Desk
from fillpath.execution.policy import (
    DeskPolicy,
    LargeOrders,
    QualityPolicy,
    RouterPolicy,
    SizingMethod,
    SizingPolicy,
)
from fillpath.execution.rules import changed_rules, loosened_rules, rules_read, written_rules
from fillpath.risk.limits import PriceLimits, RiskLimits, Sectors

OTHER = DeskPolicy(
    sizing=SizingPolicy(position_sizing=SizingMethod.FIXED, risk_budget_pct=Decimal("0.5")),
    router=RouterPolicy(slice_large=LargeOrders.TABLE, twap_num_slices=7),
    quality=QualityPolicy(max_latency_ms=Decimal("1.5")),
    risk=RiskLimits(
        max_positions=3,
        allow_short=False,
        price=PriceLimits(collar_other_pct=Decimal("2.5")),
        sectors=Sectors(rows=(("IBM", "Technology"),)),
    ),
    max_signal_age_seconds=Decimal("12.5"),
    adv_required=True,
)


@pytest.mark.parametrize("policy", [DeskPolicy(), OTHER])
def test_rules_come_back_as_they_were_written(policy: DeskPolicy) -> None:
    assert rules_read(written_rules(policy)) == policy


def test_a_journal_keeps_rules_exactly() -> None:
    fact = PolicyAdopted(1, "hash", written_rules(OTHER))

    (read,) = decode_group(encode_group(0, 0, [fact])).records

    assert isinstance(read, PolicyAdopted)
    assert rules_read(read.rules) == OTHER


@pytest.mark.parametrize(
    "change",
    [
        {"sizing": {"lot": 1}},
        {"news": True},
        {"max_signal_age_seconds": "0"},
        {"risk": {"news": {}}},
        {"risk": {"price": {"news": 1}}},
    ],
)
def test_rules_of_another_version_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="must be"):
        rules_read(written_rules(DeskPolicy()) | change)


def test_a_change_of_a_long_list_says_how_long_it_is() -> None:
    rows = tuple((f"S{number}", "Energy") for number in range(7))
    before = DeskPolicy(risk=RiskLimits(sectors=Sectors(rows=(("S0", "Health"), *rows[1:]))))

    few = changed_rules(before, DeskPolicy(risk=RiskLimits(sectors=Sectors(rows=rows))))
    many = changed_rules(DeskPolicy(), before)

    assert few == ["risk.sectors.rows -S0 Health, +S0 Energy"]
    assert many[0].endswith("+S4 Energy and 2 more")


@pytest.mark.control("C-52", "refuses")
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"max_signal_age_seconds": 31}, ["max_signal_age_seconds 30 -> 31"]),
        ({"max_signal_age_seconds": "30.5"}, {}, []),
        ({"adv_required": True}, {}, ["adv_required true -> false"]),
        ({}, {"adv_required": True}, []),
        (
            {"risk": RiskLimits(max_positions=3)},
            {"risk": RiskLimits(max_positions=4)},
            ["risk.max_positions 3 -> 4"],
        ),
    ],
)
def test_rules_that_let_more_through_are_named(
    before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    assert loosened_rules(DeskPolicy(**before), DeskPolicy(**after)) == expected


def test_the_rules_remember_whose_they_are_until_they_change() -> None:
    desk = Desk(DeskPolicy())
    desk.step(AccountOpened(1, "SIM", 10**18, policy_hash="first"))
    desk.step(PolicyAdopted(2, "first", written_rules(DeskPolicy()), "ann", "the start"))

    desk.step(PolicyAdopted(3, "first", written_rules(DeskPolicy()), "bob"))

    state = desk.state
    assert (state.rules_at, state.rules_by, state.rules_reason) == (2, "ann", "the start")


def test_limits_that_an_older_version_did_not_know_have_their_defaults() -> None:
    rules = written_rules(DeskPolicy()) | {"risk": {"max_positions": 3, "allow_short": False}}

    assert rules_read(rules).risk == RiskLimits(max_positions=3, allow_short=False)


def test_a_desk_trades_under_the_rules_that_were_adopted_last() -> None:
    desk = Desk(DeskPolicy())
    desk.step(AccountOpened(1, "SIM", 10**18, policy_hash="first"))

    desk.step(PolicyAdopted(2, "second", written_rules(OTHER)))

    assert desk.policy == OTHER
    assert desk.state.rules == "second"


@pytest.mark.fault("F-43")
def test_a_change_of_the_rules_says_what_changed() -> None:
    desk = Desk(DeskPolicy())
    desk.step(AccountOpened(1, "SIM", 10**18, policy_hash="first"))

    alarm, looser = desk.step(PolicyAdopted(2, "second", written_rules(OTHER)))

    assert isinstance(alarm, RaiseAlarm)
    assert isinstance(looser, RaiseAlarm)
    assert (looser.code, looser.text) == (
        "RULES_LOOSENED",
        "risk.sectors +IBM Technology",
    )
    assert alarm.code == "RULES_CHANGED"
    assert "risk.max_positions 20 -> 3" in alarm.text
    assert "risk.price.collar_other_pct 3 -> 2.5" in alarm.text
    assert "risk.sectors.rows +IBM Technology" in alarm.text
    assert "router.slice_large always -> table" in alarm.text


@pytest.mark.parametrize("policy_hash", ["first", "other"])
def test_the_same_rules_again_are_no_news(policy_hash: str) -> None:
    desk = Desk(DeskPolicy())
    desk.step(AccountOpened(1, "SIM", 10**18, policy_hash="first"))

    assert desk.step(PolicyAdopted(2, policy_hash, written_rules(DeskPolicy()))) == []
