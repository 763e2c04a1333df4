"""Run one strategy: show it quotes and bars as they come, and send what it says, whole or not at all."""

import asyncio
import os
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from fillpath.core.errors import ConfigError, FillpathError, ModelError, Unavailable
from fillpath.core.models import Bar, Quote, Signal
from fillpath.core.ports import Delivery, EngineClock
from fillpath.core.units import NANOSECONDS, iso, nanoseconds
from fillpath.data.bus.messages import read_signal, write_signal
from fillpath.data.bus.notices import Notice
from fillpath.data.bus.origin import sign
from fillpath.runner.frames import Begin, Known, Ready, Said, ShowBar, ShowQuote, ShowRecord
from fillpath.runner.knowing import Account
from fillpath.runner.process import StrategyStopped
from fillpath.runner.spans import spans_of
from fillpath.strategy.bar_making import BarMaker
from fillpath.strategy.measured import Record
from fillpath.strategy.speaking import Speaker

BEAT_SECONDS: Final = 5.0
"""From one sign of life to the next."""
_GRACE_NS: Final = 200_000_000
_LONGEST_SLEEP: Final = 1.0
_LISTEN_SECONDS: Final = 1.0
_BREATH: Final = 0.05
_LAST_SECONDS: Final = 2.0
"""How long a signal that is being sent may hold up the end."""

Tell = Callable[[str], None]


class Strategist(Protocol):
    """The strategy, wherever it runs."""

    async def begin(self, asked: Begin) -> Ready:
        """Make the strategy."""
        ...

    async def ask(self, asked: ShowBar | ShowQuote | ShowRecord) -> Said:
        """Return what it answers."""
        ...

    async def end(self) -> None:
        """Let go of it."""
        ...


class Line(Protocol):
    """The way to the engine."""

    @property
    def stream(self) -> str:
        """Return the name of the stream that signals go to."""
        ...

    async def send(self, payload: bytes, signature: str = "") -> str:
        """Let a signal wait for the engine."""
        ...

    async def beat(self, payload: bytes) -> None:
        """Leave a sign of life."""
        ...

    async def told(self, wait_seconds: float = 0.0) -> list[tuple[str, bytes]]:
        """Return what the engine told since the last call."""
        ...

    async def wait(self, seconds: float) -> None:
        """Wait until it may be tried again."""
        ...


class Quotes(Protocol):
    """Where quotes come from."""

    async def run(self) -> Any:
        """Follow the market until cancelled."""
        ...

    def subscribe(self, sink: Callable[[str], None]) -> None:
        """Call with the symbol of each quote."""
        ...

    def last_quote(self, symbol: str) -> Quote | None:
        """Return the last quote."""
        ...


class RunPlan(Struct, frozen=True, kw_only=True):
    """What is run, and how.

    Args:
        reference: the strategy.
        parameters: what it is given.
        symbols: what it is shown, and may speak of.
        session: ``rth`` for bars of regular hours, ``all`` for bars of every hour.
        account: whose fills count; empty where one account alone tells.
        max_age: after so long a signal that could not be sent is given up: the engine would refuse it.
        key: what signals are signed with, by the strategy's name; None signs nothing.
        dry_run: takes each message instead of the engine; None sends them.
    """

    reference: str
    parameters: dict[str, Any]
    symbols: tuple[str, ...]
    session: str = "rth"
    account: str = ""
    max_age: timedelta = timedelta(seconds=30)
    key: Callable[[str], bytes | None] = lambda _: None
    dry_run: Callable[[str], None] | None = None


class Parts(Struct, frozen=True, kw_only=True):
    """What a run stands on.

    Args:
        process: the strategy.
        line: the way to the engine.
        quotes: the market.
        clock: the machine's.
        history: returns bars from before the start, oldest first, once it is known what is needed.
        refresh: brings what is known of the account up to date; raises ``Unavailable``.
        tell: takes a sentence for a person.
    """

    process: Strategist
    line: Line
    quotes: Quotes
    clock: EngineClock
    history: Callable[[Ready], Sequence[Bar]]
    refresh: Callable[[Account], Awaitable[None]]
    tell: Tell


class Counts(Struct):
    """What happened so far."""

    quotes: int = 0
    passed_over: int = 0
    bars: int = 0
    signals: int = 0
    given_up: int = 0


class Runner:
    """Run a strategy until it is told to stop.

    Args:
        plan: what.
        parts: on what.
    """

    def __init__(self, plan: RunPlan, parts: Parts) -> None:
        self.counts = Counts()
        self.started: Ready | None = None
        self._plan = plan
        self._parts = parts
        self._bars: deque[Bar] = deque()
        self._quotes: dict[str, Quote] = {}
        self._newest: dict[str, Quote] = {}
        self._some = asyncio.Event()
        self._told = asyncio.Event()
        self._makers: dict[str, BarMaker] = {}
        self._record: Record | None = None
        self._key: bytes | None = None
        self._failed: FillpathError | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set; what is being said then is still sent, or not at all.

        Raises:
            ConfigError: the strategy cannot be run like this.
            StrategyStopped: it raised, hung, died or said what it may not say.
        """
        plan, self._begun_at = self._plan, self._parts.clock.now()
        try:
            ready = await self._parts.process.begin(Begin(plan.reference, plan.parameters))
            self._check(ready)
            self.started = ready
            self._key = plan.key(ready.name)
            self._account = Account(ready.name, plan.account)
            self._speaker = Speaker(ready.name, plan.symbols)
            await self._know(stop)
            await self._show_history(ready, stop)
            await self._serve(ready, stop)
        finally:
            await self._parts.process.end()

    def hear(self, notice: Notice) -> None:
        """Take what the feed says; bars in which quotes were missing are not shown."""
        self._parts.tell(notice.text)
        if notice.code == "FEED_LOST":
            for maker in self._makers.values():
                maker.missed(self._parts.clock.nanoseconds())

    def _check(self, ready: Ready) -> None:
        """Refuse symbols that the strategy does not take."""
        wanted = ready.needs.symbols
        other = [symbol for symbol in self._plan.symbols if wanted and symbol not in wanted]
        if other:
            raise ConfigError(
                f"{ready.name} trades {', '.join(wanted)} alone, got --symbols {' '.join(other)}"
            )

    async def _know(self, stop: asyncio.Event) -> None:
        """Learn what it holds and has earned before anything is shown; waits for the server."""
        said = ""
        while not stop.is_set():
            problem = await self._learnt()
            if not problem:
                return
            if problem != said:
                self._parts.tell(problem)
            said = problem
            await self._parts.line.wait(_LISTEN_SECONDS)
            await asyncio.sleep(_BREATH)

    async def _learnt(self) -> str:
        """Read tables and bus from the start, and return why that cannot be; empty when it is done."""
        try:
            await self._parts.refresh(self._account)
            while told := await self._parts.line.told():
                self._hear_all(told)
        except Unavailable as error:
            return str(error)
        return ""

    async def _show_history(self, ready: Ready, stop: asyncio.Event) -> None:
        """Teach it bars from before; what it says about them is said to nobody."""
        await self._tell_record()
        for bar in self._parts.history(ready):
            if stop.is_set():
                return
            await self._parts.process.ask(ShowBar(bar, Known(now=bar.ts_end)))

    async def _serve(self, ready: Ready, stop: asyncio.Event) -> None:
        now = self._parts.clock.nanoseconds()
        if ready.bars and ready.needs.bar_length is not None:
            spans = spans_of(ready.needs.bar_length, self._plan.session)
            self._makers = {s: BarMaker(s, spans, now) for s in sorted(self._plan.symbols)}
        self._parts.quotes.subscribe(lambda symbol: self._take(symbol, ready))
        failed: FillpathError | None = None
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(job) for job in self._beside(stop)]
            try:
                await self._follow(stop)
            except FillpathError as error:
                failed = error
            for task in beside:
                task.cancel()
        if failed is not None:
            raise failed

    def _beside(self, stop: asyncio.Event) -> list[Coroutine[Any, Any, Any]]:
        jobs = [self._parts.quotes.run(), self._listen(), self._end_bars(), self._wake(stop)]
        return jobs if self._plan.dry_run is not None else [*jobs, self._beat()]

    def _take(self, symbol: str, ready: Ready) -> None:
        """Take a quote; of those that wait the newest of a symbol is shown."""
        quote = self._parts.quotes.last_quote(symbol)
        if quote is None or quote.ts is None or symbol not in self._plan.symbols:
            return
        if quote == self._newest.get(symbol):  # the last value, read again after a cut
            return
        self._newest[symbol] = quote
        self.counts.quotes += 1
        if symbol in self._makers:
            self._put_bar(self._makers[symbol].take(quote))
        if (
            ready.quotes and quote.ts >= self._begun_at
        ):  # an older one may have been answered before
            self.counts.passed_over += symbol in self._quotes
            self._quotes[symbol] = quote
            self._some.set()

    def _put_bar(self, bar: Bar | None) -> None:
        if bar is not None:
            self._bars.append(bar)
            self._some.set()

    async def _end_bars(self) -> None:
        """End bars by the clock, so that one is shown though no quote follows it."""
        while True:
            now = self._parts.clock.nanoseconds() - _GRACE_NS
            for maker in self._makers.values():
                self._put_bar(maker.end(now))
            ends = [at for maker in self._makers.values() if (at := maker.ends_at) is not None]
            left = (min(ends, default=now + NANOSECONDS) - now) / NANOSECONDS
            await asyncio.sleep(min(max(left, 0.01), _LONGEST_SLEEP))

    async def _wake(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._some.set()
        self._told.set()

    async def _follow(self, stop: asyncio.Event) -> None:
        """Show what comes, one after the other: bars first, in order."""
        while True:
            await self._some.wait()
            if self._failed is not None:
                raise self._failed
            if stop.is_set():
                return
            if self._bars:
                bar = self._bars.popleft()
                self.counts.bars += 1
                await self._answered(ShowBar(bar, self._known()), bar.ts_end, stop)
            elif self._quotes:
                symbol = next(iter(self._quotes))
                quote = self._quotes.pop(symbol)
                assert quote.ts is not None, "a quote without a time is not taken"
                await self._answered(ShowQuote(quote, self._known()), quote.ts, stop)
            else:
                self._some.clear()

    def _known(self) -> Known:
        return self._account.known(self._parts.clock.now())

    async def _tell_record(self) -> None:
        assert self.started is not None, "it was begun"
        record = self._account.trades.record()
        if self.started.records and record != self._record:
            await self._parts.process.ask(ShowRecord(record))
        self._record = record

    async def _answered(
        self, asked: ShowBar | ShowQuote, moment: datetime, stop: asyncio.Event
    ) -> None:
        """Show one thing, and send all that is said about it, or, where a word is wrong, nothing."""
        await self._tell_record()
        said = await self._parts.process.ask(asked)
        now = self._parts.clock.now()
        try:
            signals = self._speaker.ready(said.signals, moment, now)
            messages = [(signal, _message(signal)) for signal in signals]
        except ModelError as error:
            raise StrategyStopped(f"it said what it may not say: {error}") from None
        for signal, payload in messages:
            await self._send(signal, payload, stop)
        await self._fate(stop)

    async def _fate(self, stop: asyncio.Event) -> None:
        """Wait until the engine has said what became of it, or would not take it any more.

        Until then positions and orders at work do not show it, and it would be said again.
        """
        expected, clock = self._account.expected, self._parts.clock
        until = clock.nanoseconds() + int(self._plan.max_age.total_seconds() * NANOSECONDS)
        while expected and not stop.is_set() and self._failed is None:
            if clock.nanoseconds() >= until:
                some = min(expected)
                self._parts.tell(f"the engine has not said in time what became of {some}")
                expected.clear()
                return
            self._told.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LISTEN_SECONDS):
                    await self._told.wait()

    async def _send(self, signal: Signal, payload: bytes, stop: asyncio.Event) -> None:
        """Send until the server has it, the same bytes each time, or it is too old to be taken."""
        if self._plan.dry_run is not None:
            self._plan.dry_run(payload.decode())
            self.counts.signals += 1
            return
        clock = self._parts.clock
        begun, said = clock.nanoseconds(), False
        longest = int(self._plan.max_age.total_seconds() * NANOSECONDS)
        while problem := await self._sent(payload):
            if not said:
                self._parts.tell(f"{signal.signal_id} waits to be sent: {problem}")
            said = True
            left = begun + (int(_LAST_SECONDS * NANOSECONDS) if stop.is_set() else longest)
            if clock.nanoseconds() >= left:
                self.counts.given_up += 1
                self._parts.tell(f"{signal.signal_id} was given up: nobody took it in time")
                return
            await asyncio.sleep(_BREATH)
        self.counts.signals += 1
        self._account.expect([signal.signal_id or ""])

    async def _sent(self, payload: bytes) -> str:
        """Try once, and return why it is not known to be there; empty when it is."""
        line = self._parts.line
        signature = "" if self._key is None else sign(line.stream, payload, self._key)
        try:
            await line.send(payload, signature)
        except Unavailable as error:
            return str(error)
        return ""

    async def _listen(self) -> None:
        """Follow fills and orders, and now and then look into the tables."""
        clock, looked = self._parts.clock, self._parts.clock.nanoseconds()
        while True:
            try:
                self._hear_all(await self._parts.line.told(_LISTEN_SECONDS))
            except Unavailable:
                await self._parts.line.wait(_LISTEN_SECONDS)
                await asyncio.sleep(_BREATH)
            except ConfigError as error:
                self._failed = error
                self._some.set()
                self._told.set()
                return
            if clock.nanoseconds() - looked >= BEAT_SECONDS * NANOSECONDS:
                looked = clock.nanoseconds()
                with suppress(Unavailable):
                    await self._parts.refresh(self._account)

    def _hear_all(self, told: Sequence[tuple[str, bytes]]) -> None:
        for stream, payload in told:
            self._account.hear(stream, payload)
        self._told.set()

    async def _beat(self) -> None:
        while True:
            with suppress(Unavailable):
                await self._parts.line.beat(self._sign_of_life())
            await asyncio.sleep(BEAT_SECONDS)

    def _sign_of_life(self) -> bytes:
        assert self.started is not None, "it was begun"
        return msgspec.json.encode(
            {
                "v": 1,
                "type": "heartbeat",
                "strategy_name": self.started.name,
                "timestamp": iso(self._parts.clock.now()),
                "started_at": iso(self._begun_at),
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "symbols": list(self._plan.symbols),
                "waiting": len(self._bars) + len(self._quotes),
                **msgspec.structs.asdict(self.counts),
            }
        )


def _message(signal: Signal) -> bytes:
    """Return the message of a signal, which the engine will be able to read.

    Raises:
        ModelError: it breaks a limit of the format.
    """
    assert signal.timestamp is not None, "the speaker has dated it"
    payload = write_signal(signal)
    read_signal(Delivery(f"{nanoseconds(signal.timestamp) // 1_000_000}-0", payload))
    return payload


__all__ = ["BEAT_SECONDS", "Counts", "Line", "Parts", "Quotes", "RunPlan", "Runner"]
