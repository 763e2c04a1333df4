"""What Interactive Brokers says about the account, as reports to the engine.

A worth that is missing or cannot be is asked for a second time before it is told: unknown equity
stops an account, and values that are still being loaded must not.
"""

import asyncio
from typing import NoReturn, Protocol

from msgspec import Struct

from fillpath.core.errors import Unavailable
from fillpath.core.events import Event
from fillpath.core.ports import EngineClock
from fillpath.core.reports import AccountReported
from fillpath.core.units import ACCOUNT_CURRENCY, NANOSECONDS
from fillpath.data.bus.notices import Notice, Tell, tell_nobody
from fillpath.data.ibkr_data import Sleep
from fillpath.ibkr.account_values import AccountBook
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.heard import AccountValue
from fillpath.ibkr.states import State

ACCOUNT_UNKNOWN = "ACCOUNT_UNKNOWN"


class AccountEngine(Protocol):
    """What the reports need of the engine they serve."""

    def learn(self, fact: Event) -> None:
        """Take a fact into the journal with the next turn."""
        ...

    def is_open(self) -> bool:
        """Return whether the market is open."""
        ...


class AccountPolicy(Struct, frozen=True, kw_only=True):
    """How the reports are made; durations are seconds.

    Args:
        every_seconds: between two reports.
        confirm_seconds: before a worth that cannot be is asked for again.
        stale_seconds: without values in an open market before the worth counts as unknown.
        currency: what the account has to count in.
    """

    every_seconds: float = 30
    confirm_seconds: float = 5
    stale_seconds: float = 300
    currency: str = ACCOUNT_CURRENCY


class IBKRAccountReports:
    """Ask how the account stands, again and again, and tell the engine.

    Args:
        connection: somebody else starts and stops it.
        clock: dates the reports.
        policy: how they are made.
        tell: takes what a person should know.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        connection: Connection,
        clock: EngineClock,
        policy: AccountPolicy | None = None,
        *,
        tell: Tell = tell_nobody,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._policy = policy or AccountPolicy()
        self._tell = tell
        self._sleep = sleep
        self._engine: AccountEngine | None = None
        self._known_at = 0
        self._told = False

    def attach(self, engine: AccountEngine) -> None:
        """Tell an engine; before that nobody is told."""
        self._engine = engine
        self._known_at = self._clock.nanoseconds()

    async def run(self) -> NoReturn:
        """Report until cancelled."""
        while True:
            bad = self._connection.state is not State.TRADING or not await self.report()
            self._grow_stale()
            policy = self._policy
            await self._sleep(policy.confirm_seconds if bad else policy.every_seconds)

    async def report(self) -> bool:
        """Ask and tell once; return whether the account's worth is known.

        A worth that cannot be is told as unknown when it is so twice in a row.
        """
        try:
            book = await self._ask()
            if book.problem:
                await self._sleep(self._policy.confirm_seconds)
                book = await self._ask()
        except Unavailable:
            return False
        self._learn(book.report(self._clock.nanoseconds()), book.problem)
        return not book.problem

    async def _ask(self) -> AccountBook:
        book = AccountBook(self._connection.account, self._policy.currency)
        for value in await self._connection.account_values():
            if isinstance(value, AccountValue):
                book.take(value)
        return book

    def _grow_stale(self) -> None:
        """Take the worth for unknown when nobody has told it for long in an open market."""
        if self._engine is None:
            return
        now = self._clock.nanoseconds()
        if not self._engine.is_open():
            self._known_at = max(self._known_at, now)
            return
        silent = now - self._known_at
        if silent > int(self._policy.stale_seconds * NANOSECONDS) and not self._told:
            self._learn(AccountReported(now), f"nothing was said for {silent // NANOSECONDS} s")

    def _learn(self, report: AccountReported, problem: str) -> None:
        if self._engine is None:
            return
        self._engine.learn(report)
        if problem and not self._told:
            self._tell(Notice(ACCOUNT_UNKNOWN, problem))
        self._told = bool(problem)
        if not problem:
            self._known_at = report.at


__all__ = ["ACCOUNT_UNKNOWN", "AccountEngine", "AccountPolicy", "IBKRAccountReports"]
