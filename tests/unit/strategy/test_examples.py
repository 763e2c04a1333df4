"""Example strategies: no claim but their own record, no knowledge of what is to come."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import Struct

from fillpath.core.models import Bar, Quote, Signal, SignalDirection
from fillpath.strategy.base import QuoteStrategy, Strategy
from fillpath.strategy.examples import (
    EXAMPLES,
    DayStrategy,
    Gap,
    Record,
    Recorded,
    Reversal,
    Trend,
    Weakness,
    average_close,
    record_of,
)

MIDNIGHT = datetime(2013, 1, 1, tzinfo=UTC)
OPEN = timedelta(hours=14, minutes=30)


class _View(Struct):
    now: datetime = MIDNIGHT
    cash: Decimal = Decimal(0)
    equity: Decimal = Decimal(0)
    held: Decimal = Decimal(0)

    def position(self, symbol: str) -> Decimal:
        assert symbol == "IBM"
        return self.held

    def working(self, symbol: str) -> Decimal:
        del symbol
        return Decimal(0)


def _bar(start: datetime, length: timedelta, opened: str, closed: str) -> Bar:
    prices = sorted([Decimal(opened), Decimal(closed)])
    return Bar(
        symbol="IBM",
        ts=start,
        ts_end=start + length,
        open=Decimal(opened),
        high=prices[1],
        low=prices[0],
        close=Decimal(closed),
    )


def _day(number: int, opened: str, closed: str) -> Bar:
    return _bar(MIDNIGHT + timedelta(days=number) + OPEN, timedelta(hours=6.5), opened, closed)


def _minute(day: int, minute: int, opened: str = "100", closed: str = "100") -> Bar:
    start = MIDNIGHT + timedelta(days=day, minutes=minute) + OPEN
    return _bar(start, timedelta(minutes=1), opened, closed)


def _say(strategy: DayStrategy, bar: Bar, held: int = 0) -> list[Signal]:
    return list(strategy.on_bar(bar, _View(held=Decimal(held))))


def _taught(strategy: DayStrategy, closes: Sequence[str]) -> DayStrategy:
    for number, close in enumerate(closes):
        assert _say(strategy, _day(number, "100", close)) == []
    return strategy


RISING = [str(100 + number) for number in range(25)]
FALLING = [str(100 - number) for number in range(25)]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_example_is_a_strategy(kind: type[DayStrategy]) -> None:
    strategy: Strategy = kind()

    assert isinstance(strategy, Strategy)
    assert strategy.name == kind.__name__.lower()


def test_the_record_counts_winners_and_losers_and_leaves_scratches_out() -> None:
    record = record_of([Decimal(2), Decimal(0), Decimal(-1), Decimal(4)])

    assert record == Record(
        trades=3,
        win_rate=Decimal("0.6667"),
        avg_win_pct=Decimal("3.0000"),
        avg_loss_pct=Decimal("1.0000"),
    )


def test_no_trade_is_no_record() -> None:
    assert record_of([]) == Record(trades=0, win_rate=None, avg_win_pct=None, avg_loss_pct=None)


def test_the_average_close_needs_all_its_days() -> None:
    days = [_day(0, "100", "100"), _day(1, "100", "102")]

    assert average_close(days, 2) == 101
    assert average_close(days, 3) is None


def test_trend_buys_half_an_hour_after_the_open_above_the_average() -> None:
    strategy = _taught(Trend(), RISING)

    early = _say(strategy, _minute(30, 0)) + _say(strategy, _minute(30, 28))
    (signal,) = _say(strategy, _minute(30, 29))
    again = _say(strategy, _minute(30, 30))

    assert early == again == []
    assert signal.direction is SignalDirection.LONG
    assert signal.signal_id == "IBM-20130131-entry"
    assert signal.timestamp == _minute(30, 29).ts_end
    assert signal.metadata["signal_price"] == 100


def test_the_claims_are_what_the_rule_earned_on_the_days_shown() -> None:
    strategy = _taught(Trend(), [*RISING, "90"])
    _say(strategy, _day(26, "100", "130"))

    _say(strategy, _minute(40, 0))
    (signal,) = _say(strategy, _minute(40, 29))

    # Five rising days after the twentieth close (120 to 124 %) and the day that fell to 90; the
    # close of 90 is below the average, so the day after it is no trade of the rule.
    assert signal.metadata["n_trades"] == 6
    assert signal.metadata["win_rate"] == Decimal("0.8333")
    assert signal.metadata["avg_loss_pct"] == Decimal("10.0000")
    assert signal.metadata["avg_win_pct"] == Decimal("22.0000")


def test_a_rule_that_never_lost_claims_no_average_loss() -> None:
    strategy = _taught(Trend(), RISING)

    _say(strategy, _minute(30, 0))
    (signal,) = _say(strategy, _minute(30, 29))

    assert "avg_loss_pct" not in signal.metadata
    assert signal.metadata["n_trades"] == 5


def test_weakness_sells_short_below_the_average_and_earns_when_prices_fall() -> None:
    strategy = _taught(Weakness(), FALLING)

    _say(strategy, _minute(30, 0))
    (signal,) = _say(strategy, _minute(30, 59))

    assert signal.direction is SignalDirection.SHORT
    assert strategy.record("IBM").win_rate == 1


@pytest.mark.parametrize(
    ("strategy", "closes"),
    [
        (Trend(), FALLING),
        (Weakness(), RISING),
        (Reversal(), RISING),
        (Trend(), RISING[:10]),
        (Reversal(), RISING[:1]),
        (Gap(), []),
    ],
)
def test_without_its_reason_a_strategy_stays_out(strategy: DayStrategy, closes: list[str]) -> None:
    _taught(strategy, closes)

    assert [_say(strategy, _minute(30, at)) for at in (0, 29, 59, 89)] == [[], [], [], []]


@pytest.mark.parametrize(
    ("opened", "strength"),
    [("100.4", None), ("101", "0.7000"), ("102", "0.8500"), ("110", "1.0000")],
)
def test_gap_grows_with_the_gap_in_the_first_minute(opened: str, strength: str | None) -> None:
    strategy = _taught(Gap(), ["100"])

    said = _say(strategy, _minute(30, 0, opened, opened))

    assert [str(signal.strength) for signal in said] == ([] if strength is None else [strength])


def test_reversal_buys_after_a_fall_of_more_than_one_percent() -> None:
    strategy = _taught(Reversal(), ["100", "98.9"])

    _say(strategy, _minute(30, 0))
    (signal,) = _say(strategy, _minute(30, 89))

    assert signal.direction is SignalDirection.LONG


def test_what_is_held_is_left_before_the_close_and_only_once() -> None:
    strategy = _taught(Trend(), RISING)
    for minute in (0, 29):
        _say(strategy, _minute(30, minute))

    (signal,) = _say(strategy, _minute(30, 374), held=100)

    assert signal.direction is SignalDirection.FLAT
    assert signal.signal_id == "IBM-20130131-exit"
    assert _say(strategy, _minute(30, 375), held=100) == []


def test_what_is_not_held_needs_no_exit() -> None:
    strategy = _taught(Trend(), RISING)
    for minute in (0, 29):
        _say(strategy, _minute(30, minute))

    assert _say(strategy, _minute(30, 374), held=0) == []


def test_the_next_day_begins_anew() -> None:
    strategy = _taught(Trend(), RISING)
    for minute in (0, 29, 374):
        _say(strategy, _minute(30, minute))

    _say(strategy, _minute(31, 0))
    (signal,) = _say(strategy, _minute(31, 29))

    assert signal.signal_id == "IBM-20130201-entry"


def _tick(strategy: Recorded, minute: int, held: int = 0, equity: int = 1_000_000) -> list[Signal]:
    now = MIDNIGHT + OPEN + timedelta(minutes=minute)
    view = _View(now=now, equity=Decimal(equity), held=Decimal(held))
    quote = Quote("IBM", Decimal("99.99"), Decimal("100.01"), ts=now)
    return list(strategy.on_quote(quote, view))


def test_recorded_enters_and_leaves_by_the_clock() -> None:
    strategy = Recorded()

    assert isinstance(strategy, QuoteStrategy)
    assert list(strategy.on_bar(_minute(0, 0), _View())) == []
    assert _tick(strategy, 0) == _tick(strategy, 19) == []
    (entry,) = _tick(strategy, 20)
    assert _tick(strategy, 21, held=10) == []
    (leave,) = _tick(strategy, 40, held=10)
    assert (entry.direction, entry.metadata["quantity"]) == (SignalDirection.LONG, 10)
    assert leave.direction is SignalDirection.FLAT


def test_recorded_takes_small_middle_and_large_parts_and_is_sometimes_urgent() -> None:
    strategy = Recorded()
    _tick(strategy, 0)

    entries = [signal for turn in range(1, 5) for signal in _tick(strategy, 20 * turn)]

    assert [entry.metadata["quantity"] for entry in entries] == [10, 200, 450, 10]
    assert [str(entry.strength) for entry in entries] == ["0.5", "0.5", "0.5", "0.95"]


def test_recorded_does_not_ask_twice_for_the_same_exit_on_a_day() -> None:
    strategy = Recorded()
    for minute in (0, 20):
        _tick(strategy, minute)

    first, second = _tick(strategy, 40, held=10), _tick(strategy, 60, held=10)
    next_day = _tick(strategy, 60 + 24 * 60, held=10)

    assert (len(first), len(second), len(next_day)) == (1, 0, 1)


def test_recorded_passes_over_half_a_quote_and_what_it_cannot_pay() -> None:
    strategy = Recorded()
    one_sided = Quote("IBM", Decimal("99.99"), None)

    _tick(strategy, 0)
    late = _View(now=MIDNIGHT + OPEN + timedelta(minutes=20), equity=Decimal(1_000_000))

    assert list(strategy.on_quote(one_sided, late)) == []
    assert _tick(strategy, 20, equity=50) == []
