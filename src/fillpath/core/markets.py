"""Facts about what trades: the contract behind a symbol, whether it may trade, how the market is.

They are facts like those of ``core/events.py``, which names them too. A number that is 0 and a text
that is empty were not told, and leave what was told before.
"""

from enum import StrEnum

from msgspec import Struct


class TradingStatus(StrEnum):
    """Whether a symbol may trade; any other word counts as UNKNOWN."""

    TRADING = "TRADING"
    HALTED = "HALTED"
    PAUSED = "PAUSED"
    UNKNOWN = "UNKNOWN"


class ReferenceSeen(Struct, frozen=True, array_like=True, tag="reference_seen"):
    """What a symbol is, and how it closed, was told for the session that begins or runs.

    Args:
        at: nanoseconds UTC.
        symbol: ticker.
        con_id: the broker's number of the contract.
        instrument_class: ``liquid`` or ``other``.
        currency: of its prices.
        exchange: primary exchange.
        tick: smallest price step, price units.
        prior_close: the close of the session before, in shares of now, price units.
    """

    at: int
    symbol: str
    con_id: int = 0
    instrument_class: str = ""
    currency: str = ""
    exchange: str = ""
    tick: int = 0
    prior_close: int = 0


class TradingStatusSeen(Struct, frozen=True, array_like=True, tag="trading_status_seen"):
    """Whether a symbol may trade became known, or was lost; it replaces what was told before.

    Args:
        at: nanoseconds UTC.
        symbol: ticker.
        status: TRADING, HALTED, PAUSED (by its price band) or UNKNOWN (after a gap in the data).
        lower_band: limit-down price, price units; 0 when it is unknown.
        upper_band: limit-up price, price units; 0 when it is unknown.
        short_restricted: the short sale price test is in force.
        shortable: shares that may be borrowed, quantity units; None when unknown.
        delayed: the quotes are not real-time.
    """

    at: int
    symbol: str
    status: str
    lower_band: int = 0
    upper_band: int = 0
    short_restricted: bool = False
    shortable: int | None = None
    delayed: bool = False


class MarketHalted(Struct, frozen=True, array_like=True, tag="market_halted"):
    """The circuit breaker of the whole market stopped trading, or ended.

    Args:
        at: nanoseconds UTC.
        reason: why, such as ``S&P 500 down 7 %``; empty when trading is resumed.
        level: 1, 2 or 3; the third ends the day, and every schedule with it.
    """

    at: int
    reason: str = ""
    level: int = 0


__all__ = ["MarketHalted", "ReferenceSeen", "TradingStatus", "TradingStatusSeen"]
