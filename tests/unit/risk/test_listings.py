"""The lists that the limits carry are checked, put in order and looked up once."""

from copy import deepcopy
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.terms import OrderSide, OrderType
from fillpath.risk.limits import (
    InstrumentClass,
    Instruments,
    Permission,
    Permissions,
    RiskLimits,
    Sectors,
    TradingSession,
)

MOMENTUM = ("momentum", "AAPL,IBM", "BUY", "LIMIT", "regular", "50000", "IBM")
FREE = ("free", "*", "*", "*", "*", "", "*")
IBM = ("IBM", "8314", "liquid", "USD", "NYSE")


def test_a_permission_says_what_a_strategy_may() -> None:
    permission = Permissions(everyone=False, rows=(MOMENTUM,)).by_strategy["momentum"]

    assert permission == Permission(
        symbols=frozenset({"AAPL", "IBM"}),
        sides=frozenset({OrderSide.BUY}),
        order_types=frozenset({OrderType.LIMIT}),
        sessions=frozenset({TradingSession.REGULAR}),
        max_notional=50_000 * 10**14,
        short_symbols=frozenset({"IBM"}),
    )


def test_a_star_allows_all_and_no_notional_any() -> None:
    assert Permissions(rows=(FREE,)).by_strategy["free"] == (None, None, None, None, None, None)


def test_no_word_allows_none() -> None:
    permission = Permissions(rows=(("none", "", "", "", "", "", ""),)).by_strategy["none"]

    assert permission == (frozenset(),) * 4 + (None, frozenset())


def test_a_reviewed_symbol_is_known_by_its_contract() -> None:
    instruments = Instruments(rows=(IBM, ("XYZ", "7", "other", "USD", "NASDAQ")))

    assert instruments.by_symbol["IBM"] == (8314, InstrumentClass.LIQUID, "USD", "NYSE")
    assert instruments.liquid == {"IBM"}


def test_the_order_of_the_rows_does_not_count() -> None:
    rows: tuple[Any, ...] = (["XYZ", "Energy"], ["ABC", "Health"])

    assert Sectors(rows=rows) == Sectors(rows=(("ABC", "Health"), ("XYZ", "Energy")))
    assert Sectors(rows=rows).by_symbol == {"ABC": "Health", "XYZ": "Energy"}


def test_limits_with_lists_can_be_copied() -> None:
    limits = RiskLimits(instruments=Instruments(rows=(IBM,)))

    assert deepcopy(limits) == limits


@pytest.mark.parametrize(
    ("kind", "row", "part"),
    [
        (Sectors, ("IBM",), "rows of 2 texts"),
        (Sectors, ("", "Energy"), "rows of 2 texts with a name"),
        (Sectors, ("ib m", "Energy"), "symbol must be"),
        (Instruments, ("IBM", "0", "liquid", "USD", "NYSE"), "con_id of IBM must be a whole"),
        (Instruments, ("IBM", "x", "liquid", "USD", "NYSE"), "got 'x'"),
        (Instruments, ("IBM", "1", "solid", "USD", "NYSE"), "'solid' must be one of liquid, other"),
        (Instruments, ("IBM", "1", "liquid", "", "NYSE"), "IBM must have a currency"),
        (Instruments, ("IBM", "1", "liquid", "USD", ""), "IBM must have a currency"),
        (Permissions, ("a", "ib m", "*", "*", "*", "", ""), "symbol must be"),
        (Permissions, ("a", "*", "UP", "*", "*", "", ""), "'UP' must be one of BUY, SELL"),
        (Permissions, ("a", "*", "*", "*", "night", "", ""), "one of regular, extended"),
        (Permissions, ("a", "*", "*", "*", "*", "0", ""), "max_notional must be above 0"),
        (Permissions, ("a" * 200, "*", "*", "*", "*", "", ""), "strategy must be a text"),
    ],
)
def test_a_row_that_cannot_be_is_refused(kind: type[Any], row: tuple[str, ...], part: str) -> None:
    with pytest.raises(ModelError, match=part):
        kind(rows=(row,))


def test_a_name_that_comes_twice_is_refused() -> None:
    with pytest.raises(ModelError, match="sectors must name each of them once, got IBM twice"):
        Sectors(rows=(("IBM", "a"), ("ABC", "a"), ("IBM", "b")))
