"""Small seeded recordings and signals for replays, and one way to run them."""

import asyncio
from datetime import date
from decimal import Decimal
from random import Random  # noqa: TID251  # seeded by the test

import numpy as np
from msgspec import Struct

from fillpath.backtest.replay import Replay, ReplayInputs, ReplayPlan, SessionTimes
from fillpath.core.models import Signal, SignalDirection
from fillpath.core.ports import Journal
from fillpath.core.units import NANOSECONDS, moment
from fillpath.data.files.quote_rows import Resolution
from fillpath.data.files.quotes import QuoteTape, ResolutionSpan
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.reports.recorder import RunRecorder

OPEN = 1_381_152_600 * NANOSECONDS  # 2013-10-07 09:30 in New York
DAY = date(2013, 10, 7)
CENT = 1_000_000
SHARE = 10**6
POLICY = DeskPolicy(router=RouterPolicy(max_quote_age_seconds=30))


class Scenario(Struct, frozen=True):
    """A recording and its signals.

    Args:
        inputs: for the replay.
        plan: how.
    """

    inputs: ReplayInputs
    plan: ReplayPlan


class Ran(Struct, frozen=True):
    """A finished replay."""

    replay: Replay
    recorder: RunRecorder
    journal: Journal


def a_tape(seed: int, symbol: str, seconds: int = 1_200) -> QuoteTape:
    """Return a random walk of one quote a second with some wide, one-sided and crossed moments."""
    rng = np.random.default_rng(seed)
    ts = OPEN + np.arange(seconds, dtype=np.int64) * NANOSECONDS
    mid = 5_000 + np.cumsum(rng.integers(-2, 3, seconds))
    half = rng.choice([1, 2, 8], seconds, p=[0.8, 0.15, 0.05])
    bid = ((mid - half) * CENT).astype(np.int64)
    ask = ((mid + half) * CENT).astype(np.int64)
    broken = rng.random(seconds)
    bid[(broken < 0.01) & (np.arange(seconds) > 0)] = 0
    crossed = (broken > 0.99) & (np.arange(seconds) > 0)
    bid[crossed], ask[crossed] = ask[crossed], bid[crossed]
    size = (rng.integers(1, 20, seconds) * 100 * SHARE).astype(np.int64)
    return QuoteTape(
        symbol=symbol,
        ts=ts,
        bid=bid,
        ask=ask,
        bid_size=size,
        ask_size=size[::-1].copy(),
        spans=(ResolutionSpan(0, Resolution.SECOND),),
    )


def some_signals(seed: int, symbols: list[str], count: int = 60) -> list[Signal]:
    """Return signals of every kind, oldest first."""
    rng = Random(seed)  # noqa: S311  # repeatable, nothing secret
    times = sorted(rng.uniform(1, 1_100) for _ in range(count))
    return [a_signal(rng, rng.choice(symbols), number, at) for number, at in enumerate(times)]


def a_signal(rng: Random, symbol: str, number: int, seconds: float) -> Signal:
    """Return one signal, ``seconds`` after the open."""
    metadata: dict[str, object] = {"win_rate": 0.55, "avg_win_pct": 2, "avg_loss_pct": 1}
    kind = rng.random()
    if kind < 0.2:
        metadata = {"quantity": rng.randrange(1, 3_000)}
    elif kind < 0.3:
        metadata["win_rate"] = 0.2
    return Signal(
        symbol=symbol,
        direction=rng.choice(list(SignalDirection)),
        strength=Decimal(rng.randrange(101)) / 100,
        metadata=metadata,
        strategy_name=rng.choice(["north", "south"]),
        signal_id=f"s{number}",
        timestamp=moment(OPEN + int(seconds * 1_000_000) * 1_000),
    )


def a_scenario(seed: int, *, displayed_size: bool = False) -> Scenario:
    """Return a recording of three symbols with sixty signals."""
    symbols = ["AAA", "BBB", "CCC"]
    tapes = {name: a_tape(seed * 10 + n, name) for n, name in enumerate(symbols)}
    session = SessionTimes(DAY, OPEN, OPEN + 1_199 * NANOSECONDS)
    inputs = ReplayInputs(
        tapes=tapes,
        sessions=(session,),
        signals=some_signals(seed, symbols),
        adv=lambda symbol, _day: 100_000 * SHARE if symbol != "CCC" else None,
    )
    simulation = SimulationPolicy(
        profile=FillProfile.QUOTES, cash=Decimal(1_000_000), displayed_size=displayed_size
    )
    return Scenario(inputs, ReplayPlan(policy=POLICY, simulation=simulation, policy_hash="rules"))


def run(scenario: Scenario, journal: Journal | None = None) -> Ran:
    """Replay the scenario, into a fresh journal unless one is given."""
    used = MemoryJournal() if journal is None else journal
    recorder = RunRecorder()
    replay = Replay(scenario.inputs, scenario.plan, used, recorder)
    asyncio.run(replay.run())
    return Ran(replay, recorder, used)
