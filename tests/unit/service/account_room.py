"""A live account on one symbol, with a clock that is moved by hand, and time that costs nothing."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from fillpath.core.commands import Intent, RaiseAlarm
from fillpath.core.events import BrokerEvent, Event
from fillpath.core.models import Fill, Order, OrderStatus, PortfolioSnapshot, Position, Signal
from fillpath.core.ports import BrokerAdapter, BrokerCapabilities, Journal
from fillpath.data.bus.memory import MemoryBus, MemoryHub
from fillpath.data.bus.messages import read_signal
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.policy import DeskPolicy
from fillpath.runtime.clock import ManualClock
from fillpath.service.account import AccountParts, AccountService, Outlet
from fillpath.service.hours import AlwaysOpen, Hours
from fillpath.service.intake import Decode
from fillpath.service.jobs import Jobs
from fillpath.service.latch import KillLatch
from fillpath.service.live import Live, LiveParts
from fillpath.testing.builders import START, SYMBOL, a_portfolio, a_quote, a_signal


class HandClock(ManualClock):
    """A clock moved by hand, on a machine whose own clock agrees."""

    def drift(self) -> int:
        return 0


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time jumps to the next timer as soon as nothing else can be done."""

    def __init__(self) -> None:
        super().__init__()
        self._moment = 0.0

    def time(self) -> float:
        return self._moment

    def _run_once(self) -> None:
        ready, timers = self._ready, self._scheduled  # type: ignore[attr-defined]  # its own lists
        if not ready and timers:
            self._moment = max(self._moment, timers[0].when())
        super()._run_once()  # type: ignore[misc]  # the loop's own turn


def in_virtual_time(scenario: Callable[[], Coroutine[Any, Any, None]]) -> float:
    """Play a scenario and return the virtual seconds it took."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(scenario())
        return runner.get_loop().time()


class OutsideBroker:
    """A broker outside the process, that takes everything and says nothing of its own accord."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.cancels: list[str] = []
        self.held: list[Position] = []
        self.traded: list[Fill] = []
        self.on_executions: Callable[[], object] = lambda: None
        self.trouble: Exception | None = None
        self.says: Callable[[BrokerEvent], None] = lambda _event: None
        self.on_submit: Callable[[], object] = lambda: None

    @property
    def capabilities(self) -> BrokerCapabilities:
        return BrokerCapabilities()

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        self.says = sink

    async def submit_order(self, order: Order) -> Order:
        self.orders.append(order)
        self.on_submit()
        if self.trouble is not None:
            raise self.trouble
        return order.changed(status=OrderStatus.SUBMITTED)

    async def cancel_order(self, broker_order_id: str) -> bool:
        self.cancels.append(broker_order_id)
        return True

    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        del broker_order_id
        return OrderStatus.SUBMITTED

    async def get_positions(self) -> list[Position]:
        if self.trouble is not None:
            raise self.trouble
        return self.held

    async def get_portfolio(self) -> PortfolioSnapshot:
        return a_portfolio()

    async def health_check(self) -> bool:
        return True

    async def get_open_orders(self) -> list[Order]:
        return []

    async def get_completed_orders(self) -> list[Order]:
        return []

    async def get_executions(self) -> list[Fill]:
        self.on_executions()
        return list(self.traded)


class Room:
    """A live account with 100,000 in cash, on AAPL at 149.99 / 150.01, not opened yet.

    Args:
        folder: where latch, socket and status are.
        journal: an earlier one to go on from.
        broker: another one than the simulated broker.
        hours: when orders may leave.
        above: where the latch of every account is.
    """

    simulation = SimulationPolicy()
    """How the simulated broker fills."""

    def __init__(
        self,
        folder: Path,
        *,
        journal: Journal | None = None,
        broker: BrokerAdapter | None = None,
        hours: Hours | None = None,
        policy: DeskPolicy | None = None,
        above: Path | None = None,
    ) -> None:
        self.folder = folder
        self.clock = HandClock(START)
        self.feed = MemoryFeed()
        self.feed.set_adv(SYMBOL, 1_000_000)
        self.feed.set_quote(a_quote())
        self.journal = journal or MemoryJournal()
        self.simulated = SimulatedBroker(self.feed, self.clock, self.simulation)
        self.hub = MemoryHub(self.clock)
        self.bus = MemoryBus(self.hub)
        self.latch = KillLatch(folder, above)
        self.paged: list[RaiseAlarm] = []
        self.jobs: Callable[[AccountService], Jobs] | None = None
        self.decode: Decode = lambda delivery: read_signal(delivery).signal
        rules = policy or DeskPolicy()
        self.live = Live(
            LiveParts(
                account="SIM",
                policy=rules,
                policy_hash="rules",
                version="1",
                journal=self.journal,
                broker=broker or self.simulated,
                matching=None if broker else self.simulated,
                market=self.feed,
                clock=self.clock,
                hours=hours or AlwaysOpen(),
                latch=self.latch,
                page=self.paged.append,
            )
        )

    def service(
        self, *outlets: Outlet, health_port: int | None = None, page_program: str = ""
    ) -> AccountService:
        """Return the account as a service."""
        parts = AccountParts(
            mode="SIMULATED",
            process_id=4_711,
            folder=self.folder,
            bus=self.bus,
            decode=self.decode,
            health_port=health_port,
            resume_delay=30 * 10**9,
            outlets=outlets,
            page_program=page_program,
            jobs=self.jobs,
        )
        return AccountService(self.live, parts)

    def tick(self, seconds: float = 0, bid: str = "149.99", ask: str = "150.01") -> None:
        """Let time pass, with a fresh quote at its end."""
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))
        self.feed.set_quote(a_quote(bid, ask, ts=self.clock.now()))

    def signal(self, signal_id: str = "sig-1", shares: int = 10, **changes: Any) -> Signal:
        """Return an urgent signal of now that asks for some shares at whatever the market is."""
        fields: dict[str, Any] = {
            "signal_id": signal_id,
            "timestamp": self.clock.now(),
            "metadata": {"quantity": Decimal(shares), "signal_price": None},
            "strength": Decimal("0.95"),
        }
        return a_signal(**(fields | changes))

    @property
    def records(self) -> list[Event | Intent]:
        """Return what is durable."""
        return list(self.journal.records())

    @property
    def words(self) -> list[str]:
        """Return the kinds of what is durable."""
        return [type(record).__name__ for record in self.records]
