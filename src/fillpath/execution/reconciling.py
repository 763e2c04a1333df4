"""What a broker answered against what the journal says: facts to feed, and what does not agree.

Executions are the only truth about fills, and each is applied once. What a broker shows is evidence
at once; what it does not show is evidence only after two complete answers in a row agree, the second
one asked for at least three seconds after the first. Until then an order keeps its exposure, and it
is never sent again. Nothing is invented: a difference that no execution explains quarantines its
symbol or raises an alarm, and a person books it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.events import (
    AccountDiffered,
    CommissionReported,
    Event,
    FillCorrected,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderInDoubt,
    OrderRefused,
    SymbolQuarantined,
    TradingHeld,
)
from fillpath.core.ids import is_external
from fillpath.core.models import (
    Certainty,
    Fill,
    Order,
    OrderStatus,
    Position,
    TimeInForce,
)
from fillpath.core.translation import filled_by
from fillpath.core.units import (
    MONEY_SCALE,
    NANOSECONDS,
    iso,
    moment,
    money_decimal,
    money_units,
    nanoseconds,
    quantity_decimal,
    quantity_units,
)
from fillpath.execution.desk.gating import NEVER_REACHED, UNSEEN, VANISHED
from fillpath.execution.desk.resized import RESIZED, is_resized, resized
from fillpath.execution.desk.state import DeskState, OrderState

QUESTIONS: Final = (
    "get_open_orders",
    "get_completed_orders",
    "get_positions",
    "get_portfolio",
    "get_executions",
)
"""What to ask the broker for one view, in this order: what traded meanwhile is seen at the end."""

APART_NS: Final = 3 * NANOSECONDS
RETRY_NS: Final = NANOSECONDS
ANSWER_NS: Final = 5 * NANOSECONDS
CENT: Final = MONEY_SCALE // 100
JOURNAL_BEHIND: Final = "JOURNAL_BEHIND_BROKER"
POSITION_DIFFERENCE: Final = "POSITION_DIFFERENCE"
CYCLES: Final = 2
"""Answers in a row that have to agree on what is not shown."""


class BrokerView(Struct, frozen=True, kw_only=True):
    """What a broker answered to one round of questions.

    Args:
        asked_at: nanoseconds UTC before the first question.
        answered_at: nanoseconds UTC after the last answer.
        executions: as of ``BrokerAdapter.get_executions``.
        open_orders: as of ``get_open_orders``.
        completed_orders: as of ``get_completed_orders``.
        positions: as of ``get_positions``.
        cash: the account's cash in account currency; None where it is not known.
        complete: whether every question was answered; False makes silence mean nothing.
    """

    asked_at: int
    answered_at: int
    executions: tuple[Fill, ...] = ()
    open_orders: tuple[Order, ...] = ()
    completed_orders: tuple[Order, ...] = ()
    positions: tuple[Position, ...] = ()
    cash: Decimal | None = None
    complete: bool = True


class Difference(Struct, frozen=True):
    """Something that the broker and the journal do not agree on.

    Args:
        code: what differs.
        text: the same for a person.
        symbol: the symbol it is about; empty for the account.
        order_id: the order it is about; empty when none is.
        pending: whether another answer has to agree before anything follows from it.
    """

    code: str
    text: str
    symbol: str = ""
    order_id: str = ""
    pending: bool = False


class Outcome(Struct, frozen=True):
    """What follows from an answer.

    Args:
        facts: to be journaled and fed to the desk, in this order.
        clean: whether everything is explained or contained, so that trading may go on.
        differences: what does not agree, settled or not.
        ask_again_after_ns: how long to wait before the next round; None when none is needed.
    """

    facts: tuple[Event, ...]
    clean: bool
    differences: tuple[Difference, ...]
    ask_again_after_ns: int | None


class Reconciler:
    """Compare a desk with its broker, one answer after the other.

    It reads the desk's state and never changes it: the facts of an outcome have to be fed before
    the next answer is judged.

    Args:
        state: what the journal says.
        checks_account: whether positions and cash must agree; False for an account that is made up.
    """

    def __init__(self, state: DeskState, *, checks_account: bool = True) -> None:
        self.questions = QUESTIONS
        self._state = state
        self._checks_account = checks_account
        self._since: dict[tuple[str, ...], tuple[int, int]] = {}
        self._told: set[tuple[str, ...]] = set()
        self._shown: set[tuple[str, ...]] = set()

    def begin_anew(self) -> None:
        """Count from the next answer on: those of a connection before may all lack the same."""
        self._since.clear()

    def answered(self, view: BrokerView, cycles: int = CYCLES) -> Outcome:
        """Return what follows from one round of answers.

        Args:
            view: the answers.
            cycles: how many answers in a row have to say that a position differs.
        """
        seen = _Seen(self._state, view)
        facts = [*seen.executed(), *seen.shown()]
        if not view.complete:
            self._keep_what_is_shown(seen)
            return Outcome(
                facts=tuple(facts), clean=False, differences=(), ask_again_after_ns=RETRY_NS
            )
        findings = list(seen.orders_missing())
        if self._checks_account:
            findings.extend(seen.account_differences())
        facts.extend(seen.unanswered())
        differences: list[Difference] = []
        since: dict[tuple[str, ...], tuple[int, int]] = {}
        self._shown = {finding.key for finding in findings if finding.shown}
        for finding in findings:
            since[finding.key] = _seen_again(self._since.get(finding.key), view)
            needed = cycles if finding.difference.code == POSITION_DIFFERENCE else CYCLES
            waits = since[finding.key][1] < needed
            if not waits and finding.key not in self._told:
                facts.extend(finding.facts)
                self._told.add(finding.key)
            differences.append(replace(finding.difference, pending=waits))
        self._since = since
        self._told &= since.keys()
        pending = any(difference.pending for difference in differences)
        return Outcome(
            facts=tuple(facts),
            clean=not pending,
            differences=tuple(differences),
            ask_again_after_ns=APART_NS if pending else None,
        )

    def _keep_what_is_shown(self, seen: "_Seen") -> None:
        """The next answer is not the second one in a row, except to what was shown as ended."""
        kept = self._shown & self._since.keys()
        self._since = {key: self._since[key] for key in kept if key[1] not in seen.open}


def _seen_again(before: tuple[int, int] | None, view: BrokerView) -> tuple[int, int]:
    """Return when a finding was counted last, and how often; answers too close count as one."""
    if before is None:
        return view.answered_at, 1
    at, times = before
    return (view.answered_at, times + 1) if view.asked_at - at >= APART_NS else before


class _Finding(Struct, frozen=True):
    """What an absence would mean, once it is confirmed.

    Args:
        key: what was found; an answer agrees with the one before when it gives the same key.
        difference: for a person.
        facts: what follows when it is confirmed; fed once, as long as it lasts.
        shown: whether the broker shows it, so that an answer that is not whole says nothing else.
    """

    key: tuple[str, ...]
    difference: Difference
    facts: tuple[Event, ...]
    shown: bool = False


class _Seen:
    """One view beside the state, and what its executions still move."""

    def __init__(self, state: DeskState, view: BrokerView) -> None:
        self.state = state
        self.view = view
        self.at = view.answered_at
        self.open = {order.order_id for order in view.open_orders}
        self.completed = {order.order_id: order for order in view.completed_orders}
        self.filled: dict[str, int] = {}
        self.moved: dict[str, int] = {}
        self.spent = 0
        self._shut = set(state.quarantined)
        self._holds = set(state.holds)

    # What is shown is evidence at once.

    def executed(self) -> Iterator[Event]:
        """Yield the executions, corrections and commissions that the journal does not hold."""
        for fill in self.view.executions:
            order = self._order(fill.order_id)
            fills = self.state.foreign if order is None else order.fills
            known = fills.get(fill.fill_id)
            if known is not None:
                yield from self._revised(fill, known)
            elif fill.fill_id not in self.state.forgotten and not self._long_ago(fill):
                yield from self._new(fill, order)

    def _new(self, fill: Fill, order: OrderState | None) -> Iterator[Event]:
        filled = filled_by(self.at, fill)
        if order is None and not is_external(fill.order_id):
            yield from self._behind(fill.order_id)
        if order is not None and not filled.parent_id and order.ticket.slice_number:
            filled = replace(filled, parent_id=order.ticket.parent_id)
        yield filled
        if fill.revision:
            yield _corrected(self.at, filled, fill.revision)
        self._move(filled.symbol, filled.quantity * filled.side.sign, filled.price)
        self.spent += filled.commission
        before = self.filled.get(fill.order_id, 0)
        self.filled[fill.order_id] = before + filled.quantity

    def _revised(self, fill: Fill, known: OrderFilled) -> Iterator[Event]:
        revision = self.state.revisions.get(fill.fill_id)
        number = 0 if revision is None else revision.number
        now = filled_by(self.at, fill)
        if fill.revision > number:
            yield _corrected(self.at, now, fill.revision)
            sign = now.side.sign
            self._move(known.symbol, -known.quantity * sign, known.price)
            self._move(now.symbol, now.quantity * sign, now.price)
            more = now.quantity - known.quantity
            self.filled[fill.order_id] = self.filled.get(fill.order_id, 0) + more
            self.spent += now.commission - known.commission
        elif fill.revision == number and now.commission and now.commission != known.commission:
            # A commission of 0 is one that the broker does not know yet.
            yield CommissionReported(self.at, fill.order_id, fill.fill_id, now.commission, number)
            self.spent += now.commission - known.commission

    def _move(self, symbol: str, signed: int, price: int) -> None:
        self.moved[symbol] = self.moved.get(symbol, 0) + signed
        self.spent += signed * price

    def _order(self, order_id: str) -> OrderState | None:
        return self.state.orders.get(order_id) or self.state.recent.get(order_id)

    def _long_ago(self, fill: Fill) -> bool:
        """Return whether a fill is one of ours that was applied and forgotten."""
        known = self._order(fill.order_id) is not None or is_external(fill.order_id)
        return not known and nanoseconds(fill.ts) <= self.state.forgotten_at

    def _behind(self, order_id: str) -> Iterator[Event]:
        """An order by our naming that the journal does not know: the journal is an older one."""
        if JOURNAL_BEHIND not in self._holds:
            self._holds.add(JOURNAL_BEHIND)
            text = f"the broker has {order_id}, which the journal does not know"
            yield TradingHeld(self.at, JOURNAL_BEHIND, text)

    def shown(self) -> Iterator[Event]:
        """Yield what follows from the orders that the broker shows."""
        for order in self.view.open_orders:
            ours = self.state.orders.get(order.order_id)
            if ours is not None:
                yield from self._adopted(ours, order)
            elif order.order_id in self.state.recent:
                yield from self._resurfaced(order)
            else:
                yield from self._unknown(order)
        for order in self.view.completed_orders:
            ours = self.state.orders.get(order.order_id)
            if ours is not None and order.status is not OrderStatus.REJECTED:
                yield from self._adopted(ours, order)
            elif ours is None and not self._forgotten(order):
                yield from self._behind(order.order_id)

    def _adopted(self, ours: OrderState, order: Order) -> Iterator[Event]:
        name = order.broker_order_id or ""
        again = name != ours.broker_order_id and order.symbol not in self.state.quarantined
        if not ours.broker_order_id or again or ours.certainty is Certainty.IN_DOUBT:
            yield OrderAccepted(self.at, order.order_id, name)

    def _resurfaced(self, order: Order) -> Iterator[Event]:
        ended = self.state.recent[order.order_id]
        if ended.reason.startswith(UNSEEN):
            yield OrderAccepted(self.at, order.order_id, order.broker_order_id or "")

    def _unknown(self, order: Order) -> Iterator[Event]:
        code = "EXTERNAL_ORDER"
        if not is_external(order.order_id):
            code = "UNKNOWN_ORDER"
            yield from self._behind(order.order_id)
        yield from self._quarantined(order.symbol, f"{code}: {order.order_id}")

    def _forgotten(self, order: Order) -> bool:
        if order.order_id in self.state.recent or is_external(order.order_id):
            return True
        made = order.created_at
        return made is not None and nanoseconds(made) <= self.state.forgotten_at

    def _quarantined(self, symbol: str, reason: str) -> Iterator[Event]:
        if symbol not in self._shut:
            self._shut.add(symbol)
            yield SymbolQuarantined(self.at, symbol, reason)

    # What is not shown has to be missing twice.

    def _judged(self) -> Iterator[OrderState]:
        """Yield our orders that the broker had time for and does not show as open.

        One that it spoke of after the first question was asked may have come between two answers.
        """
        for order in self.state.orders.values():
            missing = order.ticket.order_id not in self.open
            known_since = max(order.decided_at, order.accepted_at, order.last_fill_at)
            if missing and known_since < self.view.asked_at and self._left(order) > 0:
                yield order

    def _left(self, order: OrderState) -> int:
        """Return what the executions of order and view leave to be filled, quantity units."""
        return order.ticket.quantity - order.filled - self.filled.get(order.ticket.order_id, 0)

    def unanswered(self) -> Iterator[Event]:
        """Yield a doubt for each order that nobody has said anything about for too long."""
        for order in self._judged():
            new = order.status is OrderStatus.PENDING and order.certainty is Certainty.CONFIRMED
            silent = order.ticket.order_id not in self.completed
            silent = silent and not self.filled.get(order.ticket.order_id)
            if new and silent and self.at - order.decided_at >= ANSWER_NS:
                text = f"no answer in {(self.at - order.decided_at) / NANOSECONDS:.0f} s"
                yield OrderInDoubt(self.at, order.ticket.order_id, text)

    def orders_missing(self) -> Iterator[_Finding]:
        """Yield what became of orders that do not work at the broker, and those that still do."""
        for order in self._judged():
            ended = self.completed.get(order.ticket.order_id)
            yield self._vanished(order) if ended is None else self._ended(order, ended)
        for shown in self.view.open_orders:
            ours = self.state.orders.get(shown.order_id)
            if ours is not None and is_resized(ours, shown):
                yield self._resized(ours, shown)
            ended_here = self.state.recent.get(shown.order_id)
            if ended_here is not None and not ended_here.reason.startswith(UNSEEN):
                text = f"the broker works it, the journal holds it as {ended_here.status}"
                yield self._contained("STILL_OPEN", text, shown.symbol, shown.order_id)

    def _resized(self, order: OrderState, shown: Order) -> _Finding:
        """Return that a linked order has another size or level, of which no event has told."""
        fact = resized(self.at, order, shown)
        difference = Difference(RESIZED, fact.reason, order.ticket.symbol, fact.order_id)
        key = (RESIZED, fact.order_id, str(fact.quantity), str(fact.stop))
        return _Finding(key, difference, (fact,))

    def _vanished(self, order: OrderState) -> _Finding:
        ticket = order.ticket
        proof = f"in no execution, open or completed order at {iso(moment(self.at))} and before"
        fact: Event
        if not order.broker_order_id and not order.fills and ticket.order_id not in self.filled:
            code = NEVER_REACHED
            fact = OrderRefused(self.at, ticket.order_id, NEVER_REACHED, proof)
        elif ticket.time_in_force is TimeInForce.DAY and self._of_an_earlier_day(order):
            code = "EXPIRED_UNSEEN"
            fact = OrderExpired(self.at, ticket.order_id, f"a DAY order of an earlier day, {proof}")
        else:
            code = VANISHED
            fact = OrderCancelled(self.at, ticket.order_id, f"{VANISHED}: {proof}")
        difference = Difference(code, proof, ticket.symbol, ticket.order_id)
        return _Finding((code, ticket.order_id), difference, (fact,))

    def _of_an_earlier_day(self, order: OrderState) -> bool:
        return moment(order.decided_at).date() < moment(self.at).date()

    def _ended(self, order: OrderState, ended: Order) -> _Finding:
        ticket = order.ticket
        executed = ticket.quantity - self._left(order)
        said = quantity_units(ended.filled_quantity)
        if ticket.group and quantity_units(ended.quantity) == said == executed:
            return replace(self._resized(order, ended), shown=True)  # its group left no more of it
        if ended.status is OrderStatus.FILLED or said > executed:
            text = (
                f"the broker filled {ended.filled_quantity} of it, its executions say "
                f"{quantity_decimal(executed)}"
            )
            return self._contained("MISSING_EXECUTION", text, ticket.symbol, ticket.order_id)
        words = str(ended.metadata.get("reject_reason") or "as the broker's completed orders say")
        fact: Event = OrderCancelled(self.at, ticket.order_id, words)
        if ended.status is OrderStatus.EXPIRED:
            fact = OrderExpired(self.at, ticket.order_id, words)
        elif ended.status is OrderStatus.REJECTED:
            fact = OrderRefused(self.at, ticket.order_id, "REFUSED_UNSEEN", words)
        code = f"{ended.status}_UNSEEN"
        difference = Difference(code, words, ticket.symbol, ticket.order_id)
        return _Finding((code, ticket.order_id), difference, (fact,), shown=True)

    def _contained(self, code: str, text: str, symbol: str, order_id: str = "") -> _Finding:
        """Return a difference that quarantines its symbol, unless that is so already."""
        facts = tuple(self._quarantined(symbol, f"{code}: {order_id} {text}"))
        difference = Difference(code, text, symbol, order_id)
        return _Finding((code, symbol, order_id, text), difference, facts)

    def account_differences(self) -> Iterator[_Finding]:
        """Yield what differs in positions, cash and known executions, after this view's fills."""
        yield from self._positions()
        yield from self._unwitnessed()
        if self.view.cash is None:
            return
        ours = self.state.book.cash - self.spent
        theirs = money_units(self.view.cash)
        if abs(theirs - ours) > CENT:
            code = "CASH_DIFFERENCE"
            text = f"the broker has {self.view.cash}, the journal {money_decimal(ours)}"
            fact = AccountDiffered(self.at, code, text)
            yield _Finding((code, str(theirs - ours)), Difference(code, text), (fact,))

    def _positions(self) -> Iterator[_Finding]:
        theirs = {p.symbol: quantity_units(p.quantity) for p in self.view.positions}
        ours = {symbol: h.quantity for symbol, h in self.state.book.holdings.items()}
        for symbol, moved in self.moved.items():
            ours[symbol] = ours.get(symbol, 0) + moved
        for symbol in sorted(theirs.keys() | ours.keys()):
            has, expected = theirs.get(symbol, 0), ours.get(symbol, 0)
            if has != expected:
                text = f"the broker holds {_shares(has)}, the journal {_shares(expected)}"
                yield self._contained(POSITION_DIFFERENCE, text, symbol)

    def _unwitnessed(self) -> Iterator[_Finding]:
        """Yield the executions of the journal that the broker should remember and does not."""
        shown = {fill.fill_id for fill in self.view.executions}
        if not shown:
            return
        oldest = min(nanoseconds(fill.ts) for fill in self.view.executions)
        for order in (*self.state.recent.values(), *self.state.orders.values()):
            for filled in order.fills.values():
                due = filled.traded_at >= oldest and filled.at < self.view.asked_at
                if due and filled.quantity and filled.fill_id not in shown:
                    yield self._extra(filled)

    def _extra(self, filled: OrderFilled) -> _Finding:
        code, text = "UNWITNESSED_FILL", f"the broker does not show execution {filled.fill_id}"
        fact = AccountDiffered(self.at, code, text, filled.symbol, filled.order_id)
        difference = Difference(code, text, filled.symbol, filled.order_id)
        return _Finding((code, filled.fill_id), difference, (fact,))


def _corrected(at: int, now: OrderFilled, revision: int) -> FillCorrected:
    news = (now.order_id, now.fill_id, revision, now.quantity, now.price, now.commission)
    return FillCorrected(at, *news, "as the broker remembers it")


def _shares(units: int) -> str:
    return f"{quantity_decimal(units):f}"


__all__ = ["QUESTIONS", "BrokerView", "Difference", "Outcome", "Reconciler"]
