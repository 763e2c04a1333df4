"""Facts about orders that change or wait at the broker, and about prices that somebody waits for."""

from msgspec import Struct

from fillpath.core.market_view import MarketView


class OrderAmended(Struct, frozen=True, array_like=True, tag="order_amended"):
    """The broker works the order in another size or at another level from now on.

    Args:
        at: nanoseconds UTC.
        order_id: our order.
        quantity: the whole order with what is filled of it, quantity units.
        stop: its trigger now, price units; None for an order without one.
        reason: the broker's words, such as that its group was filled.
    """

    at: int
    order_id: str
    quantity: int
    stop: int | None = None
    reason: str = ""


class AmendFailed(Struct, frozen=True, array_like=True, tag="amend_failed"):
    """The broker did not change the order; it works as it was, or has ended."""

    at: int
    order_id: str
    reason: str = ""


class OrderHeld(Struct, frozen=True, array_like=True, tag="order_held"):
    """The broker has the order and brings it to its exchange only later.

    Args:
        at: nanoseconds UTC.
        order_id: our order.
        reason: the broker's words.
        until: nanoseconds UTC from which on it works; 0 when nobody can tell.
    """

    at: int
    order_id: str
    reason: str
    until: int = 0


class LevelReached(Struct, frozen=True, array_like=True, tag="level_reached"):
    """The market came to a price that the desk waits for.

    Args:
        at: nanoseconds UTC.
        watch_id: the name given in ``WatchLevel``.
        symbol: ticker.
        market: the market that reached it, which may be beyond it.
    """

    at: int
    watch_id: str
    symbol: str
    market: MarketView


__all__ = ["AmendFailed", "LevelReached", "OrderAmended", "OrderHeld"]
