"""Which news of the market are worth a line in the journal: changes, and what must not grow old."""

from typing import Final

from fillpath.core.markets import TradingStatus, TradingStatusSeen
from fillpath.core.reports import VolatilitySeen
from fillpath.core.units import NANOSECONDS, price_units
from fillpath.ibkr.ticking import Stream, same_status, status_of

_BORROWING_NS: Final = 60 * NANOSECONDS
"""More shares to borrow are told so often; fewer at once."""
_INDEX_NS: Final = 15 * NANOSECONDS
_INDEX_REPEATED_NS: Final = 60 * NANOSECONDS


class Witness:
    """Remember what was told, so that only news are told."""

    def __init__(self) -> None:
        self._told: dict[str, TradingStatusSeen] = {}
        self._index: VolatilitySeen | None = None

    def status(self, stream: Stream, at: int) -> TradingStatusSeen | None:
        """Return the state of a symbol when it is news, else None."""
        seen, before = status_of(stream, at), self._told.get(stream.symbol)
        if before is None and stream.live and seen.status == TradingStatus.UNKNOWN:
            return None  # nothing was said so far, and nobody believes otherwise
        if same_status(seen, before) or (before is not None and _only_more(seen, before)):
            return None
        self._told[stream.symbol] = seen
        return seen

    def volatility(self, stream: Stream, at: int) -> VolatilitySeen | None:
        """Return the volatility index when it is news or its last word grows old, else None."""
        last = stream.last if stream.live else None
        value = None if last is None else price_units(last)
        before = self._index
        if not _is_index_news(value, before, stream.seen_at, at):
            return None
        self._index = VolatilitySeen(at, value)
        return self._index

    def forget(self, symbol: str) -> None:
        """Tell of a symbol anew when it is looked at again."""
        self._told.pop(symbol, None)


def _only_more(seen: TradingStatusSeen, before: TradingStatusSeen) -> bool:
    """Return whether nothing but the shares to borrow has changed, upwards, a short while ago."""
    if seen.shortable is None or before.shortable is None or seen.shortable < before.shortable:
        return False
    same = (seen.status, seen.short_restricted, seen.delayed)
    if same != (before.status, before.short_restricted, before.delayed):
        return False
    return seen.at - before.at < _BORROWING_NS


def _is_index_news(value: int | None, before: VolatilitySeen | None, seen_at: int, at: int) -> bool:
    if before is None:
        return value is not None
    if value is None or before.value is None:
        return value != before.value
    age = at - before.at
    if value != before.value:
        return age >= _INDEX_NS
    return age >= _INDEX_REPEATED_NS and seen_at > before.at


__all__ = ["Witness"]
