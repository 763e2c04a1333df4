"""The live engine of one account: wake up, take what came, journal it, act, and sleep again.

Everything that changes the account goes through one turn at a time: quotes, timers, hours, the kill
latch, broker reports and signals are gathered, settled by the engine, and made durable before
anybody is told that they were taken. Nothing here decides about trading.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final, Protocol

from msgspec import Struct

from fillpath.core.capabilities import RemoteBroker
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import JournalError, JournalFull, Unavailable
from fillpath.core.events import (
    AccountValued,
    BrokerEvent,
    Event,
    KillSwitchCleared,
    KillSwitchSet,
    OrderAmended,
    SessionClosed,
    SessionOpened,
)
from fillpath.core.markets import TradingStatus, TradingStatusSeen
from fillpath.core.models import Refusal, Signal
from fillpath.core.ports import BrokerAdapter, EngineClock, Journal, MarketData
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk import Desk
from fillpath.execution.desk.latching import waiting
from fillpath.execution.engine import Engine, EnginePorts
from fillpath.execution.policy import DeskPolicy
from fillpath.scheduling.timers import TimerHeap
from fillpath.service.guards import CLOCK, clock_verdict
from fillpath.service.hours import Hours
from fillpath.service.latch import KillLatch, Latch, Scope
from fillpath.service.means import MeanMarket
from fillpath.service.silence import DataWatch
from fillpath.service.status import State
from fillpath.service.tally import Journaled, Measured, Tally, kept_nowhere
from fillpath.service.turnstile import Turnstile

LONGEST_SLEEP: Final = 0.25
"""Seconds after which the kill latch is looked at again, whatever happens or does not."""


class LiveClock(EngineClock, Protocol):
    """A clock that also knows how far the machine's clock has run away from it."""

    def drift(self) -> int:
        """Return nanoseconds by which the machine's clock is ahead."""
        ...


class LiveMarket(MarketData, Protocol):
    """A market that tells of its quotes."""

    @property
    def refusal(self) -> str:
        """Return what cannot be read of what comes in now, and why; empty for nothing."""
        ...

    def subscribe(self, sink: Callable[[str], None]) -> None:
        """Call ``sink`` with the symbol after each quote."""
        ...

    def take_watch(self, symbol: str) -> bool:
        """Return whether a watched symbol has a usable quote now, and forget that it was watched."""
        ...


class MatchingBroker(Protocol):
    """A broker in this process that matches what rests against the market it is told of."""

    def on_market(self, symbol: str) -> None:
        """Match what waits in ``symbol`` against its market."""
        ...

    def expire_day_orders(self) -> None:
        """End every DAY order that still works."""
        ...

    def open_session(self, opens_at: int, closes_at: int) -> object:
        """Begin a session, nanoseconds UTC; what comes back is for who searches recordings."""
        ...

    def next_due(self) -> int | None:
        """Return when a message on its way reaches the market, nanoseconds UTC, or None."""
        ...

    def on_time(self) -> object:
        """Let everything reach the market that is due."""
        ...

    def halt(self, symbol: str) -> None:
        """Stop trading in a symbol."""
        ...

    def end_halt(self, symbol: str) -> None:
        """Let a symbol trade again; nothing happens when it was not halted."""
        ...


HALTS: Final = frozenset({TradingStatus.HALTED, TradingStatus.PAUSED})
NOTHING_REAL: Final = "nothing real is at risk"


class LiveParts(Struct, frozen=True, kw_only=True):
    """What a live engine is built of.

    Args:
        account: account name.
        policy: the rules in force.
        policy_hash: their hash.
        version: fillpath version, for the journal.
        accepted: why rules that are looser than before may hold; empty where they may not.
        operator: who started the engine.
        matching: the same broker, when it lives in this process and matches by itself.
        page: tells a person about an alarm, at once or later, but never waits.
        log: likewise, of what the journal holds and ``journaled`` passes on; None: ``page``.
        journaled: keeps the alarms of the journal with the number of their record.
        measured: counts what passes; None where nobody reads that.
    """

    account: str
    policy: DeskPolicy
    policy_hash: str
    version: str
    journal: Journal
    broker: BrokerAdapter
    matching: MatchingBroker | None
    market: LiveMarket
    clock: LiveClock
    hours: Hours
    latch: KillLatch
    page: Callable[[RaiseAlarm], None]
    accepted: str = NOTHING_REAL
    operator: str = ""
    log: Callable[[RaiseAlarm], None] | None = None
    journaled: Journaled = kept_nowhere
    measured: Measured | None = None


class Live:
    """Run one account until told to stop.

    Args:
        parts: what it is built of; all of it belongs to this account alone.

    ``ahead`` is called at the beginning of each turn, so that a played recording moves on only
    between two. ``turnstile`` lets through who waits for a whole turn, ``stops`` who waits for a kill: that may
    be taken in the middle of one.
    """

    def __init__(self, parts: LiveParts) -> None:
        self.parts = parts
        self.desk = Desk(parts.policy)
        self.timers = TimerHeap()
        self.tally = Tally(parts.log or parts.page, parts.journaled, parts.measured)
        self._means = MeanMarket(parts.market)
        self.engine = Engine(
            self.desk,
            EnginePorts(
                broker=parts.broker,
                journal=parts.journal,
                market=self._means,
                timers=self.timers,
                recorder=self.tally,
                clock=parts.clock,
            ),
        )
        self.engine.stopped = self._latched
        self.tally.records = lambda: self.engine.records
        self.turnstile = Turnstile()
        self.stops = Turnstile()
        self.state = State.STARTING
        self.amended: Callable[[], object] = lambda: None
        self.quoted_at = 0
        self.ahead: Callable[[], None] = lambda: None
        self._data = DataWatch(parts.hours, parts.market.view)
        self._work = asyncio.Event()
        self._moved: dict[str, None] = {}
        self._finishing = False
        self._turning = False
        self._valuing = False
        self._turns = 0
        self._pressed = asyncio.Event()
        broker = parts.broker
        self._drop_orders = broker.drop_orders if isinstance(broker, RemoteBroker) else _nothing
        parts.broker.subscribe(self._heard)
        parts.market.subscribe(self._quoted)

    @property
    def pulse(self) -> int:
        """Return a number that grows for as long as the engine gets on with its work."""
        return self._turns + self.engine.performed

    def wake(self) -> None:
        """Let a turn begin as soon as the one under way has ended."""
        self._work.set()

    def offer(self, signals: Sequence[Signal]) -> "asyncio.Future[None]":
        """Give signals to the engine; the answer is done once the journal has them for good.

        Raises:
            JournalFull: the disk is full; signals are not taken, and nothing was changed.
        """
        if self.parts.journal.emergency:
            raise JournalFull("the journal's disk is full; signals are not taken")
        for signal in signals:
            self.engine.offer(signal)
        self.wake()
        return self.turnstile.next_turn()

    def learn(self, fact: Event) -> None:
        """Take a fact about the market or the account with the next turn."""
        self.engine.offer(fact)
        matching = self.parts.matching
        if matching is not None and isinstance(fact, TradingStatusSeen):
            stopped = fact.status in HALTS
            (matching.halt if stopped else matching.end_halt)(fact.symbol)
        self.wake()

    def value(self) -> "asyncio.Future[None]":
        """Value what is held at its marks, with the next turn; the answer is done after it."""
        self._valuing = True
        self.wake()
        return self.turnstile.next_turn()

    def in_use(self) -> frozenset[str]:
        """Return the symbols that are held, worked on or waited for."""
        book = self.desk.state.book
        return frozenset((*book.holdings, *book.buying, *book.selling, *waiting(self.desk.state)))

    def is_open(self) -> bool:
        """Return whether the market is open."""
        return self.parts.hours.closes_at(self.parts.clock.nanoseconds()) is not None

    def finish(self) -> None:
        """Let ``run`` return after one more whole turn, so that no act is left half done."""
        self._finishing = True
        self.wake()

    async def run(self) -> None:
        """Turn until told to finish.

        Raises:
            JournalError: the journal cannot be written; nothing leaves any more.
        """
        while not self._finishing:
            self._work.clear()  # before the turn: what comes while it runs gets the next one
            await self.turn()
            await self._sleep()
        await self.turn()
        self._broken(Unavailable("the engine has stopped"))

    async def guard(self) -> None:
        """Follow the latch while a turn waits for an answer of the broker, until cancelled.

        Raises:
            JournalError: the journal cannot be written; nothing leaves any more.
        """
        while True:
            self.tally.hand_over(self.parts.journal.sequence)
            self._pressed.clear()
            facts = self._stops_amid_a_turn()
            if facts:
                await self._interrupted(facts)
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_SLEEP):
                    await self._pressed.wait()

    async def _interrupted(self, facts: Sequence[KillSwitchSet]) -> None:
        self._drop_orders()
        try:
            urgent = self.engine.interrupt(facts)
        except JournalError as error:
            self._broken(error)
            raise
        self.stops.turned()
        await self.engine.perform(urgent)

    def _broken(self, error: Exception) -> None:
        self.turnstile.broken(error)
        self.stops.broken(error)

    def _stops_amid_a_turn(self) -> list[KillSwitchSet]:
        """Return what the latch says and the desk does not know; a turn to come sees it by itself."""
        if not self._turning:
            return []
        now = self.parts.clock.nanoseconds()
        return [set_by(latch, now) for latch in self._unknown()]

    async def turn(self) -> None:
        """Take everything that waits, act on it, and make it durable.

        Raises:
            JournalError: the journal cannot be written; whoever waits for this turn is told.
        """
        self._turning = True
        self._turns += 1
        try:
            self.ahead()
            now = self.parts.clock.nanoseconds()
            self.follow_latch(now)
            self._follow_clock(now)
            self._follow_hours(now)
            self._follow_market()
            self._follow_data(now)
            due = self.timers.next_due()
            if due is not None and due <= now:
                self.engine.fire_timers()
            await self.engine.settle()
            await self._value()
            self.engine.make_durable()
        except JournalError as error:
            self._broken(error)
            raise
        finally:
            self._turning = False
        self.stops.turned()
        self.turnstile.turned()
        self.tally.hand_over(self.parts.journal.sequence)

    def stop_trading(self, latch: Latch) -> bool:
        """Set a kill; return False when it was set already.

        A disk that takes no latch stops nobody: then the journal alone keeps it.
        """
        try:
            first = self.parts.latch.set(latch)
        except OSError:
            first = latch.key not in self.desk.state.latches.kept
            self.engine.offer(set_by(latch, latch.at))
        self._drop_orders()  # it passed the last gate, and waits where the latch is not asked
        self._pressed.set()
        self.wake()
        return first

    def resume_trading(self, by: str, scope: Scope = Scope.ACCOUNT, target: str = "") -> None:
        """Clear what stops a scope; a kill that is pressed from here on is a new one, and wins.

        The latch goes first. Whoever dies in between is stopped by the journal, which says so until
        it holds the clearing.
        """
        now = self.parts.clock.nanoseconds()
        self.engine.offer(KillSwitchCleared(now, by, scope, target))
        self.parts.latch.clear(scope, target)
        self.wake()

    def follow_latch(self, now: int) -> None:
        """Set every kill that a latch says and the desk does not know."""
        for latch in self._unknown():
            self.engine.offer(set_by(latch, now))

    def _unknown(self) -> Iterator[Latch]:
        known = self.desk.state.latches.kept
        for latch in self.parts.latch.every():
            if latch.code not in known.get(latch.key, ()):
                yield latch

    def _latched(self, strategy: str, symbol: str) -> Refusal | None:
        """Return what the latch says now: a broker that stalls must not stall the kill."""
        latch = self.parts.latch.stopped(strategy, symbol)
        return None if latch is None else Refusal(latch.code, latch.text)

    def _follow_clock(self, now: int) -> None:
        held = CLOCK in self.desk.state.holds
        verdict = clock_verdict(now, self.parts.clock.drift(), held=held)
        if verdict is not None:
            self.engine.offer(verdict)

    def _follow_hours(self, now: int) -> None:
        hours, state = self.parts.hours, self.desk.state
        closes_at = hours.closes_at(now)
        if closes_at is not None:
            day = hours.day(now)
            # An engine that slept through a night has not seen the one session end.
            if state.closed or (day and day != state.risk.watched.day):
                self.engine.offer(SessionOpened(now, closes_at, day))
                if self.parts.matching is not None:
                    self.parts.matching.open_session(now, closes_at)
            return
        if state.closed:
            return
        if self.parts.matching is not None:
            self.parts.matching.expire_day_orders()
        self.engine.offer(SessionClosed(now))

    def _follow_market(self) -> None:
        moved, self._moved = self._moved, {}
        for symbol in moved:
            if self.parts.matching is not None:
                self.parts.matching.on_market(symbol)
            self.engine.market_moved(symbol)
            if self.parts.market.take_watch(symbol):
                self.engine.quote_came(symbol)
        if self.parts.matching is not None:
            self.parts.matching.on_time()

    async def _value(self) -> None:
        """Value what is held where that was asked for; only now nothing waits, and so all agree.

        Marks and cash of different moments would show the value of an order as a gain or a loss.
        """
        if not self._valuing:
            return
        self._valuing = False
        longs, shorts = self.parts.market.values(self.desk.state.book.holdings)
        self.engine.offer(AccountValued(self.parts.clock.nanoseconds(), longs, shorts))
        await self.engine.settle()

    def _follow_data(self, now: int) -> None:
        """Hold while everything in use is silent; last, so that what has just come counts."""
        most = self.desk.policy.risk.breakers.stale_data_ns
        verdict = self._data.verdict(now, self.desk.state, most)
        if verdict is not None:
            self.engine.offer(verdict)

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(self._patience()):
                await self._work.wait()
        except TimeoutError:
            return

    def _patience(self) -> float:
        """Return seconds until something is due, whatever comes meanwhile."""
        now = self.parts.clock.nanoseconds()
        arrival = None if self.parts.matching is None else self.parts.matching.next_due()
        moments = (self.timers.next_due(), self.parts.hours.next_change(now), arrival)
        due = min((at for at in moments if at is not None), default=now + NANOSECONDS)
        return min(max((due - now) / NANOSECONDS, 0.0), LONGEST_SLEEP)

    def _heard(self, event: BrokerEvent) -> None:
        self.engine.offer(event)
        if isinstance(event, OrderAmended):
            self.amended()
        self._work.set()

    def _quoted(self, symbol: str) -> None:
        self.quoted_at = self.parts.clock.nanoseconds()
        self._means.moved(symbol, self.quoted_at)
        self._moved[symbol] = None
        self._work.set()


def _nothing() -> int:
    """Take nothing back: what a broker in this process gets, it has."""
    return 0


def set_by(latch: Latch, at: int) -> KillSwitchSet:
    """Return the fact that a latch was seen."""
    return KillSwitchSet(at, latch.reason, latch.by, latch.scope, latch.target, latch.code)
