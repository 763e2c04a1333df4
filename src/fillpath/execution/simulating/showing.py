"""How much of the size that a recorded quote shows is still there after we have taken from it.

A recording knows nothing of our trades, so it goes on showing what we took. What we took at a price
stays taken until the price moves or the level has had time to fill again.
"""

from msgspec import Struct


class Taken(Struct, frozen=True):
    """What was last taken from one side of a market.

    Args:
        price: price units; 0 before anything was taken.
        quantity: quantity units taken at that price.
        at: time of the quote of the last of it, nanoseconds UTC.
    """

    price: int = 0
    quantity: int = 0
    at: int = 0


NOTHING = Taken()


def still_shown(size: int, price: int, at: int, taken: Taken, refill: int) -> int:
    """Return what can be taken of the size that a quote shows, quantity units.

    Args:
        size: shown, quantity units.
        price: at which, price units.
        at: time of the quote, nanoseconds UTC.
        taken: what was taken before.
        refill: nanoseconds after which a level shows what is really there again.
    """
    if price != taken.price or at - taken.at >= refill > 0:
        return size
    return max(size - taken.quantity, 0)


def after_taking(quantity: int, price: int, at: int, taken: Taken, refill: int) -> Taken:
    """Return what is remembered once ``quantity`` more was taken at ``price``."""
    if price != taken.price or at - taken.at >= refill > 0:
        return Taken(price, quantity, at)
    return Taken(price, taken.quantity + quantity, at)


__all__ = ["NOTHING", "Taken", "after_taking", "still_shown"]
