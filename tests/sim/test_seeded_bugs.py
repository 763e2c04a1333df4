"""The tester is tested: bugs are planted in the real code, and the simulation finds them.

Here a few of them, quick to find; ``fillpath simulate --bugs`` hunts all of them.
"""

import pytest

from fillpath.chaos.bugs import BUGS, planted
from fillpath.chaos.campaign import bug_names, detections, hunt
from fillpath.chaos.simulation import simulate
from fillpath.cli import main
from fillpath.execution.desk.desk import Desk

QUICK = [
    "submit again after a timeout",
    "send again after a crash",
    "act before durable",
    "journal not synced",
    "acknowledge first",
    "execution applied twice",
    "commission doubled",
    "first sale books a purchase",
    "reserve leaks",
    "corrections booked on top",
    "stops are too large",
    "the alarm is not raised",
]


@pytest.mark.no_cover
@pytest.mark.parametrize("name", QUICK)
def test_a_seeded_bug_is_found(name: str) -> None:
    (found,) = hunt([name], 1, 1, most=12)

    assert found.seeds, f"{name} was not found"
    assert found.text


def test_there_are_more_than_thirty_of_them_with_names_of_their_own() -> None:
    assert len(set(bug_names())) == len(BUGS) >= 30


@pytest.mark.parametrize("name", bug_names())
def test_a_bug_is_in_the_code_only_while_it_is_planted(name: str) -> None:
    sound = Desk.step

    with planted(name):
        pass

    assert Desk.step is sound


def test_a_bug_that_nobody_finds_counts_as_missed() -> None:
    (found,) = hunt(["approvals never expire"], 1, 1, most=1)

    assert found.seeds == 0
    assert detections([found])[-1].startswith("0 of 1 caught")


def test_a_failing_run_tells_how_to_see_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["simulate", "--seed", "1", "--bug", "commission ignored"])

    said = capsys.readouterr().out
    assert code == 1
    assert 'reproduce with: fillpath simulate --seed 1 --days 1 --bug "commission ignored"' in said
    assert "breaks invariant 4" in said


def test_that_command_gives_the_very_same_run() -> None:
    with planted("commission ignored"):
        first, again = simulate(1), simulate(1)

    assert first.violation is not None
    assert (first.violation, first.hash, first.story) == (
        again.violation,
        again.hash,
        again.story,
    )


def test_a_sound_run_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--seed", "2"]) == 0
    assert "0 violations" in capsys.readouterr().out


def test_a_campaign_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--seeds", "1..2", "--workers", "2"]) == 0

    said = capsys.readouterr().out
    assert said.startswith("2 seeds, ")
    assert "faults that struck" in said
    assert "with 2 processes" in said


def test_hunting_one_bug_says_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--bugs", "--bug", "commission ignored"]) == 0
    assert "1 of 1 caught, 1.0 seeds on average" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--seeds", "5..1"], ["--seeds", "5"], ["--bug", "no such"]])
def test_a_wrong_word_is_one_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
