"""Orders and what a person did about them, as the routes answer."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from fillpath.core.listings import OrderCosts, QuotePoint
from fillpath.core.rows import DecisionRow, FillRow, OrderRow, QualityRow, SignalRow


class OrderEvent(Struct, frozen=True, kw_only=True):
    """One moment in the life of an order.

    Args:
        at: when.
        kind: SIGNAL, DECISION, SENT, FILL, CANCEL, MEASURED, ALERT or END.
        title: what happened, a few words.
        text: the numbers behind it.
        order_id: the slice, or the order itself.
    """

    at: datetime
    kind: str
    title: str
    text: str
    order_id: str


class SlicePlan(Struct, frozen=True, kw_only=True):
    """One slice of an order, planned or done.

    Args:
        number: from 1.
        order_id: the order that was sent for it; empty while it is planned.
        due_at: when it leaves; None when that is not known.
        sent_at: when it left; None while it is planned.
        quantity: shares.
        filled: shares filled.
        status: PLANNED, or where its order stands.
    """

    number: int
    order_id: str
    due_at: datetime | None
    sent_at: datetime | None
    quantity: Decimal
    filled: Decimal
    status: str


class OrderTold(Struct, frozen=True, kw_only=True):
    """Everything that is known of an order.

    Args:
        order: as it stands; None for a parent of which only the slices were sent.
        children: its slices, newest first.
        fills: its executions and those of its slices, newest first.
        decisions: why it was made, changed or refused, with its slices, newest first.
        signal: the signal behind it; None where the tables have none.
        quality: how well it was executed, and each of its slices.
        events: its life, oldest first.
        schedule: its slices in their order; empty for an order that was sent whole.
        quotes: best prices around its life, oldest first; empty where nobody kept them.
        costs: what it cost and where; None where that is not known.
    """

    order: OrderRow | None
    children: list[OrderRow]
    fills: list[FillRow]
    decisions: list[DecisionRow]
    signal: SignalRow | None
    quality: list[QualityRow]
    events: list[OrderEvent]
    schedule: list[SlicePlan]
    quotes: list[QuotePoint]
    costs: OrderCosts | None


class Approval(Struct, frozen=True, kw_only=True):
    """An order that waits for a person.

    Args:
        order_id: our own name for the order.
        strategy_name: the strategy behind it.
        signal_id: the signal behind it.
        symbol: ticker.
        side: BUY or SELL.
        quantity: shares.
        price: the mid that it was decided at.
        worst_price: the worst price that it would accept.
        bid: best bid now; None without one.
        ask: best ask now; None without one.
        asked_at: when it was decided.
        expires_at: until when somebody may answer.
        findings: everything that a person should know before they answer.
        seen: hand it in with the answer; it shows that these findings were seen.
    """

    order_id: str
    strategy_name: str
    signal_id: str
    symbol: str
    side: str
    quantity: str
    price: str
    worst_price: str
    bid: str | None
    ask: str | None
    asked_at: datetime
    expires_at: datetime
    findings: list[str]
    seen: str


class Approvals(Struct, frozen=True):
    """Every order that waits for a person, oldest first."""

    rows: list[Approval]


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of what was asked.

    Args:
        order_id: the order that it was about, or that came of it; empty for none.
        outcome: one word, such as ORDERED, REFUSED, WAITING, DECLINED or CANCEL_ASKED.
        reason: code of a refusal; empty otherwise.
        text: one sentence for a person.
        quantity: shares that were decided; None where none were.
    """

    order_id: str
    outcome: str
    reason: str = ""
    text: str = ""
    quantity: str | None = None
