"""What the vendor's messages mean for market data: which of them leave a symbol without a price."""

from enum import StrEnum
from typing import Final

from fillpath.ibkr.heard import Said

PERMISSION: Final = frozenset({354, 10089, 10090, 10167, 10168, 10186})
"""There is no subscription for live data of the symbol; delayed data may come instead."""
COMPETING: Final = frozenset({10197})
"""The same login shows live data elsewhere, and only one place gets it."""
NO_SYMBOL: Final = frozenset({200, 203, 300, 321, 322})
"""The request for data itself is refused: no such contract, or no more requests of its kind."""
NO_LINES: Final = frozenset({101, 10190})
"""As many symbols as the login may watch are watched already."""
FARM_BROKEN: Final = frozenset({2103, 2105, 2157})
"""A farm of quotes, of history or of definitions cannot be reached."""
FARM_BACK: Final = frozenset({2104, 2106, 2158})
"""A farm can be reached; of a quote it says nothing."""
LINK_LOST: Final = frozenset({1100, 2110})
"""The gateway has lost the vendor."""
DATA_LOST: Final = 1101
"""The link is back, and every subscription is gone."""
DATA_KEPT: Final = 1102
"""The link is back, and the subscriptions stand."""


class DataNews(StrEnum):
    """What a message means for market data."""

    NOTHING = "nothing"
    REFUSED = "refused"
    COMPETING = "competing"
    NO_LINES = "no lines"
    GAP = "gap"
    FARM_BACK = "farm back"
    SUBSCRIPTIONS_LOST = "subscriptions lost"


def read(said: Said) -> DataNews:
    """Return what a message means for market data.

    The vendor does not say which symbols a farm serves, so a broken one puts all of them in doubt;
    a symbol that is not touched shows so with its next tick.
    """
    for codes, news in _TABLE:
        if said.code in codes:
            return news
    return DataNews.NOTHING


_TABLE: Final = (
    (PERMISSION, DataNews.REFUSED),
    (NO_SYMBOL, DataNews.REFUSED),
    (COMPETING, DataNews.COMPETING),
    (NO_LINES, DataNews.NO_LINES),
    (FARM_BROKEN | LINK_LOST | {DATA_KEPT}, DataNews.GAP),
    (FARM_BACK, DataNews.FARM_BACK),
    (frozenset({DATA_LOST}), DataNews.SUBSCRIPTIONS_LOST),
)


__all__ = [
    "COMPETING",
    "DATA_KEPT",
    "DATA_LOST",
    "FARM_BACK",
    "FARM_BROKEN",
    "LINK_LOST",
    "NO_LINES",
    "NO_SYMBOL",
    "PERMISSION",
    "DataNews",
    "read",
]
