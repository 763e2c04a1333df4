"""The contracts that the gateway knows, and the steps of their prices."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.testing.gateway.placing import Instrument

PENNY_RULE: Final = 26
ORDER_TYPES: Final = "ACTIVETIM,ALGO,ALLOC,AON,DAY,GTC,GTD,IOC,FOK,OPG,LMT,LOC,MKT,MOC,STP,STPLMT"


class Contract(Struct, frozen=True, kw_only=True):
    """A share, an exchange-traded fund or an index.

    Args:
        symbol: ticker.
        con_id: its number.
        primary_exchange: where it is listed.
        sec_type: STK or IND.
        currency: of its prices.
        long_name: the company.
        stock_type: COMMON, ETF, ...
        min_tick: dollars.
        rule: number of the market rule of all its exchanges.
        min_size: smallest size.
        trading_hours: the vendor's text.
        liquid_hours: the vendor's text.
        time_zone: of these hours.
    """

    symbol: str
    con_id: int
    primary_exchange: str = "NASDAQ"
    sec_type: str = "STK"
    currency: str = "USD"
    long_name: str = ""
    stock_type: str = "COMMON"
    min_tick: Decimal = Decimal("0.01")
    rule: int = PENNY_RULE
    min_size: Decimal = Decimal(1)
    trading_hours: str = ""
    liquid_hours: str = ""
    time_zone: str = "US/Eastern"

    @property
    def exchanges(self) -> tuple[str, ...]:
        """Return where it trades."""
        if self.sec_type == "IND":
            return (self.primary_exchange,)
        return ("SMART", "ISLAND", "ARCA", self.primary_exchange)


class MarketRule(Struct, frozen=True):
    """From each low edge on, the step of prices, both in dollars."""

    number: int
    steps: tuple[tuple[Decimal, Decimal], ...]

    def step(self, price: Decimal) -> Decimal:
        """Return the step that holds at a price."""
        return next((step for edge, step in reversed(self.steps) if price >= edge), Decimal(0))


PENNY: Final = MarketRule(
    PENNY_RULE, ((Decimal(0), Decimal("0.0001")), (Decimal(1), Decimal("0.01")))
)
CONTRACTS: Final = (
    Contract(symbol="AAPL", con_id=265598, long_name="APPLE INC"),
    Contract(symbol="MSFT", con_id=272093, long_name="MICROSOFT CORP"),
    Contract(symbol="NVDA", con_id=4815747, long_name="NVIDIA CORP"),
    Contract(symbol="AMZN", con_id=3691937, long_name="AMAZON.COM INC"),
    Contract(symbol="GOOG", con_id=208813720, long_name="ALPHABET INC-CL C"),
    Contract(
        symbol="IBM", con_id=8314, primary_exchange="NYSE", long_name="INTL BUSINESS MACHINES"
    ),
    Contract(
        symbol="SPY",
        con_id=756733,
        primary_exchange="ARCA",
        stock_type="ETF",
        long_name="SPDR S&P 500 ETF TRUST",
    ),
    Contract(
        symbol="VIX",
        con_id=13455763,
        primary_exchange="CBOE",
        sec_type="IND",
        long_name="CBOE Volatility Index",
    ),
)


class Catalogue:
    """Find contracts and rules.

    Args:
        contracts: all there are.
        rules: the steps of their prices.
    """

    def __init__(self, contracts: Iterable[Contract], rules: Iterable[MarketRule]) -> None:
        self._contracts = {contract.con_id: contract for contract in contracts}
        self._rules = {rule.number: rule for rule in rules}

    def add(self, contract: Contract) -> None:
        """Add a contract, or replace the one of this number."""
        self._contracts[contract.con_id] = contract

    def add_rule(self, rule: MarketRule) -> None:
        """Add a rule, or replace the one of this number."""
        self._rules[rule.number] = rule

    def rule(self, number: int) -> MarketRule | None:
        """Return a rule, or None."""
        return self._rules.get(number)

    def on_tick(self, contract: Contract, price: Decimal) -> bool:
        """Return whether orders of this contract may have this price."""
        rule = self._rules.get(contract.rule)
        step = rule.step(price) if rule else contract.min_tick
        return price % step == 0

    def find(self, asked: Instrument) -> list[Contract]:
        """Return every contract that fits what was asked for."""
        if asked.con_id:
            found = self._contracts.get(asked.con_id)
            return [found] if found and asked.symbol in {"", found.symbol} else []
        return [contract for contract in self._contracts.values() if _fits(contract, asked)]

    def named(self, symbol: str) -> Contract:
        """Return the contract of a ticker.

        Raises:
            KeyError: there is none.
        """
        for contract in self._contracts.values():
            if contract.symbol == symbol:
                return contract
        raise KeyError(f"the gateway knows no contract {symbol}: add it with contracts.add")

    def number(self, con_id: int) -> Contract:
        """Return the contract of a number that is known.

        Raises:
            KeyError: there is none.
        """
        return self._contracts[con_id]


def _fits(contract: Contract, asked: Instrument) -> bool:
    return (
        contract.symbol == asked.symbol
        and contract.sec_type == asked.sec_type
        and asked.currency in {"", contract.currency}
        and asked.exchange in {"", *contract.exchanges}
        and asked.primary_exchange in {"", contract.primary_exchange}
    )


__all__ = ["CONTRACTS", "ORDER_TYPES", "PENNY", "PENNY_RULE", "Catalogue", "Contract", "MarketRule"]
