"""What a strategy declares of itself is checked once, and the same for everybody who sets it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.models import Bar, Quote, Signal
from fillpath.strategy.base import StrategyView
from fillpath.strategy.declared import (
    DAY,
    Needs,
    Parameter,
    needs_of,
    parameters_of,
    read_parameters,
)
from fillpath.strategy.rules import Momentum

MINUTE = timedelta(minutes=1)
COUNT = Parameter(name="window", default=20, low=2, high=500, unit="bars", meaning="how far back")
SHARE = Parameter(name="share", default=Decimal("0.5"), low=0, high=1)


class _OnBars:
    name = "on bars"

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        del bar, view
        return ()


class _OnQuotes:
    name = "on quotes"

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        del quote, view
        return ()


def _bar(length: timedelta, symbol: str = "IBM") -> Bar:
    start = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    price = Decimal(100)
    return Bar(
        symbol=symbol,
        ts=start,
        ts_end=start + length,
        open=price,
        high=price,
        low=price,
        close=price,
    )


@pytest.mark.parametrize(("given", "value"), [("30", 30), (30, 30), ("30.0", 30), (2, 2)])
def test_a_whole_parameter_takes_texts_and_numbers(given: object, value: int) -> None:
    read = COUNT.read(given)

    assert read == value
    assert type(read) is int


def test_a_parameter_with_places_stays_exact() -> None:
    assert SHARE.read("0.1") == Decimal("0.1")


@pytest.mark.parametrize("given", ["1", "501", "2.5", "many", "nan", "inf", "", None])
def test_a_value_that_is_not_allowed_is_refused_with_what_is(given: object) -> None:
    with pytest.raises(ConfigError, match="window must be a whole number from 2 to 500 bars, got"):
        COUNT.read(given)


def test_a_number_without_a_unit_says_its_range_alone() -> None:
    with pytest.raises(ConfigError, match="share must be a number from 0 to 1, got '2'"):
        SHARE.read("2")


def test_a_default_that_could_not_be_given_is_refused() -> None:
    with pytest.raises(ConfigError, match="window must be"):
        Parameter(name="window", default=1, low=2, high=3)


def test_what_is_not_given_keeps_its_default() -> None:
    assert read_parameters((COUNT, SHARE), {"window": "7"}) == {
        "window": 7,
        "share": Decimal("0.5"),
    }


def test_an_unknown_parameter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no parameter 'wide'; there are: share, window"):
        read_parameters((COUNT, SHARE), {"wide": 7})


def test_a_strategy_without_parameters_takes_none() -> None:
    with pytest.raises(ConfigError, match="no parameter 'window'; there are: none"):
        read_parameters(parameters_of(_OnBars), {"window": 7})


def test_a_strategy_that_declares_nothing_needs_what_it_answers() -> None:
    assert needs_of(_OnBars) == Needs(bar_length=MINUTE)
    assert needs_of(_OnQuotes()) == Needs(quotes=True)


def test_a_strategy_that_declares_its_needs_is_believed() -> None:
    assert needs_of(Momentum(bar_minutes=5)) == Needs(bar_length=5 * MINUTE, history=21)


@pytest.mark.parametrize(
    ("needs", "bar", "taken"),
    [
        (Needs(bar_length=MINUTE), _bar(MINUTE), True),
        (Needs(bar_length=MINUTE), _bar(5 * MINUTE), False),
        (Needs(bar_length=DAY), _bar(210 * MINUTE), True),
        (Needs(bar_length=DAY), _bar(MINUTE), False),
        (Needs(quotes=True), _bar(MINUTE), False),
        (Needs(bar_length=MINUTE, symbols=("AAPL",)), _bar(MINUTE), False),
        (Needs(bar_length=MINUTE, symbols=("AAPL",)), _bar(MINUTE, "AAPL"), True),
    ],
)
def test_needs_tell_the_bars_that_are_meant(needs: Needs, bar: Bar, *, taken: bool) -> None:
    assert needs.takes(bar) is taken


def test_bars_without_length_cannot_be_needed() -> None:
    with pytest.raises(ModelError, match="bar_length must be above 0"):
        Needs(bar_length=timedelta(0))


def test_a_history_below_nothing_cannot_be_needed() -> None:
    with pytest.raises(ModelError, match="history must be 0 or more, got -1"):
        Needs(history=-1)
