"""Twenty kills for every change; ``python3 dev.py prove kills --count 500`` for a release."""

from pathlib import Path

import pytest

from tests.proc import kills

COUNT = 20


@pytest.mark.fault("F-05", "F-06", "F-08", "F-09", "F-12", "F-17")
async def test_an_engine_that_is_killed_again_and_again_loses_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    campaign, tally = await kills.run(tmp_path, COUNT, seed=7)

    assert sum(campaign.aims.values()) == COUNT
    assert tally.orders > COUNT
    assert tally.fills > COUNT
