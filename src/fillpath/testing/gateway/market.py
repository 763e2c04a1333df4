"""Prices that the test sets, and at which of them an order would trade."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.testing.gateway.records import GatewayOrder

LIMITED: Final = frozenset({"LMT", "STP LMT", "LOC"})
STOPS: Final = frozenset({"STP", "STP LMT"})
CLOSING: Final = frozenset({"MOC", "LOC"})
ORDER_TYPES: Final = frozenset({"MKT", *LIMITED, *STOPS, *CLOSING})


class Touch(Struct):
    """The market of one contract.

    Args:
        bid: dollars; None when nobody bids.
        ask: dollars; None when nobody offers.
        bid_size: shares that can still be sold at the bid; None for any number.
        ask_size: shares that can still be bought at the ask; None for any number.
        last: dollars of the last trade.
        last_size: its shares.
        close: dollars, of the day before.
        open: dollars, of today.
        high: dollars, of today.
        low: dollars, of today.
        volume: shares of today.
        average_volume: shares a day.
        shortable: above 2.5 there are shares to borrow, above 1.5 they have to be located.
        shortable_shares: how many.
        halted: 0 when it trades, 1 halted, 2 halted for its volatility, -1 unknown.
    """

    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    last_size: Decimal | None = None
    close: Decimal | None = None
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    volume: Decimal | None = None
    average_volume: Decimal | None = None
    shortable: Decimal | None = None
    shortable_shares: Decimal | None = None
    halted: int = 0

    def price(self, *, buys: bool) -> Decimal | None:
        """Return what a buyer pays or a seller gets."""
        return self.ask if buys else self.bid

    def size(self, *, buys: bool) -> Decimal | None:
        """Return how many shares there are at that price, None for any number."""
        return self.ask_size if buys else self.bid_size

    def take(self, shares: Decimal, *, buys: bool) -> None:
        """Take shares away from what is shown."""
        if buys and self.ask_size is not None:
            self.ask_size -= shares
        elif not buys and self.bid_size is not None:
            self.bid_size -= shares

    def mark(self) -> Decimal | None:
        """Return what a share is worth: the last trade, else the middle."""
        if self.last is not None:
            return self.last
        if self.bid is None or self.ask is None:
            return self.bid or self.ask
        return (self.bid + self.ask) / 2


def is_triggered(order: GatewayOrder, touch: Touch) -> bool:
    """Return whether a stop has been reached."""
    trigger = order.placed.aux_price
    price = touch.price(buys=order.buys)
    if trigger is None or price is None:
        return False
    return price >= trigger if order.buys else price <= trigger


def is_waiting(order: GatewayOrder) -> bool:
    """Return whether an order does not trade with the market now: a stop, an auction, a hold."""
    kind = order.placed.order_type
    waits = kind in CLOSING or order.placed.tif == "OPG" or bool(order.why_held)
    return waits or (kind in STOPS and not order.triggered)


def tradable(order: GatewayOrder, touch: Touch) -> tuple[Decimal, Decimal] | None:
    """Return how many shares an order would trade now and at what price, or None."""
    price = touch.price(buys=order.buys)
    if price is None or touch.halted > 0 or is_waiting(order) or not reaches(order, price):
        return None
    size = touch.size(buys=order.buys)
    shares = order.remaining if size is None else min(order.remaining, size)
    return (shares, price) if shares > 0 else None


def reaches(order: GatewayOrder, price: Decimal) -> bool:
    """Return whether the limit of an order, if it has one, allows a price."""
    limit = order.placed.limit_price
    if order.placed.order_type not in LIMITED or limit is None:
        return True
    return price <= limit if order.buys else price >= limit


__all__ = [
    "CLOSING",
    "LIMITED",
    "ORDER_TYPES",
    "STOPS",
    "Touch",
    "is_triggered",
    "is_waiting",
    "reaches",
    "tradable",
]
