"""Prices that somebody waits for."""

import pytest

from fillpath.core.commands import WatchLevel
from fillpath.core.models import OrderSide
from fillpath.execution.levels import Levels
from fillpath.testing.builders import SYMBOL, a_view

LOW, HIGH = 14_700_000_000, 16_000_000_000
SELL = WatchLevel("long", SYMBOL, OrderSide.SELL, LOW, HIGH)
BUY = WatchLevel("short", SYMBOL, OrderSide.BUY, LOW, HIGH)


@pytest.mark.parametrize(
    ("bid", "ask", "found"),
    [
        ("147.01", "147.03", []),
        ("147.00", "147.02", ["long"]),
        ("120.00", "147.00", ["long", "short"]),
        ("159.98", "159.99", []),
        ("159.98", "160.00", ["short"]),
        ("160.00", "160.02", ["long", "short"]),
        (None, "147.00", ["short"]),
        ("147.00", None, ["long"]),
        ("150.02", "147.00", []),
        (None, None, []),
    ],
)
def test_a_price_is_reached_at_or_beyond_it_on_the_side_that_would_trade(
    bid: str | None, ask: str | None, found: list[str]
) -> None:
    levels = Levels()
    levels.set(SELL)
    levels.set(BUY)

    assert levels.reached(SYMBOL, a_view(bid, ask)) == found


def test_a_price_is_told_of_once() -> None:
    levels = Levels()
    levels.set(SELL)
    assert levels

    levels.reached(SYMBOL, a_view("146", "146.02"))

    assert not levels
    assert levels.reached(SYMBOL, a_view("146", "146.02")) == []
    assert not levels.waits(SYMBOL)


def test_a_watch_may_wait_for_one_side_only() -> None:
    levels = Levels()
    levels.set(WatchLevel("up", SYMBOL, OrderSide.SELL, None, HIGH))
    levels.set(WatchLevel("down", SYMBOL, OrderSide.SELL, LOW, None))

    assert levels.reached(SYMBOL, a_view("150", "150.02")) == []
    assert levels.bands(SYMBOL) == (LOW, HIGH, None, None)


def test_the_same_name_moves_a_watch_and_an_unknown_one_is_ignored() -> None:
    levels = Levels()
    levels.set(SELL)
    levels.set(WatchLevel("long", SYMBOL, OrderSide.SELL, LOW - 1, None))
    levels.clear("nobody", SYMBOL)
    levels.clear("long", "MSFT")

    assert levels.bands(SYMBOL) == (LOW - 1, None, None, None)


def test_the_nearest_of_several_prices_counts() -> None:
    levels = Levels()
    for number in range(3):
        levels.set(WatchLevel(f"s{number}", SYMBOL, OrderSide.SELL, LOW + number, HIGH - number))
        levels.set(WatchLevel(f"b{number}", SYMBOL, OrderSide.BUY, LOW + number, HIGH - number))

    levels.clear("s2", SYMBOL)

    assert levels.bands(SYMBOL) == (LOW + 1, HIGH - 1, LOW + 2, HIGH - 2)
