"""Doors: what the rooms may expect of the world, with the promises each adapter makes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from fillpath.core.capabilities import AmendingBroker, BrokerCapabilities, TicketBroker
from fillpath.core.commands import Intent, Projection
from fillpath.core.events import BrokerEvent, Event, MarketView, OrderFilled
from fillpath.core.holdings import Holding
from fillpath.core.models import (
    ExecutionQualityMetrics,
    Fill,
    Order,
    OrderStatus,
    PortfolioSnapshot,
    Position,
    Quote,
)
from fillpath.core.rows import Projected


class Clock(Protocol):
    """The only one who knows what time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC; never earlier than the answer before."""
        ...


class EngineClock(Clock, Protocol):
    """A clock that also counts, so that nobody converts the same moment twice."""

    def nanoseconds(self) -> int:
        """Return ``now()`` in nanoseconds UTC."""
        ...


class QuoteFeed(Protocol):
    """Where quotes and average volumes come from.

    Freshness is the caller's to judge: a feed returns the last quote it has, with its time.
    """

    async def get_quote(self, symbol: str) -> Quote | None:
        """Return the last known quote, or None.

        Raises:
            Unavailable: the source cannot be reached; treat as no quote.
        """
        ...

    async def get_adv(self, symbol: str) -> Decimal | None:
        """Return the average daily volume of at least 20 past sessions in shares, or None."""
        ...

    def last_quote(self, symbol: str) -> Quote | None:
        """Return the last quote this process has seen, without waiting."""
        ...


class MarketData(Protocol):
    """The engine's own view of the market, in exact integers."""

    def view(self, symbol: str) -> MarketView:
        """Return bid, ask, sizes, quote time and ADV of ``symbol`` as known now.

        Never raises: what is unknown is None. ``long_value`` and ``short_value`` are 0 here; the
        engine fills them in.
        """
        ...

    def mark(self, symbol: str) -> int | None:
        """Return the last mid in price units (rounded down), or None when never quoted."""
        ...

    def values(self, holdings: Mapping[str, Holding]) -> tuple[int, int]:
        """Return the value of all longs and of all shorts at their marks, both 0 or more.

        Money units. A symbol that was never quoted counts at its cost.
        """
        ...

    def watch(self, symbol: str) -> None:
        """Report the next usable quote of ``symbol`` to the engine once."""
        ...


class BrokerAdapter(Protocol):
    """A broker, whoever it is.

    Events go to the sink in the order in which the broker made them, at least once; ids make
    repeats harmless. For one order the sink sees ``OrderAccepted`` before anything else. A sink
    never blocks and never raises. Calls may raise ``Unavailable`` (outcome unknown: reconcile)
    and ``BrokerRefused`` (never retry). What another program or a person did on the account has
    an ``order_id`` that begins with ``external:``; every other id was given by this engine.
    """

    @property
    def capabilities(self) -> BrokerCapabilities:
        """Return what this broker can do."""
        ...

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        """Send every later event to ``sink``; one sink, the last one wins."""
        ...

    async def submit_order(self, order: Order) -> Order:
        """Send the order once and return it as it stands when the call returns.

        A refusal is an answer, not an error: status REJECTED with ``metadata["reject_reason"]``.
        Sending the same ``order_id`` again never trades twice: it returns the order as it stands.

        Raises:
            Unavailable: it is unknown whether the broker has it.
        """
        ...

    async def cancel_order(self, broker_order_id: str) -> bool:
        """Ask to cancel; True when the order was open and the request was taken.

        Idempotent: asking again for an order that is being cancelled, or has ended, changes
        nothing and sends no second event; the answer is False once it has ended.

        Raises:
            Unavailable: it is unknown whether the broker has the request; ask again.
        """
        ...

    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        """Return the status; an unknown id raises ``BrokerRefused`` with code UNKNOWN_ORDER."""
        ...

    async def get_positions(self) -> list[Position]:
        """Return all open positions of the account."""
        ...

    async def get_portfolio(self) -> PortfolioSnapshot:
        """Return equity, cash and positions of the account."""
        ...

    async def health_check(self) -> bool:
        """Return whether orders can be sent now; never raises."""
        ...

    async def get_open_orders(self) -> list[Order]:
        """Return every order that still works, in the order of submission."""
        ...

    async def get_completed_orders(self) -> list[Order]:
        """Return every ended order the broker still remembers, in the order of submission.

        Status is FILLED, CANCELLED, REJECTED or EXPIRED with what was filled before; a refusal has
        ``metadata["reject_reason"]``. An order is open, completed, or not remembered: never two.
        """
        ...

    async def get_executions(self) -> list[Fill]:
        """Return every execution the broker still remembers, oldest first.

        Each stands once, at its latest revision; one that was undone is left out.
        """
        ...


class JournalTail(Protocol):
    """Follows a journal while it grows, from a sequence number given when it was made.

    Only durable records are ever seen, each one once and in order. Asking is cheap when there is
    nothing new.
    """

    def read(self, limit: int) -> list[tuple[int, Event | Intent]]:
        """Return the next records with their sequence numbers, at most ``limit``; none at the end.

        Raises:
            JournalError: the journal cannot be read, or was closed.
            JournalCorrupt: the bytes have changed since they were written.
        """
        ...


class Journal(Protocol):
    """The only truth: an append-only, hash-chained record with one writer.

    ``append`` keeps order and is not durable yet; ``commit`` returns only after everything
    appended so far is durable. After a ``JournalError`` nothing may be appended any more.

    The one exception is ``JournalFull`` (see ``commit``): there the journal keeps a little room, so
    that orders can be cancelled and the broker's answers are not lost. It then takes ``CancelOrder``,
    ``KillSwitchSet``, ``TradingHeld``, ``SymbolQuarantined``, ``AccountDiffered``,
    ``EngineStarted`` and every ``BrokerEvent``, until it is opened anew with enough room; set the kill switch first, because an order that is decided now cannot be written.

    Opening a journal begins a new epoch, and every record carries the epoch of its writer. Once
    somebody else has opened a newer one, nothing of the older writer becomes durable any more.
    """

    @property
    def epoch(self) -> int:
        """Return the number of this ownership, above every one before it; 1 for a new journal."""
        ...

    @property
    def sequence(self) -> int:
        """Return how many records are durable, which is the number of the next one."""
        ...

    @property
    def emergency(self) -> bool:
        """Return whether the storage is full and only the essential is taken."""
        ...

    @property
    def restored_at(self) -> int | None:
        """Return the sequence number at which a backup last took the journal's place, or None.

        The broker may know of orders that were sent after the backup was made.
        """
        ...

    @property
    def pending(self) -> int:
        """Return how many records were appended since the last commit."""
        ...

    def append(self, record: Event | Intent) -> None:
        """Add a record to the open group.

        Raises:
            JournalFull: an emergency, and the record is not essential; the group is as it was.
            JournalError: the journal has ended.
        """
        ...

    def commit(self) -> None:
        """Make the open group durable; does nothing when it is empty.

        Raises:
            JournalFull: the storage has no room left; the group is durable all the same, and
                ``emergency`` is true from now on. No new order may leave, also none of this group.
            Fenced: a newer epoch was opened; the group is not part of the journal. Stop at once.
            JournalError: the group may be lost; stop sending orders.
        """
        ...

    def records(self) -> Iterator[Event | Intent]:
        """Yield every durable record, oldest first.

        Raises:
            JournalCorrupt: the hash chain does not hold.
        """
        ...

    def tail(self, start: int = 0) -> JournalTail:
        """Return a reader of the durable records from number ``start`` on, also of later ones."""
        ...

    def close(self) -> None:
        """Commit and release the journal."""
        ...


class Recorder(Protocol):
    """Takes the projections: decisions, order ends, measurements, alarms and fills."""

    def record(self, item: Projection) -> None:
        """Take one projection; never raises into the engine."""
        ...

    def record_fill(self, filled: OrderFilled) -> None:
        """Take one applied execution."""
        ...


class QualityStore(Protocol):
    """Keeps execution quality metrics."""

    async def save_metrics(self, metrics: ExecutionQualityMetrics) -> None:
        """Store one measurement; storing the same ``order_id`` again replaces it."""
        ...


class Timers(Protocol):
    """Alarm clocks that are state: rebuilt by replaying the journal."""

    def set(self, timer_id: str, due: int, symbol: str) -> None:
        """Set or move a timer to ``due`` nanoseconds UTC."""
        ...

    def clear(self, timer_id: str) -> None:
        """Forget a timer; unknown names are ignored."""
        ...

    def next_due(self) -> int | None:
        """Return when the next timer is due, or None."""
        ...

    def pop_due(self, now: int) -> list[tuple[str, int, str]]:
        """Remove and return (timer_id, due, symbol) of all due timers, earliest first."""
        ...


class Delivery(Struct, frozen=True):
    """A message that the bus hands over and hands over again until it is acknowledged.

    Args:
        message_id: the bus's name for it.
        payload: its bytes, as they came.
        deliveries: how often it was handed over, this time included.
        origin: ``stream`` when it was kept from the moment it was sent (at least once), ``pubsub``
            when it came over a channel that keeps nothing (at most once), ``hand`` when a user of
            this machine sent it through the engine's own door.
        signature: what came beside it to show who sent it; empty without one.
    """

    message_id: str
    payload: bytes
    deliveries: int = 1
    origin: str = "stream"
    signature: str = ""


class Outgoing(Struct, frozen=True):
    """A message for the bus.

    Args:
        channel: its specified name, such as ``execution:fills``.
        event_id: by this consumers know a repeat.
        payload: documented, versioned JSON.
    """

    channel: str
    event_id: str
    payload: bytes


class BusHealth(Struct, frozen=True):
    """How the bus is.

    Args:
        reachable: whether it answered in time.
        kind: ``memory`` or ``redis``.
        detail: one sentence for a person.
        backlog: signals that wait, None when unknown.
    """

    reachable: bool
    kind: str
    detail: str = ""
    backlog: int | None = None


class Bus(Protocol):
    """Signals in, fills and orders and alerts out; transport only, never the truth.

    Every call ends in bounded time. A bus that cannot be reached raises ``Unavailable``; what was
    published meanwhile is published again by the caller, so consumers see everything at least once.
    """

    async def start(self) -> None:
        """Connect and get ready to receive from where this account stopped.

        Raises:
            Unavailable: it cannot be reached.
            ConfigError: it could lose messages (an eviction policy, for example); do not start.
        """
        ...

    async def receive(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """Return up to ``limit`` signals, oldest first, waiting at most so long for the first.

        Signals that a dead consumer was handed and never acknowledged come again.
        """
        ...

    async def acknowledge(self, message_ids: Sequence[str]) -> None:
        """Say that the journal has these; they never come again."""
        ...

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Put a message that can never be taken aside with the reason, and acknowledge it."""
        ...

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish in this order; after an error all of them may be published again."""
        ...

    async def health(self) -> BusHealth:
        """Return how it is; never raises."""
        ...

    async def close(self) -> None:
        """Let go of it; closing twice is harmless."""
        ...


class Store(Protocol):
    """Tables for people: projections of the journal, fed exactly once and rebuildable.

    A store that cannot be reached raises ``Unavailable``; trading never waits for it.
    """

    async def start(self) -> None:
        """Connect and bring the tables to the version of this program.

        Raises:
            Unavailable: it cannot be reached.
            ConfigError: its tables are of a newer version; do not start.
        """
        ...

    async def applied(self, account: str) -> int:
        """Return the number of the last journal record whose rows are all stored, -1 for none."""
        ...

    async def apply(self, account: str, rows: Sequence[Projected], through: int) -> None:
        """Store rows and move ``applied`` to ``through`` in one transaction.

        Rows of records at or before ``applied`` are skipped, so that a repeat changes nothing.
        """
        ...

    async def clear(self, account: str) -> None:
        """Forget every row of the account, and that any was applied, in one transaction."""
        ...

    async def tier(self) -> str:
        """Return what it stands on, such as ``sqlite`` or ``timescaledb 2.29 (apache)``."""
        ...

    async def close(self) -> None:
        """Let go of it; closing twice is harmless."""
        ...


class Leases(Protocol):
    """Who may run which account, among engines on several machines.

    A lease only decides who tries: what keeps two engines from both sending is the journal's epoch.
    """

    @property
    def seconds(self) -> float:
        """Return how long a lease lasts when it is not held again."""
        ...

    async def hold(self, account: str) -> bool:
        """Take the account's lease, or lengthen it; False when somebody else has it.

        Raises:
            Unavailable: nobody can say; what was held lasts no longer than it was lengthened for.
        """
        ...

    async def release(self, account: str) -> None:
        """Give the lease back, so that another need not wait for its end."""
        ...

    async def close(self) -> None:
        """Let go of the connection; closing twice is harmless."""
        ...


__all__ = [
    "AmendingBroker",
    "BrokerAdapter",
    "BrokerCapabilities",
    "Bus",
    "BusHealth",
    "Clock",
    "Delivery",
    "EngineClock",
    "Journal",
    "JournalTail",
    "Leases",
    "MarketData",
    "Outgoing",
    "QualityStore",
    "QuoteFeed",
    "Recorder",
    "Store",
    "TicketBroker",
    "Timers",
]
