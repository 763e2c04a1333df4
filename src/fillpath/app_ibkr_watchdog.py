"""The watchdog's way to Interactive Brokers: one connection, and the cancel of everything."""

import asyncio
from contextlib import suppress
from typing import Final, Self

from fillpath.app_ibkr import WATCHDOG, LineMaker, Warnings, connection_of, session_of
from fillpath.app_parts import Page
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError, Unavailable
from fillpath.ibkr.line import NotSent
from fillpath.runtime.steady import SteadyClock
from fillpath.settings import Settings

BLIND: Final = "WATCHDOG_BLIND"
NAMES_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 0.25


class GlobalCancel:
    """Cancel every order of the account, also those of people and of other programs.

    The gateway lets nobody cancel single orders of another client, so this is all that a watchdog
    can do; ``broker.ibkr.watchdog_cancels_everything`` allows it. Use it with ``async with``.

    Args:
        settings: of the engine that is watched.
        page: tells a person when the gateway could not be reached now.
        make_line: makes the line to the gateway.

    Raises:
        ConfigError: it is not allowed.
    """

    def __init__(self, settings: Settings, page: Page, make_line: LineMaker = session_of) -> None:
        if not settings.broker.ibkr.watchdog_cancels_everything:
            raise ConfigError(
                "broker.ibkr.watchdog_cancels_everything must be true for a watchdog: only the "
                "client that placed an order can cancel it alone, so the watchdog cancels every "
                "order of the account, those of people and of other programs too"
            )
        self._clock = SteadyClock()
        self._page = page
        self._patience = float(settings.broker.ibkr.start_seconds)
        self._connection = connection_of(settings, self._clock, WATCHDOG, make_line)
        self._connection.warn(Warnings(self._clock, page).hear)

    async def __aenter__(self) -> Self:
        """Connect; a gateway that is away is told, and tried again."""
        try:
            await self._connection.start(self._patience)
        except Unavailable as error:
            text = f"the watchdog could cancel nothing now: {error}"
            self._page(RaiseAlarm(self._clock.nanoseconds(), BLIND, text))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        await self._connection.stop()

    async def cancel_all(self) -> list[str]:
        """Cancel everything, and return the names of what worked once none of it works any more.

        Raises:
            Unavailable: it is not known whether it was heard; ask again.
        """
        names: list[str] = []
        with suppress(Unavailable, TimeoutError):  # not to know them must not keep them alive
            async with asyncio.timeout(NAMES_SECONDS):
                names = await self._working()
        try:
            await self._connection.cancel_everything()
        except NotSent as error:
            raise Unavailable(str(error)) from error
        while await self._working():  # noqa: ASYNC110  # nobody tells when the last is gone
            await asyncio.sleep(LOOK_SECONDS)
        return names

    async def _working(self) -> list[str]:
        orders = await self._connection.open_orders()
        return [order.order_ref or f"permId {order.perm_id}" for order in orders]


__all__ = ["BLIND", "GlobalCancel"]
