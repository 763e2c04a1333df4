"""How well was it executed? Cost in basis points and latency of orders you filled elsewhere.

Run it: python3 dev.py python examples/measure_quality.py
"""
# ruff: noqa: INP001, T201  # a script that prints

import asyncio
from datetime import UTC, datetime, timedelta

from fillpath.core.models import OrderSide
from fillpath.execution.quality import ExecutionQualityTracker

SENT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


async def main() -> None:
    """Measure a purchase and a sale at the same price: one costs what the other saves."""
    tracker = ExecutionQualityTracker()
    for side in (OrderSide.BUY, OrderSide.SELL):
        metrics = tracker.compute_metrics(
            order_id=f"order-{side}",
            symbol="AAPL",
            side=side,
            expected_price=150.00,
            filled_price=150.05,
            signal_timestamp=SENT,
            fill_timestamp=SENT + timedelta(milliseconds=1_250),
            signal_price=149.98,
        )
        await tracker.store_metrics(metrics)
        print(
            f"{side}: slippage {metrics.slippage_bps:+.2f} bps, "
            f"arrival {metrics.arrival_slippage_bps:+.2f} bps, {metrics.fill_latency_ms} ms"
        )


if __name__ == "__main__":
    asyncio.run(main())
