"""Every broker keeps the promises of ``BrokerContract`` that it declares."""

from fillpath.core.models import Order
from fillpath.core.ports import BrokerAdapter, Clock
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.paper_stub import PaperStubBroker
from fillpath.testing.broker_bench import Bench
from tests.contract.in_memory import InMemory, Simulated


class TestSimulatedBrokerAsSpecified(Simulated):
    policy = SimulationPolicy(profile=FillProfile.SPEC)


class TestSimulatedBrokerOnQuotes(Simulated):
    policy = SimulationPolicy(profile=FillProfile.QUOTES)


class TestSimulatedBrokerOnDisplayedSize(Simulated):
    policy = SimulationPolicy(profile=FillProfile.QUOTES, displayed_size=True)


class TestPaperStubBroker(InMemory):
    def broker_on(self, feed: MemoryFeed, clock: Clock) -> BrokerAdapter:
        return PaperStubBroker(feed, clock)

    def refused_order(self, bench: Bench) -> Order:
        return bench.order().changed(symbol="NEVER.QUOTED")
