"""Which way an order goes: the specification's table, row by row, on exact integers.

All thresholds are strict, so equality falls through to the next row. The matched row gives the
style; the size alone gives the slicing.
"""

from decimal import ROUND_CEILING, Context, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import BPS, NANOSECONDS, RATIO_SCALE, exact, price_decimal, ratio_decimal
from fillpath.execution.policy import LargeOrders, RouterPolicy

ADV_MISSING: Final = "ADV_MISSING"
SESSION_NS: Final = 23_400 * NANOSECONDS
"""A regular session of the US exchanges: six and a half hours."""


class Style(StrEnum):
    """How an order meets the quote."""

    MARKET = "MARKET"
    MID = "MID"
    PASSIVE = "PASSIVE"
    DEFAULT = "DEFAULT"


class Routed(Struct, frozen=True, gc=False):
    """The row that matched, and what follows from it.

    Args:
        route: ``urgent``, ``wide``, ``twap``, ``passive`` or ``default``.
        style: how to meet the quote; ``twap`` has no style of its own and shows the one that the
            quote at routing asks for (``slice_style`` asks again at each release).
        sliced: whether the order goes out in slices.
        reason: the numbers behind the match.
        flags: remarks, such as ``ADV_MISSING``.
    """

    route: str
    style: Style
    sliced: bool
    reason: str
    flags: tuple[str, ...]


_MARKET: Final = Style.MARKET
_MID: Final = Style.MID
_PASSIVE: Final = Style.PASSIVE
_DEFAULT: Final = Style.DEFAULT
_ALWAYS: Final = LargeOrders.ALWAYS
_WHOLE: Final = False
_SLICED: Final = True
_NO_FLAGS: Final[tuple[str, ...]] = ()
_NO_ADV: Final = (ADV_MISSING,)
_TWICE: Final = 2 * RATIO_SCALE
_SPREAD_STEPS: Final = 2_000_000  # of (ask - bid) / (ask + bid): a step is 0.01 bps of mid
_SIZE_STEPS: Final = 1_000_000  # of quantity / ADV: a step is 0.0001 %
_UPWARDS: Final = Context(rounding=ROUND_CEILING)
_CACHE: Final = 1 << 14


def quote_problem(market: MarketView, at: int, max_age_ns: int) -> Refusal | None:
    """Return why the quote cannot be traded on at ``at`` nanoseconds, or None.

    A locked quote (bid = ask) is usable; so is an age of exactly ``max_age_ns``.
    """
    bid = market.bid
    ask = market.ask
    seen = market.quote_at
    if (
        bid is not None
        and ask is not None
        and seen is not None
        and 0 < bid <= ask
        and seen <= at <= seen + max_age_ns
    ):
        return None
    return _price_problem(bid, ask) or _age_problem(seen, at, max_age_ns)


def route(
    side: OrderSide,  # noqa: ARG001  # both sides take the same way, which no caller need know
    quantity: int,
    strength: int,
    market: MarketView,
    policy: RouterPolicy,
) -> Routed:
    """Return the first row of the table that matches; the quote was found usable before.

    Args:
        side: BUY or SELL.
        quantity: quantity units, above 0.
        strength: strength of the signal in ratio units (``strength_units``); 0 when it has none.
        market: the quote and the ADV to judge by.
        policy: the thresholds.
    """
    bid = market.bid
    ask = market.ask
    assert bid is not None, "the quote was found usable"
    assert ask is not None, "the quote was found usable"
    adv = market.adv or 0
    flags = _NO_FLAGS if adv > 0 else _NO_ADV
    size = quantity * RATIO_SCALE
    large = 0 < policy.large * adv < size
    if strength > policy.urgent:
        text = _strength_text(strength, policy.urgent)
        row = Routed("urgent", _MARKET, _WHOLE, text, flags)
        return _with_size(row, quantity, adv, policy) if large else row
    wide = policy.wide
    total = ask + bid
    spread = ask - bid
    if _TWICE * spread > wide * total:
        text = _wide_text(-(-_SPREAD_STEPS * spread // total), wide)
        row = Routed("wide", _MID, _WHOLE, text, flags)
        return _with_size(row, quantity, adv, policy) if large else row
    if large:
        text = _large_text(-(-_SIZE_STEPS * quantity // adv), policy.large)
        return Routed("twap", _DEFAULT, _SLICED, text, flags)
    if size < policy.small * adv:
        text = _small_text(_SIZE_STEPS * quantity // adv, policy.small)
        return Routed("passive", _PASSIVE, _WHOLE, text, flags)
    text = _narrow_text(-(-_SPREAD_STEPS * spread // total), wide)
    rest = _middle_text(_SIZE_STEPS * quantity // adv) if adv > 0 else ", ADV unknown"
    return Routed("default", _DEFAULT, _WHOLE, text + rest, flags)


def route_at_limit(
    problem: Refusal, quantity: int, market: MarketView, policy: RouterPolicy
) -> Routed:
    """Return the way of an order whose quote is unusable but which has a hard limit of its own.

    It rests at that limit; the size still decides whether it goes out in slices.
    """
    adv = market.adv or 0
    large = 0 < policy.large * adv < quantity * RATIO_SCALE
    flags = (problem.code,) if adv > 0 else (problem.code, ADV_MISSING)
    name = "twap" if large else "default"
    return Routed(name, _DEFAULT, large, f"own limit kept: {problem.text}", flags)


def slice_style(style_of_parent: Style | None, market: MarketView, policy: RouterPolicy) -> Style:
    """Return the style of a slice at its release.

    A match on size alone gives no style (None): the slice takes the wide or the default one, as
    the quote at its release asks for.
    """
    if style_of_parent is not None:
        return style_of_parent
    bid = market.bid
    ask = market.ask
    assert bid is not None, "the quote was found usable"
    assert ask is not None, "the quote was found usable"
    return _MID if _TWICE * (ask - bid) > policy.wide * (ask + bid) else _DEFAULT


def strength_units(value: object) -> int:
    """Return a strength as ratio units, rounded up so that ``> threshold`` stays exact.

    Raises:
        ModelError: not a number from 0 to 1.
    """
    # A Decimal is slow to hash, its text is not, and says as much.
    return _strength_units(
        str(value if type(value) is Decimal else exact(value, "signal_strength"))
    )


def expected_participation(
    quantity: int, adv: int, slices: int, interval_ns: int, session_ns: int = SESSION_NS
) -> int:
    """Return the share of the expected volume that a schedule would be, rounded up.

    Args:
        quantity: quantity units of the whole schedule.
        adv: average daily volume, quantity units, above 0.
        slices: slices really made.
        interval_ns: time between slices; the schedule lasts ``slices`` of them.
        session_ns: time over which the daily volume trades.

    Returns:
        Ratio units of the volume that is expected in that time; above 1 where it is more.
    """
    assert adv > 0, "without an ADV the participation is unknown"
    return -(-quantity * session_ns * RATIO_SCALE // (adv * slices * interval_ns))


def _price_problem(bid: int | None, ask: int | None) -> Refusal | None:
    if bid is None and ask is None:
        return Refusal("NO_QUOTE", "there is neither a bid nor an ask")
    if bid is None or ask is None:
        side = "bid" if bid is None else "ask"
        return Refusal("ONE_SIDED_QUOTE", f"the {side} is missing")
    if bid <= 0 or ask <= 0:
        return Refusal("BAD_QUOTE", f"bid {_price(bid)} and ask {_price(ask)} must be above 0")
    if bid > ask:
        return Refusal("CROSSED_QUOTE", f"bid {_price(bid)} is above ask {_price(ask)}")
    return None


def _age_problem(seen: int | None, at: int, max_age_ns: int) -> Refusal:
    if seen is None:
        return Refusal("STALE_QUOTE", "the quote has an unknown age")
    if seen > at:
        return Refusal("FUTURE_QUOTE", f"the quote is {_seconds(seen - at)} s ahead of the clock")
    allowed = _seconds(max_age_ns)
    return Refusal("STALE_QUOTE", f"the quote is {_seconds(at - seen)} s old, allowed {allowed}")


def _price(units: int) -> str:
    return f"{price_decimal(units):f}"


def _seconds(nanoseconds: int) -> str:
    return f"{ratio_decimal(nanoseconds * RATIO_SCALE // NANOSECONDS):f}"


def _with_size(row: Routed, quantity: int, adv: int, policy: RouterPolicy) -> Routed:
    """Add to an urgent or wide row that the order is large as well."""
    text = _large_text(-(-_SIZE_STEPS * quantity // adv), policy.large)
    sliced = policy.slice_large is _ALWAYS
    return Routed(row.route, row.style, sliced, f"{row.reason}; {text}", row.flags)


# Texts are cached because the same numbers come back all day. A number that had to be above its
# threshold is rounded up, one that had to be below is rounded down, so no text contradicts itself.


@lru_cache(maxsize=_CACHE)
def _strength_units(text: str) -> int:
    strength = exact(text, "signal_strength")
    if not 0 <= strength <= 1:
        raise ModelError(f"signal_strength must be from 0 to 1, got {strength}")
    return int(_UPWARDS.multiply(strength, RATIO_SCALE).to_integral_value(context=_UPWARDS))


@lru_cache(maxsize=_CACHE)
def _strength_text(strength: int, urgent: int) -> str:
    return f"strength {ratio_decimal(strength):f} > {ratio_decimal(urgent):f}"


@lru_cache(maxsize=_CACHE)
def _wide_text(steps: int, wide: int) -> str:
    return f"spread {steps // 100}.{steps % 100:02d} bps > {ratio_decimal(wide * BPS):f}"


@lru_cache(maxsize=_CACHE)
def _narrow_text(steps: int, wide: int) -> str:
    return f"spread {steps // 100}.{steps % 100:02d} bps <= {ratio_decimal(wide * BPS):f}"


@lru_cache(maxsize=_CACHE)
def _large_text(steps: int, large: int) -> str:
    return f"{_size_text(steps)} > {ratio_decimal(large * 100):f}"


@lru_cache(maxsize=_CACHE)
def _small_text(steps: int, small: int) -> str:
    return f"{_size_text(steps)} < {ratio_decimal(small * 100):f}"


@lru_cache(maxsize=_CACHE)
def _middle_text(steps: int) -> str:
    return f", {_size_text(steps)}"


def _size_text(steps: int) -> str:
    return f"size {steps // 10_000}.{steps % 10_000:04d} % of ADV"


__all__ = [
    "ADV_MISSING",
    "SESSION_NS",
    "Routed",
    "Style",
    "expected_participation",
    "quote_problem",
    "route",
    "route_at_limit",
    "slice_style",
    "strength_units",
]
