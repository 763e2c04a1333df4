"""What the desk remembers: orders, schedules, held signals and the book, all rebuilt by replay."""

from collections import OrderedDict, deque

from msgspec import Struct, field

from fillpath.core.commands import Ticket
from fillpath.core.events import (
    CommissionReported,
    FillCorrected,
    OrderFilled,
    SignalReceived,
    SplitApplied,
)
from fillpath.core.holdings import Holding
from fillpath.core.models import Certainty, OrderSide, OrderStatus
from fillpath.execution.desk.guard import Guard, Key
from fillpath.execution.routing import Style
from fillpath.execution.slicing import Schedule
from fillpath.risk.approving import Holder
from fillpath.risk.kill_switch import Key as LatchKey
from fillpath.risk.kill_switch import Latch, Latches
from fillpath.risk.memory import RiskMemory


class OrderState(Struct):
    """One order that was sent, until a little after its end.

    Args:
        ticket: the order as it was sent.
        decided_at: nanoseconds of the decision that sent it.
        worst_price: price at which it reserves cash, price units.
        expected: the price meant to be paid, for measuring, price units.
        arrival_mid: bid + ask when it was decided; None without a quote.
        reduces: whether it only reduces a position.
        status: where it stands.
        certainty: IN_DOUBT while the broker's answer is unknown.
        cancel_requested: a cancel was asked for and is not confirmed.
        cancel_asked_at: nanoseconds of the first request, 0 while nobody asked.
        cancel_reminders: how often its confirmation was missed.
        broker_order_id: the broker's name, empty until accepted.
        accepted_at: nanoseconds when the broker last said that it has it, 0 before.
        filled: quantity units.
        value: sum of price times quantity, money units.
        commission: money units.
        first_fill_at: nanoseconds, 0 before the first fill.
        last_fill_at: nanoseconds, 0 before the first fill.
        fills: executions applied, as they are now, so that none is applied twice.
        shortfall: quantity units that corrections took back; executed once, so they never fill
            again: the exchange does not reopen an order.
        reason: why it ended, when it was not filled.
        protects: whether it is a protective order: it counts in no sum of exposure, because an exit
            and the stop of the same position count once.
        owed: what its group has taken from it and the broker has not told yet, quantity units;
            negative when that was told before the fill.
        missed: what was filled of its group before the broker had it, quantity units.
        asked: size and trigger that the broker was asked to change it to; None when nothing is asked.
    """

    ticket: Ticket
    decided_at: int
    worst_price: int
    expected: int
    arrival_mid: int | None
    reduces: bool
    status: OrderStatus = OrderStatus.PENDING
    certainty: Certainty = Certainty.CONFIRMED
    cancel_requested: bool = False
    cancel_failures: int = 0
    cancel_again_at: int = 0
    cancel_asked_at: int = 0
    cancel_reminders: int = 0
    broker_order_id: str = ""
    accepted_at: int = 0
    filled: int = 0
    value: int = 0
    commission: int = 0
    first_fill_at: int = 0
    last_fill_at: int = 0
    fills: dict[str, OrderFilled] = field(default_factory=dict)
    shortfall: int = 0
    reason: str = ""
    protects: bool = False
    owed: int = 0
    missed: int = 0
    asked: tuple[int, int | None] | None = None

    @property
    def remaining(self) -> int:
        """Return what may still fill, quantity units."""
        return max(self.ticket.quantity - self.filled, 0)


class ParentState(Struct):
    """A sliced parent order while its schedule runs.

    Args:
        ticket: the parent as it was decided; its price is the one at decision.
        schedule: which slice is due when, and how much of it.
        style: the style of the matched row; None when size alone matched.
        reduces: whether the parent only reduces a position.
        working: ids of slices that may still fill.
        sent: slices sent so far.
        filled: quantity units over all slices.
        awaiting: slice number (from 0) that waits for a quote or a confirmed cancel; None otherwise.
        stopped: reason why nothing more is released, empty while the schedule runs.
        cut: why risk made a slice smaller, empty when it did not.
        rest: quantity units still to come, which count as working and reserve cash.
        worst: price at which the rest reserves cash, price units.
        allowed_by: the person who allowed it, empty when nobody was asked.
        pace: the most that it may take in one interval, quantity units; 0 without a limit.
        reached: number of the newest slice that was sent, from 1.
    """

    ticket: Ticket
    schedule: Schedule
    style: Style | None
    reduces: bool
    working: list[str] = field(default_factory=list)
    sent: int = 0
    filled: int = 0
    awaiting: int | None = None
    stopped: str = ""
    cut: str = ""
    rest: int = 0
    worst: int = 0
    allowed_by: str = ""
    pace: int = 0
    reached: int = 0


class Waiting(Struct, frozen=True):
    """An order that a person has to allow before it comes to be.

    Args:
        event: the signal behind it.
        at: nanoseconds when the person was asked.
        due: nanoseconds when the question ends as a refusal.
        side: BUY or SELL.
        quantity: the most that may be allowed, quantity units.
        price: the mid when the person was asked, price units.
        worst: the worst price it would have paid then, price units.
        findings: every objection, as text.
    """

    event: SignalReceived
    at: int
    due: int
    side: OrderSide
    quantity: int
    price: int
    worst: int
    findings: tuple[str, ...]


class Revision(Struct):
    """What is known of the corrections of one execution.

    Args:
        number: the highest revision that was applied.
        peak: the most that any revision said was executed, quantity units.
    """

    number: int
    peak: int


class Book(Struct):
    """Cash, positions and what working orders may still change.

    Args:
        cash: money units.
        reserved: money units that working buys may still need.
        holdings: by symbol, never empty ones.
        by_strategy: signed quantity units by (strategy, symbol), never zero.
        buying: quantity units of working buys by symbol, never zero.
        selling: quantity units of working sells by symbol, never zero.
        shorting: money units that working sales which open a short are worth at worst.
        commission: money units paid so far.
        proceeds: money units that open shorts brought in; part of the cash that buys nothing.
        realized: money units of profit in positions that are closed, before commissions.
    """

    cash: int = 0
    reserved: int = 0
    holdings: dict[str, Holding] = field(default_factory=dict)
    by_strategy: dict[tuple[str, str], int] = field(default_factory=dict)
    buying: dict[str, int] = field(default_factory=dict)
    selling: dict[str, int] = field(default_factory=dict)
    shorting: int = 0
    commission: int = 0
    proceeds: int = 0
    realized: int = 0


class Flattening(Struct):
    """The positions of a scope while they are given up.

    Args:
        latch: the kill that it goes with.
        exits: name of the last exit, by strategy and symbol.
        watched: symbols whose quote is waited for.
        refused: why the last exit could not leave, told once.
    """

    latch: Latch
    exits: dict[str, str] = field(default_factory=dict)
    watched: dict[str, None] = field(default_factory=dict)
    refused: str = ""


class DeskState(Struct):
    """Everything that the next decision depends on, beside the event and the policy.

    Args:
        account: account name, empty before the account is opened.
        rules: hash of the rules in force.
        rules_at: nanoseconds UTC since when they are.
        rules_by: who brought them, empty when nobody was asked.
        rules_reason: why.
        book: cash and positions.
        orders: working orders by id, in the order of sending.
        recent: ended orders by id, oldest first, bounded; late news still finds them.
        parents: running schedules by parent id.
        running: how many of them by (strategy, symbol, whether they buy), never zero.
        held: signals that wait for a usable quote, by order id.
        approvals: orders that wait for a person, by order id.
        answered: what became of those that waited, by order id, oldest first, bounded.
        seen: (strategy, signal id) of every signal of the last day.
        seen_at: the same with their times, oldest first, for forgetting.
        newest: time of the newest signal by (strategy, symbol).
        foreign: executions of orders that are not ours, oldest first, bounded.
        forgotten: executions of orders that have left ``recent``, oldest first, bounded; they are
            never applied again.
        forgotten_at: nanoseconds of the youngest decision among the orders that left ``recent``.
        revisions: corrections by execution, oldest first, bounded.
        uncharged: when the commission of an execution is missed, nanoseconds, by execution, oldest
            first, bounded.
        charge_at: when the next one is, 0 when none is waited for.
        early: news of executions that have not come yet, oldest first, bounded.
        doubts: symbol of each order in doubt.
        holds: why nothing may be sent for now, by code; empty while trading is allowed.
        link_at: nanoseconds when the link to the broker was last in doubt, 0 when it never was.
        quarantined: why no order may be sent in a symbol, by symbol.
        gated: whether a kill, a hold, a quarantine or a doubt has to be asked about at all.
        closes_at: nanoseconds when the session will close, 0 when that is not known.
        epoch: which writer of the journal spoke last.
        splits: every split that was applied, by symbol, so that none is applied twice and what was
            executed before can be told later.
        dividends: last ex-date by symbol, so that none is paid twice.
        closed: whether the session has closed and none has opened since.
        equity: total equity when it was last valued, money units.
        guards: how each position of a strategy is protected, by strategy and symbol.
        protections: protective orders placed so far.
        uncovered: why a position is not protected, by strategy and symbol; nothing is added to it.
        latches: what stops orders until a person says otherwise.
        flattening: positions that are given up though they are killed, by scope.
        flattened: how many exits that has sent.
        risk: what the checks remember.
        last_at: nanoseconds of the last event.
    """

    account: str = ""
    rules: str = ""
    rules_at: int = 0
    rules_by: str = ""
    rules_reason: str = ""
    book: Book = field(default_factory=Book)
    orders: dict[str, OrderState] = field(default_factory=dict)
    recent: OrderedDict[str, OrderState] = field(default_factory=OrderedDict)
    parents: dict[str, ParentState] = field(default_factory=dict)
    running: dict[tuple[str, str, bool], int] = field(default_factory=dict)
    held: dict[str, SignalReceived] = field(default_factory=dict)
    approvals: dict[str, Waiting] = field(default_factory=dict)
    answered: OrderedDict[str, str] = field(default_factory=OrderedDict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    seen_at: deque[tuple[int, tuple[str, str]]] = field(default_factory=deque)
    newest: dict[tuple[str, str], int] = field(default_factory=dict)
    foreign: dict[str, OrderFilled] = field(default_factory=dict)
    forgotten: OrderedDict[str, None] = field(default_factory=OrderedDict)
    forgotten_at: int = 0
    revisions: dict[str, Revision] = field(default_factory=dict)
    early: dict[str, list[CommissionReported | FillCorrected]] = field(default_factory=dict)
    uncharged: dict[str, int] = field(default_factory=dict)
    charge_at: int = 0
    doubts: dict[str, str] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)
    link_at: int = 0
    quarantined: dict[str, str] = field(default_factory=dict)
    gated: bool = False
    closes_at: int = 0
    epoch: int = 0
    splits: dict[str, list[SplitApplied]] = field(default_factory=dict)
    dividends: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    equity: int = 0
    guards: dict[Key, Guard] = field(default_factory=dict)
    protections: int = 0
    uncovered: dict[Key, str] = field(default_factory=dict)
    latches: Latches = field(default_factory=Latches)
    flattening: dict[LatchKey, Flattening] = field(default_factory=dict)
    flattened: int = 0
    risk: RiskMemory = field(default_factory=RiskMemory)
    last_at: int = 0

    @property
    def killed(self) -> str:
        """Return why nothing of the account may leave, empty while orders may."""
        latch = self.latches.wide
        return "" if latch is None else latch.reason

    @property
    def holder(self) -> Holder:
        """Return whose approvals count now."""
        return Holder(self.account, self.epoch)


__all__ = ["Book", "DeskState", "Flattening", "OrderState", "ParentState", "Revision", "Waiting"]
