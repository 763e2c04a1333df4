"""A whole life of stops: the real exchange behind a bad wire, an engine that dies, and a wild market.

Whatever happens, what the venue holds is under stops that work at the venue, or the alarm is up;
and what is linked never sells more than is held.
"""

import asyncio
from collections import deque
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fillpath.core.errors import Unavailable
from fillpath.core.events import (
    AccountOpened,
    BrokerEvent,
    EngineStarted,
    KillSwitchCleared,
    KillSwitchSet,
    SplitApplied,
    SymbolReleased,
    TradingHeld,
    TradingReleased,
)
from fillpath.core.models import Order, OrderSide, OrderType
from fillpath.core.ports import BrokerCapabilities
from fillpath.core.units import quantity_units
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.desk import Desk
from fillpath.execution.engine import Engine, EnginePorts
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.execution.reconciling import BrokerView, Reconciler
from fillpath.execution.recovery import recover
from fillpath.reports.recorder import RunRecorder
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.account import ProtectionLimits, StopKeeper
from fillpath.runtime.clock import ManualClock
from fillpath.scheduling.timers import TimerHeap
from fillpath.testing.builders import START, SYMBOL, a_quote, a_signal
from tests.unit.execution.desk.scene import money

RECONCILING = "RECONCILING"
NAMES = ("north", "south")


class Wire:
    """A broker in another process, whose news travel when they like and whose answers may be lost."""

    def __init__(self, real: SimulatedBroker) -> None:
        self.real = real
        self.news: deque[BrokerEvent] = deque()
        self.fates: deque[str] = deque()
        real.subscribe(self.news.append)
        self.get_order_status = real.get_order_status
        self.get_positions = real.get_positions
        self.get_portfolio = real.get_portfolio
        self.health_check = real.health_check
        self.get_open_orders = real.get_open_orders
        self.get_completed_orders = real.get_completed_orders
        self.get_executions = real.get_executions

    @property
    def capabilities(self) -> BrokerCapabilities:
        return BrokerCapabilities(stops=True, oca=True, amend=True)

    def subscribe(self, sink: object) -> None:
        """News are handed over by hand."""

    def _fate(self) -> str:
        fate = self.fates.popleft() if self.fates else ""
        if fate == "lost":
            raise Unavailable("the request was lost")
        return fate

    def _heard(self, fate: str) -> None:
        if fate == "unheard":
            raise Unavailable("the answer was lost")

    async def submit_order(self, order: Order) -> Order:
        fate = self._fate()
        answer = await self.real.submit_order(order)
        self._heard(fate)
        return answer

    async def cancel_order(self, broker_order_id: str) -> bool:
        fate = self._fate()
        taken = await self.real.cancel_order(broker_order_id)
        self._heard(fate)
        return taken

    async def amend_order(
        self, broker_order_id: str, quantity: Decimal, stop_price: Decimal | None
    ) -> bool:
        fate = self._fate()
        taken = await self.real.amend_order(broker_order_id, quantity, stop_price)
        self._heard(fate)
        return taken


class ProtectionLife(RuleBasedStateMachine):
    """Signals, prices, news, losses and deaths in any order."""

    @initialize(
        trailing=st.sampled_from([None, 1]),
        profit=st.sampled_from([None, 3]),
        amends=st.booleans(),
    )
    def an_account_is_opened(
        self, trailing: int | None, profit: int | None, *, amends: bool
    ) -> None:
        limits = ProtectionLimits(trailing_pct=trailing, target_pct=profit)
        self.policy = DeskPolicy(
            router=RouterPolicy(max_quote_age_seconds=86_400),
            risk=RiskLimits(protection=limits, allow_short=False),
            stop_keeper=StopKeeper.BROKER,
            amends_stops=amends,
        )
        self.clock = ManualClock(START)
        self.feed = MemoryFeed()
        self.feed.set_adv(SYMBOL, 5_000_000)
        venue = SimulationPolicy(
            profile=FillProfile.QUOTES, cash=10**8, displayed_size=True, commission_pct=0
        )
        self.venue = SimulatedBroker(self.feed, self.clock, venue)
        self.wire = Wire(self.venue)
        self.journal = MemoryJournal()
        self.bid = 15_000
        self.count = 0
        self.feed.subscribe(self.venue.on_market)
        self._market(0, 500)
        self._begin()
        self._tell(AccountOpened(self.clock.nanoseconds(), "ACC", money(10**8)))

    def _begin(self) -> None:
        self.desk = Desk(self.policy)
        self.timers = TimerHeap()
        self.engine = Engine(
            self.desk,
            EnginePorts(
                broker=self.wire,
                journal=self.journal,
                market=self.feed,
                timers=self.timers,
                recorder=RunRecorder(),
                clock=self.clock,
            ),
        )

    def _settle(self) -> None:
        asyncio.run(self.engine.settle())

    def _tell(self, *items: object) -> None:
        for item in items:
            self.engine.offer(item)  # type: ignore[arg-type]  # facts and signals alike
        self._settle()

    def _market(self, cents: int, size: int) -> None:
        self.bid = max(self.bid + cents, 600)
        bid, ask = Decimal(self.bid).scaleb(-2), Decimal(self.bid + 2).scaleb(-2)
        quote = a_quote(str(bid), str(ask), bid_size=size, ask_size=size, ts=self.clock.now())
        self.feed.set_quote(quote)

    def _pass(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.engine.fire_timers()
        self._settle()

    # What people and markets do.

    @rule(
        name=st.sampled_from(NAMES),
        direction=st.sampled_from(["LONG", "LONG", "FLAT"]),
        quantity=st.sampled_from([10, 100, 700]),
        strength=st.sampled_from(["0.5", "0.95"]),
    )
    def a_strategy_speaks(self, name: str, direction: str, quantity: int, strength: str) -> None:
        self.count += 1
        self.clock.advance(1)
        said = a_signal(
            direction=direction,
            strategy_name=name,
            strength=strength,
            signal_id=f"s{self.count}",
            timestamp=self.clock.now(),
            metadata={"quantity": quantity if direction == "LONG" else None, "signal_price": None},
        )
        self._tell(said)

    @rule(
        cents=st.sampled_from([0, 1, -1, 40, -40, 150, -150, -400, 500]),
        size=st.sampled_from([30, 5_000]),
    )
    def the_market_moves(self, cents: int, size: int) -> None:
        self.clock.advance(0.5)
        self._market(cents, size)
        self.engine.market_moved(SYMBOL)
        self.engine.quote_came(SYMBOL)
        self._settle()

    @rule(seconds=st.sampled_from([0.1, 1, 6, 70]))
    def time_passes(self, seconds: float) -> None:
        self._pass(seconds)

    # What the wire does.

    @rule(number=st.integers(1, 6))
    @precondition(lambda self: self.wire.news)
    def news_arrive(self, number: int) -> None:
        for _ in range(min(number, len(self.wire.news))):
            self._tell(self.wire.news.popleft())

    @rule(fate=st.sampled_from(["lost", "unheard", ""]))
    def the_next_call_goes_wrong(self, fate: str) -> None:
        if len(self.wire.fates) < 2:
            self.wire.fates.append(fate)

    @rule()
    def the_broker_is_asked(self) -> None:
        self._audit()

    @rule(pick=st.integers(0, 9))
    def the_broker_cancels_by_itself(self, pick: int) -> None:
        orders = asyncio.run(self.venue.get_open_orders())
        if orders:
            self.venue.cancel(orders[pick % len(orders)].broker_order_id or "")

    @rule(more=st.booleans())
    @precondition(lambda self: self.wire.news)
    def the_engine_dies(self, *, more: bool) -> None:
        """What it had not heard is lost; the broker is asked before anything leaves."""
        self.wire.news.clear()
        self.journal = MemoryJournal(self.journal.content)
        self._begin()
        found = recover(self.journal.records(), self.desk, self.engine.follow, self.engine.seen)
        self.engine.continue_after(found.records)
        now = self.clock.nanoseconds()
        self._tell(
            EngineStarted(now, "", "", self.journal.epoch),
            TradingHeld(now, RECONCILING, "the broker has not been asked since the start"),
        )
        asyncio.run(self.engine.resume(found.outstanding))
        if more:
            self._audit()

    @rule()
    @precondition(lambda self: not self.desk.state.latches)
    def a_person_stops_everything(self) -> None:
        if self.count % 5 == 0:
            self._tell(KillSwitchSet(self.clock.nanoseconds(), "enough", "ann"))

    @rule()
    @precondition(lambda self: self.desk.state.latches)
    def a_person_allows_trading(self) -> None:
        self._tell(KillSwitchCleared(self.clock.nanoseconds(), "ann"))

    @rule(ratio=st.sampled_from([(2, 1), (1, 2)]))
    @precondition(lambda self: not self.wire.news and not self.desk.state.doubts)
    def shares_are_split(self, ratio: tuple[int, int]) -> None:
        """The engine hears of the split before it hears what that has cancelled."""
        new, old = ratio
        if self.bid * old // new < 2_000 or self.bid > 50_000 or self.desk.state.parents:
            return
        self.clock.advance(1)
        self.venue.apply_split(SYMBOL, new, old)
        self.bid = self.bid * old // new
        self._market(0, 500)
        self._tell(SplitApplied(self.clock.nanoseconds(), SYMBOL, new, old))

    # What must hold.

    def _audit(self) -> bool:
        """Ask the broker until everything is explained; what it says is the truth."""
        reconciler = Reconciler(self.desk.state)
        for _ in range(4):
            asked = self.clock.nanoseconds() + 1
            self.clock.advance(0.05)
            view = BrokerView(
                asked_at=asked,
                open_orders=tuple(asyncio.run(self.venue.get_open_orders())),
                completed_orders=tuple(asyncio.run(self.venue.get_completed_orders())),
                positions=tuple(asyncio.run(self.venue.get_positions())),
                cash=asyncio.run(self.venue.get_portfolio()).cash,
                executions=tuple(asyncio.run(self.venue.get_executions())),
                answered_at=self.clock.nanoseconds(),
            )
            outcome = reconciler.answered(view)
            self._tell(*outcome.facts)
            if outcome.clean:
                if RECONCILING in self.desk.state.holds:
                    now = self.clock.nanoseconds()
                    self._tell(TradingReleased(now, RECONCILING, "the broker agrees"))
                return True
            self._pass(3.1)
        return False

    def _quiet(self) -> None:
        """Deliver everything, ask, and let every timer fire."""
        self.wire.fates.clear()
        for _ in range(12):
            while self.wire.news:
                self._tell(self.wire.news.popleft())
            self._pass(6)
            self._audit()
            if self.desk.state.quarantined and not self.wire.news:
                self._tell(SymbolReleased(self.clock.nanoseconds(), SYMBOL, "ann"))
            if not self.wire.news and not self.desk.state.doubts:
                break

    def _held(self) -> int:
        positions = asyncio.run(self.venue.get_positions())
        return sum(quantity_units(p.quantity) for p in positions)

    @rule()
    def everything_calms_down(self) -> None:
        self._quiet()
        self._pass(70)
        self._quiet()

        held = self._held()
        orders = asyncio.run(self.venue.get_open_orders())
        stops = [o for o in orders if o.order_type is OrderType.STOP and o.side is OrderSide.SELL]
        under = sum(quantity_units(o.remaining_quantity) for o in stops)
        assert under == held or self.desk.state.uncovered, f"{under} of {held} are under stops"
        assert under <= held

    @invariant()
    def nothing_is_sold_twice(self) -> None:
        if hasattr(self, "venue"):
            assert self._held() >= 0

    @invariant()
    def everything_is_covered_or_the_alarm_is_up(self) -> None:
        if not hasattr(self, "desk"):
            return
        state = self.desk.state
        for key, share in state.book.by_strategy.items():
            if not key[0] or key in state.uncovered:
                continue
            guard = state.guards[key]
            stop = state.orders[guard.stop]
            waits = not stop.broker_order_id or stop.asked is not None or stop.owed
            assert waits or stop.remaining >= abs(share)
            assert not stop.cancel_requested
            assert guard.stop not in state.doubts
            if waits:
                assert guard.wakes_at, "somebody looks after five seconds"

    @invariant()
    def protective_orders_reserve_nothing(self) -> None:
        if not hasattr(self, "desk"):
            return
        state = self.desk.state
        selling = sum(
            o.remaining
            for o in state.orders.values()
            if o.ticket.side is OrderSide.SELL and not o.protects
        )
        selling += sum(p.rest for p in state.parents.values() if p.ticket.side is OrderSide.SELL)
        assert state.book.selling == ({SYMBOL: selling} if selling else {})

    def teardown(self) -> None:
        """A replay of the journal comes to the same desk."""
        if not hasattr(self, "desk"):
            return
        reborn = Desk(self.policy)
        recover(self.journal.records(), reborn, lambda _command: None)
        assert reborn.fingerprint() == self.desk.fingerprint()


TestProtectionLife = ProtectionLife.TestCase
TestProtectionLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
