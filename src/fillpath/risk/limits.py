"""The limits that the risk cascade enforces, checked once and exact.

Field names are the keys of the ``risk`` section of ``config/settings.yaml``; ``_pct`` is percent.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from fillpath.core.errors import ModelError
from fillpath.core.units import Number, exact, percent_units, price_units

MOST_POSITIONS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """What no order may exceed.

    Args:
        max_position_pct: percent of total equity that one symbol may hold, working included.
        cash_reserve_pct: percent of total equity that stays in cash.
        max_positions: symbols that may be held or worked at once.
        price_floor: lowest reference price of an entry, account currency.
        allow_short: whether a SELL may open a short position.

    Raises:
        ModelError: a field is out of its range.
    """

    max_position_pct: Number = Decimal(5)
    cash_reserve_pct: Number = Decimal(10)
    max_positions: int = 20
    price_floor: Number = Decimal(5)
    allow_short: bool = True

    cap: int = field(init=False, repr=False, compare=False)
    reserve: int = field(init=False, repr=False, compare=False)
    floor: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check every limit and derive the exact integers."""
        put = object.__setattr__
        for name, low, derived in (
            ("max_position_pct", "0.01", "cap"),
            ("cash_reserve_pct", "0", "reserve"),
        ):
            number = exact(getattr(self, name), name)
            if not Decimal(low) <= number <= Decimal(100):
                raise ModelError(f"{name} must be from {low} to 100, got {number}")
            put(self, name, number)
            put(self, derived, percent_units(number))
        most = self.max_positions
        # type() and not isinstance(): True is an int too.
        if type(most) is not int or not 1 <= most <= MOST_POSITIONS:
            raise ModelError(
                f"max_positions must be a whole number from 1 to {MOST_POSITIONS}, got {most!r}"
            )
        if type(self.allow_short) is not bool:
            raise ModelError(f"allow_short must be True or False, got {self.allow_short!r}")
        floor = exact(self.price_floor, "price_floor")
        if floor < 0:
            raise ModelError(f"price_floor must be 0 or more, got {floor}")
        put(self, "price_floor", floor)
        put(self, "floor", price_units(floor))
