"""Rules of the market that change on a date: price steps and round lots.

Nothing here is a constant of nature: each row says from which trading day it holds.
"""

from datetime import date, timedelta
from typing import Final

from fillpath.core.ticks import tick_size
from fillpath.core.units import DAY_NS, NANOSECONDS, PRICE_SCALE

HALF_PENNY: Final = PRICE_SCALE // 200
HALF_PENNY_FROM: Final = date(2027, 11, 1)
"""The amended Rule 612 applies from the first business day of November 2027.

Source:
    Securities and Exchange Commission, release 34-105656 of 2026-06-11, which put it off again.
"""
ROUND_LOTS_FROM: Final = date(2025, 11, 3)
ROUND_LOT: Final = 100
ROUND_LOT_TIERS: Final = (
    (250 * PRICE_SCALE, 100),
    (1_000 * PRICE_SCALE, 40),
    (10_000 * PRICE_SCALE, 10),
)
"""Highest price of a tier, price units, and its round lot in shares; above the last it is 1.

Source:
    Regulation NMS, Rule 600(b)(93), by the average close of the month that decides the tier.
"""
_EPOCH: Final = date(1970, 1, 1)
_NEW_YORK: Final = 5 * 3_600 * NANOSECONDS


def trading_day(at: int) -> date:
    """Return the day in New York that a moment belongs to, nanoseconds UTC.

    Five hours behind UTC tell the day rightly from 04:00 to 20:00 in New York, in summer too.
    """
    return _EPOCH + timedelta(days=(at - _NEW_YORK) // DAY_NS)


def tick_on(price: int, day: date, *, half_penny: bool = False) -> int:
    """Return the price step on a day, price units.

    Args:
        price: price units.
        day: in New York.
        half_penny: whether the stock is assigned the step of half a cent, which holds from
            ``HALF_PENNY_FROM`` on and for prices of 1.00 and more.
    """
    if half_penny and day >= HALF_PENNY_FROM and price >= PRICE_SCALE:
        return HALF_PENNY
    return tick_size(price)


def round_lot(price: int, day: date) -> int:
    """Return the shares of a round lot of a stock at ``price`` (price units) on a day."""
    if day < ROUND_LOTS_FROM:
        return ROUND_LOT
    return next((lot for highest, lot in ROUND_LOT_TIERS if price <= highest), 1)


__all__ = [
    "HALF_PENNY",
    "HALF_PENNY_FROM",
    "ROUND_LOT",
    "ROUND_LOTS_FROM",
    "ROUND_LOT_TIERS",
    "round_lot",
    "tick_on",
    "trading_day",
]
