"""The adapter and a gateway, with a real socket between them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Final

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import BrokerEvent, OrderFilled
from fillpath.core.models import Order, OrderSide, OrderType
from fillpath.execution.broker.ibkr_broker import IBKRBrokerAdapter, IBKRPolicy
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.session import Session
from fillpath.runtime.steady import SteadyClock
from fillpath.testing.gateway import Gateway, GatewayOrder

ACCOUNT: Final = "DU1234567"
CLIENT: Final = 7
SECONDS: Final = 15.0


class Wired:
    """One adapter of a gateway, and everything that it told.

    Args:
        gateway: that listens.
        answer_seconds: how long the adapter waits for an order's answer.
    """

    def __init__(self, gateway: Gateway, answer_seconds: float = 5) -> None:
        self.gateway = gateway
        self.clock = SteadyClock()
        policy = ConnectionPolicy(
            windows=(),
            client_id=CLIENT,
            connect_seconds=2,
            answer_seconds=2,
            confirm_seconds=0.05,
            first_wait_seconds=0.05,
            longest_wait_seconds=0.2,
        )
        self.line = Session("127.0.0.1", gateway.port, CLIENT)
        self.connection = Connection(self.line, policy, self.clock)
        self.events: list[BrokerEvent] = []
        self.alarms: list[RaiseAlarm] = []
        self.compared: list[tuple[str, bool]] = []
        self.broker = IBKRBrokerAdapter(
            self.connection,
            IBKRPolicy(client_id=CLIENT, answer_seconds=answer_seconds, cancel_seconds=0.2),
            self.clock,
            self.alarms.append,
        )
        self.broker.subscribe(self._heard)
        self.broker.compare_with(lambda why, holds: self.compared.append((why, holds)))
        self._count = 0

    def aim(self) -> None:
        """Connect to where the gateway listens by now."""
        self.line._port = self.gateway.port  # noqa: SLF001  # it was made before the gateway was

    def _heard(self, event: BrokerEvent) -> None:
        self.events.append(event)
        self.gateway.log.stir()

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

    async def settle(self) -> None:
        """Wait until everything that the gateway said was heard."""
        await self.connection.executions()

    async def until(self, condition: Callable[[], bool], seconds: float = SECONDS) -> None:
        """Wait until a condition holds."""
        await self.gateway.until(condition, seconds)

    async def told(self, kind: type[BrokerEvent], count: int = 1) -> None:
        """Wait until so many events of a kind were told."""
        await self.until(lambda: sum(isinstance(e, kind) for e in self.events) >= count)

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of the events that were told, commissions left out."""
        names = [type(event).__name__ for event in self.events]
        return [name for name in names if name != "CommissionReported"]

    @property
    def filled(self) -> Decimal:
        """Return the shares of the fills that were told."""
        fills = {e.fill_id: e.fill.quantity for e in self.events if isinstance(e, OrderFilled)}
        return sum(fills.values(), Decimal(0))

    @property
    def codes(self) -> list[str]:
        """Return the codes of the alarms that were raised."""
        return [alarm.code for alarm in self.alarms]


@asynccontextmanager
async def wired(answer_seconds: float = 5) -> AsyncIterator[Wired]:
    """Yield an adapter that trades at a gateway of its own, where AAPL is quoted."""
    async with Gateway() as gateway:
        gateway.quote("AAPL", "149.99", "150.01")
        scene = Wired(gateway, answer_seconds)
        try:
            await scene.broker.start(SECONDS)
            yield scene
        finally:
            await scene.broker.stop()
