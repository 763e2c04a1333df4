"""Two engines on one account: exactly one can send, whatever the other one does."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.service.control import ask
from tests.postgres import PostgresServer
from tests.proc.oracle import lines
from tests.proc.stage import ACCOUNT, Died, Stage, until


@pytest.mark.fault("F-40")
async def test_a_second_engine_is_refused_and_the_first_one_trades_on(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        first = await stage.trading()
        second = stage.engine()
        await second.spawn()

        with pytest.raises(Died, match=r"(?s)ended with 2: .*in use"):
            await second.trades()

        assert (await stage.status()).pid == first.process.pid
        assert (await stage.signal(a_signal("one")))["outcome"] == "ORDERED"


@pytest.mark.fault("F-19", "F-40")
async def test_an_engine_that_is_only_paused_keeps_its_account(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        first = await stage.trading()
        await first.pause()
        second = stage.engine()
        await second.spawn()

        with pytest.raises(Died, match="in use"):
            await second.trades()

        first.send(signal.SIGCONT)
        assert (await stage.signal(a_signal("one")))["outcome"] == "ORDERED"
        assert (await stage.status()).pid == first.process.pid


@pytest.mark.fault("F-19", "F-40", "F-41")
async def test_an_owner_that_was_paused_too_long_wakes_up_and_sends_nothing(
    tmp_path: Path, private_postgres: PostgresServer
) -> None:
    shared = {
        "SA_DATABASE__URL": private_postgres.fresh_database(),
        "SA_DATABASE__JOURNAL": "database",
        "SA_ENGINE__ACCOUNTS": ACCOUNT,
        "SA_ENGINE__LEASE_SECONDS": "3",  # more than a slow machine stalls
    }
    homes = [tmp_path / "one", tmp_path / "two"]
    async with Stage(tmp_path) as stage:
        first = await stage.trading(**shared, SA_ENGINE__FOLDER=str(homes[0]))
        await ask(homes[0] / ACCOUNT, by_hand("before"))
        await first.pause()
        waiting = asyncio.get_running_loop().create_task(
            ask(homes[0] / ACCOUNT, by_hand("asleep"), 30.0)
        )
        await stage.trading(**shared, SA_ENGINE__FOLDER=str(homes[1]))
        taken_over = await ask(homes[1] / ACCOUNT, by_hand("after"))

        first.send(signal.SIGCONT)
        with pytest.raises((ConfigError, Unavailable)):
            await waiting
        await until(lambda: not (homes[0] / ACCOUNT / "control.sock").exists(), "it lets go")

        arrived = [line["submit"] for line in lines(stage.ledger) if "submit" in line]
    assert taken_over["outcome"] == "ORDERED"
    assert arrived == ["trend/before", "trend/after"]


def by_hand(name: str) -> dict[str, str]:
    """Return the request of a signal by hand."""
    return {"do": "signal", "signal": json.dumps(a_signal(name))}


async def test_the_account_is_free_once_its_engine_is_dead(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        first = await stage.trading()
        before = await stage.status()
        await first.kill()

        await stage.trading()

        assert (await stage.status()).epoch == before.epoch + 1


def a_signal(name: str) -> dict[str, object]:
    """Return a signal that is traded at once."""
    return {
        "v": 1,
        "symbol": "AAPL",
        "direction": "LONG",
        "strength": "0.95",
        "strategy_name": "trend",
        "signal_id": name,
        "metadata": {"quantity": "10"},
    }
