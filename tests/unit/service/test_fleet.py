"""Each account is run by the one engine that has its lease."""

import asyncio
from collections.abc import Callable

import pytest

from fillpath.core.errors import JournalError, Unavailable
from fillpath.data.leases.memory import LeaseBoard, MemoryLeases
from fillpath.runtime.steady import SteadyClock
from fillpath.service.fleet import Fleet

SECONDS = 0.06
ACCOUNTS = ("A", "B", "C", "D")


class CutLeases(MemoryLeases):
    """Leases whose database can go away, and whose engine can die without a word."""

    away = False
    dead = False

    async def hold(self, account: str) -> bool:
        """Take or lengthen a lease, unless the database is away."""
        if self.away:
            raise Unavailable("no answer")
        return await super().hold(account)

    async def release(self, account: str) -> None:
        """Give the lease back, unless the engine is dead."""
        if not self.dead:
            await super().release(account)


class Engine:
    """One engine of the fleet, and what it ran."""

    def __init__(self, board: LeaseBoard, name: str) -> None:
        self.leases = CutLeases(board, name, SteadyClock(), SECONDS)
        self.said: list[str] = []
        self.began: list[str] = []
        self.ended: list[str] = []
        self.trouble: Exception | None = None
        self.stop = asyncio.Event()
        self.fleet = Fleet(ACCOUNTS, self.leases, self.serve, self.said.append)

    async def serve(self, account: str, stop: asyncio.Event) -> None:
        """Run an account as a service does: until it is told to stop."""
        self.began.append(account)
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        try:
            await stop.wait()
        finally:
            self.ended.append(account)


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something that must happen soon."""
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110  # nobody tells of a lease that ended
            await asyncio.sleep(SECONDS / 10)


async def test_one_engine_runs_every_account() -> None:
    one = Engine(LeaseBoard(), "one")
    running = asyncio.ensure_future(one.fleet.run(one.stop))  # noqa: TID251

    await until(lambda: one.fleet.running == ACCOUNTS)
    one.stop.set()
    await running

    assert sorted(one.ended) == sorted(ACCOUNTS)


async def test_two_engines_share_the_accounts_and_never_run_one_twice() -> None:
    board = LeaseBoard()
    one, two = Engine(board, "one"), Engine(board, "two")
    runs = [asyncio.ensure_future(e.fleet.run(e.stop)) for e in (one, two)]  # noqa: TID251

    await until(lambda: len(one.fleet.running) + len(two.fleet.running) == len(ACCOUNTS))

    assert set(one.fleet.running) & set(two.fleet.running) == set()
    assert len(one.fleet.running) == len(two.fleet.running) == 2
    for engine in (one, two):
        engine.stop.set()
    await asyncio.gather(*runs)


async def test_the_accounts_of_a_dead_engine_are_taken_over() -> None:
    board = LeaseBoard()
    one, two = Engine(board, "one"), Engine(board, "two")
    first = asyncio.ensure_future(one.fleet.run(one.stop))  # noqa: TID251
    await until(lambda: one.fleet.running == ACCOUNTS)
    second = asyncio.ensure_future(two.fleet.run(two.stop))  # noqa: TID251

    one.leases.dead = True
    first.cancel()

    await until(lambda: two.fleet.running == ACCOUNTS)
    two.stop.set()
    await second


@pytest.mark.fault("F-41")
async def test_an_engine_that_cannot_lengthen_its_lease_stops_before_it_ends() -> None:
    one = Engine(LeaseBoard(), "one")
    running = asyncio.ensure_future(one.fleet.run(one.stop))  # noqa: TID251
    await until(lambda: one.fleet.running == ACCOUNTS)

    one.leases.away = True
    await until(lambda: one.fleet.running == ())

    assert any("lease is lost" in sentence for sentence in one.said)
    one.stop.set()
    await running


async def test_an_account_that_fails_is_told_and_tried_again() -> None:
    one = Engine(LeaseBoard(), "one")
    one.trouble = JournalError("its disk is gone")
    running = asyncio.ensure_future(one.fleet.run(one.stop))  # noqa: TID251

    await until(lambda: one.fleet.running == ACCOUNTS)

    assert any("its disk is gone" in sentence for sentence in one.said)
    one.stop.set()
    await running
