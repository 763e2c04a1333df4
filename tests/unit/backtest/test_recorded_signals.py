"""A recording without signals is traded by a plain plan that claims no edge."""

from fillpath.backtest.recorded_signals import recorded_signals
from fillpath.backtest.replay import SessionTimes
from fillpath.core.models import SignalDirection
from fillpath.core.units import NANOSECONDS, nanoseconds
from tests.sim.recording import DAY, OPEN, SHARE, a_tape

HOUR = 3_600 * NANOSECONDS
TAPES = {"AAA": a_tape(1, "AAA"), "BBB": a_tape(2, "BBB")}
ADV = {("AAA", DAY): 1_000_000 * SHARE}


def test_only_symbols_with_a_known_volume_are_traded() -> None:
    signals = recorded_signals(TAPES, (SessionTimes(DAY, OPEN, OPEN + 6 * HOUR),), ADV)

    assert {signal.symbol for signal in signals} == {"AAA"}


def test_entries_have_explicit_sizes_and_no_statistics() -> None:
    signals = recorded_signals(TAPES, (SessionTimes(DAY, OPEN, OPEN + 6 * HOUR),), ADV)

    sizes = [s.metadata for s in signals if s.direction is SignalDirection.LONG]
    assert [size["quantity"] for size in sizes] == [500, 500, 3_000, 12_000]
    assert all(set(size) == {"quantity"} for size in sizes)


def test_a_short_day_ends_the_plan_early() -> None:
    signals = recorded_signals(TAPES, (SessionTimes(DAY, OPEN, OPEN + HOUR),), ADV)

    assert len(signals) == 2
    assert all(nanoseconds(s.timestamp) < OPEN + HOUR for s in signals if s.timestamp)


def test_a_symbol_without_quotes_on_the_day_is_left_out() -> None:
    later = SessionTimes(DAY, OPEN + 10 * HOUR, OPEN + 16 * HOUR)

    assert recorded_signals(TAPES, (later,), ADV) == ()
