"""The real engine in a hostile world: seeded, repeatable, and checked at every step."""

import os
import subprocess
import sys

import pytest

from fillpath.chaos.faults import Swarm
from fillpath.chaos.simulation import simulate

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
    assert ran.orders > 20
    assert ran.fills > 20
    assert ran.lives == 1


def test_the_same_seed_gives_the_same_run_in_every_process() -> None:
    here = simulate(2).hash

    assert [hash_elsewhere(2, "0"), hash_elsewhere(2, "4711")] == [here, here]


def test_another_seed_gives_another_run() -> None:
    assert simulate(2).hash != simulate(3).hash
