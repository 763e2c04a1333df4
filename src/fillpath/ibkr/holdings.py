"""What the account holds and is worth, from the gateway's positions and values.

How many shares are held, the positions say; what they are worth, the account's values. An average
cost includes commissions, so it is never the price of a fill. A number that has to be there and is
not makes the whole answer useless: nobody trades on a guess.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.errors import Unavailable
from fillpath.core.models import ZERO, Order, OrderSide, OrderType, Position
from fillpath.core.units import money_decimal, quantity_units
from fillpath.ibkr.account_values import NET_LIQUIDATION, money_of
from fillpath.ibkr.heard import AccountValue, Held, Valued
from fillpath.ibkr.tracked import instrument

TOTAL_CASH: Final = "TotalCashValue"
REALIZED: Final = "RealizedPnL"


class Worth(Struct, frozen=True):
    """What the account is worth: net liquidation value, cash and profit taken today, dollars."""

    equity: Decimal
    cash: Decimal
    realized: Decimal


def positions(
    held: Iterable[Held], values: Iterable[AccountValue | Valued], account: str
) -> list[Position]:
    """Return the open positions of the account.

    Args:
        held: the gateway's positions, perhaps of several accounts.
        values: the account's values, with what its positions are worth.
        account: the account.

    Raises:
        Unavailable: a size cannot be read, or two positions have the same name.
    """
    worth = {v.con_id: v for v in values if isinstance(v, Valued) and v.account == account}
    found: dict[str, Position] = {}
    for one in held:
        if one.account != account or one.quantity == 0:
            continue
        position = _position(one, worth.get(one.con_id))
        if position.symbol in found:
            raise Unavailable(f"positions: {position.symbol} must be there once, got it twice")
        found[position.symbol] = position
    return list(found.values())


def _position(held: Held, worth: Valued | None) -> Position:
    if held.quantity is None or not held.quantity.is_finite():
        raise Unavailable(f"positions: the size of {held.symbol} cannot be read")
    try:
        quantity_units(held.quantity)
    except ValueError as error:
        raise Unavailable(f"positions: {held.symbol}: {error}") from error
    return Position(
        symbol=instrument(held.symbol, held.sec_type, held.con_id),
        quantity=held.quantity,
        average_price=_price(held.average_cost),
        market_price=None if worth is None else _price(worth.market_price),
        realized_pnl=ZERO if worth is None or worth.realized is None else worth.realized,
    )


def _price(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value.is_finite() and value > 0 else None


def worth_of(values: Iterable[AccountValue | Valued], account: str, currency: str = "USD") -> Worth:
    """Return what the account is worth.

    Raises:
        Unavailable: equity or cash is missing, no number, or in another currency.
    """
    said = {
        value.tag: value.value
        for value in values
        if isinstance(value, AccountValue)
        and value.account == account
        and value.currency == currency
    }
    equity, cash = money_of(said.get(NET_LIQUIDATION)), money_of(said.get(TOTAL_CASH))
    if not equity:
        raise Unavailable(f"{NET_LIQUIDATION} must be an amount, got {said.get(NET_LIQUIDATION)!r}")
    if cash is None:
        raise Unavailable(f"{TOTAL_CASH} must be an amount, got {said.get(TOTAL_CASH)!r}")
    realized = money_of(said.get(REALIZED)) or 0
    return Worth(money_decimal(equity), money_decimal(cash), money_decimal(realized))


def working_of(orders: Iterable[Order]) -> tuple[dict[str, Decimal], Decimal]:
    """Return shares on open orders by symbol, sells negative, and cash that buys may still need.

    An order without a limit needs nobody knows what; it counts with its trigger, or not at all.
    """
    working: dict[str, Decimal] = {}
    reserved = ZERO
    for order in orders:
        left = order.remaining_quantity
        working[order.symbol] = working.get(order.symbol, ZERO) + order.side.sign * left
        price = order.limit_price
        if price is None and order.order_type is OrderType.STOP:
            price = order.stop_price
        if order.side is OrderSide.BUY and price is not None:
            reserved += left * price
    return working, reserved


__all__ = ["REALIZED", "TOTAL_CASH", "Worth", "positions", "working_of", "worth_of"]
