"""What every order has cost so far, and how much was traded in the month."""

from msgspec import Struct

from fillpath.core.dated_rules import trading_day
from fillpath.core.events import OrderFilled
from fillpath.core.models import OrderSide
from fillpath.core.units import RATIO_SCALE
from fillpath.execution.simulating.charging import (
    commission_of,
    most_for_buy,
    regulatory_fees,
    with_fill,
)
from fillpath.execution.simulating.ibkr_fees import Filled
from fillpath.execution.simulating.policy import RealisticPolicy


class Tab(Struct):
    """What one order has traded, and what it was charged in commission, money units."""

    filled: Filled = Filled()
    charged: int = 0


class FeeBook:
    """The fees of one account.

    Args:
        rules: whose commission, and which fees.
        rate: of the plan ``percent``, ratio units.
    """

    def __init__(self, rules: RealisticPolicy, rate: int) -> None:
        self._rules = rules
        self._rate = rate
        self._tabs: dict[str, Tab] = {}
        self._month: tuple[int, int] | None = None
        self._traded = rules.month

    def charge(
        self, order_id: str, side: OrderSide, amount: tuple[int, int], at: int, *, removes: bool
    ) -> int:
        """Return what a fill costs, and remember it; money units.

        Args:
            order_id: whose fill.
            side: BUY or SELL.
            amount: quantity and price, in their units.
            at: nanoseconds UTC.
            removes: whether it took liquidity.
        """
        quantity, price = amount
        day = trading_day(at)
        month = (day.year, day.month)
        if self._month is not None and month != self._month:
            self._traded = 0
        self._month = month
        tab = self._tabs.setdefault(order_id, Tab())
        tab.filled = with_fill(tab.filled, quantity, price, self._traded, removes=removes)
        self._traded += quantity
        whole = commission_of(tab.filled, self._rules, self._rate, RATIO_SCALE)
        fee = whole - tab.charged + regulatory_fees(side, quantity, price, day, self._rules)
        tab.charged = whole
        return fee

    def most(self, quantity: int, value: int) -> int:
        """Return the most that a buy may cost, money units."""
        return most_for_buy(quantity, value, self._rules, self._rate, RATIO_SCALE)

    def forget(self, order_id: str) -> None:
        """Close the tab of an order that has ended."""
        self._tabs.pop(order_id, None)

    def recall(self, executions: list[OrderFilled]) -> None:
        """Charge again what an earlier process has charged, so that tabs and month go on from there."""
        for event in executions:
            amount = (event.quantity, event.price)
            self.charge(event.order_id, event.side, amount, event.traded_at, removes=True)
