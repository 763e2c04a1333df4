"""A slice of the campaign of schedules; the whole runs with ``python3 dev.py prove ibkr``."""

import pytest

from tests.proc.schedules import play


@pytest.mark.fault("F-45", "F-46", "F-47", "F-48", "F-51", "F-62", "F-65", "F-67")
@pytest.mark.parametrize("seed", range(1, 13))
def test_no_fill_is_lost_or_doubled_whatever_happens_to_the_line(seed: int) -> None:
    outcome = play(seed)

    assert not outcome.problem, f"seed {seed}: {outcome.problem}\n{outcome.figures.story}"
