"""Prices: the reference, the collars and the floor."""

from typing import Final

from fillpath.core.units import price_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection

PRICE_FLOOR: Final = "PRICE_FLOOR"


def check_price_floor(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries whose reference price is below the floor."""
    if ask.price >= limits.floor:
        return None
    return Objection(
        PRICE_FLOOR,
        f"{ask.symbol} at {price_decimal(ask.price)} is below the price floor "
        f"{price_decimal(limits.floor)}",
        limits.floor,
        ask.price,
        0,
    )
