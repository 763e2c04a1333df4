"""Prices: the reference, the collars, the band, the tick and the floor.

An order of which the limit lies beyond the far side of the quote counts as a market order: what it
pays depends on the quote. Of exits only what cannot be meant is refused: a broken quote, or a limit
at half or twice the market.
"""

from typing import Final

from fillpath.core.models import OrderSide
from fillpath.core.ticks import tick_size
from fillpath.core.units import NANOSECONDS, PRICE_SCALE, RATIO_SCALE, price_decimal, ratio_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.checks.sizes import is_liquid
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection, broken_input
from fillpath.risk.walking import walked

PRICE_FLOOR: Final = "PRICE_FLOOR"
NO_REFERENCE: Final = "NO_REFERENCE"
PRICE_COLLAR: Final = "PRICE_COLLAR"
PERIOD_COLLAR: Final = "PERIOD_COLLAR"
LULD_BAND: Final = "LULD_BAND"
TICK_SIZE: Final = "TICK_SIZE"
EXIT_COLLAR: Final = RATIO_SCALE // 2
CHEAP: Final = 3 * PRICE_SCALE
"""Up to this price the band of the plan is 20 % for every class."""
CHEAP_BAND: Final = RATIO_SCALE // 5

_BUY: Final = OrderSide.BUY


def check_price_floor(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries whose reference price is below the floor."""
    if ask.price >= limits.floor:
        return None
    return Objection(
        PRICE_FLOOR,
        f"{ask.symbol} at {price_decimal(ask.price)} is below the price floor "
        f"{price_decimal(limits.floor)}",
        limits.floor,
        ask.price,
        0,
    )


def check_reference(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to a quote that is broken, and for entries to one that is old, delayed or far off."""
    bid, offer = ask.bid, ask.ask
    if not 0 < bid <= offer:
        return _broken_quote(ask)
    if ask.reduces:
        return None
    limit = ask.limit
    crosses = limit is None or (limit > offer if ask.side is _BUY else limit < bid)
    price = limits.price
    most = price.market_quote_age_ns if crosses else price.limit_quote_age_ns
    if ask.quote_at <= 0 or not ask.quote_at <= ask.at <= ask.quote_at + most:
        return _unusable_age(ask, most)
    return _reference_problem(ask, memory, limits)


def _reference_problem(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    facts = memory.symbols.get(ask.symbol)
    if facts is not None and facts.delayed:
        return Objection(NO_REFERENCE, f"the quotes of {ask.symbol} are delayed")
    close = 0 if facts is None else facts.prior_close
    if close <= 0:
        if not limits.session.facts_required:
            return None
        return broken_input(8, f"the close before of {ask.symbol} is unknown")
    band = limits.price.close_band
    if abs(ask.bid + ask.ask - 2 * close) * RATIO_SCALE <= 2 * band * close:
        return None
    return _far_from_close(ask, close, band)


def _broken_quote(ask: Ask) -> Objection:
    bid, offer = price_decimal(ask.bid), price_decimal(ask.ask)
    if ask.bid > 0 and ask.ask > 0:
        return Objection(NO_REFERENCE, f"the bid {bid} of {ask.symbol} is above the ask {offer}")
    return broken_input(8, f"bid and ask of {ask.symbol} must be above 0, got {bid} and {offer}")


def _unusable_age(ask: Ask, most: int) -> Objection:
    if ask.quote_at <= 0:
        return broken_input(8, f"it is unknown how old the quote of {ask.symbol} is")
    age = ratio_decimal((ask.at - ask.quote_at) * RATIO_SCALE // NANOSECONDS)
    allowed = ratio_decimal(most * RATIO_SCALE // NANOSECONDS)
    return Objection(
        NO_REFERENCE,
        f"the quote of {ask.symbol} is {age:f} s old, from 0 to {allowed:f} are allowed",
    )


def _far_from_close(ask: Ask, close: int, band: int) -> Objection:
    middle = (ask.bid + ask.ask) >> 1
    side = 1 if middle > close else -1
    return Objection(
        NO_REFERENCE,
        f"the mid {price_decimal(middle)} of {ask.symbol} is more than {ratio_decimal(band * 100)} "
        f"% away from the close before of {price_decimal(close)}",
        close * (RATIO_SCALE + side * band) // RATIO_SCALE,
        middle,
    )


def check_collar(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to a limit that reaches further beyond the far side of the quote than its class may.

    A plain market order has no limit; ``router.protect_market`` is what gives it one.
    """
    limit = ask.limit
    if limit is None:
        return None
    touch = ask.ask if ask.side is _BUY else ask.bid
    if touch <= 0 or limit <= 0:
        text = f"limit {price_decimal(limit)} and touch {price_decimal(touch)}"
        return broken_input(10, f"{text} of {ask.symbol} must be above 0")
    share = _collar(ask, memory, limits)
    if ask.side is _BUY:
        most = touch * (RATIO_SCALE + share)
        if limit * RATIO_SCALE <= most:
            return None
    else:
        most = touch * (RATIO_SCALE - share)
        if limit * RATIO_SCALE >= most:
            return None
    return Objection(
        PRICE_COLLAR,
        f"limit {price_decimal(limit)} is more than {ratio_decimal(share * 100)} % beyond "
        f"{price_decimal(touch)}",
        most // RATIO_SCALE,
        limit,
    )


def _collar(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> int:
    if ask.reduces:
        return EXIT_COLLAR
    price = limits.price
    liquid = is_liquid(ask.symbol, memory, limits)
    return price.collar_liquid if liquid else price.collar_other


def check_period_collar(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to more entries in a symbol of which own trading has walked the price too far."""
    walk = memory.walks.get(ask.symbol)
    if walk is None:
        return None
    quantity, value, mid = walked(walk, ask.at, limits.price.period_ns)
    if quantity <= 0:
        return None
    if mid <= 0:
        return broken_input(11, f"the mid of {ask.symbol} before own trading is unknown")
    share = limits.price.period_collar
    if abs(value - mid * quantity) * RATIO_SCALE <= share * mid * quantity:
        return None
    mean = value // quantity
    side = 1 if value > mid * quantity else -1
    return Objection(
        PERIOD_COLLAR,
        f"own fills and working orders in {ask.symbol} come to {price_decimal(mean)} in the mean, "
        f"more than {ratio_decimal(share * 100)} % away from the mid before them of "
        f"{price_decimal(mid)}",
        mid * (RATIO_SCALE + side * share) // RATIO_SCALE,
        mean,
    )


def check_band(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to a price outside the limit-down and limit-up prices.

    Where they are not told, the mean mid of five minutes stands in for the exchange's reference.
    """
    facts = memory.symbols.get(ask.symbol)
    lower, upper = (0, 0) if facts is None else (facts.lower_band, facts.upper_band)
    if lower < 0 or upper < 0 or 0 < upper < lower or ask.mean < 0:
        text = f"the band of {ask.symbol} goes from {price_decimal(lower)} to"
        mean = f"around a mean of {price_decimal(ask.mean)}"
        return broken_input(12, f"{text} {price_decimal(upper)} {mean}")
    if not lower and not upper:
        lower, upper = _band_around(ask, memory, limits)
    price = ask.worst_price if ask.limit is None else ask.limit
    if price >= lower and (not upper or price <= upper):
        return None
    bound, name = (lower, "below limit-down") if price < lower else (upper, "above limit-up")
    return Objection(
        LULD_BAND,
        f"{price_decimal(price)} is {name} of {ask.symbol}, which is {price_decimal(bound)}",
        bound,
        price,
    )


def _band_around(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> tuple[int, int]:
    """Return the band around the mean of five minutes, price units; zeros where it is not known."""
    mean = ask.mean
    if not mean:
        return 0, 0
    share = limits.price.band_other
    if mean <= CHEAP:
        share = CHEAP_BAND
    elif is_liquid(ask.symbol, memory, limits):
        share = limits.price.band_liquid
    reach = mean * share // RATIO_SCALE
    return mean - reach, mean + reach


def check_tick(ask: Ask, memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to a limit between two ticks.

    Where nobody told the tick of the contract, a price at which the market itself quotes will do.
    """
    limit = ask.limit
    if limit is None:
        return None
    facts = memory.symbols.get(ask.symbol)
    told = 0 if facts is None else facts.tick
    tick = told or tick_size(limit)
    if limit <= 0 or tick < 0:
        text = f"limit {price_decimal(limit)} and tick {price_decimal(tick)}"
        return broken_input(35, f"{text} of {ask.symbol} must be above 0")
    if not limit % tick or (not told and limit in {ask.bid, ask.ask}):
        return None
    return Objection(
        TICK_SIZE,
        f"limit {price_decimal(limit)} is not a whole number of ticks of {price_decimal(tick)}",
        tick,
        limit,
    )
