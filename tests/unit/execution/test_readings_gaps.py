"""Readings of the specification that no other test proves, shown from outside."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.backtest.inputs import LoadedInputs, load_inputs
from fillpath.backtest.request import ReplayRequest
from fillpath.backtest.run import Extras, Rules, run_inputs
from fillpath.core.errors import ConfigError
from fillpath.core.models import Bar, Quote, Signal, SignalDirection
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.policy import DeskPolicy
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


def test_a_journal_is_not_continued_by_a_strategy_that_has_forgotten(tmp_path: Path) -> None:
    loaded = a_recording(tmp_path, 1)
    first = a_run(loaded, tmp_path / "journal")

    with pytest.raises(ConfigError, match="start the run anew with a new journal"):
        a_run(loaded, tmp_path / "journal")

    assert len(first.fills) == 2
