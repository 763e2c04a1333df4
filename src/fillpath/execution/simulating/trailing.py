"""Where a trailing stop stands: it follows the best price at a distance, and never goes back."""

from fillpath.core.models import OrderSide


def trailed(side: OrderSide, stop: int, distance: int, bid: int | None, ask: int | None) -> int:
    """Return the level of a trailing stop after a quote, price units.

    ``max(stop, bid - distance)`` for a stop that sells, ``min(stop, ask + distance)`` for one that buys.

    Args:
        side: of the stop.
        stop: level before, price units.
        distance: price units.
        bid: best bid, None when missing.
        ask: best ask, None when missing.
    """
    if side is OrderSide.SELL:
        return stop if bid is None else max(stop, bid - distance)
    return stop if ask is None else min(stop, ask + distance)


__all__ = ["trailed"]
