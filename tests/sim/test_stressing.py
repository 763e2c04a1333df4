"""Twice the busiest load leaves every invariant true, or the test says what is broken (P-10)."""

from pathlib import Path
from typing import Any

import pytest

from fillpath import cli
from fillpath.chaos.bugs import planted
from fillpath.chaos.busy import Load, busiest
from fillpath.chaos.simulation import Ran
from fillpath.chaos.stressing import Stressed, stress, told
from fillpath.chaos.violations import Violation
from fillpath.core.commands import Intent
from fillpath.core.events import Event, OrderAccepted, OrderFilled, TimerFired
from fillpath.core.models import OrderSide
from fillpath.data.journal import FileJournal
from fillpath.testing.builders import START_NS, a_view

SECOND = 10**9


def filled(second: float) -> OrderFilled:
    at = START_NS + round(second * SECOND)
    return OrderFilled(at, "o", f"x{second}", "AAPL", OrderSide.BUY, 1, 1, at)


def stressed(wanted: Load, reached: Load, violation: Violation | None = None) -> Stressed:
    return Stressed(wanted=wanted, reached=reached, ran=Ran(seed=1, days=1, violation=violation))


@pytest.mark.control("P-10", "passes")
def test_twice_a_recorded_load_breaks_nothing() -> None:
    found = stress(Load(1, 20), seed=1, days=1)

    assert found.problem == ""
    assert found.wanted == Load(2, 40)
    assert found.reached.messages >= 2
    assert found.reached.executions >= 40
    assert told(found)[-1] == "passed"
    assert sum(found.ran.checks.values()) > 10_000


@pytest.mark.control("P-10", "refuses")
def test_an_engine_that_breaks_under_load_does_not_pass() -> None:
    with planted("cash in floats"):
        found = stress(Load(1, 20), seed=1, days=1)

    assert found.problem.startswith("invariant ")
    assert told(found)[-1] == found.problem


@pytest.mark.control("P-10", "refuses")
@pytest.mark.parametrize(
    ("reached", "problem"),
    [
        (Load(10, 100), ""),
        (Load(9, 100), "it was not loaded enough: 9 of 10 messages in a second"),
        (Load(10, 99), "it was not loaded enough: 99 of 100 executions"),
        (
            Load(9, 99),
            "it was not loaded enough: 9 of 10 messages in a second, 99 of 100 executions",
        ),
    ],
)
def test_a_load_that_was_not_reached_is_no_test(reached: Load, problem: str) -> None:
    assert stressed(Load(10, 100), reached).problem == problem


def test_a_violation_counts_before_the_load() -> None:
    found = stressed(Load(10, 100), Load(), Violation(7, "sold twice", 1.0))

    assert found.problem == "invariant 7 is broken: sold twice"


@pytest.mark.parametrize(
    ("records", "load"),
    [
        ([], Load(0, 0)),
        ([filled(0), filled(0.9), filled(1), OrderAccepted(START_NS, "o", "B")], Load(3, 3)),
        ([filled(0), filled(86_400), filled(86_401)], Load(1, 2)),
        ([TimerFired(START_NS, "t", START_NS, "AAPL", a_view())] * 5, Load(0, 0)),
    ],
)
def test_what_comes_in_and_goes_out_is_counted(records: list[Event | Intent], load: Load) -> None:
    assert busiest(records) == load


def test_the_command_takes_the_load_of_a_journal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def answer(*given: Any) -> Stressed:
        asked.append(given)
        return stressed(Load(4, 4), Load(4, 3 + len(asked) % 2))

    monkeypatch.setattr("fillpath.chaos.stressing.stress", answer)
    journal = FileJournal(tmp_path / "journal")
    for second in (0, 0.5):
        journal.append(filled(second))
    journal.close()
    words = ["simulate", "--stress", str(tmp_path / "journal")]

    passed = cli.main(words)
    failed = cli.main([*words, "--days", "2", "--seed", "7"])

    assert (passed, failed) == (0, 1)
    assert asked == [(Load(2, 2), 1, 5), (Load(2, 2), 7, 2)]
    lines = capsys.readouterr().out.splitlines()
    assert lines[4] == "passed"
    assert lines[-1] == "it was not loaded enough: 3 of 4 executions"
