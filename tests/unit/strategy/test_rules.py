"""The built-in rules: what makes them hold, what they claim, and that they never look ahead."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import Struct

from fillpath.core.errors import ConfigError
from fillpath.core.models import Bar, Signal, SignalDirection
from fillpath.strategy.base import RecordStrategy, Strategy
from fillpath.strategy.measured import Record
from fillpath.strategy.rules import (
    RULES,
    BarRule,
    Breakout,
    MeanReversion,
    Momentum,
    average_true_range,
)

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LONG, FLAT = SignalDirection.LONG, SignalDirection.FLAT


class _View(Struct):
    held: Decimal = Decimal(0)
    at_work: Decimal = Decimal(0)
    now: datetime = START
    cash: Decimal = Decimal(0)
    equity: Decimal = Decimal(0)

    def position(self, symbol: str) -> Decimal:
        assert symbol == "IBM"
        return self.held

    def working(self, symbol: str) -> Decimal:
        assert symbol == "IBM"
        return self.at_work


def _bars(closes: Sequence[object]) -> list[Bar]:
    """Return minutes that open at the close before them and reach no further."""
    prices = [Decimal(str(close)) for close in closes]
    opens = [prices[0], *prices[:-1]]
    return [
        Bar(
            symbol="IBM",
            ts=START + number * MINUTE,
            ts_end=START + (number + 1) * MINUTE,
            open=opened,
            high=max(opened, close),
            low=min(opened, close),
            close=close,
        )
        for number, (opened, close) in enumerate(zip(opens, prices, strict=True))
    ]


def _run(
    rule: BarRule, closes: Sequence[object], *, fills: bool = True, held: int = 0
) -> list[Signal]:
    """Show a rule bars, in an account that does at once what it is asked for, or never."""
    view, said = _View(held=Decimal(held)), []
    for bar in _bars(closes):
        for signal in rule.on_bar(bar, view):
            said.append(signal)
            if fills:
                view.held = Decimal(signal.direction is LONG)
    return said


def _swings(times: int) -> list[int]:
    return [100, 100, 102, 104, 99, 98] * times


@pytest.mark.parametrize("kind", RULES)
def test_each_rule_is_a_strategy_that_needs_no_argument(kind: type[BarRule]) -> None:
    strategy: Strategy = kind()

    assert isinstance(strategy, Strategy)
    assert isinstance(strategy, RecordStrategy)


@pytest.mark.parametrize("kind", RULES)
def test_what_comes_later_changes_nothing_that_was_said(kind: type[BarRule]) -> None:
    small = {"lookback": 2} if kind is Momentum else {"window": 4}
    small |= {"width": 1} if kind is MeanReversion else {}
    past = [100 + (number * 7) % 11 for number in range(60)]

    one = _run(kind(**small), [*past, 500, 1, 500])
    other = _run(kind(**small), [*past, 1, 500, 1])

    ended = START + len(past) * MINUTE
    assert [signal for signal in one if signal.timestamp and signal.timestamp <= ended]
    assert [signal for signal in one if signal.timestamp and signal.timestamp <= ended] == [
        signal for signal in other if signal.timestamp and signal.timestamp <= ended
    ]


def test_momentum_enters_on_a_rise_and_leaves_on_a_fall() -> None:
    said = _run(Momentum(lookback=2, threshold_pct=1), [100, 100, 102, 103, 103, 102])

    assert [(signal.direction, signal.timestamp) for signal in said] == [
        (LONG, START + 3 * MINUTE),
        (FLAT, START + 6 * MINUTE),
    ]


def test_mean_reversion_buys_below_the_band_and_leaves_at_the_average() -> None:
    said = _run(MeanReversion(window=4, width=1), [100, 100, 100, 100, 96, 97, 99])

    assert [(signal.direction, signal.timestamp) for signal in said] == [
        (LONG, START + 5 * MINUTE),
        (FLAT, START + 7 * MINUTE),
    ]


def test_a_market_that_stands_still_is_not_below_its_band() -> None:
    assert _run(MeanReversion(window=4), [100] * 10) == []


def test_breakout_buys_above_the_highest_high_and_leaves_some_ranges_below_the_top() -> None:
    rule = Breakout(window=3, range_window=3, ranges=2)

    said = _run(rule, [100, 101, 100, 101, 103, 104, 103, 100, 98])

    assert [(signal.direction, signal.timestamp) for signal in said] == [
        (LONG, START + 5 * MINUTE),
        (FLAT, START + 8 * MINUTE),
    ]


def test_the_true_range_takes_in_the_close_before() -> None:
    bars = _bars([100, 102, 99])
    gap = Bar(
        symbol="IBM",
        ts=bars[-1].ts_end,
        ts_end=bars[-1].ts_end + MINUTE,
        open=Decimal(104),
        high=Decimal(105),
        low=Decimal(104),
        close=Decimal(105),
    )

    assert average_true_range([*bars, gap], 2) == Decimal("4.5")


def test_the_first_trades_have_a_small_size_and_say_that_it_is_fixed() -> None:
    (entry,) = _run(Momentum(lookback=2, bootstrap_shares=3), [100, 100, 102])

    assert entry.metadata == {
        "signal_price": Decimal(102),
        "quantity": 3,
        "bootstrap": True,
    }
    assert entry.strategy_name == "momentum"
    assert entry.signal_id == "IBM-20260302T143300-entry"


def test_without_a_first_size_the_few_trades_are_said_and_the_engine_refuses_them() -> None:
    (entry,) = _run(Momentum(lookback=2, bootstrap_shares=0), [100, 100, 102])

    assert entry.metadata == {"signal_price": Decimal(102), "n_trades": 0}


def test_after_enough_trades_the_record_of_the_rule_sizes_the_order() -> None:
    rule = Momentum(lookback=2, min_trades=2, cost_bps=0)

    last = [signal for signal in _run(rule, _swings(4)) if signal.direction is LONG][-1]

    assert "quantity" not in last.metadata
    assert last.metadata["n_trades"] >= 2
    assert last.metadata["n_trades"] <= rule.record("IBM").trades


def test_a_cautious_rule_claims_less_than_it_measured() -> None:
    closes = [
        100,
        100,
        102,
        106,
        104,
        103,
        100,
        98,
        99,
        102,
        101,
        97,
        97,
        99,
        103,
        110,
        100,
        98,
        101,
    ]
    measured = Momentum(lookback=2, min_trades=1, cost_bps=0)
    cautious = Momentum(lookback=2, min_trades=1, cost_bps=0, cautious=1)

    bold, careful = (_run(rule, closes)[-1].metadata for rule in (measured, cautious))

    assert careful["n_trades"] == bold["n_trades"]
    assert careful["win_rate"] <= bold["win_rate"]


def test_the_record_trades_at_the_open_after_the_decision_and_pays_its_costs() -> None:
    free = Momentum(lookback=2, threshold_pct=1, cost_bps=0)
    dear = Momentum(lookback=2, threshold_pct=1, cost_bps=100)
    closes = [100, 100, 102, 103, 103, 102, 101]

    for rule in (free, dear):
        _run(rule, closes)

    # In at 102, out at 102: nothing earned is no trade; with 1 % each side it is a loss of 2 %.
    assert free.record().trades == 0
    assert dear.record().avg_loss_pct == 2


def test_an_entry_that_nobody_filled_is_asked_for_once() -> None:
    said = _run(Momentum(lookback=2), [100, 101, 102, 103, 104, 105], fills=False)

    assert [signal.direction for signal in said] == [LONG]


def test_a_way_out_that_nobody_filled_is_asked_for_again_after_ten_bars() -> None:
    said = _run(Momentum(lookback=2), [100 - number for number in range(25)], fills=False, held=5)

    assert [signal.direction for signal in said] == [FLAT, FLAT, FLAT]


def test_a_way_out_that_still_works_is_not_asked_for_again() -> None:
    rule, view = Momentum(lookback=2), _View(held=Decimal(5), at_work=Decimal(-5))

    said = [
        signal
        for bar in _bars([100 - number for number in range(25)])
        for signal in rule.on_bar(bar, view)
    ]

    assert [signal.direction for signal in said] == [FLAT]


def test_a_way_out_of_which_a_part_works_is_asked_for_again() -> None:
    rule, view = Momentum(lookback=2), _View(held=Decimal(5), at_work=Decimal(-4))

    said = [
        signal
        for bar in _bars([100 - number for number in range(25)])
        for signal in rule.on_bar(bar, view)
    ]

    assert [signal.direction for signal in said] == [FLAT, FLAT, FLAT]


def test_live_a_rule_speaks_for_the_trades_of_its_account_and_not_for_those_on_paper() -> None:
    rule = Momentum(lookback=2, min_trades=2, bootstrap_shares=7)
    won = Record(trades=2, win_rate=Decimal("0.5"), avg_win_pct=Decimal(2), avg_loss_pct=Decimal(1))
    rule.on_record(won)

    (entry,) = _run(rule, [100, 100, 102])

    assert entry.metadata == {"signal_price": Decimal(102), **won.claims()}


def test_live_a_rule_begins_with_its_small_size_again_while_its_account_has_few_trades() -> None:
    rule = Momentum(lookback=2, min_trades=2, bootstrap_shares=7)
    _run(rule, _swings(9))
    rule.on_record(Record(trades=1, win_rate=Decimal(1), avg_win_pct=None, avg_loss_pct=None))

    assert rule.statistics.claims() == {"quantity": 7, "bootstrap": True}


def test_a_short_position_is_closed_before_anything_is_bought() -> None:
    said = _run(Momentum(lookback=2), [100, 101, 102], held=-5, fills=False)

    assert [signal.direction for signal in said] == [FLAT]


def test_bars_of_another_length_are_not_looked_at() -> None:
    assert _run(Momentum(lookback=2, bar_minutes=5), [100, 101, 102, 103]) == []


def test_a_parameter_that_no_rule_has_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is no parameter 'lookbak'"):
        Momentum(lookbak=2)
