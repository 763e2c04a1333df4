"""Readings of the specification that no other test proves, shown from outside."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.backtest.inputs import LoadedInputs, load_inputs
from fillpath.backtest.replay import Replay, ReplayPlan
from fillpath.backtest.request import ReplayRequest
from fillpath.backtest.run import Extras, Rules, run_inputs
from fillpath.backtest.showing import QuoteShow, ReplayView
from fillpath.core.models import Bar, Quote, Signal, SignalDirection
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.policy import DeskPolicy
from fillpath.reports.recorder import RunRecorder
from fillpath.reports.result import RunFacts, RunResult
from fillpath.strategy.base import StrategyView
from fillpath.testing.builders import START

COLUMNS = "ts,symbol,bid_price,ask_price,bid_size,ask_size"


def a_recording(folder: Path, step: int, rows: int = 30) -> LoadedInputs:
    """Return loaded quotes of AAPL, one every ``step`` seconds."""
    path = folder / "quotes.csv"
    lines = [
        f"{(START + timedelta(seconds=step * n)).isoformat()},AAPL,149.99,150.0{n % 2 + 1},5,5"
        for n in range(rows)
    ]
    path.write_text("\n".join([COLUMNS, *lines]))
    return load_inputs(ReplayRequest(quotes=(path,)))


class Twice:
    """Buy one share with its third quote and one with its sixth."""

    name = "twice"

    def __init__(self) -> None:
        self._seen = 0

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        del bar, view
        return ()

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        del view
        self._seen += 1
        if self._seen not in {3, 6}:
            return ()
        return (
            Signal(
                symbol=quote.symbol,
                direction=SignalDirection.LONG,
                strength=Decimal(1),
                metadata={"quantity": 1},
            ),
        )


def a_run(loaded: LoadedInputs, journal: Path) -> RunResult:
    """Replay the recording for a strategy that is made anew, as every start makes it."""
    rules = Rules(
        policy=DeskPolicy(),
        simulation=SimulationPolicy(profile=FillProfile.QUOTES),
        hash_of=lambda _policy: "rules",
    )
    return run_inputs(loaded, rules, RunFacts(title="AAPL"), Extras(Twice(), journal))


@pytest.mark.parametrize(
    ("step", "age"),
    [
        pytest.param(1, 30, id="quotes of every second live 30 seconds"),
        pytest.param(60, 180, id="quotes of every minute live 180 seconds"),
    ],
)
def test_the_age_of_a_usable_quote_follows_the_recording(
    tmp_path: Path, step: int, age: int
) -> None:
    loaded = a_recording(tmp_path, step)

    assert loaded.quote_age == age


def test_a_strategy_goes_on_from_the_journal_without_trading_twice(tmp_path: Path) -> None:
    loaded = a_recording(tmp_path, 1)
    first = a_run(loaded, tmp_path / "journal")

    again = a_run(loaded, tmp_path / "journal")

    assert len(first.fills) == 2
    assert again.fills == first.fills


class _Cut(Exception):
    """The process dies."""


class _DyingJournal(MemoryJournal):
    """A journal whose process dies at the n-th turn; every turn before is durable."""

    def __init__(self, lives: int) -> None:
        super().__init__()
        self._lives = lives

    @property
    def pending(self) -> int:
        self._lives -= 1
        if self._lives < 0:
            raise _Cut
        return 1 << 20


def a_replay(loaded: LoadedInputs, journal: MemoryJournal) -> int:
    """Replay for a strategy that is made anew, and return how many fills there were."""
    recorder = RunRecorder()
    simulation = SimulationPolicy(profile=FillProfile.QUOTES)
    replay = Replay(loaded.inputs, ReplayPlan(simulation=simulation), journal, recorder)
    strategy = Twice()
    show = QuoteShow(loaded.inputs.tapes, strategy, ReplayView(replay, strategy.name))
    asyncio.run(replay.run([show]))
    return len(recorder.fills)


@pytest.mark.xfail(
    strict=True,
    reason="a strategy that goes on from a journal is made anew and has not seen the past: what it "
    "remembers is lost, so the run ends otherwise than an uninterrupted one",
)
def test_a_strategy_that_remembers_ends_as_if_it_had_not_been_interrupted(tmp_path: Path) -> None:
    loaded = a_recording(tmp_path, 1)
    whole = a_replay(loaded, MemoryJournal())
    dying = _DyingJournal(4)
    with pytest.raises(_Cut):
        a_replay(loaded, dying)

    resumed = a_replay(loaded, MemoryJournal(dying.content))

    assert resumed == whole
