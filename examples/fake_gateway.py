"""Answer like Interactive Brokers' gateway with paper account DU1234567, AAPL at 189.55, until Ctrl-C.

Run it: python3 dev.py python examples/fake_gateway.py 4002
"""
# ruff: noqa: INP001, T201  # a script beside the package

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fillpath.runtime.clock import SystemClock
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.testing.gateway import Gateway
from fillpath.testing.gateway.history import DAY, GatewayBar

PRICE, VOLUME = Decimal("189.55"), Decimal(50_000_000)
HALF_SPREAD = Decimal("0.05")


def bars() -> list[GatewayBar]:
    """Return a month of days up to yesterday, for the average volume."""
    today = SystemClock().now().date()
    days = ExchangeCalendar().sessions_between(today - timedelta(45), today - timedelta(1))
    return [
        GatewayBar(
            at=datetime(day.date.year, day.date.month, day.date.day, 12, tzinfo=UTC),
            open=PRICE,
            high=PRICE,
            low=PRICE,
            close=PRICE,
            volume=VOLUME,
        )
        for day in days
    ]


async def main(port: int) -> None:
    """Serve until interrupted; a quote comes twice a second."""
    gateway = Gateway()
    await gateway.start(port)
    gateway.history.set("AAPL", DAY, bars())
    print(f"listening at 127.0.0.1:{gateway.port}", flush=True)
    size = 500
    while True:
        size = 1_001 - size
        bid, ask = PRICE - HALF_SPREAD, PRICE + HALF_SPREAD
        gateway.quote("AAPL", bid, ask, bid_size=size, ask_size=size)
        await asyncio.sleep(0.5)


with suppress(KeyboardInterrupt):
    asyncio.run(main(int(sys.argv[1])))
