"""The kill switch of a real engine: at once, whatever else is slow, and through every restart."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import Unavailable
from fillpath.service.status import State
from tests.proc.kills import STRATEGIES, send
from tests.proc.oracle import lines
from tests.proc.stage import Stage, until
from tests.proc.test_two_engines import a_signal

AT_ONCE = 1.0
"""Seconds in which a kill is answered, and the last cancel is sent."""


async def command(stage: Stage, *words: str) -> str:
    """Run ``fillpath`` on the settings of the stage and return what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fillpath", *words, "--settings", str(stage.settings)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode()


def submits(stage: Stage) -> int:
    """Return how many orders have reached the venue."""
    return sum("submit" in line for line in lines(stage.ledger))


@pytest.mark.fault("F-109")
async def test_a_kill_under_fire_is_answered_at_once_and_nothing_leaves_after_it(
    tmp_path: Path,
) -> None:
    loop = asyncio.get_running_loop()
    async with Stage(tmp_path) as stage:
        await stage.trading()
        senders = [loop.create_task(send(stage, name, 1)) for name in STRATEGIES]
        await until(lambda: len(stage.acknowledged) > 20, "signals are flowing")
        began = time.monotonic()
        await stage.ask("kill", reason="losing", by="ann")
        answered = time.monotonic() - began
        sent = submits(stage)
        more = len(stage.acknowledged) + 20
        await until(lambda: len(stage.acknowledged) > more, "signals still flow")
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        await until(stage.nothing_works, "what worked is cancelled")

        assert submits(stage) == sent
    assert answered < AT_ONCE


@pytest.mark.fault("F-109")
async def test_a_venue_that_stalls_does_not_stall_the_kill(tmp_path: Path) -> None:
    symbols = ("AAPL", "GOOG", "IBM", "MSFT", "SPY")
    async with Stage(tmp_path) as stage:
        await stage.trading()
        await stage.director.misbehave(lose_answer=1.0)
        loop = asyncio.get_running_loop()
        sending = [
            loop.create_task(stage.signal(a_signal(symbol) | {"symbol": symbol}))
            for symbol in symbols
        ]
        await until(lambda: submits(stage), "the first order is out")
        began = time.monotonic()
        told = loop.create_task(stage.ask("kill", reason="losing"))
        await until((stage.account / "kill.json").exists, "the latch is on disk")
        latched = time.monotonic() - began
        sent = submits(stage)
        await told
        answered = time.monotonic() - began
        await asyncio.gather(*sending)

        assert submits(stage) <= sent + 1  # the one whose answer is being waited for
    assert latched < AT_ONCE
    # One answer may be waited for until its time is up, and not those of all five.
    assert answered < len(symbols) - 1


@pytest.mark.fault("F-109", "F-110")
@pytest.mark.security("S-36")
async def test_a_kill_without_an_engine_holds_from_the_first_moment_on(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        await (await stage.trading()).stop()
        said = await command(stage, "kill", "--reason", "losing")
        with pytest.raises(Unavailable):
            await stage.ask("status")
        await stage.trading()
        refused = await stage.signal(a_signal("one"))

        assert (await stage.status()).state is State.KILLED
    assert "it will start killed" in said
    assert refused["reason"] == "KILL_SWITCH"
    assert submits(stage) == 0


@pytest.mark.fault("F-109", "F-110")
async def test_a_killed_account_stays_killed_through_a_crash(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        await command(stage, "kill")
        await engine.kill()
        await stage.trading()
        refused = await stage.signal(a_signal("one"))
        said = await command(stage, "resume", "--confirm", "SIM")
        traded = await stage.signal(a_signal("two"))

    assert refused["reason"] == "KILL_SWITCH"
    assert "trading again since" in said
    assert traded["outcome"] == "ORDERED"


@pytest.mark.control("A-16", "refuses")
async def test_forty_orders_are_cancelled_within_a_second_while_signals_arrive(
    tmp_path: Path,
) -> None:
    async with Stage(tmp_path) as stage:
        drill = await drilled(stage, 40)

    assert drill["orders"] >= 40
    assert drill["cancel_ms"] < AT_ONCE * 1_000
    assert drill["unconfirmed"] == []


async def drilled(stage: Stage, orders: int) -> dict[str, Any]:
    """Practise a kill of so many orders while other signals arrive; return its timings."""
    await stage.trading()
    await stage.director.ask(int, "freeze")
    for number in range(orders):
        symbol = ("AAPL", "GOOG", "IBM", "MSFT", "SPY")[number % 5]
        passive = {"symbol": symbol, "strength": "0.5", "strategy_name": f"many{number}"}
        await stage.signal(a_signal(f"rest{number}") | passive)
    await until(lambda: _open(stage, orders), "orders work")
    loop = asyncio.get_running_loop()
    senders = [loop.create_task(send(stage, name, 1)) for name in STRATEGIES]
    try:
        told = await stage.ask("drill", 20.0, reason="drill", by="ann", wait=10)
    finally:
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
    drill: dict[str, Any] = told["drill"]
    print(drill)
    return drill


async def _open(stage: Stage, orders: int) -> bool:
    return len((await stage.status()).open_orders) >= orders
