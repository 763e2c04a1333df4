"""At which single price an auction, or the first trade after a halt, is taken to happen."""

from fillpath.core.models import OrderSide


def auction_price(side: OrderSide, bid: int, ask: int, tick: int) -> int:
    """Return the middle of a quote, rounded to the tick against who trades, price units.

    The real price of an auction is known only where somebody recorded it. The middle of the quote beside
    it is neither the best nor the worst that it can have been.
    """
    middle = bid + ask
    if side is OrderSide.BUY:
        return min(-(-middle // (2 * tick)) * tick, ask)
    return max(middle // (2 * tick) * tick, bid)


__all__ = ["auction_price"]
