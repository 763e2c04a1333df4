"""The demo's signals make everything happen that the demo promises, whatever the seed."""

import asyncio
from collections import Counter
from functools import cache

import numpy as np
import pytest
from msgspec.structs import replace

from fillpath.backtest.demo_market import DemoMarket, model_market
from fillpath.backtest.demo_signals import DEMO_CASH, DESK, demo_signals, minute_bars
from fillpath.backtest.replay import Replay, ReplayInputs, ReplayPlan, SessionTimes
from fillpath.core.models import SignalDirection
from fillpath.core.units import nanoseconds, price_decimal
from fillpath.data.journal.chained import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.reports.recorder import RunRecorder
from fillpath.reports.result import AccountEnd, RunFacts, RunResult, summarise


@cache
def _market(seed: int = 1, days: int = 5) -> DemoMarket:
    return model_market(np.random.default_rng(seed), days=days)


@cache
def _result(seed: int) -> RunResult:
    market, recorder = _market(seed), RunRecorder()
    inputs = ReplayInputs(
        tapes=market.tapes,
        sessions=tuple(SessionTimes(s.date, s.open_ns, s.close_ns) for s in market.sessions),
        signals=demo_signals(market),
        adv=market.adv,
    )
    simulation = SimulationPolicy(profile=FillProfile.QUOTES, cash=DEMO_CASH)
    plan = ReplayPlan(simulation=simulation)
    replay = Replay(inputs, plan, MemoryJournal(), recorder)
    asyncio.run(replay.run())
    account = replay.account()
    end = AccountEnd(
        opening_cash=DEMO_CASH,
        cash=account.cash,
        equity=account.equity,
        positions=account.positions,
    )
    return summarise(recorder, facts=RunFacts(title="demo", seed=seed), account=end)


@pytest.mark.parametrize("seed", range(3))
def test_every_route_happens_and_is_filled(seed: int) -> None:
    filled = {row.route for row in _result(seed).orders if row.filled_quantity}

    assert filled == {"urgent", "wide", "twap", "passive", "default"}


@pytest.mark.parametrize("seed", range(3))
def test_a_large_order_is_cut_into_five_slices(seed: int) -> None:
    slices = Counter(row.parent_order_id for row in _result(seed).orders if row.slices == 5)

    assert slices["desk/IBM-large"] == 5


@pytest.mark.parametrize("seed", range(3))
def test_stops_refusals_and_alerts_happen(seed: int) -> None:
    result = _result(seed)

    assert any(row.stop_price for row in result.orders)
    assert {*("NO_EDGE", "MISSING_STATISTICS", "TOO_FEW_TRADES", "SIGNAL_PRICE_OFF_MARKET")} <= set(
        result.signals.refused
    )
    assert {"LATENCY", "PARTICIPATION"} <= {row.code for row in result.alerts}
    assert result.positions


def test_every_signal_has_its_outcome() -> None:
    counts = _result(1).signals

    assert counts.received == len(demo_signals(_market()))
    assert counts.received == counts.ordered + sum(counts.refused.values())


def test_the_same_market_gives_the_same_signals() -> None:
    assert demo_signals(_market()) == demo_signals(model_market(np.random.default_rng(1)))


def test_signals_are_in_order_uniquely_named_and_in_regular_hours() -> None:
    signals = demo_signals(_market())

    names = {(signal.strategy_name, signal.signal_id) for signal in signals}
    times = [nanoseconds(signal.timestamp) for signal in signals if signal.timestamp]
    assert len(names) == len(times) == len(signals)
    assert times == sorted(times)
    for at in times:
        assert any(s.open_ns < at < s.close_ns for s in _market().sessions)


def test_a_claimed_edge_is_the_record_of_the_days_before() -> None:
    entries = [
        signal
        for signal in demo_signals(_market())
        if signal.strategy_name == "trend" and signal.symbol == "GOOG"
        if signal.direction is SignalDirection.LONG
    ]

    claimed = [signal.metadata["n_trades"] for signal in entries]
    assert claimed == list(range(171, 176))


def test_the_future_of_the_path_changes_no_earlier_signal() -> None:
    market = _market()
    noon = market.sessions[2].open_ns + 3 * 3_600 * 10**9
    tape = market.tapes["IBM"]
    later = tape.ts > noon
    moved = replace(
        tape,
        bid=np.where(later, tape.bid + 10**8, tape.bid),
        ask=np.where(later, tape.ask + 10**8, tape.ask),
    )
    tapes = {**market.tapes, "IBM": moved}
    other = DemoMarket(tapes=tapes, sessions=market.sessions, daily=market.daily)

    before = [s for s in demo_signals(market) if s.timestamp and nanoseconds(s.timestamp) <= noon]
    after = [s for s in demo_signals(other) if s.timestamp and nanoseconds(s.timestamp) <= noon]
    assert before == after
    assert demo_signals(market) != demo_signals(other)


def test_minute_bars_are_the_mids_of_their_minute() -> None:
    market = _market()
    tape = market.tapes["IBM"]

    bars = minute_bars(tape, market.sessions)

    assert len(bars) == 5 * 390
    assert bars[0].open == price_decimal(int(tape.bid[0] + tape.ask[0]) // 2)
    assert bars[0].close == price_decimal(int(tape.bid[59] + tape.ask[59]) // 2)
    assert nanoseconds(bars[0].ts_end) == market.sessions[0].open_ns + 60 * 10**9


def test_a_shorter_or_smaller_demo_still_speaks() -> None:
    one_day = demo_signals(_market(days=1))
    one_symbol = demo_signals(model_market(np.random.default_rng(1), days=2, symbols=("FB",)))

    assert {signal.strategy_name for signal in one_day} >= {DESK, "trend"}
    assert {signal.symbol for signal in one_symbol} == {"FB"}
