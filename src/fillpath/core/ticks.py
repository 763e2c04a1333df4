"""The smallest step of a price, where nobody has told another one."""

from typing import Final

from fillpath.core.units import PRICE_SCALE

LOW_TICK: Final = PRICE_SCALE // 10_000
TICK: Final = PRICE_SCALE // 100


def tick_size(price: int) -> int:
    """Return the tick at ``price``: 0.0001 below 1.00, else 0.01.

    Source:
        Regulation NMS, Rule 612; the half-penny tick of its amendment is not in force.
    """
    return LOW_TICK if price < PRICE_SCALE else TICK


__all__ = ["LOW_TICK", "TICK", "tick_size"]
