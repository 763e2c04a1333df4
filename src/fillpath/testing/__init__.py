"""Contract suites and builders for whoever writes an adapter."""

from fillpath.testing.broker_contract import BrokerContract
from fillpath.testing.bus_contract import BusContract
from fillpath.testing.clock_contract import ClockContract, EngineClockContract
from fillpath.testing.feed_contract import FeedContract

__all__ = ["BrokerContract", "BusContract", "ClockContract", "EngineClockContract", "FeedContract"]
