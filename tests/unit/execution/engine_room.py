"""An engine with a broker that looks into the journal before it does anything."""

from collections.abc import Callable

from fillpath.core.commands import Intent, Ticket
from fillpath.core.events import AccountOpened, BrokerEvent, Event, OrderAccepted
from fillpath.core.models import Fill, Order, OrderStatus, PortfolioSnapshot, Position
from fillpath.core.ports import BrokerCapabilities
from fillpath.core.translation import filled_by
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.journal import MemoryJournal
from fillpath.data.journal.chained import ChainedJournal
from fillpath.execution.desk import Desk
from fillpath.execution.engine import Engine, EnginePorts
from fillpath.execution.policy import DeskPolicy
from fillpath.reports.recorder import RunRecorder
from fillpath.runtime.clock import ManualClock
from fillpath.scheduling.timers import TimerHeap
from fillpath.testing.builders import START, START_NS, SYMBOL, a_portfolio, a_quote
from tests.unit.execution.desk.scene import money

Record = Event | Intent


class WatchfulBroker:
    """Takes down every call, and what was durable when it came.

    Args:
        journal: where it looks.
        in_process: what it declares.
    """

    def __init__(self, journal: ChainedJournal, *, in_process: bool = False) -> None:
        self.orders: list[Order] = []
        self.cancels: list[str] = []
        self.durable: list[list[Record]] = []
        self.pending: list[int] = []
        self.trouble: Exception | None = None
        self.takes_cancels = True
        self.fills_at: str | None = None
        self.delay: Callable[[], None] = lambda: None
        self._journal = journal
        self._in_process = in_process
        self._sink: Callable[[BrokerEvent], None] = lambda _event: None

    @property
    def capabilities(self) -> BrokerCapabilities:
        return BrokerCapabilities(in_process=self._in_process)

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        self._sink = sink

    def says(self, event: BrokerEvent) -> None:
        """Tell the engine something."""
        self._sink(event)

    async def submit_order(self, order: Order) -> Order:
        self.orders.append(order)
        self._look()
        self.delay()
        at = START_NS
        if self.trouble is not None:
            raise self.trouble
        self.says(OrderAccepted(at, order.order_id, f"B:{order.order_id}"))
        if self.fills_at is not None:
            fill = Fill(
                fill_id=f"x:{order.order_id}",
                order_id=order.order_id,
                symbol=order.symbol,
                side=order.side,
                quantity=order.quantity,
                price=self.fills_at,  # type: ignore[arg-type]  # the model converts
                ts=START,
            )
            self.says(filled_by(at, fill))
        return order.changed(status=OrderStatus.SUBMITTED)

    async def cancel_order(self, broker_order_id: str) -> bool:
        self.cancels.append(broker_order_id)
        self._look()
        if self.trouble is not None:
            raise self.trouble
        return self.takes_cancels

    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        del broker_order_id
        return OrderStatus.SUBMITTED

    async def get_positions(self) -> list[Position]:
        return []

    async def get_portfolio(self) -> PortfolioSnapshot:
        return a_portfolio()

    async def health_check(self) -> bool:
        return True

    async def get_open_orders(self) -> list[Order]:
        return []

    async def get_completed_orders(self) -> list[Order]:
        return []

    async def get_executions(self) -> list[Fill]:
        return []

    def _look(self) -> None:
        self.durable.append(list(self._journal.records()))
        self.pending.append(self._journal.pending)


class TicketTaker(WatchfulBroker):
    """Takes the desk's own tickets, and nothing else."""

    def __init__(self, journal: MemoryJournal, *, in_process: bool = True) -> None:
        super().__init__(journal, in_process=in_process)
        self.tickets: list[tuple[Ticket, int]] = []

    def place_ticket(self, ticket: Ticket, at: int) -> None:
        self.tickets.append((ticket, at))


class Room:
    """An engine on AAPL at 149.99 / 150.01 with an ADV of a million shares."""

    def __init__(
        self,
        *,
        in_process: bool = False,
        broker: type[WatchfulBroker] = WatchfulBroker,
        journal: ChainedJournal | None = None,
        policy: DeskPolicy | None = None,
    ) -> None:
        self.journal = MemoryJournal() if journal is None else journal
        self.broker = broker(self.journal, in_process=in_process)
        self.feed = MemoryFeed()
        self.timers = TimerHeap()
        self.recorder = RunRecorder()
        self.clock = ManualClock(START)
        self.desk = Desk(policy or DeskPolicy())
        self.engine = Engine(
            self.desk,
            EnginePorts(
                broker=self.broker,
                journal=self.journal,
                market=self.feed,
                timers=self.timers,
                recorder=self.recorder,
                clock=self.clock,
            ),
        )
        self.feed.set_adv(SYMBOL, 1_000_000)
        self.feed.set_quote(a_quote())

    async def opened(self) -> "Room":
        """Open the account with 10,000,000 in cash."""
        await self.tell(AccountOpened(START_NS, "SIM", money(10_000_000)))
        self.journal.commit()
        return self

    async def tell(self, *items: object) -> None:
        """Put these into the inbox together and let the engine work them off."""
        for item in items:
            self.engine.offer(item)  # type: ignore[arg-type]  # facts and signals alike
        await self.engine.settle()

    def tick(self, seconds: int, bid: str = "149.99", ask: str = "150.01") -> None:
        """Let time pass, with a fresh quote at its end."""
        self.clock.advance(seconds)
        self.feed.set_quote(a_quote(bid, ask, ts=self.clock.now()))

    @property
    def written(self) -> list[Record]:
        """Everything appended so far, durable or not."""
        self.journal.commit()
        return list(self.journal.records())

    @property
    def words(self) -> list[str]:
        """The kinds of everything appended so far."""
        return [type(record).__name__ for record in self.written]
