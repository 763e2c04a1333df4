"""An adapter at a gateway whose connection is about to suffer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import BrokerEvent, CommissionReported, OrderFilled
from fillpath.core.models import Order, OrderSide, OrderType
from fillpath.core.units import NANOSECONDS, moment, nanoseconds
from fillpath.execution.broker.ibkr_broker import IBKRBrokerAdapter, IBKRPolicy
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.session import Session
from fillpath.ibkr.states import Alarm, State
from fillpath.runtime.steady import SteadyClock
from fillpath.service.live import LiveClock
from fillpath.testing.gateway import Gateway, GatewayOrder

CLIENT: Final = 7
SECONDS: Final = 30.0
"""How long anything may take on a machine that is busy."""

POLICY: Final = ConnectionPolicy(
    client_id=CLIENT,
    connect_seconds=5,
    answer_seconds=5,
    confirm_seconds=0.05,
    first_wait_seconds=0.05,
    longest_wait_seconds=0.2,
    windows=(),
)


class MovedClock:
    """A steady clock that a test sets, and can move forward.

    Args:
        at: the time that it shows first.
    """

    def __init__(self, at: datetime) -> None:
        self._steady = SteadyClock()
        self._ahead = nanoseconds(at) - self._steady.nanoseconds()

    def now(self) -> datetime:
        return moment(self.nanoseconds())

    def nanoseconds(self) -> int:
        return self._steady.nanoseconds() + self._ahead

    def drift(self) -> int:
        return self._steady.drift()

    def jump(self, seconds: int) -> None:
        self._ahead += seconds * NANOSECONDS


class Scene:
    """One adapter, and everything that it and its connection told.

    Args:
        gateway: that listens.
        policy: of the connection.
        clock: of both.
    """

    def __init__(
        self, gateway: Gateway, policy: ConnectionPolicy, clock: LiveClock | None = None
    ) -> None:
        self.gateway = gateway
        self.clock = clock or SteadyClock()
        self.line = Session("127.0.0.1", gateway.port, policy.client_id)
        self.connection = Connection(self.line, policy, self.clock)
        self.events: list[BrokerEvent] = []
        self.states: list[State] = []
        self.alarms: list[Alarm] = []
        self.pages: list[RaiseAlarm] = []
        self.broker = IBKRBrokerAdapter(
            self.connection,
            IBKRPolicy(client_id=policy.client_id),
            self.clock,
            self.pages.append,
        )
        self.broker.subscribe(self._heard)
        self.connection.watch(self._entered)
        self.connection.warn(self._warned)
        self._count = 0
        self._stir = asyncio.Event()

    async def until(self, condition: Callable[[], bool], seconds: float = SECONDS) -> None:
        """Wait until something is so; asked after everything that was told here."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._stir.clear()
                await self._stir.wait()

    async def told(self, kind: type[Any], count: int = 1) -> None:
        """Wait until so many events of a kind were told."""
        await self.until(lambda: len(self.all(kind)) >= count)

    async def trades_again(self, times: int = 2) -> None:
        """Wait until the connection came back so often."""
        await self.until(lambda: self.states.count(State.TRADING) >= times)

    async def alarmed(self, code: str) -> Alarm:
        """Wait for an alarm of the connection and return it."""
        await self.until(lambda: code in {alarm.code for alarm in self.alarms})
        return next(alarm for alarm in self.alarms if alarm.code == code)

    def all(self, kind: type[Any]) -> list[Any]:
        """Return the events of a kind, oldest first."""
        return [event for event in self.events if isinstance(event, kind)]

    def filled(self, order: Order) -> Decimal:
        """Return the shares of an order that were told as filled."""
        fills = {e.fill_id: e for e in self.all(OrderFilled) if e.order_id == order.order_id}
        return sum((fill.fill.quantity for fill in fills.values()), Decimal(0))

    def order(self, **fields: Any) -> Order:
        """Return a new order for 100 AAPL at most at 140, which rests."""
        self._count += 1
        usual: dict[str, Any] = {
            "symbol": "AAPL",
            "side": OrderSide.BUY,
            "quantity": 100,
            "order_type": OrderType.LIMIT,
            "limit_price": 140,
            "order_id": f"alpha/sig-{self._count}",
        }
        return Order(**(usual | fields))

    async def rest(self, **fields: Any) -> tuple[Order, GatewayOrder]:
        """Place an order that rests; return it and the gateway's own record of it."""
        order = await self.broker.submit_order(self.order(**fields))
        return order, self.gateway.order(order.order_id)

    def _heard(self, event: BrokerEvent) -> None:
        self.events.append(event)
        self._stir.set()

    def _entered(self, state: State) -> None:
        self.states.append(state)
        self._stir.set()

    def _warned(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)
        self._stir.set()

    @property
    def news(self) -> list[str]:
        """Return the kinds of the events that were told, commissions left out."""
        return [
            type(event).__name__
            for event in self.events
            if not isinstance(event, CommissionReported)
        ]


@asynccontextmanager
async def scene(
    gateway: Gateway, clock: LiveClock | None = None, **policy: Any
) -> AsyncIterator[Scene]:
    """Yield an adapter that is not connected yet, and stop it at the end."""
    found = Scene(gateway, replace(POLICY, **policy), clock)
    try:
        yield found
    finally:
        await found.broker.stop()


@asynccontextmanager
async def trading(gateway: Gateway, **policy: Any) -> AsyncIterator[Scene]:
    """Yield an adapter that trades."""
    async with scene(gateway, **policy) as found:
        await found.broker.start(SECONDS)
        yield found
