"""A real watchdog beside a real engine: it acts when the engine hangs, and at no other time."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from fillpath.service.heartbeat import read_beat
from fillpath.service.latch import KillLatch
from fillpath.service.status import State
from tests.proc.oracle import lines
from tests.proc.stage import Process, Stage, until
from tests.proc.test_two_engines import a_signal
from tests.proc.watchdog import FIRED

QUIET = {"SA_RISK__WATCHDOG__SECONDS": "2"}


def resting(number: int, symbol: str) -> dict[str, object]:
    """Return a signal whose order rests at its own touch."""
    return a_signal(f"r{number}") | {"symbol": symbol, "strength": "0.5"}


async def watched(stage: Stage) -> Process:
    """Start a watchdog and return it once it watches."""
    watchdog = stage.process("tests.proc.watchdog", QUIET)
    await watchdog.spawn()
    assert await watchdog.said() == "WATCHING"
    return watchdog


def cancels(stage: Stage) -> int:
    """Return how many cancels have reached the venue."""
    return sum("cancel" in line for line in lines(stage.ledger))


def submits(stage: Stage) -> int:
    """Return how many orders have reached the venue."""
    return sum("submit" in line for line in lines(stage.ledger))


@pytest.mark.control("A-11", "refuses")
@pytest.mark.control("A-16", "refuses")
@pytest.mark.fault("F-19")
@pytest.mark.security("S-36")
async def test_an_engine_that_hangs_is_cancelled_and_wakes_up_killed(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        watchdog = await watched(stage)
        await stage.director.ask(int, "freeze")
        for number, symbol in enumerate(("AAPL", "IBM", "SPY")):
            await stage.signal(resting(number, symbol))
        await until(lambda: submits(stage) >= 3, "orders are at the venue")
        worked = len(await stage.director.open_orders())
        await engine.pause()
        code = await asyncio.wait_for(watchdog.process.wait(), 20)
        left = await stage.director.open_orders()
        sent = submits(stage)
        engine.send(signal.SIGCONT)
        await until(lambda: _killed(stage), "the engine sees the latch")
        refused = await stage.signal(a_signal("late"))

        assert submits(stage) == sent
    assert worked > 0
    assert (code, left) == (FIRED, [])
    assert refused["reason"] == "KILL_SWITCH"
    assert "ALERT WATCHDOG" in watchdog.last_words()


async def _killed(stage: Stage) -> bool:
    return (await stage.status()).state is State.KILLED


@pytest.mark.control("A-11", "refuses")
async def test_an_engine_that_died_is_cancelled_too(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        watchdog = await watched(stage)
        await engine.kill()
        code = await asyncio.wait_for(watchdog.process.wait(), 20)

        latch = KillLatch(stage.account).read()
    assert code == FIRED
    assert latch is not None
    assert latch.by == "watchdog"


@pytest.mark.control("A-11", "passes")
async def test_it_lets_a_living_and_a_stopped_engine_be(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        watchdog = await watched(stage)
        await asyncio.sleep(4)  # twice what it bears
        lived = watchdog.alive
        await engine.stop()
        stopped = read_beat(stage.account)
        await asyncio.sleep(4)
        alone = watchdog.alive
        code = await watchdog.stop()

    assert (lived, alone, code) == (True, True, 0)
    assert stopped is not None
    assert stopped.stopped
    assert not (stage.account / "kill.json").exists()
    assert json.loads((stage.account / "heartbeat.json").read_bytes())["stopped"]
