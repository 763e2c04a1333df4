"""What the market did around the fills: spreads paid and kept, and whether the price went our way.

Every figure is weighted by shares. A figure that would need a moment that has not come, or that
nobody wrote down, is None.
"""

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.models import OrderSide
from fillpath.core.units import BPS, NANOSECONDS
from fillpath.execution.midline import Midline

HORIZONS: Final[tuple[tuple[str, int], ...]] = (
    ("50ms", NANOSECONDS // 20),
    ("1s", NANOSECONDS),
    ("10s", 10 * NANOSECONDS),
    ("15s", 15 * NANOSECONDS),
    ("60s", 60 * NANOSECONDS),
    ("300s", 300 * NANOSECONDS),
)
"""How long after a fill the market is looked at again, nanoseconds, shortest first."""
REALISED_NS: Final = HORIZONS[-1][1]
"""After so long what remains of the spread counts as kept by the other side."""

_EXACT: Final = Context(prec=200)
_QUOTIENT: Final = Context(prec=28)
_ZERO: Final = Decimal(0)


class Executed(Struct, frozen=True):
    """One fill.

    Args:
        price: above 0.
        shares: above 0.
        at: nanoseconds UTC.
    """

    price: Decimal
    shares: Decimal
    at: int


class Spreads(Struct, frozen=True, kw_only=True):
    """What the spread cost, basis points of the mid at submission; None where it is not known.

    Args:
        quoted: ask less bid.
        effective: twice the distance of the fills from the mid.
        realised: twice the distance of the fills from the mid after five minutes.
        effective_over_quoted: E/Q; None for a quoted spread of nothing.
    """

    quoted: Decimal | None
    effective: Decimal | None
    realised: Decimal | None
    effective_over_quoted: Decimal | None

    @property
    def impact(self) -> Decimal | None:
        """Return effective less realised: what the market moved with us."""
        if self.effective is None or self.realised is None:
            return None
        return _EXACT.subtract(self.effective, self.realised)


def markout_bps(
    side: OrderSide, fills: Sequence[Executed], line: Midline, after: int
) -> Decimal | None:
    """Return how far the mid was our way some time after each fill, in bps of what was paid.

    Positive is good: a buy was followed by a higher mid. None until the time after the last fill
    has passed.
    """
    mids = mids_at(fills, line, after)
    if mids is None:
        return None
    paid = _total(fills, [fill.price for fill in fills])
    worth = _total(fills, mids)
    gone = _EXACT.subtract(worth, paid) if side is OrderSide.BUY else _EXACT.subtract(paid, worth)
    return _QUOTIENT.divide(_EXACT.multiply(gone, BPS), paid)


def mid_of_fills(fills: Sequence[Executed], line: Midline) -> Decimal | None:
    """Return the mid at the fills, weighted by shares."""
    mids = mids_at(fills, line, 0)
    if mids is None:
        return None
    return _QUOTIENT.divide(_total(fills, mids), _shares(fills))


def spreads(side: OrderSide, fills: Sequence[Executed], line: Midline, submitted: int) -> Spreads:
    """Return the spreads of an order that the broker had at ``submitted`` nanoseconds UTC.

    Source:
        Rule 605 of Regulation NMS: effective = 2 s (p - mid at receipt), realised = 2 s (p - mid
        some time after execution), both weighted by shares.
    """
    quote = line.quote_at(submitted)
    mid = line.mid_at(submitted)
    if quote is None or mid is None:
        return Spreads(quoted=None, effective=None, realised=None, effective_over_quoted=None)
    bid, ask = quote
    quoted = _QUOTIENT.divide(Decimal(2 * (ask - bid) * BPS), Decimal(bid + ask))
    effective = _twice(side, fills, [mid] * len(fills), mid) if fills else None
    later = mids_at(fills, line, REALISED_NS)
    return Spreads(
        quoted=quoted,
        effective=effective,
        realised=None if later is None else _twice(side, fills, later, mid),
        effective_over_quoted=_QUOTIENT.divide(effective, quoted)
        if quoted and effective is not None
        else None,
    )


def mids_at(fills: Sequence[Executed], line: Midline, after: int) -> list[Decimal] | None:
    """Return the mid some time after each fill, None unless all of them are known."""
    mids = [mid for fill in fills if (mid := line.mid_at(fill.at + after)) is not None]
    return mids if mids and len(mids) == len(fills) else None


def _twice(
    side: OrderSide, fills: Sequence[Executed], mids: Sequence[Decimal], base: Decimal
) -> Decimal:
    paid = _total(fills, [fill.price for fill in fills])
    fair = _total(fills, mids)
    over = _EXACT.subtract(paid, fair) if side is OrderSide.BUY else _EXACT.subtract(fair, paid)
    whole = _EXACT.multiply(_shares(fills), base)
    return _QUOTIENT.divide(_EXACT.multiply(over, 2 * BPS), whole)


def _total(fills: Sequence[Executed], prices: Sequence[Decimal]) -> Decimal:
    total = _ZERO
    for fill, price in zip(fills, prices, strict=True):
        total = _EXACT.add(total, _EXACT.multiply(fill.shares, price))
    return total


def _shares(fills: Sequence[Executed]) -> Decimal:
    return _total(fills, [Decimal(1)] * len(fills))
