"""A simulated broker on a memory feed, and everything it has said."""

from collections.abc import Coroutine
from decimal import Decimal
from typing import Any, TypeVar

from fillpath.core.events import BrokerEvent, OrderFilled
from fillpath.core.models import Fill, Order, OrderStatus, PortfolioSnapshot, Position
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.runtime.clock import ManualClock
from fillpath.testing.builders import START, a_quote

SPEC = SimulationPolicy()
QUOTES = SimulationPolicy(profile=FillProfile.QUOTES)
DISPLAYED = SimulationPolicy(profile=FillProfile.QUOTES, displayed_size=True)


Answer = TypeVar("Answer")


def at_once(answer: Coroutine[Any, Any, Answer]) -> Answer:
    """Return what a coroutine gives that waits for nothing, without an event loop."""
    try:
        answer.send(None)
    except StopIteration as done:
        value: Answer = done.value
        return value
    raise AssertionError("the broker must not wait for anything")


class Scene:
    """AAPL at 149.99 / 150.01 with 1,000 shares on each side, unless said otherwise."""

    def __init__(self, policy: SimulationPolicy = QUOTES, *, quoted: bool = True) -> None:
        self.feed = MemoryFeed()
        self.clock = ManualClock(START)
        self.broker = SimulatedBroker(self.feed, self.clock, policy)
        self.events: list[BrokerEvent] = []
        self.broker.subscribe(self.events.append)
        self.feed.subscribe(self.broker.on_market)
        if quoted:
            self.feed.set_quote(a_quote())

    def submit(self, order: Order) -> Order:
        return self.broker.submit(order)

    def quote(self, bid: str | None, ask: str | None, size: int = 1_000) -> None:
        """Show a new quote a second later."""
        self.clock.advance(1)
        moment = self.clock.now()
        self.feed.set_quote(a_quote(bid, ask, bid_size=size, ask_size=size, ts=moment))

    @property
    def told(self) -> list[str]:
        """The kinds of all events so far."""
        return [type(event).__name__ for event in self.events]

    @property
    def fills(self) -> list[Fill]:
        return [event.fill for event in self.events if isinstance(event, OrderFilled)]

    @property
    def prices(self) -> list[Decimal]:
        return [fill.price for fill in self.fills]

    @property
    def portfolio(self) -> PortfolioSnapshot:
        return at_once(self.broker.get_portfolio())

    @property
    def positions(self) -> list[Position]:
        return at_once(self.broker.get_positions())

    @property
    def open_orders(self) -> list[Order]:
        return at_once(self.broker.get_open_orders())

    def status(self, order: Order) -> OrderStatus:
        return at_once(self.broker.get_order_status(order.broker_order_id or ""))
