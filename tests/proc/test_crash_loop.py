"""An engine that keeps dying stops trading by itself, until a person has looked."""

from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError
from fillpath.service.guards import MOST_STARTS, SAFE_HOLD
from fillpath.service.status import State
from tests.proc.oracle import lines, never_sent_twice, replayed
from tests.proc.stage import ACCOUNT, Stage, until
from tests.proc.test_two_engines import a_signal


@pytest.mark.fault("F-16")
async def test_an_engine_that_keeps_dying_holds_and_still_cancels(tmp_path: Path) -> None:
    resting = a_signal("resting") | {"strength": "0.5", "metadata": {"quantity": "10"}}
    async with Stage(tmp_path) as stage:
        for number in range(MOST_STARTS):
            engine = await stage.trading()
            await stage.signal(a_signal(f"{number}"))
            if number == 0:
                await stage.signal(resting | {"symbol": "IBM", "strength": "0.5"})
            await engine.kill()
        held = await stage.trading()
        status = await stage.status()
        refused = await stage.signal(a_signal("late"))
        await stage.ask("kill", reason="enough", by="ann")
        await until(stage.nothing_works, "what works is cancelled all the same")
        assert await held.stop() == 0
        account = replayed(stage.journal)
        arrived = never_sent_twice(lines(stage.ledger), account)

    assert status.state is State.HELD
    assert list(status.holds) == [SAFE_HOLD]
    assert refused["reason"] == "TRADING_HELD"
    assert arrived >= MOST_STARTS


@pytest.mark.fault("F-16")
async def test_a_person_ends_the_hold(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        for _ in range(MOST_STARTS):
            await (await stage.trading()).kill()
        await stage.trading()
        with pytest.raises(ConfigError, match="type the account's name"):
            await stage.ask("resume", word="yes")
        await stage.ask("resume", word=ACCOUNT, by="ann")

        traded = await stage.signal(a_signal("one"))

    assert traded["outcome"] == "ORDERED"
