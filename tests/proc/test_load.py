"""Ten thousand signals at once: nothing is lost, memory stays bounded, the kill is still heard."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proc import load
from tests.servers import RedisServer

MOST_MEMORY = 256 << 20


@pytest.mark.fault("F-103", "F-109")
async def test_a_storm_of_signals_loses_none_and_drowns_no_kill(
    tmp_path: Path, private_redis: Callable[..., RedisServer]
) -> None:
    measured = await load.run(tmp_path, private_redis(), burst=10_000, rate=0, seconds=0)

    assert measured.kill_seconds < 1.0
    assert measured.memory_most - measured.memory_start < MOST_MEMORY
    assert measured.outcomes["KILL_SWITCH"] > 0
