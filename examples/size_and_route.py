"""From a signal to the orders that would be sent, without an engine: size, price, route, slice.

Run it: python3 dev.py python examples/size_and_route.py
"""
# ruff: noqa: INP001, T201  # a script that prints

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

from fillpath.core.models import PortfolioSnapshot, Quote, Signal, SignalDirection
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.order_generator import OrderGenerator
from fillpath.execution.router import SmartOrderRouter
from fillpath.runtime.clock import ManualClock

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


async def main() -> None:
    """Size one signal and print what the router makes of it."""
    feed = MemoryFeed()
    feed.set_quote(Quote("AAPL", Decimal("149.99"), Decimal("150.01"), ts=NOON))
    feed.set_adv("AAPL", 2_000)  # so small a volume that 33 shares are a large order
    signal = Signal(
        symbol="AAPL",
        direction=SignalDirection.LONG,
        strength=Decimal("0.75"),
        metadata={"win_rate": 0.55, "avg_win_pct": 2.0, "avg_loss_pct": 1.0},
    )
    portfolio = PortfolioSnapshot(total_equity=Decimal(100_000), cash=Decimal(50_000))
    order = OrderGenerator(feed=feed).generate_order(signal, portfolio)
    print(
        f"{order.side} {order.quantity} {order.symbol}, bound by {order.metadata['sizing']['bound']}"
    )
    for piece in await SmartOrderRouter(feed=feed, clock=ManualClock(NOON)).route(order):
        place = f"slice {piece.metadata['twap_slice']} of {piece.metadata['twap_total_slices']}"
        print(f"{place}: {piece.quantity} at {piece.limit_price}, {piece.metadata['route_reason']}")


if __name__ == "__main__":
    asyncio.run(main())
