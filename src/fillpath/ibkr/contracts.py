"""Which contract a symbol means: one, known by its number, or none."""

from collections.abc import Iterable
from typing import Final

from fillpath.core.errors import BrokerRefused
from fillpath.ibkr.forms import ContractForm
from fillpath.ibkr.heard import ContractFound
from fillpath.ibkr.symbols import vendor_symbol

SMART: Final = "SMART"
VOLATILITY: Final = ContractForm("VIX", exchange="CBOE", sec_type="IND")
"""The index of the market's volatility."""


def question(symbol: str, con_id: int = 0) -> ContractForm:
    """Return what to ask for: the number where one was reviewed, else the ticker."""
    return ContractForm(vendor_symbol(symbol), con_id=con_id)


def choose(symbol: str, found: Iterable[ContractFound], con_id: int = 0) -> ContractFound:
    """Return the one share in dollars that a symbol means.

    Args:
        symbol: our ticker.
        found: what the gateway offers.
        con_id: the number that was reviewed; 0 without one.

    Raises:
        BrokerRefused: none fits, or several do and nobody can tell them apart.
    """
    shares = {
        one.con_id: one
        for one in found
        if one.sec_type == "STK"
        and one.currency == "USD"
        and one.symbol == vendor_symbol(symbol)
        and con_id in (0, one.con_id)
    }
    if len(shares) == 1:
        return next(iter(shares.values()))
    wanted = f"{symbol} with number {con_id}" if con_id else symbol
    if not shares:
        raise BrokerRefused("NO_CONTRACT", f"no share in dollars is {wanted}")
    numbers = ", ".join(f"{one.con_id} ({one.primary_exchange})" for one in shares.values())
    text = f"{symbol} may be any of {numbers}; write its number into the reviewed instruments"
    raise BrokerRefused("AMBIGUOUS_CONTRACT", text)


def form_of(found: ContractFound) -> ContractForm:
    """Return a contract so that nothing else can be meant."""
    return ContractForm(
        found.symbol,
        con_id=found.con_id,
        exchange=SMART,
        primary_exchange=found.primary_exchange,
        currency=found.currency,
        sec_type=found.sec_type,
    )


__all__ = ["SMART", "VOLATILITY", "choose", "form_of", "question"]
