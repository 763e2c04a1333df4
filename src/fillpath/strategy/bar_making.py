"""Bars out of quotes: the mids of an interval, once it is over.

A bar is shown only if its whole interval was watched: one that was under way when the watch began, or
in which quotes were missing, is left out, and so is one without a quote. A crossed or one-sided quote
makes no price.
"""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from fillpath.core.models import ZERO, Bar, Quote
from fillpath.core.units import moment, nanoseconds

Span = tuple[int, int]
"""Beginning and end of an interval, nanoseconds UTC."""
SpanOf = Callable[[int], Span | None]
"""Returns the interval of a moment; None while the market is closed."""


def even_spans(length: int) -> SpanOf:
    """Return intervals of a length, in nanoseconds, counted from midnight UTC."""

    def span(at: int) -> Span:
        start = at - at % length
        return start, start + length

    return span


class _Running(Struct):
    """A bar that is not over yet."""

    span: Span
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    traded: Decimal = ZERO


class BarMaker:
    """Make the bars of one symbol.

    Args:
        symbol: ticker.
        span_of: intervals.
        since: nanoseconds at which the watch begins.
    """

    def __init__(self, symbol: str, span_of: SpanOf, since: int) -> None:
        self._symbol = symbol
        self._span_of = span_of
        self._watched_since = since
        self._running: _Running | None = None
        self._ended = 0
        self._volume: Decimal | None = None

    @property
    def ends_at(self) -> int | None:
        """Return when the bar that is under way ends, nanoseconds; None without one."""
        return None if self._running is None else self._running.span[1]

    def take(self, quote: Quote) -> Bar | None:
        """Take a quote, and return the bar that was over before it."""
        mid = _mid(quote)
        if mid is None or quote.ts is None:
            return None
        at = nanoseconds(quote.ts)
        span = self._span_of(at)
        over = self.end(at)
        if span is None or span[0] < self._ended:
            return over
        traded = self._traded(quote.volume)
        running = self._running
        if running is None:
            self._running = _Running(span, mid, mid, mid, mid, traded)
            return over
        running.high, running.low = max(running.high, mid), min(running.low, mid)
        running.close, running.traded = mid, running.traded + traded
        return over

    def end(self, now: int) -> Bar | None:
        """Return the bar that is over by now, once; None when there is none."""
        running = self._running
        if running is None or running.span[1] > now:
            return None
        self._running, self._ended = None, running.span[1]
        if running.span[0] < self._watched_since:
            return None
        return Bar(
            symbol=self._symbol,
            ts=moment(running.span[0]),
            ts_end=moment(running.span[1]),
            open=running.open,
            high=running.high,
            low=running.low,
            close=running.close,
            volume=running.traded,
        )

    def missed(self, now: int) -> None:
        """Say that quotes were missing until now: no bar that began before is whole."""
        self._watched_since = now
        self._volume = None

    def _traded(self, volume: Decimal | None) -> Decimal:
        """Return what was traded since the quote before, by the count of the day."""
        before, self._volume = self._volume, volume
        if volume is None or before is None:
            return ZERO
        return volume - before if volume >= before else volume  # a new day counts from nothing


def _mid(quote: Quote) -> Decimal | None:
    bid, ask = quote.bid_price, quote.ask_price
    if bid is None or ask is None or bid > ask:
        return None
    return quote.mid_price


__all__ = ["BarMaker", "Span", "SpanOf", "even_spans"]
