"""The whole engine behind a real Redis: a strategy in plain redis-py gets its fill."""

import json
import os
import subprocess
import sys
from pathlib import Path

from fillpath.data.bus.messages import write_quote
from fillpath.runtime.clock import SystemClock
from fillpath.testing.builders import a_quote
from tests.house.project import ROOT
from tests.servers import RedisServer

CHANNEL = "market:quotes:AAPL"
WAIT_SECONDS = 60


def engine(server: RedisServer, folder: Path) -> subprocess.Popen[str]:
    """Start the engine that a person would, and return when it serves."""
    environment = {
        **os.environ,  # noqa: TID251  # what the test itself was started with
        "PYTHONPATH": str(ROOT / "src"),
        "SA_REDIS__URL": server.url,
        "SA_BROKER__PROVIDER": "simulated",
        "SA_ENGINE__FOLDER": str(folder / "engine"),
        "SA_ENGINE__HEALTH_PORT": "0",
    }
    command = [sys.executable, "-m", "fillpath", "run"]
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout
    assert "account SIM" in process.stdout.readline()
    return process


def quote_until_heard(server: RedisServer) -> None:
    """Publish a fresh quote until the engine listens, and keep it as the last value."""
    heard = 0
    while not heard:
        quote = write_quote(a_quote(ts=SystemClock().now()))
        server.do("SET", CHANNEL, quote)
        heard = server.do("PUBLISH", CHANNEL, quote)


def test_a_strategy_in_plain_redis_py_gets_its_fill(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    process = engine(redis_server, tmp_path)
    try:
        quote_until_heard(redis_server)
        example = [sys.executable, str(ROOT / "examples" / "redis_strategy.py")]
        answer = subprocess.run(
            [*example, redis_server.url, "AAPL", "10"],
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=True,
        )
    finally:
        process.terminate()
        process.communicate(timeout=WAIT_SECONDS)

    assert "'type': 'fill'" in answer.stdout
    assert "'quantity': '10'" in answer.stdout
    assert process.returncode == 0
    ((_, entry),) = redis_server.entries("execution:fills")
    assert json.loads(entry[b"data"])["symbol"] == "AAPL"
    assert redis_server.pending() == 0
