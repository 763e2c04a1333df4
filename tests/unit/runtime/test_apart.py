"""Work in a process of its own says how it went; its end, however it comes, is nobody else's."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.runtime.apart import apart

LONG_SECONDS = 600


def doubled(number: int) -> str:
    return f"{2 * number} in another process: {os.getpid()}"


def refused() -> str:
    raise ConfigError("the period must be over")


def unforeseen() -> str:
    raise RuntimeError("a bug")


def killed() -> str:
    os._exit(9)


def endless(started: Path) -> str:
    started.write_bytes(b"it runs")
    time.sleep(LONG_SECONDS)  # noqa: TID251  # in the other process
    return "never"


async def test_what_it_says_comes_back() -> None:
    said = await apart(doubled, 21)

    assert said.startswith("42 in another process")
    assert str(os.getpid()) not in said


async def test_a_refusal_is_told_in_its_words() -> None:
    with pytest.raises(Unavailable, match="the period must be over"):
        await apart(refused)


@pytest.mark.parametrize("work", [killed, unforeseen])
async def test_a_process_that_dies_is_an_error_and_no_more(work: object) -> None:
    assert callable(work)

    with pytest.raises(Unavailable, match="ended before its work was done"):
        await apart(work)


async def test_who_leaves_waits_for_nothing(tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)  # whoever reads it waits for who writes
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        task = group.create_task(apart(endless, started))
        said = await asyncio.to_thread(started.read_bytes)
        task.cancel()

    assert said == b"it runs"
    assert task.cancelled()
