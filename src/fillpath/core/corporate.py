"""Facts about what companies do with their shares: splits and dividends.

They are facts like those of ``core/events.py``, which names them too.
"""

from msgspec import Struct


class SplitApplied(Struct, frozen=True, array_like=True, tag="split_applied"):
    """A stock split took effect before the open.

    Args:
        at: nanoseconds UTC; of each symbol every moment counts once. What was executed before it
            is in old shares, whenever it is told.
        symbol: ticker.
        new_shares: shares after the split ...
        old_shares: ... for that many before it (7 for 1, or 1 for 20).
    """

    at: int
    symbol: str
    new_shares: int
    old_shares: int


class DividendPaid(Struct, frozen=True, array_like=True, tag="dividend_paid"):
    """A share went ex dividend: its holders are owed cash, who sold it short owes it.

    Args:
        at: nanoseconds UTC, before anything trades on the ex-date.
        symbol: ticker.
        quantity: held at the close before, quantity units; negative when short, 0 when nothing was.
        per_share: cash for one share, price units, above 0.
        ex_date: the day in New York, as 2014-05-08; of each symbol every day counts once.
    """

    at: int
    symbol: str
    quantity: int
    per_share: int
    ex_date: str
