"""The adapter of Interactive Brokers keeps every promise of a broker, over the real protocol."""

from decimal import Decimal

from fillpath.core.models import Order
from fillpath.core.ports import BrokerAdapter
from fillpath.testing import BrokerContract
from fillpath.testing.broker_bench import Bench
from fillpath.testing.gateway import Gateway
from tests.integration.ibkr.wired import SECONDS, Wired


class TestIBKRBrokerAdapter(BrokerContract):
    """The whole contract, with a gateway behind a socket."""

    wired: Wired

    def make_broker(self) -> BrokerAdapter:
        self.gateway = Gateway()
        self.wired = Wired(self.gateway)
        return self.wired.broker

    async def open(self, broker: BrokerAdapter) -> None:
        del broker
        await self.gateway.start()
        self.wired.aim()
        await self.wired.broker.start(SECONDS)

    async def close(self, broker: BrokerAdapter) -> None:
        del broker
        await self.wired.broker.stop()
        await self.gateway.stop()

    async def settle(self, broker: BrokerAdapter) -> None:
        del broker
        await self.wired.settle()

    async def move_market(
        self, broker: BrokerAdapter, bid: Decimal, ask: Decimal, size: Decimal
    ) -> None:
        del broker
        self.gateway.quote("AAPL", bid, ask, bid_size=size, ask_size=size)

    def refused_order(self, bench: Bench) -> Order:
        return bench.order().changed(symbol="NEVER.LISTED")
