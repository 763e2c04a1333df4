"""A split changes nothing of what a rule decides or has earned: only the size of a share."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import Struct

from fillpath.core.models import Bar, Signal, SignalDirection
from fillpath.strategy.base import SplitStrategy
from fillpath.strategy.examples import DayStrategy, Gap
from fillpath.strategy.rules import RULES, BarRule
from fillpath.strategy.splits import bar_in_new_shares

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WAVES = [100, 100, 102, 104, 99, 98, 97, 103, 106, 101] * 12
FOLDS = [(7, 1), (1, 20), (3, 2)]


class _View(Struct):
    held: Decimal = Decimal(0)
    now: datetime = START
    cash: Decimal = Decimal(0)
    equity: Decimal = Decimal(0)

    def position(self, symbol: str) -> Decimal:
        assert symbol == "IBM"
        return self.held

    def working(self, symbol: str) -> Decimal:
        assert symbol == "IBM"
        return Decimal(0)


def a_bar(number: int, opened: Decimal, close: Decimal, length: timedelta = MINUTE) -> Bar:
    start = START + number * length
    return Bar(
        symbol="IBM",
        ts=start,
        ts_end=start + length,
        open=opened,
        high=max(opened, close),
        low=min(opened, close),
        close=close,
        volume=Decimal(700),
    )


def shown(rule: BarRule, fold: tuple[int, int] | None) -> list[tuple[SignalDirection, datetime]]:
    """Return what a rule says to the waves, with a split in their middle or without."""
    view, said = _View(), []
    before = Decimal(1) if fold is None else Decimal(fold[0]) / fold[1]
    middle = len(WAVES) // 2
    for number, close in enumerate(WAVES):
        if number == middle and fold is not None:
            rule.on_split("IBM", *fold)
        factor = before if number < middle else Decimal(1)
        opened = WAVES[max(number - 1, 0)] * factor
        for signal in rule.on_bar(a_bar(number, opened, close * factor), view):
            said.append((signal.direction, signal.timestamp or START))
            view.held = Decimal(signal.direction is SignalDirection.LONG)
    return said


@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize("kind", RULES)
def test_a_rule_decides_and_earns_the_same_across_a_split(
    kind: type[BarRule], fold: tuple[int, int]
) -> None:
    whole, split = kind(**_short(kind)), kind(**_short(kind))

    said = shown(whole, None)

    assert shown(split, fold) == said
    assert len(said) > 10
    assert split.record() == whole.record()


def _short(kind: type[BarRule]) -> dict[str, object]:
    names = {parameter.name for parameter in kind.parameters}
    return {name: 3 for name in ("lookback", "window", "range_window") if name in names} | (
        {"width": "0.5"} if "width" in names else {}
    )


@pytest.mark.parametrize("kind", RULES)
def test_a_split_of_a_symbol_that_was_never_seen_is_taken(kind: type[BarRule]) -> None:
    rule = kind()

    rule.on_split("IBM", 7, 1)

    assert isinstance(rule, SplitStrategy)
    assert rule.record().trades == 0


def test_a_bar_keeps_its_worth() -> None:
    bar = bar_in_new_shares(a_bar(0, Decimal("645.57"), Decimal(700)), 7, 1)

    assert (bar.open, bar.close, bar.volume) == (
        Decimal("92.22428571"),
        Decimal(100),
        Decimal(4_900),
    )


def test_the_days_that_an_example_remembers_are_in_new_shares_too() -> None:
    """An open of 101 is a gap of one percent above 100, and a fall below the 700 of before."""
    strategy, day = Gap(), timedelta(hours=6.5)
    for number in range(25):
        list(strategy.on_bar(a_bar(number, Decimal(693), Decimal(700), day), _View()))

    strategy.on_split("IBM", 7, 1)

    assert _first_hour(strategy)


def _first_hour(strategy: DayStrategy) -> Sequence[Signal]:
    said: list[Signal] = []
    for number in range(10_000, 10_060):
        answer: Iterable[Signal] = strategy.on_bar(
            a_bar(number, Decimal(101), Decimal(101)), _View()
        )
        said += answer
    return said
