"""From a matched row to a concrete instruction: order type, limit price, protection.

``instruct`` is the exact-integer form that the desk calls; ``routed_orders`` says the same of a
public ``Order``.
"""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.events import MarketView
from fillpath.core.ids import child_order_id
from fillpath.core.models import Order, OrderSide, OrderType, Quote, Refusal
from fillpath.core.units import (
    NANOSECONDS,
    QUANTITY_SCALE,
    RATIO_SCALE,
    nanoseconds,
    price_decimal,
    price_units,
    quantity_decimal,
    quantity_units,
)
from fillpath.execution.policy import RouterPolicy
from fillpath.execution.pricing import collar, offset_limit, to_tick
from fillpath.execution.routing import (
    SESSION_NS,
    Routed,
    Style,
    quote_problem,
    route,
    route_at_limit,
    strength_units,
)
from fillpath.execution.slicing import twap_slices

MAX_SLICES: Final = 1_000


class Instruction(Struct, frozen=True, gc=False):
    """How an order is to be sent.

    Args:
        order_type: MARKET or LIMIT.
        limit: worst price accepted, price units; None for MARKET.
        protected: True when an order that is to trade now travels as a limit at the collar.
    """

    order_type: OrderType
    limit: int | None
    protected: bool = False


_BUY: Final = OrderSide.BUY
_LIMIT: Final = OrderType.LIMIT
_MARKET: Final = Style.MARKET
_MID: Final = Style.MID
_PASSIVE: Final = Style.PASSIVE
_PROTECTED: Final = True
_PROTECTIVE: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_TWICE: Final = 2 * RATIO_SCALE
_UNPROTECTED: Final = Instruction(OrderType.MARKET, None)


def instruct(
    style: Style,
    side: OrderSide,
    market: MarketView,
    hard_limit: int | None,
    policy: RouterPolicy,
    *,
    cross: bool = False,
) -> Instruction:
    """Return order type and limit of a style on a usable quote.

    Args:
        style: how to meet the quote.
        side: BUY or SELL.
        market: a quote that was found usable.
        hard_limit: the user's own limit in price units, never exceeded; None when there is none.
        policy: offset, collar and protection.
        cross: whether to trade now whatever the style, as the last slice does.
    """
    bid = market.bid
    ask = market.ask
    assert bid is not None, "the quote was found usable"
    assert ask is not None, "the quote was found usable"
    if style is _MARKET and not policy.protect_market:
        return _UNPROTECTED if hard_limit is None else Instruction(_LIMIT, hard_limit)
    if style is _MARKET or cross:
        limit = collar(side, bid, ask, policy.collar)
        if hard_limit is not None:
            limit = _within(limit, side, hard_limit)
        return Instruction(_LIMIT, limit, _PROTECTED)
    if style is _PASSIVE:
        limit = to_tick(bid if side is _BUY else ask, side)
        if hard_limit is not None:
            limit = _within(limit, side, hard_limit)
        return Instruction(_LIMIT, limit)
    return Instruction(_LIMIT, _offset_price(style, side, bid, ask, hard_limit, policy))


def hold_or_limit(problem: Refusal, hard_limit: int | None) -> Refusal | Instruction:
    """Return the hold that an unusable quote asks for, or the order's own limit where it has one."""
    return problem if hard_limit is None else Instruction(_LIMIT, hard_limit)


def market_view(quote: Quote | None, adv: Decimal | None) -> MarketView:
    """Return a quote and an average daily volume in shares as the integers that routing reads.

    An ADV that is not a finite number above zero is unknown.

    Raises:
        ModelError: a price with more than 8 decimals.
    """
    volume = None
    if adv is not None and adv.is_finite() and adv > 0:
        volume = int(adv * QUANTITY_SCALE)
    if quote is None:
        return MarketView(adv=volume)
    bid, ask, ts = quote.bid_price, quote.ask_price, quote.ts
    return MarketView(
        bid=None if bid is None else price_units(bid),
        ask=None if ask is None else price_units(ask),
        quote_at=None if ts is None else nanoseconds(ts),
        adv=volume,
    )


def routed_orders(
    order: Order, market: MarketView, at: int, policy: RouterPolicy
) -> list[Order] | Refusal:
    """Return what to send for an order, or why to hold it.

    STOP and STOP_LIMIT orders protect a position and pass unchanged. Slices carry the price of
    this quote as an indication.

    Args:
        order: not sent yet; ``metadata["signal_strength"]`` makes it urgent, its limit binds where
            ``limit_is_hard``.
        market: quote and ADV.
        at: nanoseconds UTC by which the quote's age is judged.
        policy: the thresholds.

    Raises:
        ModelError: ``signal_strength`` is not from 0 to 1.
    """
    if order.order_type in _PROTECTIVE:
        return [order]
    hard = order.limit_price if order.limit_is_hard else None
    hard_limit = None if hard is None else price_units(hard)
    quantity = quantity_units(order.quantity)
    strength = strength_units(order.metadata.get("signal_strength") or 0)
    problem = quote_problem(market, at, policy.max_age_ns)
    if problem is None:
        routed = route(order.side, quantity, strength, market, policy)
        answer: Refusal | Instruction = instruct(
            routed.style, order.side, market, hard_limit, policy
        )
    else:
        routed = route_at_limit(problem, quantity, market, policy)
        answer = hold_or_limit(problem, hard_limit)
    if isinstance(answer, Refusal):
        return answer
    whole = _instructed(order, routed, answer)
    if not routed.sliced:
        return [whole]
    seconds = twap_interval(quantity, market.adv, policy)
    return sliced_orders(whole, policy.twap_num_slices, policy, seconds)


def twap_interval(quantity: int, adv: int | None, policy: RouterPolicy) -> int:
    """Return the time between slices in seconds, longer where the participation would be too high.

    Args:
        quantity: quantity units of the whole schedule.
        adv: average daily volume, quantity units; None when unknown, which stretches nothing.
        policy: the plain interval, the slices and the participation that is allowed.
    """
    cap = policy.participation_cap
    plain = policy.twap_interval_seconds
    if cap is None or not adv:
        return plain
    slices = len(twap_slices(quantity, policy.lot, policy.twap_num_slices))
    needed = quantity * SESSION_NS * RATIO_SCALE
    return max(plain, -(-needed // (adv * slices * cap * NANOSECONDS)))


def sliced_orders(
    order: Order, count: object, policy: RouterPolicy, seconds: int = 0
) -> list[Order]:
    """Return the slices of an order, each with type and limit of the whole.

    Args:
        order: the parent.
        count: slices wanted; fewer are made where there are fewer lots.
        policy: lot and interval.
        seconds: between slices; those of the policy when it is 0.

    Raises:
        ModelError: ``count`` is not a whole number from 1 to 1000.
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_SLICES:
        raise ModelError(f"num_slices must be a whole number from 1 to {MAX_SLICES}, got {count!r}")
    parent = order.order_id
    sizes = twap_slices(quantity_units(order.quantity), policy.lot, count)
    shared = {
        **order.metadata,
        "twap_total_slices": len(sizes),
        "twap_interval_seconds": seconds or policy.twap_interval_seconds,
        "parent_order_id": parent,
    }
    return [
        order.changed(
            order_id=child_order_id(parent, number),
            parent_order_id=parent,
            quantity=quantity_decimal(size),
            metadata={**shared, "twap_slice": number},
        )
        for number, size in enumerate(sizes, start=1)
    ]


def _instructed(order: Order, routed: Routed, instruction: Instruction) -> Order:
    limit = instruction.limit
    metadata = {
        **order.metadata,
        "route": routed.route,
        "route_reason": routed.reason,
        "flags": (*(order.metadata.get("flags") or ()), *routed.flags),
    }
    if instruction.protected:
        metadata["protected"] = True
    return order.changed(
        order_type=instruction.order_type,
        limit_price=None if limit is None else price_decimal(limit),
        metadata=metadata,
    )


def _offset_price(
    style: Style, side: OrderSide, bid: int, ask: int, hard_limit: int | None, policy: RouterPolicy
) -> int:
    """Return the limit that is an offset away from mid or from the own touch."""
    total = bid + ask
    offset = policy.offset
    if style is not _MID:
        base = bid if side is _BUY else ask
        return offset_limit(side, base, total, offset, bid, ask, hard_limit)
    # Mid may end in half a unit: mid and offset are one quotient, so that nothing is lost.
    if side is _BUY:
        price = total * (RATIO_SCALE + offset) // _TWICE
    else:
        price = -(total * (offset - RATIO_SCALE) // _TWICE)
    return offset_limit(side, price, total, 0, bid, ask, hard_limit)


def _within(limit: int, side: OrderSide, hard_limit: int) -> int:
    """Return the tighter of a limit and the user's own, which is never exceeded."""
    if side is _BUY:
        return min(limit, hard_limit, to_tick(hard_limit, side))
    return max(limit, to_tick(hard_limit, side))


__all__ = [
    "MAX_SLICES",
    "Instruction",
    "hold_or_limit",
    "instruct",
    "market_view",
    "routed_orders",
    "sliced_orders",
    "twap_interval",
]
