"""Facts, in the past tense: everything the desk may learn, and the journal's first half.

A fact is never refused: it is journaled, and one that does not fit raises an alarm. Amounts are
exact integers and times are nanoseconds UTC (see ``core/units.py``). The structs are encoded as
arrays, so a field may be appended with a default and must never be moved or removed.
"""

from typing import Any

from msgspec import Struct

from fillpath.core.amendments import AmendFailed, LevelReached, OrderAmended, OrderHeld
from fillpath.core.corporate import DividendPaid, SplitApplied
from fillpath.core.market_view import MarketView
from fillpath.core.markets import MarketHalted, ReferenceSeen, TradingStatusSeen
from fillpath.core.models import Fill, OrderSide, Signal
from fillpath.core.permits import (
    ApprovalDeclined,
    ApprovalGiven,
    ArmingAsked,
    OriginUnknown,
    TradingArmed,
    TradingDisarmed,
)
from fillpath.core.reports import AccountReported, AccountValued, OperatorSeen, VolatilitySeen
from fillpath.core.stops import CancelAsked, FlattenAsked, KillSwitchCleared, KillSwitchSet
from fillpath.core.units import moment, money_decimal, price_decimal, quantity_decimal


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
        epoch: which writer of the journal this is; each one has a higher number than before.
        executions: what others traded before, by name; cash and positions hold it already.
    """

    at: int
    account: str
    cash: int
    positions: tuple[OpeningPosition, ...] = ()
    policy_hash: str = ""
    version: str = ""
    epoch: int = 0
    executions: tuple[str, ...] = ()


class EngineStarted(Struct, frozen=True, array_like=True, tag="engine_started"):
    """The engine came up on an existing journal; ``epoch`` says which writer this is."""

    at: int
    policy_hash: str = ""
    version: str = ""
    epoch: int = 0


class PolicyAdopted(Struct, frozen=True, array_like=True, tag="policy_adopted"):
    """From here on the account trades under these rules, whatever it traded under before.

    Args:
        at: nanoseconds UTC.
        policy_hash: hash of the rules.
        rules: every knob, as ``execution/rules.py`` writes it; replaying needs no settings.
        by: who brought them; empty when nobody was asked.
        reason: why.
    """

    at: int
    policy_hash: str
    rules: dict[str, Any]
    by: str = ""
    reason: str = ""


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


class CommissionReported(Struct, frozen=True, array_like=True, tag="commission_reported"):
    """What an execution cost became known, or became another amount; the execution stands.

    Args:
        at: nanoseconds UTC.
        order_id: our order.
        fill_id: the execution that it belongs to.
        commission: all of it, money units; negative for a rebate. It replaces what was known.
        revision: the revision of the execution that it is about, 0 as first reported.
    """

    at: int
    order_id: str
    fill_id: str
    commission: int
    revision: int = 0


class FillCorrected(Struct, frozen=True, array_like=True, tag="fill_corrected"):
    """The broker corrected or undid an execution that it had reported.

    Quantity and price are in the shares of the moment at which it was executed, as the execution
    itself was told, also where the share has split since.

    Args:
        at: nanoseconds UTC.
        order_id: our order.
        fill_id: the execution, by the name that all its revisions share.
        revision: 1 and up; the highest one is true, whatever the order of arrival.
        quantity: what it is now, quantity units; 0 when the execution was undone.
        price: what it is now, price units; ignored when the quantity is 0.
        commission: all of it, money units; negative for a rebate.
        reason: the broker's words.
    """

    at: int
    order_id: str
    fill_id: str
    revision: int
    quantity: int
    price: int
    commission: int = 0
    reason: str = ""


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
    """The order does not work: the broker refused it, or it never got there.

    The code ``NEVER_REACHED_BROKER`` is given by reconciliation alone, and the reason then names
    the answers of the broker that prove it.
    """

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


class TradingHeld(Struct, frozen=True, array_like=True, tag="trading_held"):
    """Nothing may be sent for now: while any code is set no new order leaves, cancels do.

    Args:
        at: nanoseconds UTC.
        code: one reason among several that may hold at once, such as ``RECONCILING``, ``CLOCK``,
            ``JOURNAL``, ``SAFE_HOLD``, ``LEASE`` or ``JOURNAL_BEHIND_BROKER``.
        text: the same for a person.
    """

    at: int
    code: str
    text: str = ""


class TradingReleased(Struct, frozen=True, array_like=True, tag="trading_released"):
    """One reason to hold is gone; orders leave again when no other is set.

    Args:
        at: nanoseconds UTC.
        code: the code that was set.
        by: who or what released it.
    """

    at: int
    code: str
    by: str = ""


class SymbolQuarantined(Struct, frozen=True, array_like=True, tag="symbol_quarantined"):
    """Something about a symbol cannot be true: no new order in it until a person releases it.

    Args:
        at: nanoseconds UTC.
        symbol: ticker.
        reason: what cannot be true, for a person.
        order_id: the order that showed it; empty when none did.
    """

    at: int
    symbol: str
    reason: str
    order_id: str = ""


class SymbolReleased(Struct, frozen=True, array_like=True, tag="symbol_released"):
    """A person has looked at a quarantined symbol and allows orders in it again."""

    at: int
    symbol: str
    by: str


class PositionAdjusted(Struct, frozen=True, array_like=True, tag="position_adjusted"):
    """A person books what no execution explains; the engine never does so by itself.

    Args:
        at: nanoseconds UTC.
        symbol: ticker.
        quantity: change of the position in quantity units, negative for less.
        price: at which it is booked and paid, price units; 0 moves no cash.
        by: who decided it.
        reason: why.
        cash: change of the cash beside that, money units, as for a dividend or a fee.
    """

    at: int
    symbol: str
    quantity: int
    price: int
    by: str
    reason: str
    cash: int = 0


class AccountDiffered(Struct, frozen=True, array_like=True, tag="account_differed"):
    """Reconciliation found that the broker and the journal do not agree.

    Args:
        at: nanoseconds UTC.
        code: what differs, such as ``CASH_DIFFERENCE``.
        text: the same for a person, with both numbers.
        symbol: the symbol it is about; empty for the account.
        order_id: the order it is about; empty when none is.
    """

    at: int
    code: str
    text: str
    symbol: str = ""
    order_id: str = ""


class SessionOpened(Struct, frozen=True, array_like=True, tag="session_opened"):
    """The trading session began; orders may be sent.

    Args:
        at: nanoseconds UTC.
        closes_at: when it will close, nanoseconds UTC; 0 when that is not known.
        day: number of the session in the exchange's calendar; 0 when that is not known.
    """

    at: int
    closes_at: int = 0
    day: int = 0


class SessionClosed(Struct, frozen=True, array_like=True, tag="session_closed"):
    """The trading session ended; DAY orders and schedules end with it."""

    at: int


BrokerEvent = (
    OrderAccepted
    | OrderFilled
    | CommissionReported
    | FillCorrected
    | OrderCancelled
    | OrderRefused
    | OrderExpired
    | OrderInDoubt
    | CancelFailed
    | OrderAmended
    | AmendFailed
    | OrderHeld
    | SymbolQuarantined
)
Event = (
    AccountOpened
    | EngineStarted
    | PolicyAdopted
    | SignalReceived
    | QuoteSeen
    | TimerFired
    | LevelReached
    | BrokerEvent
    | KillSwitchSet
    | KillSwitchCleared
    | FlattenAsked
    | CancelAsked
    | TradingHeld
    | TradingReleased
    | SymbolQuarantined
    | SymbolReleased
    | PositionAdjusted
    | AccountDiffered
    | ReferenceSeen
    | TradingStatusSeen
    | MarketHalted
    | SplitApplied
    | DividendPaid
    | SessionOpened
    | SessionClosed
    | ApprovalGiven
    | ApprovalDeclined
    | ArmingAsked
    | TradingArmed
    | TradingDisarmed
    | OriginUnknown
    | AccountReported
    | AccountValued
    | VolatilitySeen
    | OperatorSeen
)

__all__ = [
    "AccountDiffered",
    "AccountOpened",
    "AccountReported",
    "AccountValued",
    "AmendFailed",
    "ApprovalDeclined",
    "ApprovalGiven",
    "ArmingAsked",
    "BrokerEvent",
    "CancelAsked",
    "CancelFailed",
    "CommissionReported",
    "DividendPaid",
    "EngineStarted",
    "Event",
    "FillCorrected",
    "FlattenAsked",
    "KillSwitchCleared",
    "KillSwitchSet",
    "LevelReached",
    "MarketHalted",
    "MarketView",
    "OpeningPosition",
    "OperatorSeen",
    "OrderAccepted",
    "OrderAmended",
    "OrderCancelled",
    "OrderExpired",
    "OrderFilled",
    "OrderHeld",
    "OrderInDoubt",
    "OrderRefused",
    "OriginUnknown",
    "PolicyAdopted",
    "PositionAdjusted",
    "QuoteSeen",
    "ReferenceSeen",
    "SessionClosed",
    "SessionOpened",
    "SignalReceived",
    "SplitApplied",
    "SymbolQuarantined",
    "SymbolReleased",
    "TimerFired",
    "TradingArmed",
    "TradingDisarmed",
    "TradingHeld",
    "TradingReleased",
    "TradingStatusSeen",
    "VolatilitySeen",
]
