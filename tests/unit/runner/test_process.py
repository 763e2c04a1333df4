"""A strategy in a real process of its own: it answers, or its caller knows why it does not."""

import os
import signal
from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError
from fillpath.runner.frames import Begin, Known, ShowBar, ShowRecord
from fillpath.runner.process import StrategyProcess, StrategyStopped
from fillpath.strategy.measured import Record
from fillpath.testing.builders import START
from tests.unit.runner.scene import a_bar

HERE = "strategies_of_a_user"
BODY = """
import sys

class Loud:
    name = "loud"

    def on_bar(self, bar, view):
        print("what a strategy prints is no answer")
        return ()


class Dying(Loud):
    def on_bar(self, bar, view):
        import os
        os._exit(7)


class Large(Loud):
    def on_bar(self, bar, view):
        import os
        for descriptor in range(3, 10):
            try:
                os.write(descriptor, b"x" * 3_000_000)
            except OSError:
                continue
        return ()


class Broken(Loud):
    def __init__(self):
        raise ValueError("no model")
"""
SHOWN = ShowBar(a_bar(), Known(now=START))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of somebody who wrote strategies."""
    (tmp_path / f"{HERE}.py").write_text(BODY)
    return tmp_path


async def test_a_strategy_of_the_folder_at_hand_answers_until_it_is_ended(folder: Path) -> None:
    process = StrategyProcess(folder, 30.0)
    assert process.pid == 0
    ready = await process.begin(Begin(f"{HERE}:Loud", {}))

    said = await process.ask(SHOWN)

    await process.end()
    await process.end()
    assert (ready.name, said.signals) == ("loud", [])
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def test_a_strategy_that_cannot_be_made_is_a_wrong_word(folder: Path) -> None:
    process = StrategyProcess(folder, 30.0)

    with pytest.raises(ConfigError, match="there is no module 'nowhere'"):
        await process.begin(Begin("nowhere:Loud", {}))

    await process.end()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Dying", "ended with exit code 7"),
        ("Large", "longer than|no answer"),
        ("Broken", "no model"),
    ],
)
async def test_a_strategy_that_goes_wrong_is_told(folder: Path, name: str, why: str) -> None:
    process = StrategyProcess(folder, 30.0)

    async def begun_and_asked() -> None:
        await process.begin(Begin(f"{HERE}:{name}", {}))
        await process.ask(SHOWN)

    with pytest.raises(StrategyStopped, match=why):
        await begun_and_asked()

    await process.end()


async def test_a_strategy_that_stands_still_is_killed_at_the_end(folder: Path) -> None:
    process = StrategyProcess(folder, 0.2)
    await process.begin(Begin(f"{HERE}:Loud", {}))
    os.kill(process.pid, signal.SIGSTOP)

    with pytest.raises(StrategyStopped, match=r"did not answer within 0\.2 s"):
        await process.ask(SHOWN)

    await process.end()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def test_a_question_that_it_cannot_answer_stops_it(folder: Path) -> None:
    process = StrategyProcess(folder, 30.0)
    await process.begin(Begin(f"{HERE}:Loud", {}))
    record = Record(trades=0, win_rate=None, avg_win_pct=None, avg_loss_pct=None)

    with pytest.raises(StrategyStopped, match="ShowRecord"):
        await process.ask(ShowRecord(record))

    await process.end()
