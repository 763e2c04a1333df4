"""How far own trading has walked a price: fills and working orders against the mid before them.

One ``Walk`` a symbol, cut into parts of the window (control C-11): what is forgotten is forgotten a
part at a time, and so counted a little too long rather than too short. An order counts in the part
in which it was sent, at its worst price; what fills of it counts from then on in the part of the
fill, at the price that was paid.
"""

from collections import deque
from typing import Final

from msgspec import Struct, field

PARTS: Final = 60
"""Into how many parts the window is cut."""


class Part(Struct):
    """What was done within one part of the window.

    Args:
        at: nanoseconds UTC at which it began.
        mid: of the market on which its first order was decided, price units; 0 when unknown.
        quantity: filled and working, quantity units.
        value: of the same, money units.
    """

    at: int
    mid: int
    quantity: int = 0
    value: int = 0


class Step(Struct):
    """One order that works.

    Args:
        part: in which it was sent.
        left: what of it may still fill, quantity units.
        price: the worst it may pay, price units.
    """

    part: Part
    left: int
    price: int


class Walk(Struct):
    """What was lately done in one symbol.

    Args:
        parts: of the window, oldest first, never more than it has.
        working: orders that work, by their names.
        quantity: of all parts, quantity units.
        value: of all parts, money units.
    """

    parts: deque[Part] = field(default_factory=deque)
    working: dict[str, Step] = field(default_factory=dict)
    quantity: int = 0
    value: int = 0


Walks = dict[str, Walk]


class Traded(Struct, frozen=True, gc=False):
    """An order that leaves, or an execution of one.

    Args:
        at: nanoseconds UTC.
        window: nanoseconds that are looked back, a second at least.
        symbol: ticker.
        order_id: name of the order.
        quantity: quantity units.
        price: price units; of an order the worst it may pay.
        mid: of the market on which the order was decided, price units; 0 when unknown.
    """

    at: int
    window: int
    symbol: str
    order_id: str
    quantity: int
    price: int
    mid: int


def walk_ordered(walks: Walks, order: Traded) -> None:
    """Take an order that leaves."""
    walk = walks.get(order.symbol)
    if walk is None:
        walk = walks[order.symbol] = Walk()
    part = _part(walk, order)
    quantity, price = order.quantity, order.price
    walk.working[order.order_id] = Step(part, quantity, price)
    value = quantity * price
    part.quantity += quantity
    part.value += value
    walk.quantity += quantity
    walk.value += value


def walk_filled(walks: Walks, fill: Traded) -> None:
    """Take an execution of our own; what it fills counts as working no more."""
    walk = walks.get(fill.symbol)
    if walk is None:
        walk = walks[fill.symbol] = Walk()
    part = _part(walk, fill)
    quantity = fill.quantity
    value = quantity * fill.price
    step = walk.working.get(fill.order_id)
    if step is not None:
        taken = min(step.left, quantity)
        step.left -= taken
        if step.part is part:  # most fill within the part in which they were sent
            quantity -= taken
            value -= taken * step.price
        else:
            _add(walk, step.part, -taken, step.price)
    part.quantity += quantity
    part.value += value
    walk.quantity += quantity
    walk.value += value


def walk_ended(walks: Walks, symbol: str, order_id: str) -> None:
    """Take back what is left of an order: it works no more."""
    walk = walks.get(symbol)
    step = None if walk is None else walk.working.pop(order_id, None)
    if walk is not None and step is not None and step.left:
        _add(walk, step.part, -step.left, step.price)


def _add(walk: Walk, part: Part, quantity: int, price: int) -> None:
    """Count in a part, unless it is forgotten."""
    if part.at < walk.parts[0].at:
        return
    value = quantity * price
    part.quantity += quantity
    part.value += value
    walk.quantity += quantity
    walk.value += value


def _part(walk: Walk, traded: Traded) -> Part:
    """Return the part of a moment, which a clock that went back does not reopen."""
    parts = walk.parts
    at, window = traded.at, traded.window
    began = at - at % (window // PARTS)
    while parts and parts[0].at <= began - window:
        gone = parts.popleft()
        walk.quantity -= gone.quantity
        walk.value -= gone.value
    if parts:
        newest = parts[-1]
        if newest.at >= began:
            return newest
    part = Part(began, traded.mid)
    parts.append(part)
    return part


def walked(walk: Walk, at: int, window: int) -> tuple[int, int, int]:
    """Return quantity and value of own fills and working orders of a window, and the mid before.

    Args:
        walk: of one symbol.
        at: nanoseconds UTC at which the window ends.
        window: nanoseconds, a second at least.

    Returns:
        Quantity units, money units and price units; zeros when nothing was done.
    """
    oldest = at - at % (window // PARTS) - window
    quantity, value = walk.quantity, walk.value
    for part in walk.parts:
        if part.at > oldest:
            return quantity, value, part.mid
        quantity -= part.quantity
        value -= part.value
    return 0, 0, 0


__all__ = [
    "Part",
    "Step",
    "Traded",
    "Walk",
    "Walks",
    "walk_ended",
    "walk_filled",
    "walk_ordered",
    "walked",
]
