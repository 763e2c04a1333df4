"""What the account may hold, owe and sell, with everything that works counted in."""

from typing import Final

from fillpath.core.models import OrderSide
from fillpath.core.units import RATIO_SCALE, money_decimal, price_decimal, quantity_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import CASH_ACCOUNT, MOST_PRICE, RiskMemory
from fillpath.risk.verdicts import Objection, broken_input

MAX_POSITIONS: Final = "MAX_POSITIONS"
POSITION_CAP: Final = "POSITION_CAP"
CASH: Final = "CASH"
ACCIDENTAL_SHORT: Final = "ACCIDENTAL_SHORT"
ACCIDENTAL_LONG: Final = "ACCIDENTAL_LONG"
SELF_CROSS: Final = "SELF_CROSS"
GROSS_EXPOSURE: Final = "GROSS_EXPOSURE"
NET_EXPOSURE: Final = "NET_EXPOSURE"
SECTOR_CAP: Final = "SECTOR_CAP"
UNSETTLED_FUNDS: Final = "UNSETTLED_FUNDS"

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


def check_gross(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries that take longs and shorts together above what equity carries.

    What works counts as filled at its worst price: every buy, and the sales that open shorts. A
    sale that only closes makes room when it is filled, and not before.
    """
    if ask.long_value < 0 or ask.short_value < 0:
        return broken_input(18, "what is held must have a price, for longs and for shorts")
    before = ask.long_value + ask.short_value + ask.reserved + ask.shorting
    price = _dear(ask)
    value = before + ask.quantity * price
    most = limits.max_leverage_ratio * ask.equity
    if value * RATIO_SCALE <= most:
        return None
    return Objection(
        GROSS_EXPOSURE,
        f"all positions and working orders would be worth {money_decimal(value)}, "
        f"{money_decimal(most // RATIO_SCALE)} may be, {limits.max_leverage} times equity",
        most // RATIO_SCALE,
        value,
        _room(most, before, price),
    )


def check_sector(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries that take a sector above its share; symbols of no known sector are one."""
    before = ask.sector_value
    price = _dear(ask)
    value = before + ask.quantity * price
    most = limits.max_sector * ask.equity
    if before >= 0 and value * RATIO_SCALE <= most:
        return None
    if before < 0:
        return broken_input(20, "the value of the sector must be known")
    sector = limits.sectors.by_symbol.get(ask.symbol, "no known sector")
    return Objection(
        SECTOR_CAP,
        f"{sector} would be worth {money_decimal(value)}, the cap of {limits.max_sector_pct} % of "
        f"equity is {money_decimal(most // RATIO_SCALE)}",
        most // RATIO_SCALE,
        value,
        _room(most, before, price),
    )


def no_sectors(limits: RiskLimits) -> str:
    """Return why sectors have no cap, or nothing."""
    return "" if limits.sectors.by_symbol else "no file says which sectors there are"


def check_net(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries that let longs outweigh shorts, or shorts longs, by too much.

    Of what works only its own side counts: the other side may never be filled.
    """
    before = ask.long_value - ask.short_value
    before = before + ask.reserved if ask.side is _BUY else ask.shorting - before
    price = _dear(ask)
    value = before + ask.quantity * price
    most = limits.max_net * ask.equity
    if value * RATIO_SCALE <= most:
        return None
    sides = "longs would outweigh shorts" if ask.side is _BUY else "shorts would outweigh longs"
    return Objection(
        NET_EXPOSURE,
        f"{sides} by {money_decimal(value)}, by {money_decimal(most // RATIO_SCALE)} they may, "
        f"{limits.max_net_pct} % of equity",
        most // RATIO_SCALE,
        value,
        _room(most, before, price),
    )


def _room(most: int, before: int, price: int) -> int:
    return max(0, (most - before * RATIO_SCALE) // (price * RATIO_SCALE))


def _dear(ask: Ask) -> int:
    """Return the price that an order is valued at: a sale may well get more than its limit."""
    return ask.worst_price if ask.side is _BUY else max(ask.worst_price, ask.price)


def check_cash(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to buys that cost more at their worst price than is free above the reserve.

    In a cash account only what has settled is free.
    """
    if ask.side is _SELL:
        return None
    cash = ask.cash
    if memory.account.kind == CASH_ACCOUNT:
        settled = memory.account.settled_cash
        if settled is None:
            return broken_input(19, "the settled cash of a cash account must be known")
        cash = min(cash, settled)
    value = ask.quantity * ask.worst_price
    free = (cash - ask.reserved) * RATIO_SCALE - limits.reserve * ask.equity
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


def check_settlement(ask: Ask, memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to entries that a cash account could only leave by selling what it has not paid for.

    What is bought with money that has not settled must not be sold before it has. An exit always
    leaves, so such shares are not bought at all; and what is not held is not sold.
    """
    if memory.account.kind != CASH_ACCOUNT:
        return None
    if ask.side is _SELL:
        free = max(0, ask.account_held - ask.working_sell)
        if ask.quantity <= free:
            return None
        text = f"a cash account sells nothing short, {quantity_decimal(free)} {ask.symbol} are free"
        return Objection(UNSETTLED_FUNDS, text, free, ask.quantity)
    settled = memory.account.settled_cash
    if settled is None:
        return broken_input(32, "the settled cash of a cash account must be known")
    value = ask.reserved + ask.quantity * ask.worst_price
    if value <= settled:
        return None
    text = (
        f"{money_decimal(value)} would be spent with all working orders, and "
        f"{money_decimal(settled)} have settled"
    )
    return Objection(
        UNSETTLED_FUNDS,
        text,
        settled,
        value,
        max(0, (settled - ask.reserved) // ask.worst_price),
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
