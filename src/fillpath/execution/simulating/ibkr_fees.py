"""What Interactive Brokers takes for an order in US shares: the fixed and the tiered schedule.

Amounts are money units, quantities quantity units, fees per share price units. A fee is that of the
whole order so far, so that what one fill costs is the difference that it makes: the minimum of an
order that fills in parts is taken once.
"""

from typing import Final

from msgspec import Struct

from fillpath.core.units import MONEY_SCALE, PRICE_SCALE, QUANTITY_SCALE, RATIO_SCALE

_CENT: Final = MONEY_SCALE // 100
_PERCENT: Final = 100
_TEN_THOUSANDTH: Final = PRICE_SCALE // 10_000
FIXED_PER_SHARE: Final = 50 * _TEN_THOUSANDTH
FIXED_MINIMUM: Final = 100 * _CENT
TIERED_MINIMUM: Final = 35 * _CENT
TIERS: Final = (
    (300_000 * QUANTITY_SCALE, 35 * _TEN_THOUSANDTH),
    (3_000_000 * QUANTITY_SCALE, 20 * _TEN_THOUSANDTH),
    (20_000_000 * QUANTITY_SCALE, 15 * _TEN_THOUSANDTH),
    (100_000_000 * QUANTITY_SCALE, 10 * _TEN_THOUSANDTH),
)
"""Shares of the month up to which a tier reaches, and its price for each share."""
LAST_TIER: Final = 5 * _TEN_THOUSANDTH
CLEARING: Final = 2 * _TEN_THOUSANDTH
NYSE_SHARE: Final = 175 * RATIO_SCALE // 1_000_000
FINRA_SHARE: Final = 565 * RATIO_SCALE // 1_000_000


class Filled(Struct, frozen=True):
    """What an order has traded so far.

    Args:
        quantity: quantity units.
        value: sum of price times quantity, money units.
        tiered: the sum of what the tiers take for each share, money units.
        removed: of the quantity, what took liquidity, quantity units.
    """

    quantity: int = 0
    value: int = 0
    tiered: int = 0
    removed: int = 0


class Extras(Struct, frozen=True, kw_only=True):
    """What an exchange takes and gives, which differs by exchange and month.

    Args:
        remove: price units for each share that takes liquidity.
        add: the same for each share that gives it; below 0 for a rebate.
    """

    remove: int = 0
    add: int = 0


def fixed_commission(quantity: int, value: int) -> int:
    """Return the commission of the fixed schedule for an order.

    ``min(max(0.005 q, 1.00), 1 % of the value)``: the maximum of one percent wins over the minimum. An
    order with a fraction of a share costs a cent at least.

    Source:
        The page "Commissions Stocks" of Interactive Brokers, with its note on the maximum.
    """
    return _bounded(quantity * FIXED_PER_SHARE, FIXED_MINIMUM, quantity, value)


def tiered_commission(filled: Filled) -> int:
    """Return the commission of the tiered schedule for an order, without what is passed on.

    ``min(max(tiers, 0.35), 1 % of the value)``.
    """
    return _bounded(filled.tiered, TIERED_MINIMUM, filled.quantity, filled.value)


def tier_cost(month: int, quantity: int) -> int:
    """Return what the tiers take for ``quantity`` after ``month`` shares of the month, in money units.

    The tiers are marginal: each share pays the price of the tier that it falls into.
    """
    cost, begun, left = 0, month, quantity
    for end, per_share in TIERS:
        part = min(max(end - begun, 0), left)
        cost += part * per_share
        begun += part
        left -= part
    return cost + left * LAST_TIER


def passed_on(filled: Filled, extras: Extras) -> int:
    """Return what the tiered schedule passes on: clearing, the exchange, and two shares of itself.

    Clearing is 0.00020 for each share and at most 0.5 % of the value; NYSE takes 0.000175 and FINRA
    0.000565 of the commission. Roundings are up to a money unit.
    """
    clearing = min(filled.quantity * CLEARING, filled.value // (2 * _PERCENT))
    commission = tiered_commission(filled)
    shares = -(-commission * (NYSE_SHARE + FINRA_SHARE) // RATIO_SCALE)
    added = filled.quantity - filled.removed
    return clearing + shares + filled.removed * extras.remove + added * extras.add


def most(quantity: int, value: int, extras: Extras) -> int:
    """Return the most that either schedule can take for an order, for cash to be kept.

    Args:
        quantity: quantity units.
        value: money units, at the worst price.
        extras: of the exchange.
    """
    per_share = max(extras.remove, extras.add, 0) + CLEARING
    commission = max(fixed_commission(quantity, value), _CENT)
    shares = -(-commission * (NYSE_SHARE + FINRA_SHARE) // RATIO_SCALE)
    return commission + shares + quantity * per_share


def _bounded(cost: int, least: int, quantity: int, value: int) -> int:
    bounded = min(max(cost, least), value // _PERCENT)
    return max(bounded, _CENT) if quantity % QUANTITY_SCALE else bounded


__all__ = [
    "CLEARING",
    "FINRA_SHARE",
    "FIXED_MINIMUM",
    "FIXED_PER_SHARE",
    "LAST_TIER",
    "NYSE_SHARE",
    "TIERED_MINIMUM",
    "TIERS",
    "Extras",
    "Filled",
    "fixed_commission",
    "most",
    "passed_on",
    "tier_cost",
    "tiered_commission",
]
