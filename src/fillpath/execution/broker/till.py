"""Whether simulated orders can be paid: what a buy needs, and the cash that is kept for it."""

from msgspec import Struct

from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import money_decimal, price_decimal, quantity_decimal
from fillpath.execution.broker.account import Account
from fillpath.execution.broker.book import Working
from fillpath.execution.broker.fill_model import commission, worst_price


class Till(Struct):
    """The cash of one account, and who may spend it.

    Args:
        account: what there is.
        rate: commission, ratio units.
        slippage: what the touch is worsened by, ratio units.
        in_parts: whether an order may fill in parts, so that not all of it trades at one price.
    """

    account: Account
    rate: int
    slippage: int
    in_parts: bool

    def objection(self, work: Working, guide: int | None, traded: int | None) -> Refusal | None:
        """Return why a new order cannot be taken, or None.

        Args:
            work: the order; what it opens and the worst price of that are put down in it.
            guide: the price that comes nearest to a touch; None when none is known.
            traded: the price at which it trades at once; None when it waits.
        """
        order = work.order
        if guide is None:
            guide = work.stop  # a stop waits for a market anyway
        if guide is None:
            text = f"{order.symbol} has neither a quote nor a last price"
            return Refusal("NO_MARKET", text)
        if order.side is OrderSide.SELL:
            return None
        account = self.account
        work.opening = opening = account.opening_part(order.symbol, work.left)
        if not opening:
            return None
        if traded is None or self.in_parts:
            traded = worst_price(guide, work.limit, work.stop, self.slippage)
        work.worst = traded
        value = opening * traded
        # A commission is 5 % at most, so a sixteenth covers it: most buys need no closer look.
        if value + (value >> 4) <= account.cash - account.reserved - account.short_proceeds:
            return None
        return self.unpaid(work, work.left, traded)

    def unpaid(self, work: Working, quantity: int, price: int) -> Refusal | None:
        """Return why ``quantity`` of an order cannot be paid at ``price``, or None."""
        if work.order.side is OrderSide.SELL:
            return None
        opening = self.account.opening_part(work.order.symbol, quantity)
        need, fee = self._cost(opening, price)
        has = self.account.spendable + work.reserved
        if not opening or need <= has:
            return None
        return Refusal(
            "INSUFFICIENT_CASH",
            f"BUY {quantity_decimal(opening)} {work.order.symbol} at up to {price_decimal(price)} "
            f"needs {money_decimal(need)} with {money_decimal(fee)} commission, "
            f"has {money_decimal(has)}",
        )

    def reserve(self, work: Working) -> None:
        """Keep cash for what is left of a buy, and give back what it needs no more."""
        if work.opening:
            need, _ = self._cost(min(work.left, work.opening), work.worst)
            self.account.reserved += need - work.reserved
            work.reserved = need

    def _cost(self, quantity: int, price: int) -> tuple[int, int]:
        value = quantity * price
        fee = commission(value, self.rate)
        return value + fee, fee
