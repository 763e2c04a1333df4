"""Engines on several machines share the accounts, and take over those of one that dies."""

from pathlib import Path

import pytest

from tests.proc.fleet import prove
from tests.servers import RedisServer


@pytest.mark.fault("F-40", "F-41")
def test_the_accounts_of_a_killed_engine_go_on_and_no_signal_is_lost_or_repeated(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    proof = prove(tmp_path, 4, 80, postgres_url, redis_server.url)

    assert proof.processed == proof.sent == 80
    assert proof.repeated == 0
    assert proof.disordered == 0
    assert sum(proof.shared) == 4
    assert len(proof.takeover_seconds) == proof.shared[0]
