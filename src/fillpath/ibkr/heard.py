"""What a gateway says, as plain values: no class of the vendor's library goes further than the line.

Amounts are exact: the library's floats are read through their shortest text. What the gateway left
out, or a number that cannot be (NaN, infinite, the vendor's "unset"), is None. Words are the
vendor's own, untranslated; `words.py` and its neighbours translate them.
"""

from decimal import Decimal

from msgspec import Struct


class Opened(Struct, frozen=True):
    """The socket is open; the handshake begins."""


class Greeted(Struct, frozen=True):
    """The handshake is over; requests may be sent, orders not yet.

    Args:
        server_version: protocol version that both sides speak.
        accounts: the accounts that this login manages.
        next_order_id: the lowest order id that the gateway still takes from this client id.
    """

    server_version: int
    accounts: tuple[str, ...]
    next_order_id: int


class Dropped(Struct, frozen=True):
    """The socket is gone; whatever was not answered never will be."""

    reason: str


class Said(Struct, frozen=True):
    """An error, warning or notice.

    Args:
        about: the order or request id that it is about, -1 for none.
        code: the vendor's number.
        text: its words.
        reject: the vendor's advanced reject document, empty without one.
    """

    about: int
    code: int
    text: str
    reject: str = ""


class OrderShown(Struct, frozen=True, kw_only=True):
    """An order as the gateway has it, open or (from the completed ones) ended.

    Args:
        order_id: given by the client that placed it; 0 for completed orders and other programs'.
        client_id: who placed it.
        perm_id: the account-wide id; 0 while the gateway has not said.
        order_ref: our own name for it; empty on orders of others.
        account: the account that it trades.
        con_id: the contract.
        symbol: ticker.
        action: BUY, SELL or SSHORT.
        quantity: whole size in shares.
        order_type: the vendor's word, such as MKT, LMT, STP, STP LMT.
        limit_price: dollars; None without one.
        aux_price: the trigger of a stop, dollars; None without one.
        tif: the vendor's time in force.
        oca_group: what links it to others; empty without one.
        parent_id: order id of the parent of a bracket, 0 without one.
        status: the vendor's status.
        completed_status: its words about the end of a completed order; empty on open ones.
        completed: whether it came from the completed orders.
        filled: shares filled as the completed order has it; None on open ones.
        warning: the vendor's warning or reject text, empty without one.
        sec_type: STK for shares.
        outside_rth: whether it may trade outside regular hours.
        oca_type: how it is linked to others, 0 without a group.
    """

    order_id: int
    client_id: int
    perm_id: int
    order_ref: str
    account: str
    con_id: int
    symbol: str
    action: str
    quantity: Decimal
    order_type: str
    limit_price: Decimal | None = None
    aux_price: Decimal | None = None
    tif: str = ""
    oca_group: str = ""
    parent_id: int = 0
    status: str = ""
    completed_status: str = ""
    completed: bool = False
    filled: Decimal | None = None
    warning: str = ""
    sec_type: str = "STK"
    outside_rth: bool = False
    oca_type: int = 0


class MarginShown(Struct, frozen=True, kw_only=True):
    """What an order would do to the margin, were it sent; it was not, and is none of the orders.

    Args:
        order_id: the number that it was asked under.
        init_before: margin that is needed to open what is held, account currency; each amount is
            None while the gateway has not worked it out.
        init_change: by how much that would grow.
        maint_before: margin that is needed to keep what is held.
        maint_change: by how much that would grow.
        equity_before: what the account may be lent upon.
        equity_after: the same after the order, with what it would cost.
        warning: the vendor's words, empty without any.
    """

    order_id: int
    init_before: Decimal | None = None
    init_change: Decimal | None = None
    maint_before: Decimal | None = None
    maint_change: Decimal | None = None
    equity_before: Decimal | None = None
    equity_after: Decimal | None = None
    warning: str = ""


class StatusShown(Struct, frozen=True, kw_only=True):
    """The vendor's word on how an order stands; executions alone say what was filled."""

    order_id: int
    client_id: int
    perm_id: int
    parent_id: int
    status: str
    filled: Decimal
    remaining: Decimal
    average_price: Decimal | None
    why_held: str = ""
    market_cap_price: Decimal | None = None


class Executed(Struct, frozen=True, kw_only=True):
    """One execution, or a correction of one.

    Args:
        request: the request that it answers, -1 when the gateway told by itself.
        exec_id: the vendor's name; corrections share all but its last part.
        order_id: as placed; may be 0 or another client's.
        client_id: who placed the order.
        perm_id: account-wide id of the order.
        order_ref: our name for the order; empty on orders of others.
        account: the account.
        con_id: the contract.
        symbol: ticker.
        side: BOT or SLD.
        shares: size.
        price: dollars a share.
        traded_at: nanoseconds UTC, exact to the second; None when it cannot be read.
        cumulative: shares of the order executed so far, by the vendor's count.
        sec_type: STK for shares.
    """

    request: int
    exec_id: str
    order_id: int
    client_id: int
    perm_id: int
    order_ref: str
    account: str
    con_id: int
    symbol: str
    side: str
    shares: Decimal | None
    price: Decimal | None
    traded_at: int | None
    cumulative: Decimal | None = None
    sec_type: str = "STK"


class Charged(Struct, frozen=True):
    """What an execution cost.

    Args:
        exec_id: the execution.
        commission: None when the vendor has not said, or said something that cannot be.
        currency: of the commission.
    """

    exec_id: str
    commission: Decimal | None
    currency: str


class Held(Struct, frozen=True):
    """A position of the account."""

    account: str
    con_id: int
    symbol: str
    sec_type: str
    quantity: Decimal | None
    average_cost: Decimal | None


class Valued(Struct, frozen=True, kw_only=True):
    """What a position is worth, told among the account's values.

    Args:
        account: the account.
        con_id: the contract.
        symbol: ticker.
        sec_type: STK for shares.
        quantity: negative when short.
        market_price: dollars a share; None when it was left out.
        average_cost: dollars a share, commissions included; None when it was left out.
        realized: profit taken today, dollars; None when it was left out.
    """

    account: str
    con_id: int
    symbol: str
    sec_type: str
    quantity: Decimal | None
    market_price: Decimal | None = None
    average_cost: Decimal | None = None
    realized: Decimal | None = None


class AccountValue(Struct, frozen=True):
    """One value of the account, as the vendor tags it, such as NetLiquidation."""

    account: str
    tag: str
    value: str
    currency: str


class ServerTime(Struct, frozen=True):
    """The gateway's clock, nanoseconds UTC, exact to the second."""

    at: int


class ContractFound(Struct, frozen=True, kw_only=True):
    """One contract that fits what was asked for.

    Args:
        request: the request that it answers.
        con_id: the vendor's number of it.
        symbol: ticker.
        sec_type: STK for shares.
        exchange: where it is routed, such as SMART.
        primary_exchange: where it is listed.
        currency: of its prices.
        min_tick: dollars; None when it was left out.
        exchanges: every place that it trades on, in the order of `rules`.
        rules: ids of the market rules of those places.
        stock_type: COMMON, ETF, ...
        long_name: the company.
        trading_hours: the vendor's text.
        liquid_hours: the vendor's text.
        time_zone: of those hours.
        min_size: smallest size in shares; None when it was left out.
        size_increment: step of sizes in shares; None when it was left out.
        order_types: what kinds of orders it takes.
    """

    request: int
    con_id: int
    symbol: str
    sec_type: str
    exchange: str
    primary_exchange: str
    currency: str
    min_tick: Decimal | None
    exchanges: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()
    stock_type: str = ""
    long_name: str = ""
    trading_hours: str = ""
    liquid_hours: str = ""
    time_zone: str = ""
    min_size: Decimal | None = None
    size_increment: Decimal | None = None
    order_types: tuple[str, ...] = ()


class RuleShown(Struct, frozen=True):
    """A market rule: from each low edge on, the step of prices, both dollars."""

    rule: int
    steps: tuple[tuple[Decimal, Decimal], ...]


class Ticked(Struct, frozen=True):
    """One value of a streaming subscription.

    Args:
        request: the subscription.
        kind: the vendor's tick number (1 bid, 2 ask, 4 last, 0, 3 and 5 sizes, 8 volume, 49 halted...).
        price: dollars; None when this tick carries none, or none that can be.
        size: the vendor's size, or the number of a generic tick (49 halted, 46 shortable: may be
            below 0); None when this tick carries none.
        text: the value of ticks that are words.
    """

    request: int
    kind: int
    price: Decimal | None = None
    size: Decimal | None = None
    text: str = ""


class DataKind(Struct, frozen=True):
    """What sort of data a subscription brings: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""

    request: int
    kind: int


class BarShown(Struct, frozen=True, kw_only=True):
    """One historical bar; `stamp` is the vendor's own text of its time."""

    request: int
    stamp: str
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    volume: Decimal | None


class Ended(Struct, frozen=True):
    """An answer of several messages is complete.

    Args:
        what: one of `open_orders`, `completed_orders`, `executions`, `positions`, `account`,
            `contract`, `bars`.
        request: the request that it ends, -1 for those that carry none.
    """

    what: str
    request: int = -1


Heard = (
    Opened
    | Greeted
    | Dropped
    | Said
    | OrderShown
    | MarginShown
    | StatusShown
    | Executed
    | Charged
    | Held
    | Valued
    | AccountValue
    | ServerTime
    | ContractFound
    | RuleShown
    | Ticked
    | DataKind
    | BarShown
    | Ended
)

__all__ = [
    "AccountValue",
    "BarShown",
    "Charged",
    "ContractFound",
    "DataKind",
    "Dropped",
    "Ended",
    "Executed",
    "Greeted",
    "Heard",
    "Held",
    "MarginShown",
    "Opened",
    "OrderShown",
    "RuleShown",
    "Said",
    "ServerTime",
    "StatusShown",
    "Ticked",
    "Valued",
]
