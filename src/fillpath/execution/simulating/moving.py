"""The price of a fill that takes liquidity, moved by what its order has traded already."""

from decimal import Decimal, localcontext

from fillpath.core.models import OrderSide
from fillpath.execution.impact import DIGITS, mean_square_root_impact
from fillpath.execution.simulating.policy import RealisticPolicy


def moved_price(
    side: OrderSide,
    price: int,
    quantities: tuple[int, int],
    adv: int | None,
    rules: RealisticPolicy,
) -> int:
    """Return the touch worsened by the square-root law, price units, rounded against the trader.

    ``price (1 +- (2/3) Y sigma (b^1.5 - a^1.5) / (b - a))`` with ``a`` and ``b`` the shares of the average
    day that the order had traded before and has traded with this fill. It is the average of what the
    part pays, so that the parts of an order pay what the whole would.

    Args:
        side: BUY pays more, SELL gets less.
        price: the touch, price units.
        quantities: what was traded before and what is traded now, quantity units.
        adv: average daily volume, quantity units; without one the price stays.
        rules: coefficient and volatility.
    """
    coefficient = Decimal(rules.impact_coefficient)
    if not adv or not coefficient or not rules.volatility:
        return price
    before, now = quantities
    with localcontext(prec=DIGITS):
        day = Decimal(adv)
        move = mean_square_root_impact(
            coefficient, rules.volatility, before / day, (before + now) / day
        )
        offset = Decimal(price) * move
        whole = int(offset.to_integral_value(rounding="ROUND_UP"))
    return price + whole if side is OrderSide.BUY else max(price - whole, 1)


__all__ = ["moved_price"]
