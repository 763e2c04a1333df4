"""Whether shares can be borrowed to be sold short, and what that costs a day."""

from typing import Final

from fillpath.core.models import Refusal
from fillpath.core.units import PRICE_SCALE, RATIO_SCALE, quantity_decimal

NOT_SHORTABLE: Final = "NOT_SHORTABLE"
DAYS_A_YEAR: Final = 360
COLLATERAL: Final = 102
"""Percent of the price that the lender wants as collateral, and by which the fee is counted."""


def borrow_problem(symbol: str, opening: int, short: int, available: int | None) -> Refusal | None:
    """Return why a sale may not open a short, or None.

    Args:
        symbol: ticker.
        opening: what it would open, quantity units.
        short: what is short or on its way to be, quantity units.
        available: shares that can be borrowed in all, quantity units; 0 for hard to borrow, None for
            as many as anybody wants.
    """
    if not opening or available is None or short + opening <= available:
        return None
    text = (
        f"SELL would borrow {quantity_decimal(opening)} {symbol}, "
        f"{quantity_decimal(max(available - short, 0))} are available"
    )
    return Refusal(NOT_SHORTABLE, text)


def borrow_fee(short: int, price: int, rate: int, days: int = 1) -> int:
    """Return what it costs to stay short over night, money units, rounded up.

    ``shares * ceil(1.02 price) * rate * days / 360``, with the collateral rounded up to a whole unit of
    the currency for each share.

    Args:
        short: shares that are short, quantity units.
        price: of the close, price units.
        rate: a year, ratio units.
        days: calendar days until the next session.

    Source:
        The market convention for collateral, as on the page "Short Sale Cost" of Interactive Brokers.
    """
    collateral = -(-price * COLLATERAL // (100 * PRICE_SCALE)) * PRICE_SCALE
    return -(-short * collateral * rate * days // (RATIO_SCALE * DAYS_A_YEAR))


__all__ = ["COLLATERAL", "DAYS_A_YEAR", "NOT_SHORTABLE", "borrow_fee", "borrow_problem"]
