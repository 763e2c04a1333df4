"""Random news about everything at once: whatever comes, the desk keeps its books and its promises.

Signals of two strategies, quotes good and bad, timers on time and late, and a broker that fills
before it accepts, fills late, twice and too much, refuses, forgets and fails to cancel. An
independent ledger, a few lines long, must agree with the desk after every step.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fillpath.core.commands import Command, Intent, RaiseAlarm
from fillpath.core.events import Event, FillCorrected, OrderFilled
from fillpath.core.models import OrderSide
from fillpath.data.codec import decode_group, encode_group
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.execution.recovery import recover
from tests.unit.execution.desk.scene import Answer, Scene, money, shares

BUY = OrderSide.BUY
MINUTE = 60 * 10**9
POLICY = DeskPolicy(router=RouterPolicy(max_quote_age_seconds=30))
GOOD = [("149.99", "150.01"), ("150.01", "150.02"), ("149.70", "150.30"), ("140.00", "140.02")]
BAD = [("149.99", None), (None, None), ("150.02", "150.00")]
QUOTES = st.sampled_from([*GOOD, *GOOD, *BAD])
PICK = st.integers(0, 7)
RARELY = st.sampled_from([False, False, False, True])
SECONDS = st.sampled_from([0.5, 7, 29, 30, 59, 60, 61, 150, 400])
CENTS = st.integers(14_000, 16_000)


class DeskLife(RuleBasedStateMachine):
    """Be the world around one desk, and keep the books by hand."""

    policy = POLICY

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene(self.policy)
        self.scene.show(adv=shares(20_000))
        self.twin = Desk(self.policy)
        self.told = 0
        self.journal: list[Event | Intent] = []
        self.cash = self.scene.desk.state.book.cash
        self.position = 0
        self.splits: list[tuple[int, int, int]] = []
        self.filled: dict[str, int] = defaultdict(int)
        self.fills: list[OrderFilled] = []
        self.corrected: dict[str, tuple[int, int, int]] = {}
        self.fees: dict[str, int] = {}
        self.alarms: dict[str, set[str]] = defaultdict(set)
        self.starts: dict[str, int] = {}
        self.highest: dict[str, int] = {}
        self.final: dict[str, int] = defaultdict(int)
        self._hear(Answer())

    # What the desk says is taken down; a twin that hears the same must say the same.

    def _hear(self, answer: Answer) -> Answer:
        again: list[Command] = []
        for event in self.scene.events[self.told :]:
            said = self.twin.step(event)
            again.extend(said)
            self.journal.append(event)
            self.journal.extend(c for c in said if isinstance(c, Intent))
        self.told = len(self.scene.events)
        assert again == list(answer)
        for alarm in answer.of(RaiseAlarm):
            self.alarms[alarm.order_id].add(alarm.code)
        for decision in answer.decisions:
            if decision.stage == "SIGNAL" and decision.outcome != "HELD":
                self.final[f"{decision.strategy_name}/{decision.signal_id}"] += 1
                self.starts[decision.order_id] = decision.at
        self._judge(answer)
        return answer

    def _judge(self, answer: Answer) -> None:
        """Judge what was placed at the very moment of placing."""
        state = self.scene.desk.state
        if state.killed or state.holds or state.quarantined:
            assert answer.placed == []
        for ticket in answer.placed:
            if ticket.slice_number:
                self._judge_slice(ticket.parent_id, ticket.slice_number)

    def _judge_slice(self, parent_id: str, number: int) -> None:
        start = self.starts[parent_id]
        assert self.scene.at >= start + (number - 1) * MINUTE, "a slice never comes early"
        if number > self.highest.get(parent_id, 0):
            assert self.scene.at < start + number * MINUTE, "a slice of the past is never sent"
        self.highest[parent_id] = number

    @property
    def orders(self) -> list[str]:
        """Every order ever sent."""
        return list(self.scene.tickets)

    @property
    def working(self) -> list[str]:
        return list(self.scene.desk.state.orders)

    # Strategies, market, clock.

    @rule(
        direction=st.sampled_from(["LONG", "SHORT", "FLAT"]),
        quantity=st.sampled_from([1_000, 300, None, 1, 15, 100]),
        strategy=st.sampled_from(["north", "south"]),
        strength=st.sampled_from(["0.5", "0.95"]),
        price=st.sampled_from([None, 150]),
    )
    def a_strategy_speaks(
        self,
        direction: str,
        quantity: int | None,
        strategy: str,
        strength: str,
        price: int | None,
    ) -> None:
        odds: dict[str, Any] = {"win_rate": 0.55, "avg_win_pct": 2, "avg_loss_pct": 1}
        answer = self.scene.signal(
            direction,
            quantity=quantity,
            strategy_name=strategy,
            strength=strength,
            metadata=odds | {"signal_price": price},
        )
        self._hear(answer)

    @rule(quote=QUOTES)
    def the_market_moves(self, quote: tuple[str | None, str | None]) -> None:
        self.scene.show(*quote)

    @rule(quote=QUOTES)
    def a_quote_is_seen(self, quote: tuple[str | None, str | None]) -> None:
        self._hear(self.scene.quote(*quote))

    @rule()
    @precondition(lambda self: self.scene.ticking and self.working)
    def quotes_stop(self) -> None:
        self.scene.ticking = False

    @rule()
    @precondition(lambda self: not self.scene.ticking)
    def quotes_go_on(self) -> None:
        self.scene.ticking = True

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        for answer in self.scene.moments(seconds):
            self._hear(answer)

    @rule(seconds=SECONDS)
    def the_loop_stalls(self, seconds: float) -> None:
        self.scene.sleep(seconds)

    @rule()
    def late_timers_fire(self) -> None:
        for answer in self.scene.overdue():
            self._hear(answer)

    @rule(minutes=st.integers(1, 5), share=st.sampled_from([100, 40]))
    @precondition(lambda self: self.scene.desk.state.parents)
    def a_schedule_takes_its_course(self, minutes: int, share: int) -> None:
        """Most of a day is like this: what is sent is accepted and traded, minute by minute."""
        self.scene.show()
        self.scene.ticking = True
        for _ in range(minutes):
            for name in self.working:
                self._hear(self.scene.accept(name))
                missing = self.scene.tickets[name].quantity - self.filled[name]
                if missing > 0:
                    self._trade(name, max(missing * share // 100, 1), 15_001)
            for answer in self.scene.moments(60):
                self._hear(answer)

    # The broker.

    @rule(pick=PICK)
    @precondition(lambda self: self.orders)
    def the_broker_accepts(self, pick: int) -> None:
        self._hear(self.scene.accept(self._picked(self.working or self.orders, pick)))

    @rule(pick=PICK, share=st.integers(1, 100), cents=CENTS, late=st.booleans())
    @precondition(lambda self: self.orders)
    def an_order_trades(self, pick: int, share: int, cents: int, *, late: bool) -> None:
        """A part or all of what is missing; sometimes of an order that has ended."""
        name = self._picked(self.orders if late else self.working or self.orders, pick)
        ordered = self.scene.tickets[name].quantity
        missing = ordered - self.filled[name]
        if missing > 0:
            self._trade(name, max(missing * share // 100, 1), cents)

    @rule(pick=PICK, extra=st.integers(1, 50))
    @precondition(lambda self: self.orders)
    def more_is_traded_than_was_ordered(self, pick: int, extra: int) -> None:
        name = self._picked(self.orders, pick)
        missing = max(self.scene.tickets[name].quantity - self.filled[name], 0)

        self._trade(name, missing + shares(extra), 15_000)

        assert "OVERFILL" in self.alarms[name]

    @rule(cents=CENTS, sold=st.booleans())
    @precondition(lambda self: self.orders)
    def a_stranger_trades(self, cents: int, *, sold: bool) -> None:
        side = OrderSide.SELL if sold else BUY
        self._trade("by-hand", shares(10), cents, side=side)

    @rule(pick=PICK)
    @precondition(lambda self: self.fills)
    def a_fill_is_told_again(self, pick: int) -> None:
        before = self.scene.desk.state.book.cash

        answer = self._hear(self.scene.tell(self._picked(self.fills, pick)))

        assert answer.booked == []
        assert self.scene.desk.state.book.cash == before

    @rule(pick=PICK, late=st.booleans())
    @precondition(lambda self: self.orders)
    def a_cancel_is_confirmed(self, pick: int, *, late: bool) -> None:
        self._end("cancelled", pick, late=late)

    @rule(pick=PICK, late=st.booleans())
    @precondition(lambda self: self.orders)
    def an_order_is_refused(self, pick: int, *, late: bool) -> None:
        self._end("refuse", pick, late=late)

    @rule(pick=PICK)
    @precondition(lambda self: self.orders)
    def an_order_expires(self, pick: int) -> None:
        self._end("expire", pick, late=False)

    @rule(pick=PICK)
    @precondition(lambda self: self.working)
    def a_cancel_fails(self, pick: int) -> None:
        self._hear(self.scene.cancel_failed(self._picked(self.working, pick)))

    @rule(pick=PICK)
    @precondition(lambda self: self.working)
    def a_reply_is_lost(self, pick: int) -> None:
        self._hear(self.scene.doubt(self._picked(self.working, pick)))

    @rule(pick=PICK, share=st.integers(0, 150), cents=CENTS, sure=RARELY)
    @precondition(lambda self: self.fills)
    def an_execution_is_corrected(self, pick: int, share: int, cents: int, *, sure: bool) -> None:
        """More, less or nothing, at another price; the highest revision is the last word."""
        if not sure:
            return
        fill = self._picked(self.fills, pick)
        revision, units, paid = self.corrected.get(fill.fill_id, (0, fill.quantity, fill.price))
        now = fill.quantity * share // 100
        price = cents * 10**6 if now else paid
        sign = fill.side.sign
        self.corrected[fill.fill_id] = (revision + 1, now, price)
        self.filled[fill.order_id] += now - units
        self.position += sign * (self._today(fill, now) - self._today(fill, units))
        self.cash -= sign * (now * price - units * paid)
        news = FillCorrected(
            self.scene.at,
            fill.order_id,
            fill.fill_id,
            revision + 1,
            now,
            price,
            self.fees.get(fill.fill_id, fill.commission),
        )

        self._hear(self.scene.tell(news))
        again = self._hear(self.scene.tell(news))

        assert again == []

    def _today(self, fill: OrderFilled, units: int) -> int:
        """Return shares of an execution in those of now: each of its splits cuts towards zero."""
        for at, new, old in self.splits:
            if fill.traded_at < at:
                units = units * new // old
        return units

    @rule(pick=PICK, cents=st.integers(-50, 200))
    @precondition(lambda self: self.fills)
    def a_commission_is_told_late(self, pick: int, cents: int) -> None:
        fill = self._picked(self.fills, pick)
        before = self.fees.get(fill.fill_id, fill.commission)
        revision = self.corrected.get(fill.fill_id, (0, 0, 0))[0]
        paid = self.fees[fill.fill_id] = money(Decimal(cents).scaleb(-2))
        self.cash -= paid - before

        self._hear(
            self.scene.commission(fill.order_id, fill.fill_id, Decimal(cents).scaleb(-2), revision)
        )

    # People, corporate actions, the end of the day.

    @rule(sure=RARELY)
    @precondition(lambda self: self.working)
    def a_person_stops_everything(self, *, sure: bool) -> None:
        if not sure:
            return
        answer = self._hear(self.scene.kill())

        assert all(order.cancel_requested for order in self.scene.desk.state.orders.values())
        assert self.scene.desk.state.held == {}
        assert answer.placed == []

    @rule()
    @precondition(lambda self: self.scene.desk.state.killed)
    def a_person_allows_trading(self) -> None:
        self._hear(self.scene.clear())

    @rule(sure=RARELY)
    def trading_is_held(self, *, sure: bool) -> None:
        if sure:
            self._hear(self.scene.hold())

    @rule()
    @precondition(lambda self: self.scene.desk.state.holds)
    def trading_is_released(self) -> None:
        self._hear(self.scene.release())

    @rule()
    @precondition(lambda self: self.scene.desk.state.quarantined)
    def a_person_lets_the_symbol_go(self) -> None:
        self._hear(self.scene.let_go())

    @rule(ratio=st.sampled_from([(2, 1), (1, 2), (7, 1)]))
    @precondition(lambda self: not self.working)
    def shares_are_split(self, ratio: tuple[int, int]) -> None:
        """Before the open, when nothing works; told twice, it counts once."""
        self.scene.sleep(1)
        self.splits.append((self.scene.at, *ratio))
        size = abs(self.position) * ratio[0] // ratio[1]
        self.position = size if self.position > 0 else -size

        self._hear(self.scene.split(*ratio))
        again = self._hear(self.scene.split(*ratio))

        assert again == []

    @rule(sure=RARELY)
    @precondition(lambda self: self.working)
    def the_session_closes(self, *, sure: bool) -> None:
        if not sure:
            return
        self._hear(self.scene.close())

        state = self.scene.desk.state
        assert state.held == {}
        assert all(parent.stopped for parent in state.parents.values())

    # What must hold after every step.

    @invariant()
    def the_books_agree(self) -> None:
        book = self.scene.desk.state.book
        held = book.holdings.get("AAPL")
        assert book.cash == self.cash
        assert (held.quantity if held else 0) == self.position
        assert sum(book.by_strategy.values()) == self.position
        assert all(book.by_strategy.values())

    @invariant()
    def what_is_reserved_is_what_works(self) -> None:
        state = self.scene.desk.state
        reserved = buying = selling = 0
        for order in state.orders.values():
            if order.ticket.side is BUY:
                reserved += order.remaining * order.worst_price
                buying += order.remaining
            else:
                selling += order.remaining
        for parent in state.parents.values():  # what a schedule has still to send works too
            if parent.ticket.side is BUY:
                reserved += parent.rest * parent.worst
                buying += parent.rest
            else:
                selling += parent.rest
            works = sum(state.orders[name].remaining for name in parent.working)
            assert 0 <= parent.rest <= max(parent.ticket.quantity - parent.filled - works, 0)
        assert state.book.reserved == reserved
        assert state.book.buying == ({"AAPL": buying} if buying else {})
        assert state.book.selling == ({"AAPL": selling} if selling else {})

    @invariant()
    def nobody_fills_more_than_was_ordered_unseen(self) -> None:
        for name, filled in self.filled.items():
            if name in self.scene.tickets and filled > self.scene.tickets[name].quantity:
                assert "OVERFILL" in self.alarms[name]

    @invariant()
    def slices_never_exceed_their_parent(self) -> None:
        """Where a late fill has broken that, what works of the parent was asked to be cancelled."""
        state = self.scene.desk.state
        for parent in state.parents.values():
            working = [state.orders[name] for name in parent.working]
            if parent.filled + sum(o.remaining for o in working) > parent.ticket.quantity:
                for name in parent.working:
                    asked = state.orders[name].cancel_requested
                    assert asked or "CANCEL_FAILED" in self.alarms[name]

    @invariant()
    def no_entry_works_against_its_own_strategy(self) -> None:
        """Two exits may, when a stranger has turned the position over in between."""
        sides: dict[str, set[OrderSide]] = defaultdict(set)
        entries: dict[str, set[OrderSide]] = defaultdict(set)
        for order in self.scene.desk.state.orders.values():
            ticket = order.ticket
            sides[ticket.strategy_name].add(ticket.side)
            if not order.reduces:
                entries[ticket.strategy_name].add(ticket.side)
        assert all(not entries[name] or len(both) == 1 for name, both in sides.items())

    @invariant()
    def whatever_waits_has_a_timer(self) -> None:
        state = self.scene.desk.state
        timers = self.scene.timers
        assert all(f"hold:{name}" in timers for name in state.held)
        for name, parent in state.parents.items():
            if not parent.stopped and parent.schedule.next_slice < len(parent.schedule.sizes):
                assert f"slice:{name}" in timers

    @invariant()
    def only_what_works_is_among_the_working(self) -> None:
        state = self.scene.desk.state
        assert not any(order.status.is_terminal for order in state.orders.values())
        assert all(order.status.is_terminal for order in state.recent.values())
        assert not state.orders.keys() & state.recent.keys()

    @invariant()
    def every_signal_has_one_outcome(self) -> None:
        assert all(count == 1 for count in self.final.values())

    @invariant()
    def a_twin_that_hears_the_same_is_the_same(self) -> None:
        assert self.twin.fingerprint() == self.scene.desk.fingerprint()

    def teardown(self) -> None:
        """Read the journal back from its bytes, then let the day end: nothing is left over."""
        reborn = Desk(self.policy)
        written = decode_group(encode_group(0, 0, self.journal)).records
        recover(written, reborn, lambda _command: None)
        assert reborn.fingerprint() == self.scene.desk.fingerprint()
        self._hear(self.scene.close())
        for name in self.working:
            self._hear(self.scene.cancelled(name))
        state = self.scene.desk.state
        assert (state.orders, state.parents, state.held) == ({}, {}, {})
        assert (state.book.reserved, state.book.buying, state.book.selling) == (0, {}, {})

    # By hand.

    def _picked(self, things: list[Any], pick: int) -> Any:
        """Return one of the latest things, which are where the news is."""
        return things[-1 - pick % len(things)]

    def _trade(self, name: str, units: int, cents: int, **changes: Any) -> None:
        ticket = self.scene.tickets.get(name)
        side = changes.get("side") or (ticket.side if ticket else BUY)
        quantity = Decimal(units).scaleb(-6)
        paid = Decimal(cents).scaleb(-2)
        self.filled[name] += units
        self.position += units if side is BUY else -units
        self.cash -= (1 if side is BUY else -1) * units * cents * 10**6 + money("0.35")

        answer = self._hear(self.scene.fill(name, quantity, paid, commission="0.35", **changes))

        told = self.scene.events[-1]
        assert isinstance(told, OrderFilled)
        self.fills.append(told)
        assert len(answer.booked) == 1, "a fill is never lost"

    def _end(self, how: str, pick: int, *, late: bool) -> None:
        name = self._picked(self.orders if late else self.working or self.orders, pick)
        known = name in self.working

        answer = self._hear(getattr(self.scene, how)(name))

        assert len(answer.closed) == int(known)


TestDeskLife = DeskLife.TestCase
