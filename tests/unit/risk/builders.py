"""Risk inputs in shares and account currency."""

from decimal import Decimal
from typing import Any

from fillpath.core.models import OrderSide
from fillpath.core.units import money_units, price_units, quantity_decimal, quantity_units
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import ROWS, Cascade
from fillpath.risk.cascade import judge as judged_by
from fillpath.risk.limits import RateLimits, RiskLimits, SizeLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Verdict

DEFAULTS = RiskLimits()
NO_SIZE = SizeLimits(
    max_quantity_liquid=10**9,
    max_quantity_other=10**9,
    max_notional_pct=1_000,
    max_parent_adv_pct=1_000,
    max_child_adv_pct=1_000,
    basket_pct=10_000,
)
"""Sizes that never bind, for tests of other limits."""
NO_RATE = RateLimits(
    strategy_per_second=100_000,
    symbol_per_second=100_000,
    account_per_second=100_000,
    open_orders_symbol=100_000,
    open_orders_total=100_000,
    repeated_count=0,
    order_to_trade=0,
)
"""Rates that hardly bind."""
_PRICES = ("price", "worst_price")
_QUANTITIES = ("quantity", "account_held", "working_buy", "working_sell", "lot")
_AMOUNTS = ("cash", "reserved", "equity")


def an_order(side: str = "BUY", **changes: Any) -> Ask:
    """Return an entry of 30 shares at 150 with 50,000 cash and 100,000 equity."""
    given: dict[str, Any] = {
        "quantity": "30",
        "price": "150",
        "worst_price": changes.get("price", "150"),
        "account_held": "0",
        "working_buy": "0",
        "working_sell": "0",
        "cash": "50000",
        "reserved": "0",
        "equity": "100000",
        "open_symbols": 0,
        "symbol_is_open": False,
        "reduces": False,
        "killed": False,
        "lot": "1",
    } | changes
    for names, convert in (
        (_PRICES, price_units),
        (_QUANTITIES, quantity_units),
        (_AMOUNTS, money_units),
    ):
        given |= {name: convert(Decimal(given[name])) for name in names}
    return Ask(symbol="AAPL", side=OrderSide(side), **given)


def an_exit(side: str = "SELL", **changes: Any) -> Ask:
    """Return an exit of 30 shares of the 30 held."""
    held = "30" if side == "SELL" else "-30"
    return an_order(side, **({"account_held": held, "reduces": True} | changes))


def judge(order: Ask, limits: RiskLimits = DEFAULTS, memory: RiskMemory | None = None) -> Verdict:
    """Put a whole order before every check that needs no market."""
    cascade = Cascade(limits)
    walk = cascade.told_exit if order.reduces else cascade.told
    return judged_by(order, memory or RiskMemory(), limits, walk)


CODES = [row.code for row in ROWS]


def judged(order: Ask, limits: RiskLimits = DEFAULTS) -> tuple[str, int, list[str]]:
    """Return action, whole shares and the names of the checks that objected."""
    return told(judge(order, limits))


def told(verdict: Verdict) -> tuple[str, int, list[str]]:
    """Return action, whole shares and the names of the checks that objected."""
    shares = quantity_decimal(verdict.quantity)
    assert shares == int(shares)
    return verdict.action.value, int(shares), [o.check for o in verdict.objections]
