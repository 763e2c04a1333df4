"""Facts, in the past tense: everything the desk may learn, and the journal's first half.

A fact is never refused: it is journaled, and one that does not fit raises an alarm. Amounts are
exact integers and times are nanoseconds UTC (see ``core/units.py``). The structs are encoded as
arrays, so a field may be appended with a default and must never be moved or removed.
"""

from typing import Any

from msgspec import Struct

from fillpath.core.models import Fill, OrderSide, Signal
from fillpath.core.units import moment, money_decimal, price_decimal, quantity_decimal


class MarketView(Struct, frozen=True, array_like=True, gc=False):
    """The market as the engine knew it when a fact arrived; the inputs of a decision.

    Args:
        bid: best bid in price units, None when missing.
        ask: best ask in price units, None when missing.
        bid_size: shares at the bid in quantity units.
        ask_size: shares at the ask in quantity units.
        quote_at: nanoseconds from which the quote was known, None when there is no quote.
        adv: average daily volume in quantity units, None when unknown.
        long_value: value of all long positions at their marks, money units.
        short_value: value of all short positions at their marks, money units, 0 or more.
    """

    bid: int | None = None
    ask: int | None = None
    bid_size: int = 0
    ask_size: int = 0
    quote_at: int | None = None
    adv: int | None = None
    long_value: int = 0
    short_value: int = 0


class OpeningPosition(Struct, frozen=True, array_like=True, gc=False):
    """A position that existed before the journal began.

    Args:
        symbol: ticker.
        quantity: quantity units, negative when short.
        cost: what was paid for it in money units, same sign as the quantity.
        strategy_name: the strategy that holds it.
    """

    symbol: str
    quantity: int
    cost: int
    strategy_name: str = ""


class AccountOpened(Struct, frozen=True, array_like=True, tag="account_opened"):
    """The journal's first fact: what the account held, and under which rules it trades.

    Args:
        at: nanoseconds UTC.
        account: account name.
        cash: money units.
        positions: what was held already.
        policy_hash: hash of every decision policy in force.
        version: fillpath version that wrote the journal.
    """

    at: int
    account: str
    cash: int
    positions: tuple[OpeningPosition, ...] = ()
    policy_hash: str = ""
    version: str = ""


class EngineStarted(Struct, frozen=True, array_like=True, tag="engine_started"):
    """The engine came up on an existing journal."""

    at: int
    policy_hash: str = ""
    version: str = ""


class PolicyAdopted(Struct, frozen=True, array_like=True, tag="policy_adopted"):
    """From here on the account trades under these rules, whatever it traded under before.

    Args:
        at: nanoseconds UTC.
        policy_hash: hash of the rules.
        rules: every knob, as ``execution/rules.py`` writes it; replaying needs no settings.
    """

    at: int
    policy_hash: str
    rules: dict[str, Any]


class SignalReceived(Struct, frozen=True, array_like=True, tag="signal_received"):
    """A strategy spoke; the signal carries its id and time by now."""

    at: int
    signal: Signal
    market: MarketView


class QuoteSeen(Struct, frozen=True, array_like=True, tag="quote_seen"):
    """A watched symbol has a new quote; a held order may be decided again."""

    at: int
    symbol: str
    market: MarketView


class TimerFired(Struct, frozen=True, array_like=True, tag="timer_fired"):
    """A timer that the desk had set is due.

    Args:
        at: nanoseconds UTC when it fired, never before it was due.
        timer_id: the name given in ``SetTimer``.
        due: nanoseconds UTC when it was due.
        symbol: the symbol of the order behind it.
        market: the market of that symbol.
    """

    at: int
    timer_id: str
    due: int
    symbol: str
    market: MarketView


class OrderAccepted(Struct, frozen=True, array_like=True, tag="order_accepted"):
    """The broker has the order and works it."""

    at: int
    order_id: str
    broker_order_id: str


class OrderFilled(Struct, frozen=True, array_like=True, tag="order_filled", gc=False):
    """The broker executed a part or all of an order: the exact-integer twin of ``models.Fill``.

    Args:
        at: nanoseconds UTC when it was learned.
        order_id: our order.
        fill_id: the broker's execution id, unique for the account.
        symbol: ticker.
        side: BUY or SELL.
        quantity: quantity units, above 0.
        price: price units, above 0.
        traded_at: nanoseconds UTC when it was executed.
        commission: money units; negative for a rebate.
        parent_id: the parent, on slices; empty for an order sent whole.
        simulated: True when no real market took part.
    """

    at: int
    order_id: str
    fill_id: str
    symbol: str
    side: OrderSide
    quantity: int
    price: int
    traded_at: int
    commission: int = 0
    parent_id: str = ""
    simulated: bool = False

    @property
    def fill(self) -> Fill:
        """Return the execution as the public model."""
        return Fill(
            fill_id=self.fill_id,
            order_id=self.order_id,
            symbol=self.symbol,
            side=self.side,
            quantity=quantity_decimal(self.quantity),
            price=price_decimal(self.price),
            ts=moment(self.traded_at),
            commission=money_decimal(self.commission),
            parent_order_id=self.parent_id or None,
            simulated=self.simulated,
        )


class OrderCancelled(Struct, frozen=True, array_like=True, tag="order_cancelled"):
    """The broker confirms that the rest of the order is cancelled.

    Args:
        at: nanoseconds UTC.
        order_id: our order.
        reason: the broker's words.
        market: the market of the symbol, so that the rest can be priced again.
    """

    at: int
    order_id: str
    reason: str = ""
    market: MarketView | None = None


class OrderRefused(Struct, frozen=True, array_like=True, tag="order_refused"):
    """The broker refused the order; nothing of it works."""

    at: int
    order_id: str
    code: str
    reason: str


class OrderExpired(Struct, frozen=True, array_like=True, tag="order_expired"):
    """The order's time in force ended."""

    at: int
    order_id: str
    reason: str = ""


class OrderInDoubt(Struct, frozen=True, array_like=True, tag="order_in_doubt"):
    """The outcome of a submission is unknown; its exposure stays reserved."""

    at: int
    order_id: str
    reason: str


class CancelFailed(Struct, frozen=True, array_like=True, tag="cancel_failed"):
    """The broker did not cancel; the order still works."""

    at: int
    order_id: str
    reason: str = ""


class KillSwitchSet(Struct, frozen=True, array_like=True, tag="kill_switch_set"):
    """A person or a breaker stopped trading: no order leaves until it is cleared."""

    at: int
    reason: str
    by: str


class KillSwitchCleared(Struct, frozen=True, array_like=True, tag="kill_switch_cleared"):
    """A person allowed trading again."""

    at: int
    by: str


class SplitApplied(Struct, frozen=True, array_like=True, tag="split_applied"):
    """A stock split took effect before the open.

    Args:
        at: nanoseconds UTC.
        symbol: ticker.
        new_shares: shares after the split ...
        old_shares: ... for that many before it (7 for 1, or 1 for 20).
    """

    at: int
    symbol: str
    new_shares: int
    old_shares: int


class SessionOpened(Struct, frozen=True, array_like=True, tag="session_opened"):
    """The trading session began; orders may be sent."""

    at: int


class SessionClosed(Struct, frozen=True, array_like=True, tag="session_closed"):
    """The trading session ended; DAY orders and schedules end with it."""

    at: int


BrokerEvent = (
    OrderAccepted
    | OrderFilled
    | OrderCancelled
    | OrderRefused
    | OrderExpired
    | OrderInDoubt
    | CancelFailed
)
Event = (
    AccountOpened
    | EngineStarted
    | PolicyAdopted
    | SignalReceived
    | QuoteSeen
    | TimerFired
    | BrokerEvent
    | KillSwitchSet
    | KillSwitchCleared
    | SplitApplied
    | SessionOpened
    | SessionClosed
)

__all__ = [
    "AccountOpened",
    "BrokerEvent",
    "CancelFailed",
    "EngineStarted",
    "Event",
    "KillSwitchCleared",
    "KillSwitchSet",
    "MarketView",
    "OpeningPosition",
    "OrderAccepted",
    "OrderCancelled",
    "OrderExpired",
    "OrderFilled",
    "OrderInDoubt",
    "OrderRefused",
    "PolicyAdopted",
    "QuoteSeen",
    "SessionClosed",
    "SessionOpened",
    "SignalReceived",
    "SplitApplied",
    "TimerFired",
]
