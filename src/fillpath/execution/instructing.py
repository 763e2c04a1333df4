"""From a matched row to a concrete instruction: order type, limit price, protection."""

from typing import Final

from msgspec import Struct

from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, OrderType, Refusal
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
_MARKET_STYLE: Final = Style.MARKET
_MID: Final = Style.MID
_PASSIVE: Final = Style.PASSIVE
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
    if style is _MARKET_STYLE or cross:
        if style is _MARKET_STYLE and not policy.protect_market:
            return _UNPROTECTED if hard_limit is None else Instruction(_LIMIT, hard_limit)
        limit = collar(side, bid, ask, policy.collar)
        return Instruction(_LIMIT, _within(limit, side, hard_limit), protected=True)
    if style is _PASSIVE:
        limit = to_tick(bid if side is _BUY else ask, side)
        return Instruction(_LIMIT, _within(limit, side, hard_limit))
    total = bid + ask
    if style is _MID:
        base = total // 2 if side is _BUY else -(-total // 2)
    else:
        base = bid if side is _BUY else ask
    limit = offset_limit(side, base, total, policy.offset, bid, ask, hard_limit)
    return Instruction(_LIMIT, limit)


def hold_or_limit(problem: Refusal, hard_limit: int | None) -> Refusal | Instruction:
    """Return the hold that an unusable quote asks for, or the order's own limit where it has one."""
    return problem if hard_limit is None else Instruction(_LIMIT, hard_limit)


def _within(limit: int, side: OrderSide, hard_limit: int | None) -> int:
    if hard_limit is None:
        return limit
    if side is _BUY:
        return min(limit, hard_limit, to_tick(hard_limit, side))
    return max(limit, hard_limit, to_tick(hard_limit, side))


__all__ = ["Instruction", "hold_or_limit", "instruct"]
