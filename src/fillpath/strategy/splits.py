"""What a strategy remembers, turned into new shares when a stock splits."""

from decimal import Context, Decimal
from typing import Final

from msgspec.structs import replace

from fillpath.core.models import Bar

_QUOTIENT: Final = Context(prec=28)
_FINEST: Final = Decimal("0.00000001")


def in_new_shares(shares: Decimal, new_shares: int, old_shares: int) -> Decimal:
    """Return as many shares as so many have become."""
    return _QUOTIENT.divide(shares * new_shares, old_shares)


def bar_in_new_shares(bar: Bar, new_shares: int, old_shares: int) -> Bar:
    """Return a bar from before a split as if it had been traded in new shares, to 8 decimals."""

    def divided(price: Decimal) -> Decimal:
        return _QUOTIENT.divide(price * old_shares, new_shares).quantize(_FINEST)

    return replace(
        bar,
        open=divided(bar.open),
        high=divided(bar.high),
        low=divided(bar.low),
        close=divided(bar.close),
        volume=in_new_shares(bar.volume, new_shares, old_shares),
    )


__all__ = ["bar_in_new_shares", "in_new_shares"]
