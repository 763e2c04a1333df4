"""What must hold after every durable record: the invariants that the journal alone can break."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from fillpath.chaos.authority import Authority
from fillpath.chaos.breaking import Breaking
from fillpath.chaos.busy import Busy
from fillpath.chaos.cover import PROTECT, Cover
from fillpath.chaos.ledger import DumbLedger, Entry
from fillpath.chaos.venue import Venue
from fillpath.chaos.witness import OrderLog, Step, Witness
from fillpath.core.commands import (
    CancelOrder,
    Command,
    Decision,
    OrderClosed,
    PlaceOrder,
    QualityMeasured,
    RaiseAlarm,
    Ticket,
)
from fillpath.core.events import (
    AccountOpened,
    CommissionReported,
    FillCorrected,
    KillSwitchCleared,
    KillSwitchSet,
    MarketView,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
    SessionOpened,
    SignalReceived,
    SplitApplied,
)
from fillpath.core.models import Certainty, OrderSide, OrderStatus
from fillpath.core.reading import quality_row
from fillpath.core.units import (
    NANOSECONDS,
    RATIO_SCALE,
    money_decimal,
    price_decimal,
    quantity_decimal,
)
from fillpath.risk.kill_switch import PNL_SHOCK, Scope

Report = Callable[[int, str], None]

_S: Final = OrderStatus
_ENDS: Final = frozenset({_S.CANCELLED, _S.REJECTED, _S.EXPIRED})
_FORWARD: Final = {
    _S.PENDING: frozenset({_S.SUBMITTED, _S.PARTIALLY_FILLED, _S.FILLED, *_ENDS}),
    _S.SUBMITTED: frozenset({_S.PARTIALLY_FILLED, _S.FILLED, *_ENDS}),
    _S.PARTIALLY_FILLED: frozenset({_S.FILLED, _S.CANCELLED, _S.EXPIRED}),
}
_AHEAD_NS: Final = 6 * NANOSECONDS
_BEHIND_NS: Final = 600 * NANOSECONDS
_NEVER_REACHED: Final = "NEVER_REACHED_BROKER"
_FINAL: Final = frozenset({"ORDERED", "REDUCED", "REFUSED", "EXPIRED", "UNFILLED"})


class StepChecks:
    """Judge each durable record by what came before it.

    Args:
        venue: the truth, which the engine may not look at.
        report: takes the number of a broken invariant and what was found.
        operator: how often a person allowed trading again.
        true_now: returns true nanoseconds UTC.
    """

    def __init__(
        self,
        venue: Venue,
        report: Report,
        operator: Callable[[], int],
        true_now: Callable[[], int],
    ) -> None:
        self.ledger = DumbLedger(Decimal(0))
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.signals: Counter[tuple[str, str]] = Counter()
        self.checks: Counter[int] = Counter()
        self.busy = Busy()
        self.witness: Witness
        self.cover: Cover
        self.heard: Callable[[tuple[str, str]], None]
        self._venue = venue
        self._report = report
        self._operator = operator
        self._true_now = true_now
        self.before: set[str] = set()
        self.splits: set[tuple[str, int]] = set()
        self._cleared = 0
        self._killed = False
        self._authority = Authority(self.ledger, self.expect)
        self.breaking = Breaking(self.ledger, self.expect)
        self._statuses: dict[str, OrderStatus] = {}
        self._windows: dict[str, tuple[int, int]] = {}

    def __call__(self, step: Step) -> None:
        """Check everything that this record can have broken."""
        record = step.record
        self.busy.take(record)
        ahead = record.at - self._true_now()
        text = f"{record!r} is dated {ahead / NANOSECONDS:.3f} s off"
        self.expect(23, -_BEHIND_NS < ahead < _AHEAD_NS, text)
        self.expect(19, not self.witness.diverged, self.witness.diverged)
        self._check_values(record)
        if isinstance(record, SessionOpened):
            self._authority.day_began(record.at)
        elif isinstance(record, PlaceOrder):
            self._placed(step, record)
        elif isinstance(record, SignalReceived):
            signal = record.signal
            key = (signal.strategy_name, signal.signal_id or "")
            self.signals[key] += 1
            self.heard(key)
            limits = self.witness.desk.policy.risk
            self.breaking.valued(record.at, record.market, step.commands, limits)
        elif isinstance(record, OrderFilled):
            self._filled(record)
        elif not isinstance(record, CancelOrder):
            self._booked(record)
        order_id = getattr(record, "order_id", "")
        if order_id and not isinstance(record, CancelOrder):
            self._moved(order_id, record)
        for command in step.commands:
            self._said(command)

    def expect(self, number: int, holds: object, text: str) -> None:
        """Count a check, and report it when it does not hold."""
        self.checks[number] += 1
        if not holds:
            self._report(number, text)

    def _check_values(self, record: Any) -> None:
        """What is valued is what is held at that very record, beside the cash of that record."""
        market = getattr(record, "market", None)
        if not isinstance(market, MarketView) or market.quote_at is None:
            return
        held = self.ledger.positions.values()
        sides = any(shares > 0 for shares in held), any(shares < 0 for shares in held)
        worth = market.long_value, market.short_value
        text = f"{type(record).__name__} brings {worth} for {self.ledger.positions}"
        self.expect(6, sides == (worth[0] > 0, worth[1] > 0), text)

    def _booked(self, record: Any) -> None:
        """Keep the books of the journal, which the engine's own must equal."""
        if isinstance(record, AccountOpened):
            self.ledger.cash = money_decimal(record.cash)
            self.before.update(record.executions)
            for position in record.positions:
                self.ledger.positions[position.symbol] = quantity_decimal(position.quantity)
        elif isinstance(record, SplitApplied):
            self._split(record)
        elif isinstance(record, FillCorrected):
            self._corrected(record)
        elif isinstance(record, CommissionReported):
            fee = money_decimal(record.commission)
            self.ledger.charge(record.fill_id, fee, record.revision)
        elif isinstance(record, KillSwitchCleared):
            self._cleared += 1
            self.breaking.cleared(record)
            text = f"{self._cleared} clearings, a person gave {self._operator()}"
            self.expect(14, self._cleared <= self._operator(), text)
            self._killed = self._killed and record.scope != Scope.ACCOUNT
        elif isinstance(record, KillSwitchSet):
            self._killed = self._killed or record.scope == Scope.ACCOUNT
        killed = self.witness.desk.state.killed
        self.expect(14, bool(killed) is self._killed, f"killed is {killed!r} by {record!r}")

    def _split(self, record: SplitApplied) -> None:
        """The same split may be told twice, and counts once."""
        key = (record.symbol, record.at)
        if key not in self.splits:
            self.splits.add(key)
            self.breaking.split(record.at)
            self.ledger.split(record.symbol, record.at, record.new_shares, record.old_shares)

    def _filled(self, record: OrderFilled) -> None:
        true = self._venue.versions.get(record.fill_id, [])
        same = any(_equal(one, record) for one in true)
        self.expect(21, same, f"{record} was journaled, the venue made {true}")
        self.expect(24, record.quantity > 0 and record.price > 0, f"{record}")
        shares = quantity_decimal(record.quantity) * record.side.sign
        name, fee = record.fill_id, money_decimal(record.commission)
        self.cover.belongs(record)
        price, at = price_decimal(record.price), record.traded_at
        self.ledger.trade(Entry(name, record.symbol, shares, price, fee, at))

    def _corrected(self, record: FillCorrected) -> None:
        true = self._venue.versions.get(record.fill_id, [])
        known = record.revision < len(true)
        one = true[record.revision] if known else None
        same = one is not None and (one.quantity, one.price) == (record.quantity, record.price)
        self.expect(21, same, f"{record} was journaled, the venue made {one}")
        if one is not None:
            shares = quantity_decimal(record.quantity) * one.side.sign
            price, fee = price_decimal(record.price), money_decimal(record.commission)
            entry = Entry(record.fill_id, one.symbol, shares, price, fee, one.traded_at)
            self.ledger.correct(entry, record.revision)

    def _placed(self, step: Step, intent: PlaceOrder) -> None:
        ticket = intent.ticket
        log = self.witness.orders[ticket.order_id]
        self.expect(23, step.cause is not None and step.cause.at <= intent.at, f"{intent}")
        numbers = (ticket.quantity, ticket.limit or 1, ticket.stop or 1)
        sane = all(type(n) is int and n > 0 for n in numbers)
        self.expect(24, sane, f"quantity, limit, stop {numbers}")
        if ticket.route == PROTECT:
            self.expect(11, intent.approval, f"{ticket.order_id} has no approval")
            return
        decision = _approval(step.answer, ticket)
        text = f"{ticket.order_id} has no approval for {ticket.quantity}: {decision}"
        approved = decision is not None and decision.risk in {"APPROVE", "REDUCE_SIZE"}
        self.expect(11, approved and _covers(decision, ticket), text)
        self._check_plan(ticket)
        self._check_room(step, log)
        self._check_grid(intent)

    def _check_plan(self, ticket: Ticket) -> None:
        """One plan for each signal, and no slices beyond their parent."""
        orders = self.witness.orders.values()
        family = [log for log in orders if _kin(log.ticket, ticket) and log.ticket.route != PROTECT]
        whole = [log for log in family if log.ticket.order_id == log.ticket.parent_id]
        names = [log.ticket.order_id for log in family]
        self.expect(8, not whole or len(family) == 1, f"{names} come from one signal")
        parent = self.witness.desk.state.parents.get(ticket.parent_id)
        if parent is None or any(log.late or log.overfill for log in family):
            return
        sent = sum(log.filled + log.working for log in family)
        text = f"{ticket.parent_id}: {sent} quantity units of {parent.ticket.quantity} are out"
        self.expect(2, sent <= parent.ticket.quantity, text)

    def _check_room(self, step: Step, log: OrderLog) -> None:
        """Entries within the cap, exits within what is held, shorts only where allowed."""
        ticket = log.ticket
        market = getattr(step.cause, "market", None)
        policy = self.witness.desk.policy.risk
        sign = ticket.side.sign
        held = int(self.ledger.positions.get(ticket.symbol, Decimal(0)) * 10**6)
        orders = [o for o in self.witness.orders.values() if not o.protects]
        mine = [o for o in orders if _same_side(o.ticket, ticket)]
        working = sum(order.working for order in mine)
        if not log.reduces:
            self._check_cap(market, sign * held + working, ticket)
            self._check_limits(step, ticket)
            short = ticket.side is OrderSide.SELL and not policy.allow_short
            text = f"{ticket.order_id} sells {working} of {held} held"
            self.expect(10, not short or working <= held, text)
            return
        own = sum(o.working for o in mine if o.ticket.strategy_name == ticket.strategy_name)
        book = self.witness.desk.state.book.by_strategy
        may = book.get((ticket.strategy_name, ticket.symbol), 0)
        may += book.get(("", ticket.symbol), 0) if ticket.strategy_name else 0
        self.expect(10, own <= -sign * may, f"{ticket.order_id} closes {own} of {may}")

    def _check_limits(self, step: Step, ticket: Ticket) -> None:
        """Recount the limits, without a look at how the cascade counts."""
        market = getattr(step.cause, "market", None)
        if not isinstance(market, MarketView) or market.bid is None or market.ask is None:
            return
        state, policy = self.witness.desk.state, self.witness.desk.policy
        others: Counter[str] = Counter()
        for log in self.witness.orders.values():
            if log.ticket.parent_id != ticket.parent_id and not log.protects:
                others[log.ticket.symbol] += log.working
        for parent in state.parents.values():
            if parent.ticket.order_id != ticket.parent_id:
                others[parent.ticket.symbol] += parent.rest
        self._authority.placed(ticket, market, policy, others)
        if not ticket.slice_number:
            self._authority.funded(ticket, market, policy, self._reserved_then(step, ticket))

    def _reserved_then(self, step: Step, ticket: Ticket) -> int:
        """Return what was reserved when an order was decided: an exit after it needs no room."""
        state = self.witness.desk.state
        names = [c.ticket.order_id for c in step.answer if isinstance(c, PlaceOrder)]
        after = [state.orders[name] for name in names[names.index(ticket.order_id) + 1 :]]
        exits = [
            o for o in after if o.reduces and o.ticket.side is OrderSide.BUY and not o.protects
        ]
        return state.book.reserved - sum(o.remaining * o.worst_price for o in exits)

    def _check_cap(self, market: object, occupied: int, ticket: Ticket) -> None:
        if not isinstance(market, MarketView) or market.bid is None or market.ask is None:
            return
        cash = int(self.ledger.cash * 10**14)
        equity = cash + market.long_value - market.short_value
        value = occupied * ((market.bid + market.ask) >> 1) * RATIO_SCALE
        most = self.witness.desk.policy.risk.cap * equity
        text = f"{ticket.order_id}: {occupied} units are {value / most:.4f} of the cap"
        self.expect(6, value <= most, text)

    def _check_grid(self, intent: PlaceOrder) -> None:
        """A slice leaves within its own interval, and not after the schedule was stopped."""
        ticket = intent.ticket
        if not ticket.slice_number:
            return
        parent = self.witness.desk.state.parents.get(ticket.parent_id)
        if parent is not None:
            start = parent.schedule.start
            self._windows.setdefault(ticket.parent_id, (start, parent.schedule.interval))
        start, interval = self._windows[ticket.parent_id]
        due = start + (ticket.slice_number - 1) * interval
        late = (intent.at - due) / 10**9
        text = f"{ticket.order_id} (slice {ticket.slice_number}) leaves {late:.3f} s after its time"
        self.expect(27, due <= intent.at < due + interval, text)

    def _moved(self, order_id: str, record: Any) -> None:
        """The record's order moved along the table, and for a reason."""
        state = self.witness.desk.state
        order = state.orders.get(order_id) or state.recent.get(order_id)
        log = self.witness.orders.get(order_id)
        if order is None or log is None:
            return
        before = self._statuses.get(order_id, _S.PENDING)
        after = order.status
        if before is not after:
            allowed = after in _FORWARD.get(before, frozenset()) or (
                isinstance(record, OrderFilled) and before in _ENDS and after is _S.FILLED
            )
            allowed = allowed or isinstance(record, FillCorrected)
            text = f"{order_id} went from {before} to {after} by {type(record).__name__}"
            self.expect(17, allowed, text)
            self._statuses[order_id] = after
        if isinstance(record, OrderCancelled | OrderExpired):
            there = self._venue.status(order_id)
            text = f"{order_id} is said to have ended, the venue has it as {there}"
            self.expect(28, there in _ENDS, text)
        if log.certainty is Certainty.IN_DOUBT and after.is_terminal:
            self._check_evidence(order_id, record)
        entries = [e for name, e in self.ledger.entries.items() if name in order.fills]
        filled = int(sum((abs(entry.shares) for entry in entries), Decimal(0)) * 10**6)
        self.expect(21, order.filled == filled, f"{order_id}: {order.filled} booked, {filled} made")
        if filled > max(log.ticket.quantity, log.most):  # a fill may overtake the news of a change
            self.expect(1, self._overfilled(log), f"{order_id}: {filled} of {log.ticket.quantity}")

    def _overfilled(self, log: OrderLog) -> bool:
        return log.overfill or any(
            isinstance(c, RaiseAlarm) and c.code == "OVERFILL" for c in self.witness.answer
        )

    def _check_evidence(self, order_id: str, record: Any) -> None:
        self.expect(28, not isinstance(record, OrderAccepted), f"{order_id} by {record!r}")
        if isinstance(record, OrderRefused) and record.code == _NEVER_REACHED:
            text = f"{order_id} is said never to have reached the venue, which has it"
            self.expect(28, order_id not in self._venue.orders, text)

    def _said(self, command: Command) -> None:
        if isinstance(command, Decision) and command.stage == "SIGNAL":
            self.expect(
                15, command.outcome == "ORDERED" or command.reason or command.risk, f"{command}"
            )
            if command.outcome in {"ORDERED", "REDUCED"}:
                self._decided(command)
            if command.outcome in _FINAL and command.reason != "DUPLICATE":
                self.outcomes[command.strategy_name, command.signal_id] += 1
        elif isinstance(command, OrderClosed) and command.status == _S.REJECTED:
            self.expect(15, command.reason, f"{command.ticket.order_id} was rejected for nothing")
        elif isinstance(command, RaiseAlarm):
            self._told(command)
        elif isinstance(command, QualityMeasured):
            self.expect(23, command.first_fill_at >= command.signal_at, f"{command}")
            self._measured(command)

    def _measured(self, measured: QualityMeasured) -> None:
        """What a buyer pays above the price that was meant is a cost; for a seller it is the reverse."""
        row, other = (
            quality_row(measured),
            quality_row(replace(measured, side=measured.side.opposite)),
        )
        fills = self._fills_of(measured.order_id)
        if sum((abs(e.shares) for e in fills), Decimal(0)) != row.quantity:
            return  # it is measured once more when a correction that came early is applied
        meant = price_decimal(measured.expected) * row.quantity
        paid = sum((abs(e.shares) * e.price for e in fills), Decimal(0))
        over = (paid - meant) * measured.side.sign
        text = f"{measured.order_id} {measured.side} paid {paid} instead of {meant}: {row.slippage_bps}"
        sign = (over > 0) - (over < 0)
        self.expect(25, sign == (row.slippage_bps > 0) - (row.slippage_bps < 0), text)
        self.expect(25, other.slippage_bps == -row.slippage_bps, text)

    def _fills_of(self, order_id: str) -> list[Entry]:
        state = self.witness.desk.state
        order = state.orders.get(order_id) or state.recent.get(order_id)
        names = () if order is None else order.fills
        return [entry for name, entry in self.ledger.entries.items() if name in names]

    def _told(self, alarm: RaiseAlarm) -> None:
        log = self.witness.orders.get(alarm.order_id)
        if alarm.code == PNL_SHOCK:
            self._killed = True
        elif alarm.code == "OVERFILL" and log is not None:
            log.overfill = True

    def _decided(self, decision: Decision) -> None:
        """Recount what a whole parent is held to."""
        state = self.witness.desk.state
        order = state.orders.get(decision.order_id) or state.parents.get(decision.order_id)
        if order is not None:
            self._authority.decided(decision, self.witness.desk.policy, reduces=order.reduces)


def _approval(answer: list[Command], ticket: Ticket) -> Decision | None:
    """Return the decision that covers an order, among what the desk said with it."""
    stage = "SLICE" if ticket.slice_number else "SIGNAL"
    for command in answer:
        if not isinstance(command, Decision) or command.order_id != ticket.order_id:
            continue
        if command.stage == stage and command.outcome in {"ORDERED", "REDUCED"}:
            return command
    return None


def _covers(decision: Decision | None, ticket: Ticket) -> bool:
    return decision is not None and (decision.quantity, decision.side, decision.limit) == (
        ticket.quantity,
        ticket.side,
        ticket.limit,
    )


def _equal(true: OrderFilled, told: OrderFilled) -> bool:
    """Return whether an execution is told as it was; what it cost may come later."""
    cost = told.commission in {0, true.commission}
    return cost and (true.order_id, true.symbol, true.side, true.quantity, true.price) == (
        told.order_id,
        told.symbol,
        told.side,
        told.quantity,
        told.price,
    )


def _kin(one: Ticket, other: Ticket) -> bool:
    return (one.strategy_name, one.signal_id) == (other.strategy_name, other.signal_id)


def _same_side(one: Ticket, other: Ticket) -> bool:
    return one.symbol == other.symbol and one.side is other.side
