"""A realistic simulated broker on a memory feed, with time that passes between two words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from fillpath.core.models import Order, OrderSide, OrderType, TimeInForce
from fillpath.core.units import Number, nanoseconds
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.simulating.policy import CommissionPlan, RealisticPolicy
from fillpath.testing.builders import a_quote, an_order
from tests.unit.execution.broker.scene import Scene

SYMBOL = "AAPL"
HOUR = 3_600


SLOW: dict[str, Any] = {"latency_ms_min": 100, "latency_ms_max": 100}
FREE: dict[str, Any] = {"commission": CommissionPlan.PERCENT, "regulatory_fees": False}


def limit(side: OrderSide, price: str, shares: int = 100, **changes: Any) -> Order:
    """Return a limit order that lasts."""
    return an_order(side, shares, limit_price=price, time_in_force=TimeInForce.GTC, **changes)


def a_stop(side: OrderSide, level: str, shares: int = 100, **changes: Any) -> Order:
    """Return a stop order that lasts."""
    fields: dict[str, Any] = {
        "order_type": OrderType.STOP,
        "time_in_force": TimeInForce.GTC,
        "order_id": "stop",
    }
    return an_order(side, shares, stop_price=level, **(fields | changes))


def realistic(cash: Number = 100_000, **knobs: Any) -> SimulationPolicy:
    """Return a policy that needs no time, unless it is given some."""
    at_once = {"latency_ms_min": 0, "latency_ms_max": 0}
    return SimulationPolicy(
        profile=FillProfile.REALISTIC, realistic=RealisticPolicy(**(at_once | knobs)), cash=cash
    )


class RealScene(Scene):
    """AAPL at 149.99 / 150.01 with 1,000 shares on each side."""

    def __init__(self, policy: SimulationPolicy | None = None, *, quoted: bool = True) -> None:
        super().__init__(policy or realistic(), quoted=quoted)

    def wait(self, milliseconds: int) -> None:
        """Let time pass, and whatever is due arrive at its own moment."""
        end = self.clock.now() + timedelta(milliseconds=milliseconds)
        while (due := self.broker.next_due()) is not None and due <= nanoseconds(end):
            now = nanoseconds(self.clock.now())
            self.clock.advance(Decimal(max(due - now, 0)) / 10**9)
            self.broker.on_time()
        self.clock.set(end)

    def show(self, bid: str, ask: str, bid_size: int = 1_000, ask_size: int = 1_000) -> None:
        """Show a new quote a second later."""
        self.wait(1_000)
        now = self.clock.now()
        self.feed.set_quote(a_quote(bid, ask, bid_size=bid_size, ask_size=ask_size, ts=now))

    def open_session(self, hours: int = 6) -> None:
        """Begin a session that ends in so many hours."""
        now = nanoseconds(self.clock.now())
        self.broker.open_session(now, now + hours * HOUR * 10**9)

    def filled(self, order: Order) -> Decimal:
        """Return the shares of an order that were filled."""
        fills = (fill.quantity for fill in self.fills if fill.order_id == order.order_id)
        return sum(fills, Decimal(0))

    @property
    def parts(self) -> list[str]:
        """Shares and price of every fill."""
        return [f"{fill.quantity} at {fill.price}" for fill in self.fills]

    def why(self) -> str:
        """Return the reason of the last cancel or refusal."""
        return str(getattr(self.events[-1], "reason", ""))
