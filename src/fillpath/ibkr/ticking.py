"""What one streaming subscription has said: single values become a quote and the state of a symbol.

A quote is made of both sides as they were told since the last gap; what was known before one counts
for nothing. Values that are delayed or frozen never become a quote. The times are our own: the
vendor dates no quote.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.markets import TradingStatus, TradingStatusSeen
from fillpath.core.models import Quote
from fillpath.core.units import NANOSECONDS, moment, price_units, quantity_units
from fillpath.ibkr.heard import Ticked

BID_SIZE: Final = 0
BID: Final = 1
ASK: Final = 2
ASK_SIZE: Final = 3
LAST: Final = 4
LAST_SIZE: Final = 5
LOW: Final = 7
VOLUME: Final = 8
CLOSE: Final = 9
SHORTABLE: Final = 46
HALTED: Final = 49
SHORTABLE_SHARES: Final = 89
DELAYED: Final = frozenset({*range(66, 77), 80, 81, 82, 83, 88, 90})
"""Ticks of data that is some 15 minutes old."""

LIVE: Final = 1
FROZEN: Final = 2

SHARES_IN_A_LOT: Final = 100
"""Volumes come in lots; sizes of bid, ask and last come in shares."""
SETTLED_NS: Final = NANOSECONDS
"""So long after its first whole quote a symbol that nothing calls halted is taken to trade.

The vendor says "not halted" only of symbols on a list of its own screens; a halt it says always.
"""

_TRADED: Final = frozenset({BID_SIZE, BID, ASK, ASK_SIZE, LAST, LAST_SIZE, VOLUME})
"""Ticks that show that quotes and trades of the symbol still come."""
_MANY_SHORTABLE: Final = Decimal("2.5")
_LEAST_OF_MANY: Final = Decimal(1_000)
TRIGGER: Final = Decimal("0.9")
"""A fall by a tenth from the close before begins a short-sale restriction (Regulation SHO, 201)."""
_NONE: Final = Decimal(0)
_HALTS: Final[Mapping[Decimal | None, int]] = MappingProxyType(
    {Decimal(0): 0, Decimal(1): 1, Decimal(2): 2}
)


class Stream(Struct):
    """What a subscription has said, and how far it can be believed.

    Args:
        symbol: ticker.
        bid: best bid; None while that side is missing.
        ask: best ask; None while that side is missing.
        bid_size: shares at the bid.
        ask_size: shares at the ask.
        bid_at: nanoseconds UTC when the bid was last told, 0 since a gap.
        ask_at: nanoseconds UTC when the ask was last told, 0 since a gap.
        last: price of the last trade; None while unknown.
        low: lowest price of the day; None while unknown.
        close: closing price of the session before; None while unknown.
        volume: shares traded today; None while unknown.
        seen_at: nanoseconds UTC of the newest live value, 0 since a gap.
        whole_at: nanoseconds UTC when both sides were first known, 0 since a gap.
        kind: sort of data: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen.
        halted: what was told of a halt: 0 none, 1 halt, 2 pause; None when nothing was.
        shortable_shares: shares that may be borrowed; None while unknown.
        shortable_level: above 2.5 at least 1,000 may be borrowed, else perhaps none; None while unknown.
        restricted_before: a short-sale restriction was left from the session before.
        refused: why there is no live data, in the vendor's words; empty while there may be.
    """

    symbol: str
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal = _NONE
    ask_size: Decimal = _NONE
    bid_at: int = 0
    ask_at: int = 0
    last: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None
    volume: Decimal | None = None
    seen_at: int = 0
    whole_at: int = 0
    kind: int = LIVE
    halted: int | None = None
    shortable_shares: Decimal | None = None
    shortable_level: Decimal | None = None
    restricted_before: bool = False
    refused: str = ""

    @property
    def live(self) -> bool:
        """Return whether what comes is real-time data."""
        return self.kind == LIVE and not self.refused


def take(stream: Stream, tick: Ticked, at: int) -> None:
    """Take one value; what is delayed shows only that there is nothing live."""
    if tick.kind in DELAYED:
        set_kind(stream, FROZEN + 1)
        return
    if not stream.live:
        return
    if tick.kind in _TRADED:
        stream.seen_at = at
    if tick.kind in (BID, BID_SIZE):
        _take_bid(stream, tick, at)
    elif tick.kind in (ASK, ASK_SIZE):
        _take_ask(stream, tick, at)
    else:
        _take_other(stream, tick)
    if not stream.whole_at and stream.bid_at and stream.ask_at:
        stream.whole_at = at


def _take_bid(stream: Stream, tick: Ticked, at: int) -> None:
    if tick.kind == BID:
        stream.bid = price_of(tick.price)
        stream.bid_at = at
    elif stream.bid is not None:
        stream.bid_at = at
    size = size_of(tick.size)
    stream.bid_size = stream.bid_size if size is None else size


def _take_ask(stream: Stream, tick: Ticked, at: int) -> None:
    if tick.kind == ASK:
        stream.ask = price_of(tick.price)
        stream.ask_at = at
    elif stream.ask is not None:
        stream.ask_at = at
    size = size_of(tick.size)
    stream.ask_size = stream.ask_size if size is None else size


def _take_other(stream: Stream, tick: Ticked) -> None:
    if tick.kind == LAST:
        stream.last = price_of(tick.price)
    elif tick.kind == LOW:
        stream.low = price_of(tick.price)
    elif tick.kind == CLOSE:
        _take_close(stream, price_of(tick.price))
    elif tick.kind == VOLUME:
        lots = size_of(tick.size)
        stream.volume = None if lots is None else lots * SHARES_IN_A_LOT
    else:
        _take_state(stream, tick)


def _take_close(stream: Stream, close: Decimal | None) -> None:
    """Take the close before; another one than it was means another day, with a low of its own."""
    if stream.close not in (None, close):
        stream.low = None
    stream.close = close


def _take_state(stream: Stream, tick: Ticked) -> None:
    """Take the values that have no price: the vendor's numbers of a halt and of what can be borrowed."""
    value = tick.price if tick.size is None else tick.size
    if tick.kind == HALTED:
        _take_halt(stream, _HALTS.get(value))
    elif tick.kind == SHORTABLE_SHARES:
        stream.shortable_shares = size_of(value)
    elif tick.kind == SHORTABLE:
        stream.shortable_level = size_of(value)


def _take_halt(stream: Stream, halted: int | None) -> None:
    """Take a halt or its end: quotes from before it prove nothing about the market after it."""
    if stream.halted or halted:
        stream.bid_at = stream.ask_at = 0
    stream.halted = halted
    stream.whole_at = 0


def price_of(price: Decimal | None) -> Decimal | None:
    """Return a price that can be, or None: above 0, finite, and no finer than we can count."""
    if price is None or not price.is_finite() or price <= 0:
        return None
    try:
        price_units(price)
    except ModelError:
        return None
    return price


def size_of(size: Decimal | None) -> Decimal | None:
    """Return a size that can be, or None: 0 or more, finite, and no finer than we can count."""
    if size is None or not size.is_finite() or size < 0:
        return None
    try:
        quantity_units(size)
    except ModelError:
        return None
    return size


def set_kind(stream: Stream, kind: int) -> None:
    """Take what sort of data comes; whenever that changes, what was known is no longer."""
    if kind != stream.kind:
        forget(stream)
        stream.kind = kind


def forget(stream: Stream) -> None:
    """Believe nothing that was told before: there was a gap, and the market went on without us."""
    stream.bid = stream.ask = None
    stream.bid_size = stream.ask_size = _NONE
    stream.bid_at = stream.ask_at = stream.seen_at = stream.whole_at = 0
    stream.last = stream.halted = stream.shortable_shares = stream.shortable_level = None


def renew(stream: Stream) -> None:
    """Begin anew, as a subscription that was just made."""
    forget(stream)
    stream.low = stream.close = stream.volume = None
    stream.kind = LIVE
    stream.refused = ""


def refuse(stream: Stream, reason: str) -> None:
    """Take that the vendor gives no live data."""
    forget(stream)
    stream.refused = reason


def is_whole(stream: Stream) -> bool:
    """Return whether both sides were told since the last gap, be it that one of them is missing."""
    return stream.live and stream.bid_at > 0 and stream.ask_at > 0


def quote_of(stream: Stream, at: int) -> Quote:
    """Return the quote as it can be believed at ``at``; its time is its newest value's.

    It has no side at all while it is not whole, or while it is unknown whether the symbol trades:
    whoever waits for a quote would be refused with one that says half of what has to be known.
    """
    ts = moment(stream.seen_at) if stream.seen_at else None
    if not is_whole(stream) or _status(stream, at) is TradingStatus.UNKNOWN:
        return Quote(stream.symbol, None, None, ts=ts)
    return Quote(
        stream.symbol,
        stream.bid if stream.bid_size else None,
        stream.ask if stream.ask_size else None,
        stream.bid_size,
        stream.ask_size,
        stream.volume,
        ts,
    )


def same_market(one: Quote, other: Quote | None) -> bool:
    """Return whether two quotes show the same market, whenever they were seen."""
    return other is not None and (
        (one.bid_price, one.bid_size) == (other.bid_price, other.bid_size)
        and (one.ask_price, one.ask_size) == (other.ask_price, other.ask_size)
    )


def status_of(stream: Stream, at: int) -> TradingStatusSeen:
    """Return whether the symbol may trade, as far as it is known at ``at``."""
    return TradingStatusSeen(
        at=at,
        symbol=stream.symbol,
        status=_status(stream, at),
        short_restricted=_is_restricted(stream),
        shortable=_shortable(stream),
        delayed=not stream.live,
    )


def same_status(one: TradingStatusSeen, other: TradingStatusSeen | None) -> bool:
    """Return whether nothing that matters has changed between two reports."""
    if other is None or one.symbol != other.symbol:
        return False
    told = ("status", "short_restricted", "shortable", "delayed", "lower_band", "upper_band")
    return all(getattr(one, name) == getattr(other, name) for name in told)


def _status(stream: Stream, at: int) -> TradingStatus:
    if not stream.live:
        return TradingStatus.UNKNOWN
    if stream.halted:
        return TradingStatus.HALTED if stream.halted == 1 else TradingStatus.PAUSED
    if not stream.whole_at:
        return TradingStatus.UNKNOWN
    if stream.halted == 0 or at >= stream.whole_at + SETTLED_NS:
        return TradingStatus.TRADING
    return TradingStatus.UNKNOWN


def _shortable(stream: Stream) -> int | None:
    if stream.shortable_shares is not None:
        return quantity_units(stream.shortable_shares)
    if stream.shortable_level is None:
        return None
    many = stream.shortable_level > _MANY_SHORTABLE
    return quantity_units(_LEAST_OF_MANY) if many else 0


def _is_restricted(stream: Stream) -> bool:
    prices = [price for price in (stream.low, stream.last) if price is not None]
    if stream.restricted_before:
        return True
    return stream.close is not None and any(price <= stream.close * TRIGGER for price in prices)


__all__ = [
    "ASK",
    "ASK_SIZE",
    "BID",
    "BID_SIZE",
    "CLOSE",
    "DELAYED",
    "FROZEN",
    "HALTED",
    "LAST",
    "LAST_SIZE",
    "LIVE",
    "LOW",
    "SETTLED_NS",
    "SHARES_IN_A_LOT",
    "SHORTABLE",
    "SHORTABLE_SHARES",
    "TRIGGER",
    "VOLUME",
    "Stream",
    "forget",
    "is_whole",
    "price_of",
    "quote_of",
    "refuse",
    "renew",
    "same_market",
    "same_status",
    "set_kind",
    "size_of",
    "status_of",
    "take",
]
