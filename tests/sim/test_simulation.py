"""The real engine in a hostile world: seeded, repeatable, and checked at every step."""

import os
import subprocess
import sys

import pytest
from msgspec.structs import replace

from fillpath.chaos.bugs import BUGS
from fillpath.chaos.campaign import campaign, story
from fillpath.chaos.chance import Chance
from fillpath.chaos.faults import FAULTS, NAMES, Swarm, draw_swarm
from fillpath.chaos.simulation import Asked, simulate
from fillpath.chaos.violations import INVARIANTS, Violation
from tests.house.project import ROOT

HASH = "from fillpath.chaos.simulation import simulate; print(simulate({seed}).hash)"


def hash_elsewhere(seed: int, hash_seed: str) -> str:
    """Return the hash of a run in a fresh process with this hash seed."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}  # noqa: TID251  # handed on
    answer = subprocess.run(
        [sys.executable, "-c", HASH.format(seed=seed)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return answer.stdout.strip()


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_calm_world_breaks_nothing(seed: int) -> None:
    ran = simulate(seed, swarm=Swarm({}))

    assert ran.violation is None, ran.story
    assert ran.orders > 5  # some limits bind hard
    assert ran.fills > 5
    assert ran.lives == 1


def test_the_same_seed_gives_the_same_run_in_every_process() -> None:
    here = simulate(2).hash

    assert [hash_elsewhere(2, "0"), hash_elsewhere(2, "4711")] == [here, here]


def test_another_seed_gives_another_run() -> None:
    assert simulate(2).hash != simulate(3).hash


CAMPAIGN = 200 if os.environ.get("CI") else 20  # noqa: TID251  # a laptop gets a shorter one
CHUNK = 10


# One part shows which lines the simulation reaches; the others would only show them again, slowly.
PARTS = [
    pytest.param(first, marks=() if first == 1 else pytest.mark.no_cover)
    for first in range(1, CAMPAIGN, CHUNK)
]


@pytest.mark.parametrize("first", PARTS)
def test_no_seed_breaks_an_invariant(first: int) -> None:
    total = campaign(range(first, first + CHUNK), 1, 1, lambda _done: None)

    assert [story(ran) for ran in total.failed] == []
    assert total.crashes
    assert sum(total.checks.values()) > 1_000 * CHUNK


@pytest.mark.parametrize("first", range(1, 1 + CAMPAIGN // 4, CHUNK))
def test_no_seed_breaks_an_invariant_on_a_venue_that_fills_late_and_in_parts(first: int) -> None:
    total = campaign(range(first, first + CHUNK), 1, 1, lambda _done: None, realistic=True)

    assert [story(ran) for ran in total.failed] == []
    assert total.fills > total.runs


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(22, id="a stop-out leaves while the cancel of an opposite slice travels"),
        pytest.param(1009, id="a rest of an exit that nobody watches"),
        pytest.param(1067, id="an order that was accepted amid a round of look-ups has vanished"),
        pytest.param(3052, id="a hold outlives the round that ends it"),
        pytest.param(3274, id="a stop-out leaves before the entry has a name to be cancelled by"),
        pytest.param(3303, id="two connections answer empty one after the other"),
        pytest.param(3362, id="an order leaves after a person has cancelled it"),
        pytest.param(3507, id="a correction leaves less than the exit sells"),
    ],
)
def test_a_seed_that_once_broke_a_promise_on_such_a_venue_holds(seed: int) -> None:
    ran = simulate(seed, asked=Asked(realistic=True))

    assert ran.violation is None, ran.story


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(5119, id="a breaker trips while the marks of a split settle"),
        pytest.param(5130, id="corrections are told after the split that came between"),
        pytest.param(5141, id="a bust is told after the split that came between"),
    ],
)
@pytest.mark.no_cover
def test_a_seed_that_once_broke_a_promise_over_nights_holds(seed: int) -> None:
    ran = simulate(seed, days=3, asked=Asked(realistic=True))

    assert ran.violation is None, ran.story


def test_a_run_on_such_a_venue_is_another_run_and_says_how_to_see_it_again() -> None:
    ran = simulate(7, asked=Asked(realistic=True))
    failed = replace(ran, violation=Violation(1, "as if", 0.0))

    assert ran.hash == simulate(7, asked=Asked(realistic=True)).hash != simulate(7).hash
    assert story(failed)[-1] == "reproduce with: fillpath simulate --seed 7 --days 1 --realistic"


def test_engines_may_die_at_more_than_a_hundred_places() -> None:
    total = campaign(range(1, 9), 1, 1, lambda _done: None)

    assert len(total.passed) >= 100


@pytest.mark.no_cover
def test_longer_runs_hold_as_well() -> None:
    ran = simulate(5, days=3)

    assert ran.violation is None, ran.story
    assert ran.virtual_seconds > 3 * 420


def test_every_class_of_faults_is_drawn_now_and_then() -> None:
    drawn = {name for seed in range(60) for name in draw_swarm(Chance(seed).of("swarm")).enabled()}

    assert drawn == set(NAMES)


def test_every_invariant_is_checked_or_says_why_not() -> None:
    assert [i.number for i in INVARIANTS] == list(range(50))
    assert [i.number for i in INVARIANTS if bool(i.checked) is bool(i.why_not)] == []


@pytest.mark.parametrize(
    "row",
    [
        *(f"| `{fault.name}` | {fault.meaning} |" for fault in FAULTS),
        *(
            f"| {i.number} | {i.text} | {i.checked or 'not here: ' + i.why_not} |"
            for i in INVARIANTS
        ),
        *(f"| {bug.name} | {bug.like} |" for bug in BUGS),
    ],
)
def test_the_page_has_every_fault_promise_and_bug(row: str) -> None:
    page = ROOT / "docs" / "explanation" / "simulation.md"

    assert row in page.read_text(encoding="utf-8").splitlines()
