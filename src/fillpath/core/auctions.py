"""Until when an order may join the opening or the closing auction of its exchange.

An order that comes too late is refused here, with the time, and not by an exchange that leaves
nobody enough time to do something else. The cut-offs lie before those of the exchanges themselves.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from fillpath.core.destinations import AtClose, Auction
from fillpath.core.models import Refusal
from fillpath.core.units import NANOSECONDS, iso, moment

TOO_LATE: Final = "AUCTION_TOO_LATE"
NO_SESSION: Final = "AUCTION_UNKNOWN"
_MINUTE: Final = 60 * NANOSECONDS

BEFORE_CLOSE: Final[Mapping[str, int]] = MappingProxyType(
    {
        "NYSE": 15 * _MINUTE,
        "AMEX": 15 * _MINUTE,
        "ARCA": 15 * _MINUTE,
        "NASDAQ": 10 * _MINUTE,
    }
)
"""How long before the close an order has to be there, nanoseconds, by listing exchange.

Source:
    The order type page "Market-on-Close" of Interactive Brokers: 15:45 for NYSE and AMEX, and at
    least 15 minutes before the close in general; 15:50 for Nasdaq.
"""
BEFORE_CLOSE_ELSEWHERE: Final = 15 * _MINUTE
BEFORE_OPEN: Final = 2 * _MINUTE
"""Nasdaq takes orders for its opening cross until 09:28; the same is asked of all others."""
ON_THE_WAY: Final = 30 * NANOSECONDS
"""What the way to the exchange may take on top."""


class Day(Struct, frozen=True):
    """The session that an auction belongs to, nanoseconds UTC; 0 where it is not known."""

    opens_at: int
    closes_at: int


def cut_off(auction: Auction, day: Day, exchange: str = "") -> int:
    """Return the last moment at which an order may be sent, nanoseconds UTC; 0 for unknown.

    Args:
        auction: of the open or of the close.
        day: its session.
        exchange: where the share is listed; the most careful cut-off where that is not known.
    """
    if isinstance(auction, AtClose):
        before = BEFORE_CLOSE.get(exchange, BEFORE_CLOSE_ELSEWHERE)
        return day.closes_at and day.closes_at - before - ON_THE_WAY
    return day.opens_at and day.opens_at - BEFORE_OPEN - ON_THE_WAY


def auction_problem(auction: Auction, day: Day, at: int, exchange: str = "") -> Refusal | None:
    """Return why an order may not be sent to an auction at ``at`` nanoseconds, or None."""
    last = cut_off(auction, day, exchange)
    name = "close" if isinstance(auction, AtClose) else "open"
    if not last:
        return Refusal(NO_SESSION, f"the time of the {name} is not known")
    if at > last:
        return Refusal(
            TOO_LATE,
            f"an order for the {name} must be sent by {iso(moment(last))}, it is {iso(moment(at))}",
        )
    return None


__all__ = [
    "BEFORE_CLOSE",
    "BEFORE_CLOSE_ELSEWHERE",
    "BEFORE_OPEN",
    "NO_SESSION",
    "ON_THE_WAY",
    "TOO_LATE",
    "Day",
    "auction_problem",
    "cut_off",
]
