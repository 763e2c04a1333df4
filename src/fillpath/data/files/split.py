"""A stock split and a dividend, apart from how lists of them are read."""

from datetime import date

from msgspec import Struct


class Split(Struct, frozen=True, gc=False):
    """A stock split, effective before the open of its day.

    Args:
        symbol: ticker.
        ex_date: first day that trades in new shares.
        new_shares: shares after the split ...
        old_shares: ... for that many before it (7 for 1, or 1 for 20).
    """

    symbol: str
    ex_date: date
    new_shares: int
    old_shares: int


class Dividend(Struct, frozen=True, gc=False):
    """Cash for each share, owed to who held it at the close before its day.

    Args:
        symbol: ticker.
        ex_date: first day that trades without it.
        per_share: price units (1e-8 of the currency), above 0.
    """

    symbol: str
    ex_date: date
    per_share: int
