"""How much one order, one parent and one basket may be.

The quantity of one order and its value are judged of what is sent, so that a large parent may go in
slices; its part of the volume and of the basket are judged of the parent as a whole.
"""

from typing import Final

from fillpath.core.models import OrderSide
from fillpath.core.units import QUANTITY_SCALE, RATIO_SCALE, money_decimal, quantity_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.listings import InstrumentClass
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection, broken_input

QUANTITY_FORM: Final = "QUANTITY_FORM"
MAX_QUANTITY: Final = "MAX_QUANTITY"
LIMIT_UNSET: Final = "LIMIT_UNSET"
MAX_NOTIONAL: Final = "MAX_NOTIONAL"
ADV_SHARE: Final = "ADV_SHARE"
BASKET: Final = "BASKET"
ADV_NEEDED: Final = -1
"""In place of an average daily volume: it is unknown, and has to be known."""

_BUY: Final = OrderSide.BUY
_LIQUID: Final = InstrumentClass.LIQUID


def is_liquid(symbol: str, memory: RiskMemory, limits: RiskLimits) -> bool:
    """Return whether a symbol is of the liquid class; what nobody has told of is not."""
    facts = memory.symbols.get(symbol)
    if facts is not None and facts.instrument_class:
        return facts.instrument_class == _LIQUID
    return symbol in limits.instruments.liquid


def check_whole_shares(ask: Ask, _memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to a part of a share, which no broker here takes."""
    rest = ask.quantity % QUANTITY_SCALE
    if not rest:
        return None
    whole = ask.quantity - rest
    text = f"{quantity_decimal(ask.quantity)} {ask.symbol} are not whole shares"
    return Objection(QUANTITY_FORM, text, whole, ask.quantity, whole)


def check_max_quantity(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to more shares in one order than its class allows; without a limit none may be sent."""
    size = limits.size
    most = size.max_quantity_other_units
    if ask.quantity <= most:
        return None
    name = "other"
    if is_liquid(ask.symbol, memory, limits):
        most, name = size.max_quantity_liquid_units, "liquid"
        if ask.quantity <= most:
            return None
    if not most:
        text = f"size.max_quantity_{name} is 0, so no {ask.symbol} may be sent"
        return Objection(LIMIT_UNSET, text, 0, ask.quantity, 0)
    return Objection(
        MAX_QUANTITY,
        f"{quantity_decimal(ask.quantity)} {ask.symbol} are more than the "
        f"{quantity_decimal(most)} shares of one order in a symbol of the class {name}",
        most,
        ask.quantity,
        most,
    )


def check_max_notional(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to an order worth more, at the worst price it can come to, than its part of equity."""
    price = _dearest(ask, memory, limits)
    value = ask.quantity * price
    most = limits.size.max_notional * ask.equity
    if value <= most:
        return None
    return Objection(
        MAX_NOTIONAL,
        f"the order is worth {money_decimal(value // RATIO_SCALE)} at worst, one order may be "
        f"worth {money_decimal(most // RATIO_SCALE)}, {limits.size.max_notional_pct} % of equity",
        most // RATIO_SCALE,
        value // RATIO_SCALE,
        max(0, most // price),
    )


def _dearest(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> int:
    """Return the price that values an order most, in 1e-8 of a price unit.

    A buy may pay up to the collar, wherever its limit stands: the limit is what may be wrong. A sale
    has no such bound above; it is worth what a buyer asks for, or its own higher limit.
    """
    worst = ask.worst_price
    if ask.side is _BUY:
        price = limits.price
        liquid = is_liquid(ask.symbol, memory, limits)
        collar = price.collar_liquid if liquid else price.collar_other
        return max(worst * RATIO_SCALE, ask.ask * (RATIO_SCALE + collar))
    return max(worst, ask.price, ask.ask) * RATIO_SCALE


def check_parent_adv(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to a parent that is a large part of what trades in a day."""
    return _part_of_volume(ask, limits.size.max_parent_adv, "a parent")


def check_child_adv(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to one order that is a large part of what trades in a day."""
    return _part_of_volume(ask, limits.size.max_child_adv, "one order")


def _part_of_volume(ask: Ask, share: int, what: str) -> Objection | None:
    adv = ask.adv
    most = share * adv
    if ask.quantity * RATIO_SCALE <= most:
        return None
    if adv <= 0:
        if not adv:
            return None  # flagged ADV_MISSING where it need not be known
        return broken_input(15, f"the average daily volume of {ask.symbol} must be known")
    allowed = most // RATIO_SCALE
    return Objection(
        ADV_SHARE,
        f"{quantity_decimal(ask.quantity)} {ask.symbol} are more than the "
        f"{quantity_decimal(allowed)} that {what} may be of {quantity_decimal(adv)} a day",
        allowed,
        ask.quantity,
        allowed,
    )


def check_basket(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to what takes the parents that a strategy began in the last moments too high."""
    value = ask.quantity * ask.worst_price
    most = limits.size.basket * ask.equity
    before = memory.basket_value.get(ask.strategy, 0)
    if (before + value) * RATIO_SCALE <= most:
        return None
    since = ask.at - limits.size.basket_ns
    if before:
        before = sum(sent.value for sent in memory.baskets[ask.strategy] if sent.at >= since)
        if (before + value) * RATIO_SCALE <= most:
            return None
    return Objection(
        BASKET,
        f"{ask.strategy or 'the strategy'} began {money_decimal(before)} within "
        f"{limits.size.basket_seconds} s, {money_decimal(value)} more would pass "
        f"{money_decimal(most // RATIO_SCALE)}, {limits.size.basket_pct} % of equity",
        most // RATIO_SCALE,
        before + value,
    )
