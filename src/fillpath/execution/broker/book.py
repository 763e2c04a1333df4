"""Orders that wait for the market, found by symbol and price without looking at the others."""

from heapq import heapify, heappop, heappush
from typing import Final

from msgspec import Struct

from fillpath.core.commands import Ticket
from fillpath.core.models import Order, OrderSide

ANY_ASK: Final = 1 << 62
"""The buy limit of an order without one: every ask reaches it, and it fits 64 bits."""
ANY_BID: Final = 0
"""The sell limit of an order without one: every bid reaches it."""

_BUY: Final = OrderSide.BUY
_FEW: Final = 64


class Working(Struct, eq=False):
    """An order that works, in exact integers.

    Args:
        order: as it was submitted, or the desk's own ticket of it.
        broker_order_id: the broker's name for it.
        sequence: its place in time, from 1.
        parent_order_id: the parent of a slice, None for an order that was sent whole.
        left: quantity units not filled yet.
        limit: worst price accepted, price units; None for none.
        stop: trigger that has not been set off yet, price units; None for none.
        filled: quantity units filled.
        value: sum of price times quantity over the fills, money units.
        fills: number of fills.
        opening: quantity units that would open a long when it was submitted; 0 for sells.
        worst: price that cash is reserved at, price units.
        reserved: money units of cash kept for it.
        group: orders of one group are linked; empty for an order of its own.
        alive: whether it may still trade.
    """

    order: Order | Ticket
    broker_order_id: str
    sequence: int
    parent_order_id: str | None
    left: int
    limit: int | None
    stop: int | None
    filled: int = 0
    value: int = 0
    fills: int = 0
    opening: int = 0
    worst: int = 0
    reserved: int = 0
    group: str = ""
    alive: bool = True


class Ladder:
    """Working orders of one side and kind: best price first, then first come."""

    __slots__ = ("_dead", "_pushes", "_rungs")

    def __init__(self) -> None:
        self._rungs: list[tuple[int, int, int, Working]] = []
        self._pushes = 0
        self._dead = 0

    def __len__(self) -> int:
        return len(self._rungs)

    def push(self, key: int, working: Working) -> None:
        """Add an order; the smallest ``key`` is the best price."""
        self._pushes += 1  # one that was moved and came back meets what is left of itself
        heappush(self._rungs, (key, working.sequence, self._pushes, working))

    def best(self) -> Working | None:
        """Return the best order that is alive, or None."""
        rungs = self._rungs
        while rungs:
            working = rungs[0][3]
            if working.alive:
                return working
            heappop(rungs)
            self._dead -= 1
        return None

    def pop(self) -> None:
        """Take the best order off; call it right after ``best`` has returned one."""
        heappop(self._rungs)

    def bury(self) -> None:
        """Note that one order here has died; the dead never outnumber the living for long."""
        self._dead += 1
        if self._dead > _FEW and 2 * self._dead > len(self._rungs):
            self._rungs = [rung for rung in self._rungs if rung[3].alive]
            heapify(self._rungs)
            self._dead = 0


class Book:
    """What waits in one symbol: limits to be reached and stops to be set off."""

    __slots__ = ("_limits", "_stops", "size")

    def __init__(self) -> None:
        self._limits = (Ladder(), Ladder())
        self._stops = (Ladder(), Ladder())
        self.size = 0

    def add(self, working: Working) -> None:
        """Let an order wait: for its stop while it has one, otherwise for its limit."""
        buy = working.order.side is _BUY
        if working.stop is not None:
            key = working.stop if buy else -working.stop
            self._stops[buy].push(key, working)
        elif buy:
            self._limits[1].push(-_or(working.limit, ANY_ASK), working)
        else:
            self._limits[0].push(_or(working.limit, ANY_BID), working)
        self.size += 1

    def remove(self, working: Working) -> None:
        """Take out an order that is alive and waits here; it is dead afterwards."""
        working.alive = False
        buy = working.order.side is _BUY
        (self._limits if working.stop is None else self._stops)[buy].bury()
        self.size -= 1

    def release(self, working: Working) -> None:
        """Turn the best stop of its side, just set off, into an order that waits for its limit."""
        self._stops[working.order.side is _BUY].pop()
        working.stop = None
        self.size -= 1
        self.add(working)

    def best(self, side: OrderSide) -> Working | None:
        """Return the order of ``side`` that the market reaches first, or None."""
        return self._limits[side is _BUY].best()

    def best_stop(self, side: OrderSide) -> Working | None:
        """Return the stop of ``side`` that the market sets off first, or None."""
        return self._stops[side is _BUY].best()

    def limits(self) -> tuple[int | None, int | None]:
        """Return the best waiting buy limit and sell limit."""
        buy, sell = self.best(_BUY), self.best(OrderSide.SELL)
        return (
            None if buy is None else _or(buy.limit, ANY_ASK),
            None if sell is None else _or(sell.limit, ANY_BID),
        )

    def stops(self) -> tuple[int | None, int | None]:
        """Return the waiting buy stop and sell stop that are set off first."""
        buy, sell = self.best_stop(_BUY), self.best_stop(OrderSide.SELL)
        return (None if buy is None else buy.stop, None if sell is None else sell.stop)


def _or(limit: int | None, instead: int) -> int:
    return instead if limit is None else limit
