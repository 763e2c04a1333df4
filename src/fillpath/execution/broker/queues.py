"""The places of resting orders in the queues of their prices."""

from msgspec import Struct

from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide
from fillpath.core.units import RATIO_SCALE
from fillpath.execution.broker.book import Working
from fillpath.execution.simulating.policy import RealisticPolicy
from fillpath.execution.simulating.queueing import shrunk, traded, trades_of


class Seat(Struct, eq=False):
    """The place of one resting limit order.

    Args:
        order_id: whose it is.
        side: of the order.
        limit: at which it rests, price units.
        front: size ahead of it, quantity units; None while its price was never the touch.
        size: of the level when it was last seen, quantity units.
    """

    order_id: str
    side: OrderSide
    limit: int
    front: int | None = None
    size: int = 0


class Queues:
    """The seats of one account, found by symbol and price."""

    def __init__(self, rules: RealisticPolicy) -> None:
        self._rules = rules
        self._seats: dict[str, Seat] = {}
        self._levels: dict[tuple[str, OrderSide], dict[int, dict[str, Seat]]] = {}

    def take(self, work: Working, view: MarketView) -> None:
        """Seat an order that has just come to rest: last at the touch, first where it improves it."""
        limit, order = work.limit, work.order
        assert limit is not None, "only a limit order rests in a queue"
        seat = Seat(order.order_id, order.side, limit)
        level, size = _touch(order.side, view)
        if level is not None and _better(order.side, limit, level):
            seat.front = 0
        elif level == limit:
            seat.front = seat.size = size
        self._seats[order.order_id] = seat
        levels = self._levels.setdefault((order.symbol, order.side), {})
        levels.setdefault(limit, {})[order.order_id] = seat

    def leave(self, work: Working) -> None:
        """Take an order out of its queue; nothing happens when it has no seat."""
        order = work.order
        seat = self._seats.pop(order.order_id, None)
        if seat is None:
            return
        levels = self._levels[order.symbol, order.side]
        del levels[seat.limit][order.order_id]
        if not levels[seat.limit]:
            del levels[seat.limit]

    def seat(self, order_id: str) -> Seat | None:
        """Return the seat of an order, or None where it has none."""
        return self._seats.get(order_id)

    def touched(self, symbol: str, side: OrderSide, view: MarketView) -> list[Seat]:
        """Return the seats at the touch, first come first.

        Where the recorded market has left the price of an order behind, nobody is ahead of it.
        """
        levels = self._levels.get((symbol, side))
        touch, _ = _touch(side, view)
        if not levels or touch is None:
            return []
        for limit, level in levels.items():
            if _better(side, limit, touch):
                for seat in level.values():
                    seat.front = seat.size = 0
        return list(levels.get(touch, {}).values())

    def reached(self, symbol: str, side: OrderSide, price: int) -> list[Seat]:
        """Return the seats that a trade at ``price`` comes to, best price first."""
        levels = self._levels.get((symbol, side), {})
        found = [limit for limit in levels if limit == price or _better(side, limit, price)]
        found.sort(reverse=side is OrderSide.BUY)
        return [seat for limit in found for seat in levels[limit].values()]

    def changed(self, seat: Seat, size: int, left: int) -> int:
        """Move up after the level of a seat became ``size``; return what of the order was filled."""
        if seat.front is None:
            seat.front = seat.size = size
            return 0
        rules = self._rules
        trades = trades_of(seat.size, size, rules.traded_share, RATIO_SCALE)
        front, filled = traded(min(seat.front, seat.size), left, trades)
        seat.front = shrunk(front, seat.size - trades, size, rules.queue_power)
        seat.size = size
        return filled


def _touch(side: OrderSide, view: MarketView) -> tuple[int | None, int]:
    if side is OrderSide.BUY:
        return view.bid, view.bid_size
    return view.ask, view.ask_size


def _better(side: OrderSide, limit: int, level: int) -> bool:
    return limit > level if side is OrderSide.BUY else limit < level
