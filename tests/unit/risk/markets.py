"""Orders that ask with a market, and what risk remembers of a symbol."""

from decimal import Decimal
from typing import Any

from fillpath.core.units import NANOSECONDS, price_units, quantity_units
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits, SessionLimits
from fillpath.risk.memory import RiskMemory, SymbolFacts
from tests.unit.risk.builders import an_exit, an_order

NOW = 1_700_000_000 * NANOSECONDS
PRICES = ("limit", "bid", "ask", "signal_price")
KNOWN_PRICES = ("tick", "prior_close", "lower_band", "upper_band")
NEEDING_FACTS = RiskLimits(session=SessionLimits(facts_required=True))


def units(number: str) -> int:
    """Return a price in price units."""
    return price_units(Decimal(number))


def after(seconds: str) -> int:
    """Return a moment so many seconds after now."""
    return NOW + int(Decimal(seconds) * NANOSECONDS)


def asking(side: str = "BUY", *, exits: bool = False, **changes: Any) -> Ask:
    """Return an order for 30 AAPL at 149.99 / 150.01, a limit at the far touch unless told."""
    touch = "150.01" if side == "BUY" else "149.99"
    given: dict[str, Any] = {
        "at": NOW,
        "quote_at": NOW,
        "bid": "149.99",
        "ask": "150.01",
        "limit": touch,
    } | changes
    for name in PRICES:
        if isinstance(given.get(name), str):
            given[name] = units(given[name])
    return an_exit(side, **given) if exits else an_order(side, **given)


def knowing(**told: Any) -> RiskMemory:
    """Return a memory that knows this of AAPL."""
    for name in KNOWN_PRICES:
        if isinstance(told.get(name), str):
            told[name] = units(told[name])
    if isinstance(told.get("shortable"), str):
        told["shortable"] = quantity_units(Decimal(told["shortable"]))
    return RiskMemory(symbols={"AAPL": SymbolFacts(**told)})
