"""How much an account may open: margin after Regulation T, and cash that has settled.

Money units and ratio units throughout.
"""

from msgspec import Struct

from fillpath.core.units import RATIO_SCALE


class Rates(Struct, frozen=True, kw_only=True):
    """Shares of the value that must be covered by equity, ratio units.

    Args:
        initial: of what is opened; Regulation T asks for 50 %.
        longs: of a long that is kept; FINRA rule 4210 asks for 25 %.
        shorts: of a short that is kept; FINRA rule 4210 asks for 30 %.
    """

    initial: int
    longs: int
    shorts: int


class Worth(Struct, frozen=True):
    """What an account is worth at its marks.

    Args:
        cash: with the proceeds of short sales.
        longs: value of all longs.
        shorts: value of all shorts, 0 or more.
    """

    cash: int
    longs: int
    shorts: int

    @property
    def equity(self) -> int:
        """Return cash and longs less shorts."""
        return self.cash + self.longs - self.shorts


def maintenance(worth: Worth, rates: Rates) -> int:
    """Return the equity that what is held asks for, rounded up."""
    asked = worth.longs * rates.longs + worth.shorts * rates.shorts
    return -(-asked // RATIO_SCALE)


def is_called(worth: Worth, rates: Rates) -> bool:
    """Return whether the equity is below the maintenance: nothing may be opened then."""
    return worth.equity < maintenance(worth, rates)


def buying_power(worth: Worth, working: int, rates: Rates) -> int:
    """Return the value that may still be opened, 0 or more, rounded down.

    ``(equity - initial (longs + shorts + working)) / initial``

    Args:
        worth: of the account.
        working: value of what orders that work would open.
        rates: the margin.

    Source:
        Federal Reserve, Regulation T, 12 CFR 220.12: equity over the initial margin is excess.
    """
    asked = (worth.longs + worth.shorts + working) * rates.initial
    excess = worth.equity * RATIO_SCALE - asked
    return max(excess // rates.initial, 0)


__all__ = ["Rates", "Worth", "buying_power", "is_called", "maintenance"]
