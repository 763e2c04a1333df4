"""Brokers of the contract suite on a memory feed, with a clock that moves with the market."""

from datetime import timedelta
from decimal import Decimal

from fillpath.core.ports import BrokerAdapter, Clock
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.runtime.clock import ManualClock
from fillpath.testing import BrokerContract
from fillpath.testing.builders import START, a_quote


class InMemory(BrokerContract):
    """Moves the market of a memory feed, a second at a time."""

    feed: MemoryFeed
    clock: ManualClock

    def broker_on(self, feed: MemoryFeed, clock: Clock) -> BrokerAdapter:
        """Return the broker under test."""
        raise NotImplementedError

    def make_broker(self) -> BrokerAdapter:
        self.feed, self.clock = MemoryFeed(), ManualClock(START)
        return self.broker_on(self.feed, self.clock)

    async def move_market(
        self, broker: BrokerAdapter, bid: Decimal, ask: Decimal, size: Decimal
    ) -> None:
        del broker
        self.clock.set(self.clock.now() + timedelta(seconds=1))
        quote = a_quote(bid, ask, bid_size=size, ask_size=size, ts=self.clock.now())
        self.feed.set_quote(quote)


class Simulated(InMemory):
    """The simulated broker under one policy."""

    policy = SimulationPolicy()

    def broker_on(self, feed: MemoryFeed, clock: Clock) -> BrokerAdapter:
        broker = SimulatedBroker(feed, clock, self.policy)
        feed.subscribe(broker.on_market)
        return broker
