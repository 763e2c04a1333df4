"""Patterns that a market's surveillance would ask about, found in a journal before it does (P-08).

These are questions and not answers: each names a symbol, a moment and the numbers, for a person to
look at the next morning. Three are looked for: buying and selling the same shares at one price
(wash), orders on one side that are withdrawn while the other side trades (layering), and trading
that ends the day at a price it has made (closing).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from fillpath.core.commands import Intent, PlaceOrder
from fillpath.core.events import Event, OrderCancelled, OrderFilled, SessionOpened
from fillpath.core.models import OrderSide
from fillpath.core.units import BPS, NANOSECONDS, price_decimal, quantity_decimal

SURVEILLANCE: Final = "SURVEILLANCE"
WASH_NS: Final = 60 * NANOSECONDS
WASH_BPS: Final = 5
LAYER_NS: Final = 60 * NANOSECONDS
LAYERS: Final = 3
CLOSING_NS: Final = 300 * NANOSECONDS
CLOSING_PERCENT: Final = 50
CLOSING_BPS: Final = 20
_HUNDRED: Final = 100


class Flag(Struct, frozen=True, kw_only=True):
    """One pattern, for a person to look at.

    Args:
        pattern: wash, layering or closing.
        symbol: ticker.
        at: nanoseconds UTC at which it was complete.
        text: one sentence with the numbers.
        orders: names of the orders behind it.
        code: always ``SURVEILLANCE``.
    """

    pattern: str
    symbol: str
    at: int
    text: str
    orders: tuple[str, ...]
    code: str = SURVEILLANCE


class Withdrawn(Struct, frozen=True):
    """An order that was cancelled before any of it traded."""

    at: int
    order_id: str
    symbol: str
    side: OrderSide


def watched(records: Iterable[Event | Intent], first: int = 0, last: int = 1 << 62) -> list[Flag]:
    """Return every pattern in what happened from ``first`` to ``last`` nanoseconds, oldest first."""
    fills: list[OrderFilled] = []
    withdrawn: list[Withdrawn] = []
    placed: dict[str, PlaceOrder] = {}
    traded: set[str] = set()
    closes_at = 0
    closing: list[tuple[int, OrderFilled]] = []
    for record in records:
        if isinstance(record, PlaceOrder):
            placed[record.ticket.order_id] = record
        elif isinstance(record, SessionOpened):
            closes_at = record.closes_at
        elif isinstance(record, OrderFilled):
            traded.add(record.order_id)
            if first <= record.at <= last:
                fills.append(record)
                closing.append((closes_at, record))
        elif isinstance(record, OrderCancelled) and record.order_id not in traded:
            order = placed.get(record.order_id)
            if order is not None and first <= record.at <= last:
                ticket = order.ticket
                withdrawn.append(Withdrawn(record.at, ticket.order_id, ticket.symbol, ticket.side))
    flags = [*_washes(fills), *_layers(fills, withdrawn), *_closings(closing)]
    return sorted(flags, key=lambda flag: (flag.at, flag.pattern, flag.symbol))


def _washes(fills: Sequence[OrderFilled]) -> Iterator[Flag]:
    """Yield each execution that trades back what another one has just traded, at its price."""
    recent: dict[str, list[OrderFilled]] = {}
    for fill in fills:
        others = recent.setdefault(fill.symbol, [])
        others[:] = [other for other in others if fill.at - other.at <= WASH_NS]
        for other in others:
            apart = abs(fill.price - other.price) * BPS
            if other.side is not fill.side and apart <= WASH_BPS * other.price:
                yield _wash(other, fill)
                break
        others.append(fill)


def _wash(one: OrderFilled, other: OrderFilled) -> Flag:
    shares = quantity_decimal(min(one.quantity, other.quantity))
    text = (
        f"{shares:f} {other.symbol} were traded both ways within "
        f"{(other.at - one.at) / NANOSECONDS:.1f} s, at {price_decimal(one.price):f} and "
        f"{price_decimal(other.price):f}"
    )
    return Flag(
        pattern="wash",
        symbol=other.symbol,
        at=other.at,
        text=text,
        orders=(one.order_id, other.order_id),
    )


def _layers(fills: Sequence[OrderFilled], withdrawn: Sequence[Withdrawn]) -> Iterator[Flag]:
    """Yield each execution around which orders on the other side were placed and withdrawn."""
    told: set[str] = set()
    for fill in fills:
        layers = [
            one
            for one in withdrawn
            if one.symbol == fill.symbol
            and one.side is not fill.side
            and abs(one.at - fill.at) <= LAYER_NS
            and one.order_id not in told
        ]
        if len(layers) < LAYERS:
            continue
        told.update(one.order_id for one in layers)
        other = layers[0].side
        text = (
            f"{len(layers)} orders to {other} {fill.symbol} were withdrawn unfilled within "
            f"{LAYER_NS // NANOSECONDS} s of a {fill.side} of {quantity_decimal(fill.quantity):f}"
        )
        names = (fill.order_id, *(one.order_id for one in layers))
        at = max(fill.at, *(one.at for one in layers))
        yield Flag(pattern="layering", symbol=fill.symbol, at=at, text=text, orders=names)


def _closings(fills: Sequence[tuple[int, OrderFilled]]) -> Iterator[Flag]:
    """Yield each symbol that was traded one way, and away, in the last minutes of a session."""
    sessions: dict[tuple[int, str], list[OrderFilled]] = {}
    for closes_at, fill in fills:
        if closes_at:
            sessions.setdefault((closes_at, fill.symbol), []).append(fill)
    for (closes_at, symbol), day in sessions.items():
        late = [fill for fill in day if closes_at - CLOSING_NS <= fill.traded_at <= closes_at]
        whole = sum(fill.quantity for fill in day)
        ended = sum(fill.quantity for fill in late)
        if not late or len({fill.side for fill in late}) > 1:
            continue
        first, last = late[0], late[-1]
        moved = (last.price - first.price) * last.side.sign * BPS
        if ended * _HUNDRED < whole * CLOSING_PERCENT or moved < CLOSING_BPS * first.price:
            continue
        text = (
            f"{quantity_decimal(ended):f} of {quantity_decimal(whole):f} {symbol} were traded as "
            f"{last.side} in the last {CLOSING_NS // NANOSECONDS} s, from "
            f"{price_decimal(first.price):f} to {price_decimal(last.price):f}"
        )
        names = tuple(dict.fromkeys(fill.order_id for fill in late))
        yield Flag(pattern="closing", symbol=symbol, at=last.at, text=text, orders=names)


__all__ = ["SURVEILLANCE", "Flag", "watched"]
