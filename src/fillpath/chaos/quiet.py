"""What must hold once the world has healed and nothing moves any more."""

from decimal import Decimal
from typing import Protocol

from fillpath.chaos.ledger import DumbLedger, Entry, differences
from fillpath.chaos.stepping import StepChecks
from fillpath.chaos.subject import Process
from fillpath.chaos.tables import Tables
from fillpath.chaos.venue import OPENING_CASH, Venue
from fillpath.chaos.wire import Stream
from fillpath.chaos.witness import Witness
from fillpath.core.models import Certainty, TimeInForce
from fillpath.core.units import NANOSECONDS, money_decimal, price_decimal, quantity_decimal
from fillpath.data.bus.messages import outgoing
from fillpath.execution.projecting import Projector
from fillpath.service.status import State

LONG_NS = 60 * NANOSECONDS


class Healed(Protocol):
    """What is looked at in the end."""

    process: Process | None
    venue: Venue
    steps: StepChecks
    witness: Witness
    stream: Stream
    tables: Tables


class QuietChecks:
    """Ask the last questions.

    Args:
        world: the healed world.
    """

    def __init__(self, world: Healed) -> None:
        self._world = world

    def before_the_close(self) -> None:
        """Check that doubts are gone though the session still runs, which ends many by itself."""
        process = self._world.process
        if process is None or not process.life.alive:
            return
        orders = process.live.desk.state.orders
        now = process.live.parts.clock.nanoseconds()
        old = {name: order for name, order in orders.items() if now - order.decided_at > LONG_NS}
        doubtful = [n for n, o in old.items() if o.certainty is Certainty.IN_DOUBT]
        self._world.steps.expect(31, not doubtful, f"in doubt for long: {doubtful}")
        silent = [n for n, o in old.items() if not o.broker_order_id]
        self._world.steps.expect(31, not silent, f"without an answer for long: {silent}")
        self._world.steps.cover.healed()

    def at_the_end(self) -> None:
        """Check convergence and everything that had to come to an end."""
        world = self._world
        process = world.process
        expect = world.steps.expect
        if process is None or not process.life.alive:
            expect(33, holds=False, text="no engine runs after healing")
            return
        state, desk = process.live.state, process.live.desk.state
        why = f"the engine is {state} after healing: {desk.killed} {desk.holds}"
        expect(33, state is State.TRADING and not desk.killed and not desk.holds, why)
        self._nothing_left(process)
        self._same_books(process)
        world.steps.cover.closed()
        self._every_signal()
        if process.feeds:
            self._same_tables(process)
        expect(37, not world.stream.entries, f"{len(world.stream.entries)} signals still wait")

    def _nothing_left(self, process: Process) -> None:
        expect = self._world.steps.expect
        state = process.live.desk.state
        doubtful = [n for n, o in state.orders.items() if o.certainty is Certainty.IN_DOUBT]
        expect(31, not doubtful, f"still in doubt: {doubtful}")
        asked = [n for n, o in state.orders.items() if o.cancel_requested]
        expect(32, not asked, f"cancels without an answer: {asked}")
        open_there = sorted(order.order_id for order in self._world.venue.working())
        text = f"open here {sorted(state.orders)}, at the venue {open_there}"
        expect(5, sorted(state.orders) == open_there, text)
        stops = {n for n, o in state.orders.items() if o.ticket.time_in_force is TimeInForce.GTC}
        left = [name for name in open_there if name not in stops]
        expect(18, not left, f"still open at the venue after the close: {left}")
        expect(2, not state.parents, f"schedules that never ended: {sorted(state.parents)}")
        expect(20, not state.held, f"signals that were never decided: {sorted(state.held)}")
        expect(20, not state.approvals, f"still waiting for a person: {sorted(state.approvals)}")
        book = state.book
        held_back = (book.reserved, book.buying, book.selling)
        expect(6, held_back == (0, {}, {}), f"reserved for nothing: {held_back}")

    def _same_books(self, process: Process) -> None:
        world = self._world
        expect = world.steps.expect
        truth = true_ledger(world.venue)
        ours = world.steps.ledger
        known = ours.entries.keys() | world.steps.before
        missing = [n for n, e in truth.entries.items() if e.shares and n not in known]
        expect(21, not missing, f"executions that the engine never learned: {missing}")
        stale = [n for n, e in truth.entries.items() if ours.entries.get(n, e) != e]
        expect(21, not stale, f"executions that are others by now: {stale}")
        book = process.live.desk.state.book
        held = {name: quantity_decimal(h.quantity) for name, h in book.holdings.items()}
        wrong = list(differences(held, truth.positions, ("the engine holds", "the venue")))
        expect(5, not wrong, "; ".join(wrong))
        expect(45, not wrong, "; ".join(wrong))
        cash = money_decimal(book.cash)
        expect(45, cash == truth.cash, f"cash is {cash}, the venue's truth adds up to {truth.cash}")
        account = money_decimal(world.venue.exchange.account.cash)
        expect(5, cash == account, f"cash is {cash}, the venue says {account}")

    def _same_tables(self, process: Process) -> None:
        """The tables are the fold of the journal, and the subscribers were told all of it."""
        world = self._world
        expect = world.steps.expect
        fold = Projector(process.live.parts.policy)
        rows = [
            row for number, record in world.witness.journal for row in fold.take(number, record)
        ]
        text = f"{len(world.tables.rows)} rows are stored, the journal makes {len(rows)}"
        expect(22, world.tables.rows == rows, text)
        messages = [outgoing(process.live.parts.account, row) for row in rows]
        due = {message.event_id for message in messages if message is not None}
        told = {message.event_id for message in world.stream.published}
        expect(22, due == told, f"never told: {sorted(due - told)}, made up: {sorted(told - due)}")

    def _every_signal(self) -> None:
        steps = self._world.steps
        wrong = {key: steps.outcomes[key] for key in steps.signals if steps.outcomes[key] != 1}
        text = f"signals by their number of outcomes, which must be 1: {wrong}"
        steps.expect(20, not wrong, text)


def true_ledger(venue: Venue) -> DumbLedger:
    """Return the dumb ledger of everything that the venue did."""
    opening = {position.symbol: position.quantity for position in venue.opening}
    ledger = DumbLedger(Decimal(OPENING_CASH), opening)
    splits = list(venue.splits)
    for count, event in enumerate(venue.executions.values()):
        while splits and splits[0][0] <= count:
            ledger.split(*splits.pop(0)[1:])
        shares = quantity_decimal(event.quantity) * event.side.sign
        price, fee = price_decimal(event.price), money_decimal(event.commission)
        ledger.trade(Entry(event.fill_id, event.symbol, shares, price, fee, event.traded_at))
    for split in splits:
        ledger.split(*split[1:])
    return ledger
