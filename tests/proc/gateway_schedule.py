"""One schedule of faults: an engine trades at a gateway that cuts, doubles, delays, corrects and dies.

Everything is drawn from the seed but the moment at which the machine gets to it. In the end the
faults are healed, and what the engine has must be what the gateway did, execution by execution.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from fillpath.core.commands import AmendOrder, PlaceOrder, RaiseAlarm
from fillpath.core.errors import Unavailable
from fillpath.core.models import Quote, Signal, SignalDirection
from fillpath.core.units import price_decimal, quantity_decimal
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.ibkr_broker import IBKRBrokerAdapter, IBKRPolicy
from fillpath.execution.policy import DeskPolicy
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.executions import family
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.session import Session
from fillpath.risk.limits.account import StopKeeper
from fillpath.service.hours import AlwaysOpen
from fillpath.service.latch import KillLatch
from fillpath.service.live import Live, LiveParts
from fillpath.service.opening import open_account
from fillpath.service.reconcile import RECONCILING, Auditor
from fillpath.testing.builders import a_signal
from fillpath.testing.gateway import Gateway, GatewayExecution, faults
from tests.proc.fast_time import fast_clock

CLIENT: Final = 7
SYMBOLS: Final = ("AAPL", "MSFT", "NVDA", "AMZN")
HEAL_SECONDS: Final = 300.0
AGREEING: Final = 3
"""Rounds of questions in a row that have to agree in the end."""
_TOLD: Final = ("openOrder", "execDetails", "orderStatus", "commissionReport")


class Lost(AssertionError):
    """What the engine has is not what the gateway did."""


class Figures(Struct):
    """What happened in a schedule, for the report."""

    orders: int = 0
    executions: int = 0
    corrections: int = 0
    connections: int = 0
    restarts: int = 0
    faults: int = 0
    doubts: int = 0
    story: list[str] = field(default_factory=list)


class Engine:
    """One life of the engine, from a journal on.

    Args:
        scene: where it lives.
    """

    def __init__(self, scene: "Schedule") -> None:
        line = Session("127.0.0.1", scene.gateway.port, CLIENT)
        policy = ConnectionPolicy(
            windows=(),
            client_id=CLIENT,
            connect_seconds=5,
            answer_seconds=5,
            confirm_seconds=1,
            heartbeat_seconds=2,
            silence_seconds=4,
            first_wait_seconds=0.5,
            longest_wait_seconds=2,
            clock_limit_seconds=20,
        )
        self.connection = Connection(line, policy, scene.clock)
        self.alarms: list[RaiseAlarm] = []
        self.broker = IBKRBrokerAdapter(
            self.connection,
            IBKRPolicy(client_id=CLIENT, answer_seconds=3),
            scene.clock,
            self.alarms.append,
        )
        self.journal = MemoryJournal(scene.kept)
        self.live = Live(
            LiveParts(
                account="DU1234567",
                policy=scene.policy.for_broker(self.broker.capabilities),
                policy_hash="rules",
                version="1",
                journal=self.journal,
                broker=self.broker,
                matching=None,
                market=scene.feed,
                clock=scene.clock,
                hours=AlwaysOpen(),
                latch=KillLatch(scene.folder),
                page=self.alarms.append,
            )
        )
        self.auditor = Auditor(self.live, lambda: None)
        self.broker.compare_with(self.auditor.needed)
        self.clean_rounds = 0

    async def run(self) -> None:
        """Connect, open the account and trade until cancelled."""
        try:
            await self.broker.start(HEAL_SECONDS)
            await open_account(self.live)
            async with asyncio.TaskGroup() as group:
                group.create_task(self.live.run())
                group.create_task(self.live.guard())
                group.create_task(self.auditor.run())
        finally:
            await self.broker.stop()

    @property
    def settled(self) -> bool:
        """Return whether nothing is open that only an answer of the gateway can end."""
        state = self.live.desk.state
        unsure = state.doubts or RECONCILING in state.holds or self.live.engine._inbox  # noqa: SLF001
        return self.connection.may_order() and not unsure and not self.auditor.differences


class Schedule:
    """Everything that outlives the engine.

    Args:
        seed: decides what happens.
        folder: an empty one.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)  # noqa: S311  # a schedule, no secret
        self.folder = folder
        self.clock = fast_clock()
        self.gateway = Gateway(clock=self.clock)
        self.feed = MemoryFeed()
        self.figures = Figures()
        self.kept = b""
        keeper = self.chance.choice([StopKeeper.NONE, StopKeeper.BROKER])
        self.policy = DeskPolicy(stop_keeper=keeper)
        self.prices = dict(zip(SYMBOLS, map(Decimal, (150, 400, 120, 180)), strict=True))
        self.signals = 0
        self.engine: Engine | None = None
        self.running: asyncio.Task[None] | None = None
        self.swallowed = False

    async def play(self) -> Figures:
        """Let everything happen, heal it, and compare.

        Raises:
            Lost: an execution was lost, doubled or changed, or an order was sent twice.
        """
        for symbol in SYMBOLS:
            self.feed.set_adv(symbol, 10_000_000)
            self.quote(symbol)
        async with self.gateway:
            self.start()
            quoting = asyncio.get_running_loop().create_task(self.quotes())
            try:
                await self.opened()
                await self.happen()
                await self.heal()
                self.compare()
            finally:
                quoting.cancel()
                await self.stop()
                with suppress(asyncio.CancelledError):
                    await quoting
        return self.figures

    # The engine.

    def start(self) -> None:
        """Begin a life of the engine."""
        self.engine = Engine(self)
        self.running = asyncio.get_running_loop().create_task(self.engine.run())

    async def stop(self) -> None:
        """End it at once, wherever it is; what is not durable is lost."""
        if self.engine is None or self.running is None:
            return
        self.running.cancel()
        with suppress(asyncio.CancelledError, Unavailable):
            await self.running
        self.kept = self.engine.journal.content  # it may have done one more thing
        self.engine = self.running = None

    async def opened(self) -> None:
        """Wait until the engine trades for the first time."""
        async with asyncio.timeout(HEAL_SECONDS):
            while not self.trades:  # noqa: ASYNC110  # a condition on a whole engine
                await asyncio.sleep(0.2)  # fast seconds cost little

    @property
    def trades(self) -> bool:
        """Return whether the engine has asked for everything and trades."""
        engine = self.engine
        return engine is not None and engine.settled and engine.auditor.rounds > 0

    # What happens.

    async def happen(self) -> None:
        """Play a random number of acts with random pauses."""
        acts: list[tuple[float, Callable[[], Any]]] = [
            (14, self.signal),
            (4, self.move),
            (3, self.misbehave_about_fills),
            (3, self.misbehave_about_orders),
            (2, self.cut),
            (1, self.half_open),
            (1, self.lose_link),
            (1, self.refuse),
            (2, self.repeat),
            (1, self.correct),
            (0.7, self.late_fill),
            (0.4, self.someone_else),
            (1, self.restart),
        ]
        weights = [weight for weight, _ in acts]
        for _ in range(self.chance.randint(12, 30)):
            (act,) = self.chance.choices([act for _, act in acts], weights)
            self.figures.story.append(act.__name__)
            done = act()
            if asyncio.iscoroutine(done):
                await done
            await self.check_alive()
            await asyncio.sleep(self.chance.choice([0.05, 0.3, 1.0, 2.0]))

    async def check_alive(self) -> None:
        """Raise what ended the engine; one that could not be opened is started again."""
        if self.running is None or not self.running.done():
            return
        with suppress(Unavailable):
            self.running.result()
        await self.stop()
        self.start()

    async def quotes(self) -> None:
        """Keep the quotes fresh."""
        while True:
            for symbol in SYMBOLS:
                self.quote(symbol)
            await asyncio.sleep(0.5)

    def quote(self, symbol: str, size: int = 100_000) -> None:
        """Show the market to the engine and the gateway."""
        bid, ask = self.prices[symbol] - Decimal("0.01"), self.prices[symbol] + Decimal("0.01")
        shown = Decimal(size)
        self.feed.set_quote(Quote(symbol, bid, ask, shown, shown, ts=self.clock.now()))
        self.gateway.quote(symbol, bid, ask, bid_size=shown, ask_size=shown)

    def signal(self) -> None:
        """Let a strategy speak."""
        if self.engine is None:
            return
        self.signals += 1
        symbol = self.chance.choice(SYMBOLS)
        flat = self.chance.random() < 0.3
        signal: Signal = a_signal(
            symbol=symbol,
            direction=SignalDirection.FLAT if flat else SignalDirection.LONG,
            strength=Decimal(self.chance.choice(["0.95", "0.6"])),
            strategy_name=self.chance.choice(["trend", "mean"]),
            signal_id=f"sig-{self.signals}",
            timestamp=self.clock.now(),
            metadata={"quantity": Decimal(self.chance.randint(1, 40)), "signal_price": None},
        )
        self.engine.live.engine.offer(signal)
        self.engine.live.wake()

    def move(self) -> None:
        """Move a price, sometimes with little on show, so that orders fill in parts."""
        symbol = self.chance.choice(SYMBOLS)
        self.prices[symbol] += Decimal(self.chance.randint(-60, 60)) / 100
        self.quote(symbol, self.chance.choice([5, 20, 100_000]))

    def misbehave(self, fault: faults.Fault) -> None:
        """Let the gateway do something wrong."""
        self.figures.faults += 1
        self.figures.story.append(repr(fault))
        self.gateway.misbehave(fault)

    def misbehave_about_fills(self) -> None:
        """Let news about orders be doubled, late, out of order or lost."""
        kind = self.chance.choice(_TOLD if not self.swallowed else _TOLD[1:])
        # An order that two answers in a row leave out is gone by the rules, so one may be left out.
        self.swallowed |= kind == "openOrder"
        times = 1 if kind == "openOrder" else self.chance.randint(1, 4)
        self.misbehave(
            self.chance.choice(
                [
                    faults.Repeat(kind, times=times, more=2),
                    faults.Behind(kind, times=times, count=self.chance.randint(1, 4)),
                    faults.Delay(kind, times=times, seconds=self.chance.choice([0.2, 1.5])),
                    faults.Hold(kind, times=times),
                    faults.Lose(kind, times=1),
                    faults.Crumbs(kind, times=times),
                    faults.CutInside(kind),
                ]
            )
        )

    def misbehave_about_orders(self) -> None:
        """Let a request be lost, or the line with it, before or after it was done."""
        kind = self.chance.choice(["placeOrder", "placeOrder", "cancelOrder", "reqExecutions"])
        self.misbehave(
            self.chance.choice(
                [
                    faults.CutBefore(kind),
                    faults.CutAfter(kind),
                    faults.Mute(kind),
                    faults.Ignore(kind),
                    faults.Postpone(kind, seconds=1.0),
                    faults.GoDeaf(kind),
                ]
            )
        )

    def cut(self) -> None:
        """Break the socket."""
        self.gateway.cut()

    async def half_open(self) -> None:
        """Let the gateway say nothing more without closing, for a while."""
        self.gateway.go_deaf(lingers=self.chance.random() < 0.5)
        await asyncio.sleep(self.chance.choice([1.0, 7.0]))
        self.gateway.recover()

    async def lose_link(self) -> None:
        """Let the gateway lose its broker for a while."""
        self.gateway.lose_link()
        await asyncio.sleep(self.chance.choice([0.5, 4.0]))
        self.gateway.restore_link(kept=self.chance.random() < 0.5)

    async def refuse(self) -> None:
        """Let nobody connect for a while."""
        self.gateway.refuse()
        await asyncio.sleep(self.chance.choice([0.5, 4.0]))
        self.gateway.recover()

    def repeat(self) -> None:
        """Tell an old execution again."""
        if self.gateway.fills.all:
            done = self.chance.choice(self.gateway.fills.all)
            charged = done.exec_id in self.gateway.fills.charges
            told = ("execDetails", "commissionReport") if charged else ("execDetails",)
            self.gateway.fills.tell(done, told)

    def correct(self) -> None:
        """Correct an execution, or take it back."""
        newest = _newest(self.gateway.fills.all)
        if newest:
            wrong = self.chance.choice(list(newest.values()))
            shares = Decimal(self.chance.choice([0, max(int(wrong.shares) - 1, 0)]))
            self.gateway.correct(wrong, shares=shares)
            self.figures.corrections += 1

    def late_fill(self) -> None:
        """Fill an order that was cancelled."""
        ended = [order for order in self.gateway.orders if order.status == "Cancelled"]
        if ended:
            order = self.chance.choice(ended)
            if order.remaining > 0:
                self.gateway.fill(
                    order, min(order.remaining, Decimal(3)), self.prices[order.contract.symbol]
                )

    def someone_else(self) -> None:
        """Let a person trade the account by hand."""
        self.gateway.external(self.chance.choice(SYMBOLS), self.chance.choice(["BUY", "SELL"]), 1)

    async def restart(self) -> None:
        """Kill the engine and begin another life with its journal."""
        self.figures.restarts += 1
        await self.stop()
        if self.chance.random() < 0.5:
            self.correct()
        await asyncio.sleep(self.chance.choice([0.0, 2.0]))
        self.start()

    # The end.

    async def heal(self) -> None:
        """End every fault, and wait until the engine has asked for everything and agrees.

        Raises:
            Lost: it does not in five minutes.
        """
        self.gateway.behave()
        self.gateway.release()
        self.gateway.recover()
        if not self.gateway.manners.link:
            self.gateway.restore_link()
        agreed, before = 0, -1
        try:
            async with asyncio.timeout(HEAL_SECONDS):
                while agreed < AGREEING:
                    await asyncio.sleep(1.0)
                    await self.check_alive()
                    engine = self.engine
                    assert engine is not None
                    engine.auditor.needed("the schedule ends", holds=False)
                    if engine.auditor.rounds != before:
                        before = engine.auditor.rounds
                        agreed = agreed + 1 if self.agrees() else 0
        except TimeoutError:
            assert self.engine is not None
            engine = self.engine
            state = engine.live.desk.state
            found = self.differences() or engine.auditor.differences
            held = (dict(state.holds), dict(state.doubts), str(engine.connection.state))
            works = [order.ref for order in self.gateway.orders if order.is_open]
            ended = {ref: state.recent[ref].reason for ref in works if ref in state.recent}
            raise Lost(f"no agreement after {HEAL_SECONDS:g} s: {found}; {held}; {ended}") from None

    def agrees(self) -> bool:
        """Return whether the engine has everything and is at rest."""
        assert self.engine is not None
        return self.engine.settled and not self.differences()

    def differences(self) -> list[str]:
        """Return how the engine's executions and positions differ from the gateway's."""
        assert self.engine is not None
        state = self.engine.live.desk.state
        orders = (*state.recent.values(), *state.orders.values())
        ours = {
            name: (quantity_decimal(fill.quantity), price_decimal(fill.price))
            for fills in (state.foreign, *(order.fills for order in orders))
            for name, fill in fills.items()
            if fill.quantity
        }
        theirs = {
            name: (done.shares, done.price)
            for name, done in _newest(self.gateway.fills.all).items()
            if done.shares
        }
        found = [
            f"{name}: the gateway has {theirs.get(name)}, the engine {ours.get(name)}"
            for name in sorted(theirs.keys() | ours.keys())
            if theirs.get(name) != ours.get(name)
        ]
        held = {
            one.contract.symbol: one.shares
            for one in self.gateway.accounts["DU1234567"].holdings.values()
            if one.shares
        }
        has = {
            symbol: quantity_decimal(holding.quantity)
            for symbol, holding in state.book.holdings.items()
        }
        if held != has:
            found.append(f"the gateway holds {held}, the engine {has}")
        return found

    def compare(self) -> None:
        """Check that each order was sent once at most, and only after it was journaled.

        Raises:
            Lost: one was sent twice, or nobody had decided it.
        """
        assert self.engine is not None
        journal = self.engine.journal
        intents = {r.ticket.order_id for r in journal.records() if isinstance(r, PlaceOrder)}
        refs = [order.ref for order in self.gateway.orders if order.client_id == CLIENT]
        for ref in refs:
            if ref not in intents:
                raise Lost(f"{ref} is at the gateway and not in the journal")
        if len(refs) != len(set(refs)):
            raise Lost(f"an order was sent twice: {sorted(refs)}")
        changes = Counter(r.order_id for r in journal.records() if isinstance(r, AmendOrder))
        for order in self.gateway.orders:
            if order.client_id == CLIENT and order.messages > 1 + changes[order.ref]:
                raise Lost(f"{order.ref} was written {order.messages} times")
        self.figures.orders = len(refs)
        self.figures.executions = len(_newest(self.gateway.fills.all))
        self.figures.connections = self.gateway.log.count("startApi")


def _newest(executions: list[GatewayExecution]) -> dict[str, GatewayExecution]:
    """Return every execution at its newest revision, by the name that all of them share."""
    newest: dict[str, GatewayExecution] = {}
    for done in executions:
        newest[family(done.exec_id)[0]] = done
    return newest
