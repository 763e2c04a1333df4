"""A market, a line to an engine and a strategy in memory, for tests of the runner."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fillpath.core.errors import Unavailable
from fillpath.core.models import Bar, Quote, Signal, SignalDirection
from fillpath.core.units import nanoseconds
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.runner.frames import Begin, Ready, Said, ShowBar, ShowQuote, ShowRecord
from fillpath.runner.knowing import Account
from fillpath.runner.running import Parts, Runner, RunPlan
from fillpath.strategy.declared import Needs
from fillpath.testing.builders import START

MINUTE = timedelta(minutes=1)
Asked = ShowBar | ShowQuote | ShowRecord


def a_bar(minute: int = 0, price: int = 100, symbol: str = "AAPL") -> Bar:
    """Return a minute in which nothing moved."""
    ts = START + minute * MINUTE
    same = {name: Decimal(price) for name in ("open", "high", "low", "close")}
    return Bar(symbol=symbol, ts=ts, ts_end=ts + MINUTE, **same)


def a_word(symbol: str = "AAPL", **changes: Any) -> Signal:
    """Return a signal as a strategy says it."""
    fields: dict[str, Any] = {
        "symbol": symbol,
        "direction": SignalDirection.LONG,
        "strength": Decimal("0.5"),
        "metadata": {"quantity": 1},
    }
    return Signal(**(fields | changes))


class LoopClock:
    """The time of the loop, from a fixed moment on."""

    def now(self) -> datetime:
        """Return the moment."""
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def nanoseconds(self) -> int:
        """Return it in nanoseconds."""
        return nanoseconds(self.now())


class FakeStrategist:
    """Answer what a function says, and keep what was asked."""

    def __init__(self, answer: Callable[[Asked], Sequence[Signal]], **ready: Any) -> None:
        self.asked: list[Asked] = []
        self.ended = False
        self._answer = answer
        fields: dict[str, Any] = {
            "name": "trend",
            "needs": Needs(bar_length=MINUTE, quotes=True),
            "bars": True,
            "quotes": True,
            "records": True,
        }
        self._ready = Ready(**(fields | ready))

    async def begin(self, asked: Begin) -> Ready:
        """Be made."""
        del asked
        return self._ready

    async def ask(self, asked: Asked) -> Said:
        """Answer."""
        self.asked.append(asked)
        return Said(list(self._answer(asked)))

    async def end(self) -> None:
        """Be let go of."""
        self.ended = True

    def of(self, kind: type[Any]) -> list[Any]:
        """Return what was asked in one way."""
        return [asked for asked in self.asked if isinstance(asked, kind)]


class FakeLine:
    """Take signals while it is there, and tell what became of them and what it is given."""

    def __init__(self) -> None:
        self.stream = "execution:signals"
        self.sent: list[tuple[bytes, str]] = []
        self.beats: list[bytes] = []
        self.tells: list[tuple[str, bytes]] = []
        self.away = False
        self.deaf = False
        self._some = asyncio.Event()

    async def send(self, payload: bytes, signature: str = "") -> str:
        """Take a signal."""
        self._check()
        self.sent.append((payload, signature))
        if not self.deaf:
            told = json.loads(payload) | {"type": "signal", "account": "SIM"}
            self.tell("execution:orders", json.dumps(told).encode())
        return f"{len(self.sent)}-0"

    def tell(self, stream: str, payload: bytes) -> None:
        """Let something be told."""
        self.tells.append((stream, payload))
        self._some.set()

    async def beat(self, payload: bytes) -> None:
        """Take a sign of life."""
        self._check()
        self.beats.append(payload)

    async def told(self, wait_seconds: float = 0.0) -> list[tuple[str, bytes]]:
        """Tell what waits, or wait for it."""
        if not self.tells:
            self._some.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await self._some.wait()
        self._check()
        told, self.tells = self.tells, []
        return told

    async def wait(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def _check(self) -> None:
        if self.away:
            raise Unavailable("Redis cannot be reached")


class Market(MemoryFeed):
    """A feed that says what tests say."""

    async def run(self) -> None:
        """Run until cancelled."""
        await asyncio.Event().wait()

    def say(self, mid: int = 100, symbol: str = "AAPL") -> None:
        """Quote a price now."""
        now = START + timedelta(seconds=asyncio.get_running_loop().time())
        cent = Decimal("0.01")
        self.set_quote(Quote(symbol, mid - cent, mid + cent, ts=now))


class Scene:
    """A runner and everything around it.

    Args:
        answer: what the strategy says.
        ready: changes of what it says of itself.
        plan: changes of the plan.
    """

    def __init__(
        self,
        answer: Callable[[Asked], Sequence[Signal]] = lambda _: (),
        ready: dict[str, Any] | None = None,
        **plan: Any,
    ) -> None:
        self.strategist = FakeStrategist(answer, **(ready or {}))
        self.line = FakeLine()
        self.market = Market()
        self.history: list[Bar] = []
        self.told: list[str] = []
        self.stop = asyncio.Event()
        self.refreshed = 0
        fields: dict[str, Any] = {
            "reference": "trend",
            "parameters": {},
            "symbols": ("AAPL",),
            "session": "all",
        }
        parts = Parts(
            process=self.strategist,
            line=self.line,
            quotes=self.market,
            clock=LoopClock(),
            history=lambda _: self.history,
            refresh=self._refresh,
            tell=self.told.append,
        )
        self.runner = Runner(RunPlan(**(fields | plan)), parts)

    async def play(self, script: Callable[[], Any]) -> None:
        """Run it while a script runs, and stop it then."""
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.runner.run(self.stop))
            await asyncio.sleep(0.001)
            await script()
            await asyncio.sleep(0.001)
            self.stop.set()
            await running

    async def _refresh(self, account: Account) -> None:
        del account
        self.refreshed += 1


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    """Return nanoseconds."""
    return nanoseconds(datetime(year, month, day, hour, minute, tzinfo=UTC))
