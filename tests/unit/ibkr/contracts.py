"""Contracts and forms that the tests of the gateway's words trade in."""

from decimal import Decimal
from typing import Any, Final

from fillpath.core.models import Order, OrderSide
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import ContractFound, RuleShown
from fillpath.ibkr.price_steps import PriceSteps
from fillpath.ibkr.words import Instrument, form_of, instrument

RULE: Final = RuleShown(26, ((Decimal(0), Decimal("0.0001")), (Decimal(1), Decimal("0.01"))))
STEPS: Final = PriceSteps(RULE.steps)
FOUND: Final = ContractFound(
    request=3,
    con_id=265598,
    symbol="AAPL",
    sec_type="STK",
    exchange="SMART",
    primary_exchange="NASDAQ",
    currency="USD",
    min_tick=Decimal("0.01"),
    exchanges=("SMART", "NYSE"),
    rules=(26, 557),
    min_size=Decimal("0.0001"),
    size_increment=Decimal("0.0001"),
)
AAPL: Final[Instrument] = instrument(FOUND, RULE)


def order(**fields: Any) -> Order:
    """Return an order to buy 100 AAPL, with other fields where they are named."""
    usual: dict[str, Any] = {
        "symbol": "AAPL",
        "side": OrderSide.BUY,
        "quantity": 100,
        "order_id": "trend/sig-1",
    }
    return Order(**(usual | fields))


def form(number: int = 7, traded: Instrument = AAPL, **fields: Any) -> OrderForm:
    """Return the form of such an order."""
    return form_of(order(**fields), number, traded, "DU1")
