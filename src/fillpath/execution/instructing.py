"""From a matched row to a concrete instruction: order type, limit price, protection."""

from typing import Final

from msgspec import Struct

from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, OrderType, Refusal
from fillpath.core.units import RATIO_SCALE
from fillpath.execution.policy import RouterPolicy
from fillpath.execution.pricing import collar, offset_limit, to_tick
from fillpath.execution.routing import Style


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


__all__ = ["Instruction", "hold_or_limit", "instruct"]
