"""Every limit knows which way is tighter, and a change that loosens is named."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.risk.limits import (
    Autonomy,
    AutonomyLimits,
    DayTradeLimits,
    DayTradeRegime,
    Instruments,
    Permissions,
    RateLimits,
    RiskLimits,
    Sectors,
)
from fillpath.risk.limits.limit import Limit
from fillpath.risk.limits.tightening import DIRECTIONS, LIMITS, loosened, tightened, value_of

BOTH_WAYS = {
    "pdt_guard.counting",
    "pdt_guard.report_seconds",
    "price.period_seconds",
    "rates.order_to_trade_seconds",
    "breakers.slippage_fills",
    "protection.target_pct",
}
"""Limits of which no change can be shown to tighten."""


def with_value(name: str, value: Any, limits: RiskLimits | None = None) -> RiskLimits:
    limits = limits or RiskLimits()
    group, _, key = name.rpartition(".")
    if group:
        return replace(limits, **{group: replace(getattr(limits, group), **{key: value})})
    return replace(limits, **{key: value})


def values(limit: Limit) -> Iterator[Any]:
    if limit.optional:
        yield None
    if limit.kind is bool:
        yield from (False, True)
    elif limit.kind is str:
        yield from ("", "IBM", "IBM,XYZ", "XYZ")
    elif issubclass(limit.kind, StrEnum):
        yield from limit.kind
    else:
        middle = (limit.low + limit.high) / 2
        yield from map(limit.kind, (limit.low, middle, limit.high))


def test_every_limit_has_a_direction() -> None:
    assert set(DIRECTIONS) == set(LIMITS)


@pytest.mark.parametrize("name", LIMITS)
def test_a_change_and_its_way_back_are_never_both_tightenings(name: str) -> None:
    known = [with_value(name, value) for value in values(LIMITS[name])]

    for one in known:
        assert loosened(one, one) == []
        for other in known:
            if one != other:
                assert loosened(one, other) or loosened(other, one)


@pytest.mark.parametrize("name", sorted(set(LIMITS) - BOTH_WAYS))
def test_every_limit_can_be_tightened(name: str) -> None:
    known = [with_value(name, value) for value in values(LIMITS[name])]

    assert any(one != other and not loosened(one, other) for one in known for other in known)


@pytest.mark.parametrize("name", sorted(BOTH_WAYS - {"breakers.slippage_fills"}))
def test_a_limit_without_a_direction_counts_as_loosened_either_way(name: str) -> None:
    low, *_, high = (with_value(name, value) for value in values(LIMITS[name]))

    assert loosened(low, high)
    assert loosened(high, low)


@pytest.mark.control("C-52", "refuses")
@pytest.mark.parametrize(
    ("name", "before", "after", "text"),
    [
        ("max_position_pct", 5, "5.000001", "risk.max_position_pct 5 -> 5.000001"),
        ("price_floor", 5, "4.99", "risk.price_floor 5 -> 4.99"),
        ("cash_reserve_pct", 10, "9.99", "risk.cash_reserve_pct 10 -> 9.99"),
        ("max_positions", 20, 21, "risk.max_positions 20 -> 21"),
        ("allow_short", False, True, "risk.allow_short false -> true"),
        ("require_contract", True, False, "risk.require_contract true -> false"),
        ("restricted", "IBM,XYZ", "IBM", "risk.restricted IBM,XYZ -> IBM"),
        ("restricted", "IBM", "", "risk.restricted IBM -> none"),
        ("restricted", "IBM", "XYZ,ABC", "risk.restricted IBM -> ABC,XYZ"),
        ("rates.repeated_count", 20, 0, "risk.rates.repeated_count 20 -> 0"),
        ("rates.repeated_count", 20, 21, "risk.rates.repeated_count 20 -> 21"),
        ("rates.duplicate_seconds", 10, 0, "risk.rates.duplicate_seconds 10 -> 0"),
        ("breakers.operator_heartbeat_hours", 48, 0, "risk.breakers.operator_heartbeat_hours 48"),
        ("breakers.slippage_fills", 20, 0, "risk.breakers.slippage_fills 20 -> 0"),
        ("breakers.slippage_fills", 20, 10, "risk.breakers.slippage_fills 20 -> 10"),
        ("autonomy.mode", "MANUAL_APPROVAL", "PAPER_ONLY", "MANUAL_APPROVAL -> PAPER_ONLY"),
        ("autonomy.mode", "PAPER_ONLY", "MANUAL_APPROVAL", "PAPER_ONLY -> MANUAL_APPROVAL"),
        ("pdt_guard.regime", "broker", "off", "risk.pdt_guard.regime broker -> off"),
        ("pdt_guard.regime", "broker", "legacy", "risk.pdt_guard.regime broker -> legacy"),
        ("protection.protective_stop", "broker", "engine", "broker -> engine"),
        ("protection.trailing_pct", 2, None, "risk.protection.trailing_pct 2 -> null"),
    ],
)
def test_what_gets_looser_is_named(name: str, before: Any, after: Any, text: str) -> None:
    (named,) = loosened(with_value(name, before), with_value(name, after))

    assert text in named


@pytest.mark.control("C-52", "passes")
@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("max_position_pct", 5, "4.999999"),
        ("cash_reserve_pct", 10, "10.01"),
        ("allow_short", True, False),
        ("require_contract", False, True),
        ("restricted", "", "IBM"),
        ("restricted", "IBM", "ABC,IBM"),
        ("rates.repeated_count", 0, 20),
        ("rates.repeated_count", 20, 19),
        ("breakers.slippage_fills", 0, 20),
        ("autonomy.mode", "FULL_AUTONOMOUS", "PAPER_ONLY"),
        ("autonomy.mode", "BOUNDED_AUTONOMOUS", "MANUAL_APPROVAL"),
        ("pdt_guard.regime", "off", "broker"),
        ("protection.protective_stop", "none", "engine"),
        ("protection.trailing_pct", None, 2),
        ("protection.trailing_pct", 2, 1),
    ],
)
def test_what_gets_tighter_is_not(name: str, before: Any, after: Any) -> None:
    assert loosened(with_value(name, before), with_value(name, after)) == []


def listed(*rows: tuple[str, ...]) -> RiskLimits:
    return RiskLimits(permissions=Permissions(everyone=False, rows=rows))


ROW = ("a", "IBM,XYZ", "BUY,SELL", "*", "regular", "1000", "IBM")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(RiskLimits(), listed(ROW), [], id="a list where there was none"),
        pytest.param(listed(ROW), RiskLimits(), ["permissions a list -> none"], id="no list"),
        pytest.param(listed(ROW), listed(), [], id="a strategy less"),
        pytest.param(listed(), listed(ROW), ["permissions a none -> listed"], id="one more"),
        pytest.param(
            listed(ROW), listed(("a", "IBM", "BUY", "LIMIT", "", "999", "")), [], id="less of all"
        ),
        pytest.param(
            listed(ROW),
            listed(("a", "*", *ROW[2:])),
            ["permissions a more symbols"],
            id="all symbols",
        ),
        pytest.param(
            listed(ROW),
            listed(("a", "IBM,ABC", *ROW[2:])),
            ["permissions a more symbols"],
            id="another symbol",
        ),
        pytest.param(
            listed(ROW),
            listed((*ROW[:5], "1000.01", "*")),
            ["permissions a more max_notional", "permissions a more short_symbols"],
            id="larger, and short",
        ),
        pytest.param(
            listed(ROW),
            listed((*ROW[:5], "", "IBM")),
            ["permissions a more max_notional"],
            id="of any size",
        ),
    ],
)
def test_a_strategy_that_may_do_more_is_named(
    before: RiskLimits, after: RiskLimits, expected: list[str]
) -> None:
    assert loosened(before, after) == [f"risk.{text}" for text in expected]


IBM = ("IBM", "8314", "liquid", "USD", "NYSE")
XYZ = ("XYZ", "7", "other", "USD", "NASDAQ")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param((IBM, XYZ), (IBM,), [], id="one left out"),
        pytest.param((IBM,), (), ["risk.instruments a list -> none"], id="no list"),
        pytest.param((), (IBM,), ["risk.instruments +IBM 8314 liquid USD NYSE"], id="one more"),
        pytest.param(
            (XYZ,),
            (("XYZ", "7", "liquid", "USD", "NASDAQ"),),
            ["risk.instruments +XYZ 7 liquid USD NASDAQ"],
            id="another class",
        ),
    ],
)
def test_instruments_may_only_be_left_out(before: Any, after: Any, expected: list[str]) -> None:
    old = RiskLimits(instruments=Instruments(rows=before))

    assert loosened(old, RiskLimits(instruments=Instruments(rows=after))) == expected


def test_every_change_of_a_sector_counts_as_loosened() -> None:
    old = RiskLimits(sectors=Sectors(rows=(("IBM", "a"), ("XYZ", "a"))))
    new = RiskLimits(sectors=Sectors(rows=(("IBM", "b"), ("XYZ", "a"))))

    assert loosened(old, new) == ["risk.sectors -IBM a", "risk.sectors +IBM b"]


class TestTightened:
    @pytest.mark.control("C-52", "passes")
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("risk.max_position_pct", "3", Decimal(3)),
            ("max_position_pct", " 2.5 ", Decimal("2.5")),
            ("risk.max_positions", "3", 3),
            ("risk.allow_short", "False", False),
            ("risk.restricted", "XYZ,IBM", "IBM,XYZ"),
            ("risk.size.basket_pct", "10", Decimal(10)),
            ("risk.protection.trailing_pct", "2", Decimal(2)),
            ("risk.require_contract", "true", True),
        ],
    )
    def test_a_limit_is_taken_as_it_is_typed(self, name: str, text: str, value: object) -> None:
        new = tightened(RiskLimits(), {name: text})

        assert value_of(new, name.removeprefix("risk.")) == value

    def test_words_are_taken_too(self) -> None:
        limits = RiskLimits(
            pdt_guard=DayTradeLimits(regime=DayTradeRegime.OFF),
            autonomy=AutonomyLimits(mode=Autonomy.FULL_AUTONOMOUS),
        )

        new = tightened(
            limits,
            {
                "risk.pdt_guard.regime": "legacy",
                "risk.autonomy.mode": "MANUAL_APPROVAL",
            },
        )

        assert new.pdt_guard.regime is DayTradeRegime.LEGACY
        assert new.autonomy.mode is Autonomy.MANUAL_APPROVAL

    @pytest.mark.control("C-52", "refuses")
    @pytest.mark.fault("F-108")
    @pytest.mark.security("S-17")
    def test_every_loosening_is_named_and_nothing_is_changed(self) -> None:
        with pytest.raises(ModelError) as refused:
            tightened(
                RiskLimits(),
                {
                    "risk.max_position_pct": "3",
                    "risk.price_floor": "1",
                    "risk.rates.repeated_count": "0",
                },
            )

        assert str(refused.value) == (
            "only a restart may loosen limits: risk.price_floor 5 -> 1; "
            "risk.rates.repeated_count 20 -> 0"
        )

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"risk.watchdog.seconds": "9"}, "is read at the start alone; it takes a restart"),
            ({"risk.protection.protective_stop": "broker"}, "it takes a restart"),
            ({"risk.max_position": "3"}, "no limit, the nearest is risk.max_positions"),
            ({"risk.price": "3"}, "risk.price is no limit"),
            ({"risk.max_position_pct": "a lot"}, "must be a number, got 'a lot'"),
            ({"risk.max_position_pct": "0"}, "must be from 0.01 to 100"),
            ({"risk.max_positions": "2.5"}, "must be a whole number from 1"),
            ({"risk.max_positions": "-2"}, "must be a whole number from 1"),
            ({"risk.allow_short": "nope"}, "must be True or False"),
            ({"risk.autonomy.mode": "NEVER"}, "must be one of PAPER_ONLY"),
            ({"risk.protection.trailing_pct": "null"}, "nothing would change"),
            ({"risk.max_position_pct": "5"}, "nothing would change"),
            ({}, "nothing would change"),
        ],
    )
    def test_what_cannot_be_is_named(self, changes: dict[str, str], text: str) -> None:
        with pytest.raises(ModelError) as refused:
            tightened(RiskLimits(), changes)

        assert text in str(refused.value)

    def test_other_limits_stay(self) -> None:
        before = RiskLimits(rates=RateLimits(repeated_count=5), max_positions=4)

        after = tightened(before, {"risk.rates.repeated_count": "4"})

        assert after == RiskLimits(rates=RateLimits(repeated_count=4), max_positions=4)
