"""Every breaker says what a slow and simple count over the whole history says."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.units import NANOSECONDS, RATIO_SCALE
from fillpath.risk.circuit_breaker import (
    Count,
    EquityMarks,
    Repeats,
    Shock,
    Slippages,
    Traffic,
    mark_equity,
    repeated,
    sent,
    shock,
    slipped,
)
from fillpath.risk.limits import BreakerLimits, RateLimits, RiskLimits

SECOND = NANOSECONDS
WINDOW = 60 * SECOND
gaps = st.integers(0, 20 * SECOND)
amounts = st.integers(-1_000, 1_000)


def times(steps: list[int]) -> list[int]:
    return list(accumulate(steps))


@given(steps=st.lists(st.tuples(gaps, amounts), min_size=1, max_size=40), most=st.integers(0, 900))
def test_a_shock_is_never_missed_and_at_most_a_second_late_forgotten(
    steps: list[tuple[int, int]], most: int
) -> None:
    state = Shock()
    history: list[tuple[int, int]] = []
    for at, (_, profit) in zip(times([gap for gap, _ in steps]), steps, strict=True):
        tripped = shock(state, at, profit, most, WINDOW) is not None
        history.append((at, profit))
        exact = max(p for t, p in history if t >= at - WINDOW) - profit
        loose = max(p for t, p in history if t >= at - WINDOW - SECOND) - profit

        assert tripped or exact <= most
        assert not tripped or loose > most


@given(costs=st.lists(st.integers(-500_000, 500_000), max_size=60), fills=st.integers(1, 10))
def test_the_mean_slippage_is_that_of_the_last_fills(costs: list[int], fills: int) -> None:
    limits = BreakerLimits(slippage_fills=fills, slippage_bps=5)
    state = Slippages()
    for number, cost in enumerate(costs, 1):
        tripped = slipped(state, "s", cost, limits) is not None
        last = costs[max(number - fills, 0) : number]

        assert tripped is (len(last) == fills and sum(last) > 5 * fills * RATIO_SCALE // 10_000)


@given(steps=st.lists(gaps, max_size=60), most=st.integers(1, 8))
def test_repeats_are_those_within_the_window(steps: list[int], most: int) -> None:
    limits = RateLimits(repeated_count=most, repeated_seconds=60)
    state = Repeats()
    seen: list[int] = []
    for at in times(steps):
        tripped = repeated(state, ("s", "A"), at, limits) is not None
        seen.append(at)

        assert tripped is (sum(t > at - WINDOW for t in seen) > most)


counts = st.tuples(gaps, st.integers(0, 5), st.integers(0, 2))


@given(steps=st.lists(counts, max_size=60), ratio=st.integers(1, 8))
def test_messages_are_compared_with_executions_within_a_window(
    steps: list[tuple[int, int, int]], ratio: int
) -> None:
    limits = RateLimits(order_to_trade=ratio, order_to_trade_seconds=60)
    state = Traffic()
    seen: list[tuple[int, int, int]] = []
    for at, (_, messages, executions) in zip(
        times([gap for gap, _, _ in steps]), steps, strict=True
    ):
        tripped = sent(state, "s", at, Count(messages, executions), limits) is not None
        seen.append((at // SECOND, messages, executions))
        inside = [(m, e) for t, m, e in seen if t > at // SECOND - 60]
        allowed = ratio * max(sum(e for _, e in inside), 1)

        assert tripped is (messages > 0 and sum(m for m, _ in inside) > allowed)


@given(
    equities=st.lists(st.tuples(st.booleans(), st.integers(1, 200)), min_size=1, max_size=40),
    daily=st.integers(1, 50),
    drawdown=st.integers(1, 50),
)
def test_losses_are_those_since_the_start_and_the_peak(
    equities: list[tuple[bool, int]], daily: int, drawdown: int
) -> None:
    limits = RiskLimits(max_daily_loss_pct=daily, max_drawdown_pct=drawdown)
    marks = EquityMarks()
    day, peak = 0, 0
    start = last = equities[0][1]
    for new_day, equity in equities:
        if new_day:
            day, start = day + 1, last
        trips = mark_equity(marks, equity, day, limits)
        last, peak = equity, max(peak, equity)

        assert {trip.code for trip in trips} == {
            code
            for code, base, percent in (("DAILY_LOSS", start, daily), ("DRAWDOWN", peak, drawdown))
            if equity * 100 <= base * (100 - percent)
        }
