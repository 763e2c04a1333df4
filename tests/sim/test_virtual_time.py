"""Virtual time: nothing sleeps, nothing waits for ever unnoticed, everything happens in order."""

import asyncio
from collections.abc import Iterator

import pytest

from fillpath.chaos.virtual_time import Deadlock, Livelock, VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_a_day_passes_at_once(loop: VirtualLoop) -> None:
    loop.run_until_complete(asyncio.sleep(86_400))

    assert loop.time() == 86_400


def test_timers_fire_at_their_very_moment(loop: VirtualLoop) -> None:
    fired: list[float] = []
    for due in (0.3, 0.1, 0.2):
        loop.call_at(due, lambda: fired.append(loop.time()))

    loop.run_until_complete(asyncio.sleep(1))

    assert fired == [0.1, 0.2, 0.3]


def test_waiting_for_nothing_is_an_error(loop: VirtualLoop) -> None:
    never = loop.create_future()

    with pytest.raises(Deadlock, match="every task waits"):
        loop.run_until_complete(never)


def test_being_busy_for_ever_is_an_error(loop: VirtualLoop) -> None:
    async def busy() -> None:
        while True:  # noqa: ASYNC110  # this is the fault
            await asyncio.sleep(0)

    with pytest.raises(Livelock, match="turns of the loop"):
        loop.run_until_complete(busy())


def test_work_for_another_thread_is_done_in_this_one(loop: VirtualLoop) -> None:
    async def ask() -> int:
        return await asyncio.to_thread(sum, (1, 2))

    assert loop.run_until_complete(ask()) == 3


def test_an_error_of_such_work_is_its_own(loop: VirtualLoop) -> None:
    def fail() -> None:
        raise OSError(5, "broken")

    async def ask() -> None:
        await asyncio.to_thread(fail)

    with pytest.raises(OSError, match="broken"):
        loop.run_until_complete(ask())


def test_a_process_that_stands_still_finds_its_timers_late(loop: VirtualLoop) -> None:
    fired: list[float] = []
    loop.call_at(10, lambda: fired.append(loop.time()))
    loop.call_at(1, loop.skip, 100)

    loop.run_until_complete(asyncio.sleep(2))

    assert fired == [101]
