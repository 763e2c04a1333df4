"""The engine: one inbox, journal before acting, the desk decides, facts come back to the inbox.

One turn takes everything that waits: each fact is journaled and stepped, the intents that follow
are journaled behind it, the group is made durable, and only then are the intents performed. Where
the broker dies with this process (``in_process``) the groups may be larger than a turn.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.commands import (
    AmendOrder,
    CancelOrder,
    ClearLevel,
    ClearTimer,
    Command,
    Decision,
    FillBooked,
    FillRevised,
    Intent,
    OrderClosed,
    PlaceOrder,
    QualityMeasured,
    RaiseAlarm,
    SetTimer,
    Ticket,
    WatchLevel,
    WatchQuote,
)
from fillpath.core.errors import BrokerRefused, JournalFull, Unavailable
from fillpath.core.events import (
    AmendFailed,
    CancelFailed,
    Event,
    KillSwitchSet,
    LevelReached,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderInDoubt,
    OrderRefused,
    QuoteSeen,
    SignalReceived,
    TimerFired,
)
from fillpath.core.ids import derived_signal_id
from fillpath.core.models import OrderSide, Refusal, Signal
from fillpath.core.ports import (
    AmendingBroker,
    BrokerAdapter,
    EngineClock,
    Journal,
    MarketData,
    Recorder,
    Timers,
)
from fillpath.core.translation import optional_price
from fillpath.core.units import quantity_decimal
from fillpath.execution.desk import Desk
from fillpath.execution.desk.gating import IN_DOUBT, SESSION_CLOSED, flattens, gate
from fillpath.execution.desk.last_gate import last_objection
from fillpath.execution.desk.modifying import modify_refusal
from fillpath.execution.levels import Levels
from fillpath.execution.seeing import UNSEEN, Sight
from fillpath.execution.sending import OrderDoor
from fillpath.risk.approving import Approved, approved_again, checked
from fillpath.risk.kill_switch import ROUTER_COMPARATOR
from fillpath.risk.pacing import MessageBudget

ANSWERS: Final = frozenset({OrderFilled, OrderCancelled, OrderExpired, OrderRefused})
"""Facts that the count at the door follows."""

GROUP_SIZE: Final = 4_096
"""Records after which an in-process journal group is made durable."""
CANCELS_AT_ONCE: Final = 8
"""Cancels that a broker outside is asked for side by side."""
MOST_ALONE: Final = 2


class EnginePorts(Struct, frozen=True, kw_only=True):
    """The doors of one engine; every one of them belongs to it alone."""

    broker: BrokerAdapter
    journal: Journal
    market: MarketData
    timers: Timers
    recorder: Recorder
    clock: EngineClock


class Engine:
    """Run one account: the only consumer of its inbox, the only writer of its journal.

    Args:
        desk: the decisions, fresh or recovered from the journal.
        ports: the world.

    ``stopped`` is asked before each order that leaves, with its strategy and symbol: why it may not
    leave any more, though no turn has seen that yet; None while it may.
    """

    def __init__(self, desk: Desk, ports: EnginePorts) -> None:
        self.desk = desk
        self.touched: set[str] = set()
        self.performed = 0
        self.cancelling: Callable[[str], object] = lambda _order_id: None
        self.stopped: Callable[[str, str], Refusal | None] = lambda _strategy, _symbol: None
        self.levels = Levels()
        self._ports = ports
        self._records = 0
        self._inbox: list[Event | Signal] = []
        self._in_process = ports.broker.capabilities.in_process
        record, record_fill = ports.recorder.record, ports.recorder.record_fill
        sight = Sight(desk, ports.market, ports.clock)
        self.view = sight.view
        self._prepare: dict[type, Callable[[Any], Any]] = {
            Signal: self._received,
            **sight.completes,
        }
        self._intents: list[Intent] = []
        self._unanswered: set[tuple[str, OrderSide]] = set()
        self._inside: dict[type, Callable[[Any], None]] = {
            PlaceOrder: self._intend,
            CancelOrder: self._intend,
            AmendOrder: self._intend,
            Decision: self._note,
            OrderClosed: record,
            QualityMeasured: record,
            RaiseAlarm: record,
            FillRevised: record,
            SetTimer: lambda c: ports.timers.set(c.timer_id, c.due, c.symbol),
            ClearTimer: lambda c: ports.timers.clear(c.timer_id),
            WatchQuote: lambda c: ports.market.watch(c.symbol),
            WatchLevel: self._watch_level,
            ClearLevel: lambda c: self.levels.clear(c.watch_id, c.symbol),
            FillBooked: lambda c: record_fill(c.filled),
        }
        self._door = OrderDoor(ports.broker, desk)
        self._pace = MessageBudget()
        self._takes_tickets = self._door.takes_tickets
        self.seen = self._door.replayed
        self._now_ns = ports.clock.nanoseconds
        ports.broker.subscribe(self._inbox.append)

    @property
    def records(self) -> int:
        """Return how many records the journal holds, those of the open group included."""
        return self._records

    def offer(self, item: Event | Signal) -> None:
        """Put a fact or a signal into the inbox; nothing happens before the next turn."""
        self._inbox.append(item)

    def quote_came(self, symbol: str) -> None:
        """Tell the desk that a watched symbol has a usable quote."""
        self.offer(QuoteSeen(self._now_ns(), symbol, UNSEEN))

    def market_moved(self, symbol: str) -> None:
        """Tell the desk of each price of the symbol that it waits for and that has come."""
        if self.levels.waits(symbol):
            view = self._ports.market.view(symbol)
            for watch_id in self.levels.reached(symbol, view):
                self.offer(LevelReached(self._now_ns(), watch_id, symbol, view))

    def _watch_level(self, watch: WatchLevel) -> None:
        """Wait for a price, which may have come already."""
        self.levels.set(watch)
        self.touched.add(watch.symbol)
        self.market_moved(watch.symbol)

    def fire_timers(self) -> None:
        """Put every due timer into the inbox, earliest first."""
        now = self._now_ns()
        for timer_id, due, symbol in self._ports.timers.pop_due(now):
            self._inbox.append(TimerFired(now, timer_id, due, symbol, UNSEEN))

    async def settle(self, waiting: Sequence[Intent] = ()) -> None:
        """Perform what is decided, then run turns until the inbox is empty.

        Args:
            waiting: intents of a turn that was run before.
        """
        await self.perform(waiting)
        while self._inbox:
            await self.perform(self.turn())

    def interrupt(self, facts: Sequence[Event]) -> Sequence[Intent]:
        """Take facts at once and for good, though a turn waits for an answer of the broker.

        Between two intents the books are whole; what follows is performed beside it (``perform``).
        """
        unanswered, intents = set(self._unanswered), self._intents
        urgent = self._decided(list(facts))
        self._unanswered, self._intents = unanswered, intents
        self._secure()
        return urgent

    async def perform(self, intents: Sequence[Intent]) -> None:
        """Perform intents in their order; outside, what ends exposure goes first and side by side."""
        cancels = [] if self._in_process else [i for i in intents if isinstance(i, CancelOrder)]
        if len(cancels) < MOST_ALONE:
            for cancel in cancels:
                await self._cancel(cancel)
        else:
            lanes = asyncio.Semaphore(CANCELS_AT_ONCE)
            async with asyncio.TaskGroup() as group:
                for cancel in cancels:
                    group.create_task(self._cancel_in(lanes, cancel))
        for intent in intents:
            if self._in_process or not isinstance(intent, CancelOrder):
                await self._perform(intent)

    async def _cancel_in(self, lanes: asyncio.Semaphore, intent: CancelOrder) -> None:
        async with lanes:
            await self._cancel(intent)

    def turn(self) -> Sequence[Intent]:
        """Run turns until the inbox is empty or somebody must wait for an answer.

        Returns:
            Intents that are durable where they must be, and are now to be performed in this order
            (see ``settle``); a broker that takes tickets in this process has performed the others.
        """
        inbox = self._inbox
        state = self.desk.state
        latched = state.latches.changes
        waiting: Sequence[Intent] = ()
        while inbox and not waiting:
            batch = inbox.copy()
            inbox.clear()
            waiting = self._decided(batch)
            if not self._in_process or state.latches.changes != latched:
                self._secure()
            if waiting and self._takes_tickets and not (state.gated or state.closed):
                waiting = self._placed(waiting)
        if self._in_process and self._ports.journal.pending >= GROUP_SIZE:
            self._intents = []
            self.make_durable()
            waiting = [*waiting, *self._intents]
        return waiting

    def _placed(self, intents: Sequence[Intent]) -> Sequence[Intent]:
        """Place the leading orders by their tickets; return the rest, from the first cancel on."""
        holder = self.desk.state.holder
        now = self._now_ns()
        touch = self.touched.add
        for number, intent in enumerate(intents):
            if type(intent) is not PlaceOrder:
                return intents[number:]
            approved = checked(holder, intent, now)
            touch(intent.ticket.symbol)
            refusal = self._door.place(approved) if isinstance(approved, Approved) else approved
            if refusal is not None:
                self._kept_back(intent.ticket, refusal)
        return ()

    def _decided(self, batch: list[Event | Signal]) -> list[Intent]:
        """Journal and step every fact, and return the intents that follow, journaled too."""
        append = self._ports.journal.append
        step = self.desk.step
        prepare = self._prepare
        inside = self._inside
        heard = self._door.heard
        intents = self._intents = []
        for item in batch:
            kind = type(item)
            prepared = prepare.get(kind)
            event: Any = item if prepared is None else prepared(item)
            try:
                append(event)
            except JournalFull:
                continue  # not among what a full disk still takes; trading has stopped already
            if kind in ANSWERS:
                heard(event)
            self._records += 1
            for command in step(event):
                inside[type(command)](command)
        self._unanswered.clear()  # by now the desk knows of those
        return intents

    def _secure(self) -> None:
        self.make_durable()  # what was decided, before any of it is performed

    def make_durable(self) -> None:
        """Commit the journal; a full disk stops trading in the same breath.

        What was decided together with it is durable and never leaves: the kill switch stands at the
        last gate. Cancels leave.

        Raises:
            JournalError: the journal cannot be written at all.
        """
        journal = self._ports.journal
        try:
            journal.commit()
        except JournalFull as error:
            event = KillSwitchSet(self._now_ns(), str(error), "journal")
            journal.append(event)
            self._records += 1
            for command in self.desk.step(event):
                self._inside[type(command)](command)
            journal.commit()

    def _intend(self, intent: Intent) -> None:
        """Journal what will leave the process, and keep it until that is durable."""
        self._ports.journal.append(intent)
        self._records += 1
        self._intents.append(intent)

    def _received(self, signal: Signal) -> SignalReceived:
        if signal.signal_id is None or signal.timestamp is None:
            signal = self._stamped(signal)
        return SignalReceived(self._now_ns(), signal, self.view(signal.symbol))

    def _stamped(self, signal: Signal) -> Signal:
        """Give the signal the id and time that it came without."""
        content = repr(signal).encode()
        return replace(
            signal,
            signal_id=signal.signal_id or derived_signal_id(content, self._records),
            timestamp=signal.timestamp or self._ports.clock.now(),
        )

    def _note(self, decision: Decision) -> None:
        self._door.decided(decision)
        self._ports.recorder.record(decision)

    def follow(self, command: Command) -> None:
        """Do what stays inside the process: timers, watches and projections."""
        self._inside[type(command)](command)

    async def _perform(self, intent: Intent) -> None:
        if isinstance(intent, PlaceOrder):
            await self._place(intent)
        elif isinstance(intent, AmendOrder):
            await self._amend(intent)
        else:
            await self._cancel(intent)

    async def _place(self, intent: PlaceOrder) -> None:
        self.performed += 1
        ticket = intent.ticket
        shut = self._shut(ticket) or await self._door.margin(intent)
        approved = shut or self._last_gate(intent)
        if isinstance(approved, Refusal):
            self._kept_back(ticket, approved)
            return
        self.touched.add(ticket.symbol)
        try:
            kept = await self._door.send(approved)
            if kept is not None:
                self._kept_back(ticket, kept)
        except Unavailable as error:
            self._unanswered.add((ticket.symbol, ticket.side))
            self.offer(OrderInDoubt(self._now_ns(), ticket.order_id, str(error)))
        except BrokerRefused as error:
            self.offer(OrderRefused(self._now_ns(), ticket.order_id, error.code, error.text))

    def _kept_back(self, ticket: Ticket, refusal: Refusal) -> None:
        """Tell the desk that an order never left; one too many stops everything."""
        now = self._now_ns()
        if refusal.code == ROUTER_COMPARATOR:
            self.offer(KillSwitchSet(now, f"{refusal.code}: {refusal.text}", "comparator"))
        self.offer(OrderRefused(now, ticket.order_id, refusal.code, refusal.text))

    def _last_gate(self, intent: PlaceOrder) -> Approved | Refusal:
        """Return the order as approved now, or why it may not leave that was decided before."""
        state = self.desk.state
        shut = self._shut(intent.ticket)
        if shut is not None:
            return shut
        now = self._now_ns()
        if not self._in_process:
            view = self.view(intent.ticket.symbol)
            objection = last_objection(state, self.desk.policy, intent, (now, view), self._pace)
            if objection is not None:
                return objection
        return checked(state.holder, intent, now)

    def _shut(self, ticket: Ticket) -> Refusal | None:
        """Return which gate has shut since the order was decided, or None."""
        state = self.desk.state
        given_up = flattens(state, ticket.order_id)
        if state.gated:
            order = state.orders.get(ticket.order_id)
            reduces = order is not None and order.reduces
            about = (ticket.strategy_name, ticket.symbol, ticket.side)
            shut = gate(state, *about, reduces=reduces, flattens=given_up)
            if shut is not None:
                return shut
        if state.closed:  # it was decided in the very turn in which the session ended
            return Refusal(SESSION_CLOSED, "the trading session is closed")
        stopped = None if given_up else self.stopped(ticket.strategy_name, ticket.symbol)
        if stopped is not None:
            return stopped
        if (ticket.symbol, ticket.side) in self._unanswered:
            return Refusal(IN_DOUBT, "the order before it is in doubt")
        return None

    async def _cancel(self, intent: CancelOrder) -> None:
        self.performed += 1
        self._pace.count(self._now_ns())
        self.cancelling(intent.order_id)
        order = self.desk.state.orders.get(intent.order_id)
        if order is not None:
            self.touched.add(order.ticket.symbol)
        try:
            taken = await self._ports.broker.cancel_order(intent.broker_order_id)
        except (Unavailable, BrokerRefused) as error:
            self.offer(CancelFailed(self._now_ns(), intent.order_id, str(error)))
            return
        if not taken:
            self.offer(CancelFailed(self._now_ns(), intent.order_id, "the order was not open"))

    async def _amend(self, intent: AmendOrder) -> None:
        order = self.desk.state.orders.get(intent.order_id)
        broker = self._ports.broker
        if order is None or not isinstance(broker, AmendingBroker):
            self.offer(AmendFailed(self._now_ns(), intent.order_id, "it cannot be changed"))
            return
        self.touched.add(order.ticket.symbol)
        shut = modify_refusal(self.desk.state, order, self._now_ns())
        if shut is None and intent.quantity > order.ticket.quantity:
            shut = self._shut(order.ticket)
        if shut is not None:
            self.offer(AmendFailed(self._now_ns(), intent.order_id, f"{shut.code}: {shut.text}"))
            return
        self._pace.count(self._now_ns())
        quantity = quantity_decimal(intent.quantity)
        level = optional_price(intent.stop)
        try:
            taken = await broker.amend_order(intent.broker_order_id, quantity, level)
        except (Unavailable, BrokerRefused) as error:
            self.offer(AmendFailed(self._now_ns(), intent.order_id, str(error)))
            return
        if not taken:
            self.offer(AmendFailed(self._now_ns(), intent.order_id, "the order was not open"))

    def continue_after(self, records: int) -> None:
        """Say how many records the journal holds already; derived signal ids count on."""
        self._records = records

    def _again(self, intent: Intent) -> Intent:
        """Return an intent that never left, under the name of this writer."""
        if not isinstance(intent, PlaceOrder):
            return intent
        self._door.recall(intent)
        return approved_again(self.desk.state.holder, intent)

    async def resume(self, outstanding: list[Intent]) -> None:
        """Finish what a crash interrupted.

        An in-process broker never got the intents whose answer the journal does not hold, so they
        are performed now. Any other broker may have got them: cancels are asked for again, and
        orders are in doubt until the broker is asked.
        """
        for intent in outstanding:
            if self._in_process:
                await self._perform(self._again(intent))
            elif not isinstance(intent, PlaceOrder):
                await self._perform(intent)  # asking twice is harmless
            else:
                text = "the engine stopped before the broker's answer was recorded"
                self.offer(OrderInDoubt(self._now_ns(), intent.ticket.order_id, text))
        await self.settle()
