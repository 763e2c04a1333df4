"""SIGTERM in the middle of everything: no act is left half done, and the journal is complete."""

import asyncio
from pathlib import Path

import pytest

from tests.proc.kills import STRATEGIES, send
from tests.proc.oracle import judge
from tests.proc.stage import Stage, until


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_clean_stop_under_fire_loses_nothing(tmp_path: Path, seed: int) -> None:
    loop = asyncio.get_running_loop()
    async with Stage(tmp_path, seed) as stage:
        engine = await stage.trading()
        senders = [loop.create_task(send(stage, name, seed)) for name in STRATEGIES]
        await until(lambda: len(stage.acknowledged) > 20, "signals are flowing")

        code = await engine.stop()

        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        await stage.director.ask(int, "freeze")
        last = await stage.trading()
        await until(stage.same_orders, "both sides agree")
        await until(stage.fed, "tables and bus have caught up")
        assert await last.stop() == 0, last.last_words()
        tally = await judge(stage, stage.acknowledged)

    assert code == 0, engine.last_words()
    assert tally.signals >= len(stage.acknowledged)
    assert tally.doubts == 0


async def test_a_stop_while_the_engine_starts_is_a_stop(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        await (await stage.trading()).stop()
        engine = stage.engine()
        await engine.spawn()
        await until(lambda: stage.starting(engine), "the engine has begun to start")

        code = await engine.stop()

        assert code in {0, -15}
        await stage.trading()
