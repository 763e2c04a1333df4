"""An engine that dies at a chosen step beside a broker that lives on, and what a restart makes of it."""

from collections.abc import Callable
from decimal import Decimal

from fillpath.core.events import AccountOpened, BrokerEvent
from fillpath.core.models import Fill, Order
from fillpath.core.ports import BrokerCapabilities
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.desk import Desk
from fillpath.execution.engine import Engine, EnginePorts
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.execution.reconciling import BrokerView, Outcome, Reconciler
from fillpath.execution.recovery import Recovery, recover
from fillpath.reports.recorder import RunRecorder
from fillpath.runtime.clock import ManualClock
from fillpath.scheduling.timers import TimerHeap
from fillpath.testing.builders import START, SYMBOL, a_quote
from tests.unit.execution.desk.scene import money

POLICY = DeskPolicy(router=RouterPolicy(max_quote_age_seconds=86_400))


class Died(BaseException):
    """The process was killed."""


class Outside:
    """A broker in another process: it lives on, and its answers may get lost with ours."""

    def __init__(self, feed: MemoryFeed, clock: ManualClock) -> None:
        policy = SimulationPolicy(profile=FillProfile.QUOTES, cash=10**7)
        self.real = SimulatedBroker(feed, clock, policy)
        self.sent: list[str] = []
        self.cancels: list[str] = []
        self.before: Callable[[str], None] = lambda _what: None
        self.after: Callable[[str], None] = lambda _what: None
        self._sink: Callable[[BrokerEvent], None] = lambda _event: None
        self.real.subscribe(self._hear)
        self.get_order_status = self.real.get_order_status
        self.get_positions = self.real.get_positions
        self.get_portfolio = self.real.get_portfolio
        self.health_check = self.real.health_check
        self.get_open_orders = self.real.get_open_orders
        self.get_completed_orders = self.real.get_completed_orders
        self.get_executions = self.real.get_executions

    def _hear(self, event: BrokerEvent) -> None:
        self._sink(event)

    @property
    def capabilities(self) -> BrokerCapabilities:
        return BrokerCapabilities(partial_fills=False)

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        self._sink = sink

    async def submit_order(self, order: Order) -> Order:
        self.before(order.order_id)
        self.sent.append(order.order_id)
        answer = await self.real.submit_order(order)
        self.after(order.order_id)
        return answer

    async def cancel_order(self, broker_order_id: str) -> bool:
        self.before("cancel")
        self.cancels.append(broker_order_id)
        taken = await self.real.cancel_order(broker_order_id)
        self.after("cancel")
        return taken


class Sheltering(Outside):
    """The same, where stops wait, orders are linked, and what works can be changed."""

    @property
    def capabilities(self) -> BrokerCapabilities:
        return BrokerCapabilities(partial_fills=False, stops=True, oca=True, amend=True)

    async def amend_order(
        self, broker_order_id: str, quantity: Decimal, stop_price: Decimal | None
    ) -> bool:
        self.before("amend")
        taken = await self.real.amend_order(broker_order_id, quantity, stop_price)
        self.after("amend")
        return taken


class House:
    """A journal and a broker that outlive their engines."""

    outside: type[Outside] = Outside

    def __init__(self, policy: DeskPolicy = POLICY) -> None:
        self.policy = policy
        self.journal = MemoryJournal()
        self.clock = ManualClock(START)
        self.feed = MemoryFeed()
        self.broker = self.outside(self.feed, self.clock)
        self.feed.subscribe(self.broker.real.on_market)
        self.feed.set_adv(SYMBOL, 50_000)
        self.quote()
        self.outcomes: list[Outcome] = []

    def quote(self, bid: str = "149.99", ask: str = "150.01") -> None:
        self.feed.set_quote(a_quote(bid, ask, ts=self.clock.now()))

    def begin(self) -> Engine:
        """Start an engine on what the journal holds; nothing is asked of the broker yet."""
        self.timers = TimerHeap()
        self.recorder = RunRecorder()
        self.desk = Desk(self.policy)
        ports = EnginePorts(
            broker=self.broker,
            journal=self.journal,
            market=self.feed,
            timers=self.timers,
            recorder=self.recorder,
            clock=self.clock,
        )
        self.engine = Engine(self.desk, ports)
        return self.engine

    async def opened(self) -> "House":
        """Open the account."""
        self.begin()
        await self.tell(AccountOpened(self.clock.nanoseconds(), "ACC", money(10**7)))
        return self

    async def tell(self, *items: object) -> None:
        for item in items:
            self.engine.offer(item)  # type: ignore[arg-type]  # facts and signals alike
        await self.engine.settle()

    async def wait(self, seconds: float, bid: str = "149.99", ask: str = "150.01") -> None:
        """Let time pass, with a fresh quote and every due timer at its end."""
        self.clock.advance(seconds)
        self.quote(bid, ask)
        self.engine.fire_timers()
        await self.engine.settle()

    def crash(self) -> None:
        """Lose everything that was not made durable."""
        self.broker.before = self.broker.after = lambda _what: None
        self.broker.subscribe(lambda _event: None)
        self.journal = MemoryJournal(self.journal.content)

    async def restart(self) -> Recovery:
        """Replay, resume, and ask the broker until it is clean."""
        found = self.begin_again()
        await self.engine.resume(found.outstanding)
        await self.ask()
        return found

    def begin_again(self) -> Recovery:
        """Start an engine and replay the journal."""
        self.begin()
        found = recover(self.journal.records(), self.desk, self.engine.follow, self.engine.seen)
        self.engine.continue_after(found.records)
        return found

    async def ask(self) -> None:
        """Ask the broker until it is clean."""
        reconciler = Reconciler(self.desk.state)
        self.outcomes = []
        for _ in range(5):
            outcome = reconciler.answered(await self.view())
            self.outcomes.append(outcome)
            await self.tell(*outcome.facts)
            if outcome.clean:
                return
            self.clock.advance(3.1)
        raise AssertionError(f"not clean after five rounds: {outcome.differences}")

    async def view(self) -> BrokerView:
        asked = self.clock.nanoseconds() + 1
        self.clock.advance(0.05)
        real = self.broker.real
        return BrokerView(
            asked_at=asked,
            open_orders=tuple(await real.get_open_orders()),
            completed_orders=tuple(await real.get_completed_orders()),
            positions=tuple(await real.get_positions()),
            cash=(await real.get_portfolio()).cash,
            executions=tuple(await real.get_executions()),
            answered_at=self.clock.nanoseconds(),
        )

    @property
    def at_broker(self) -> list[str]:
        """Every order that the broker was ever given, repeats included."""
        return self.broker.sent

    async def fills(self) -> list[Fill]:
        return await self.broker.real.get_executions()
