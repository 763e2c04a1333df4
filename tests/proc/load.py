"""Load on the full path: signals over Redis, the journal on disk, fills out, tables in a database.

    python3 dev.py prove load --burst 10000 --rate 1000 --seconds 20

A burst is sent at once, then signals at an even rate whose latency is taken from the sending of the
signal to the arrival of its fill on the bus, then a second burst with the kill switch pressed in
the middle of it. The engine is ``fillpath run`` with the simulated broker.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from msgspec import Struct, field

from fillpath.app_live import JOURNAL
from fillpath.core.errors import FillpathError
from fillpath.data.bus.channels import FILLS, SIGNALS
from fillpath.data.journal import verify
from fillpath.service.control import ask
from fillpath.service.status import State, Status, read_status
from fillpath.settings import RISK_FILE
from tests.proc.oracle import replayed
from tests.proc.stage import Process, until
from tests.servers import RedisServer

SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT", "SPY")
PIPELINE = 500
DEADLINE = 120.0
SETTINGS = """
broker: {{provider: "simulated"}}
simulation: {{cash: 100000000}}
execution: {{max_signal_age_seconds: 3600}}
engine: {{folder: "{folder}", health_port: 0, feed: "modelled", resume_delay_seconds: 0}}
redis: {{url: "{redis}"}}
{more}
"""


class Load(Struct):
    """What was measured.

    Args:
        burst: signals of the first burst.
        burst_seconds: from its first byte to its last outcome.
        told_seconds: from its first byte until tables and bus have everything.
        rate: signals a second of the even stream.
        latencies: seconds from signal to fill on the bus, of the even stream.
        kill_seconds: how long the kill was waited for in the middle of the second burst.
        memory_start: bytes of the engine before anything came.
        memory_most: the most that was seen.
        outcomes: of every signal ever sent.
        lag: journal records that the tables were behind at most.
    """

    burst: int = 0
    burst_seconds: float = 0.0
    told_seconds: float = 0.0
    rate: float = 0.0
    latencies: list[float] = field(default_factory=list)
    kill_seconds: float = 0.0
    memory_start: int = 0
    memory_most: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    lag: int = 0


LIMITS = """\
max_position_pct: 50
max_trades_per_day: 10000000
max_turnover_pct: 100000000
size: {basket_pct: 10000}
rates:
  strategy_per_second: 100000
  symbol_per_second: 100000
  account_per_second: 100000
  open_orders_symbol: 100000
  open_orders_total: 100000
  repeated_count: 0
  order_to_trade: 0
"""
"""What a storm of signals needs, so that each of them becomes an order."""


class Bench:
    """An engine under load, and everything around it."""

    def __init__(self, folder: Path, server: RedisServer, more: str = "") -> None:
        from redis.asyncio import Redis  # noqa: PLC0415  # not everybody has it

        self.account = folder / "data" / "SIM"
        self.measured = Load()
        self.sent: dict[str, float] = {}
        self.ids: list[bytes] = []
        self._numbers = itertools.count()
        self._redis = Redis(host="127.0.0.1", port=server.port)
        settings = folder / "fillpath.yaml"
        text = SETTINGS.format(folder=folder / "data", redis=server.url, more=more)
        settings.write_text(text)
        settings.with_name(RISK_FILE).write_text(LIMITS)
        self.engine = Process(
            "fillpath", ["run", "--settings", str(settings)], folder / "engine.log"
        )

    async def __aenter__(self) -> Self:
        await self.engine.spawn()
        await until(self.trades, "the engine trades")
        self.measured.memory_start = self.memory()
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.engine.kill()
        await self._redis.aclose()

    async def trades(self) -> bool:
        """Return whether the engine trades."""
        with suppress(FillpathError):
            return (await self.status()).state is State.TRADING
        return False

    async def status(self) -> Status:
        """Return how the engine is."""
        answer = await ask(self.account, {"do": "status"})
        return read_status(answer["status"].encode())

    def memory(self) -> int:
        """Return the bytes that the engine has in memory."""
        lines = Path(f"/proc/{self.engine.process.pid}/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    async def send(self, count: int) -> None:
        """Send signals as fast as they go."""
        for numbers in batches(itertools.islice(self._numbers, count)):
            pipeline = self._redis.pipeline(transaction=False)
            for number in numbers:
                pipeline.xadd(SIGNALS, {"data": json.dumps(message(number))})
            now = time.monotonic()
            self.sent.update((f"s{number}", now) for number in numbers)
            self.ids.extend(await pipeline.execute())

    async def decided(self) -> bool:
        """Return whether the journal has every signal; look at memory and lag by the way."""
        status = await self.status()
        measured = self.measured
        measured.memory_most = max(measured.memory_most, self.memory())
        measured.lag = max(measured.lag, *(part.lag or 0 for part in status.parts))
        measured.outcomes = status.signals
        (group,) = await self._redis.xinfo_groups(SIGNALS)
        return not group["pending"] and place(group["last-delivered-id"]) >= place(self.ids[-1])

    async def told(self) -> bool:
        """Return whether tables and bus have every record."""
        await self.decided()
        return not any(part.lag for part in (await self.status()).parts)

    async def burst(self, count: int) -> None:
        """Send a burst and measure until its last outcome."""
        began = time.monotonic()
        await self.send(count)
        await until(self.decided, "every signal of the burst has an outcome", DEADLINE)
        self.measured.burst = count
        self.measured.burst_seconds = time.monotonic() - began
        await until(self.told, "tables and bus have caught up", DEADLINE)
        self.measured.told_seconds = time.monotonic() - began

    async def stream(self, rate: float, seconds: float) -> None:
        """Send at an even rate and take the latency of each fill on the bus."""
        arrivals: dict[str, float] = {}
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen(arrivals))
            began, due = time.monotonic(), 0
            while (passed := time.monotonic() - began) < seconds:
                wanted = int(passed * rate)
                await self.send(wanted - due)
                due = wanted
                await asyncio.sleep(0.005)
            await until(self.decided, "every signal of the stream has an outcome", DEADLINE)
            await until(lambda: len(arrivals) >= due, "every fill is told", DEADLINE)
            listening.cancel()
        self.measured.rate = due / seconds
        self.measured.latencies = sorted(at - self.sent[name] for name, at in arrivals.items())

    async def _listen(self, arrivals: dict[str, float]) -> None:
        last: Any = (await self._redis.xinfo_stream(FILLS))["last-generated-id"]
        while True:
            found: Any = await self._redis.xread({FILLS: last}, count=PIPELINE, block=200)
            now = time.monotonic()
            for last, fields in (row for _, rows in found for row in rows):  # noqa: B007  # goes on
                name = json.loads(fields[b"data"])["order_id"].partition("/")[2]
                arrivals.setdefault(name, now)

    async def kill_in_burst(self, count: int) -> None:
        """Send a burst, press the kill switch in its middle, and measure the answer."""
        sending = asyncio.get_running_loop().create_task(self.send(count))
        middle = len(self.ids) + count // 2
        await until(lambda: len(self.ids) > middle, "the burst is half way out", DEADLINE)
        began = time.monotonic()
        await ask(self.account, {"do": "kill", "reason": "in the middle"})
        self.measured.kill_seconds = time.monotonic() - began
        await sending
        await until(self.decided, "the rest of the burst is refused", DEADLINE)

    async def stop(self) -> None:
        """Stop cleanly and check that nothing was lost."""
        assert await self.engine.stop(60) == 0, self.engine.last_words()
        verify(self.account / JOURNAL)
        account = replayed(self.account / JOURNAL)
        assert len(account.outcomes) == len(self.sent)


def place(message_id: bytes) -> tuple[int, ...]:
    """Return the id of a message as something that can be compared."""
    return tuple(int(part) for part in message_id.split(b"-"))


def batches(numbers: Iterator[int]) -> Iterator[list[int]]:
    """Yield the numbers in pipelines."""
    while some := list(itertools.islice(numbers, PIPELINE)):
        yield some


def message(number: int) -> dict[str, Any]:
    """Return a signal that is traded at once."""
    return {
        "v": 1,
        "symbol": SYMBOLS[number % len(SYMBOLS)],
        "direction": "LONG",
        "strength": "0.95",
        "strategy_name": "load",
        "signal_id": f"s{number}",
        "metadata": {"quantity": "1"},
    }


def report(load: Load) -> str:
    """Return the figures for a person."""
    times, mb = load.latencies, 1 << 20
    even = ""
    if times:
        p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
        even = f"""
{load.rate:,.0f} signals/s: signal to fill on the bus p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, \
longest {times[-1] * 1e3:.1f} ms of {len(times)}"""
    return f"""burst of {load.burst}: {load.burst / load.burst_seconds:,.0f} signals/s, \
{load.burst_seconds:.2f} s to the last outcome, {load.told_seconds:.2f} s until tables and bus had \
caught up{even}
memory: {load.memory_start // mb} MB at the start, {load.memory_most // mb} MB at most; \
tables {load.lag} records behind at most
kill in the middle of a burst answered in {load.kill_seconds * 1e3:.0f} ms
0 signals lost; outcomes {load.outcomes}"""


async def run(
    folder: Path, server: RedisServer, more: str = "", *, burst: int, rate: float, seconds: float
) -> Load:
    """Measure everything and return it; raises where something was lost."""
    async with Bench(folder, server, more) as bench:
        await bench.burst(burst)
        if seconds:
            await bench.stream(rate, seconds)
        await bench.kill_in_burst(burst)
        await bench.stop()
        return bench.measured
