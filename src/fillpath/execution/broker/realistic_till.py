"""Whether the orders of a realistic account can be paid, borrowed for and settled."""

from collections.abc import Callable, Mapping
from typing import Final

from fillpath.core.holdings import Holding
from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import money_decimal, price_decimal, quantity_decimal
from fillpath.execution.broker.book import Working
from fillpath.execution.broker.fee_book import FeeBook
from fillpath.execution.broker.fill_model import worst_price
from fillpath.execution.broker.till import Till
from fillpath.execution.simulating.borrowing import NOT_SHORTABLE, borrow_problem
from fillpath.execution.simulating.margining import Worth, buying_power, is_called
from fillpath.execution.simulating.policy import AccountKind, RealisticPolicy

Values = Callable[[Mapping[str, Holding]], tuple[int, int]]
MARGIN_CALL: Final = "MARGIN_CALL"
NO_MARGIN: Final = "INSUFFICIENT_MARGIN"
NO_CASH: Final = "INSUFFICIENT_CASH"
UNSETTLED: Final = "UNSETTLED_CASH"
_SELL: Final = OrderSide.SELL


class RealisticTill(Till, kw_only=True):
    """The till of an account with margin, settlement and borrowed shares.

    Args:
        rules: what the account may do.
        fees: what orders cost.
        values: value of longs and shorts at their marks.
        unsettled: proceeds of sales that have not settled yet, money units.
    """

    rules: RealisticPolicy
    fees: FeeBook
    values: Values
    unsettled: int = 0

    def objection(self, work: Working, guide: int | None, traded: int | None) -> Refusal | None:
        """Return why a new order cannot be taken, or None; see ``Till.objection``."""
        order = work.order
        if guide is None:
            guide = work.stop
        if guide is None:
            return Refusal("NO_MARKET", f"{order.symbol} has neither a quote nor a last price")
        if order.side is _SELL:
            return self.short_problem(work, work.left, traded or guide)
        work.opening = self.account.opening_part(order.symbol, work.left)
        work.worst = worst_price(guide, work.limit, work.stop, 0)
        return self.unpaid(work, work.left, work.worst)

    def unpaid(self, work: Working, quantity: int, price: int) -> Refusal | None:
        """Return why ``quantity`` of an order cannot be paid or borrowed at ``price``, or None."""
        if work.order.side is _SELL:
            return self.short_problem(work, quantity, price)
        opening = self.account.opening_part(work.order.symbol, quantity)
        if not opening:
            return None
        if self.rules.account is AccountKind.MARGIN:
            return self._beyond_margin(work, opening, price)
        need, fee = self._cost(opening, price)
        has = self.account.spendable - self.unsettled + work.reserved
        if need <= has:
            return None
        code = UNSETTLED if need <= has + self.unsettled else NO_CASH
        return Refusal(code, _unpaid_text(work, (opening, price), (need, fee), has))

    def short_problem(self, work: Working, quantity: int, price: int) -> Refusal | None:
        """Return why a sale may not open the short that it would open, or None."""
        symbol = work.order.symbol
        holding = self.account.holdings.get(symbol)
        held = 0 if holding is None else holding.quantity
        opening = max(quantity - max(held, 0), 0)
        if not opening:
            return None
        rules = self.rules
        if rules.account is AccountKind.CASH:
            text = f"SELL {quantity_decimal(opening)} {symbol} more than is held: a cash account"
            return Refusal(NOT_SHORTABLE, text)
        available = 0 if symbol in rules.hard_to_borrow else rules.shortable
        problem = borrow_problem(symbol, opening, max(-held, 0), available)
        if problem is not None or rules.account is not AccountKind.MARGIN:
            return problem
        return self._beyond_margin(work, opening, price)

    def _beyond_margin(self, work: Working, opening: int, price: int) -> Refusal | None:
        longs, shorts = self.values(self.account.holdings)
        worth = Worth(self.account.cash, longs, shorts)
        side, symbol = work.order.side, work.order.symbol
        name = f"{side} {quantity_decimal(opening)} {symbol}"
        if is_called(worth, self.rules.rates):
            equity = money_decimal(worth.equity)
            return Refusal(MARGIN_CALL, f"{name}: equity {equity} is below the maintenance margin")
        need = opening * price
        need += self.fees.most(opening, need)
        power = buying_power(worth, self.account.reserved - work.reserved, self.rules.rates)
        if need <= power:
            return None
        text = f"{name} at up to {price_decimal(price)} needs {money_decimal(need)} of buying power"
        return Refusal(NO_MARGIN, f"{text}, has {money_decimal(power)}")

    def _cost(self, quantity: int, price: int) -> tuple[int, int]:
        value = quantity * price
        fee = self.fees.most(quantity, value)
        return value + fee, fee


def _unpaid_text(work: Working, amount: tuple[int, int], cost: tuple[int, int], has: int) -> str:
    opening, price = amount
    need, fee = cost
    return (
        f"BUY {quantity_decimal(opening)} {work.order.symbol} at up to {price_decimal(price)} needs "
        f"{money_decimal(need)} with up to {money_decimal(fee)} fees, has {money_decimal(has)}"
    )
