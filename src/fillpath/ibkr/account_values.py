"""The account's values as the vendor tags them, read into the report that the engine knows.

A value that is missing, not a number, in another currency or cannot be, is unknown: None. An account
worth nothing is one whose values have not been loaded yet.
"""

from decimal import Decimal, InvalidOperation
from typing import Final

from fillpath.core.reports import AccountReported
from fillpath.core.units import MONEY_SCALE
from fillpath.ibkr.heard import AccountValue

NET_LIQUIDATION: Final = "NetLiquidation"
SETTLED_CASH: Final = "SettledCash"
EXCESS_LIQUIDITY: Final = "ExcessLiquidity"
DAY_TRADES: Final = "DayTradesRemaining"
KINDS: Final = ("AccountType", "TradingType-S")
BUYING_POWER: Final = "BuyingPower"
AVAILABLE: Final = "AvailableFunds"
CASH: Final = "cash"
MARGIN: Final = "margin"
UNLIMITED: Final = -1

_MOST_MONEY: Final = Decimal(10) ** 15
"""More than any account holds; the vendor's "unset" is far above it."""
_MOST_DAY_TRADES: Final = 1_000
_MARGIN_WORDS: Final = ("MRGN", "MARGIN", "REGT", "PORTFOLIO")


class AccountBook:
    """The newest value of every tag of one account.

    Args:
        account: the account; values of others are left out.
        currency: what its money is counted in.
    """

    def __init__(self, account: str, currency: str = "USD") -> None:
        self._account = account
        self._currency = currency
        self._values: dict[str, str] = {}
        self._other: dict[str, str] = {}

    def take(self, value: AccountValue) -> None:
        """Take one value; of money only what is in the account's currency."""
        if value.account != self._account:
            return
        if value.currency in ("", self._currency):
            self._values[value.tag] = value.value
        elif value.tag == NET_LIQUIDATION:
            self._other[value.tag] = value.currency

    @property
    def problem(self) -> str:
        """Return why the account's worth is unknown, empty while it is known."""
        if money_of(self._values.get(NET_LIQUIDATION)):
            return ""
        currency = self._other.get(NET_LIQUIDATION)
        if currency:
            return f"the account counts in {currency}, and {self._currency} is what is traded"
        said = self._values.get(NET_LIQUIDATION)
        return f"{NET_LIQUIDATION} must be an amount other than 0, got {said!r}"

    def report(self, at: int) -> AccountReported:
        """Return how the account stands."""
        return AccountReported(
            at=at,
            equity=money_of(self._values.get(NET_LIQUIDATION)) or None,
            settled_cash=money_of(self._values.get(SETTLED_CASH)),
            day_trades_left=day_trades_of(self._values.get(DAY_TRADES)),
            margin_excess=money_of(self._values.get(EXCESS_LIQUIDITY)),
            kind=self._kind(),
        )

    def _kind(self) -> str:
        words = " ".join(self._values.get(tag, "") for tag in KINDS).upper()
        if "CASH" in words:
            return CASH
        if any(word in words for word in _MARGIN_WORDS):
            return MARGIN
        return self._kind_by_power()

    def _kind_by_power(self) -> str:
        """Return the kind by what the account may buy for its own money: for more, it is lent."""
        power = money_of(self._values.get(BUYING_POWER))
        own = money_of(self._values.get(AVAILABLE))
        if power is None or own is None or own <= 0:
            return ""
        return CASH if power <= own else MARGIN


def money_of(text: str | None) -> int | None:
    """Return an amount in money units, cut to 1e-14, or None when it cannot be one."""
    number = _number(text)
    if number is None or abs(number) > _MOST_MONEY:
        return None
    return int(number * MONEY_SCALE)


def day_trades_of(text: str | None) -> int | None:
    """Return how many day trades are left, -1 for no limit, or None when it cannot be told."""
    number = _number(text)
    if number is None or number != number.to_integral_value():
        return None
    return int(number) if UNLIMITED <= number <= _MOST_DAY_TRADES else None


def _number(text: str | None) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


__all__ = ["AccountBook", "day_trades_of", "money_of"]
