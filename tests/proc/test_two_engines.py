"""Two engines on one account: exactly one can send, whatever the other one does."""

import signal
from pathlib import Path

import pytest

from tests.proc.stage import Died, Stage


@pytest.mark.fault("F-40")
async def test_a_second_engine_is_refused_and_the_first_one_trades_on(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        first = await stage.trading()
        second = stage.engine()
        await second.spawn()

        with pytest.raises(Died, match=r"ended with 2: .*in use"):
            await second.trades()

        assert (await stage.status()).pid == first.process.pid
        assert (await stage.signal(a_signal("one")))["outcome"] == "ORDERED"


@pytest.mark.fault("F-19", "F-40")
async def test_an_engine_that_is_only_paused_keeps_its_account(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        first = await stage.trading()
        first.send(signal.SIGSTOP)
        second = stage.engine()
        await second.spawn()

        with pytest.raises(Died, match="in use"):
            await second.trades()

        first.send(signal.SIGCONT)
        assert (await stage.signal(a_signal("one")))["outcome"] == "ORDERED"
        assert (await stage.status()).pid == first.process.pid


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
