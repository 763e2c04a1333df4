"""Asking the gateway what is not known: after every connection, and whenever an order needs it."""

import asyncio
from collections.abc import Callable
from typing import Final

from fillpath.core.errors import Unavailable
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.judging import APART_NS, Out
from fillpath.ibkr.states import Because
from fillpath.ibkr.tracking import Tracker

TOGETHER_SECONDS: Final = 0.05
"""What is needed within this time is asked for together."""
RETRY_SECONDS: Final = 1.0
_AGAIN_SECONDS: Final = APART_NS / NANOSECONDS + 0.05


class Looker:
    """Look up executions, open and completed orders until no order of ours needs it any more.

    Args:
        connection: answers.
        tracker: knows what is needed, and hears the answers by itself.
        clock: tells when something was asked.
        tell: takes what follows.
    """

    def __init__(
        self,
        connection: Connection,
        tracker: Tracker,
        clock: EngineClock,
        tell: Callable[[list[Out]], None],
    ) -> None:
        self._connection = connection
        self._tracker = tracker
        self._clock = clock
        self._tell = tell
        self._wanted = asyncio.Event()
        self.rounds = 0

    def want(self) -> None:
        """Ask soon."""
        self._wanted.set()

    async def compare(self, because: Because) -> None:
        """Ask for everything before orders may be sent.

        Raises:
            Unavailable: an answer is missing.
        """
        del because
        self._tracker.account = self._connection.account
        await self.look_up(sure=True)
        await self._connection.positions()
        await self._connection.account_values()
        if self._tracker.needs:
            self.want()

    async def look_up(self, *, sure: bool = False) -> None:
        """Ask once and judge by the answers.

        Args:
            sure: ask twice for open orders where there seem to be none.

        Raises:
            Unavailable: an answer is missing.
        """
        asked_at = self._clock.nanoseconds()
        self._tracker.asking(asked_at)
        await self._connection.executions()
        await self._connection.open_orders(sure=sure)
        await self._connection.completed_orders()
        self._tell(self._tracker.looked_up(asked_at, self._clock.nanoseconds()))
        self.rounds += 1

    async def run(self) -> None:
        """Look up whenever it is wanted, until cancelled."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(TOGETHER_SECONDS)
            self._wanted.clear()
            if self._connection.may_order():
                await self._once()

    async def _once(self) -> None:
        try:
            await self.look_up()
        except Unavailable:
            await asyncio.sleep(RETRY_SECONDS)
            self.want()
            return
        if self._tracker.needs:
            await asyncio.sleep(_AGAIN_SECONDS)
            self.want()


__all__ = ["Looker"]
