"""Several accounts, several engines: each account is run by the one engine that has its lease."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from fillpath.core.errors import FillpathError, Unavailable
from fillpath.core.ports import Leases

RENEWALS: Final = 3
"""How often a lease is lengthened while it lasts."""

Serve = Callable[[str, asyncio.Event], Awaitable[None]]
"""Runs an account until the event is set, and lets go of everything before it returns."""


class Fleet:
    """Run those of the accounts whose lease this engine gets.

    At most one account is taken in each round, and who has fewer comes back sooner, so that engines
    that start together share them, and the accounts of one that died are spread over those that
    live.

    Args:
        accounts: every account of the fleet, the same list for each engine.
        leases: who may run which.
        serve: runs one account.
        tell: takes what a person should know, one sentence.
    """

    def __init__(
        self, accounts: Sequence[str], leases: Leases, serve: Serve, tell: Callable[[str], None]
    ) -> None:
        self._accounts = tuple(accounts)
        self._leases = leases
        self._serve = serve
        self._tell = tell
        self._stops: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sure_until: dict[str, float] = {}

    @property
    def running(self) -> tuple[str, ...]:
        """Return the accounts that this engine runs now."""
        return tuple(account for account in self._accounts if account in self._tasks)

    async def run(self, stop: asyncio.Event) -> None:
        """Take, keep and give back accounts until told to stop; then end each one cleanly."""
        try:
            async with asyncio.TaskGroup() as group:
                while not stop.is_set():
                    took = await self._round(group)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._pause(took=took)):
                            await stop.wait()
                for event in self._stops.values():
                    event.set()
        finally:
            await self._leases.close()

    def _pause(self, *, took: bool) -> float:
        """Return seconds to the next round: after a success an engine with little comes back soon."""
        share = len(self._tasks) / len(self._accounts) if took else 1.0
        return share * self._leases.seconds / RENEWALS

    async def _round(self, group: asyncio.TaskGroup) -> bool:
        for account in self.running:
            await self._keep(account)
        for account in self._accounts:
            if account not in self._tasks and await self._take(account, group):
                return True
        return False

    async def _keep(self, account: str) -> None:
        """Lengthen a lease; stop the account in time when that cannot be done."""
        now = asyncio.get_running_loop().time()
        lost = False
        try:
            lost = not await self._leases.hold(account)
            if not lost:
                self._sure_until[account] = now + self._leases.seconds
        except Unavailable:
            left = self._sure_until[account] - now
            lost = left <= self._leases.seconds / RENEWALS
        if lost:
            self._tell(f"{account}: the lease is lost, so the account stops here")
            self._stops[account].set()

    async def _take(self, account: str, group: asyncio.TaskGroup) -> bool:
        now = asyncio.get_running_loop().time()
        try:
            if not await self._leases.hold(account):
                return False
        except Unavailable:
            return False
        self._sure_until[account] = now + self._leases.seconds
        self._stops[account] = asyncio.Event()
        self._tasks[account] = group.create_task(self._run(account))
        self._tell(f"{account}: taken")
        return True

    async def _run(self, account: str) -> None:
        try:
            await self._serve(account, self._stops[account])
        except FillpathError as error:
            self._tell(f"{account}: stopped, {error}")
        finally:
            await self._leases.release(account)
            del self._tasks[account], self._stops[account]
