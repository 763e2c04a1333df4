"""What risk remembers of an account: counters, windows and what the broker told, all from facts.

It belongs to the desk's state, so replaying a journal rebuilds it. ``risk/remembering.py`` changes
it, the checks only read it.
"""

from collections import deque
from typing import Final

from msgspec import Struct, field

from fillpath.core.permits import ArmingAsked
from fillpath.risk.walking import Walks
from fillpath.risk.watched import Watched

MOST_PRICE: Final = 1 << 62
"""A price above all prices."""


CASH_ACCOUNT: Final = "cash"
"""Kind of an account that lends nothing."""


class SymbolFacts(Struct):
    """What is known of a symbol beside its quote.

    Args:
        con_id: the broker's number of the contract; 0 while unknown.
        instrument_class: ``liquid`` or ``other``; empty while unknown.
        currency: of its prices; empty while unknown.
        exchange: primary exchange; empty while unknown.
        tick: smallest price step, price units; 0 while unknown.
        prior_close: price units; 0 while unknown.
        status: TRADING, HALTED, PAUSED or UNKNOWN; empty while nobody tells.
        lower_band: limit-down price, price units; 0 while unknown.
        upper_band: limit-up price, price units; 0 while unknown.
        short_restricted: the short sale price test is in force.
        shortable: shares that may be borrowed, quantity units; None while unknown.
        delayed: the quotes are not real-time.
        opened: first mid of the session, price units; 0 before it was seen.
        reference_at: nanoseconds UTC when the reference was last told; 0 before.
    """

    con_id: int = 0
    instrument_class: str = ""
    currency: str = ""
    exchange: str = ""
    tick: int = 0
    prior_close: int = 0
    status: str = ""
    lower_band: int = 0
    upper_band: int = 0
    short_restricted: bool = False
    shortable: int | None = None
    delayed: bool = False
    opened: int = 0
    reference_at: int = 0


class AccountFacts(Struct):
    """What the broker last told of the account.

    Args:
        at: nanoseconds UTC of the report; 0 while there was none.
        equity: money units; None when it was missing.
        settled_cash: money units; None while unknown.
        day_trades_left: None while unknown, -1 for unlimited.
        margin_excess: intraday margin excess, money units; None while unknown.
        kind: ``cash`` or ``margin``; empty while unknown.
    """

    at: int = 0
    equity: int | None = None
    settled_cash: int | None = None
    day_trades_left: int | None = None
    margin_excess: int | None = None
    kind: str = ""


class Sent(Struct, frozen=True, gc=False):
    """One parent that was ordered, while a window still counts it.

    Args:
        at: nanoseconds UTC.
        quantity: quantity units.
        value: money units at the worst price.
    """

    at: int
    quantity: int
    value: int


class Tokens(Struct):
    """A token bucket.

    Args:
        at: nanoseconds UTC of the last look.
        level: tokens in billionths, so that a nanosecond at one a second adds one.
    """

    at: int
    level: int


class Permit(Struct, frozen=True):
    """Leave to trade a live account.

    Args:
        until: nanoseconds UTC at which it ends.
        strategies: for which; empty for all.
        by: who gave it.
    """

    until: int
    strategies: tuple[str, ...]
    by: str


class RiskMemory(Struct):
    """Everything risk knows beside one order.

    Args:
        symbols: facts by symbol.
        account: the broker's last report.
        market_halted: why the whole market stands still, empty while it trades.
        day_at: nanoseconds UTC when the day began that the counters count; 0 before the first.
        unopened: symbols of which the first price of the session is still to be looked at.
        resting: symbols in which an entry rests and a timer runs.
        parents_today: parents ordered since the session began.
        turnover_today: money units ordered since the session began, entries and exits.
        alike: recent parents by (symbol, side).
        baskets: recent entries by strategy.
        basket_value: money units of them.
        tokens: rate of orders by strategy (``s:``), symbol (``y:``) and account (``a:``).
        open_orders: the price that each working order would meet, price units, by its name and by
            (symbol, side); never empty ones.
        open_total: how many work.
        asked: who asked last for live trading; None when nobody did, or it was answered.
        permit: leave to trade a live account; None without one.
        origin_told_at: nanoseconds of the last alarm about a signal of unknown origin.
        walks: how far own trading has walked a price, by symbol.
        watched: what the rules and the breakers remember.
    """

    symbols: dict[str, SymbolFacts] = field(default_factory=dict)
    account: AccountFacts = field(default_factory=AccountFacts)
    market_halted: str = ""
    day_at: int = 0
    unopened: dict[str, None] = field(default_factory=dict)
    resting: dict[str, None] = field(default_factory=dict)
    parents_today: int = 0
    turnover_today: int = 0
    alike: dict[tuple[str, str], deque[Sent]] = field(default_factory=dict)
    baskets: dict[str, deque[Sent]] = field(default_factory=dict)
    basket_value: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    open_orders: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    open_total: int = 0
    asked: ArmingAsked | None = None
    permit: Permit | None = None
    origin_told_at: int = 0
    walks: Walks = field(default_factory=dict)
    watched: Watched = field(default_factory=Watched)


__all__ = [
    "CASH_ACCOUNT",
    "MOST_PRICE",
    "AccountFacts",
    "Permit",
    "RiskMemory",
    "Sent",
    "SymbolFacts",
    "Tokens",
]
