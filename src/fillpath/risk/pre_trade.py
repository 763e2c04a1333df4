"""May this order leave? A cascade of small checks that says every objection, and fails closed.

Entries pass every check. Exits that only reduce a position answer to the kill switch, to broken
input and to what is really held. Amounts are exact integers (``core/units.py``).
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from fillpath.core.models import OrderSide, RiskAction
from fillpath.core.units import (
    QUANTITY_SCALE,
    RATIO_SCALE,
    money_decimal,
    price_decimal,
    quantity_decimal,
)
from fillpath.risk.limits import RiskLimits

KILL_SWITCH: Final = "KILL_SWITCH"
INPUT: Final = "INPUT"
PRICE_FLOOR: Final = "PRICE_FLOOR"
MAX_POSITIONS: Final = "MAX_POSITIONS"
POSITION_CAP: Final = "POSITION_CAP"
CASH: Final = "CASH"
ACCIDENTAL_SHORT: Final = "ACCIDENTAL_SHORT"
ACCIDENTAL_LONG: Final = "ACCIDENTAL_LONG"

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_APPROVE: Final = RiskAction.APPROVE
_REJECT: Final = RiskAction.REJECT
_REDUCE: Final = RiskAction.REDUCE_SIZE


class RiskInput(Struct, frozen=True, gc=False):
    """Everything the verdict on one order depends on.

    Args:
        symbol: ticker.
        side: BUY or SELL.
        quantity: quantity units, above 0.
        price: reference price (mid), price units; 0 when it is missing.
        worst_price: the worst price the order may pay, price units; 0 when it is missing.
        account_held: what the whole account holds, quantity units, short negative.
        working_buy: quantity units on working buys in the symbol, without this order.
        working_sell: quantity units on working sells in the symbol, without this order.
        cash: money units; may be negative.
        reserved: cash that working orders may still need, money units, 0 or more.
        equity: total equity, money units; may be negative.
        open_symbols: symbols held or worked.
        symbol_is_open: whether this symbol is among them.
        reduces: the order is meant as an exit, which only reduces the account's position.
        killed: the kill switch is set.
        lot: quantity units of one lot, to which a reduced size is cut.
    """

    symbol: str
    side: OrderSide
    quantity: int
    price: int
    worst_price: int
    account_held: int
    working_buy: int
    working_sell: int
    cash: int
    reserved: int
    equity: int
    open_symbols: int
    symbol_is_open: bool
    reduces: bool
    killed: bool
    lot: int = QUANTITY_SCALE


class Objection(Struct, frozen=True, gc=False):
    """What one check holds against an order.

    Args:
        check: name of the check.
        text: one sentence with the numbers.
        limit: what is allowed: price units (PRICE_FLOOR), symbols (MAX_POSITIONS), money units
            (POSITION_CAP, CASH), else quantity units.
        value: what the order would make of it, in the same unit.
        allowed: quantity units that would pass, 0 for none.
    """

    check: str
    text: str
    limit: int
    value: int
    allowed: int


class Verdict(Struct, frozen=True, gc=False):
    """The answer to one order.

    Args:
        action: APPROVE, REJECT or REDUCE_SIZE.
        quantity: quantity units that may be sent, 0 when rejected.
        objections: every check that objected, in the order of the cascade.
    """

    action: RiskAction
    quantity: int
    objections: tuple[Objection, ...]


Check = Callable[[RiskInput, RiskLimits], Objection | None]


def judge(order: RiskInput, limits: RiskLimits) -> Verdict:
    """Return the verdict of the whole cascade, with every objection.

    The size is cut to the smallest allowed quantity in whole lots; below one lot it is rejected.
    """
    if _exit_is_clear(order) if order.reduces else _entry_is_clear(order, limits):
        return Verdict(_APPROVE, order.quantity, ())
    objections: list[Objection] = []
    for check in _EXIT_CHECKS if order.reduces else _ENTRY_CHECKS:
        objection = check(order, limits)
        if objection is not None:
            objections.append(objection)
            if objection.check == INPUT:
                break
    assert objections, "what is not clear at one look has an objection"
    return _refuse_or_reduce(order, objections)


def _entry_is_clear(order: RiskInput, limits: RiskLimits) -> bool:
    """Return whether an entry surely passes every check: most do, and need only this one look."""
    quantity = order.quantity
    price = order.price
    equity = order.equity
    sane = not order.killed and quantity > 0 and order.worst_price > 0 and equity > 0
    if not sane or order.lot <= 0 or price < limits.floor or price <= 0:
        return False
    buying, selling, reserved = order.working_buy, order.working_sell, order.reserved
    if buying < 0 or selling < 0 or reserved < 0:
        return False
    if not order.symbol_is_open and order.open_symbols >= limits.max_positions:
        return False
    held = order.account_held
    is_buy = order.side is _BUY
    occupied = held + buying if is_buy else selling - held
    if (occupied + quantity) * price * RATIO_SCALE > limits.cap * equity:
        return False
    if is_buy:
        free = (order.cash - reserved) * RATIO_SCALE - limits.reserve * equity
        return quantity * order.worst_price * RATIO_SCALE <= free
    return limits.allow_short or quantity <= held - selling


def _exit_is_clear(order: RiskInput) -> bool:
    """Return whether an exit surely passes every check that exits answer to."""
    quantity = order.quantity
    sane = not order.killed and quantity > 0 and order.worst_price > 0 and order.price > 0
    buying, selling = order.working_buy, order.working_sell
    if not sane or order.lot <= 0 or buying < 0 or selling < 0:
        return False
    held = order.account_held
    return quantity <= (-held - buying if order.side is _BUY else held - selling)


def _refuse_or_reduce(order: RiskInput, objections: list[Objection]) -> Verdict:
    allowed = min(objection.allowed for objection in objections)
    if allowed > 0:
        allowed -= allowed % order.lot
    if allowed <= 0:
        return Verdict(_REJECT, 0, tuple(objections))
    return Verdict(_REDUCE, allowed, tuple(objections))


def check_kill_switch(order: RiskInput, _limits: RiskLimits) -> Objection | None:
    """Object to everything, exits too, while the kill switch is set."""
    if not order.killed:
        return None
    return Objection(KILL_SWITCH, "the kill switch is set, no order leaves", 0, order.quantity, 0)


def check_input(order: RiskInput, _limits: RiskLimits) -> Objection | None:
    """Object to numbers that no decision can rest on; the cascade ends there."""
    if (
        order.price > 0
        and order.worst_price > 0
        and order.quantity > 0
        and order.lot > 0
        and order.working_buy >= 0
        and order.working_sell >= 0
        and (order.reduces or (order.equity > 0 and order.reserved >= 0))
    ):
        return None
    return _broken_input(order)


def _broken_input(order: RiskInput) -> Objection:
    broken = [
        f"{name} must be above 0, got {text}"
        for name, value, text in (
            ("price", order.price, price_decimal(order.price)),
            ("worst_price", order.worst_price, price_decimal(order.worst_price)),
            ("quantity", order.quantity, quantity_decimal(order.quantity)),
            ("lot", order.lot, quantity_decimal(order.lot)),
            ("equity", 1 if order.reduces else order.equity, money_decimal(order.equity)),
        )
        if value <= 0
    ]
    broken += [
        f"{name} must be 0 or more, got {text}"
        for name, value, text in (
            ("working_buy", order.working_buy, quantity_decimal(order.working_buy)),
            ("working_sell", order.working_sell, quantity_decimal(order.working_sell)),
            ("reserved", 0 if order.reduces else order.reserved, money_decimal(order.reserved)),
        )
        if value < 0
    ]
    return Objection(INPUT, "; ".join(broken), 0, order.quantity, 0)


def check_price_floor(order: RiskInput, limits: RiskLimits) -> Objection | None:
    """Object to entries whose reference price is below the floor."""
    if order.price >= limits.floor:
        return None
    return Objection(
        PRICE_FLOOR,
        f"{order.symbol} at {price_decimal(order.price)} is below the price floor "
        f"{price_decimal(limits.floor)}",
        limits.floor,
        order.price,
        0,
    )


def check_max_positions(order: RiskInput, limits: RiskLimits) -> Objection | None:
    """Object to entries in one symbol more than may be open."""
    if order.symbol_is_open or order.open_symbols < limits.max_positions:
        return None
    return Objection(
        MAX_POSITIONS,
        f"{order.open_symbols} symbols are held or worked, {order.symbol} would be one more than "
        f"the {limits.max_positions} allowed",
        limits.max_positions,
        order.open_symbols + 1,
        0,
    )


def check_position_cap(order: RiskInput, limits: RiskLimits) -> Objection | None:
    """Object to entries that take the symbol above its share of equity, working included."""
    if order.side is _BUY:
        occupied = order.account_held + order.working_buy
    else:
        occupied = order.working_sell - order.account_held
    price = order.price
    value = (occupied + order.quantity) * price
    most = limits.cap * order.equity
    if value * RATIO_SCALE <= most:
        return None
    return Objection(
        POSITION_CAP,
        f"{order.symbol} would be worth {money_decimal(value)}, the cap of "
        f"{limits.max_position_pct} % of equity is {money_decimal(most // RATIO_SCALE)}",
        most // RATIO_SCALE,
        value,
        max(0, most // (price * RATIO_SCALE) - occupied),
    )


def check_cash(order: RiskInput, limits: RiskLimits) -> Objection | None:
    """Object to buys that cost more at their worst price than is free above the reserve."""
    if order.side is _SELL:
        return None
    value = order.quantity * order.worst_price
    free = (order.cash - order.reserved) * RATIO_SCALE - limits.reserve * order.equity
    if value * RATIO_SCALE <= free:
        return None
    return Objection(
        CASH,
        f"{money_decimal(value)} is needed at worst, {money_decimal(free // RATIO_SCALE)} is free "
        f"after reserved cash and {limits.cash_reserve_pct} % of equity",
        free // RATIO_SCALE,
        value,
        max(0, free // (order.worst_price * RATIO_SCALE)),
    )


def check_accidental_short(order: RiskInput, limits: RiskLimits) -> Objection | None:
    """Object to exits that sell more than is held, and to short sales where none are allowed."""
    if order.side is _BUY:
        return None
    available = order.account_held - order.working_sell
    if order.quantity <= available or (limits.allow_short and not order.reduces):
        return None
    return Objection(
        ACCIDENTAL_SHORT,
        f"{quantity_decimal(order.quantity)} {order.symbol} would be sold with "
        f"{quantity_decimal(order.account_held)} held and "
        f"{quantity_decimal(order.working_sell)} being sold already",
        max(0, available),
        order.quantity,
        # An exit is cut to what is held; a short sale that is not allowed is refused whole.
        max(0, available) if order.reduces else 0,
    )


def check_accidental_long(order: RiskInput, _limits: RiskLimits) -> Objection | None:
    """Object to exits that buy back more than is short."""
    if order.side is _SELL or not order.reduces:
        return None
    available = -order.account_held - order.working_buy
    if order.quantity <= available:
        return None
    return Objection(
        ACCIDENTAL_LONG,
        f"{quantity_decimal(order.quantity)} {order.symbol} would be bought back with "
        f"{quantity_decimal(-order.account_held)} short and "
        f"{quantity_decimal(order.working_buy)} being bought already",
        max(0, available),
        order.quantity,
        max(0, available),
    )


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    (KILL_SWITCH, check_kill_switch),
    (INPUT, check_input),
    (PRICE_FLOOR, check_price_floor),
    (MAX_POSITIONS, check_max_positions),
    (POSITION_CAP, check_position_cap),
    (CASH, check_cash),
    (ACCIDENTAL_SHORT, check_accidental_short),
    (ACCIDENTAL_LONG, check_accidental_long),
)
_EXITS_ANSWER_TO: Final = frozenset({KILL_SWITCH, INPUT, ACCIDENTAL_SHORT, ACCIDENTAL_LONG})
_ENTRY_CHECKS: Final = tuple(check for name, check in CHECKS if name != ACCIDENTAL_LONG)
_EXIT_CHECKS: Final = tuple(check for name, check in CHECKS if name in _EXITS_ANSWER_TO)
