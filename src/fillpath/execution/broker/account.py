"""What a simulated account owns and owes: cash, holdings, and cash that is spoken for."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from msgspec import Struct, field

from fillpath.core.holdings import Holding
from fillpath.core.models import ZERO, Position
from fillpath.core.units import money_units, quantity_units

_DIGITS: Final = 14


class Account(Struct):
    """Cash and holdings of one account, in exact integers.

    Args:
        cash: money units; includes the proceeds of short sales.
        holdings: by symbol; a closed one stays, for its realised profit.
        reserved: money units that working buys may still need.
        short_proceeds: money units received for what is short now; not spendable.
    """

    cash: int = 0
    holdings: dict[str, Holding] = field(default_factory=dict)
    reserved: int = 0
    short_proceeds: int = 0

    @property
    def spendable(self) -> int:
        """Return the cash that a new buy may use, money units; may be negative."""
        return self.cash - self.reserved - self.short_proceeds

    def trade(self, symbol: str, signed_quantity: int, price: int, commission: int) -> None:
        """Apply one execution."""
        self.exchange(symbol, signed_quantity, signed_quantity * price, commission)

    def exchange(self, symbol: str, signed_quantity: int, value: int, commission: int) -> None:
        """Take shares for cash, both signed alike."""
        holding = self.holdings.get(symbol)
        if holding is None:
            holding = self.holdings[symbol] = Holding()
        before = holding.cost
        holding.exchange(signed_quantity, value)
        after = holding.cost
        if before < 0 or after < 0:
            self.short_proceeds += min(before, 0) - min(after, 0)
        self.cash -= value + commission

    def opening_part(self, symbol: str, bought: int) -> int:
        """Return how much of a buy opens or adds to a long, after closing what is short."""
        holding = self.holdings.get(symbol)
        if holding is None or holding.quantity >= 0:
            return bought
        return max(bought + holding.quantity, 0)


def opened(cash: int, positions: Iterable[Position]) -> Account:
    """Return an account with this cash that holds these positions; strategies are added up."""
    account = Account(cash=cash)
    for position in positions:
        holding = account.holdings.setdefault(position.symbol, Holding())
        price = position.average_price or position.market_price or ZERO
        holding.quantity += quantity_units(position.quantity)
        holding.cost += nearest_money(position.quantity * price)
        holding.realized += money_units(position.realized_pnl)
    account.short_proceeds = -sum(min(h.cost, 0) for h in account.holdings.values())
    return account


def nearest_money(value: Decimal) -> int:
    """Return an amount in money units, rounded half to even.

    An average price may have more decimals than money; the nearest unit is what it came from.
    """
    return int(value.scaleb(_DIGITS).to_integral_value(ROUND_HALF_EVEN))
