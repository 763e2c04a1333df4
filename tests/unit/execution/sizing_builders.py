"""Sizing inputs in shares and account currency, as the specification's example has them."""

from decimal import Decimal
from typing import Any

from fillpath.core.models import OrderSide, Refusal, SignalDirection
from fillpath.core.units import (
    QUANTITY_SCALE,
    money_units,
    price_units,
    quantity_units,
    ratio_units,
)
from fillpath.execution.policy import SizingPolicy
from fillpath.execution.sizing import Sized, SizingInput, size

STATISTICS: dict[str, Any] = {"win_rate": 0.55, "avg_win_pct": 2.0, "avg_loss_pct": 1.0}
DEFAULTS = SizingPolicy()


def a_wish(direction: str = "LONG", **changes: Any) -> SizingInput:
    """Return an input: 50,000 cash, 100,000 equity, price 150, nothing held."""
    given = {
        "price": "150",
        "cash": "50000",
        "reserved": "0",
        "equity": "100000",
        "held": "0",
        "account_held": changes.get("held", "0"),
        "working_buy": "0",
        "working_sell": "0",
        "strength": "0.75",
        "metadata": STATISTICS,
    } | changes
    return SizingInput(
        direction=SignalDirection(direction),
        strength=ratio_units(Decimal(given["strength"])),
        price=price_units(Decimal(given["price"])),
        cash=money_units(Decimal(given["cash"])),
        reserved=money_units(Decimal(given["reserved"])),
        equity=money_units(Decimal(given["equity"])),
        held=quantity_units(Decimal(given["held"])),
        account_held=quantity_units(Decimal(given["account_held"])),
        working_buy=quantity_units(Decimal(given["working_buy"])),
        working_sell=quantity_units(Decimal(given["working_sell"])),
        metadata=given["metadata"],
    )


def sized(wish: SizingInput, policy: SizingPolicy = DEFAULTS) -> Sized:
    """Return the size; fail when it is refused."""
    answer = size(wish, policy)
    assert isinstance(answer, Sized), answer
    return answer


def refused(wish: SizingInput, policy: SizingPolicy = DEFAULTS) -> Refusal:
    """Return the refusal; fail when there is a size."""
    answer = size(wish, policy)
    assert isinstance(answer, Refusal), answer
    return answer


def in_shares(answer: Sized) -> tuple[OrderSide, int, str]:
    """Return side, whole shares and the limit that bound."""
    shares, rest = divmod(answer.quantity, QUANTITY_SCALE)
    assert rest == 0, answer
    return answer.side, shares, answer.bound


__all__ = ["DEFAULTS", "STATISTICS", "a_wish", "in_shares", "refused", "sized"]
