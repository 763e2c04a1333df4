"""The broker at the other end of the wire: a real adapter, with timeouts and at-least-once news."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.events import BrokerEvent
from fillpath.core.models import Fill, Order, OrderStatus, PortfolioSnapshot, Position
from fillpath.core.ports import BrokerCapabilities, Clock
from fillpath.data.feeds.memory import MemoryFeed
from tests.proc.wire import LIMIT, Call, Said, line_of, read_said

ANSWER_SECONDS = 1.0
RETRY_SECONDS = 0.05

Result = TypeVar("Result")


class VenueBroker:
    """Trade at a venue on 127.0.0.1; the first question connects, unless ``run`` runs already.

    Args:
        port: where the venue listens.
        feed: gets the venue's quotes.
        clock: stamps them on arrival.
        answer_seconds: how long an answer may take.
    """

    def __init__(
        self, port: int, feed: MemoryFeed, clock: Clock, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._port = port
        self._feed = feed
        self._clock = clock
        self._patience = answer_seconds
        self._sink: Callable[[BrokerEvent], None] = lambda _event: None
        self._writer: asyncio.StreamWriter | None = None
        self._there = asyncio.Event()
        self._waiting: dict[int, asyncio.Future[Said]] = {}
        self._number = 0
        self._seen = -1
        self._running: asyncio.Task[None] | None = None

    @property
    def capabilities(self) -> BrokerCapabilities:
        """Return what the venue can do; it outlives this process."""
        return BrokerCapabilities()

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        """Send every later event to ``sink``; the last one wins."""
        self._sink = sink

    async def run(self) -> None:
        """Stay connected until cancelled."""
        self._running = asyncio.current_task()
        while True:
            with suppress(OSError, ValueError):  # it is gone, or broke off in the middle of a line
                await self._connected()
            await asyncio.sleep(RETRY_SECONDS)

    async def submit_order(self, order: Order) -> Order:
        """Send the order and return it as it stands."""
        return await self._ask(Order, "submit", order=order)

    async def cancel_order(self, broker_order_id: str) -> bool:
        """Ask to cancel."""
        return await self._ask(bool, "cancel", name=broker_order_id)

    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        """Return the status of an order."""
        return await self._ask(OrderStatus, "status", name=broker_order_id)

    async def get_positions(self) -> list[Position]:
        """Return all open positions."""
        return await self._ask(list[Position], "positions")

    async def get_portfolio(self) -> PortfolioSnapshot:
        """Return the account."""
        return await self._ask(PortfolioSnapshot, "portfolio")

    async def health_check(self) -> bool:
        """Return whether the venue is there."""
        return self._there.is_set()

    async def get_open_orders(self) -> list[Order]:
        """Return every order that works."""
        return await self._ask(list[Order], "open_orders")

    async def get_completed_orders(self) -> list[Order]:
        """Return every order that ended."""
        return await self._ask(list[Order], "completed_orders")

    async def get_executions(self) -> list[Fill]:
        """Return every execution."""
        return await self._ask(list[Fill], "executions")

    async def direct(
        self, act: str, *, name: str = "", knobs: dict[str, float] | None = None
    ) -> int:
        """Direct the venue itself, as no broker could be."""
        return await self._ask(int, act, name=name, knobs=knobs or {})

    async def _ask(self, kind: type[Result], act: str, **words: Any) -> Result:
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self.run())
        self._number += 1
        number = self._number
        future: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(self._patience):
                await self._there.wait()
                assert self._writer is not None, "it is connected"
                self._writer.write(line_of(Call(number, act, **words)))
                said = await future
        except TimeoutError as error:
            raise Unavailable(f"the venue did not answer {act} in {self._patience} s") from error
        finally:
            self._waiting.pop(number, None)
        if said.refused is not None:
            raise BrokerRefused(*said.refused)
        return msgspec.json.decode(said.result, type=kind)

    async def _connected(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=LIMIT)
        self._writer = writer
        writer.write(line_of(Call(0, "follow", since=self._seen)))
        try:
            while line := await reader.readline():
                self._take(read_said(line))
        finally:
            self._let_go()
            with suppress(OSError):
                await writer.wait_closed()

    def _take(self, said: Said) -> None:
        if said.event is not None:
            self._seen = max(self._seen, said.sequence)
            self._sink(said.event)
        elif said.quote is not None:
            symbol = said.quote.symbol
            if self._feed.last_quote(symbol) is None:
                self._feed.set_adv(symbol, Decimal(said.volume))
            self._feed.set_quote(msgspec.structs.replace(said.quote, ts=self._clock.now()))
        elif not said.number and not said.reached:
            self._seen = max(self._seen, msgspec.json.decode(said.result, type=int))
            self._there.set()
        else:
            future = self._waiting.get(said.number)
            if future is not None and not future.done():
                future.set_result(said)

    def _let_go(self) -> None:
        self._there.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Unavailable("the venue hung up"))
