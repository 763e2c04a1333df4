"""At what price: ticks, limits, protective stops and collars, exact to the last digit.

Prices are integers of 1e-8 (``core/units.py``), shares of a price are ratios of 1e-8. Every
function names its rounding once: a buy goes down to the tick and a sell up, so that rounding
never pays more than was meant.
"""

from functools import lru_cache
from typing import Final

from fillpath.core.errors import ModelError
from fillpath.core.models import OrderSide, Refusal
from fillpath.core.ticks import LOW_TICK, TICK, tick_size
from fillpath.core.units import PRICE_SCALE, RATIO_SCALE, exact, price_decimal, ratio_decimal

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_TWICE: Final = 2 * RATIO_SCALE
_FINEST_EXPONENT: Final = -400
_HIGHEST_EXPONENT: Final = 9
_CACHE: Final = 1 << 14


def to_tick(price: int, side: OrderSide) -> int:
    """Return ``price`` on the tick: a buy down, a sell up, never below the lowest tick."""
    tick = LOW_TICK if price < PRICE_SCALE else TICK
    rest = price % tick
    if rest:
        price += -rest if side is _BUY else tick - rest
    return price if price > 0 else LOW_TICK


def to_step(price: int, side: OrderSide, step: int) -> int:
    """Return ``price`` on a step that was told: a buy down, a sell up; a step of 0 leaves it."""
    rest = price % step if step else 0
    if rest:
        price += -rest if side is _BUY else step - rest
    return price


def advisory_limit(price: int, side: OrderSide, offset: int) -> int:
    """Return the limit that reaches ``offset`` of the price to the far side, on the tick."""
    if side is _BUY:
        return to_tick(price * (RATIO_SCALE + offset) // RATIO_SCALE, side)
    return to_tick(-(price * (offset - RATIO_SCALE) // RATIO_SCALE), side)


def protective_stop(entry: int, side: OrderSide, distance: int) -> int:
    """Return the stop of a position entered by ``side``, rounded towards the entry.

    The loss at the stop is never above ``distance`` of the entry, with one exception: a stop that
    rounding would carry past the entry stands on the first tick at the entry or beyond.
    """
    if side is _BUY:
        stop = to_tick(-(entry * (distance - RATIO_SCALE) // RATIO_SCALE), _SELL)
        return stop if stop <= entry else to_tick(entry, side)
    stop = to_tick(entry * (RATIO_SCALE + distance) // RATIO_SCALE, _BUY)
    return stop if stop >= entry else to_tick(entry, _SELL)


def target_price(entry: int, side: OrderSide, distance: int) -> int:
    """Return where the profit of a position entered by ``side`` is taken, rounded away from it.

    What is gained at the target is never less than ``distance`` of the entry.
    """
    if side is _BUY:
        return to_tick(-(entry * (-RATIO_SCALE - distance) // RATIO_SCALE), _SELL)
    return to_tick(max(entry * (RATIO_SCALE - distance) // RATIO_SCALE, 1), _BUY)


def collar(side: OrderSide, bid: int, ask: int, share: int) -> int:
    """Return the worst price of a protected market order: the far touch and ``share`` of it.

    Rounded inside the collar, but never inside the touch: a buy collar is at least the ask.
    """
    if side is _BUY:
        return max(ask, to_tick(ask * (RATIO_SCALE + share) // RATIO_SCALE, side))
    return min(bid, to_tick(-(bid * (share - RATIO_SCALE) // RATIO_SCALE), side))


def offset_limit(  # noqa: PLR0913, PLR0917  # one price needs them all
    side: OrderSide,
    base: int,
    twice_mid: int,
    offset: int,
    bid: int,
    ask: int,
    hard: int | None,
) -> int:
    """Return ``base`` plus (buy) or minus (sell) ``offset`` of mid, as a limit on the tick.

    The exact value is clamped into [bid, ask] and only then rounded, a buy down and a sell up; the
    user's own limit, kept to the passive side of its tick, is never passed.

    Args:
        side: BUY or SELL.
        base: price to start from.
        twice_mid: bid plus ask, so that no half is lost.
        offset: share of mid.
        bid: lowest price before rounding.
        ask: highest price before rounding.
        hard: the user's own limit, or None.
    """
    # Rounding to 1e-8 goes the way the tick goes, so both together are one rounding.
    if side is _BUY:
        price = base + offset * twice_mid // _TWICE
    else:
        price = base - offset * twice_mid // _TWICE
    price = to_tick(bid if price < bid else min(price, ask), side)
    if hard is None:
        return price
    if side is _BUY:
        # hard itself: below the lowest tick, even the tick is too much.
        return min(price, hard, to_tick(hard, side))
    return max(price, to_tick(hard, side))


def reference_price(
    told: object, twice_mid: int | None, mark: int | None, deviation: int
) -> tuple[int, str] | Refusal | None:
    """Return the price to size with and its source, a refusal, or None when there is no price.

    The signal's own price comes first but must not be too far away from the engine's own quote;
    then the mid, rounded down, then the mark of the position.

    Args:
        told: ``signal_price`` of the signal, unchecked; None when it has none.
        twice_mid: bid plus ask of a usable quote, price units.
        mark: last price of the position, price units.
        deviation: how far the signal's price may be from the mid, a share of it.
    """
    if told is not None:
        price = signal_price_units(told)
        if not isinstance(price, int):
            return price
        refusal = None if twice_mid is None else off_market(price, twice_mid, deviation)
        return (price, "signal") if refusal is None else refusal
    if twice_mid is not None:
        return (twice_mid // 2, "quote")
    return None if mark is None else (mark, "mark")


def off_market(price: int, twice_mid: int, deviation: int) -> Refusal | None:
    """Return a refusal when ``price`` is further than ``deviation`` of mid away from mid."""
    if abs(2 * price - twice_mid) * RATIO_SCALE <= deviation * twice_mid:
        return None
    return Refusal(
        "SIGNAL_PRICE_OFF_MARKET",
        f"signal_price {price_decimal(price)} is more than {ratio_decimal(deviation * 100)} % away "
        f"from the mid {price_decimal(twice_mid) / 2}",
    )


def signal_price_units(value: object) -> int | Refusal:
    """Return a signal's own price in price units, cut to 8 decimals.

    It is what sizes are computed with, never an order price. Anything but a finite number above
    zero is refused with INVALID_PRICE.
    """
    try:
        return _known_signal_price(value)
    except TypeError:  # it cannot be hashed, so it is no number
        return _signal_price(value)


def _signal_price(value: object) -> int | Refusal:
    try:
        number = exact(value, "signal_price")
    except ModelError as error:
        return Refusal("INVALID_PRICE", str(error))
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "exact() lets only finite numbers pass"
    # An exponent of a million would make an integer of a million digits.
    if exponent >= _FINEST_EXPONENT and number.adjusted() <= _HIGHEST_EXPONENT:
        numerator, denominator = number.as_integer_ratio()
        units = numerator * PRICE_SCALE // denominator
        if units > 0:
            return units
    return Refusal(
        "INVALID_PRICE", f"signal_price must be from 0.00000001 to below 1e10, got {value!r}"
    )


# Typed, so that True is not taken for 1.
_known_signal_price = lru_cache(maxsize=_CACHE, typed=True)(_signal_price)


__all__ = [
    "LOW_TICK",
    "TICK",
    "advisory_limit",
    "collar",
    "off_market",
    "offset_limit",
    "protective_stop",
    "reference_price",
    "signal_price_units",
    "target_price",
    "tick_size",
    "to_step",
    "to_tick",
]
