"""The vendor's own library as a client, for tests of the gateway alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import ib_async

from fillpath.testing.gateway import Gateway

PATIENCE = 20.0
NUMBERS = {"AAPL": 265598, "MSFT": 272093, "SPY": 756733}


@asynccontextmanager
async def library(gateway: Gateway, client_id: int = 3) -> AsyncIterator[ib_async.IB]:
    """Yield the library, connected."""
    ib = ib_async.IB()
    await ib.connectAsync(
        "127.0.0.1", gateway.port, clientId=client_id, timeout=PATIENCE, raiseSyncErrors=True
    )
    try:
        yield ib
    finally:
        ib.disconnect()


def share(symbol: str = "AAPL") -> ib_async.Contract:
    """Return a share, with its number where the tests know it."""
    return ib_async.Stock(symbol, "SMART", "USD", conId=NUMBERS.get(symbol, 0))


async def settled(ib: ib_async.IB, condition: Callable[[], bool]) -> None:
    """Wait until the library has heard something."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await ib.updateEvent


class Errors(list[tuple[int, int]]):
    """Every error that the library heard: what it is about, and its number."""

    def __init__(self, ib: ib_async.IB) -> None:
        super().__init__()
        ib.errorEvent += self._heard

    def _heard(self, about: int, code: int, *_: object) -> None:
        self.append((about, code))

    @property
    def codes(self) -> list[int]:
        """Return the numbers."""
        return [code for _, code in self]
