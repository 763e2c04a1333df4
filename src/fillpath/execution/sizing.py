"""How much: one signal becomes a side and a number of shares, or a refusal with its numbers.

Entries take the smallest of a wish (half Kelly, fixed, a part of equity, or the signal's own
quantity) and the limits (position cap, cash, risk budget). Exits take what is held and not already
being sold. Amounts are exact integers (``core/units.py``); every division rounds down, once.
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.models import OrderSide, Refusal, SignalDirection
from fillpath.core.units import (
    QUANTITY_SCALE,
    RATIO_SCALE,
    exact,
    money_decimal,
)
from fillpath.core.units import price_decimal as _price
from fillpath.core.units import quantity_decimal as _shares
from fillpath.execution.policy import SizingMethod, SizingPolicy
from fillpath.execution.shrinking import shrinkage

KELLY: Final = "KELLY"
FIXED: Final = "FIXED"
PERCENT_EQUITY: Final = "PERCENT_EQUITY"
EXPLICIT: Final = "EXPLICIT"
POSITION_CAP: Final = "POSITION_CAP"
CASH: Final = "CASH"
RISK_BUDGET: Final = "RISK_BUDGET"
HELD: Final = "HELD"
SAMPLE_SIZE_UNKNOWN: Final = "SAMPLE_SIZE_UNKNOWN"

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_LONG: Final = SignalDirection.LONG
_FLAT: Final = SignalDirection.FLAT
_FIXED_METHOD: Final = SizingMethod.FIXED
_PERCENT_METHOD: Final = SizingMethod.PERCENT_EQUITY
_NO_FLAGS: Final[tuple[str, ...]] = ()
_RESIDUE: Final = ("FRACTIONAL_RESIDUE",)
_SAMPLE_UNKNOWN: Final[tuple[str, ...]] = (SAMPLE_SIZE_UNKNOWN,)
_CACHE: Final = 1 << 14
_HALF: Final = Fraction(1, 2)
_FINEST_EXPONENT: Final = -400
_HIGHEST_EXPONENT: Final = 12
_DIVISION: Final = Context(prec=28)

# A wish: its name, quantity units, the Kelly fraction in ratio units, remarks.
_Wish = tuple[str, int, int | None, tuple[str, ...]]
# f*: numerator, twice the denominator (the half of half Kelly), and ratio units rounded down.
_Edge = tuple[int, int, int]


class SizingInput(Struct, frozen=True, gc=False):
    """Everything a size depends on.

    Args:
        direction: LONG, SHORT or FLAT.
        strength: the signal's strength, ratio units.
        price: reference price, price units.
        cash: money units; may be negative.
        reserved: cash that working orders may still need, money units, 0 or more.
        equity: total equity, money units; may be negative.
        held: what this strategy holds and what no strategy claims, quantity units, short negative.
        account_held: what the whole account holds, quantity units, short negative.
        working_buy: quantity units on the account's working buys in the symbol, 0 or more.
        working_sell: quantity units on its working sells, 0 or more.
        metadata: the signal's own, unchecked: ``win_rate``, ``avg_win_pct``, ``avg_loss_pct``,
            ``n_trades``, ``quantity``, ``target_quantity``.
    """

    direction: SignalDirection
    strength: int
    price: int
    cash: int
    reserved: int
    equity: int
    held: int
    account_held: int
    working_buy: int
    working_sell: int
    metadata: Mapping[str, Any]


class Sized(Struct, frozen=True, gc=False):
    """A size that may go on to pricing and risk.

    Args:
        side: BUY or SELL.
        quantity: quantity units, a whole number of lots above 0.
        bound: name of the limit that set the size.
        limits: every limit that was looked at, in quantity units before the lot.
        kelly: Kelly fraction in ratio units rounded down; None where it was not used.
        closes: whether the order only reduces what is held.
        flags: remarks such as ``SAMPLE_SIZE_UNKNOWN``.
    """

    side: OrderSide
    quantity: int
    bound: str
    limits: dict[str, int]
    kelly: int | None
    closes: bool
    flags: tuple[str, ...]


def size(wanted: SizingInput, policy: SizingPolicy) -> Sized | Refusal:
    """Return how much to trade on which side, or why nothing.

    A signal against what is held only closes it; opening the other side takes another signal.
    """
    if wanted.price <= 0:
        return Refusal("INVALID_PRICE", f"price must be above 0, got {_price(wanted.price)}")
    metadata = wanted.metadata
    quantity, target = metadata.get("quantity"), metadata.get("target_quantity")
    if quantity is not None or target is not None:
        return _size_as_told(wanted, policy, quantity, target)
    # Most signals open a position, and only what is held or FLAT can be an exit.
    if (wanted.held or wanted.direction is _FLAT) and _is_exit(wanted):
        return _close(wanted, policy, None)
    free = wanted.cash - wanted.reserved
    if free <= 0 or wanted.equity <= 0:
        return _no_money(wanted)
    wish = _wish(wanted, policy, free)
    # A tuple is the quickest thing to tell from a Refusal.
    return _limited(wanted, policy, wish, free) if isinstance(wish, tuple) else wish


def kelly_fraction(
    win_rate: object, avg_win_pct: object, avg_loss_pct: object
) -> tuple[int, int] | Refusal:
    """Return f* = (p b - q) / b exactly, as numerator and denominator above 0.

    Refuses with MISSING_STATISTICS, INVALID_INPUT or NO_EDGE (f* of 0 or less).
    """
    edge = _weigh(win_rate, avg_win_pct, avg_loss_pct)
    return edge if isinstance(edge, Refusal) else (edge[0], edge[1] // 2)


def kelly(win_rate: object, avg_win_pct: object, avg_loss_pct: object) -> Decimal:
    """Return f* = (p b - q) / b to 28 digits, also where it is 0 or less (no edge).

    Args:
        win_rate: p, above 0 and below 1.
        avg_win_pct: average win, above 0; b is this over the average loss.
        avg_loss_pct: average loss as a magnitude in the same unit, above 0.

    Raises:
        ModelError: an argument is not as described here.

    Source:
        Kelly (1956), A New Interpretation of Information Rate; q is 1 - p.
    """
    fraction = _fraction(win_rate, avg_win_pct, avg_loss_pct)
    return _DIVISION.divide(Decimal(fraction.numerator), Decimal(fraction.denominator))


def _is_exit(wanted: SizingInput) -> bool:
    direction = wanted.direction
    if direction is _LONG:
        return wanted.held < 0
    return direction is _FLAT or wanted.held > 0


def _wish(wanted: SizingInput, policy: SizingPolicy, free: int) -> _Wish | Refusal:
    method = policy.position_sizing
    if method is _FIXED_METHOD:
        return (FIXED, policy.fixed, None, _NO_FLAGS)
    if method is _PERCENT_METHOD:
        part = policy.equity_part * wanted.equity // (wanted.price * RATIO_SCALE)
        return (PERCENT_EQUITY, part, None, _NO_FLAGS)
    metadata = wanted.metadata
    trades = metadata.get("n_trades")
    if trades is not None and not (type(trades) is int and trades >= policy.min_trades):
        few = _too_few(trades, policy.min_trades)
        if few is not None:
            return few
    try:
        edge = _weigh_again(metadata["win_rate"], metadata["avg_win_pct"], metadata["avg_loss_pct"])
    except (KeyError, TypeError):  # one is missing, or cannot be hashed and so is no number
        get = metadata.get
        edge = _weigh(get("win_rate"), get("avg_win_pct"), get("avg_loss_pct"))
    if policy.kelly_shrinkage and isinstance(edge, tuple):
        edge = _shrunk(edge, metadata, trades)
    return _half_kelly(wanted, policy, free, edge) if isinstance(edge, tuple) else edge


def _half_kelly(wanted: SizingInput, policy: SizingPolicy, free: int, edge: _Edge) -> _Wish:
    numerator, twice, units = edge
    if policy.scale_by_strength:
        numerator *= wanted.strength
        twice *= RATIO_SCALE
    half_kelly = free * numerator // (twice * wanted.price)
    unknown = wanted.metadata.get("n_trades") is None
    return (KELLY, half_kelly, units, _SAMPLE_UNKNOWN if unknown else _NO_FLAGS)


def _limited(wanted: SizingInput, policy: SizingPolicy, wish: _Wish, free: int) -> Sized | Refusal:
    bound, quantity, edge, flags = wish
    equity = wanted.equity
    scaled_price = wanted.price * RATIO_SCALE
    room = policy.cap * equity // scaled_price
    # Working orders of the other side may never fill, so they give no room. In an order every
    # limit is at least a lot; what may be 0 or less here ends as a refusal.
    if wanted.direction is _LONG:
        side = _BUY
        occupied = wanted.account_held + wanted.working_buy
        room -= occupied
        payable = (free * RATIO_SCALE - policy.reserve * equity) // scaled_price
        limits = {bound: quantity, POSITION_CAP: room, CASH: payable}
    else:
        side = _SELL
        occupied = wanted.working_sell - wanted.account_held
        room -= occupied
        payable = quantity
        limits = {bound: quantity, POSITION_CAP: room}
    if room < quantity:
        quantity, bound = room, POSITION_CAP
    if payable < quantity:
        quantity, bound = payable, CASH
    budget = policy.risk_budget
    if budget is not None:
        # The stop is rounded towards the entry, so its full distance never understates the loss.
        limits[RISK_BUDGET] = bearable = budget * equity // (wanted.price * policy.stop_distance)
        if bearable < quantity:
            quantity, bound = bearable, RISK_BUDGET
    lots = quantity - quantity % policy.lot
    if lots <= 0:
        return _too_small(wanted, policy, bound, quantity, occupied)
    return Sized(side, lots, bound, limits, edge, closes=False, flags=flags)


def _size_as_told(
    wanted: SizingInput, policy: SizingPolicy, quantity: object, target: object
) -> Sized | Refusal:
    try:
        # An enum is slow to hash, and the direction matters to a target alone.
        told = (
            _quantity_again(quantity, policy.lot)
            if target is None
            else _explicit_again(wanted.direction, quantity, target, policy.lot)
        )
    except TypeError:  # one of them cannot be hashed, so it is no number
        told = _explicit(wanted.direction, quantity, target, policy.lot)
    if not isinstance(told, int):
        return told
    if (wanted.held or wanted.direction is _FLAT) and _is_exit(wanted):
        return _close(wanted, policy, told if target is None else None)
    return _add(wanted, policy, told) if target is None else _approach(wanted, policy, told)


def _add(wanted: SizingInput, policy: SizingPolicy, quantity: int) -> Sized | Refusal:
    free = wanted.cash - wanted.reserved
    if free <= 0 or wanted.equity <= 0:
        return _no_money(wanted)
    return _limited(wanted, policy, (EXPLICIT, quantity, None, _NO_FLAGS), free)


def _approach(wanted: SizingInput, policy: SizingPolicy, target: int) -> Sized | Refusal:
    if wanted.direction is _LONG:
        magnitude, adding, reducing = wanted.held, wanted.working_buy, wanted.working_sell
    else:
        magnitude, adding, reducing = -wanted.held, wanted.working_sell, wanted.working_buy
    # Only orders that work towards the target count: the others may never fill, and an order
    # against one's own working order would trade with oneself.
    if magnitude + adding < target:
        return _add(wanted, policy, target - magnitude - adding)
    if magnitude - reducing > target:
        return _close(wanted, policy, magnitude - reducing - target)
    return Refusal(
        "AT_TARGET",
        f"target_quantity {_shares(target)} is reached: {_shares(magnitude)} shares are held, "
        f"{_shares(adding)} are being added and {_shares(reducing)} taken off",
    )


def _close(wanted: SizingInput, policy: SizingPolicy, explicit: int | None) -> Sized | Refusal:
    held = wanted.held
    if held > 0:
        side, working = _SELL, wanted.working_sell
        available = min(held, wanted.account_held) - working
    else:
        side, working = _BUY, wanted.working_buy
        available = min(-held, -wanted.account_held) - working
    if available <= 0:
        return Refusal(
            "NOTHING_TO_CLOSE",
            f"{_shares(held)} shares are held ({_shares(wanted.account_held)} in the account) "
            f"and {_shares(working)} are being closed already",
        )
    limits = {HELD: available}
    quantity, bound = available, HELD
    if explicit is not None:
        limits[EXPLICIT] = explicit
        if explicit < available:
            quantity, bound = explicit, EXPLICIT
    lots = quantity - quantity % policy.lot
    if lots <= 0:
        return _below_lot(wanted, policy, bound, quantity)
    flags = _RESIDUE if bound == HELD and lots < quantity else _NO_FLAGS
    return Sized(side, lots, bound, limits, None, closes=True, flags=flags)


def _quantity(quantity: object, lot: int) -> int | Refusal:
    try:
        return _whole_lots(quantity, "quantity", lot, least=lot)
    except ModelError as error:
        return Refusal("INVALID_INPUT", str(error))


def _explicit(
    direction: SignalDirection, quantity: object, target: object, lot: int
) -> int | Refusal:
    if target is None:
        return _quantity(quantity, lot)
    try:
        return _target(direction, quantity, target, lot)
    except ModelError as error:
        return Refusal("INVALID_INPUT", str(error))


# Typed, so that True is not taken for 1.
_explicit_again = lru_cache(maxsize=_CACHE, typed=True)(_explicit)
_quantity_again = lru_cache(maxsize=_CACHE, typed=True)(_quantity)


def _target(direction: SignalDirection, quantity: object, target: object, lot: int) -> int:
    if quantity is not None:
        raise ModelError("metadata may carry quantity or target_quantity, got both")
    units = _whole_lots(target, "target_quantity", lot, least=None)
    if direction is _LONG and units < 0:
        raise ModelError(f"target_quantity of a LONG must be 0 or more, got {_as_told(target)}")
    if direction is _FLAT and units != 0:
        raise ModelError(f"target_quantity of a FLAT must be 0, got {_as_told(target)}")
    return abs(units)


def _whole_lots(value: object, name: str, lot: int, *, least: int | None) -> int:
    units, rest = divmod(_number(value, name) * QUANTITY_SCALE, 1)
    if rest or units % lot:
        raise ModelError(
            f"{name} must be a whole number of lots of {_shares(lot)} shares, got {_as_told(value)}"
        )
    if least is not None and units < least:
        raise ModelError(
            f"{name} must be at least one lot of {_shares(lot)}, got {_as_told(value)}"
        )
    return int(units)


def _as_told(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _number(value: object, name: str) -> Fraction:
    number = exact(value, name)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "exact() lets only finite numbers pass"
    # An exponent of a million would make an integer of a million digits.
    if exponent < _FINEST_EXPONENT or number.adjusted() > _HIGHEST_EXPONENT:
        raise ModelError(
            f"{name} must be below 1e13 with at most 400 decimals, got {_as_told(value)}"
        )
    return Fraction(number)


def _fraction(win_rate: object, avg_win_pct: object, avg_loss_pct: object) -> Fraction:
    rate = _number(win_rate, "win_rate")
    if not 0 < rate < 1:
        raise ModelError(f"win_rate must be above 0 and below 1, got {_as_told(win_rate)}")
    win = _number(avg_win_pct, "avg_win_pct")
    loss = _number(avg_loss_pct, "avg_loss_pct")
    for name, number, given in (
        ("avg_win_pct", win, avg_win_pct),
        ("avg_loss_pct", loss, avg_loss_pct),
    ):
        if number <= 0:
            raise ModelError(f"{name} must be above 0, got {_as_told(given)}")
    return rate - (1 - rate) * loss / win


def _weigh(win_rate: object, avg_win_pct: object, avg_loss_pct: object) -> _Edge | Refusal:
    given = {"win_rate": win_rate, "avg_win_pct": avg_win_pct, "avg_loss_pct": avg_loss_pct}
    missing = [name for name, value in given.items() if value is None]
    if missing:
        return Refusal("MISSING_STATISTICS", f"metadata lacks {', '.join(missing)}")
    try:
        edge = _fraction(win_rate, avg_win_pct, avg_loss_pct)
    except ModelError as error:
        return Refusal("INVALID_INPUT", str(error))
    if edge <= 0:
        numbers = ", ".join(f"{name} {value}" for name, value in given.items())
        return Refusal("NO_EDGE", f"the Kelly fraction is {float(edge):.6g} with {numbers}")
    numerator, denominator = edge.numerator, edge.denominator
    return (numerator, 2 * denominator, numerator * RATIO_SCALE // denominator)


# A strategy repeats its statistics; typed for the same reason.
_weigh_again = lru_cache(maxsize=_CACHE, typed=True)(_weigh)


def _shrunk(edge: _Edge, metadata: Mapping[str, Any], trades: object) -> _Edge | Refusal:
    """Return the edge with the smaller of a half and what its sample size deserves."""
    if trades is None:
        return Refusal(
            "MISSING_STATISTICS", "metadata lacks n_trades, which execution.kelly_shrinkage needs"
        )
    rate = _number(metadata["win_rate"], "win_rate")
    win = _number(metadata["avg_win_pct"], "avg_win_pct")
    loss = _number(metadata["avg_loss_pct"], "avg_loss_pct")
    count = int(_number(trades, "n_trades"))
    if count < 1:
        return Refusal("TOO_FEW_TRADES", f"n_trades is {trades}, at least 1 is needed")
    share = min(_HALF, shrinkage(rate, win / loss, count))
    numerator, twice, units = edge
    part = Fraction(2 * numerator, twice) * share
    return (part.numerator, part.denominator, units)


def _too_few(trades: object, needed: int) -> Refusal | None:
    try:
        number = _number(trades, "n_trades")
    except ModelError as error:
        return Refusal("INVALID_INPUT", str(error))
    if number < 0 or number.denominator != 1:
        return Refusal("INVALID_INPUT", f"n_trades must be a whole number, got {_as_told(trades)}")
    if number < needed:
        return Refusal("TOO_FEW_TRADES", f"n_trades is {trades}, at least {needed} are needed")
    return None


def _no_money(wanted: SizingInput) -> Refusal:
    if wanted.equity <= 0:
        return Refusal("NO_EQUITY", f"total equity is {money_decimal(wanted.equity)}")
    cash, reserved = money_decimal(wanted.cash), money_decimal(wanted.reserved)
    return Refusal("NO_CASH", f"cash is {cash}, of which working orders reserve {reserved}")


def _too_small(
    wanted: SizingInput, policy: SizingPolicy, bound: str, quantity: int, occupied: int
) -> Refusal:
    price, equity = _price(wanted.price), money_decimal(wanted.equity)
    if bound is POSITION_CAP and occupied > 0:
        return Refusal(
            "POSITION_FULL",
            f"{_shares(occupied)} shares are held or working, and {policy.max_position_pct} % of "
            f"equity {equity} at {price} leaves no room for a lot",
        )
    if bound is CASH and quantity <= 0:
        cash, reserved = money_decimal(wanted.cash), money_decimal(wanted.reserved)
        return Refusal(
            "NO_CASH",
            f"cash is {cash}, of which working orders reserve {reserved} and "
            f"{policy.cash_reserve_pct} % of equity {equity} must stay",
        )
    return _below_lot(wanted, policy, bound, quantity)


def _below_lot(wanted: SizingInput, policy: SizingPolicy, bound: str, quantity: int) -> Refusal:
    return Refusal(
        "BELOW_LOT",
        f"{bound} allows {_shares(quantity)} shares at {_price(wanted.price)}, less than one lot "
        f"of {policy.lot_size}",
    )


__all__ = [
    "CASH",
    "EXPLICIT",
    "FIXED",
    "HELD",
    "KELLY",
    "PERCENT_EQUITY",
    "POSITION_CAP",
    "RISK_BUDGET",
    "SAMPLE_SIZE_UNKNOWN",
    "Sized",
    "SizingInput",
    "kelly",
    "kelly_fraction",
    "size",
]
