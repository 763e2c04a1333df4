"""What a strategy says gets a name, a time, and an id that a restart repeats."""

from datetime import timedelta
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.models import Signal
from fillpath.strategy.speaking import MOST_SIGNALS, Speaker
from fillpath.testing.builders import START
from fillpath.testing.builders import a_signal as built

LATER = START + timedelta(seconds=3)


def a_signal(**changes: Any) -> Signal:
    fields = {"symbol": "AAPL", "strategy_name": "", "signal_id": None, "timestamp": None}
    return built(**(fields | changes))


def ids(speaker: Speaker, *answers: list[Signal]) -> list[str | None]:
    return [s.signal_id for answer in answers for s in speaker.ready(answer, START, LATER)]


def test_a_signal_gets_the_name_and_the_time_and_an_id_of_what_it_answers() -> None:
    (signal,) = Speaker("trend", ["AAPL"]).ready([a_signal()], START, LATER)

    assert (signal.strategy_name, signal.timestamp) == ("trend", LATER)
    assert signal.signal_id == f"AAPL-{START:%Y%m%dT%H%M%S%f}-1"


def test_what_a_signal_says_of_itself_stays() -> None:
    given = a_signal(strategy_name="trend", signal_id="mine", timestamp=START)

    assert Speaker("trend", ["AAPL"]).ready([given], START, LATER) == [given]


def test_a_restart_gives_the_same_ids_again() -> None:
    answers = [a_signal(), a_signal()], [a_signal(), a_signal(symbol="IBM")]

    first, again = (ids(Speaker("trend", ["AAPL", "IBM"]), *answers) for _ in range(2))

    assert first == again
    assert len(set(first)) == 4


def test_another_moment_counts_from_one_again() -> None:
    speaker = Speaker("trend", ["AAPL"])
    ids(speaker, [a_signal()])

    (signal,) = speaker.ready([a_signal()], LATER, LATER)

    assert signal.signal_id == f"AAPL-{LATER:%Y%m%dT%H%M%S%f}-1"


@pytest.mark.parametrize(
    ("signals", "reason"),
    [
        ([a_signal(), a_signal(strategy_name="gap")], "strategy_name must be trend, got 'gap'"),
        ([a_signal(symbol="IBM")], "symbol must be one of --symbols, AAPL, got 'IBM'"),
        ([a_signal()] * (MOST_SIGNALS + 1), "at most, got 101"),
    ],
)
def test_a_strategy_speaks_for_itself_of_its_symbols_and_briefly(
    signals: list[Signal], reason: str
) -> None:
    with pytest.raises(ModelError, match=reason):
        Speaker("trend", ["AAPL"]).ready(signals, START, LATER)
