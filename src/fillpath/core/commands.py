"""Intents, in the imperative: everything the desk may ask for, and the journal's second half.

``PlaceOrder``, ``AmendOrder`` and ``CancelOrder`` leave the process, so they are journaled before
they are performed. The rest stays inside: timers and watches are rebuilt by replaying the facts, decisions
and measurements are projections. Amounts are exact integers (see ``core/units.py``).
"""

from typing import Any

from msgspec import Struct, field

from fillpath.core.events import OrderFilled
from fillpath.core.models import Fill, OrderSide, OrderType, TimeInForce


class Ticket(Struct, frozen=True, array_like=True, gc=False):
    """An order inside the desk: the exact-integer twin of ``models.Order``.

    Args:
        order_id: our own name for the order.
        parent_id: the parent order; equal to ``order_id`` for an order sent whole.
        symbol: ticker.
        side: BUY or SELL.
        quantity: quantity units, above 0.
        order_type: MARKET, LIMIT, or STOP for a protective stop.
        limit: worst price accepted, price units; None without one.
        stop: of a STOP order its trigger, else the protective level of the position, price units.
        time_in_force: DAY unless said otherwise.
        strategy_name: the strategy behind it.
        signal_id: the signal behind it.
        route: the row of the routing table that matched.
        route_reason: the numbers behind the match.
        protected: True when a market order travels as a marketable limit.
        slice_number: from 1 on slices, 0 for an order sent whole.
        slice_count: slices really made, 0 for an order sent whole.
        interval_seconds: time between slices, 0 for an order sent whole.
        signal_price: price when the signal was made, price units.
        signal_at: when the signal was made, nanoseconds.
        strength: the signal's strength, ratio units.
        kelly: the Kelly fraction, ratio units rounded down; None for an explicit size.
        sizing: the limit that bound the size.
        group: orders of one group are linked: what one of them fills, the others are reduced by.
        destination: where the broker is to work it (``core/destinations.py``), as one line of text;
            empty where it is not said.
    """

    order_id: str
    parent_id: str
    symbol: str
    side: OrderSide
    quantity: int
    order_type: OrderType
    limit: int | None
    stop: int | None
    time_in_force: TimeInForce
    strategy_name: str
    signal_id: str
    route: str
    route_reason: str
    protected: bool
    slice_number: int
    slice_count: int
    interval_seconds: int
    signal_price: int | None
    signal_at: int
    strength: int
    kelly: int | None
    sizing: str
    group: str = ""
    destination: str = ""


class PlaceOrder(Struct, frozen=True, array_like=True, tag="place_order", gc=False):
    """Send this order to the broker, once.

    Args:
        at: nanoseconds UTC of the decision.
        ticket: the order.
        approval: what binds risk's approval to it (``risk/approving.py``); without it nothing
            leaves.
    """

    at: int
    ticket: Ticket
    approval: str = ""


class CancelOrder(Struct, frozen=True, array_like=True, tag="cancel_order", gc=False):
    """Ask the broker to cancel the rest of an order."""

    at: int
    order_id: str
    broker_order_id: str
    reason: str


class AmendOrder(Struct, frozen=True, array_like=True, tag="amend_order", gc=False):
    """Ask the broker to change an order that works, in one step; asking twice is harmless.

    Args:
        at: nanoseconds UTC.
        order_id: our order.
        broker_order_id: the broker's name for it.
        quantity: the whole order with what is filled of it, quantity units.
        stop: its trigger, price units; None for an order without one.
        reason: why.
    """

    at: int
    order_id: str
    broker_order_id: str
    quantity: int
    stop: int | None
    reason: str


class SetTimer(Struct, frozen=True, array_like=True, tag="set_timer", gc=False):
    """Wake the desk with ``TimerFired`` at ``due`` nanoseconds UTC."""

    timer_id: str
    due: int
    symbol: str


class ClearTimer(Struct, frozen=True, array_like=True, tag="clear_timer", gc=False):
    """Forget a timer; unknown names are ignored."""

    timer_id: str


class WatchQuote(Struct, frozen=True, array_like=True, tag="watch_quote", gc=False):
    """Wake the desk with ``QuoteSeen`` at the next usable quote of the symbol, once."""

    symbol: str


class WatchLevel(Struct, frozen=True, array_like=True, tag="watch_level", gc=False):
    """Wake the desk with ``LevelReached`` once the market is at or beyond a price.

    Args:
        watch_id: name of the watch; the same name again moves it.
        symbol: ticker.
        side: the side that would trade: SELL looks at the bid, BUY at the ask.
        low: reached by a price at or below it, price units; None for none.
        high: reached by a price at or above it, price units; None for none.
    """

    watch_id: str
    symbol: str
    side: OrderSide
    low: int | None
    high: int | None


class ClearLevel(Struct, frozen=True, array_like=True, tag="clear_level", gc=False):
    """Forget a watch on a price; unknown names are ignored."""

    watch_id: str
    symbol: str


class RaiseAlarm(Struct, frozen=True, array_like=True, tag="raise_alarm", gc=False):
    """Tell a person; a fact did not fit, or a threshold was crossed."""

    at: int
    code: str
    text: str
    order_id: str = ""


class Decision(Struct, frozen=True, tag="decision", omit_defaults=True):
    """Why an order was made, changed or refused: the readable record behind it.

    Args:
        at: nanoseconds UTC of the fact that was judged.
        stage: ``SIGNAL`` (validation, sizing, risk and routing of a parent), ``SLICE`` (a child
            at its release), ``APPROVAL`` (what a person said), ``CANCEL`` or ``EXPIRE``.
        outcome: ``ORDERED``, ``REFUSED``, ``HELD``, ``WAITING`` (for a person), ``REDUCED``,
            ``EXPIRED`` or ``UNFILLED``; of an approval ``APPROVED`` or ``DECLINED``; of a cancel by
            a person ``ASKED``.
        symbol: ticker.
        reason: machine-readable code of a refusal or hold, empty when ordered.
        text: the same for a person, with the numbers.
        strategy_name: the strategy behind it.
        signal_id: the signal behind it.
        order_id: the order it is about, empty when none came to be.
        direction: LONG, SHORT or FLAT.
        side: BUY or SELL.
        quantity: decided size, quantity units.
        order_type: MARKET or LIMIT.
        limit: limit price, price units.
        stop: protective stop level, price units.
        market: the quote, ADV and marks that were used.
        cash: cash at the decision, money units.
        reserved: cash reserved by working orders, money units.
        equity: total equity at the decision, money units.
        sizing: each sizing limit by name in quantity units.
        bound: the sizing limit that bound.
        kelly: Kelly fraction, ratio units rounded down.
        risk: the verdict of the risk cascade.
        risk_reasons: every objection, as text.
        route: the matched row.
        route_reason: the numbers behind the match.
        flags: remarks such as ``ADV_MISSING`` or ``SAMPLE_SIZE_UNKNOWN``.
        participation: expected share of volume over the schedule, ratio units; None when unknown.
        controls: ids of the risk controls that ran, in their order.
    """

    at: int
    stage: str
    outcome: str
    symbol: str
    reason: str = ""
    text: str = ""
    strategy_name: str = ""
    signal_id: str = ""
    order_id: str = ""
    direction: str = ""
    side: str = ""
    quantity: int = 0
    order_type: str = ""
    limit: int | None = None
    stop: int | None = None
    market: Any = None
    cash: int = 0
    reserved: int = 0
    equity: int = 0
    sizing: dict[str, int] = field(default_factory=dict)
    bound: str = ""
    kelly: int | None = None
    risk: str = ""
    risk_reasons: tuple[str, ...] = ()
    route: str = ""
    route_reason: str = ""
    flags: tuple[str, ...] = ()
    participation: int | None = None
    controls: tuple[str, ...] = ()


class FillBooked(Struct, frozen=True, array_like=True, tag="fill_booked", gc=False):
    """An execution was applied, exactly once; the row of the fills table."""

    at: int
    filled: OrderFilled

    @property
    def fill(self) -> Fill:
        """Return the execution as the public model."""
        return self.filled.fill


class FillRevised(Struct, frozen=True, array_like=True, tag="fill_revised", gc=False):
    """An execution that was booked is another one now; the row of the fills table changes.

    Args:
        at: nanoseconds UTC.
        filled: the execution as it is now; quantity 0 when it was undone.
        revision: 0 when only its commission changed, the broker's revision otherwise.
        reason: the broker's words.
    """

    at: int
    filled: OrderFilled
    revision: int
    reason: str = ""


class OrderClosed(Struct, frozen=True, array_like=True, tag="order_closed", gc=False):
    """An order reached its end; the row of the orders table.

    Args:
        at: nanoseconds UTC of the last fact.
        ticket: the order as it was sent.
        status: terminal status.
        broker_order_id: the broker's name.
        filled: quantity units.
        value: sum of price times quantity over the fills, money units.
        commission: money units.
        sent_at: nanoseconds when it was decided.
        reason: why it ended, when it was not filled.
    """

    at: int
    ticket: Ticket
    status: str
    broker_order_id: str
    filled: int
    value: int
    commission: int
    sent_at: int
    reason: str = ""


class QualityMeasured(Struct, frozen=True, array_like=True, tag="quality_measured", gc=False):
    """How well one order was executed; costs positive for both sides.

    Args:
        at: nanoseconds of the last fill.
        order_id: the order measured.
        parent_id: its parent; equal to ``order_id`` for an order sent whole.
        symbol: ticker.
        side: BUY or SELL.
        route: the matched row.
        strategy_name: the strategy behind it.
        filled: quantity units.
        value: sum of price times quantity, money units.
        expected: the price meant to be paid, price units.
        signal_price: price at the signal, price units; None when unknown.
        arrival_mid: mid when the order was decided, in half price units (bid + ask).
        signal_at: nanoseconds of the signal.
        decided_at: nanoseconds of the decision that sent the order.
        first_fill_at: nanoseconds of the first fill.
    """

    at: int
    order_id: str
    parent_id: str
    symbol: str
    side: OrderSide
    route: str
    strategy_name: str
    filled: int
    value: int
    expected: int
    signal_price: int | None
    arrival_mid: int | None
    signal_at: int
    decided_at: int
    first_fill_at: int


Intent = PlaceOrder | AmendOrder | CancelOrder
Projection = Decision | OrderClosed | QualityMeasured | RaiseAlarm | FillRevised
Command = (
    Intent | SetTimer | ClearTimer | WatchQuote | WatchLevel | ClearLevel | FillBooked | Projection
)

__all__ = [
    "AmendOrder",
    "CancelOrder",
    "ClearLevel",
    "ClearTimer",
    "Command",
    "Decision",
    "FillBooked",
    "FillRevised",
    "Intent",
    "OrderClosed",
    "PlaceOrder",
    "Projection",
    "QualityMeasured",
    "RaiseAlarm",
    "SetTimer",
    "Ticket",
    "WatchLevel",
    "WatchQuote",
]
