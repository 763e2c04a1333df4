"""The workbench of ``BrokerContract``: a broker, what it has said, and how a promise is tested."""

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any, Final, TypeVar
from unittest import SkipTest

from msgspec import structs

from fillpath.core.events import (
    BrokerEvent,
    CommissionReported,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderFilled,
    OrderRefused,
    SymbolQuarantined,
)
from fillpath.core.models import (
    Fill,
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    Position,
    TimeInForce,
)
from fillpath.core.ports import BrokerAdapter
from fillpath.core.units import Number
from fillpath.testing.scenarios import played

_BUY: Final = OrderSide.BUY
_ZERO: Final = Decimal(0)
_STATUS: Final[dict[type, OrderStatus]] = {
    OrderAccepted: OrderStatus.SUBMITTED,
    OrderAmended: OrderStatus.SUBMITTED,
    OrderFilled: OrderStatus.PARTIALLY_FILLED,
    OrderCancelled: OrderStatus.CANCELLED,
    OrderRefused: OrderStatus.REJECTED,
}


class Bench:
    """A broker under test, and everything it has said."""

    def __init__(self, suite: "BrokerHooks", broker: BrokerAdapter) -> None:
        self.broker = broker
        self.events: list[BrokerEvent] = []
        self._suite = suite
        self._count = 0
        broker.subscribe(self.events.append)

    def order(
        self,
        side: OrderSide = _BUY,
        shares: Number = 10,
        limit: Number | None = None,
        group: str = "",
    ) -> Order:
        """Return a new order with a name of its own: LIMIT with a limit, MARKET without."""
        self._count += 1
        return Order(
            symbol=self._suite.symbol,
            side=side,
            quantity=Decimal(shares),
            order_type=OrderType.MARKET if limit is None else OrderType.LIMIT,
            limit_price=None if limit is None else Decimal(limit),
            order_id=f"contract-{self._count}",
            oca_group=group,
        )

    def stop(self, side: OrderSide, shares: Number, level: Number, group: str = "") -> Order:
        """Return a new STOP order that lasts until it is cancelled."""
        return self.order(side, shares, group=group).changed(
            order_type=OrderType.STOP,
            stop_price=Decimal(level),
            time_in_force=TimeInForce.GTC,
        )

    async def settle(self) -> None:
        """Wait until everything the broker has to say was said."""
        await self._suite.settle(self.broker)

    async def submit(self, order: Order) -> Order:
        """Submit an order and wait for what the broker has to say about it."""
        returned = await self.broker.submit_order(order)
        await self._suite.settle(self.broker)
        return returned

    async def cancel(self, order: Order) -> bool:
        """Cancel an order by the name it came back with."""
        taken = await self.broker.cancel_order(order.broker_order_id or "")
        await self._suite.settle(self.broker)
        return taken

    async def move(self, bid: str, ask: str, shares: int = 100_000) -> None:
        """Move the market and wait for what follows."""
        await self._suite.move_market(self.broker, Decimal(bid), Decimal(ask), Decimal(shares))
        await self._suite.settle(self.broker)

    def told(self, order: Order) -> list[BrokerEvent]:
        """Return what the sink was told about one order, oldest first; its symbol left out."""
        return [
            event
            for event in self.events
            if event.order_id == order.order_id and not isinstance(event, SymbolQuarantined)
        ]

    def fills(self, order: Order | None = None) -> list[Fill]:
        """Return the fills that the sink was told about, of one order when it is given.

        What a fill cost may be told after it.
        """
        events = self.events if order is None else self.told(order)
        charged = {e.fill_id: e.commission for e in events if isinstance(e, CommissionReported)}
        return [
            structs.replace(event, commission=charged.get(event.fill_id, event.commission)).fill
            for event in events
            if isinstance(event, OrderFilled)
        ]

    def filled(self, order: Order) -> Decimal:
        """Return the shares of one order that the sink was told about."""
        return sum((fill.quantity for fill in self.fills(order)), _ZERO)

    def status(self, order: Order) -> OrderStatus:
        """Return the status that follows from what the sink was told."""
        if self.filled(order) == order.quantity:
            return OrderStatus.FILLED
        news = [type(e) for e in self.told(order) if not isinstance(e, CommissionReported)]
        return _STATUS[news[-1]]

    async def position(self) -> Position | None:
        """Return the broker's position in the symbol, or None."""
        positions = await self.broker.get_positions()
        found = [p for p in positions if p.symbol == self._suite.symbol]
        assert len(found) <= 1, f"a symbol must be listed once, got {found}"
        return found[0] if found else None

    async def held(self) -> Decimal:
        """Return the shares that the broker holds of the symbol, negative when short."""
        position = await self.position()
        return _ZERO if position is None else position.quantity

    async def cash(self) -> Decimal:
        """Return the broker's cash."""
        return (await self.broker.get_portfolio()).cash


Suite = TypeVar("Suite", bound="BrokerHooks")
Check = Callable[[Suite, Bench], Coroutine[Any, Any, None]]


def promised(*capabilities: str) -> Callable[[Check[Suite]], Callable[[Suite], None]]:
    """Make a check a test, skipped where the broker does not declare a capability.

    A name with ``not `` in front must not be declared.
    """

    def decorate(check: Check[Suite]) -> Callable[[Suite], None]:
        async def scenario(self: Suite) -> None:
            broker = self.make_broker()
            for capability in capabilities:
                name = capability.removeprefix("not ")
                declared = getattr(broker.capabilities, name)
                if declared is not (name == capability):
                    raise SkipTest(f"the broker declares {name}={declared}")
            await self.open(broker)
            try:
                bench = Bench(self, broker)
                await bench.move("149.99", "150.01")
                await check(self, bench)
            finally:
                await self.close(broker)

        scenario.__name__ = check.__name__
        scenario.__qualname__ = check.__qualname__
        scenario.__doc__ = check.__doc__
        return played(scenario)

    return decorate


class BrokerHooks:
    """What a subclass of ``BrokerContract`` fills in.

    The account must hold nothing of ``symbol`` when it follows its fills, and cash for at least
    1,000 shares at 150 when it checks cash.
    """

    symbol = "AAPL"
    """What is traded."""

    def make_broker(self) -> BrokerAdapter:
        """Return a fresh broker; called once for each test."""
        raise NotImplementedError

    async def open(self, broker: BrokerAdapter) -> None:
        """Connect the broker; does nothing unless overridden."""

    async def close(self, broker: BrokerAdapter) -> None:
        """Disconnect the broker; does nothing unless overridden."""

    async def settle(self, broker: BrokerAdapter) -> None:
        """Wait until every event so far has reached the sink; does nothing unless overridden."""

    async def move_market(
        self, broker: BrokerAdapter, bid: Decimal, ask: Decimal, size: Decimal
    ) -> None:
        """Make ``bid`` and ``ask`` with ``size`` shares on each side the market of ``symbol``."""
        raise NotImplementedError

    def refused_order(self, bench: Bench) -> Order:
        """Return an order that the broker refuses; one for a billion shares unless overridden."""
        return bench.order(shares=10**9)
