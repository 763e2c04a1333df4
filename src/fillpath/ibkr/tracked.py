"""One order as it is followed: what was asked, what the gateway showed of it, and its public picture."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from fillpath.core.ids import EXTERNAL
from fillpath.core.models import (
    ZERO,
    Certainty,
    Order,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from fillpath.ibkr.executions import Book
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import OrderShown
from fillpath.ibkr.sides import SIDES
from fillpath.ibkr.symbols import our_symbol
from fillpath.ibkr.verdicts import Stage
from fillpath.ibkr.words import OUR_TIMES, OUR_TYPES

STOCK: Final = "STK"
FILLED: Final = "Filled"
_TRIGGERED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_LIMITED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_UNKNOWN_SIZE: Final = Decimal(1)
"""The gateway leaves the size out of orders that ended; an order of no size cannot be."""


class Need(StrEnum):
    """What somebody who can ask has to ask the gateway for."""

    EXECUTIONS = "EXECUTIONS"
    """The executions of today."""
    LOOK_UP = "LOOK_UP"
    """Executions, open orders and completed orders, in this order."""
    COMPARE = "COMPARE"
    """Everything, by the engine: something happened that it has to know and no event tells."""


class Change(Struct, frozen=True):
    """What a change that is under way asked for: the whole size, the trigger, and when."""

    quantity: Decimal
    stop: Decimal | None
    at: int


class Doubt(Struct):
    """Why nobody knows what became of an order.

    Args:
        code: the gateway's number, 0 when it said nothing.
        text: its words, or ours.
        since: nanoseconds from which on answers of the gateway count.
        absent_at: nanoseconds at which a look-up was asked for that did not find it; 0 for none.
    """

    code: int
    text: str
    since: int
    absent_at: int = 0


class Tracked(Struct, kw_only=True, eq=False):
    """One order and everything that was heard of it.

    Args:
        order: as it was asked for, in its present size and with its present trigger.
        mine: whether this client id placed it and can change and cancel it.
        since: nanoseconds since when it is known here.
        form: what was sent; None for one that the gateway showed first.
        shown: the order as the gateway showed it last.
        number: its order id, 0 while unknown or another client's.
        perms: its account-wide ids, oldest first.
        gone: those of them that the gateway counts as ended.
        name: the account-wide id that names it, once it is accepted.
        word: the gateway's last status.
        reported: the filled size that came with it.
        why_held: the gateway's word for what it waits for.
        word_at: nanoseconds at which the status was heard.
        refused: code of the last refusal, 0 for none.
        reason: the gateway's words about its refusal or its end.
        cancel_at: nanoseconds at which a cancel was sent that is not answered, else 0.
        cancel_asked: whether a cancel was ever sent.
        change: the change that is under way.
        doubt: why its state is not known.
        ended: how it ended; executions may still come.
        held: why the broker holds it back, by its status.
        remark: why it does, by a message of its own.
        notes: what the gateway remarked lately.
        sighted_at: nanoseconds at which the gateway last spoke of it.
        open_at: nanoseconds at which it was last shown among the open orders.
        wants: what has to be asked before more can be said of it.
    """

    order: Order
    mine: bool
    since: int
    form: OrderForm | None = None
    shown: OrderShown | None = None
    number: int = 0
    perms: list[int] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    name: str = ""
    word: str = ""
    reported: Decimal | None = None
    why_held: str = ""
    word_at: int = 0
    refused: int = 0
    reason: str = ""
    cancel_at: int = 0
    cancel_asked: bool = False
    change: Change | None = None
    doubt: Doubt | None = None
    ended: OrderStatus | None = None
    held: str = ""
    remark: str = ""
    notes: list[str] = field(default_factory=list)
    sighted_at: int = 0
    open_at: int = 0
    wants: Need | None = None

    @property
    def order_id(self) -> str:
        """Return our name of the order."""
        return self.order.order_id

    @property
    def accepted(self) -> bool:
        """Return whether the gateway has shown that it has the order."""
        return bool(self.name)

    @property
    def stage(self) -> Stage:
        """Return what a message of the gateway would be about."""
        if self.cancel_at:
            return Stage.CANCELLING
        if not self.accepted:
            return Stage.NEW
        return Stage.WORKING if self.change is None else Stage.CHANGING

    @property
    def triggered(self) -> bool:
        """Return whether the order waits for a trigger."""
        return self.order.order_type in _TRIGGERED


def picture(tracked: Tracked, book: Book) -> Order:
    """Return an order as it stands, its fills by the executions."""
    order = tracked.order
    filled = book.filled(order.order_id)
    status = tracked.ended or OrderStatus.SUBMITTED
    if filled >= order.quantity:
        status = OrderStatus.FILLED
    elif status is OrderStatus.SUBMITTED and (filled or tracked.word == FILLED):
        status = OrderStatus.PARTIALLY_FILLED
    if tracked.ended:
        filled = max(filled, claimed(tracked, book))
    metadata = dict(order.metadata)
    if status is OrderStatus.REJECTED:
        metadata["reject_reason"] = tracked.reason or "the gateway refused it"
    held = tracked.remark or tracked.held
    if held and not tracked.ended:
        metadata["held"] = held
    sure = tracked.doubt is None and (tracked.accepted or tracked.ended is not None)
    return order.changed(
        broker_order_id=tracked.name or None,
        status=status,
        certainty=Certainty.CONFIRMED if sure else Certainty.IN_DOUBT,
        cancel_requested=bool(tracked.cancel_at) and not status.is_terminal,
        filled_quantity=filled,
        average_fill_price=book.average_price(order.order_id),
        metadata=metadata,
    )


def claimed(tracked: Tracked, book: Book) -> Decimal:
    """Return the size that the gateway counts as filled, 0 where a correction has outdated it."""
    return (
        ZERO if tracked.reported is None or book.corrected(tracked.order_id) else tracked.reported
    )


def ended_in_full(tracked: Tracked, book: Book) -> bool:
    """Return whether an order that the gateway calls filled waits for executions not told yet.

    Otherwise a part of it was taken back, and the rest does not work any more.
    """
    if tracked.reported is None:
        return True
    return claimed(tracked, book) > book.filled(tracked.order_id)


def found(shown: OrderShown, order_id: str) -> Order:
    """Return an order that only the gateway knows, as far as our vocabulary can say it."""
    kind = OUR_TYPES.get(shown.order_type, OrderType.LIMIT)
    limit = _price(shown.limit_price) if kind in _LIMITED else None
    trigger = _price(shown.aux_price) if kind in _TRIGGERED else None
    if (kind in _LIMITED and limit is None) or (kind in _TRIGGERED and trigger is None):
        kind, limit, trigger = OrderType.MARKET, None, None
    tif = OUR_TIMES.get(shown.tif, TimeInForce.DAY)
    quantity = max(shown.quantity, shown.filled or ZERO) or _UNKNOWN_SIZE
    return Order(
        symbol=instrument(shown.symbol, shown.sec_type, shown.con_id),
        side=SIDES[shown.action],
        quantity=quantity,
        order_type=kind,
        limit_price=limit,
        stop_price=trigger,
        time_in_force=tif,
        order_id=order_id,
        oca_group=shown.oca_group,
    )


def _price(value: Decimal | None) -> Decimal | None:
    """Return a price; the gateway echoes 0 where there is none."""
    return value if value is not None and value > 0 else None


def instrument(symbol: str, sec_type: str, con_id: int) -> str:
    """Return what an instrument is called here: a share by its ticker, all else by its contract."""
    ticker = our_symbol(symbol) if sec_type == STOCK else None
    return ticker or f"{sec_type or 'CON'}.{con_id}"


def external_id(perm_id: int) -> str:
    """Return the id of an order that this engine did not place."""
    return f"{EXTERNAL}{perm_id}"


__all__ = [
    "FILLED",
    "STOCK",
    "Change",
    "Doubt",
    "Need",
    "Tracked",
    "claimed",
    "ended_in_full",
    "external_id",
    "found",
    "instrument",
    "picture",
]
