"""What the accounts of the login own: cash, positions, and the values that are worked out of them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from msgspec import Struct, field

from fillpath.testing.gateway.catalogue import Contract

ZERO: Final = Decimal(0)
COMMISSION: Final = Decimal("1.0000000000000002")
"""What an order is said to cost, with the rounding errors that the real one has."""
Marks = Callable[[Contract], Decimal | None]


class Holding(Struct):
    """A position.

    Args:
        contract: what.
        shares: how many, negative when sold short.
        cost: average dollars a share, commissions included.
        realized: dollars won by closing.
    """

    contract: Contract
    shares: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    realized: Decimal = Decimal(0)


class Account(Struct, kw_only=True):
    """One account.

    Args:
        name: such as DU1234567; names of paper accounts start with D.
        cash: dollars.
        currency: of the account.
        holdings: positions by contract number.
        said: values that are said instead of those worked out, by tag; None leaves a tag out.
        to_open: margin that opening needs, a part of what is traded.
        to_hold: margin that holding needs, the same.
    """

    name: str
    cash: Decimal = Decimal(100_000)
    currency: str = "USD"
    holdings: dict[int, Holding] = field(default_factory=dict)
    said: dict[str, str | None] = field(default_factory=dict)
    to_open: Decimal = Decimal("0.5")
    to_hold: Decimal = Decimal("0.25")

    def holding(self, contract: Contract) -> Holding:
        """Return the position in a contract, perhaps of 0 shares."""
        return self.holdings.setdefault(contract.con_id, Holding(contract))

    def trade(self, contract: Contract, shares: Decimal, price: Decimal) -> None:
        """Book shares bought, or sold when negative."""
        held = self.holding(contract)
        after = held.shares + shares
        if held.shares * shares < 0:
            closed = min(abs(shares), abs(held.shares)).copy_sign(held.shares)
            held.realized += closed * (price - held.cost)
        if held.shares * shares >= 0 and after:
            held.cost = (held.shares * held.cost + shares * price) / after
        elif held.shares * after <= 0:
            held.cost = price if after else Decimal(0)
        held.shares = after
        self.cash -= shares * price

    def charge(self, contract: Contract, commission: Decimal) -> None:
        """Book a commission."""
        held = self.holding(contract)
        if held.shares:
            held.cost += commission / held.shares
        self.cash -= commission

    def values(self, marks: Marks) -> list[tuple[str, str, str]]:
        """Return tag, value and currency of everything that is said about the account."""
        worth = sum((self._worth(held, marks) for held in self.holdings.values()), Decimal(0))
        total = self.cash + worth
        counted = {
            "AccountCode": self.name,
            "AccountReady": "true",
            "AccountType": "INDIVIDUAL",
            "AvailableFunds": _cents(total),
            "BuyingPower": _cents(4 * max(self.cash, Decimal(0))),
            "CashBalance": _cents(self.cash),
            "EquityWithLoanValue": _cents(total),
            "ExcessLiquidity": _cents(total),
            "GrossPositionValue": _cents(self._gross(marks)),
            "InitMarginReq": "0.00",
            "MaintMarginReq": "0.00",
            "NetLiquidation": _cents(total),
            "RealizedPnL": _cents(self._realized()),
            "TotalCashValue": _cents(self.cash),
            "UnrealizedPnL": _cents(worth - self._paid()),
        }
        merged = {**counted, **self.said}
        return [
            (tag, value, "" if tag.startswith("Account") else self.currency)
            for tag, value in merged.items()
            if value is not None
        ]

    def margins(
        self, contract: Contract, shares: Decimal, price: Decimal, marks: Marks
    ) -> tuple[Decimal, ...]:
        """Return what a trade would do: margin to open, to hold and equity, before, change, after.

        Args:
            contract: what would be traded.
            shares: how many, negative when sold.
            price: dollars a share.
            marks: what a share is worth.
        """
        equity = self.cash + sum((self._worth(h, marks) for h in self.holdings.values()), ZERO)
        held, gross = self.holding(contract).shares, self._gross(marks)
        more = (abs(held + shares) - abs(held)) * price
        before = (self.to_open * gross, self.to_hold * gross, equity)
        change = (self.to_open * more, self.to_hold * more, -COMMISSION)
        after = tuple(was + by for was, by in zip(before, change, strict=True))
        return (*before, *change, *after)

    def _gross(self, marks: Marks) -> Decimal:
        return sum((abs(self._worth(held, marks)) for held in self.holdings.values()), Decimal(0))

    def _realized(self) -> Decimal:
        return sum((held.realized for held in self.holdings.values()), Decimal(0))

    def _paid(self) -> Decimal:
        return sum((held.shares * held.cost for held in self.holdings.values()), Decimal(0))

    def _worth(self, held: Holding, marks: Marks) -> Decimal:
        mark = marks(held.contract)
        return held.shares * (held.cost if mark is None else mark)


def _cents(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.01")))


__all__ = ["Account", "Holding", "Marks"]
