"""Measure what a Redis carries for the engine: one round trip, out, in, and one at a time.

    python3 dev.py python tools/measure_bus.py redis://127.0.0.1:6379/9 [MESSAGES]

The database is emptied of the bus's streams before and after; give it one of its own.
"""  # noqa: INP001  # a program, not a package

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles
from typing import Final

from fillpath.core.models import Signal, SignalDirection
from fillpath.core.ports import Delivery, Outgoing
from fillpath.data.bus.channels import FILLS, SIGNALS
from fillpath.data.bus.messages import read_signal, write_signal
from fillpath.data.bus.redis_link import RedisLink
from fillpath.data.bus.redis_streams import RedisBus, RedisPolicy

MESSAGES: Final = 20_000
BATCH: Final = 256
ROUNDS: Final = 1_000
EDGE: Final = {"win_rate": "0.55", "avg_win_pct": 2, "avg_loss_pct": 1, "n_trades": 200}
SIGNAL: Final = write_signal(
    Signal(
        symbol="AAPL",
        direction=SignalDirection.LONG,
        strength="0.75",  # type: ignore[arg-type]  # as a user would write it
        metadata=EDGE,
        strategy_name="trend",
    )
)


def show(what: str, value: float, unit: str) -> None:
    """Print one figure."""
    sys.stdout.write(f"{what:<44} {value:>10,.0f} {unit}\n")


async def timed(work: Awaitable[object]) -> float:
    """Return the seconds that work took."""
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


async def latencies(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Return median and 99th percentile of one piece of work, microseconds."""
    cuts = quantiles([1e6 * await timed(work()) for _ in range(ROUNDS)], n=100)
    return cuts[49], cuts[98]


async def drained(bus: RedisBus, count: int) -> None:
    """Receive, read and acknowledge so many signals."""
    left = count
    while left:
        batch = await bus.receive(BATCH, 1.0)
        for delivery in batch:
            read_signal(delivery)
        await bus.acknowledge([delivery.message_id for delivery in batch])
        left -= len(batch)


async def one_by_one(bus: RedisBus) -> None:
    """Send, receive and acknowledge one signal."""
    await bus.send(SIGNAL)
    (delivery,) = await bus.receive(1, 1.0)
    await bus.acknowledge([delivery.message_id])


async def main(url: str, messages: int) -> None:
    """Print every figure."""
    link, bus = RedisLink(url), RedisBus(RedisPolicy(url=url))
    await link.client.delete(SIGNALS, FILLS)
    await bus.start()
    median, worst = await latencies(link.client.ping)
    show("one round trip, median", median, "us")
    show("one round trip, p99", worst, "us")
    fills = [Outgoing(FILLS, f"paper:{number}:0", SIGNAL) for number in range(messages)]
    show("published (XADD and PUBLISH)", messages / await timed(bus.publish(fills)), "/s")
    pipeline = link.client.pipeline(transaction=False)
    for _ in range(messages):
        pipeline.xadd(SIGNALS, {b"data": SIGNAL})
    show("XADD, pipelined", messages / await timed(pipeline.execute()), "/s")
    spent = await timed(drained(bus, messages))
    show("received, read and acknowledged", messages / spent, "/s")
    median, worst = await latencies(lambda: one_by_one(bus))
    show("sent, received, acknowledged, one: median", median, "us")
    show("sent, received, acknowledged, one: p99", worst, "us")
    begun = time.perf_counter()
    for _ in range(messages):
        read_signal(Delivery("1-1", SIGNAL))
    show("a signal read", 1e6 * (time.perf_counter() - begun) / messages, "us")
    await link.client.delete(SIGNALS, FILLS)
    await bus.close()
    await link.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else MESSAGES))  # noqa: PLR2004
