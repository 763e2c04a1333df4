"""What the account may hold, owe and sell, with everything that works counted in."""

from typing import Final

from fillpath.core.models import OrderSide
from fillpath.core.units import RATIO_SCALE, money_decimal, price_decimal, quantity_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import MOST_PRICE, RiskMemory
from fillpath.risk.verdicts import Objection

MAX_POSITIONS: Final = "MAX_POSITIONS"
POSITION_CAP: Final = "POSITION_CAP"
CASH: Final = "CASH"
ACCIDENTAL_SHORT: Final = "ACCIDENTAL_SHORT"
ACCIDENTAL_LONG: Final = "ACCIDENTAL_LONG"
SELF_CROSS: Final = "SELF_CROSS"

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL


def check_max_positions(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries in one symbol more than may be open."""
    if ask.symbol_is_open or ask.open_symbols < limits.max_positions:
        return None
    return Objection(
        MAX_POSITIONS,
        f"{ask.open_symbols} symbols are held or worked, {ask.symbol} would be one more than "
        f"the {limits.max_positions} allowed",
        limits.max_positions,
        ask.open_symbols + 1,
        0,
    )


def check_position_cap(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries that take the symbol above its share of equity, working included."""
    if ask.side is _BUY:
        occupied = ask.account_held + ask.working_buy
    else:
        occupied = ask.working_sell - ask.account_held
    price = ask.price
    value = (occupied + ask.quantity) * price
    most = limits.cap * ask.equity
    if value * RATIO_SCALE <= most:
        return None
    return Objection(
        POSITION_CAP,
        f"{ask.symbol} would be worth {money_decimal(value)}, the cap of "
        f"{limits.max_position_pct} % of equity is {money_decimal(most // RATIO_SCALE)}",
        most // RATIO_SCALE,
        value,
        max(0, most // (price * RATIO_SCALE) - occupied),
    )


def check_cash(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to buys that cost more at their worst price than is free above the reserve."""
    if ask.side is _SELL:
        return None
    value = ask.quantity * ask.worst_price
    free = (ask.cash - ask.reserved) * RATIO_SCALE - limits.reserve * ask.equity
    if value * RATIO_SCALE <= free:
        return None
    return Objection(
        CASH,
        f"{money_decimal(value)} is needed at worst, {money_decimal(free // RATIO_SCALE)} is free "
        f"after reserved cash and {limits.cash_reserve_pct} % of equity",
        free // RATIO_SCALE,
        value,
        max(0, free // (ask.worst_price * RATIO_SCALE)),
    )


def check_accidental_short(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to exits that sell more than is held, and to short sales where none are allowed."""
    if ask.side is _BUY:
        return None
    available = ask.account_held - ask.working_sell
    if ask.quantity <= available or (limits.allow_short and not ask.reduces):
        return None
    return Objection(
        ACCIDENTAL_SHORT,
        f"{quantity_decimal(ask.quantity)} {ask.symbol} would be sold with "
        f"{quantity_decimal(ask.account_held)} held and "
        f"{quantity_decimal(ask.working_sell)} being sold already",
        max(0, available),
        ask.quantity,
        # An exit is cut to what is held; a short sale that is not allowed is refused whole.
        max(0, available) if ask.reduces else 0,
    )


def check_accidental_long(ask: Ask, _memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to exits that buy back more than is short."""
    if ask.side is _SELL or not ask.reduces:
        return None
    available = -ask.account_held - ask.working_buy
    if ask.quantity <= available:
        return None
    return Objection(
        ACCIDENTAL_LONG,
        f"{quantity_decimal(ask.quantity)} {ask.symbol} would be bought back with "
        f"{quantity_decimal(-ask.account_held)} short and "
        f"{quantity_decimal(ask.working_buy)} being bought already",
        max(0, available),
        ask.quantity,
        max(0, available),
    )


def check_self_cross(ask: Ask, memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to an order that could trade with one of our own, whichever strategy sent that.

    A market order meets whatever rests on the other side. A stop rests nowhere until it triggers.
    """
    buys = ask.side is _BUY
    own = memory.open_orders.get((ask.symbol, _SELL if buys else _BUY))
    if own is None:
        return None
    limit = ask.limit
    if buys:
        price = min(own.values())
        meets = price < MOST_PRICE if limit is None else price <= limit
    else:
        price = max(own.values())
        meets = price > 0 if limit is None else price >= limit
    if not meets:
        return None
    order_id = next(name for name, resting in own.items() if resting == price)
    at_price = "at any price" if price in {0, MOST_PRICE} else f"at {price_decimal(price)}"
    text = f"it could trade with our own {order_id}, which works {at_price}"
    return Objection(SELF_CROSS, text, 0, ask.quantity)
